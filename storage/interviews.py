"""Questions about learning interviews: what is coming, what was held, what is late, who is free."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Held, Interview, InterviewNote

QUARTER = timedelta(minutes=15)
STANDING = ("proposed", "booked")


def of_year(session: Session, learner_id: int, year: date) -> Sequence[Interview]:
    """A learner's interviews in the learning year that starts on `year`, cancelled ones left out, earliest first."""
    return session.scalars(
        select(Interview)
        .where(Interview.learner_id == learner_id, Interview.year == year, Interview.state != "cancelled")
        .order_by(Interview.starts_at)
    ).all()


def held_in(session: Session, learner_id: int, year: date) -> int:
    """How many of a learner's interviews took place in that year."""
    return sum(interview.state == "met" for interview in of_year(session, learner_id, year))


def coming(session: Session, person_id: int, now: datetime) -> Sequence[Interview]:
    """What this person has proposed or booked as learner or partner and is not over, earliest first."""
    return session.scalars(
        select(Interview)
        .where(
            or_(Interview.learner_id == person_id, Interview.partner_id == person_id),
            Interview.state.in_(STANDING),
            Interview.ends_at > now,
        )
        .order_by(Interview.starts_at)
    ).all()


def standing(session: Session, learner_id: int, now: datetime) -> Interview | None:
    """The learner's next interview that is proposed or booked."""
    return session.scalar(
        select(Interview)
        .where(Interview.learner_id == learner_id, Interview.state.in_(STANDING), Interview.ends_at > now)
        .order_by(Interview.starts_at)
        .limit(1)
    )


def busy(session: Session, person_id: int, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """When this person is taken by interviews between two UTC instants."""
    found = session.execute(
        select(Interview.starts_at, Interview.ends_at).where(
            or_(Interview.learner_id == person_id, Interview.partner_id == person_id),
            Interview.state.in_(STANDING),
            Interview.ends_at > first,
            Interview.starts_at < last,
        )
    ).all()
    return [(start, end) for start, end in found]


def hold(session: Session, interview: Interview) -> bool:
    """Promise the interview's time for both people. False when either has promised part of it to another.

    Every quarter of an hour is a row of its own with a unique key, so of any number of racers one gets the time.
    """
    for person_id in sorted((interview.learner_id, interview.partner_id)):  # one order for all: no deadlocks
        for quarter in _quarters(interview.starts_at, interview.ends_at):
            if not insert_once(session, Held, person_id=person_id, quarter=quarter, interview_id=interview.id):
                return False
    return True


def release(session: Session, interview: Interview) -> None:
    """Nobody has promised the interview's time any more."""
    session.execute(delete(Held).where(Held.interview_id == interview.id))


def notes_on(session: Session, interview_id: int) -> Sequence[InterviewNote]:
    """What was noted on an interview, in the order it was written."""
    return session.scalars(
        select(InterviewNote).where(InterviewNote.interview_id == interview_id).order_by(InterviewNote.id)
    ).all()


def _quarters(starts_at: datetime, ends_at: datetime) -> Iterator[datetime]:
    quarter = datetime.fromtimestamp(starts_at.timestamp() // 900 * 900, UTC)
    while quarter < ends_at:
        yield quarter
        quarter += QUARTER
