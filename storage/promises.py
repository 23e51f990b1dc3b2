"""Quarters of an hour that people have promised: to an interview, a set's meeting or a seminar, and to one only."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from storage.database import insert_once
from storage.models import Held

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True)
class To:
    """What time is promised to: an interview, a set's meeting or a seminar, by its number."""

    interview_id: int | None = None
    meeting_id: int | None = None
    seminar_id: int | None = None


def busy(
    session: Session, person_id: int, first: datetime, last: datetime, *, besides: To | None = None
) -> list[tuple[datetime, datetime]]:
    """When this person has promised themselves between two UTC instants, what they promised to `besides` left out."""
    found = select(Held.quarter).where(Held.person_id == person_id, Held.quarter > first - QUARTER, Held.quarter < last)
    if besides is not None:
        column, number = _column(besides)
        found = found.where(column.is_distinct_from(number))  # what is promised to the other kinds has none
    return [(quarter, quarter + QUARTER) for quarter in session.scalars(found.order_by(Held.quarter))]


def hold(session: Session, to: To, person_ids: Iterable[int], starts_at: datetime, ends_at: datetime) -> bool:
    """Promise this time for all these people. False when one of them has promised part of it to something else.

    Every quarter of an hour is a row of its own with a unique key, so of any number of racers one gets the time. What
    was held before stays held (see `hold_only`); after False the caller must roll back (see `all_or_nothing`).
    """
    for person_id in sorted(person_ids):  # one order for all: no deadlocks
        for quarter in _quarters(starts_at, ends_at):
            if insert_once(session, Held, person_id=person_id, quarter=quarter, **asdict(to)):
                continue
            same = select(Held.quarter).where(Held.person_id == person_id, Held.quarter == quarter, _is(to))
            if session.scalar(same) is None:
                return False
    return True


class _Taken(Exception):
    """Rolls back to before the attempt: part of the time was promised to something else."""


def all_or_nothing(session: Session, attempt: Callable[[], bool]) -> bool:
    """Whether the attempt to promise some time succeeded; if not, nothing of what it did has happened."""
    try:
        with session.begin_nested():
            if not attempt():
                raise _Taken
    except _Taken:
        return False
    return True


def hold_only(session: Session, to: To, *times: tuple[datetime, datetime]) -> None:
    """Of what is promised to it, keep what lies in these times, and let the rest go."""
    quarters = [quarter for starts_at, ends_at in times for quarter in _quarters(starts_at, ends_at)]
    session.execute(delete(Held).where(_is(to), Held.quarter.not_in(quarters)))


def release(session: Session, to: To, person_id: int | None = None) -> None:
    """Nobody has promised anything to it any more; with `person_id`, this person has not."""
    gone = delete(Held).where(_is(to))
    session.execute(gone if person_id is None else gone.where(Held.person_id == person_id))


def _column(to: To) -> tuple[InstrumentedAttribute[int | None], int | None]:
    if to.interview_id is not None:
        return Held.interview_id, to.interview_id
    return (Held.meeting_id, to.meeting_id) if to.seminar_id is None else (Held.seminar_id, to.seminar_id)


def _is(to: To) -> ColumnElement[bool]:
    column, number = _column(to)
    return column == number


def _quarters(starts_at: datetime, ends_at: datetime) -> Iterator[datetime]:
    quarter = datetime.fromtimestamp(starts_at.timestamp() // 900 * 900, UTC)
    while quarter < ends_at:
        yield quarter
        quarter += QUARTER
