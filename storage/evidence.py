"""Questions about evidence: what people count for which statement. It stays with the version it was counted for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Evidence, Standard, StandardItem


@dataclass(frozen=True)
class Counted:
    """A record that somebody counts for a statement, as it was worded in a version of the standard."""

    evidence: Evidence
    item: StandardItem
    standard: Standard


def of_record(session: Session, owner_id: int, kind: str, about: int) -> Sequence[Counted]:
    """What this record counts for, in the order of the standard."""
    found = session.execute(
        _WITH_ITS_STATEMENT.where(
            Evidence.owner_id == owner_id, Evidence.kind == kind, Evidence.about == about
        ).order_by(Standard.id.desc(), StandardItem.position)
    )
    return [Counted(evidence, item, standard) for evidence, item, standard in found]


def of_statement(session: Session, owner_id: int, key: str, code: str) -> Sequence[Counted]:
    """What somebody counts for a statement, in every version of its standard, latest first."""
    found = session.execute(
        _WITH_ITS_STATEMENT.where(
            Evidence.owner_id == owner_id, Standard.key == key, StandardItem.code == code
        ).order_by(Evidence.made_at.desc(), Evidence.id.desc())
    )
    return [Counted(evidence, item, standard) for evidence, item, standard in found]


def counts(session: Session, owner_id: int, key: str) -> Mapping[str, int]:
    """How many records somebody counts for each statement, by its code: once each, whatever the version."""
    found = session.execute(
        select(StandardItem.code, Evidence.kind, Evidence.about)
        .join(Evidence, Evidence.item_id == StandardItem.id)
        .join(Standard, Standard.id == StandardItem.standard_id)
        .where(Evidence.owner_id == owner_id, Standard.key == key)
        .distinct()
    )
    by_code: dict[str, int] = {}
    for code, _, _ in found:
        by_code[code] = by_code.get(code, 0) + 1
    return by_code


def count_for(session: Session, owner_id: int, kind: str, about: int, items: Iterable[int], now: datetime) -> None:
    """Count this record for these statements; what counts already stays as it is."""
    for item_id in items:
        insert_once(session, Evidence, owner_id=owner_id, item_id=item_id, kind=kind, about=about, made_at=now)


def count_no_longer(session: Session, owner_id: int, kind: str, about: int, items: Iterable[int]) -> None:
    """This record counts for these statements no longer."""
    session.execute(
        delete(Evidence).where(
            Evidence.owner_id == owner_id, Evidence.kind == kind, Evidence.about == about, Evidence.item_id.in_(items)
        )
    )


_WITH_ITS_STATEMENT = (
    select(Evidence, StandardItem, Standard)
    .join(StandardItem, StandardItem.id == Evidence.item_id)
    .join(Standard, Standard.id == StandardItem.standard_id)
)
