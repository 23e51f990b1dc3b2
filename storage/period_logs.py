"""Questions about the logs in which people look back on a period: what it holds, who wrote, who may be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, union
from sqlalchemy.orm import Session

from scheduling.localtime import at_local
from storage.database import insert_once
from storage.models import Course, Entry, LearningTime, PeriodLog, Person, Target


@dataclass(frozen=True)
class Period:
    """A stretch of local days, both included."""

    first: date
    last: date

    def instants(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Its first instant, and the first after it (UTC)."""
        return at_local(self.first, time(0), zone), at_local(self.last + timedelta(days=1), time(0), zone)


def of(session: Session, owner_id: int, period: Period) -> PeriodLog | None:
    """Somebody's log of this period, written or not."""
    return session.scalar(select(PeriodLog).where(PeriodLog.owner_id == owner_id, PeriodLog.first == period.first))


def opened(session: Session, owner_id: int, period: Period) -> PeriodLog:
    """The same, which is there from now on."""
    insert_once(session, PeriodLog, owner_id=owner_id, first=period.first, last=period.last, state="asked")
    return session.scalars(
        select(PeriodLog).where(PeriodLog.owner_id == owner_id, PeriodLog.first == period.first)
    ).one()


def since(session: Session, owner_id: int, first: date) -> Mapping[date, PeriodLog]:
    """Somebody's logs of the periods that began on `first` or later, by their first day."""
    found = session.scalars(select(PeriodLog).where(PeriodLog.owner_id == owner_id, PeriodLog.first >= first))
    return {log.first: log for log in found}


def entries(session: Session, owner_id: int, period: Period, zone: ZoneInfo) -> Sequence[Entry]:
    """Diary entries of the period, latest first."""
    begins, ends = period.instants(zone)
    return session.scalars(
        select(Entry)
        .where(Entry.owner_id == owner_id, Entry.made_at >= begins, Entry.made_at < ends)
        .order_by(Entry.made_at.desc(), Entry.id.desc())
    ).all()


def courses(session: Session, owner_id: int, period: Period) -> Sequence[Course]:
    """Courses that ended in the period and were not cancelled, latest first."""
    return session.scalars(
        select(Course)
        .where(
            Course.owner_id == owner_id,
            Course.state != "cancelled",
            Course.ends_on >= period.first,
            Course.ends_on <= period.last,
        )
        .order_by(Course.ends_on.desc(), Course.id.desc())
    ).all()


def targets(session: Session, owner_id: int, period: Period, zone: ZoneInfo) -> Sequence[Target]:
    """Targets that were made, revised or evaluated in the period, latest first."""
    begins, ends = period.instants(zone)
    touched = (Target.made_at, Target.changed_at, Target.evaluated_at)
    return session.scalars(
        select(Target)
        .where(Target.owner_id == owner_id, or_(*((at >= begins) & (at < ends) for at in touched)))
        .order_by(Target.changed_at.desc(), Target.id.desc())
    ).all()


def to_ask(session: Session, period: Period, zone: ZoneInfo) -> Sequence[Person]:
    """Who kept something in the period, and has neither written its log, nor declined to, nor been asked.

    They have joined and are still here. `zone` is the organisation's.
    """
    begins, ends = period.instants(zone)
    something = union(
        select(Entry.owner_id).where(Entry.made_at >= begins, Entry.made_at < ends),
        select(Course.owner_id).where(
            Course.state == "attended", Course.ends_on >= period.first, Course.ends_on <= period.last
        ),
        select(LearningTime.owner_id).where(LearningTime.on_day >= period.first, LearningTime.on_day <= period.last),
    ).subquery()
    done = select(PeriodLog.owner_id).where(
        PeriodLog.first == period.first, or_(PeriodLog.state != "asked", PeriodLog.asked_at.is_not(None))
    )
    return session.scalars(
        select(Person)
        .where(
            Person.id.in_(select(something.c.owner_id)),
            Person.id.not_in(done),
            Person.left_at.is_(None),
            Person.joined_at.is_not(None),
        )
        .order_by(Person.id)
    ).all()
