"""Portfolios that somebody brings: an address to bring one to, what it would bring, and its being taken in.

A row goes upload → brought → taking → taken, or → left, or → not_taken when that failed. Nothing of the file is part of
the record before its owner has seen what it would bring and said yes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Person, Portfolio, PortfolioFile
from storage.portfolio import document as doc
from storage.portfolio import making, notation, taking
from storage.sealed import Keyring

BRINGING = ("upload", "brought", "taking", "taken", "left", "not_taken")


@dataclass(frozen=True)
class Brought:
    """What somebody brought: whose it says it is, from where, and what of it is new, here already, or history."""

    name: str = ""
    organisation: str = ""
    made_at: str = ""
    new: Mapping[str, int] = field(default_factory=dict[str, int])
    here: Mapping[str, int] = field(default_factory=dict[str, int])
    history: Mapping[str, int] = field(default_factory=dict[str, int])

    def packed(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of(cls, packed: str) -> "Brought":
        """As it was sealed."""
        return cls(**json.loads(packed))


def begin(session: Session, keyring: Keyring, person: Person, now: datetime) -> Portfolio:
    """An address to bring a portfolio to; an earlier one that was not used is closed."""
    for earlier in session.scalars(
        select(Portfolio).where(Portfolio.owner_id == person.id, Portfolio.state.in_(("upload", "brought")))
    ).all():
        making.drop(session, earlier, now)
    begun = Portfolio(
        owner_id=person.id,
        made_at=now,
        choices=keyring.seal(person.id, person.key, Brought().packed()),
        state="upload",
        expires_at=now + making.OPEN_FOR,
    )
    session.add(begun)
    session.flush()
    begun.mark = making.hashed(making.secret(keyring, person, begun))
    return begun


def waiting(session: Session, owner_id: int) -> Portfolio | None:
    """Where this person can bring a portfolio now."""
    return session.scalar(
        select(Portfolio)
        .where(Portfolio.owner_id == owner_id, Portfolio.state == "upload")
        .order_by(Portfolio.id.desc())
        .limit(1)
        .with_for_update()
    )


def bring(session: Session, keyring: Keyring, begun: Portfolio, brought: doc.Portfolio, now: datetime) -> None:
    """Keep what was brought, sealed, until its owner has seen what it would bring and said yes or no."""
    person = session.get_one(Person, begun.owner_id)
    weighed = taking.weigh(session, person, keyring, brought, now)
    said = Brought(
        brought.owner.name, brought.owner.organisation, brought.made_at.isoformat(),
        dict(weighed.new), dict(weighed.here), dict(weighed.history),
    )  # fmt: skip
    content = keyring.seal_file(person.id, person.key, notation.to_json(brought))
    session.execute(delete(PortfolioFile).where(PortfolioFile.portfolio_id == begun.id))
    session.add(PortfolioFile(portfolio_id=begun.id, owner_id=person.id, name="brought", type="json", content=content))
    begun.choices = keyring.seal(person.id, person.key, said.packed())
    begun.state, begun.mark, begun.expires_at = "brought", None, now + making.OPEN_FOR
    outbox.refresh(session, making.CARD, begun.id, now)


def take(session: Session, keyring: Keyring, portfolio_id: int, by: str, now: datetime) -> None:
    """Take in what was brought."""
    found = making.held(session, portfolio_id, by, ("taking",))
    file = making.file_of(session, keyring, found) if found is not None else None
    if found is None or file is None:
        return
    person = session.get_one(Person, found.owner_id)
    brought = notation.from_json(file.content)
    weighed = taking.take(session, person, keyring, brought, now)
    earlier = Brought.of(keyring.open(person.id, person.key, found.choices))
    said = replace(earlier, new=dict(weighed.new), here=dict(weighed.here), history=dict(weighed.history))
    found.choices = keyring.seal(person.id, person.key, said.packed())
    session.flush()
    making.ended(session, found, "taken", now)
