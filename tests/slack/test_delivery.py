"""A message is sent once, or we know that we do not know: Slack failing before, while and after it accepts one."""

from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from bot.chat import Account, Button, Buttons, Chart, Message, Place, Quote, Table, text
from bot.platforms import Address, CannotTell, NotAccepted, Sent
from handlers.registry import Conversation, Registry
from scheduling.pacing import Pacer
from storage import outbox
from storage.models import KnownPlace, Owed
from tests.slack.conftest import Town, words_of

SAID = Message("Something", (text("Something to say."),))


def owed(town: Town) -> Owed:
    [row] = town.rows(select(Owed))
    return row


def tick(town: Town) -> int:
    return town.bot.run(town.bot.delivery.tick())


def look(town: Town) -> None:
    """Ask Slack what became of what is in doubt, once it must know."""
    town.bot.ahead += town.bot.delivery.settling.total_seconds() + 1
    town.bot.run(town.bot.delivery.reconcile())


# ------------------------------------------------------------------------- accepted, or not, and nobody can tell


@pytest.mark.parametrize(
    ("fault", "details"),
    [("accept_then_reset", {}), ("accept_then_error", {"status": 504}), ("accept_then_error", {"status": 500})],
)
def test_accepted_and_then_cut_off_it_is_found_and_not_sent_twice(town: Town, fault: str, details: Any) -> None:
    town.slack.proxy.fail("chat.postMessage", fault, **details)
    town.says("amina", "diary: asked first")
    tick(town)
    assert len(town.seen("amina")) == 1
    assert (owed(town).state, owed(town).message) == ("sent", town.seen("amina")[0]["ts"])


def test_found_though_the_history_lags_behind(town: Town) -> None:
    town.slack.proxy.fail("chat.postMessage", "accept_then_reset")
    town.slack.proxy.history_lags(1)
    town.says("amina", "diary: asked first")
    assert owed(town).state == "uncertain"
    assert tick(town) == 0
    look(town)
    assert owed(town).state == "sent"
    assert len(town.seen("amina")) == 1


@pytest.mark.parametrize(("fault", "details"), [("reset", {}), ("server_error", {"status": 503})])
def test_cut_off_without_being_accepted_it_is_looked_for_and_sent_again(town: Town, fault: str, details: Any) -> None:
    town.slack.proxy.fail("chat.postMessage", fault, **details)
    town.says("amina", "diary: asked first")
    assert town.seen("amina") == []
    assert owed(town).state == "uncertain"
    look(town)
    assert tick(town) == 1
    assert len(town.seen("amina")) == 1


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "request_timeout", "service_unavailable"])
def test_an_error_after_which_it_may_be_there_is_looked_into(town: Town, error: str) -> None:
    town.slack.proxy.fail("chat.postMessage", "refusal", error=error)
    town.says("amina", "diary: asked first")
    assert owed(town).state == "uncertain"
    look(town)
    tick(town)
    assert len(town.seen("amina")) == 1


def test_while_slack_is_silent_nothing_is_sent_again(town: Town) -> None:
    town.slack.proxy.fail("chat.postMessage", "accept_then_reset")
    town.slack.proxy.fail("conversations.history", "server_error", times=3)
    town.says("amina", "diary: asked first")
    assert owed(town).state == "uncertain"
    assert tick(town) == 0
    town.slack.proxy.heal()
    look(town)
    assert owed(town).state == "sent"
    assert len(town.seen("amina")) == 1


def test_a_connection_refused_is_tried_again_without_a_doubt(town: Town) -> None:
    dm = town.slack.dm(town.user("amina"))
    town.says("amina", "diary: asked first")
    with town.slack.unreachable():
        town.bot.post(town.sign.message(town.user("amina"), "diary: a second", dm))
    [_, second] = town.rows(select(Owed).order_by(Owed.id))
    assert (second.state, second.reason) == ("due", "")
    town.bot.ahead = 600
    tick(town)
    assert len(town.seen("amina")) == 2


# ------------------------------------------------------------------------------------------------ told to wait, or no


def test_told_to_wait_the_whole_workspace_is_left_in_peace_and_the_order_is_kept(town: Town) -> None:
    moment = [1_000.0]
    town.bot.delivery.pacer = Pacer(now=lambda: moment.__setitem__(0, moment[0] + 2) or moment[0])
    town.slack.proxy.fail("chat.postMessage", "rate_limited", seconds=30)
    for name, words in (("amina", "diary: one"), ("amina", "diary: two"), ("ben", "diary: three")):
        town.says(name, words)
    assert town.seen("amina") == town.seen("ben") == []
    assert {row.state for row in town.rows(select(Owed))} == {"due"}
    assert tick(town) == 0
    assert len(town.slack.proxy.made("chat.postMessage")) == 1
    moment[0] += 40
    while tick(town):
        pass
    assert [said["blocks"][1]["elements"][0]["elements"][0]["text"] for said in town.seen("amina")] == ["one", "two"]
    assert len(town.seen("ben")) == 1


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        ("channel_not_found", "parked", "no_such_place"),
        ("is_archived", "parked", "archived"),
        ("not_in_channel", "parked", "not_installed"),
        ("user_disabled", "parked", "deactivated"),
        ("cannot_dm_bot", "parked", "blocked"),
        ("msg_too_long", "parked", "too_large"),
        ("msg_blocks_too_long", "parked", "too_large"),
        ("invalid_blocks", "parked", "too_large"),
        ("restricted_action", "parked", "blocked"),
        ("something_new", "parked", "refused"),
        ("token_revoked", "due", ""),
        ("invalid_auth", "due", ""),
        ("account_inactive", "due", ""),
        ("ratelimited", "due", ""),
        ("team_added_to_org", "due", ""),
    ],
)
def test_a_no_of_slacks_is_kept_with_its_reason(town: Town, error: str, state: str, reason: str) -> None:
    town.slack.proxy.fail("chat.postMessage", "refusal", error=error)
    town.says("amina", "diary: asked first")
    assert (owed(town).state, owed(town).reason) == (state, reason)
    assert town.kept() == ["asked first"]
    assert len(town.slack.proxy.made("chat.postMessage")) == 1
    assert town.slack.proxy.made("conversations.history") == []


def test_where_the_thread_is_gone_it_goes_into_the_channel_which_is_not_given_up(town: Town) -> None:
    notice = Conversation("news", actions={}, notices={"news.card": lambda turn, about: SAID})
    town.bot.delivery.registry = Registry((notice,), {})

    def owe(session: Any) -> None:
        place = KnownPlace(platform="slack", tenant=town.user("amina").team_id, direct=False, title="general",
                           conversation=town.slack.channels["general"])  # fmt: skip
        session.add(place)
        session.flush()
        outbox.owe(session, "news.card", about=1, place=place.id, at=town.bot.now(), thread="1.1")

    town.database.run(owe)
    town.slack.proxy.fail("chat.postMessage", "refusal", error="thread_not_found")
    tick(town)
    assert (owed(town).state, owed(town).thread) == ("due", "")
    town.bot.ahead += 60
    tick(town)
    assert owed(town).state == "sent"
    assert town.rows(select(KnownPlace.unreachable)) == [""]
    assert len(town.slack.proxy.made("chat.postMessage")) == 2


def test_a_token_taken_away_stops_everything_and_loses_nothing(town: Town) -> None:
    town.bot.delivery.pacer = Pacer(now=lambda: 1_000.0)
    town.says("amina", "diary: one")
    town.slack.proxy.revoked.add(town.slack.bot_token)
    town.bot.delivery.pacer = Pacer(now=lambda: 2_000.0)
    town.bot.post(town.sign.message(town.user("amina"), "diary: two", town.slack.dm(town.user("amina"))))
    assert town.kept() == ["one", "two"]
    assert town.bot.delivery.pacer.resting() == {"slack"}
    assert tick(town) == 0
    town.slack.proxy.heal()
    town.bot.delivery.pacer = Pacer(now=lambda: 9_000.0)
    assert tick(town) == 1
    assert len(town.seen("amina")) == 2


# -------------------------------------------------------------------------------------------------- the platform alone


@pytest.fixture
def slack_as_platform(town: Town) -> Any:
    return town.bot.edge.platform


def to(town: Town, place: Place | None = None, private: bool = False) -> Address:
    return Address(Account("slack", town.user("amina").team_id, town.user("amina").id), place, private)


def general(town: Town, thread: str = "") -> Place:
    return Place("slack", town.user("amina").team_id, town.slack.channels["general"], False, thread)


def test_a_person_is_written_to_in_their_direct_chat_opened_once(town: Town, slack_as_platform: Any) -> None:
    for key in ("one", "two"):
        sent = town.bot.run(slack_as_platform.send(to(town), SAID, key))
    assert sent.place == Place("slack", town.user("amina").team_id, town.slack.dm(town.user("amina")), True)
    assert len(town.slack.proxy.made("conversations.open")) == 1
    assert [said["metadata"]["event_payload"] for said in town.seen("amina")] == [{"key": "one"}, {"key": "two"}]


def test_nothing_is_unfolded_and_nobody_is_called(town: Town, slack_as_platform: Any) -> None:
    evil = Message("<!channel>", (Quote("<!channel> <@U1> https://a.example"),))
    town.bot.run(slack_as_platform.send(to(town, general(town)), evil, "k"))
    [call] = town.slack.proxy.made("chat.postMessage")
    expected = {"unfurl_links": False, "unfurl_media": False, "mrkdwn": False, "parse": "none", "link_names": False}
    assert {name: call.body[name] for name in expected} == expected
    assert "<" not in call.body["text"]


def test_a_message_is_found_by_its_key_in_a_channel_and_in_a_thread(town: Town, slack_as_platform: Any) -> None:
    first = town.bot.run(slack_as_platform.send(to(town, general(town)), SAID, "first"))
    inside = town.bot.run(slack_as_platform.send(to(town, general(town, first.message)), SAID, "inside"))
    find = slack_as_platform.find
    assert town.bot.run(find(to(town, general(town)), "first")).message == first.message
    assert town.bot.run(find(to(town, general(town, first.message)), "inside")).message == inside.message
    assert town.bot.run(find(to(town, general(town)), "never")) is None
    assert town.bot.run(find(to(town), "never")) is None


def test_what_only_one_person_saw_cannot_be_asked_about(town: Town, slack_as_platform: Any) -> None:
    with pytest.raises(CannotTell):
        town.bot.run(slack_as_platform.find(to(town, general(town), private=True), "k"))


def test_a_message_is_changed_in_place_as_often_as_wanted(town: Town, slack_as_platform: Any) -> None:
    sent = town.bot.run(slack_as_platform.send(to(town), SAID, "k"))
    town.slack.proxy.fail("chat.update", "accept_then_reset")
    changed = Message("Changed", (text("Changed."),))
    with pytest.raises(aiohttp.ClientError):
        town.bot.run(slack_as_platform.update(sent, changed))
    town.bot.run(slack_as_platform.update(sent, changed))
    assert [words_of(said["blocks"]) for said in town.seen("amina")] == ["Changed."]


def test_a_message_that_is_gone_cannot_be_changed_and_is_not_tried_again(town: Town, slack_as_platform: Any) -> None:
    with pytest.raises(NotAccepted) as refused:
        town.bot.run(slack_as_platform.update(Sent(general(town), "1.1"), SAID))
    assert (refused.value.reason, refused.value.final) == ("no_such_place", True)


def test_where_slack_does_not_draw_a_chart_it_gets_words(town: Town, slack_as_platform: Any) -> None:
    chart = Message("C", (Chart("T", ("A",), (("M", (1.0,)),)), Table(("A", "M"), (("A", "1"),))))
    town.slack.proxy.fail("chat.postMessage", "refusal", error="invalid_blocks")
    town.bot.run(slack_as_platform.send(to(town), chart, "k"))
    [said] = town.seen("amina")
    assert [block["type"] for block in said["blocks"]] == ["rich_text"]


def test_a_direct_chat_that_cannot_be_opened_means_that_nothing_was_sent(town: Town, slack_as_platform: Any) -> None:
    for fault, reason in (("reset", "unreachable"), ("server_error", "unavailable"), ("rate_limited", "rate_limited")):
        town.slack.proxy.fail("conversations.open", fault)
        with pytest.raises(NotAccepted) as refused:
            town.bot.run(slack_as_platform.send(to(town), SAID, "k"))
        assert (refused.value.reason, refused.value.final) == (reason, False)
    town.slack.proxy.fail("conversations.open", "refusal", error="user_disabled")
    with pytest.raises(NotAccepted, match="deactivated"):
        town.bot.run(slack_as_platform.send(to(town), SAID, "k"))


def test_what_slack_could_never_show_is_refused_before_it_is_sent(town: Town, slack_as_platform: Any) -> None:
    impossible = Message("M", (Buttons((Button("x", "t.x", value="v" * 2_001),)),))
    with pytest.raises(NotAccepted, match="too_large"):
        town.bot.run(slack_as_platform.send(to(town), impossible, "k"))
    assert town.slack.proxy.made("chat.postMessage") == []
