"""Portfolios and papers on their way: asked for, made in the background, handed over once, forgotten.

A row goes draft → wanted → making → ready → fetched, or → failed, or → gone once its address has run out. The file is
there only while it is ready, sealed with its owner's key.

A paper (the review's, the yearly report) waits as “ordered” and is “writing” meanwhile: an older version that still
runs beside this one takes up whatever is wanted, or was left in the making, and would make a portfolio of it.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Person, Portfolio, PortfolioFile
from storage.sealed import Keyring, Unreadable

CARD = "portfolio.card"
PAPER = "papers.card"
WAITING = ("wanted", "ordered")
IN_WORK = ("making", "writing")
LEASE = timedelta(minutes=3)
OPEN_FOR = timedelta(hours=24)
KEPT = timedelta(days=30)  # that there was one; never what was in it
AGAIN = "again "  # whoever takes up what another process did not finish; there is no third time


@dataclass(frozen=True)
class Choices:
    """What somebody chose: the kinds of file, the sections and the single records that they leave out."""

    formats: tuple[str, ...]
    without: tuple[str, ...] = ()
    without_items: tuple[str, ...] = ()

    def packed(self) -> str:
        """As it is sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, packed: str) -> "Choices":
        """As it was sealed."""
        said: Mapping[str, Any] = json.loads(packed)
        return cls(**{name: tuple(some) for name, some in said.items()})


@dataclass(frozen=True)
class Job:
    """A portfolio or a paper to make; or, without any choices, a portfolio to take in.

    `kind`, `about` and `year` say what it is of, as in `Portfolio`.
    """

    portfolio_id: int
    person: Person
    choices: Choices | None
    kind: str = "portfolio"
    about: int | None = None
    year: date | None = None


def want(portfolio: Portfolio) -> None:
    """It is chosen: let it be made."""
    portfolio.state = "wanted" if portfolio.kind == "portfolio" else "ordered"


def card_of(portfolio: Portfolio) -> str:
    """The notice of the card that says how it stands."""
    return CARD if portfolio.kind == "portfolio" else PAPER


def claim(session: Session, keyring: Keyring, now: datetime, by: str) -> Job | None:
    """The next one to make, now claimed by `by`: one that is wanted, or whose process died while making it."""
    lapsed = and_(Portfolio.state.in_(IN_WORK), Portfolio.lease_until < now)
    to_take = and_(Portfolio.state == "taking", or_(Portfolio.claimed_by == "", Portfolio.lease_until < now))
    found = session.scalar(
        select(Portfolio)
        .where(or_(Portfolio.state.in_(WAITING), lapsed, to_take))
        .order_by(Portfolio.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if found is None:
        return None
    person = session.get_one(Person, found.owner_id)
    if found.claimed_by.startswith(AGAIN):
        ended(session, found, "not_taken" if found.state == "taking" else "failed", now)
        return claim(session, keyring, now, by)
    try:
        said = keyring.open(person.id, person.key, found.choices)
    except Unreadable:
        ended(session, found, "failed", now)
        return claim(session, keyring, now, by)
    choices = None if found.state == "taking" else Choices.of(said)
    found.claimed_by = f"{AGAIN}{by}" if found.claimed_by else by
    in_work = "making" if found.kind == "portfolio" else "writing"
    found.state, found.done, found.lease_until = "taking" if choices is None else in_work, 0, now + LEASE
    outbox.refresh(session, card_of(found), found.id, now)
    return Job(found.id, person, choices, found.kind, found.about, found.year)


def progress(session: Session, portfolio_id: int, by: str, done: int, now: datetime) -> bool:
    """So many per cent are done. False when nobody waits for it any more, or another process has taken it."""
    found = held(session, portfolio_id, by)
    if found is None:
        return False
    found.done, found.lease_until = done, now + LEASE
    outbox.refresh(session, card_of(found), found.id, now)
    return True


def ready(
    session: Session, keyring: Keyring, portfolio_id: int, by: str, name: str, type_: str, content: bytes, now: datetime
) -> bool:
    """It is made: keep the file, sealed, until it is fetched. False when nobody waits for it any more."""
    found = held(session, portfolio_id, by)
    if found is None:
        return False
    person = session.get_one(Person, found.owner_id)
    session.execute(delete(PortfolioFile).where(PortfolioFile.portfolio_id == found.id))
    sealed = keyring.seal_file(person.id, person.key, content)
    session.add(PortfolioFile(portfolio_id=found.id, owner_id=person.id, name=name, type=type_, content=sealed))
    found.state, found.done, found.lease_until, found.claimed_by = "ready", 100, None, ""
    found.mark, found.expires_at = hashed(secret(keyring, person, found)), now + OPEN_FOR
    outbox.refresh(session, card_of(found), found.id, now)
    return True


def handed_over(session: Session, portfolio_id: int, by: str, now: datetime) -> None:
    """It was put into its owner's chat as soon as it was made: nothing of it is kept."""
    if (found := held(session, portfolio_id, by)) is not None:
        ended(session, found, "fetched", now)


def failed(session: Session, portfolio_id: int, by: str, now: datetime) -> None:
    """It could not be made, or taken in."""
    if (found := held(session, portfolio_id, by)) is not None:
        ended(session, found, "failed", now)
    elif (found := held(session, portfolio_id, by, ("taking",))) is not None:
        ended(session, found, "not_taken", now)


def secret(keyring: Keyring, person: Person, portfolio: Portfolio) -> str:
    """What opens the one-time address: made of the person's own key whenever it is needed, stored nowhere."""
    return keyring.person_mark(person.key, "portfolio", portfolio.id, portfolio.made_at.isoformat())


def hashed(mark: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(mark.encode(errors="replace")).hexdigest()


def opened(session: Session, portfolio_id: int, mark: str, now: datetime) -> Portfolio | None:
    """The portfolio that this address opens now, if it does; nobody else can fetch it at the same time."""
    found = session.scalar(select(Portfolio).where(Portfolio.id == portfolio_id).with_for_update())
    if found is None or found.mark is None or found.expires_at is None or found.expires_at <= now:
        return None
    return found if hmac.compare_digest(found.mark, hashed(mark)) else None


@dataclass(frozen=True)
class Handed:
    """A file as it is handed over."""

    name: str
    type: str
    content: bytes


def file_of(session: Session, keyring: Keyring, portfolio: Portfolio) -> Handed | None:
    """The file, opened; None when it is there no more."""
    kept = session.scalar(select(PortfolioFile).where(PortfolioFile.portfolio_id == portfolio.id))
    if kept is None:
        return None
    person = session.get_one(Person, portfolio.owner_id)
    return Handed(kept.name, kept.type, keyring.open_file(person.id, person.key, kept.content))


def fetched(session: Session, portfolio: Portfolio, now: datetime) -> None:
    """It was handed over: the address opens nothing more and the file is gone."""
    ended(session, portfolio, "fetched", now)


def drop(session: Session, portfolio: Portfolio, now: datetime) -> None:
    """Its owner does not want it any more."""
    if portfolio.state in ("draft", *WAITING, *IN_WORK, "ready", "failed"):
        ended(session, portfolio, "gone", now)
    elif portfolio.state in ("upload", "brought"):
        ended(session, portfolio, "left", now)


def forget(session: Session, now: datetime) -> int:
    """Let go of what nobody fetched in time, and of rows that are old. Returns how many addresses ran out."""
    expired = session.scalars(
        select(Portfolio)
        .where(Portfolio.expires_at <= now, Portfolio.state.in_(("ready", "upload", "brought")))
        .with_for_update(skip_locked=True)
    ).all()
    for one in expired:
        drop(session, one, now)
    session.execute(
        delete(Portfolio).where(
            Portfolio.made_at < now - KEPT,
            Portfolio.state.in_(("draft", "fetched", "failed", "gone", "taken", "left", "not_taken")),
        )
    )
    return len(expired)


def put_away(session: Session, latest: Portfolio, now: datetime) -> None:
    """Earlier ones of its kind, of the same person, that wait to be fetched are closed: the latest one counts."""
    waiting = session.scalars(
        select(Portfolio).where(
            Portfolio.owner_id == latest.owner_id,
            Portfolio.kind == latest.kind,
            Portfolio.id != latest.id,
            Portfolio.state.in_((*WAITING, *IN_WORK, "ready")),
        )
    ).all()
    for one in waiting:
        ended(session, one, "gone", now)


def held(session: Session, portfolio_id: int, by: str, states: Sequence[str] = IN_WORK) -> Portfolio | None:
    """The portfolio, while the claim of `by` on it still stands."""
    return session.scalar(
        select(Portfolio)
        .where(
            Portfolio.id == portfolio_id,
            Portfolio.state.in_(states),
            Portfolio.claimed_by.in_((by, f"{AGAIN}{by}")),
        )
        .with_for_update()
    )


def ended(session: Session, portfolio: Portfolio, state: str, now: datetime) -> None:
    """It is over, one way or the other: its address opens nothing more and its file is gone."""
    session.execute(delete(PortfolioFile).where(PortfolioFile.portfolio_id == portfolio.id))
    session.execute(
        update(Portfolio)
        .where(Portfolio.id == portfolio.id)
        .values(state=state, mark=None, lease_until=None, claimed_by="", expires_at=None)
    )
    session.expire(portfolio)
    outbox.refresh(session, card_of(portfolio), portfolio.id, now)
