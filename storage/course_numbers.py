"""What a year's courses come to, for the coordinator: of five people or more, never of one, and without any title."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.policy import Policy
from bot.policy_courses import Choice
from storage import did, people
from storage.did import Did, Key

ELSE = "Something else"
TOGETHER = "Together"


@dataclass(frozen=True)
class Sort:
    """Courses of one sort: of how many people, how many, how many days; `cost` in pence, and `worth` on average.

    None is what may not be shown: of fewer than five people, or what would give such a number away.
    """

    label: str
    people: float | None
    courses: float
    days: float
    cost: float | None
    worth: float | None


def by_kind_and_need(
    session: Session, policy: Policy, first: date, last: date
) -> tuple[Sequence[Sort], Sequence[Sort]]:
    """The courses attended that ended from `first` to `last` by kind of activity; and by where their need came from.

    What fewer than five people did on the job is left out of both, as it is out of the yearly report.
    """
    here = {person.id for person in people.present(session)}
    attended, _ = did.comparable(did.activities(session, first, last), did.logged(session, first, last), here)
    kinds = _sorts(attended, policy.courses.activities, lambda one: one.kind, here)
    return kinds, _sorts(attended, policy.courses.needs, lambda one: one.need, here)


def _sorts(attended: Sequence[Did], choices: Sequence[Choice], key: Key, here: set[int]) -> Sequence[Sort]:
    """What may be shown, in the policy's order, and last all of it together; the rest is left out."""
    keys = [choice.key for choice in choices]
    columns = (
        did.people_of(attended, key, keys, here),
        did.sum_of(attended, key, keys, lambda _: 1),
        did.sum_of(attended, key, keys, lambda one: one.days),
        did.sum_of(attended, key, keys, lambda one: one.cost),
        did.sum_of(attended, key, keys, lambda one: None if one.cost is None else 1),
        did.worth_of(attended, key, keys),
    )
    labels = [*(choice.label for choice in choices), ELSE]
    rows = zip(labels, *(column.parts for column in columns), strict=True)
    found = [sort for row in rows if (sort := _sort(*row)) is not None]
    together = _sort(TOGETHER, *(column.total for column in columns))
    is_all = together is not None and len(found) == 1 and found[0].courses == together.courses
    return found if together is None or is_all else [*found, together]


def _sort(
    label: str,
    people: float | None,
    courses: float | None,
    days: float | None,
    cost: float | None,
    costs: float | None,
    worth: float | None,
) -> Sort | None:
    """A line; none where there is nothing, nor where nothing may be said: the two look alike.

    So do a cost that nobody told (of no `costs`) and one that may not be shown; what was free for five people is told.
    """
    if not courses or days is None:
        return None
    return Sort(label, people, courses, days, cost if costs else None, worth or None)
