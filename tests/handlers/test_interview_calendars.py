"""Times are offered by what both calendars show: looked at first, waited for a moment, done without when down."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from scheduling.appointments import Appointments
from scheduling.calendars.contract import CalendarDown, CalendarRefused
from storage.models import Away, CalendarLook, Draft, Interview
from tests.clients.calendar import Fault, MemoryCalendar
from tests.conftest import KEYRING, NOW, Chat

AMINA, BEN = "amina@example.org", "ben@example.org"
WAITING = "looking at both calendars"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


class Desk:
    """Amina and Ben, each with a calendar that the keeper reaches."""

    def __init__(self, chat: Chat) -> None:
        self.chat, self.outlook = chat, MemoryCalendar()
        chat.dispatcher.calendars = chat.delivery.calendars = ("outlook",)
        self.keeper = Appointments(
            chat.database, chat.registry, chat.policy, KEYRING, {"outlook": self.outlook}, ("outlook",),
            lambda: chat.now, "test", "https://learn.example",
        )  # fmt: skip
        chat.say("Amina", "hello")
        chat.say("Ben", "hello")

    def look(self) -> None:
        """The keeper does what is due; a second or two later the answer is there."""
        self.chat.run(self.keeper.tick())
        self.chat.wait(seconds=2)

    def busy(self, who: str, starts_at: datetime, ends_at: datetime) -> None:
        self.outlook.busy_at.setdefault(who, []).append((starts_at, ends_at))

    def interviews(self) -> list[Interview]:
        return self.chat.rows(select(Interview).order_by(Interview.id))


@pytest.fixture
def desk(chat: Chat) -> Desk:
    return Desk(chat)


def test_both_calendars_are_looked_at_before_times_are_offered(desk: Desk) -> None:
    chat = desk.chat
    desk.busy(AMINA, at(3, 0), at(12, 0))
    desk.busy(BEN, at(12, 0), at(19, 0))
    chat.say("Amina", "book an interview")
    assert WAITING in chat.last("Amina")
    assert "[" not in chat.last("Amina")
    desk.look()
    last = chat.last("Amina")
    assert "These times suit you and Ben" in last
    assert "Mar" in last or "March" in last
    for day in range(3, 19):
        assert f" {day} Mar" not in last, last
    assert chat.rows(select(Draft)) == []


def test_what_was_seen_lately_is_offered_by_at_once(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "book an interview")
    desk.look()
    chat.press("Amina", "More times")
    assert "These times suit you and Ben" in chat.last("Amina")
    chat.wait(minutes=11)
    chat.press("Amina", "More times")
    assert WAITING in chat.screen_of("Amina")


def test_a_typed_time_is_held_against_both_calendars(desk: Desk) -> None:
    chat = desk.chat
    desk.busy(BEN, at(5, 9), at(5, 12))
    chat.say("Amina", "book Thursday at 10")
    assert WAITING in chat.last("Amina")
    desk.look()
    assert "Ben isn’t free then" in chat.last("Amina")
    assert "anyway" not in chat.last("Amina")  # another's calendar is not overruled
    assert desk.interviews() == []


def test_ones_own_calendar_can_be_overruled(desk: Desk) -> None:
    chat = desk.chat
    desk.busy(AMINA, at(5, 9), at(5, 12))
    chat.say("Amina", "book Thursday at 10")
    desk.look()
    assert "You have something else then" in chat.last("Amina")
    chat.press("Amina", "Suggest it anyway")
    [interview] = desk.interviews()
    assert (interview.state, interview.starts_at) == ("proposed", at(5, 10))
    assert "Thu 5 Mar" in chat.last("Ben") or "5 March" in chat.last("Ben")


def test_in_ones_own_leave_it_says_so_and_the_time_can_be_suggested_all_the_same(chat: Chat) -> None:
    chat.say("Ben", "hello")
    chat.say("Amina", "I’m away on Thursday")
    chat.say("Amina", "book Thursday at 10")
    assert "You said you are away then." in chat.last("Amina")
    chat.press("Amina", "Suggest it anyway")
    assert "I’ve asked Ben to confirm it" in chat.last("Amina")
    chat.press("Ben", "Suggest another time")
    chat.say("Ben", "Thursday at 14:00")
    assert "Amina isn’t free then" in chat.last("Ben")  # not why
    assert "anyway" not in chat.last("Ben")


def test_leave_does_not_hide_what_else_is_promised_then(chat: Chat) -> None:
    chat.say("Ben", "hello")
    chat.say("Amina", "book Thursday at 10")
    chat.press("Ben", "Confirm")
    chat.say("Amina", "I’m away on Thursday")
    chat.say("Amina", "book Thursday at 10:15")
    assert "[Suggest it anyway]" not in chat.last("Amina")
    assert chat.rows(select(func.count()).select_from(Interview)) == [1]


def test_a_time_on_an_old_button_is_looked_at_again_before_it_is_suggested(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "book an interview")
    desk.look()
    button = chat.seen("Amina")[-1].message
    first = next(
        one for part in button.parts for one in getattr(part, "buttons", ()) if one.action == "interviews.take"
    )
    stamped = datetime.strptime(first.value.split("/")[0], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    chat.wait(minutes=20)
    desk.busy(BEN, stamped, stamped + timedelta(hours=1))
    chat.press("Amina", first.label)
    assert WAITING in chat.screen_of("Amina")
    desk.look()
    assert desk.interviews() == []
    assert "has just gone" in chat.last("Amina")


@pytest.mark.parametrize("error", [CalendarDown("no answer"), CalendarRefused("not_permitted")])
def test_a_calendar_that_cannot_be_seen_holds_nothing_up_and_is_named(desk: Desk, error: Exception) -> None:
    chat = desk.chat
    desk.outlook.faults.append(Fault("busy", error))
    chat.say("Amina", "book an interview")
    desk.look()
    last = chat.last("Amina")
    assert "These times suit you and Ben" in last
    assert "I couldn’t see your own calendar and Ben’s calendar just now" in last


def test_a_keeper_that_never_answers_is_not_waited_for_longer_than_ten_seconds(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "book Thursday at 10")
    chat.wait(seconds=9)
    assert WAITING in chat.last("Amina")
    chat.wait(seconds=3)
    [interview] = desk.interviews()
    assert interview.starts_at == at(5, 10)
    assert "Thu 5 Mar" in chat.last("Amina") or "5 March" in chat.last("Amina")


def test_words_without_a_time_are_answered_without_a_look(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "book an interview")
    desk.look()
    chat.wait(hours=1)
    chat.say("Amina", "thank you for everything")
    assert WAITING not in chat.last("Amina")


def test_an_interview_that_was_cancelled_meanwhile_is_shown_as_it_is(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "book Thursday at 10")
    desk.look()
    chat.press("Ben", "Confirm")
    chat.wait(hours=1)
    chat.say("Amina", "move my interview to Friday 10am")
    assert WAITING in chat.last("Amina")
    chat.say("Ben", "cancel my interview")
    chat.submit("Ben", reason="")
    desk.look()
    assert "cancelled" in chat.last("Amina").lower()
    assert desk.interviews()[0].state == "cancelled"


def test_someone_without_a_calendar_waits_for_nobody(chat: Chat) -> None:
    chat.say("Amina", "hello")
    chat.say("Ben", "hello")
    chat.say("Amina", "book an interview")
    assert "These times suit you and Ben" in chat.last("Amina")
    assert chat.rows(select(CalendarLook)) == []


def test_nobody_is_offered_a_time_when_either_is_away(chat: Chat) -> None:
    ben, amina = chat.person("Ben").id, chat.person("Amina").id
    chat.say("Amina", "hello")
    chat.say("Ben", "hello")

    def both_away(session: Session) -> None:
        session.add(Away(person_id=ben, starts_at=at(3, 0), ends_at=at(14, 0), made_at=NOW))
        session.add(Away(person_id=amina, starts_at=at(14, 0), ends_at=at(21, 0), made_at=NOW))

    chat.database.run(both_away)
    chat.say("Amina", "book an interview")
    for day in range(3, 21):
        assert f" {day} Mar" not in chat.last("Amina"), chat.last("Amina")
    chat.say("Amina", "Thursday at 10")
    assert "Ben isn’t free then" in chat.last("Amina")  # not why


def test_the_card_has_the_address_to_meet_at_once_the_interview_stands_in_a_calendar(desk: Desk) -> None:
    chat = desk.chat
    chat.say("Amina", "book Thursday at 10")
    desk.look()
    chat.press("Ben", "Confirm")
    assert "Add to my calendar" in chat.screen_of("Amina")
    desk.look()
    for who in ("Amina", "Ben"):
        assert "Join the meeting: https://meet.example/outlook-1" in chat.screen_of(who), chat.screen_of(who)
        assert "Add to my calendar" not in chat.screen_of(who)  # it is in their calendars already


def test_a_nudge_waits_until_somebody_is_back(chat: Chat) -> None:
    chat.say("Amina", "hello")
    amina = chat.person("Amina").id
    away = {"person_id": amina, "starts_at": at(1, 0), "ends_at": at(14, 0), "made_at": NOW}
    chat.database.run(lambda session: session.add(Away(**away)))
    chat.wait_until(at(13, 23))
    assert "second learning interview" not in chat.screen_of("Amina")
    chat.wait_until(at(16, 9, 31))
    assert chat.screen_of("Amina").count("second learning interview") == 1
