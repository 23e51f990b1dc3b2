"""When people said that they are away."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from scheduling.slots import Interval
from storage.models import Away


def between(session: Session, person_id: int, starts_at: datetime, ends_at: datetime) -> list[Interval]:
    """When this person is away between two instants, by what they said."""
    found = session.execute(
        select(Away.starts_at, Away.ends_at)
        .where(Away.person_id == person_id, Away.starts_at < ends_at, Away.ends_at > starts_at)
        .order_by(Away.starts_at, Away.ends_at)
    )
    return [(starts, ends) for starts, ends in found]


def keep(session: Session, person_id: int, starts_at: datetime, ends_at: datetime, now: datetime) -> Away:
    """This person is away then; said twice it is kept once."""
    known = session.scalar(
        select(Away).where(Away.person_id == person_id, Away.starts_at == starts_at, Away.ends_at == ends_at).limit(1)
    )
    if known is None:
        known = Away(person_id=person_id, starts_at=starts_at, ends_at=ends_at, made_at=now)
        session.add(known)
        session.flush()
    return known


def still_to_come(session: Session, person_id: int, now: datetime) -> Sequence[Away]:
    """When this person is away now or later, by what they said, earliest first."""
    return session.scalars(
        select(Away)
        .where(Away.person_id == person_id, Away.ends_at > now)
        .order_by(Away.starts_at, Away.ends_at, Away.id)
    ).all()


def take_back(session: Session, person_id: int, ids: Collection[int]) -> list[Interval]:
    """This person is not away then after all: what was kept under these numbers and is theirs, earliest first."""
    mine = session.scalars(
        select(Away).where(Away.person_id == person_id, Away.id.in_(ids)).order_by(Away.starts_at, Away.id)
    ).all()
    for one in mine:
        session.delete(one)
    session.flush()
    return [(one.starts_at, one.ends_at) for one in mine]


def forget(session: Session, now: datetime) -> None:
    """What is over is nobody's business any more."""
    session.execute(delete(Away).where(Away.ends_at <= now))
