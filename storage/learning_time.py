"""Questions about the time that people spent learning: what they logged, and the days that this and courses come to."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage.models import Course, LearningTime


def stretches(session: Session, owner_id: int, first: date, last: date) -> Sequence[LearningTime]:
    """What a person logged from `first` to `last`, both included, latest first."""
    return session.scalars(
        select(LearningTime)
        .where(LearningTime.owner_id == owner_id, LearningTime.on_day >= first, LearningTime.on_day <= last)
        .order_by(LearningTime.on_day.desc(), LearningTime.id.desc())
    ).all()


def on_day(session: Session, owner_id: int, day: date, *, besides: int | None = None) -> Sequence[LearningTime]:
    """What a person logged for that day, in the order in which they did."""
    return session.scalars(
        select(LearningTime)
        .where(
            LearningTime.owner_id == owner_id,
            LearningTime.on_day == day,
            true() if besides is None else LearningTime.id != besides,
        )
        .order_by(LearningTime.id)
    ).all()


def courses_on(session: Session, owner_id: int, day: date) -> Sequence[Course]:
    """A person's courses that were on that day and not cancelled."""
    return session.scalars(
        select(Course)
        .where(Course.owner_id == owner_id, Course.state != "cancelled", Course.starts_on <= day, Course.ends_on >= day)
        .order_by(Course.id)
    ).all()


def days_learned(session: Session, policy: Policy, owner_id: int, first: date, last: date) -> float:
    """Days of a person's off-the-job learning from `first` to `last`, both included: courses, and what they logged.

    A course counts on the day it ended, once it was attended.
    """
    return days_learned_by(session, policy, [owner_id], first, last).get(owner_id, 0.0)


def days_learned_by(
    session: Session, policy: Policy, owner_ids: Collection[int], first: date, last: date
) -> dict[int, float]:
    """The same of several people, by person; who has none is left out."""
    courses = select(Course.owner_id, func.sum(Course.days)).where(
        Course.owner_id.in_(owner_ids),
        Course.state == "attended",
        Course.off_the_job,
        Course.ends_on >= first,
        Course.ends_on <= last,
    )
    logged = select(LearningTime.owner_id, func.sum(LearningTime.minutes)).where(
        LearningTime.owner_id.in_(owner_ids),
        LearningTime.off_the_job,
        LearningTime.on_day >= first,
        LearningTime.on_day <= last,
    )
    days = {owner: float(found) for owner, found in session.execute(courses.group_by(Course.owner_id))}
    for owner, minutes in session.execute(logged.group_by(LearningTime.owner_id)):
        days[owner] = days.get(owner, 0.0) + minutes / 60 / policy.learning_time.hours_in_a_day
    return days
