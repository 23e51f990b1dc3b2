"""Who was let in on what: one item, named people, for good or until a day, taken back at will."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Attachment, Course, Entry, Evidence, Grant, LearningTime, Origin, Source, Target

CARD = "sharing.item"  # what a reader was sent, about the grant
TABLES: Mapping[str, type[Entry] | type[Course] | type[Target] | type[LearningTime]] = {
    "entry": Entry,
    "course": Course,
    "target": Target,
    "time": LearningTime,
}


def owner_of(session: Session, kind: str, about: int | None) -> int | None:
    """Whose record this is; None when there is none."""
    table = TABLES.get(kind)
    if table is None or about is None:
        return None
    return session.scalar(select(table.owner_id).where(table.id == about))


def in_force(now: datetime) -> ColumnElement[bool]:
    """Grants by which somebody may read something now."""
    return Grant.revoked_at.is_(None) & or_(Grant.until.is_(None), Grant.until > now)


def is_in_force(grant: Grant, now: datetime) -> bool:
    """Whether somebody may read something by this grant now."""
    return grant.revoked_at is None and (grant.until is None or grant.until > now)


def grant(session: Session, kind: str, about: int, reader_id: int) -> Grant | None:
    """What was granted to this reader, in force or not."""
    return session.scalar(select(Grant).where(Grant.kind == kind, Grant.about == about, Grant.reader_id == reader_id))


def readers(session: Session, kind: str, about: int, now: datetime) -> Sequence[Grant]:
    """By what others may read this item now, in the order in which they were let in."""
    return session.scalars(
        select(Grant)
        .where(Grant.kind == kind, Grant.about == about, in_force(now))
        .order_by(Grant.granted_at, Grant.id)
    ).all()


def by(session: Session, owner_id: int, now: datetime) -> Sequence[Grant]:
    """What this person lets others read now, latest first."""
    return session.scalars(
        select(Grant)
        .where(Grant.owner_id == owner_id, in_force(now))
        .order_by(Grant.granted_at.desc(), Grant.id.desc())
    ).all()


def with_(session: Session, reader_id: int, now: datetime) -> Sequence[Grant]:
    """What others let this person read now, latest first."""
    return session.scalars(
        select(Grant)
        .where(Grant.reader_id == reader_id, in_force(now))
        .order_by(Grant.granted_at.desc(), Grant.id.desc())
    ).all()


def let(
    session: Session, owner_id: int, kind: str, about: int, reader_id: int, now: datetime, until: datetime | None = None
) -> tuple[Grant, bool]:
    """Let somebody read this item until the instant `until`, or for good. False when they could already."""
    known = session.scalar(
        select(Grant).where(Grant.kind == kind, Grant.about == about, Grant.reader_id == reader_id).with_for_update()
    )
    if known is None:
        known = Grant(
            owner_id=owner_id, reader_id=reader_id, kind=kind, about=about, granted_at=now, until=until
        )  # fmt: skip
        session.add(known)
        session.flush()
        return known, True
    fresh = not is_in_force(known, now)
    if fresh:
        known.granted_at, known.revoked_at = now, None
    known.until = until
    return known, fresh


def take_back(session: Session, given: Grant, now: datetime) -> None:
    """The next read is refused, and what the reader was sent changes in place."""
    if given.revoked_at is None:
        given.revoked_at = now
        session.flush()
        _show_afresh(session, given, now)


def followed(session: Session, kind: str, about: int, now: datetime) -> None:
    """The item was changed: what its readers were sent changes with it."""
    for given in readers(session, kind, about, now):
        _show_afresh(session, given, now)


def gone(session: Session, kind: str, about: int, now: datetime) -> None:
    """The item is no more: nobody can read it, and nothing refers to it."""
    for record in (Attachment, Evidence, Source, Origin):
        session.execute(delete(record).where(record.kind == kind, record.about == about))
    for given in session.scalars(select(Grant).where(Grant.kind == kind, Grant.about == about)).all():
        take_back(session, given, now)


def everything_gone(session: Session, owner_id: int, now: datetime) -> None:
    """Somebody is erased: nobody can read anything of theirs, nor does it stand on anybody's screen."""
    for given in session.scalars(select(Grant).where(Grant.owner_id == owner_id)).all():
        take_back(session, given, now)
        outbox.cancel(session, given.id, CARD)


def _show_afresh(session: Session, given: Grant, at: datetime) -> None:
    outbox.refresh(session, CARD, given.id, at, to=given.reader_id)
    if given.kind == "course":  # a course is also accounted for, with a card of its own
        outbox.refresh(session, "courses.accounted", given.about, at, to=given.reader_id)
    if given.kind == "target":  # and a target put to somebody, to agree to
        outbox.refresh(session, "targets.asked", given.about, at, to=given.reader_id)


def ended(session: Session, now: datetime) -> Sequence[Grant]:
    """What was granted until a day that has come, and was not taken back yet."""
    return session.scalars(select(Grant).where(Grant.until <= now, Grant.revoked_at.is_(None)).order_by(Grant.id)).all()
