"""One person's rows, found and opened with their owner's key: what every record of a portfolio is made from."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Evidence,
    Person,
    Standard,
    StandardItem,
)
from storage.portfolio import document as doc
from storage.portfolio.uids import Uids
from storage.sealed import Keyring

T = TypeVar("T")


@dataclass
class Opened:
    """The rows of one person, who is the only one whose words it can open."""

    session: Session
    person: Person
    keyring: Keyring

    @cached_property
    def uids(self) -> Uids:
        """The names that the records go by."""
        return Uids.of(self.session, self.person.id)

    def _own(self, kind: type[T], owner: Any) -> Sequence[T]:
        return self.session.scalars(select(kind).where(owner == self.person.id).order_by(cast(Any, kind).id)).all()

    def _by(self, kind: type[T], owner: Any, of: str, *also: Any) -> Mapping[int, list[T]]:
        found = defaultdict[int, list[T]](list)
        query = select(kind).where(owner == self.person.id, *also).order_by(cast(Any, kind).id)
        for one in self.session.scalars(query):
            found[getattr(one, of)].append(one)
        return found

    def _open(self, sealed: bytes | None) -> str:
        return "" if sealed is None else self.keyring.open(self.person.id, self.person.key, sealed)

    def _json(self, sealed: bytes | None) -> dict[str, Any]:
        words = self._open(sealed)
        return cast(dict[str, Any], json.loads(words)) if words else {}

    def _name(self, person_id: int | None) -> str:
        if person_id is None:
            return ""
        if person_id not in self._names:
            self._names[person_id] = self.session.get_one(Person, person_id).name
        return self._names[person_id]

    @cached_property
    def _names(self) -> dict[int, str]:
        return {}

    def _statement(self, item_id: int) -> tuple[StandardItem, str, Standard]:
        """A statement, the words of the area it is in, and its standard."""
        if item_id not in self._statements:
            item = self.session.get_one(StandardItem, item_id)
            area = self.session.get(StandardItem, item.parent_id) if item.parent_id is not None else None
            standard = self.session.get_one(Standard, item.standard_id)
            self._statements[item_id] = (item, area.words if area else "", standard)
        return self._statements[item_id]

    @cached_property
    def _statements(self) -> dict[int, tuple[StandardItem, str, Standard]]:
        return {}

    def _evidence(self, kind: str, about: int) -> tuple[doc.Statement, ...]:
        statements = [self._statement(one.item_id) for one in self._evidence_of.get((kind, about), ())]
        return sorted_statements(
            doc.Statement(standard=of.key, version=of.version, code=item.code, title=of.title, words=item.words)
            for item, _, of in statements
        )

    @cached_property
    def _evidence_of(self) -> Mapping[tuple[str, int], list[Evidence]]:
        found = defaultdict[tuple[str, int], list[Evidence]](list)
        for one in self._own(Evidence, Evidence.owner_id):
            found[one.kind, one.about].append(one)
        return found


def sorted_statements(evidence: Iterable[doc.Statement]) -> tuple[doc.Statement, ...]:
    """Statements in the order in which a portfolio names them."""
    return tuple(sorted(evidence, key=lambda one: (one.standard, one.version, one.code)))
