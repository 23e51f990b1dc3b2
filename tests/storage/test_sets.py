"""What is promised to a set and to an interview never meets; what counts; what is left when somebody leaves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from storage import interviews, promises, sets
from storage.database import Database
from storage.models import Attendance, Held, Interview, LearningSet, Owed, Person, SetMeeting, SetMember
from storage.promises import To
from tests.conftest import at_once, enrol

TEN = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
LENGTH = timedelta(minutes=45)
YEAR = date(2025, 9, 1)


@pytest.fixture
def roster(database: Database) -> Database:
    """The people of the roster; their ids are 1 to 9."""
    enrol(database)
    return database


def set_of(session: Any, facilitator: int, *joined: int) -> LearningSet:
    learning_set = LearningSet(name="Ours", facilitator_id=facilitator, made_at=TEN)
    session.add(learning_set)
    session.flush()
    for person_id in joined:
        session.add(SetMember(set_id=learning_set.id, person_id=person_id, asked_at=TEN, state="accepted"))
    session.flush()
    return learning_set


def meeting_of(session: Any, learning_set: LearningSet, *people: int, starts_at: datetime = TEN, **seat: Any) -> Any:
    meeting = SetMeeting(set_id=learning_set.id, state="booked", starts_at=starts_at, ends_at=starts_at + LENGTH,
                         uid=f"{learning_set.id}-{starts_at}", made_at=TEN)  # fmt: skip
    session.add(meeting)
    session.flush()
    for person_id in people:
        values: dict[str, Any] = {"year": YEAR, "window": 2, **seat}
        session.add(Attendance(meeting_id=meeting.id, person_id=person_id, **values))
    session.flush()
    return meeting


def interview_of(session: Any, learner: int, partner: int, starts_at: datetime = TEN) -> Interview:
    interview = Interview(learner_id=learner, partner_id=partner, year=YEAR, window=1, state="booked",
                          starts_at=starts_at, ends_at=starts_at + LENGTH, proposed_by_id=learner,
                          uid=f"{learner}-{starts_at}", made_at=TEN)  # fmt: skip
    session.add(interview)
    session.flush()
    return interview


@pytest.mark.parametrize("minutes", [-30, 0, 30])
def test_an_hour_is_promised_to_an_interview_or_to_a_set(roster: Database, minutes: int) -> None:
    def work(session: Any) -> tuple[bool, bool, bool]:
        interview = interview_of(session, 2, 3)
        first = interviews.hold(session, interview, interview.starts_at, interview.ends_at)
        meeting = meeting_of(session, set_of(session, 4, 3), 3, starts_at=TEN + timedelta(minutes=minutes))
        to = To(meeting_id=meeting.id)
        with session.begin_nested() as attempt:
            second = promises.hold(session, to, (3, 4), meeting.starts_at, meeting.ends_at)
            attempt.rollback()
        interviews.release(session, interview)
        return first, second, promises.hold(session, to, (3, 4), meeting.starts_at, meeting.ends_at)

    assert roster.run(work) == (True, False, True)


def test_an_interview_does_not_see_past_what_is_promised_to_a_set(roster: Database) -> None:
    """A set's quarters have no interview: left out of "besides this interview" they would be offered a second time."""

    def work(session: Any) -> tuple[list[Any], list[Any], bool]:
        meeting = meeting_of(session, set_of(session, 4, 3), 3)
        interview = interview_of(session, 2, 3, TEN + timedelta(days=1))
        assert promises.hold(session, To(meeting_id=meeting.id), (3, 4), meeting.starts_at, meeting.ends_at)
        assert interviews.hold(session, interview, interview.starts_at, interview.ends_at)
        span = (TEN, TEN + timedelta(days=2))
        besides_interview = interviews.busy(session, 3, *span, besides=interview.id)
        besides_meeting = promises.busy(session, 3, *span, besides=To(meeting_id=meeting.id))
        return besides_interview, besides_meeting, interviews.hold(session, interview, TEN, TEN + LENGTH)

    besides_interview, besides_meeting, moved = roster.run(work)
    assert [quarter for quarter, _ in besides_interview] == [TEN + timedelta(minutes=15 * n) for n in range(3)]
    assert [quarter for quarter, _ in besides_meeting] == [TEN + timedelta(days=1, minutes=15 * n) for n in range(3)]
    assert not moved


def test_what_one_has_promised_is_released_without_the_others(roster: Database) -> None:
    def work(session: Any) -> list[list[int]]:
        meeting = meeting_of(session, set_of(session, 4, 2, 3), 2, 3)
        to, later = To(meeting_id=meeting.id), TEN + timedelta(minutes=30)
        assert promises.hold(session, to, (2, 3, 4), TEN, TEN + LENGTH)
        assert promises.hold(session, to, (2, 3, 4), later, later + LENGTH)  # it never stands in its own way
        promises.hold_only(session, to, (later, later + LENGTH))
        holders = select(Held.person_id).order_by(Held.person_id)
        after_the_move = list(session.scalars(holders))
        promises.release(session, to, 3)
        after_one_cannot = list(session.scalars(holders))
        promises.release(session, to)
        return [after_the_move, after_one_cannot, list(session.scalars(holders))]

    assert roster.run(work) == [[2, 2, 2, 3, 3, 3, 4, 4, 4], [2, 2, 2, 4, 4, 4], []]


def test_of_many_sets_with_one_member_in_common_one_gets_the_time(roster: Database) -> None:
    class Lost(Exception):
        pass

    def race(facilitator: int) -> bool:
        def work(session: Any) -> bool:
            meeting = meeting_of(session, set_of(session, facilitator, 3), 3)
            if not promises.hold(session, To(meeting_id=meeting.id), (3, facilitator), TEN, TEN + LENGTH):
                raise Lost
            return True

        try:
            return roster.run(work)
        except Lost:
            return False

    assert sum(at_once(*[lambda n=n: race(n) for n in (1, 2, 4, 5, 6, 7, 8, 9)])) == 1


@pytest.mark.parametrize(
    ("state", "coming", "there", "counts", "taken"),
    [
        ("booked", None, None, 0, set[int]()),
        ("booked", True, None, 0, {2}),
        ("booked", False, None, 0, set[int]()),
        ("cancelled", True, None, 0, set[int]()),
        ("held", True, True, 1, {2}),
        ("held", False, True, 1, {2}),
        ("held", True, False, 0, set[int]()),
        ("lapsed", True, None, 0, set[int]()),
    ],
)
def test_a_meeting_counts_for_whoever_was_there(
    roster: Database, state: str, coming: bool | None, there: bool | None, counts: int, taken: set[int]
) -> None:
    def work(session: Any) -> tuple[int, set[int], int, set[int]]:
        meeting = meeting_of(session, set_of(session, 4, 3), 3, coming=coming, was_there=there)
        meeting.state = state
        session.flush()
        seat = sets.seat(session, meeting.id, 3)
        assert seat is not None
        return (
            interviews.held_in(session, 3, YEAR),
            interviews.windows_taken(session, 3, YEAR),
            interviews.held_in(session, 3, date(2024, 9, 1)),
            interviews.windows_taken(session, 3, YEAR, besides_seat=seat.id),
        )

    assert roster.run(work) == (counts, taken, 0, set())


def test_an_interview_is_numbered_among_those_held_as_a_group(roster: Database) -> None:
    def work(session: Any) -> list[int]:
        two = [interview_of(session, 2, 3, TEN + timedelta(days=days)) for days in (1, 3)]
        for one in two:
            one.state = "met"
        ours = set_of(session, 4, 2)
        for days, there in ((0, True), (2, True), (2.5, False), (4, True)):
            meeting_of(session, ours, 2, starts_at=TEN + timedelta(days=days), was_there=there)
        assert interviews.held_in(session, 2, YEAR) == 5
        return [interviews.number_of(session, one) for one in two]

    assert roster.run(work) == [2, 4]


@pytest.mark.parametrize(
    ("seat", "calendars_are_looked_at"),
    [
        ({"coming": True}, False),
        ({"was_there": True}, False),
        ({"coming": None}, True),
        ({"coming": False}, True),
        ({"coming": True, "was_there": False}, True),
        ({"coming": True, "window": 1}, True),
    ],
)
def test_whoever_holds_it_as_a_group_has_no_interview_to_book(
    roster: Database, seat: dict[str, Any], calendars_are_looked_at: bool
) -> None:
    def work(session: Any) -> bool:
        session.get_one(Person, 2).joined_at = TEN
        meeting_of(session, set_of(session, 4, 2), 2, **seat)
        return (2, 3) in interviews.to_be_booked(session, YEAR, 2)

    assert roster.run(work) is calendars_are_looked_at


def test_the_latest_of_interview_and_meeting_is_when_the_last_was(roster: Database) -> None:
    def work(session: Any) -> list[datetime | None]:
        none = interviews.last_held(session, 3, TEN)
        interview_of(session, 3, 2, TEN - timedelta(days=9))
        alone = interviews.last_held(session, 3, TEN)
        meeting_of(session, set_of(session, 4, 3), 3, starts_at=TEN - timedelta(days=3), was_there=True)
        meeting_of(session, set_of(session, 4, 3), 3, starts_at=TEN - timedelta(days=1), was_there=False)
        return [none, alone, interviews.last_held(session, 3, TEN)]

    day = timedelta(days=1)
    assert roster.run(work) == [None, TEN - 9 * day + LENGTH, TEN - 3 * day + LENGTH]


def test_a_leaver_is_in_no_set_and_the_members_of_theirs_are_asked_who_facilitates(roster: Database) -> None:
    def work(session: Any) -> tuple[Any, ...]:
        theirs, others, alone = set_of(session, 2, 3, 4), set_of(session, 5, 2, 3), set_of(session, 2)
        meeting = meeting_of(session, theirs, 3, 4, starts_at=TEN)
        elsewhere = meeting_of(session, others, 2, 3, starts_at=TEN + timedelta(days=1))
        now = TEN - timedelta(days=1)
        for one, ids in ((meeting, (2, 3, 4)), (elsewhere, (2, 3, 5))):
            assert promises.hold(session, To(meeting_id=one.id), ids, one.starts_at, one.ends_at)
        person = session.get_one(Person, 2)
        person.left_at = now
        before = [one.id for one in interviews.left_with_something_arranged(session, now)]
        interviews.person_left(session, person, now)
        interviews.person_left(session, person, now)  # once more is no more
        asked = session.scalars(select(Owed.to_id).where(Owed.notice == "sets.vacant").order_by(Owed.to_id)).all()
        return (
            before, [one.id for one in interviews.left_with_something_arranged(session, now)],
            meeting.state, elsewhere.state, list(asked), theirs.ended_at, alone.ended_at == now,
            sets.has_joined(session, others.id, 2), sorted(session.scalars(select(Held.person_id)).all()),
        )  # fmt: skip

    assert roster.run(work) == (
        [2], [], "cancelled", "booked", [3, 4], None, True, False, [3, 3, 3, 5, 5, 5]
    )  # fmt: skip


def test_somebody_is_asked_once_however_often_they_are_named(roster: Database) -> None:
    def work(session: Any) -> list[str]:
        learning_set = set_of(session, 4)
        person = session.get_one(Person, 3)
        for minutes in range(3):
            sets.ask(session, learning_set, person, TEN + timedelta(minutes=minutes))
        return list(session.scalars(select(Owed.notice)))

    assert roster.run(work) == ["sets.asked"]
