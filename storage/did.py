"""What people did in a time, and what it comes to by kind or by need: no more than may be shown of five people."""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import Course, LearningTime
from storage.suppression import SHOWN_FROM, Cell, Shown, alone, out_of, protected


@dataclass(frozen=True)
class Did:
    """An activity that somebody attended, or a stretch of learning time that they logged."""

    person: int
    kind: str
    need: str = ""
    days: float = 0
    hours: float = 0
    cost: int | None = None
    worth: int | None = None
    off_the_job: bool = True


Key = Callable[[Did], str]


def activities(session: Session, first: date, last: date) -> Sequence[Did]:
    """What was attended and ended from `first` to `last`."""
    found = session.execute(
        select(Course.owner_id, Course.kind, Course.need, Course.days, Course.cost, Course.worth, Course.off_the_job)
        .where(Course.state == "attended", Course.ends_on >= first, Course.ends_on <= last)
        .order_by(Course.id)
    )
    return [
        Did(owner, kind, need, days, cost=cost, worth=worth, off_the_job=off)
        for owner, kind, need, days, cost, worth, off in found
    ]


def logged(session: Session, first: date, last: date) -> Sequence[Did]:
    """The learning time that was logged besides."""
    found = session.execute(
        select(LearningTime.owner_id, LearningTime.kind, LearningTime.minutes, LearningTime.off_the_job)
        .where(LearningTime.on_day >= first, LearningTime.on_day <= last)
        .order_by(LearningTime.id)
    )
    return [Did(owner, kind, hours=minutes / 60, off_the_job=off) for owner, kind, minutes, off in found]


def comparable(
    attended: Sequence[Did], besides: Sequence[Did], here: AbstractSet[int]
) -> tuple[Sequence[Did], Sequence[Did]]:
    """Both without what fewer than five people did on the job, or did and then left.

    The days that were provided are of learning off the job and of those who are here: taken from all that was done,
    they would say what these few did.
    """

    def provided(one: Did) -> bool:
        return one.off_the_job and one.person in here

    if len({one.person for one in (*attended, *besides) if not provided(one)}) >= SHOWN_FROM:
        return attended, besides
    return [one for one in attended if provided(one)], [one for one in besides if provided(one)]


# ------------------------------------------------------------------------------------------------- what may be shown


def sum_of(did: Sequence[Did], key: Key, keys: Sequence[str], value: Callable[[Did], float | None]) -> Shown:
    """What it comes to by its key, and of what has any other last; who has no value is not counted."""
    told = [[(one.person, value(one)) for one in some] for some in _sorted(did, key, keys)]
    return protected(
        [
            Cell(sum(much or 0 for _, much in some), (frozenset(who for who, much in some if much is not None),))
            for some in told
        ]
    )


def people_of(did: Sequence[Did], key: Key, keys: Sequence[str], everybody: AbstractSet[int]) -> Shown:
    """How many people did something of each key, of everybody: nor may it be said that a few did nothing."""
    sorts = [{one.person for one in some} for some in _sorted(did, key, keys)]
    every = {one.person for one in did}
    parts = protected([out_of(some, everybody) for some in sorts], len(every)).parts
    return Shown(parts, alone(out_of(every, everybody)))


def worth_of(did: Sequence[Did], key: Key, keys: Sequence[str]) -> Shown:
    """Value for money, on average, by key: of those who said so."""
    told = [[one for one in some if one.worth is not None] for some in _sorted(did, key, keys)]
    every = [one for some in told for one in some]
    cells = [Cell(_mean(one.worth or 0 for one in some), (frozenset(one.person for one in some),)) for some in told]
    return protected(cells, _mean(one.worth or 0 for one in every))


def _sorted(did: Sequence[Did], key: Key, keys: Sequence[str]) -> list[list[Did]]:
    """What was done by key, in their order, and what has any other key last."""
    sorts: dict[str, list[Did]] = {name: [] for name in keys}
    other: list[Did] = []
    for one in did:
        sorts.get(key(one), other).append(one)
    return [*sorts.values(), other]


def _mean(values: Iterable[float]) -> float:
    some = list(values)
    return sum(some) / len(some) if some else 0
