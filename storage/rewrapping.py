"""After a change of the master key: everything that stands under it is put under the present one, a batch at a time.

Each value is changed only if it is still what was read, so that nothing which the running bot writes meanwhile is
undone: a key that an erasure destroys stays destroyed. Interrupted, it is simply begun again; what is done is passed
over.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy import Column, ColumnElement, Table, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bot import wording
from storage.database import Database
from storage.models import Finding, Owed, Person, PlanItem, PlanItemStep, Review, ReviewAnswer, ReviewPoint, Seminar
from storage.sealed import Keyring, Unreadable

BATCH = 200  # rows changed in one transaction: few enough that nobody who writes has to wait


@dataclass(frozen=True)
class Kind:
    """One column whose values stand under the master key. `person` says that they are people's data keys."""

    one: str
    many: str
    column: InstrumentedAttribute[Any]
    person: bool = False
    only: tuple[ColumnElement[bool], ...] = ()


# Every column of the database that stands under the master key: a test holds this list against the tables. All else
# that is sealed is sealed with a person's own key, which stays the same whatever wraps it.
KINDS: tuple[Kind, ...] = (
    Kind("person's key", "people's keys", Person.key, person=True),
    Kind("message on its way", "messages on their way", Owed.body),
    Kind("secret of an anonymous review", "secrets of anonymous reviews", Review.secret),
    Kind("outcome of a review", "outcomes of reviews", Review.came),
    Kind(
        "answer to an anonymous review",
        "answers to anonymous reviews",
        ReviewAnswer.answers,
        only=(ReviewAnswer.person_id.is_(None),),
    ),
    Kind(
        "point of an anonymous review",
        "points of anonymous reviews",
        ReviewPoint.words,
        only=(ReviewPoint.person_id.is_(None),),
    ),
    Kind("finding of a review", "findings of reviews", Finding.words),
    *(
        Kind(f"{what} of an item of a plan", f"{many} of items of plans", column)
        for what, many, column in (
            ("need", "needs", PlanItem.need),
            ("group", "groups", PlanItem.who_for),
            ("way", "ways", PlanItem.how_words),
            ("measure", "measures", PlanItem.criteria),
            ("reason", "reasons", PlanItem.why),
            ("step", "steps", PlanItemStep.words),
        )
    ),
    *(
        Kind(f"{what} of a seminar", f"{many} of seminars", column)
        for what, many, column in (
            ("title", "titles", Seminar.title),
            ("description", "descriptions", Seminar.about),
            ("place", "places", Seminar.where),
            ("reason for a change", "reasons for changes", Seminar.reason),
        )
    ),
)


@dataclass(frozen=True)
class Count:
    """How many values of one kind stand under the present key, under an earlier one, or under none that is here."""

    one: str
    many: str
    present: int = 0
    earlier: int = 0
    unreadable: int = 0

    def named(self, number: int) -> str:
        """`12 people's keys`."""
        return wording.count(number, self.one, self.many)

    def and_then(self, more: "Count") -> "Count":
        """Both together."""
        return replace(
            self,
            present=self.present + more.present,
            earlier=self.earlier + more.earlier,
            unreadable=self.unreadable + more.unreadable,
        )


def counted(session: Session, keyring: Keyring) -> list[Count]:
    """How things stand, by kind. Nothing is changed."""
    return [_through(lambda after, kind=kind: _batch(session, keyring, kind, after), kind) for kind in KINDS]


def rewrap(database: Database, keyring: Keyring) -> list[Count]:
    """Put everything under the present master key, in many small transactions. Returns how it was before, by kind.

    What no key here opens is left as it is. The bot may go on running, given that it knows both keys.
    """

    def changed(kind: Kind, after: int) -> tuple[Count, int | None]:
        return database.run(lambda session: _batch(session, keyring, kind, after, change=True))

    return [_through(lambda after, kind=kind: changed(kind, after), kind) for kind in KINDS]


def _through(batch: Callable[[int], tuple[Count, int | None]], kind: Kind) -> Count:
    total, last = Count(kind.one, kind.many), 0
    while last is not None:
        count, last = batch(last)
        total = total.and_then(count)
    return total


def _batch(
    session: Session, keyring: Keyring, kind: Kind, after: int, *, change: bool = False
) -> tuple[Count, int | None]:
    """The next values by number: how they stood, and the number of the last one, None when nothing is left."""
    table = cast(Table, kind.column.class_.__table__)
    number: Column[int] = table.c.id
    column = cast(Column[bytes], table.c[kind.column.key])
    rows = session.execute(
        select(number, column).where(column.is_not(None), *kind.only, number > after).order_by(number).limit(BATCH)
    ).all()
    earlier = unreadable = 0
    for row, sealed in rows:
        if keyring.wraps_now(sealed) if kind.person else keyring.seals_now(sealed):
            continue
        try:
            again = keyring.rewrapped(sealed) if kind.person else keyring.resealed_for_organisation(sealed)
        except Unreadable:
            unreadable += 1
            continue
        earlier += 1
        if change:
            session.execute(update(table).where(number == row, column == sealed).values({column: again}))
    count = Count(kind.one, kind.many, len(rows) - earlier - unreadable, earlier, unreadable)
    return count, rows[-1][0] if len(rows) == BATCH else None
