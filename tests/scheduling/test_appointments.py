"""The keeper of calendars: interviews stand in calendars, calendars are followed, and neither holds up the other."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import delete, func, select, update

from handlers.registry import InCalendars
from handlers.turn import Turn
from scheduling.appointments import Appointments, mistakes_of
from scheduling.cadence import owe_what_recurs
from scheduling.calendars.contract import Appointment, CalendarDown, CalendarRefused, Changed
from scheduling.slots import Interval
from storage import appointments, calendar_looks, erasure
from storage.models import (
    Attendance,
    BusyTime,
    CalendarEvent,
    CalendarLook,
    Interview,
    LearningSet,
    Owed,
    Person,
    SetMeeting,
)
from storage.retention import clean_up
from tests.clients.calendar import Fault, MemoryCalendar
from tests.conftest import KEYRING, NOW, Chat

THURSDAY = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
LENGTH = timedelta(minutes=45)
AMINA, BEN = "amina@example.org", "ben@example.org"


def at(day: int, hour: int, minute: int = 0) -> Interval:
    starts_at = datetime(2026, 3, day, hour, minute, tzinfo=UTC)
    return starts_at, starts_at + LENGTH


@dataclass
class Desk:
    """The program with people at its screens, and calendars that the keeper reaches.

    Handlers are told of no calendar here: how times are offered by what was seen is tested with the interviews.
    """

    chat: Chat
    outlook: MemoryCalendar = field(default_factory=MemoryCalendar)
    google: MemoryCalendar = field(default_factory=lambda: MemoryCalendar("google"))

    def __post_init__(self) -> None:
        self.keeper = self.another("test")

    def another(self, process: str) -> Appointments:
        """One more process that keeps the same calendars."""
        chat = self.chat
        return Appointments(
            chat.database, chat.registry, chat.policy, KEYRING, {"outlook": self.outlook, "google": self.google},
            ("outlook", "google"), lambda: chat.now, process, "https://learn.example",
        )  # fmt: skip

    def keep(self, *keepers: Appointments) -> None:
        """Let the keeper do what is due, twice as something may follow from it, and let people be told."""

        async def through() -> None:
            for _ in range(2):
                await asyncio.gather(*(keeper.tick() for keeper in keepers or (self.keeper,)))

        self.chat.run(through())

    def later(self, **duration: float) -> None:
        """Time passes; then the keeper does what is due."""
        self.chat.wait(**duration)
        self.keep()

    def booked(self, when: str = "Thursday at 10", *, kept: bool = True) -> None:
        """Amina and Ben have an interview booked, and it is in the calendar."""
        self.chat.say("Amina", "hello")
        self.chat.say("Ben", "hello")
        self.chat.say("Amina", f"book {when}")
        self.chat.press("Ben", "Confirm")
        if kept:
            self.keep()

    def moved(self, when: str) -> None:
        self.chat.say("Amina", f"move my interview to {when}")
        self.chat.press("Ben", "Confirm")

    def cancelled(self) -> None:
        self.chat.say("Amina", "cancel my interview")
        self.chat.submit("Amina", reason="")

    def change(self, who: str, **values: Any) -> None:
        person = self.chat.person(who).id
        self.chat.database.run(lambda s: s.execute(update(Person).where(Person.id == person).values(**values)))

    def interview(self) -> Interview:
        return self.chat.rows(select(Interview).order_by(Interview.id.desc()))[0]

    def row(self) -> CalendarEvent:
        return self.chat.rows(select(CalendarEvent).order_by(CalendarEvent.id.desc()))[0]

    def told(self, *notices: str) -> list[Owed]:
        """What was or will be said of the kinds that `notices` name, by the keys they were first owed under."""
        owed = self.chat.rows(select(Owed).where(Owed.state != "closed"))
        return [row for row in owed if row.key.split("/")[0] in notices]

    def want(self, *names: str) -> None:
        ids = [self.chat.person(name).id for name in names]
        self.chat.database.run(lambda session: calendar_looks.want(session, ids, self.chat.now))

    def fresh(self, *names: str) -> bool:
        ids = [self.chat.person(name).id for name in names]
        calendars = self.keeper.calendars
        return self.chat.database.run(lambda s: calendar_looks.fresh(s, ids, self.chat.now, calendars))

    def unseen(self, *names: str) -> list[str]:
        ids = {self.chat.person(name).id: name for name in names}
        calendars = self.keeper.calendars
        found = self.chat.database.run(lambda s: calendar_looks.unseen(s, ids, self.chat.now, calendars))
        return [ids[one] for one in found]

    def busy(self, who: str) -> list[Interval]:
        person, now = self.chat.person(who).id, self.chat.now
        until = now + timedelta(days=60)
        return self.chat.database.run(lambda s: calendar_looks.busy_times(s, person, now, until))

    def calls(self, call: str) -> list[str]:
        return [mailbox for name, mailbox in (*self.outlook.calls, *self.google.calls) if name == call]


@pytest.fixture
def desk(chat: Chat) -> Desk:
    return Desk(chat)


# ---------------------------------------------------------------------------------------- interviews stand in calendars


def test_a_booked_interview_stands_in_the_learners_calendar_and_both_are_invited(desk: Desk) -> None:
    desk.booked()
    [event] = desk.outlook.events.values()
    assert event.mailbox == AMINA
    assert event.times == at(5, 10)
    assert event.appointment.attendees == (("Amina Khan", AMINA), ("Ben Carter", BEN))
    assert event.appointment.zone == "Europe/London"
    assert sorted(desk.outlook.sent) == [(AMINA, "invitation"), (BEN, "invitation")]
    interview = desk.interview()
    found = desk.chat.database.run(lambda session: appointments.join_url(session, interview))
    assert found == "https://meet.example/outlook-1"
    desk.later(minutes=4)
    assert len(desk.calls("put")) == 1  # what stands is not written again


def test_a_suggestion_that_nobody_answered_is_in_no_calendar(desk: Desk) -> None:
    desk.chat.say("Ben", "hello")
    desk.chat.say("Amina", "book Thursday at 10")
    desk.keep()
    assert desk.outlook.calls == []


def test_the_event_follows_a_move_and_goes_with_a_cancel(desk: Desk) -> None:
    desk.booked()
    desk.chat.say("Amina", "move my interview to Friday 14:00")
    desk.keep()
    assert [event.times for event in desk.outlook.events.values()] == [at(5, 10)]  # until Ben says yes
    desk.chat.press("Ben", "Confirm")
    desk.keep()
    assert [event.times for event in desk.outlook.events.values()] == [at(6, 14)]
    desk.cancelled()
    desk.keep()
    assert desk.outlook.events == {}
    assert desk.outlook.sent.count((BEN, "cancellation")) == 1
    assert desk.row().state == "removed"
    desk.later(hours=1)
    assert desk.interview().state == "cancelled"
    assert "deleted" not in desk.chat.screen_of("Ben")  # our own doing is not taken for somebody else's


def test_each_partner_may_have_another_calendar_and_the_learners_hosts(desk: Desk) -> None:
    desk.change("Amina", calendar="google")
    desk.booked()
    assert desk.outlook.events == {}
    assert [event.mailbox for event in desk.google.events.values()] == [AMINA]


def test_the_partner_hosts_for_a_learner_without_a_calendar(desk: Desk) -> None:
    desk.change("Amina", calendar="none")
    desk.booked()
    assert [event.mailbox for event in desk.outlook.events.values()] == [BEN]


def test_without_any_calendar_everything_goes_on_and_one_that_comes_later_is_used(desk: Desk) -> None:
    desk.change("Amina", calendar="none")
    desk.change("Ben", calendar="none")
    desk.booked()
    assert desk.row().state == "given_up"
    assert "Booked" in desk.chat.last("Amina")
    desk.change("Ben", calendar="google")
    desk.chat.run(desk.keeper.start())
    desk.keep()
    assert [event.mailbox for event in desk.google.events.values()] == [BEN]


def test_what_was_booked_before_calendars_were_kept_is_taken_up_at_the_start(desk: Desk) -> None:
    desk.booked(kept=False)
    desk.chat.database.run(lambda session: session.execute(delete(CalendarEvent)))
    desk.keep()
    assert desk.outlook.events == {}
    desk.chat.run(desk.keeper.start())
    desk.keep()
    assert [event.times for event in desk.outlook.events.values()] == [at(5, 10)]


# --------------------------------------------------------------------------------------------- calendars behaving badly


def test_a_calendar_that_is_down_holds_up_nothing_and_the_event_follows(desk: Desk) -> None:
    desk.outlook.down = True
    desk.booked()
    assert "Booked" in desk.chat.last("Amina")
    assert "said yes" in desk.chat.last("Amina")
    attempts = len(desk.calls("put"))
    desk.keep()
    assert len(desk.calls("put")) == attempts  # it is given time
    desk.later(hours=1)
    desk.later(hours=1)
    assert attempts < len(desk.calls("put")) < 12
    desk.moved("Friday 14:00")
    desk.outlook.down = False
    desk.later(minutes=40)
    assert [event.times for event in desk.outlook.events.values()] == [at(6, 14)]


@pytest.mark.parametrize("error", [TimeoutError(), CalendarDown("reset"), ValueError("a fault of the client")])
def test_an_event_that_was_made_without_an_answer_is_not_made_twice(desk: Desk, error: Exception) -> None:
    desk.outlook.faults.append(Fault("put", error, accepted=True))
    desk.booked()
    desk.later(minutes=2)
    assert len(desk.calls("put")) == 2
    assert len(desk.outlook.events) == 1
    assert desk.outlook.sent == [(AMINA, "invitation"), (BEN, "invitation")]
    assert desk.row().state == "standing"


def test_a_process_that_dies_after_the_event_was_made_makes_no_second_one(desk: Desk) -> None:
    desk.booked(kept=False)
    desk.outlook.faults.append(Fault("put", asyncio.CancelledError(), accepted=True))
    with pytest.raises(asyncio.CancelledError):
        desk.keep()
    assert desk.row().state == "owed"
    another = desk.another("after the restart")
    desk.keep(another)
    assert len(desk.calls("put")) == 1  # the lease of the dead one still runs
    desk.chat.wait(minutes=3)
    desk.keep(another)
    assert len(desk.outlook.events) == 1
    assert desk.row().state == "standing"
    assert desk.outlook.sent.count((BEN, "invitation")) == 1


def test_several_processes_make_one_event(desk: Desk) -> None:
    desk.booked(kept=False)
    desk.keep(*(desk.another(f"process {number}") for number in range(4)))
    assert len(desk.calls("put")) == 1
    assert len(desk.outlook.events) == 1


def test_an_interview_cancelled_while_its_event_had_no_answer_leaves_none_behind(desk: Desk) -> None:
    desk.outlook.faults.append(Fault("put", TimeoutError(), accepted=True))
    desk.booked()
    assert len(desk.outlook.events) == 1
    desk.cancelled()
    desk.later(minutes=2)
    assert desk.outlook.events == {}
    assert desk.row().state == "removed"


def test_an_interview_cancelled_before_anything_was_tried_is_never_put_anywhere(desk: Desk) -> None:
    desk.booked(kept=False)
    desk.cancelled()
    desk.keep()
    assert desk.outlook.calls == []
    assert desk.row().state == "removed"


def test_a_move_while_the_first_event_is_being_made_is_written_after_it(desk: Desk) -> None:
    desk.booked(kept=False)
    put = desk.outlook.put

    async def slow(*arguments: Any) -> Any:
        desk.outlook.put = put  # type: ignore[method-assign]
        await asyncio.to_thread(desk.chat.database.run, moved_meanwhile)
        return await put(*arguments)

    def moved_meanwhile(session: Any) -> None:
        interview = session.scalars(select(Interview)).one()
        interview.starts_at, interview.ends_at = at(6, 14)
        interview.sequence += 1
        appointments.keep(session, interview, desk.chat.now)

    desk.outlook.put = slow  # type: ignore[method-assign]
    desk.keep()
    assert [event.times for event in desk.outlook.events.values()] == [at(6, 14)]
    assert desk.row().state == "standing"


@pytest.mark.parametrize("reason", ["not_permitted", "no_such_mailbox", "refused"])
def test_a_calendar_that_refuses_lets_the_other_host(desk: Desk, reason: str) -> None:
    desk.outlook.refusing[AMINA] = reason
    desk.booked()
    assert [event.mailbox for event in desk.outlook.events.values()] == [BEN]


def test_when_both_refuse_the_interview_stands_with_its_calendar_file(desk: Desk) -> None:
    desk.outlook.refusing |= {AMINA: "not_permitted", BEN: "not_permitted"}
    desk.booked()
    desk.keep()
    assert desk.outlook.events == {}
    row = desk.row()
    assert (row.state, row.reason) == ("given_up", "not_permitted")
    assert desk.interview().state == "booked"
    desk.later(hours=2)
    assert len(desk.calls("put")) == 2  # nobody is asked for ever
    desk.outlook.refusing.clear()
    desk.chat.wait(days=1)
    desk.moved("Friday 14:00")
    desk.keep()
    assert [event.times for event in desk.outlook.events.values()] == [at(6, 14)]


def test_a_secret_that_was_revoked_is_waited_for_and_nothing_is_lost(desk: Desk) -> None:
    desk.outlook.refusing[AMINA] = "token_refused"
    with structlog.testing.capture_logs() as logged:
        desk.booked()
    assert any(line["log_level"] == "error" for line in logged)
    desk.keep()
    assert len(desk.calls("put")) == 1  # one that is refused is not asked again and again
    desk.outlook.refusing.clear()
    desk.later(minutes=10)
    assert len(desk.outlook.events) == 1


def test_a_calendar_that_asks_to_be_left_alone_is(desk: Desk) -> None:
    desk.outlook.faults.append(Fault("put", CalendarDown("too many requests", retry_after=300)))
    desk.booked()
    desk.want("Ben")
    desk.later(minutes=4)
    assert desk.outlook.calls == [("put", AMINA)]
    assert desk.unseen("Ben") == ["Ben"]
    desk.later(minutes=3)
    assert len(desk.outlook.events) == 1


def test_what_is_over_is_written_nowhere(desk: Desk) -> None:
    desk.outlook.down = True
    desk.booked()
    desk.chat.wait_until(THURSDAY + timedelta(hours=3))
    desk.outlook.down = False
    desk.keep()
    assert desk.outlook.events == {}
    assert (desk.row().state, desk.row().reason) == ("given_up", "over")


# ------------------------------------------------------------------------------------- what people do in their calendar


def test_an_event_deleted_in_the_calendar_cancels_the_interview_and_both_are_told(desk: Desk) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.outlook.delete("outlook-1")
    desk.later(minutes=6)
    assert desk.interview().state == "cancelled"
    assert "It was deleted in your calendar" in desk.chat.last("Amina")
    assert "It was deleted in Amina’s calendar" in desk.chat.last("Ben")
    assert "[Choose a new time]" in desk.chat.last("Ben")
    assert desk.row().state == "removed"
    assert desk.calls("remove") == []
    assert len(desk.told("interviews.deleted_outside")) == 2
    assert desk.told("interviews.day_before", "interviews.soon", "interviews.after") == []  # no reminder survives
    desk.booked("Thursday at 10")  # the time is free again
    assert [event.times for event in desk.outlook.events.values()] == [at(5, 10)]


def test_an_event_moved_in_the_calendar_moves_the_interview_and_both_are_told(desk: Desk) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.outlook.move("outlook-1", *at(6, 14))
    desk.later(minutes=6)
    interview = desk.interview()
    assert (interview.starts_at, interview.ends_at, interview.state) == (*at(6, 14), "booked")
    assert "It was moved in your calendar" in desk.chat.last("Amina")
    assert "It was moved in Amina’s calendar" in desk.chat.last("Ben")
    assert "Fri 6 Mar, 14:00–14:45" in desk.chat.last("Ben")
    assert desk.calls("change") == []  # it stands there as it should: nobody is sent another update
    due = desk.chat.rows(select(Owed.due_at).where(Owed.notice == "interviews.soon", Owed.state == "due"))
    assert due == [at(6, 14)[0] - timedelta(minutes=15)] * 2
    assert desk.chat.say("Ben", "interviews")
    assert "Fri 6 Mar" in desk.chat.last("Ben")


def taken_at(desk: Desk, times: Interval) -> None:
    """Ben has another learner's interview then."""
    desk.chat.say("Dan", "partner Ben Carter")
    desk.chat.press("Ben", "Accept")
    desk.chat.say("Dan", f"book {times[0]:%A} at {times[0]:%H:%M}")
    desk.chat.press("Ben", "Confirm")
    desk.keep()


def test_an_event_moved_to_where_it_cannot_be_leaves_the_interview_and_both_may_choose(desk: Desk) -> None:
    desk.booked()
    mine = desk.interview().id
    taken_at(desk, at(6, 14))
    desk.later(minutes=6)
    desk.outlook.move("outlook-1", *at(6, 14))
    desk.later(minutes=6)
    [interview] = desk.chat.rows(select(Interview).where(Interview.id == mine))
    assert (interview.starts_at, interview.ends_at) == at(5, 10)
    assert "Your calendar now shows Fri 6 Mar, 14:00–14:45 for it" in desk.chat.last("Amina")
    assert "Amina’s calendar now shows" in desk.chat.last("Ben")
    desk.later(minutes=20)
    assert len(desk.told("interviews.differs_outside")) == 2  # it is said once
    desk.chat.press("Amina", "Move it to Fri 6 Mar, 14:00")
    assert "isn’t free then" in desk.chat.last("Amina") or "has just gone" in desk.chat.last("Amina")
    desk.chat.press("Ben", "Keep Thu 5 Mar, 10:00")
    assert "I’m putting the calendar right" in desk.chat.screen_of("Ben")
    desk.keep()
    assert desk.outlook.events["outlook-1"].times == at(5, 10)


def test_an_event_moved_back_again_is_as_it_was(desk: Desk) -> None:
    desk.booked()
    taken_at(desk, at(6, 14))
    desk.later(minutes=6)
    desk.outlook.move("outlook-1", *at(6, 14))
    desk.later(minutes=6)
    desk.outlook.move("outlook-1", *at(5, 10))
    said = len(desk.chat.seen("Amina"))
    desk.later(minutes=6)
    assert len(desk.chat.seen("Amina")) == said
    desk.chat.press("Amina", "Keep Thu 5 Mar, 10:00")  # of the message from before
    desk.keep()
    assert desk.calls("change") == []


@pytest.mark.parametrize("times", [at(1, 10), (at(6, 8)[0], at(6, 18)[1])])
def test_an_event_moved_into_the_past_or_made_a_whole_day_long_is_not_followed(desk: Desk, times: Interval) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.outlook.move("outlook-1", *times)
    desk.later(minutes=6)
    assert desk.interview().starts_at == THURSDAY
    assert "I couldn’t move it there" in desk.chat.last("Ben")


def test_a_move_that_waited_for_a_yes_is_over_when_the_calendar_decides(desk: Desk) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.chat.say("Ben", "move my interview to Friday 9:30")
    desk.outlook.move("outlook-1", *at(6, 14))
    desk.later(minutes=6)
    interview = desk.interview()
    assert (interview.starts_at, interview.to_starts_at) == (at(6, 14)[0], None)
    assert "It was moved in your calendar" in desk.chat.last("Amina")


def test_our_own_writing_is_not_taken_for_somebody_elses(desk: Desk) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.moved("Friday 14:00")
    desk.keep()
    desk.later(minutes=6)
    assert desk.interview().starts_at == at(6, 14)[0]
    assert len(desk.calls("changes")) == 3
    assert "in your calendar" not in desk.chat.screen_of("Amina")


def test_what_was_moved_here_meanwhile_counts(desk: Desk) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.outlook.move("outlook-1", *at(6, 14))
    desk.chat.wait(minutes=6)
    desk.moved("Friday 9:30")
    desk.chat.run(desk.keeper.follow())  # tells of the move in the calendar before ours is written
    desk.keep()
    assert desk.interview().starts_at == at(6, 9, 30)[0]
    assert desk.outlook.events["outlook-1"].times == at(6, 9, 30)


def test_an_event_that_is_gone_when_a_move_is_written_is_followed(desk: Desk) -> None:
    desk.booked()
    desk.outlook.delete("outlook-1")
    desk.moved("Friday 14:00")
    desk.keep()
    assert desk.interview().state == "cancelled"
    assert "It was deleted in Amina’s calendar" in desk.chat.last("Ben")


def test_a_deletion_is_noticed_although_the_calendar_forgot_our_mark(desk: Desk) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.outlook.forgets_marks = True
    desk.later(minutes=6)
    assert desk.interview().state == "booked"
    assert desk.calls("change") == []
    desk.outlook.delete("outlook-1")
    desk.later(minutes=6)
    assert desk.interview().state == "cancelled"


def test_changes_are_asked_for_every_five_minutes_and_told_once_across_a_restart(desk: Desk) -> None:
    desk.booked()
    for _ in range(10):
        desk.later(minutes=1)
    assert len(desk.calls("changes")) == 3
    desk.outlook.faults.append(Fault("changes", TimeoutError()))
    desk.later(minutes=5)
    desk.outlook.move("outlook-1", *at(6, 14))
    desk.chat.wait(minutes=5)
    desk.keep(*(desk.another(f"process {number}") for number in range(3)))
    assert len(desk.calls("changes")) == 5
    assert desk.interview().starts_at == at(6, 14)[0]
    assert len(desk.told("interviews.moved_outside")) == 2
    desk.later(minutes=5)
    assert len(desk.told("interviews.moved_outside")) == 2


def test_a_change_that_could_not_be_followed_is_told_again(desk: Desk) -> None:
    desk.booked()
    desk.later(minutes=6)
    desk.outlook.move("outlook-1", *at(6, 14))
    followed = desk.keeper._followed
    desk.keeper._followed = lambda *arguments: 1 / 0  # type: ignore[assignment]
    desk.chat.wait(minutes=6)
    with pytest.raises(ZeroDivisionError):
        desk.keep()
    desk.keeper._followed = followed  # type: ignore[method-assign]
    desk.later(minutes=6)
    assert desk.interview().starts_at == at(6, 14)[0]


# ------------------------------------------------------------------------------------------------- when people are busy


def test_only_when_somebody_is_busy_is_kept_and_our_own_events_are_not_among_it(desk: Desk) -> None:
    desk.booked()
    desk.outlook.busy_at = {AMINA: [at(5, 9, 30), at(9, 13)], BEN: [at(9, 15)]}
    assert not desk.fresh("Amina", "Ben")
    desk.want("Amina", "Ben")
    desk.keep()
    assert desk.fresh("Amina", "Ben")
    assert desk.unseen("Amina", "Ben") == []
    assert desk.busy("Amina") == [(at(5, 9, 30)[0], THURSDAY), at(9, 13)]
    assert desk.busy("Ben") == [at(9, 15)]
    assert desk.calls("busy") == [f"{AMINA},{BEN}"]  # in one call
    desk.outlook.busy_at = {}
    desk.later(minutes=11)
    assert not desk.fresh("Amina", "Ben")
    desk.want("Amina")
    desk.keep()
    assert desk.busy("Amina") == []
    assert desk.busy("Ben") == [at(9, 15)]


@pytest.mark.parametrize(
    ("busy", "left"),
    [
        ([at(5, 10)], []),
        ([at(5, 8), at(5, 12)], [at(5, 8), at(5, 12)]),
        ([(at(5, 9)[0], at(5, 11)[1])], [(at(5, 9)[0], at(5, 10)[0]), (at(5, 10)[1], at(5, 11)[1])]),
        ([at(5, 9, 30), at(5, 10, 30)], [(at(5, 9, 30)[0], at(5, 10)[0]), (at(5, 10)[1], at(5, 10, 30)[1])]),
        ([at(5, 12), at(5, 8), at(5, 12), (THURSDAY, THURSDAY)], [at(5, 8), at(5, 12)]),
    ],
    ids=["ours alone", "others", "round ours", "on both sides", "twice, in any order, and for no time at all"],
)
def test_what_is_ours_is_taken_out_of_what_a_calendar_says(busy: list[Interval], left: list[Interval]) -> None:
    assert calendar_looks.without(busy, [at(5, 10)]) == left


def test_whoever_has_no_calendar_is_not_waited_for(desk: Desk) -> None:
    desk.change("Dan", calendar="none")
    assert desk.fresh("Dan")
    assert desk.unseen("Dan") == []
    desk.want("Dan")
    desk.keep()
    assert desk.outlook.calls == []


def test_one_that_cannot_be_seen_hides_no_other(desk: Desk) -> None:
    desk.change("Ben", calendar="google")
    desk.google.down = True
    desk.outlook.refusing["dan@example.org"] = "no_such_mailbox"
    desk.outlook.busy_at = {AMINA: [at(9, 13)]}
    desk.want("Amina", "Ben", "Dan")
    desk.keep()
    assert desk.busy("Amina") == [at(9, 13)]
    assert desk.fresh("Amina", "Ben", "Dan")  # nobody waits for what does not answer
    assert sorted(desk.unseen("Amina", "Ben", "Dan")) == ["Ben", "Dan"]
    desk.chat.wait(minutes=2)
    assert not desk.fresh("Ben")
    assert desk.fresh("Dan")
    desk.google.down = False
    desk.want("Ben")
    desk.keep()
    assert desk.unseen("Ben") == []


def test_a_look_that_came_to_no_end_is_made_again(desk: Desk) -> None:
    desk.outlook.busy_at = {AMINA: [at(9, 13)]}
    desk.outlook.faults.append(Fault("busy", asyncio.CancelledError()))
    desk.want("Amina")
    with pytest.raises(asyncio.CancelledError):
        desk.keep()
    desk.keep()
    assert len(desk.calls("busy")) == 1
    desk.later(minutes=1)
    assert desk.busy("Amina") == [at(9, 13)]


def test_many_looks_are_made_together_and_who_asked_last_comes_first(desk: Desk) -> None:
    def crowd(session: Any) -> list[int]:
        people = [
            Person(name=f"P {number}", email=f"p{number}@example.org", key=KEYRING.new_person_key())
            for number in range(50)
        ]
        session.add_all(people)
        session.flush()
        ids = [person.id for person in people]
        calendar_looks.want(session, ids, NOW - timedelta(minutes=1))
        return ids

    ids = desk.chat.database.run(crowd)
    desk.want("Amina")
    desk.chat.run(desk.keeper.look())
    first, *others = desk.calls("busy")
    assert first.startswith(AMINA)
    assert [len(one.split(",")) for one in (first, *others)] == [20, 20]
    desk.keep()
    assert sum(len(one.split(",")) for one in desk.calls("busy")) == 51
    assert desk.chat.database.run(lambda s: calendar_looks.fresh(s, ids, desk.chat.now, ("outlook",)))


def test_nothing_comes_back_of_somebody_who_was_erased_while_their_calendar_was_looked_at(desk: Desk) -> None:
    busy = desk.outlook.busy

    def erase(session: Any) -> None:
        erasure.erase(session, session.scalars(select(Person).where(Person.email == AMINA)).one(), NOW)

    async def slow(*arguments: Any) -> Any:
        await asyncio.to_thread(desk.chat.database.run, erase)
        return await busy(*arguments)

    desk.outlook.busy = slow  # type: ignore[method-assign]
    desk.outlook.busy_at = {AMINA: [at(9, 13)]}
    desk.want("Amina")
    desk.keep()
    assert desk.chat.rows(select(BusyTime)) == []
    assert desk.chat.rows(select(CalendarLook)) == []


def test_busy_times_are_forgotten_within_a_day_and_leavers_at_once(desk: Desk) -> None:
    desk.outlook.busy_at = {AMINA: [at(9, 13)], BEN: [at(9, 15)], "dan@example.org": [at(9, 13)]}
    desk.want("Amina", "Ben", "Dan")
    desk.keep()
    desk.change("Dan", left_at=NOW)
    later = NOW + timedelta(hours=1)
    desk.chat.database.run(lambda session: clean_up(session, desk.chat.policy, later))
    assert len(desk.chat.rows(select(BusyTime))) == 2
    assert len(desk.chat.rows(select(CalendarLook))) == 2
    desk.chat.wait(hours=20)
    desk.want("Ben")
    desk.keep()
    desk.chat.database.run(lambda session: calendar_looks.forget(session, NOW + timedelta(days=1)))
    assert desk.busy("Amina") == []
    assert desk.busy("Ben") == [at(9, 15)]


def test_an_interview_long_over_is_the_calendars_affair(desk: Desk) -> None:
    desk.booked()
    desk.chat.database.run(lambda session: appointments.forget(session, THURSDAY + timedelta(days=6)))
    assert len(desk.chat.rows(select(CalendarEvent))) == 1
    desk.chat.database.run(lambda session: appointments.forget(session, THURSDAY + timedelta(days=9)))
    assert desk.chat.rows(select(CalendarEvent)) == []


def test_the_calendars_of_whoever_has_an_interview_to_book_are_looked_at_ahead(desk: Desk) -> None:
    chat = desk.chat
    for name in ("Amina", "Ben", "Dan"):
        chat.say(name, "hello")

    def hourly(*, calendars: tuple[str, ...] = ("outlook", "google")) -> None:
        chat.database.run(lambda s: owe_what_recurs(s, chat.registry, chat.policy, KEYRING, chat.now, calendars))
        desk.keep()

    hourly(calendars=())
    assert desk.calls("busy") == []
    hourly()
    assert desk.calls("busy") == [f"{AMINA},{BEN}"]  # Dan has no partner to find a time with
    desk.booked()
    chat.wait(hours=1)
    hourly()
    assert len(desk.calls("busy")) == 1


# ------------------------------------------------------------------------------------------------------------- the rest


def test_what_is_wrong_is_said_and_a_calendar_that_does_not_answer_stops_nothing(desk: Desk) -> None:
    desk.outlook.wrong = ["LEARNBOT_OUTLOOK_OUTSIDE can be reached"]
    desk.google.down = True
    with structlog.testing.capture_logs() as logged:
        desk.chat.run(desk.keeper.start())
    said = {line["system"]: line["mistake"] for line in logged if "mistake" in line}
    assert said["outlook"] == "LEARNBOT_OUTLOOK_OUTSIDE can be reached"
    assert "does not answer" in said["google"]
    desk.google.faults.append(Fault("mistakes", CalendarRefused("token_refused")))
    assert "token_refused" in asyncio.run(mistakes_of(desk.google))[0]


def test_it_stops_without_beginning_anything_new(desk: Desk) -> None:
    desk.booked(kept=False)
    desk.chat.run(desk.keeper.stop(1))
    desk.keep()
    assert desk.outlook.calls == []
    assert desk.outlook.closed
    assert desk.google.closed


def test_nothing_personal_is_logged(desk: Desk) -> None:
    with structlog.testing.capture_logs() as logged:
        desk.outlook.refusing |= {AMINA: "not_permitted", "dan@example.org": "not_permitted"}
        desk.want("Dan")
        desk.booked()
        desk.outlook.faults.append(Fault("change", ValueError(AMINA)))
        desk.moved("Friday 14:00")
        desk.keep()
        desk.outlook.faults.append(Fault("changes", CalendarRefused("refused")))
        desk.later(minutes=6)
    events = {line["event"] for line in logged}
    assert events >= {"calendar not seen", "calendar refused", "calendar", "changes not seen"}
    assert not [line for line in logged if "example.org" in str(line) or "Amina" in str(line)]


def test_asking_to_keep_any_number_of_times_keeps_it_once(desk: Desk) -> None:
    desk.booked()

    def again(session: Any) -> None:
        for _ in range(3):
            appointments.keep(session, session.scalars(select(Interview)).one(), NOW)

    desk.chat.database.run(again)
    desk.keep()
    count = desk.chat.database.run(lambda s: s.scalar(select(func.count()).select_from(CalendarEvent)))
    assert count == 1
    assert len(desk.outlook.sent) == 2


def test_every_call_is_counted_by_what_became_of_it(desk: Desk) -> None:
    def counted(call: str, outcome: str) -> float:
        labels = {"system": "outlook", "call": call, "outcome": outcome}
        return REGISTRY.get_sample_value("learnbot_calendar_calls_total", labels) or 0

    before = counted("put", "done"), counted("put", "down"), counted("busy", "done")
    desk.outlook.faults.append(Fault("put", TimeoutError()))
    desk.booked()
    desk.want("Amina")
    desk.later(minutes=2)
    assert (counted("put", "done"), counted("put", "down"), counted("busy", "done")) == tuple(n + 1 for n in before)


# --------------------------------------------------------------------------------------------- a learning set's meeting


def test_a_sets_meeting_stands_in_its_facilitators_calendar_with_everybody_who_comes(desk: Desk) -> None:
    described: list[int] = []

    def of_the_set(turn: Turn, about: int) -> Appointment:
        described.append(turn.person.id)
        event = turn.session.scalars(select(CalendarEvent)).one()
        attendees = tuple((person.name, person.email) for person in appointments.people_of(turn.session, event))
        return Appointment("", NOW, NOW, "Learning set", "", attendees)

    def followed(turn: Turn, about: int, changed: Changed) -> None:
        meeting = turn.session.get_one(SetMeeting, about)
        meeting.state = "cancelled" if changed.gone else meeting.state
        appointments.keep_meeting(turn.session, meeting, turn.now)

    desk.keeper.registry.follows["meeting"] = InCalendars(of_the_set, lambda turn, about: None, followed)
    people = [desk.chat.person(name) for name in ("Eve", "Amina", "Ben", "Dan")]

    def arrange(session: Any) -> None:
        eve, *members = people
        group = LearningSet(name="Set", facilitator_id=eve.id, made_at=NOW)
        session.add(group)
        session.flush()
        starts_at, ends_at = at(5, 10)
        meeting = SetMeeting(
            set_id=group.id, state="booked", starts_at=starts_at, ends_at=ends_at, uid="set", made_at=NOW
        )
        session.add(meeting)
        session.flush()
        for member, coming in zip(members, (True, None, False), strict=True):
            session.add(
                Attendance(meeting_id=meeting.id, person_id=member.id, year=NOW.date(), window=2, coming=coming)
            )
        appointments.keep_meeting(session, meeting, NOW)

    desk.chat.database.run(arrange)
    desk.keep()
    [event] = desk.outlook.events.values()
    assert (event.mailbox, event.times) == ("eve@example.org", at(5, 10))
    assert [address for _, address in event.appointment.attendees] == ["eve@example.org", AMINA, BEN]
    assert described == [people[0].id]
    desk.want("Ben")
    desk.keep()
    assert desk.busy("Ben") == []  # promised to the meeting, and not busy elsewhere
    desk.later(minutes=6)
    desk.outlook.delete("outlook-1")
    desk.later(minutes=6)
    assert desk.chat.rows(select(SetMeeting.state)) == ["cancelled"]
    assert desk.row().state == "removed"
