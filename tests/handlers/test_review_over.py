"""A review is over: what asked people to answer it says so in place, and leads from nobody to anything."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.chat import OpenForm
from handlers.reviews.ending import KNOWN_FOR
from scheduling.cadence import owe_what_recurs
from storage import reviews
from storage.models import Owed
from storage.review_prompts import OVER
from tests.conftest import KEYRING, NOW, Chat
from tests.handlers.test_reviews import TEAM, close_early, every_value, everybody_answers, review, start

HALF_TIME = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
LAST_DAY = datetime(2026, 3, 13, 9, 30, tzinfo=UTC)
CLOSES = datetime(2026, 3, 16, 17, 0, tzinfo=UTC)


def begun(chat: Chat, names: str, **more: str) -> None:
    """A review of a team whose people have all said hello."""
    for who in TEAM:
        chat.say(who, "hello")
    start(chat, names=names, **more)


def known(chat: Chat) -> list[Owed]:
    """The rows that still say whom a card was sent."""
    return chat.rows(select(Owed).where(Owed.notice.in_((OVER, *reviews.ASKING))))


@pytest.mark.parametrize("names", ["anonymous", "named"])
def test_reminders_become_one_true_line_in_place_and_nobody_is_notified(chat: Chat, names: str) -> None:
    begun(chat, names)
    everybody_answers(chat, TEAM[:5])
    chat.wait_until(LAST_DAY)
    assert chat.screen_of("Eve").count("[Answer]") == 2
    before = {who: [posted.id for posted in chat.seen(who)] for who in TEAM[1:]}
    chat.wait_until(CLOSES)
    assert chat.screen_of("Eve").count("Team review 2026 is closed. 5 people answered.") == 2
    assert "What came of it is in your team's channel, under the review's card." in chat.last("Eve")
    assert "[Answer" not in chat.screen_of("Eve")
    assert {who: [posted.id for posted in chat.seen(who)] for who in TEAM[1:]} == before


def test_who_answered_from_a_reminder_sees_the_same_line_as_who_did_not(chat: Chat) -> None:
    begun(chat, "anonymous")
    chat.wait_until(HALF_TIME)
    chat.press("Ben", "Answer")
    chat.submit("Ben", rating_purpose="3")
    assert "Your answers are in" in chat.screen_of("Ben")
    chat.wait_until(CLOSES)
    for who in ("Ben", "Chloe"):
        assert "is closed. 1 person answered." in chat.screen_of(who)
    assert "Your answers are in" not in chat.screen_of("Ben")  # it spoke of a key, which opens nothing any more


@pytest.mark.parametrize("names", ["anonymous", "named"])
def test_a_cancelled_review_takes_its_buttons_back_as_well(chat: Chat, names: str) -> None:
    begun(chat, names)
    chat.wait_until(HALF_TIME)
    chat.press("Ola", "Cancel it")
    chat.press("Ola", "Cancel it and destroy")
    assert "was cancelled. The answers were destroyed, and nothing more is asked of you." in chat.last("Ben")
    assert "[Answer" not in chat.screen_of("Ben")


def test_newcomers_and_guests_are_told_too_and_a_guest_who_said_no_is_left_in_peace(chat: Chat) -> None:
    for who in ("Farid", "Grace"):
        chat.say(who, "hello")
    start(chat, names="anonymous", guests="Farid Gill, Grace Hall")
    chat.wait_until(NOW + timedelta(days=2))
    assert "No, thank you" in chat.screen_of("Farid")
    chat.press("Grace", "No, thank you")
    said = chat.screen_of("Grace")
    chat.wait_until(CLOSES)
    assert "of Children's Services is closed, and nothing more is asked of you." in chat.screen_of("Farid")
    assert "answered" not in chat.screen_of("Farid")  # how many did is for the team
    assert "[Answer" not in chat.screen_of("Farid")
    assert chat.screen_of("Grace") == said


def test_a_reminder_that_was_declined_loses_its_button_with_the_rest(chat: Chat) -> None:
    begun(chat, "anonymous")
    chat.wait_until(HALF_TIME)
    chat.press("Ben", "Don't remind me")
    assert "[Answer]" in chat.last("Ben")
    chat.wait_until(CLOSES)
    assert "is closed" in chat.last("Ben")
    assert "[Answer" not in chat.screen_of("Ben")


@pytest.mark.parametrize("names", ["anonymous", "named"])
def test_an_old_button_is_answered_kindly(chat: Chat, names: str) -> None:
    begun(chat, names)
    chat.wait_until(HALF_TIME)
    close_early(chat)
    about = review(chat).id
    for action in ("reviews.open", "reviews.type", "reviews.quiet"):
        assert not isinstance(chat.tap("Ben", action, about), OpenForm)
        assert "This review closed on" in chat.last("Ben")
        assert "bring it to your team's conversation" in chat.last("Ben")


def test_a_review_that_is_kept_open_longer_keeps_its_buttons(chat: Chat) -> None:
    begun(chat, "anonymous")
    chat.wait_until(HALF_TIME)
    chat.press("Ola", "Keep it open longer")
    chat.submit("Ola", closes_on="2026-03-23")
    chat.wait_until(CLOSES)
    assert "[Answer]" in chat.screen_of("Ben")
    assert "is closed" not in chat.screen_of("Ben")


# -------------------------------------------------------------------------------------- what is known of whom meanwhile


def test_while_the_cards_of_an_anonymous_review_change_nothing_says_what_they_asked_or_when(chat: Chat) -> None:
    begun(chat, "anonymous")
    everybody_answers(chat, TEAM[:3])
    chat.wait_until(LAST_DAY)
    asked_at = {row.sent_at for row in known(chat) if row.sent_at is not None}
    numbers = {row.id for row in known(chat)}
    chat.wait_until(CLOSES)
    left = known(chat)
    assert {row.notice for row in left} == {OVER}
    assert {row.to_id for row in left} == {chat.person(who).id for who in TEAM[3:]}  # as before, and no more than that
    originals = [row for row in left if row.changes is None]
    assert {(row.due_at, row.sent_at, row.awaits, row.answered_at, row.reason) for row in originals} == {
        (CLOSES, None, "", None, "")
    }
    assert not {row.due_at for row in left} & asked_at
    if not chat.database.sqlite:  # SQLite gives the numbers of deleted rows out again
        assert not {row.id for row in left} & numbers
    everything = every_value(chat.database)
    assert not [key for key in everything["outbox", "key"] if any(notice in key for notice in reviews.ASKING)]


def test_ten_minutes_later_nothing_says_whom_a_card_was_sent(chat: Chat) -> None:
    begun(chat, "anonymous")
    everybody_answers(chat, TEAM[:3])
    chat.wait_until(CLOSES)
    assert known(chat)
    chat.wait_until(CLOSES + KNOWN_FOR)
    assert known(chat) == []
    assert "is closed" in chat.screen_of("Eve")


def test_nor_where_their_platform_is_not_written_to_for_long(chat: Chat) -> None:
    begun(chat, "anonymous")
    chat.wait_until(HALF_TIME)
    chat.delivery.pacer.rest("console", 3_600)
    chat.tap("Ola", "reviews.closed", review(chat).id)
    assert "[Answer]" in chat.screen_of("Eve")
    assert known(chat)
    chat.now += KNOWN_FOR
    chat.database.run(lambda session: owe_what_recurs(session, chat.registry, chat.policy, KEYRING, chat.now))
    assert known(chat) == []


def test_a_reminder_that_is_on_its_way_at_the_closing_is_changed_and_forgotten_later(chat: Chat) -> None:
    begun(chat, "anonymous")
    chat.wait_until(HALF_TIME)
    (row,) = chat.rows(select(Owed).where(Owed.notice == "reviews.half_time", Owed.to_id == chat.person("Ben").id))

    def state(now: str) -> None:
        chat.database.run(lambda session: session.execute(update(Owed).where(Owed.id == row.id).values(state=now)))

    state("sending")
    close_early(chat)
    state("sent")
    assert "[Answer]" in chat.screen_of("Ben")
    chat.wait_until(chat.now + KNOWN_FOR)
    assert "is closed" in chat.screen_of("Ben")
    assert "[Answer" not in chat.screen_of("Ben")
    chat.wait_until(chat.now + KNOWN_FOR)
    assert known(chat) == []


def test_of_a_named_review_it_is_known_as_long_as_of_any_message(chat: Chat) -> None:
    begun(chat, "named")
    chat.wait_until(HALF_TIME)
    close_early(chat)
    chat.wait_until(chat.now + timedelta(hours=2))
    assert {row.notice for row in known(chat)} >= {OVER}
