"""A window that closes without an interview: one kind word before and after, one to the partner, numbers of teams."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.models import Away, Interview, Owed, Partnership, Person
from tests.conftest import Chat

CLOSING = datetime(2026, 3, 24, 9, 30, tzinfo=UTC)  # a working week before Tuesday 31 March
AFTER = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)  # the first working morning after it, in summer time
TO_PARTNER = datetime(2026, 4, 9, 8, 30, tzinfo=UTC)  # five working days later, Easter between
SOON = "is not booked yet"
LATE = "There is still room for your second learning interview. Its window closed"
NOT_MET = "Amina and you have not met this term."


def hello(chat: Chat, *names: str) -> None:
    for name in names:
        chat.say(name, "hello")


def change(chat: Chat, who: str, **values: Any) -> None:
    number = chat.person(who).id
    chat.database.run(lambda session: session.execute(update(Person).where(Person.id == number).values(**values)))


def told(chat: Chat, who: str) -> tuple[int, int, int]:
    """How often somebody was told that a window closes, that it has closed, and that the two have not met."""
    screen = chat.screen_of(who)
    return screen.count(SOON), screen.count(LATE), screen.count(NOT_MET)


# ---------------------------------------------------------------------------------------------------------- the learner


def test_a_working_week_before_the_window_closes_the_learner_is_reminded(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.wait_until(CLOSING - timedelta(minutes=1))
    assert told(chat, "Amina") == (0, 0, 0)
    chat.wait_until(CLOSING)
    assert "Your second learning interview is not booked yet. Its window closes on Tue 31 Mar." in chat.last("Amina")
    assert "Shall we find a time with Ben?" in chat.last("Amina")
    chat.say("Amina", "Thursday at 10")
    assert "I’ve asked Ben to confirm it" in chat.last("Amina")


def test_once_it_has_closed_each_is_told_once_and_then_nobody_any_more(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.wait_until(AFTER - timedelta(minutes=1))
    assert told(chat, "Amina") == (1, 0, 0)
    chat.wait_until(AFTER)
    assert LATE in chat.last("Amina")
    chat.wait_until(TO_PARTNER - timedelta(minutes=1))
    assert NOT_MET not in chat.screen_of("Ben")
    chat.wait_until(TO_PARTNER)
    assert f"{NOT_MET} Shall I offer times?" in chat.last("Ben")
    chat.wait_until(datetime(2026, 5, 4, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (1, 1, 0)
    assert chat.screen_of("Ben").count(NOT_MET) == 1
    assert NOT_MET not in chat.screen_of("Cora") + chat.screen_of("Ola")


def test_the_partner_offers_times_or_leaves_it(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.wait_until(TO_PARTNER)
    chat.press("Ben", "Choose a time")
    assert "These times suit you and Amina" in chat.last("Ben")
    chat.press("Ben", "Not now")
    assert "That’s fine. Nothing is arranged." in chat.last("Ben")


@pytest.mark.parametrize("confirmed", [True, False])
def test_who_has_something_arranged_is_told_nothing(chat: Chat, confirmed: bool) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book 22 April at 10am")  # arranged in the window, though it lies after it
    if confirmed:
        chat.press("Ben", "Confirm")
    chat.database.run(lambda session: session.execute(update(Interview).values(window=2)))
    chat.wait_until(datetime(2026, 4, 21, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 0, 0)
    assert NOT_MET not in chat.screen_of("Ben")


def test_what_is_arranged_at_last_keeps_the_partner_from_being_told(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.wait_until(AFTER)
    chat.say("Amina", "book 8 April at 10am")
    chat.press("Ben", "Confirm")
    chat.wait_until(TO_PARTNER)
    assert NOT_MET not in chat.screen_of("Ben")


def test_an_interview_that_did_not_take_place_leaves_room_for_another(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")
    chat.wait_until(datetime(2026, 3, 5, 11, 15, tzinfo=UTC))
    chat.press("Amina", "No")
    chat.press("Ben", "No")
    chat.wait_until(CLOSING)
    assert told(chat, "Amina") == (1, 0, 0)


def test_without_a_partner_the_reminder_helps_to_choose_one(chat: Chat) -> None:
    hello(chat, "Dan")
    for at in (CLOSING, AFTER):
        chat.wait_until(at)
        assert "It begins with a learning partner" in chat.last("Dan")
        assert "[Choose a partner]" in chat.last("Dan")
    chat.press("Dan", "Choose a partner")
    chat.submit("Dan", partner="Farid")
    assert "I’ve asked Farid Gill" in chat.last("Dan")


def test_who_asked_to_be_reminded_later_is_not_reminded_before(chat: Chat) -> None:
    hello(chat, "Amina")
    chat.wait_until(datetime(2026, 3, 3, 9, 30, tzinfo=UTC))
    chat.press("Amina", "Not now")
    chat.press("Amina", "Another day")
    chat.submit("Amina", day="2026-03-30")
    chat.wait_until(AFTER + timedelta(days=5))
    assert told(chat, "Amina")[:2] == (0, 0)
    assert "It’s time for your second learning interview" in chat.screen_of("Amina")


# --------------------------------------------------------------------------------------------- pausing, away, joining


def test_during_a_pause_nobody_is_told_and_afterwards_once(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.wait_until(datetime(2026, 3, 20, 12, 0, tzinfo=UTC))
    chat.say("Amina", "pause until 13 April 2026")
    chat.wait_until(datetime(2026, 4, 12, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 0, 0)
    assert NOT_MET not in chat.screen_of("Ben")
    chat.wait_until(datetime(2026, 4, 13, 8, 30, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 1, 0)
    chat.wait_until(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 1, 0)
    assert chat.screen_of("Ben").count(NOT_MET) == 1


def test_a_pause_that_outlasts_the_matter_leaves_nothing_to_say(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    chat.say("Amina", "pause until 30 April 2026")
    chat.say("Ben", "pause")
    chat.wait_until(datetime(2026, 5, 4, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 0, 0)
    assert NOT_MET not in chat.screen_of("Ben")


def test_who_is_away_is_told_on_the_first_morning_back(chat: Chat) -> None:
    hello(chat, "Amina")
    amina = chat.person("Amina").id
    away = Away(person_id=amina, starts_at=CLOSING - timedelta(days=2), ends_at=datetime(2026, 3, 27, tzinfo=UTC),
                made_at=chat.now)  # fmt: skip
    chat.database.run(lambda session: session.add(away))
    chat.wait_until(datetime(2026, 3, 27, 9, 29, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 0, 0)
    chat.wait_until(datetime(2026, 3, 27, 9, 30, tzinfo=UTC))
    assert told(chat, "Amina") == (1, 0, 0)


@pytest.mark.parametrize("joins", [datetime(2026, 3, 30, 12, 0, tzinfo=UTC), datetime(2026, 4, 2, 12, 0, tzinfo=UTC)])
def test_who_joins_as_the_window_closes_or_after_is_not_late(chat: Chat, joins: datetime) -> None:
    hello(chat, "Ben")
    chat.wait_until(joins)
    hello(chat, "Amina")
    chat.wait_until(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 0, 0)
    assert NOT_MET not in chat.screen_of("Ben")


def test_whose_first_day_is_later_is_not_late(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    change(chat, "Amina", starts_on=date(2026, 4, 1))
    chat.wait_until(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 0, 0)


def test_nobody_is_told_of_whoever_has_left_or_never_joined(chat: Chat) -> None:
    hello(chat, "Ben", "Eve")
    change(chat, "Eve", left_at=chat.now)
    chat.wait_until(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    assert NOT_MET not in chat.screen_of("Ben")
    assert told(chat, "Eve") == (0, 0, 0)
    assert (
        chat.rows(select(Owed).where(Owed.notice == "interviews.closing", Owed.to_id == chat.person("Amina").id)) == []
    )


def test_a_partner_who_came_after_the_window_is_not_told_of_it(chat: Chat) -> None:
    hello(chat, "Amina", "Ben", "Chloe")
    chat.wait_until(AFTER)
    chat.say("Amina", "partner Chloe")
    chat.press("Chloe", "Accept")
    chat.wait_until(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    assert NOT_MET not in chat.screen_of("Chloe") + chat.screen_of("Ben")


def test_a_partner_who_has_not_joined_is_told_nothing(chat: Chat) -> None:
    hello(chat, "Amina")
    chat.wait_until(datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    assert chat.rows(select(Owed).where(Owed.notice == "interviews.late_partner")) == []


def test_the_last_window_of_the_year_is_not_brought_up_in_the_next(chat: Chat) -> None:
    chat.now = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
    hello(chat, "Amina", "Ben")
    chat.wait_until(datetime(2026, 7, 13, 8, 30, tzinfo=UTC))
    assert "Your third learning interview is not booked yet. Its window closes on Mon 20 Jul." in chat.last("Amina")
    chat.say("Amina", "pause until 7 September 2026")
    chat.wait_until(datetime(2026, 9, 20, 12, 0, tzinfo=UTC))
    assert "still room" not in chat.screen_of("Amina")
    assert NOT_MET not in chat.screen_of("Ben")


# ------------------------------------------------------------------------------------------------------- coordinators


def overview(chat: Chat) -> str:
    chat.say("Cora", "overview")
    return chat.last("Cora")


def test_a_coordinator_sees_how_many_of_a_team_and_never_who(chat: Chat) -> None:
    hello(chat, "Amina", "Ben", "Chloe", "Dan", "Eve", "Farid", "Grace", "Cora")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")
    chat.wait_until(datetime(2026, 3, 5, 11, 15, tzinfo=UTC))
    chat.press("Amina", "Yes")
    chat.press("Ben", "Yes")
    assert "Children's Services | 6 | 0 held | – held | 0 held" in overview(chat)  # this window is still open
    chat.wait_until(AFTER)
    shown = overview(chat)
    assert "Children's Services | 6 | 0 held | – held, some not yet | 0 held" in shown
    assert "Inclusion: fewer than five people" in shown
    for name in ("Chloe", "Dan", "Eve", "Farid", "Grace"):
        assert name not in shown


def test_who_joined_too_late_or_paused_or_said_no_hello_is_not_counted(chat: Chat) -> None:
    team = chat.person("Amina").team_id
    chat.database.run(lambda session: session.execute(update(Person).values(team_id=team)))
    chat.database.run(lambda session: session.add(Person(name="New", email="new@example.org", key=None, team_id=team)))
    hello(chat, "Amina", "Ben", "Chloe", "Farid", "Grace", "Cora")
    chat.wait_until(datetime(2026, 3, 30, 9, 0, tzinfo=UTC))
    hello(chat, "Dan", "Eve")
    chat.say("Chloe", "pause")
    chat.wait_until(AFTER)
    # five of ten: not Chloe, Dan and Eve, nor Ola and the new one, who have not said hello
    assert "0 held, 5 not yet" in overview(chat)
    chat.say("Chloe", "resume")
    assert "0 held, some not yet" in overview(chat)  # six, which would say that four are not among them


def test_the_first_window_closed_before_they_came_and_counts_for_nobody(chat: Chat) -> None:
    hello(chat, "Amina", "Ben", "Cora")
    assert "not yet" not in overview(chat)


# ---------------------------------------------------------------------------------------------------------------- races


def test_owing_it_again_and_again_owes_it_once(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    for _ in range(5):
        chat.wait_until(chat.now + timedelta(hours=1))
    chat.wait_until(TO_PARTNER + timedelta(days=3))
    owed = chat.rows(select(Owed).where(Owed.notice.in_(("interviews.closing", "interviews.late"))))
    assert {one.to_id for one in owed} == {chat.person("Amina").id, chat.person("Ben").id}
    assert len(owed) == 4
    assert {one.state for one in owed} == {"sent"}


def test_more_than_three_interviews_are_fine(chat: Chat) -> None:
    hello(chat, "Amina", "Ben")
    amina, ben = chat.person("Amina").id, chat.person("Ben").id

    def four(session: Session) -> None:
        for number in range(4):
            session.add(
                Interview(
                    learner_id=amina, partner_id=ben, year=date(2025, 9, 1), window=min(number + 1, 3), state="met",
                    starts_at=chat.now - timedelta(days=40 - number), ends_at=chat.now - timedelta(days=40 - number),
                    proposed_by_id=amina, uid=f"uid-{number}", made_at=chat.now,
                )
            )  # fmt: skip

    chat.database.run(four)
    chat.wait_until(datetime(2026, 4, 20, 12, 0, tzinfo=UTC))
    assert told(chat, "Amina") == (0, 0, 0)
    assert "4/3" in chat.open_home("Amina")
    assert [one.state for one in chat.rows(select(Partnership))] == ["accepted"]
