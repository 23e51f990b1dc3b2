"""Seminars that nobody has planned yet: offered to the coordinators once for a theme and year, put off, or begun."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Owed, Seminar
from storage.sealed import Keyring
from storage.seminar_cards import OFFER


def offered(session: Session, year: date) -> set[str]:
    """The themes on which a seminar was offered for that learning year, whatever became of it."""
    return set(session.scalars(select(Seminar.theme).where(Seminar.offer_of.is_not(None), Seminar.year == year)))


def offer(session: Session, keyring: Keyring, *, theme: str, title: str, year: date, now: datetime) -> None:
    """Offer the coordinators a seminar on a theme: once in a learning year."""
    insert_once(
        session, Seminar, theme=theme, year=year, title=keyring.seal_for_organisation(title), made_at=now,
        uid=new_uid(), state="offered", off_the_job=True, sequence=0, version=0,
        offer_of=f"{year.isoformat()}/{theme}",
    )  # fmt: skip


def offer_key(seminar_id: int, person_id: int, *, again: bool = False) -> str:
    """The promise to bring it up with this coordinator; `again`, once more after they put it off."""
    return f"{OFFER}/{seminar_id}/{person_id}{'/again' if again else ''}"


def was_put_off(session: Session, seminar_id: int, person_id: int) -> bool:
    """Whether this coordinator said “not now” to it before."""
    key = offer_key(seminar_id, person_id, again=True)
    return session.scalar(select(Owed.id).where(Owed.key == key)) is not None


def undecided(session: Session, year: date) -> Sequence[Seminar]:
    """What was offered in that learning year and no coordinator has decided on."""
    return session.scalars(
        select(Seminar)
        .where(Seminar.state == "offered", Seminar.offer_of.is_not(None), Seminar.year == year)
        .order_by(Seminar.id)
    ).all()


def new_uid() -> str:
    """A name for a seminar in calendars."""
    return f"{secrets.token_hex(16)}@learnbot"


def begun(session: Session, person_id: int) -> Sequence[Seminar]:
    """What this coordinator began to plan without an offer and has not finished, latest first."""
    return session.scalars(
        select(Seminar)
        .where(Seminar.state == "offered", Seminar.offer_of.is_(None), Seminar.changed_by_id == person_id)
        .order_by(Seminar.id.desc())
    ).all()
