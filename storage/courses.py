"""Questions about courses and the chain that follows one: what is open, what falls due, what is owed about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from storage.models import Course, Impact, Owed, Person, Reflection

TERMS = ("short", "long")
_ON_ITS_WAY = ("due", "sending", "uncertain", "parked")


# --------------------------------------------------------------------------------------------------------------- impact


def impacts(session: Session, course_id: int) -> Sequence[Impact]:
    """What was said, or is still to be asked, of what this course changed; after the shorter time first."""
    found = session.scalars(select(Impact).where(Impact.course_id == course_id)).all()
    return sorted(found, key=lambda impact: TERMS.index(impact.term))


def impact_of(session: Session, course: Course, term: str) -> Impact:
    """What this course changed after the shorter or the longer time; begun when nothing is known of it yet."""
    found = session.scalar(select(Impact).where(Impact.course_id == course.id, Impact.term == term))
    if found is None:
        found = Impact(course_id=course.id, owner_id=course.owner_id, term=term)
        session.add(found)
        session.flush()
    return found


def held_impact(session: Session, impact_id: int | None) -> Impact | None:
    """As it is now, and as it stays while this is done."""
    if impact_id is None:
        return None
    return session.get(Impact, impact_id, with_for_update=True, populate_existing=True)


@dataclass(frozen=True)
class ToAsk:
    """A course to ask about, whose it is, and what was said or put off so far."""

    course: Course
    owner: Person
    impact: Impact | None


def to_ask_what_changed(session: Session, term: str, first: date, last: date) -> Sequence[ToAsk]:
    """Courses attended that ended from `first` to `last`, or were put off, whose owner is still to be asked.

    Whoever had nothing to add is not asked, nor is anybody twice; nothing is on its way to them.
    """
    owed = select(Owed.id).where(
        Owed.notice == "courses.impact", Owed.about == Impact.id, Owed.state.in_(_ON_ITS_WAY), Owed.changes.is_(None)
    )
    found = session.execute(
        select(Course, Person, Impact)
        .join(Person, Person.id == Course.owner_id)
        .outerjoin(Impact, and_(Impact.course_id == Course.id, Impact.term == term))
        .where(
            *_goes_on(),
            or_(and_(Course.ends_on >= first, Course.ends_on <= last), Impact.ask_on.is_not(None)),
            or_(Impact.id.is_(None), Impact.state == "waiting"),
            ~owed.exists(),
        )
        .order_by(Course.ends_on, Course.id)
    )
    return [ToAsk(course, owner, impact) for course, owner, impact in found]


def asked_what_changed(session: Session, owner_id: int) -> Sequence[tuple[Impact, Course]]:
    """What this person was asked of the impact of their courses and has not answered, latest first: for home."""
    found = session.execute(
        select(Impact, Course)
        .join(Course, Course.id == Impact.course_id)
        .where(Impact.owner_id == owner_id, Impact.state == "asked", Course.state == "attended")
        .order_by(Impact.asked_at.desc(), Impact.id.desc())
    )
    return [(impact, course) for impact, course in found]


# ------------------------------------------------------------------------------------------------ the provision, others


def to_rate(session: Session, since: datetime) -> Sequence[tuple[Course, Person, Reflection]]:
    """Courses whose owner has written, since then, all they want to, and was not asked yet whether it was worth it."""
    owed = select(Owed.id).where(
        Owed.notice == "courses.rate", Owed.about == Course.id, Owed.state.in_(_ON_ITS_WAY), Owed.changes.is_(None)
    )
    found = session.execute(
        select(Course, Person, Reflection)
        .join(Person, Person.id == Course.owner_id)
        .join(Reflection, Reflection.course_id == Course.id)
        .where(
            *_goes_on(),
            Reflection.asking == "",
            or_(Reflection.written_at >= since, Course.rate_on.is_not(None)),
            Course.worth.is_(None),
            Course.rated == "",
            ~owed.exists(),
        )
        .order_by(Course.id)
    )
    return [(course, owner, reflection) for course, owner, reflection in found]


def asked_about(session: Session, since: datetime) -> set[tuple[int, datetime]]:
    """Whom a question about a course is on its way to from then on, and when: two in one morning are one too many."""
    found = session.execute(
        select(Owed.to_id, Owed.due_at).where(
            Owed.notice.in_(("courses.reflect", "courses.rate", "courses.impact")),
            Owed.to_id.is_not(None),
            Owed.state.in_((*_ON_ITS_WAY, "sent")),
            Owed.changes.is_(None),
            Owed.due_at >= since,
        )
    )
    return {(to, at) for to, at in found if to is not None}


def to_reflect_on(session: Session, owner_id: int, today: date) -> Sequence[Course]:
    """Courses that are over and on which this person has not written, or not all they meant to, latest first."""
    settled = select(Reflection.id).where(Reflection.course_id == Course.id, Reflection.asking == "")
    return session.scalars(
        select(Course)
        .where(
            Course.owner_id == owner_id,
            Course.state != "cancelled",
            Course.nothing_to_add.is_(False),
            Course.ends_on < today,
            ~settled.exists(),
        )
        .order_by(Course.ends_on.desc(), Course.id.desc())
    ).all()


def _goes_on() -> tuple[ColumnElement[bool], ...]:
    return (Person.left_at.is_(None), Course.state == "attended", Course.nothing_to_add.is_(False))
