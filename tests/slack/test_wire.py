"""Signed payloads in, exact answers out: through Bolt, the database, and slack_sdk to the emulated workspace."""

import logging
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from storage.models import HandledEvent, KnownAccount, KnownPlace, Owed
from tests.slack.conftest import Town, a_worker, words_of

DIRECT = "diary: asked before I answered"


def empty(answer: Any) -> bool:
    return (answer.status_code, answer.text) == (200, "")


# ----------------------------------------------------------------------------------------------------- typed words


def test_a_line_typed_in_the_direct_chat_is_kept_and_answered_there(town: Town) -> None:
    assert empty(town.says("amina", DIRECT))
    assert town.kept() == ["asked before I answered"]
    [said] = town.seen("amina")
    assert "asked before I answered" in words_of(said["blocks"])
    assert said["text"].startswith("Kept.")
    assert said["metadata"]["event_type"] == "learnbot"


def test_what_is_typed_arrives_as_it_was_typed(town: Town) -> None:
    typed = "diary: 1 &lt; 2 &amp; <https://a.example/x|a link> with <@{ben}> in <#C1|general>, <!channel>"
    town.says("amina", typed.format(ben=town.user("ben").id))
    assert town.kept() == ["1 < 2 & a link (https://a.example/x) with @Ben Carter in #general, @channel"]


def test_typed_words_that_need_a_form_are_answered_with_a_button_that_opens_it(town: Town) -> None:
    town.says("amina", "course")
    assert town.slack.views() == []
    [offer] = town.seen("amina")
    amina = town.user("amina")
    assert empty(
        town.bot.post(town.sign.press(amina, offer, "A course you are going to", channel=town.slack.dm(amina)))
    )
    assert (
        town.slack.view(amina)["title"]["text"] == "A course you are go…"[:0] + town.slack.view(amina)["title"]["text"]
    )
    assert len(town.slack.view(amina)["title"]["text"]) <= 24


def test_a_mention_in_a_channel_is_a_command(town: Town) -> None:
    channel = town.slack.channels["general"]
    assert empty(town.bot.post(town.sign.mention(town.user("amina"), DIRECT, channel)))
    assert town.kept() == ["asked before I answered"]
    [shown] = town.slack.ephemerals(town.user("amina"))
    assert shown["channel"] == channel
    assert town.slack.messages(channel) == []


def test_the_same_words_that_slack_sends_as_a_message_too_are_not_kept_twice(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    words = f"<@{town.sign.bot_user_id}> {DIRECT}"
    town.bot.post(town.sign.message(amina, words, channel, channel_type="channel", ts="1.1"))
    town.bot.post(town.sign.mention(amina, DIRECT, channel, ts="1.1"))
    assert town.kept() == ["asked before I answered"]


def test_channel_talk_is_none_of_the_bots_business(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    for more in ({}, {"thread_ts": "1.2"}, {"thread_ts": "1.2", "parent_user_id": "U_SOMEBODY"}):
        assert empty(town.bot.post(town.sign.message(amina, DIRECT, channel, channel_type="channel", **more)))
    assert town.kept() == []
    assert town.slack.ephemerals(amina) == []


def test_an_answer_in_the_thread_of_a_question_goes_to_the_question(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    town.bot.post(town.sign.mention(amina, "ask me", channel))
    [asked] = town.slack.messages(channel)
    said = town.slack.says(amina, "to listen <first>", channel, asked["ts"])
    more = {"channel_type": "channel", "thread_ts": asked["ts"], "parent_user_id": town.sign.bot_user_id}
    town.bot.post(town.sign.message(amina, "to listen &lt;first&gt;", channel, ts=said["ts"], **more))
    answer = town.slack.thread(channel, asked["ts"])[-1]
    assert "to listen <first>" in words_of(answer["blocks"])
    assert "<first>" not in answer["text"]


@pytest.mark.parametrize("subtype", ["bot_message", "channel_join", "channel_topic", "message_replied", "reminder_add"])
def test_what_slack_says_about_itself_is_not_something_a_person_said(town: Town, subtype: str) -> None:
    amina = town.user("amina")
    assert empty(town.bot.post(town.sign.message(amina, DIRECT, town.slack.dm(amina), subtype=subtype)))
    assert town.kept() == []


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_a_message_with_a_file_is_a_message(town: Town, subtype: str) -> None:
    amina = town.user("amina")
    town.bot.post(town.sign.message(amina, DIRECT, town.slack.dm(amina), subtype=subtype))
    assert town.kept() == ["asked before I answered"]


def test_a_file_without_a_word_is_answered_and_not_met_with_silence(town: Town) -> None:
    amina = town.user("amina")
    town.bot.post(town.sign.message(amina, "", town.slack.dm(amina), subtype="file_share"))
    assert len(town.seen("amina")) == 1


def test_the_bots_own_message_coming_back_is_not_heard(town: Town) -> None:
    amina = town.user("amina")
    town.says("amina", DIRECT)
    [said] = town.seen("amina")
    for own in (
        town.sign.own_message(DIRECT, said.get("channel") or town.slack.dm(amina), ts=said["ts"]),
        town.sign.edited(amina, town.slack.dm(amina), said["ts"], "changed", "before"),
    ):
        assert empty(town.bot.post(own))
    assert len(town.seen("amina")) == 1
    assert town.kept() == ["asked before I answered"]


def test_an_edited_message_changes_what_was_kept_and_a_deleted_one_takes_it_out(town: Town) -> None:
    amina, dm = town.user("amina"), town.slack.dm(town.user("amina"))
    town.bot.post(town.sign.message(amina, DIRECT, dm, ts="5.1"))
    town.bot.post(town.sign.edited(amina, dm, "5.1", "asked &amp; listened", DIRECT))
    assert town.kept() == ["asked & listened"]
    unfolded = town.sign.edited(amina, dm, "5.1", "same", "same")
    town.bot.post(unfolded)
    assert town.kept() == ["asked & listened"]
    town.bot.post(town.sign.deleted(amina, dm, "5.1", "asked &amp; listened"))
    assert town.kept() == []
    assert len(town.seen("amina")) == 1


# ----------------------------------------------------------------------------------------------- slash and shortcuts


def test_a_command_in_a_channel_is_answered_to_its_author_alone(town: Town) -> None:
    channel = town.slack.channels["general"]
    command = town.sign.command(town.user("amina"), DIRECT, channel=channel, channel_name="general")
    assert empty(town.bot.post(command))
    assert town.kept() == ["asked before I answered"]
    assert len(town.slack.ephemerals(town.user("amina"))) == 1
    assert town.slack.messages(channel) == []


def test_where_the_bot_is_no_member_its_private_answer_comes_to_the_direct_chat(town: Town) -> None:
    town.slack.proxy.fail("chat.postEphemeral", "refusal", error="channel_not_found")
    town.bot.post(town.sign.command(town.user("amina"), DIRECT, channel="C0STRANGE", channel_name="privategroup"))
    assert "asked before I answered" in words_of(town.seen("amina")[0]["blocks"])


def test_where_the_bot_may_not_post_its_author_is_told_what_to_do(town: Town) -> None:
    town.slack.proxy.fail("chat.postMessage", "refusal", error="not_in_channel")
    town.bot.post(town.sign.command(town.user("amina"), "ask me", channel="C0STRANGE", channel_name="strange"))
    assert "/invite" in words_of(town.seen("amina")[0]["blocks"])


def test_a_command_in_a_chat_of_two_people_is_answered_in_the_bots_own(town: Town) -> None:
    command = town.sign.command(town.user("amina"), DIRECT, channel="D0OF_TWO_PEOPLE", channel_name="directmessage")
    town.bot.post(command)
    assert len(town.seen("amina")) == 1


def test_a_command_opens_its_form_at_once(town: Town) -> None:
    amina = town.user("amina")
    assert empty(town.bot.post(town.sign.command(amina, "course")))
    assert town.slack.view(amina)["blocks"][0]["label"]["text"] == "Which course?"


def test_an_empty_command_shows_home(town: Town) -> None:
    town.bot.post(town.sign.command(town.user("amina"), "  "))
    assert "You kept 0." in words_of(town.seen("amina")[0]["blocks"])


def test_keep_in_the_menu_of_a_message_keeps_it(town: Town) -> None:
    amina, ben, channel = town.user("amina"), town.user("ben"), town.slack.channels["general"]
    message = town.slack.says(ben, "measure twice", channel)
    assert empty(town.bot.post(town.sign.message_shortcut(amina, "keep", message, channel)))
    assert town.kept("amina") == ["measure twice"]
    assert town.kept("ben") == []
    assert len(town.slack.ephemerals(amina)) == 1


def test_the_global_shortcut_shows_home_over_whatever_is_open(town: Town) -> None:
    amina = town.user("amina")
    assert empty(town.bot.post(town.sign.shortcut(amina, "learn")))
    assert "You kept 0." in words_of(town.slack.view(amina))
    town.bot.post(town.sign.press(amina, town.slack.view(amina), "A course"))
    [view] = town.slack.views(amina)
    assert view["callback_id"] == "t.course"


# --------------------------------------------------------------------------------------------- buttons and selects


def kept_one(town: Town) -> tuple[dict[str, Any], str]:
    town.says("amina", DIRECT)
    return town.seen("amina")[0], town.slack.dm(town.user("amina"))


def test_a_button_changes_its_message_in_place(town: Town) -> None:
    message, dm = kept_one(town)
    assert empty(town.bot.post(town.sign.press(town.user("amina"), message, "Undo", channel=dm)))
    assert town.kept() == []
    [now] = town.seen("amina")
    assert words_of(now["blocks"]) == "Taken out again."
    assert now["ts"] == message["ts"]


def test_what_happened_goes_past_bolt_and_what_was_pressed_through_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    through: list[str] = []
    bolt = town.bot.edge.bolt
    dispatch = bolt.async_dispatch

    async def counted(request: Any) -> Any:
        through.append(str(request.body["type"]))
        return await dispatch(request)

    monkeypatch.setattr(bolt, "async_dispatch", counted)
    message, dm = kept_one(town)
    assert through == []
    town.bot.post(town.sign.press(town.user("amina"), message, "Undo", channel=dm))
    assert through == ["block_actions"]


def test_a_select_says_what_was_chosen(town: Town) -> None:
    amina = town.user("amina")
    town.says("amina", "choose")
    [message] = town.seen("amina")
    select_ = message["blocks"][-1]["elements"][0]["action_id"]
    town.bot.post(town.sign.press(amina, message, select_, channel=town.slack.dm(amina), chosen="tue"))
    assert words_of(town.seen("amina")[0]["blocks"]) == "tue for 3"


def test_what_only_one_person_sees_is_changed_through_its_own_address(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    town.bot.post(town.sign.mention(amina, DIRECT, channel))
    [shown] = town.slack.ephemerals(amina)
    message = {"ts": "9.9", "text": "", "blocks": shown["blocks"]}
    town.bot.post(town.sign.press(amina, message, "Undo", channel=channel, ephemeral=True))
    [changed] = town.slack.proxy.posted
    assert changed["replace_original"] is True
    assert words_of(changed["blocks"]) == "Taken out again."


def test_a_response_url_that_is_not_slacks_is_never_called(town: Town) -> None:
    amina, channel = town.user("amina"), town.slack.channels["general"]
    town.bot.post(town.sign.mention(amina, DIRECT, channel))
    [shown] = town.slack.ephemerals(amina)
    message = {"ts": "9.9", "text": "", "blocks": shown["blocks"]}
    evil = town.slack.proxy.target + "/response/1"  # another port: another host
    town.bot.post(town.sign.press(amina, message, "Undo", channel=channel, ephemeral=True, response_url=evil))
    assert town.slack.proxy.posted == []
    assert "Taken out again." in words_of(town.slack.ephemerals(amina)[-1]["blocks"])


def test_a_button_that_means_nothing_any_more_says_so(town: Town) -> None:
    message, dm = kept_one(town)
    element = message["blocks"][-1]["elements"][0]
    for action_id in ("gone.action|0|", "no-bars-at-all", "|||", "t.undo|0|not-a-number"):
        element["action_id"] = action_id
        assert empty(town.bot.post(town.sign.press(town.user("amina"), message, action_id, channel=dm)))
    assert town.kept() == ["asked before I answered"]


# ------------------------------------------------------------------------------------------------------------ forms


def test_a_form_with_a_mistake_keeps_what_was_typed_and_takes_the_correction(town: Town) -> None:
    message, dm = kept_one(town)
    amina = town.user("amina")
    assert empty(town.bot.post(town.sign.press(amina, message, "Edit", channel=dm)))
    view = town.slack.view(amina)
    assert view["blocks"][0]["element"]["initial_value"] == "asked before I answered"
    mistake = town.bot.post(town.sign.submit(amina, view, {"words": "hm"}))
    assert mistake.status_code == 200
    assert mistake.json() == {"response_action": "errors", "errors": {"words": "Please write a few more words."}}
    assert town.kept() == ["asked before I answered"]
    assert empty(town.bot.post(town.sign.submit(amina, view, {"words": "asked, then\nlistened"})))
    assert town.kept() == ["asked, then\nlistened"]
    [now] = town.seen("amina")
    assert "asked, then\nlistened" in words_of(now["blocks"])


def test_the_same_answers_again_after_a_mistake_are_a_new_try(town: Town) -> None:
    message, dm = kept_one(town)
    amina = town.user("amina")
    town.bot.post(town.sign.press(amina, message, "Edit", channel=dm))
    view = town.slack.view(amina)
    for _ in range(2):
        assert "errors" in town.bot.post(town.sign.submit(amina, view, {"words": "hm"})).json()


def test_every_kind_of_answer_comes_through(town: Town) -> None:
    amina = town.user("amina")
    town.bot.post(town.sign.command(amina, "course"))
    answers = {"title": "Safeguarding", "on": "2026-03-05", "rating": "4", "where": "else"}
    assert empty(town.bot.post(town.sign.submit(amina, town.slack.view(amina), answers)))
    assert words_of(town.seen("amina")[0]["blocks"]) == (
        "Noted: on=2026-03-05; rating=4; title=Safeguarding; where=else"
    )


def test_a_form_that_could_not_be_opened_in_time_is_offered_again(town: Town) -> None:
    message, dm = kept_one(town)
    amina = town.user("amina")
    town.slack.proxy.fail("views.open", "refusal", error="expired_trigger_id")
    assert empty(town.bot.post(town.sign.press(amina, message, "Edit", channel=dm)))
    again = town.seen("amina")[-1]
    assert "try once more" in words_of(again["blocks"])
    town.bot.post(town.sign.press(amina, again, "Change the entry", channel=dm))
    assert town.slack.view(amina)["callback_id"] == "t.edited"


def test_a_view_that_was_closed_is_acknowledged(town: Town) -> None:
    amina = town.user("amina")
    town.bot.post(town.sign.command(amina, "course"))
    assert empty(town.bot.post(town.sign.close(amina, town.slack.view(amina))))


# ------------------------------------------------------------------------------------------------------------- home


def test_home_is_drawn_when_it_is_opened_and_again_after_a_tap_on_it(town: Town) -> None:
    amina = town.user("amina")
    dm = town.slack.dm(amina)
    assert empty(town.bot.post(town.sign.home_opened(amina, dm)))
    home = town.slack.home(amina)
    assert "You kept 0." in words_of(home)
    town.bot.post(town.sign.press(amina, home, "Count"))
    assert "You kept 1." in words_of(town.slack.home(amina))
    town.bot.post(town.sign.press(amina, town.slack.home(amina), "A course"))
    view = town.slack.view(amina)
    answers = {"title": "Safeguarding", "on": "2026-03-05", "where": "here"}
    assert empty(town.bot.post(town.sign.submit(amina, view, answers)))
    assert "Safeguarding" in words_of(town.seen("amina")[-1]["blocks"])


def test_the_messages_tab_is_not_the_home_tab(town: Town) -> None:
    assert empty(town.bot.post(town.sign.home_opened(town.user("amina"), tab="messages")))
    assert town.slack.proxy.made("views.publish") == []


# -------------------------------------------------------------------------------------------- who people are


def test_somebody_unknown_is_told_how_to_join_and_nothing_is_stored(town: Town) -> None:
    assert empty(town.says("chloe", DIRECT))
    [said] = town.seen("chloe")
    assert "coordinator" in words_of(said["blocks"])
    for table in (HandledEvent, KnownAccount, KnownPlace, Owed):
        assert town.rows(select(table)) == []


def test_somebody_unknown_reads_it_on_the_home_tab_and_gets_no_message(town: Town) -> None:
    chloe = town.user("chloe")
    town.bot.post(town.sign.home_opened(chloe, town.slack.dm(chloe)))
    assert "coordinator" in words_of(town.slack.home(chloe))
    assert town.seen("chloe") == []


def test_somebody_unknown_in_a_channel_is_answered_alone(town: Town) -> None:
    channel = town.slack.channels["general"]
    town.bot.post(town.sign.mention(town.user("chloe"), "home", channel))
    assert len(town.slack.ephemerals(town.user("chloe"))) == 1
    assert town.slack.messages(channel) == []


def test_a_guest_on_the_roster_takes_part(town: Town) -> None:
    town.says("gwen", DIRECT)
    assert town.kept("gwen") == ["asked before I answered"]


@pytest.mark.parametrize(
    "told",
    [
        {"is_email_confirmed": False},
        {"is_bot": True},
        {"deleted": True},
        {"is_stranger": True},
        {"team_id": "T0ELSEWHERE"},
    ],
)
def test_an_address_that_slack_does_not_vouch_for_is_nobodys(town: Town, told: dict[str, Any]) -> None:
    town.slack.proxy.people[town.user("amina").id] = told
    town.says("amina", DIRECT)
    assert town.kept() == []
    assert "coordinator" in words_of(town.seen("amina")[0]["blocks"])


def test_somebody_of_another_workspace_is_a_stranger_even_with_an_id_we_know(town: Town) -> None:
    town.says("amina", DIRECT)
    amina = town.user("amina")
    town.bot.post(town.sign.message(amina, "diary: a second", town.slack.dm(amina), user_team="T0ELSEWHERE"))
    assert town.kept() == ["asked before I answered"]


def test_a_payload_for_another_workspace_is_left_alone(town: Town) -> None:
    amina = town.user("amina")
    foreign = town.sign.message(amina, DIRECT, town.slack.dm(amina), team_id="T0ELSEWHERE")
    assert empty(town.bot.post(foreign))
    assert town.kept() == []


def test_a_new_colleague_on_the_roster_is_welcomed_and_nobody_else(town: Town) -> None:
    assert empty(town.bot.post(town.sign.team_join(town.user("amina"))))
    assert empty(town.bot.post(town.sign.team_join(town.user("chloe"))))
    assert words_of(town.seen("amina")[0]["blocks"]) == "Welcome, Amina Khan."
    assert town.seen("chloe") == []


def test_while_slack_does_not_say_who_somebody_is_nobody_is_called_a_stranger(town: Town) -> None:
    town.slack.proxy.fail("users.info", "server_error")
    assert town.says("amina", DIRECT).status_code == 503
    assert town.seen("amina") == []
    assert empty(town.says("amina", DIRECT))
    assert town.kept() == ["asked before I answered"]


# -------------------------------------------------------------------------------------------- coming and going


def place_of(town: Town, conversation: str) -> KnownPlace:
    return town.rows(select(KnownPlace).where(KnownPlace.conversation == conversation))[0]


def test_removed_from_a_channel_the_bot_stops_writing_there_and_back_in_it_goes_on(town: Town) -> None:
    channel = town.slack.channels["general"]
    town.bot.post(town.sign.mention(town.user("amina"), DIRECT, channel))
    left = town.sign.event({"type": "channel_left", "channel": channel, "actor_id": "U1", "event_ts": "1.1"})
    assert empty(town.bot.post(left))
    assert place_of(town, channel).unreachable == "not_installed"
    bot = type(town.user("amina"))(town.sign.bot_user_id, "learnbot")
    assert empty(town.bot.post(town.sign.joined_channel(bot, channel)))
    assert place_of(town, channel).unreachable == ""
    assert empty(town.bot.post(town.sign.joined_channel(town.user("ben"), channel)))
    assert town.slack.ephemerals(town.user("ben")) == []


@pytest.mark.parametrize("kind", ["uninstalled", "tokens_revoked"])
def test_when_the_app_is_removed_nothing_more_is_sent(town: Town, kind: str) -> None:
    town.bot.pacer.now = lambda: 0.0
    assert empty(town.bot.post(getattr(town.sign, kind)()))
    assert town.bot.pacer.resting() == {"slack"}


def test_a_user_token_taken_away_is_not_the_bots(town: Town) -> None:
    assert empty(town.bot.post(town.sign.tokens_revoked(bots=[], users=["U1"])))
    assert town.bot.pacer.resting() == set()


def test_slack_may_verify_the_address(town: Town) -> None:
    answer = town.bot.post(town.sign.url_verification("a challenge"))
    assert (answer.status_code, answer.json()) == (200, {"challenge": "a challenge"})


# ---------------------------------------------------------------------------------------------- when things go wrong


def test_a_bug_behind_a_message_is_told_with_its_code_and_nothing_is_saved(town: Town) -> None:
    assert empty(town.says("amina", "diary: crash"))
    assert town.kept() == []
    assert "code" in words_of(town.seen("amina")[0]["blocks"])


def test_a_bug_behind_a_command_is_told_at_once(town: Town) -> None:
    answer = town.bot.post(town.sign.command(town.user("amina"), "diary: crash"))
    assert answer.status_code == 200
    assert answer.json()["response_type"] == "ephemeral"
    assert "nothing was saved" in answer.json()["text"]


def test_a_bug_behind_a_form_leaves_what_was_typed_in_it(town: Town) -> None:
    message, dm = kept_one(town)
    amina = town.user("amina")
    town.bot.post(town.sign.press(amina, message, "Edit", channel=dm))
    answer = town.bot.post(town.sign.submit(amina, town.slack.view(amina), {"words": "crash"}))
    assert answer.json()["response_action"] == "errors"
    assert "still here" in answer.json()["errors"]["words"]


def test_a_bug_that_nobody_waits_for_is_delivered_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(turn: Any, event: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setitem(town.bot.reception.dispatcher.registry.actions, "t.follow_edit", fails)
    town.says("amina", DIRECT)
    amina = town.user("amina")
    assert town.bot.post(town.sign.edited(amina, town.slack.dm(amina), "1.1", "new", "old")).status_code == 500


def test_while_the_bot_stops_messages_are_to_be_delivered_again_and_people_are_told(town: Town) -> None:
    message, dm = kept_one(town)
    town.bot.reception.stopping = True
    assert town.says("amina", "diary: a second").status_code == 503
    answer = town.bot.post(town.sign.command(town.user("amina"), "diary: a second"))
    assert "try again in a minute" in answer.json()["text"]
    assert empty(town.bot.post(town.sign.press(town.user("amina"), message, "Undo", channel=dm)))
    assert "try again in a minute" in words_of(town.seen("amina")[-1]["blocks"])
    assert town.kept() == ["asked before I answered"]


def test_a_command_while_slack_itself_is_out_of_reach_is_answered_kindly(town: Town) -> None:
    town.slack.proxy.fail("conversations.open", "server_error")
    answer = town.bot.post(town.sign.command(town.user("amina"), DIRECT))
    assert "try again in a minute" in answer.json()["text"]
    assert town.kept() == []


def test_until_slack_says_who_the_bot_is_everything_is_to_be_delivered_again(town: Town) -> None:
    town.slack.proxy.fail("auth.test", "server_error", times=2)
    with a_worker(town.slack, town.database, process="another") as other:
        signed = town.sign.message(town.user("amina"), DIRECT, town.slack.dm(town.user("amina")))
        assert other.post(signed).status_code == 503
        assert other.post(town.sign.url_verification()).status_code == 200
        assert other.post(signed).status_code == 200
    assert town.kept() == ["asked before I answered"]


def test_a_token_of_another_workspace_is_refused_at_the_start(town: Town) -> None:
    with (
        pytest.raises(ValueError, match="another Slack workspace"),
        a_worker(town.slack, town.database, options={"team_id": "T0ELSEWHERE"}),
    ):
        pass


# ----------------------------------------------------------------------------------------------- nobody gets in (P7)


def test_unsigned_json_200_000_levels_deep_is_refused_before_it_is_parsed(town: Town) -> None:
    signed = town.sign.message(town.user("amina"), DIRECT, "D1")
    assert town.bot.post(signed.with_body(b"[" * 200_000)).status_code == 401


def test_signed_json_of_any_depth_and_shape_is_refused_without_an_error(town: Town) -> None:
    for body in (b"[" * 200_000, b"[]", b'"a"', b"17", b"{", b'{"type":"event_callback","event":"x"}', b"\xff"):
        assert town.bot.post(town.sign.sign(body, "application/json")).status_code in (200, 400, 500)
    assert town.bot.post(town.sign.sign(b"payload=%7B", "application/x-www-form-urlencoded")).status_code == 400


def test_ten_megabytes_are_refused(town: Town) -> None:
    signed = town.sign.message(town.user("amina"), DIRECT, "D1").with_body(b"x" * 10_000_000)
    assert town.bot.post(signed).status_code == 413


def test_nobody_else_finds_a_door(town: Town) -> None:
    assert httpx.get(town.bot.url + "/slack/events").status_code == 405
    assert httpx.post(town.bot.url + "/slack/install").status_code == 404


def test_during_a_rotation_both_secrets_are_good(town: Town) -> None:
    old = town.slack.signing_secret
    options = {"signing_secrets": ("the new one", old)}
    with a_worker(town.slack, town.database, process="rotating", options=options) as rotating:
        assert rotating.post(town.sign.url_verification()).status_code == 200
    with a_worker(town.slack, town.database, process="rotated", options={"signing_secrets": ("the new one",)}) as done:
        assert done.post(town.sign.url_verification()).status_code == 401


def test_no_word_of_anybody_reaches_a_log(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    canary = "canary-7f3a"
    with caplog.at_level(logging.DEBUG):
        _, dm = kept_one(town)
        amina = town.user("amina")
        town.says("amina", f"diary: {canary}")
        town.bot.post(town.sign.press(amina, town.seen("amina")[-1], "Edit", channel=dm))
        town.bot.post(town.sign.submit(amina, town.slack.view(amina), {"words": f"{canary} again"}))
        town.bot.post(town.sign.command(amina, f"diary: {canary}"))
        town.bot.post(town.sign.sign(b'{"type": "unknown", "text": "canary-7f3a"}', "application/json"))
        spoilt = town.sign.message(amina, canary, dm).with_header("X-Slack-Signature", "v0=" + "0" * 64)
        assert town.bot.post(spoilt).status_code == 401
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore", "asyncio"))]
    assert canary not in "\n".join(record.getMessage() for record in ours)


def test_a_private_answer_carries_no_word_in_its_key(town: Town) -> None:
    kept_one(town)
    [handled] = town.rows(select(HandledEvent))
    assert handled.key.startswith("slack/event/Ev")
