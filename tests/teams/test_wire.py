"""Signed payloads in, exact responses out, through the real SDK."""

import gc
import json
from pathlib import Path
from typing import Any

import pytest

from bot.teams.render import cards, filled
from tests.teams.world import AMINA, BEN, BOT, CANARY, CHANNEL, FORM, STRANGER, World, buttons, words_of

CAPTURED = sorted((Path(__file__).parents[1] / "clients" / "captured").glob("*.json"))


# ----------------------------------------------------------------------------------------------------------- messages


def test_words_in_a_persons_own_chat_are_answered_there(world: World) -> None:
    assert world.say("I listened before advising").status_code == 200
    (asked,) = world.connector.posted()
    assert asked.path == "/conversations/a:amina/activities"
    assert "I listened before advising" in asked.words
    assert asked.authorization.startswith("Bearer ")
    assert asked.body["summary"] == "You said"
    assert "text" not in asked.body
    assert world.heard.last.account.user == AMINA["aadObjectId"]
    assert world.heard.last.place.service_url == world.connector.url
    assert world.heard.last.can_open


def test_an_activity_leaves_nothing_behind_in_memory(world: World) -> None:
    def measuring() -> int:
        gc.collect()
        return sum(str(type(one).__module__).startswith("opentelemetry.metrics") for one in gc.get_objects())

    world.say("the first", id="1700000000001")
    before = measuring()
    for number in range(20):
        world.say("another", id=f"17000000001{number:02d}")
    assert measuring() == before


def test_a_message_that_comes_again_has_one_effect(world: World) -> None:
    for _ in range(3):
        assert world.say("once").status_code == 200
    assert len(world.heard.events) == 1
    assert len(world.connector.posted()) == 1
    assert world.handled() == ["teams/a:amina/1700000000001"]


def test_a_person_is_found_by_the_address_in_the_directory_and_asked_for_once(world: World) -> None:
    world.say("one")
    world.say("two", id="1700000000002")
    looked_up = [asked.path for asked in world.connector.asked if asked.method == "GET"]
    assert looked_up == ["/conversations/a:amina/members/29:amina"]


def test_somebody_unknown_is_greeted_and_nothing_is_kept(world: World) -> None:
    world.connector.members["29:guest"] = {"email": "nobody@example.org", "name": "A Guest"}
    assert world.say("hello", **{"from": STRANGER}).status_code == 200
    (asked,) = world.connector.posted()
    assert "I don't know you yet" in asked.words
    assert world.handled() == []


def test_an_address_of_another_organisation_proves_nothing(world: World) -> None:
    world.connector.members["29:guest"] = {"email": "amina@example.org", "tenantId": "another-tenant"}
    world.say("hello", **{"from": STRANGER})
    assert world.heard.events == []
    assert world.handled() == []


def test_a_made_up_principal_name_of_a_guest_is_no_address(world: World) -> None:
    world.connector.members["29:guest"] = {"userPrincipalName": "amina_example.org#EXT#@t.onmicrosoft.com"}
    world.say("hello", **{"from": STRANGER})
    assert world.heard.events == []


def test_the_bots_own_message_coming_back_is_nothing(world: World) -> None:
    assert world.say("an echo", **{"from": BOT}).status_code == 200
    assert world.heard.events == []
    assert world.connector.asked == []


def test_in_a_channel_the_mention_is_taken_off_and_the_thread_is_kept(world: World) -> None:
    world.post(world.in_channel(text="<at>Learnbot</at> &nbsp;tell <at>Ben Carter</at> &amp; me"))
    event = world.heard.last
    assert event.text == "tell Ben Carter & me"
    assert (event.place.conversation, event.place.thread, event.place.direct) == (CHANNEL, "1699999999999", False)
    assert event.addressed
    assert not event.can_open
    (asked,) = world.connector.posted()
    assert asked.path == f"/conversations/{CHANNEL};messageid=1699999999999/activities"


def test_channel_talk_without_a_mention_is_not_for_the_bot(world: World) -> None:
    assert world.post(world.in_channel(text="lunch?", entities=[])).status_code == 200
    assert world.heard.events == []
    assert world.connector.posted() == []


def test_a_private_answer_to_a_channel_goes_to_the_persons_own_chat(world: World) -> None:
    world.say("hello")
    world.post(world.in_channel(text="<at>Learnbot</at> secret", id="1700000000002"))
    assert [asked.path for asked in world.connector.posted()] == ["/conversations/a:amina/activities"] * 2


def test_a_person_without_a_chat_gets_one_for_a_private_answer(world: World) -> None:
    world.post(world.in_channel(text="<at>Learnbot</at> secret"))
    opened = next(asked for asked in world.connector.asked if asked.path == "/conversations")
    assert opened.body["members"] == [{"id": "29:amina"}]
    assert opened.body["channelData"] == {"tenant": {"id": world.issuer.tenant_id}}
    assert [asked.path for asked in world.connector.posted()] == ["/conversations/a:opened/activities"]


@pytest.mark.parametrize(
    "changes",
    [
        {"entities": [{"type": "quotedReply", "quotedReply": {"messageId": "1700000000500"}}],
         "text": '<quoted messageId="1700000000500"/> it went well'},
        {"replyToId": "1700000000500", "text": "it went well"},
        {"text": "Learnbot What did you learn? it went well",
         "attachments": [{"contentType": "text/html", "content":
            '<blockquote itemscope itemtype="http://schema.skype.com/Reply" itemid="1700000000500">'
            '<strong>Learnbot</strong><p itemprop="preview">What did you learn?</p></blockquote><p>it went well</p>'}]},
    ],
)  # fmt: skip
def test_quoting_a_message_answers_it(world: World, changes: dict[str, Any]) -> None:
    world.post(world.activity(**changes))
    assert world.heard.last.place.thread == "1700000000500"
    assert world.heard.last.text == "it went well"
    assert world.connector.posted()[0].path == "/conversations/a:amina/activities"


def test_edited_and_deleted_messages_are_followed_each_time(world: World) -> None:
    world.say("first")
    for number, words in enumerate(("second", "third")):
        edit = world.activity(
            "messageUpdate", text=words, timestamp=f"2026-03-02T09:0{number}:00Z",
            channelData={"tenant": {"id": world.issuer.tenant_id}, "eventType": "editMessage"},
        )  # fmt: skip
        assert world.post(edit).status_code == 200
        assert world.post(edit).status_code == 200
    deleted = world.activity(
        "messageDelete", channelData={"tenant": {"id": world.issuer.tenant_id}, "eventType": "softDeleteMessage"}
    )
    assert world.post(deleted).status_code == 200
    assert [(event.kind, event.text, event.place.message) for event in world.heard.events] == [
        ("say", "first", "1700000000001"),
        ("edit", "second", "1700000000001"),
        ("edit", "third", "1700000000001"),
        ("delete", "", "1700000000001"),
    ]


# ----------------------------------------------------------------------------------------------- cards and their forms


def test_a_tapped_button_replaces_its_card_for_everybody(world: World) -> None:
    world.say("card")
    shown = world.connector.posted()[0].card
    answer = world.press(buttons(shown)["Change it"]["data"])
    assert (answer["statusCode"], answer["type"]) == (200, "application/vnd.microsoft.card.adaptive")
    assert "Changed" in words_of(answer["value"])
    assert world.heard.last.about == 7
    (changed,) = world.connector.posted("PUT")
    assert changed.path == "/conversations/a:amina/activities/1700000000900"
    assert changed.card == answer["value"]


def test_a_form_in_the_card_with_a_mistake_and_its_correction(world: World) -> None:
    world.say("card")
    opened = world.press(buttons(world.connector.posted()[0].card)["Fill it in"]["data"])["value"]
    assert "A small form" in words_of(opened)
    send = buttons(opened)["Keep it"]["data"]

    mistaken = world.press(send, what="I *listened*", when="whenever", more="")
    fields = {item["id"]: item for item in mistaken["value"]["body"] if item["type"].startswith("Input.")}
    assert {name: item.get("value", "") for name, item in fields.items()} == {
        "what": "I *listened*", "when": "whenever", "more": "",
    }  # fmt: skip
    assert "I can't read that as a day." in words_of(mistaken["value"])

    again = buttons(mistaken["value"])["Keep it"]["data"]
    accepted = world.press(again, what="I *listened*", when="5 March", more="")
    assert accepted["type"] == "application/vnd.microsoft.card.adaptive"
    assert buttons(accepted["value"]) == {}
    assert dict(world.heard.last.answers) == {"what": "I *listened*", "when": "5 March", "more": ""}
    assert "I *listened*" in world.connector.posted()[-1].words
    assert world.connector.posted("PUT") == []  # the prompt that the form stood over stays as it was


def test_a_form_for_typed_words_is_a_card_that_is_closed_afterwards(world: World) -> None:
    world.say("form")
    (posted,) = world.connector.posted()
    world.press(buttons(posted.card)["Keep it"]["data"], what="words", when="5 March", more="")
    (closed,) = world.connector.posted("PUT")
    assert buttons(closed.card) == {}


def test_a_form_that_replaces_its_card(world: World) -> None:
    world.say("form that replaces")
    (posted,) = world.connector.posted()
    answer = world.press(buttons(posted.card)["Keep it"]["data"], what="words", when="5 March", more="")
    assert "words" in words_of(answer["value"])
    assert world.connector.posted("PUT")[0].card == answer["value"]


def test_in_a_channel_a_form_opens_in_a_dialog(world: World) -> None:
    world.post(world.in_channel(text="<at>Learnbot</at> card"))
    button = buttons(world.connector.posted()[0].card)["Fill it in"]
    assert button["type"] == "Action.Submit"
    assert button["data"]["msteams"] == {"type": "task/fetch"}

    opened = world.invoke("task/fetch", {"data": button["data"], "context": {"theme": "default"}}, channel=True)
    task = opened["task"]
    assert (task["type"], task["value"]["title"]) == ("continue", "A small form")
    assert task["value"]["card"]["contentType"] == cards.CARD
    send = buttons(task["value"]["card"]["content"])["Keep it"]
    assert send["type"] == "Action.Submit"

    mistaken = world.invoke("task/submit", {"data": {**send["data"], "what": "a", "when": "b"}}, channel=True)
    again = mistaken["task"]["value"]["card"]["content"]
    assert "I can't read that as a day." in words_of(again)
    assert [item.get("value") for item in again["body"] if item["type"].startswith("Input.")] == ["a", "b", None]

    data = {**buttons(again)["Keep it"]["data"], "what": "a", "when": "5 March"}
    done = world.invoke("task/submit", {"data": data}, channel=True)
    assert done == {"task": {"type": "message", "value": "Kept"}}
    assert world.heard.last.place.message == "1700000000900"
    assert world.connector.posted()[-1].path == "/conversations/a:opened/activities"


def test_a_dialog_that_replaces_changes_the_card_it_came_from(world: World) -> None:
    opened = world.invoke("task/fetch", {"data": {"learnbot": {"action": "small.replaces"}}}, channel=True)
    data = buttons(opened["task"]["value"]["card"]["content"])["Keep it"]["data"]
    # a client that does not say which message the dialog came from: the form remembers
    done = world.invoke("task/submit", {"data": {**data, "what": "a", "when": "5"}}, channel=True, replyToId=None)
    assert done == {}
    (changed,) = world.connector.posted("PUT")
    assert changed.path == f"/conversations/{CHANNEL};messageid=1699999999999/activities/1700000000900"


def test_words_in_a_channel_are_offered_a_form_in_the_persons_own_chat(world: World) -> None:
    world.post(world.in_channel(text="<at>Learnbot</at> form"))
    (posted,) = world.connector.posted()
    assert posted.path == "/conversations/a:opened/activities"
    (button,) = buttons(posted.card).values()
    assert button["type"] == "Action.Execute"  # in their own chat the form takes the place of this card


def test_a_button_that_does_not_open_a_dialog_leads_to_the_persons_own_chat(world: World) -> None:
    answer = world.press({"learnbot": {"action": "small.open", "about": 7}}, channel=True)
    assert answer["value"] == "I've answered in our own chat."
    assert world.connector.posted()[0].path == "/conversations/a:opened/activities"


def test_a_client_that_posts_the_data_of_a_button_is_understood(world: World) -> None:
    assert world.post(world.activity(value={"learnbot": {"action": "small.change", "about": 7}}, replyToId="1"))
    assert (world.heard.last.kind, world.heard.last.action, world.heard.last.about) == ("tap", "small.change", 7)
    assert world.connector.posted("PUT")[0].path == "/conversations/a:amina/activities/1"


def test_home_is_drawn_in_the_persons_own_chat(world: World) -> None:
    world.post(world.in_channel(text="<at>Learnbot</at> home"))
    assert [asked.path for asked in world.connector.posted()] == ["/conversations/a:opened/activities"]


def test_typed_words_that_would_replace_a_message_are_answered_by_a_new_one(world: World) -> None:
    world.say("change")
    assert "Changed" in world.connector.posted()[0].words
    assert world.connector.posted("PUT") == []


@pytest.mark.parametrize("name", ["adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/submitAction"])
def test_a_card_that_is_not_ours_is_answered_kindly(world: World, name: str) -> None:
    for value in ({"action": {"type": "Action.Execute", "data": {"x": 1}}}, {"data": {"learnbot": "x"}}, {}):
        assert "earlier version" in json.dumps(world.invoke(name, value))


# ------------------------------------------------------------------------------------------------------ message action


def kept(world: World, who: dict[str, str], content: str) -> dict[str, Any]:
    payload = {
        "id": "1700000000777",
        "replyToId": None,
        "createdDateTime": "2026-03-02T08:00:00.000Z",
        "deleted": False,
        "importance": "normal",
        "body": {"contentType": "html", "content": content},
        "from": {"user": {"userIdentityType": "aadUser", "id": who["aadObjectId"], "displayName": who["name"]}},
        "attachments": [],
        "mentions": [],
        "reactions": [],
    }
    value = {"commandId": "diary.keep", "commandContext": "message", "messagePayload": payload}
    return world.invoke("composeExtension/fetchTask", value, channel=True, replyToId=None)


def test_a_message_can_be_kept(world: World) -> None:
    content = "<div><p>I &amp; Ben<br>listened &lt;b&gt;</p><blockquote>truly</blockquote></div>"
    answer = kept(world, AMINA, content)
    event = world.heard.last
    assert (event.kind, event.text) == ("shortcut", "I & Ben\nlistened <b>\n\ntruly")
    assert event.author == event.account.user
    assert event.place.message == "1700000000777"
    assert answer == {"task": {"type": "message", "value": "You said"}}


def test_the_author_of_a_kept_message_is_named(world: World) -> None:
    kept(world, BEN, "<p>x</p>")
    assert world.heard.last.author == BEN["aadObjectId"]


# ---------------------------------------------------------------------------------------------------- coming and going


def test_putting_the_app_in_is_one_arrival_and_taking_it_out_a_departure(world: World) -> None:
    world.post(world.activity("installationUpdate", id="f:1", action="add"))
    world.post(world.activity("conversationUpdate", id="f:2", membersAdded=[BOT, {"id": AMINA["id"]}]))
    world.post(world.activity("installationUpdate", id="f:3", action="remove"))
    assert [event.kind for event in world.heard.events] == ["join", "leave"]
    assert len(world.connector.posted()) == 1


def test_somebody_added_to_a_team_joins(world: World) -> None:
    world.post(world.in_channel("conversationUpdate", id="f:1", membersAdded=[BOT, BEN], entities=[]))
    (event,) = world.heard.events
    assert (event.kind, event.account.user, event.addressed) == ("join", BEN["aadObjectId"], False)
    assert [asked.path for asked in world.connector.posted()] == ["/conversations/a:opened/activities"]


def test_somebody_added_to_a_team_who_is_not_on_the_roster_is_left_alone(world: World) -> None:
    world.post(world.in_channel("conversationUpdate", id="f:1", membersAdded=[STRANGER], entities=[]))
    assert world.heard.events == []
    assert world.connector.posted() == []


def test_what_the_sdk_does_not_know_yet_still_reaches_the_bot(world: World) -> None:
    strange = {**AMINA, "type": "a kind of account of next year"}
    assert world.say("hello", **{"from": strange}).status_code == 200
    assert world.heard.last.text == "hello"


def test_typing_and_reactions_are_nothing(world: World) -> None:
    assert world.post(world.activity("typing")).status_code == 200
    assert world.post(world.activity("messageReaction", reactionsAdded=[{"type": "like"}])).status_code == 200
    assert world.handled() == []


# ---------------------------------------------------------------------------------------------------------- faults


def test_a_failure_is_told_with_its_code_and_nothing_of_the_error(world: World) -> None:
    world.say("fail")
    (asked,) = world.connector.posted()
    assert "code" in asked.words
    assert CANARY not in json.dumps(asked.body)
    answer = world.press({"learnbot": {"action": "small.fail"}})
    assert answer["statusCode"] == 200
    assert "Something went wrong" in answer["value"]
    dialog = world.invoke("task/fetch", {"data": {"learnbot": {"action": "small.fail"}}}, channel=True)
    assert "Something went wrong" in dialog["task"]["value"]


def test_while_nothing_can_be_saved_teams_is_asked_to_come_again_and_people_are_told(world: World) -> None:
    world.reception.stopping = True
    assert world.say("keep this").status_code == 503
    assert "can't save" in world.press({"learnbot": {"action": "small.change"}})["value"]
    world.reception.stopping = False
    assert world.say("keep this").status_code == 200
    assert world.heard.last.text == "keep this"


@pytest.mark.parametrize("path", CAPTURED, ids=lambda path: path.stem)
def test_what_the_chat_window_really_sends_is_read(local: World, path: Path) -> None:
    activity = json.loads(path.read_text("utf-8"))
    response = local.post(activity, token="")
    assert response.status_code == 200
    for event in local.heard.events:
        assert event.account.user.startswith("00000000-0000-4000-8000-")
        assert event.key.startswith(f"teams/{event.place.conversation}/")


def test_forms_read_back_what_was_filled_in() -> None:
    answers = {"what": "a\nb", "when": "5 March", "more": ""}
    said = filled.read(filled.fill(FORM, answers))
    assert said is not None
    assert dict(said.answers) == answers
