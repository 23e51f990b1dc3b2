"""Portfolios: what somebody takes with them, and what they brought."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Portfolio(Record):
    """A portfolio or a paper that somebody asked for: chosen, made in the background, handed over, and forgotten.

    `choices` is sealed JSON: the formats, and what is left out. `mark` is a hash of the secret in its one-time address.
    `kind` says what it is of: their own record (portfolio), a team's review and plan (`about` is the review's number),
    or the report on the learning year that starts on `year`. States: draft, wanted, making, ready, fetched, failed,
    gone; a paper is ordered and writing where a portfolio is wanted and making (`storage.portfolio.making` says why).
    """

    __tablename__ = "portfolio"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    choices: Mapped[bytes] = mapped_column(Sealed)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    done: Mapped[int] = mapped_column(default=0)  # per cent
    mark: Mapped[str | None] = mapped_column(default=None, unique=True)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    claimed_by: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="portfolio", server_default="portfolio")  # portfolio, review, report
    about: Mapped[int | None] = mapped_column(default=None)
    year: Mapped[date | None] = mapped_column(default=None)


class PortfolioFile(Record):
    """A file of a portfolio that is ready, sealed with its owner's key until it was fetched or has expired."""

    __tablename__ = "portfolio_file"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    portfolio_id: Mapped[int] = mapped_column(ForeignKey("portfolio.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    type: Mapped[str]
    content: Mapped[bytes] = mapped_column(Sealed)


class Origin(Record):
    """The name by which a record goes in portfolios, wherever it was first made: importing it again adds nothing.

    `made_at` is the record's own: a number that is given again to a new record is not taken for the one that is gone.
    """

    __tablename__ = "origin"
    __table_args__ = (UniqueConstraint("owner_id", "uid"), UniqueConstraint("owner_id", "kind", "about"))
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str]
    about: Mapped[int]
    uid: Mapped[str]
    made_at: Mapped[datetime]


class CarriedOver(Record):
    """Part of an imported portfolio that is history here: an interview elsewhere, evidence for a standard of theirs.

    `words` is sealed JSON, as the portfolio's schema has it for this `kind`.
    """

    __tablename__ = "carried_over"
    __table_args__ = (UniqueConstraint("owner_id", "uid"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    uid: Mapped[str]
    kind: Mapped[str]
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
