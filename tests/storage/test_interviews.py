"""Promised times: nobody is in two places, a move holds both times until it is settled, and what lapses is free."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from storage import interviews
from storage.database import Database
from storage.models import Held, Interview
from tests.conftest import at_once, enrol

TEN = datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
LENGTH = timedelta(minutes=45)


@pytest.fixture
def roster(database: Database) -> Database:
    """The people of the roster; their ids are 1 to 9."""
    enrol(database)
    return database


def interview_of(session: Any, learner: int, partner: int, starts_at: datetime) -> Interview:
    interview = Interview(
        learner_id=learner, partner_id=partner, year=date(2025, 9, 1), window=2, state="proposed",
        starts_at=starts_at, ends_at=starts_at + LENGTH, proposed_by_id=learner, uid=f"{learner}-{starts_at}",
        made_at=TEN,
    )  # fmt: skip
    session.add(interview)
    session.flush()
    return interview


def promised(session: Any, learner: int, partner: int, starts_at: datetime) -> bool:
    interview = interview_of(session, learner, partner, starts_at)
    return interviews.hold(session, interview, interview.starts_at, interview.ends_at)


@pytest.mark.parametrize(
    ("minutes", "free"), [(0, False), (30, False), (44, False), (-44, False), (45, True), (60, True), (-45, True)]
)
def test_a_partner_promises_an_hour_once(roster: Database, minutes: int, free: bool) -> None:
    assert roster.run(lambda session: promised(session, 2, 3, TEN))
    assert roster.run(lambda session: promised(session, 4, 3, TEN + timedelta(minutes=minutes))) is free


def test_a_learner_cannot_be_with_two_partners_either(roster: Database) -> None:
    assert roster.run(lambda session: promised(session, 2, 3, TEN))
    assert not roster.run(lambda session: promised(session, 5, 2, TEN))


def test_of_many_overlapping_promises_at_once_one_is_made(roster: Database) -> None:
    class Lost(Exception):
        pass

    def race(learner: int) -> bool:
        def work(session: Any) -> bool:
            if not promised(session, learner, 3, TEN + timedelta(minutes=5 * learner)):
                raise Lost
            return True

        try:
            return roster.run(work)
        except Lost:
            return False

    assert sum(at_once(*[lambda n=n: race(n) for n in (1, 2, 4, 5, 6, 7, 8, 9)])) == 1


def test_a_move_holds_both_times_and_then_only_one(roster: Database) -> None:
    def work(session: Any) -> list[Any]:
        interview = interview_of(session, 2, 3, TEN)
        later = TEN + timedelta(minutes=30)
        assert interviews.hold(session, interview, interview.starts_at, interview.ends_at)
        assert interviews.hold(session, interview, later, later + LENGTH)  # it never stands in its own way
        interview.to_starts_at, interview.to_ends_at = later, later + LENGTH
        interviews.hold_only(session, interview)
        both = interviews.busy(session, 3, TEN, TEN + timedelta(hours=3))
        none = interviews.busy(session, 3, TEN, TEN + timedelta(hours=3), besides=interview.id)
        interview.to_starts_at = interview.to_ends_at = None
        interviews.hold_only(session, interview)
        one = interviews.busy(session, 3, TEN, TEN + timedelta(hours=3))
        interviews.release(session, interview)
        return [both, none, one, session.query(Held).count()]

    both, none, one, left = roster.run(work)
    assert (both[0][0], both[-1][1]) == (TEN, TEN + timedelta(minutes=75))
    assert none == []
    assert (one[0][0], one[-1][1]) == (TEN, TEN + timedelta(minutes=45))
    assert left == 0


def test_what_was_missed_or_cancelled_leaves_its_window_open(roster: Database) -> None:
    def work(session: Any) -> tuple[set[int], int]:
        for window, state in enumerate(("met", "missed", "cancelled"), 1):
            interview = interview_of(session, 2, 3, TEN + timedelta(days=window))
            interview.window, interview.state = window, state
        session.flush()
        year = date(2025, 9, 1)
        return interviews.windows_taken(session, 2, year), interviews.held_in(session, 2, year)

    assert roster.run(work) == ({1}, 1)


def test_a_nudge_that_is_put_off_replaces_the_one_that_was_owed(roster: Database) -> None:
    year = date(2025, 9, 1)

    def work(session: Any) -> set[str]:
        interviews.nudge(session, year, 2, 2, TEN)
        interviews.nudge(session, year, 2, 2, TEN, until=date(2026, 3, 10))
        interviews.nudge(session, year, 2, 2, TEN, until=date(2026, 3, 20))
        interviews.nudge(session, year, 2, 2, TEN, until=date(2026, 3, 10))  # and back again
        interviews.nudge(session, year, 2, 4, TEN)
        from sqlalchemy import select

        from storage.models import Owed

        return set(session.scalars(select(Owed.key).where(Owed.state == "due")))

    assert roster.run(work) == {"interviews.nudge/2025-09-01/2/2/2026-03-10", "interviews.nudge/2025-09-01/2/4"}
