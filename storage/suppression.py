"""Which numbers may be shown: none that speaks of fewer than five people, and none that gives such a one away.

A total and its parts are looked at together. Whoever subtracts what is shown of the parts from the total learns what
the hidden ones come to: so parts are hidden, though one alone need not be, until those speak of five people or more.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

SHOWN_FROM = 5  # people: numbers of fewer would say something of one

People = frozenset[int]


@dataclass(frozen=True)
class Cell:
    """A number, and the groups of people that it says something of: those who have something, those who have not."""

    value: float
    of: tuple[People, ...]


@dataclass(frozen=True)
class Shown:
    """What may be shown of a total and its parts; None is what may not be."""

    parts: tuple[float | None, ...]
    total: float | None


def counted(have: Iterable[int], *have_not: Iterable[int]) -> Cell:
    """How many people have something, of those who could: that says something of the others as well.

    Where it can be held against several numbers of people, the others of each are a group.
    """
    some = frozenset(have)
    return Cell(len(some), (some, *map(frozenset, have_not)))


def out_of(have: AbstractSet[int], *alls: AbstractSet[int]) -> Cell:
    """The same, where it is known out of whom: `have` is of each of these."""
    return counted(have, *(whole - have for whole in alls))


def protected(parts: Sequence[Cell], total: float | None = None) -> Shown:
    """What may be shown. The total is the sum of the parts unless another is named: an average, say.

    Where there can be no total, there is nothing that a part could be taken from: each is decided by itself.
    """
    whole = sum(part.value for part in parts) if total is None else total
    hidden = {at for at, part in enumerate(parts) if not _enough([part])}
    if not _enough(parts):
        return Shown(tuple(None if at in hidden else part.value for at, part in enumerate(parts)), None)
    while hidden and not _enough([parts[at] for at in hidden]):
        others = [at for at in range(len(parts)) if at not in hidden and any(parts[at].of)]
        suffice = [at for at in others if _enough([parts[one] for one in (*hidden, at)])]
        hidden.add(min(suffice or others, key=lambda at: (sum(map(len, parts[at].of)), at)))
    return Shown(tuple(None if at in hidden else part.value for at, part in enumerate(parts)), whole)


def shared(parts: Sequence[tuple[People, People]]) -> Shown:
    """How many of each group have something: `parts` are those who have it, and all who are in the group.

    Where nobody has it or everybody has, that is said of all, and so of each.
    """
    some = [have & group for have, group in parts]
    whole, every = frozenset[int]().union(*some), frozenset[int]().union(*(group for _, group in parts))
    if len(every) >= SHOWN_FROM and whole in (frozenset(), every):
        return Shown(tuple(len(have) for have in some), len(whole))
    return protected([out_of(have, group) for have, (_, group) in zip(some, parts, strict=True)])


def alone(cell: Cell) -> float | None:
    """A number that has no parts, if it may be shown."""
    return protected([cell]).total


def _enough(parts: Sequence[Cell]) -> bool:
    """Whether each group that these parts together speak of is nobody, or five people or more."""
    groups: list[set[int]] = [set() for _ in range(max((len(part.of) for part in parts), default=0))]
    for part in parts:
        for group, people in zip(groups, part.of, strict=False):
            group |= people
    return all(not group or len(group) >= SHOWN_FROM for group in groups)


def grouped(teams: Sequence[tuple[str, People]], others: People, rest: str) -> list[tuple[str, People]]:
    """People by team, where each team has at least five, and all others together: they are five or more, or nobody.

    Where the others are fewer, the smallest teams join them. Of fewer than five people in all there is no group.
    """
    kept = sorted((team for team in teams if len(team[1]) >= SHOWN_FROM), key=lambda team: (-len(team[1]), team[0]))
    together = set(others).union(*(people for _, people in teams if len(people) < SHOWN_FROM))
    while together and len(together) < SHOWN_FROM and kept:
        together |= kept.pop()[1]
    named = sorted(kept)
    return named if not together else [*named, (rest, frozenset(together))] if len(together) >= SHOWN_FROM else []
