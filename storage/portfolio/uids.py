"""The names that a person's records go by in portfolios: given at the first export, kept for good."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import Origin

T = TypeVar("T")


def instant(day: date) -> datetime:
    """Midnight, for records that are told apart by a day and not by when they were made."""
    return datetime.combine(day, time(), UTC)


@dataclass
class Uids:
    """The names of one person's records, those that were new included; `save` writes the new ones down."""

    session: Session
    owner_id: int
    _known: dict[tuple[str, int], Origin] = field(default_factory=dict[tuple[str, int], Origin])
    _new: list[Origin] = field(default_factory=list[Origin])
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict[tuple[str, str], int])
    _used: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    @classmethod
    def of(cls, session: Session, owner_id: int) -> "Uids":
        """All that this person's records have been given."""
        found = session.scalars(select(Origin).where(Origin.owner_id == owner_id)).all()
        return cls(session, owner_id, {(one.kind, one.about): one for one in found})

    def of_record(self, kind: str, about: int, made_at: datetime) -> str:
        """The name of this record; a new one when it has none, or when its number was another record's before."""
        self._used.add((kind, about))
        origin = self._known.get((kind, about))
        if origin is None:
            return self.give(kind, about, made_at, uuid4().urn)
        if origin.made_at != made_at:
            origin.uid, origin.made_at = uuid4().urn, made_at
        return origin.uid

    def give(self, kind: str, about: int, made_at: datetime, uid: str) -> str:
        """Let this record go by that name from now on."""
        gone = self._known.get((kind, about))
        if gone is not None:  # a record that is no more had this number
            gone.uid, gone.made_at = uid, made_at
            return uid
        origin = Origin(owner_id=self.owner_id, kind=kind, about=about, uid=uid, made_at=made_at)
        self._known[kind, about] = origin
        self._new.append(origin)
        return uid

    def about(self, kind: str, uid: str) -> int | None:
        """The number of the record of this kind that goes by that name."""
        if not self._numbers:
            self._numbers.update({(origin.kind, origin.uid): origin.about for origin in self._known.values()})
        return self._numbers.get((kind, uid))

    def save(self, *, whole: bool = True) -> None:
        """Write down the new names, and forget those of records that are gone, once the `whole` record was named."""
        new = {(origin.kind, origin.about) for origin in self._new}
        kept = self._used | new if whole else self._known.keys()
        gone = [origin.id for key, origin in self._known.items() if key not in kept]
        for some in _batches(gone):
            self.session.execute(delete(Origin).where(Origin.id.in_(some)))
        self.session.add_all(self._new)
        self._new = []
        self.session.flush()


def _batches(numbers: list[int], size: int = 500) -> Iterable[list[int]]:
    return (numbers[first : first + size] for first in range(0, len(numbers), size))
