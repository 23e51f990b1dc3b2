"""Questions about what people learned: diary entries, courses, reflections, and who was let in on them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Course, Entry, Grant, Look, Reflection


def entries(session: Session, owner_id: int) -> Sequence[Entry]:
    """A person's diary, latest first."""
    return session.scalars(
        select(Entry).where(Entry.owner_id == owner_id).order_by(Entry.made_at.desc(), Entry.id.desc())
    ).all()


def entry_from(session: Session, platform: str, conversation: str, message: str) -> Entry | None:
    """The entry that was kept from this chat message."""
    return session.scalar(
        select(Entry).where(Entry.platform == platform, Entry.conversation == conversation, Entry.message == message)
    )


def courses(session: Session, owner_id: int) -> Sequence[Course]:
    """A person's courses that were not cancelled, latest first."""
    return session.scalars(
        select(Course)
        .where(Course.owner_id == owner_id, Course.state != "cancelled")
        .order_by(Course.ends_on.desc(), Course.id.desc())
    ).all()


def reflection_on(session: Session, course_id: int) -> Reflection | None:
    """What was written about this course."""
    return session.scalar(select(Reflection).where(Reflection.course_id == course_id))


def days_learned(session: Session, owner_id: int, first: date, last: date) -> float:
    """Days of off-the-job learning that ended from `first` to `last`, both included."""
    total = session.scalar(
        select(func.sum(Course.days)).where(
            Course.owner_id == owner_id, Course.state == "attended", Course.ends_on >= first, Course.ends_on <= last
        )
    )
    return float(total or 0)


def readers(session: Session, kind: str, about: int) -> Sequence[Grant]:
    """Who may read this item besides its owner."""
    return session.scalars(
        select(Grant).where(Grant.kind == kind, Grant.about == about, Grant.revoked_at.is_(None))
    ).all()


def looks_at(session: Session, owner_id: int, since: datetime) -> Sequence[Look]:
    """Who was shown this person's words since then, latest first."""
    return session.scalars(
        select(Look).where(Look.owner_id == owner_id, Look.at >= since).order_by(Look.at.desc())
    ).all()
