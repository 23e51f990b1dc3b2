"""When people said that they are away."""

from datetime import datetime

from sqlalchemy import select
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
