"""What a year's courses come to, for the coordinator: of five people or more, never of one, and without any title."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.policy import Policy
from bot.policy_courses import Choice
from storage.models import Course
from storage.suppression import SHOWN_FROM


@dataclass(frozen=True)
class Sort:
    """Courses of one sort: of how many people, how many, how many days.

    `cost` in pence, and `worth` on average, are None where fewer than five people told theirs.
    """

    label: str
    people: int
    courses: int
    days: float
    cost: int | None
    worth: float | None


def by_kind(session: Session, policy: Policy, first: date, last: date) -> Sequence[Sort]:
    """The courses attended that ended from `first` to `last`, by kind of activity."""
    found = _attended(session, first, last)
    return _sorted(policy.courses.activities, ((course.kind, course) for course in found))


def by_need(session: Session, policy: Policy, first: date, last: date) -> Sequence[Sort]:
    """The same courses by where the need for them came from."""
    found = _attended(session, first, last)
    return _sorted(policy.courses.needs, ((course.need, course) for course in found))


def _attended(session: Session, first: date, last: date) -> Sequence[Course]:
    return session.scalars(
        select(Course).where(Course.state == "attended", Course.ends_on >= first, Course.ends_on <= last)
    ).all()


def _sorted(choices: Sequence[Choice], courses: Iterable[tuple[str, Course]]) -> Sequence[Sort]:
    """What five people or more told, in the policy's order; the rest is left out, and no sum gives it away."""
    sorts: dict[str, list[Course]] = defaultdict(list)
    for key, course in courses:
        sorts[key].append(course)
    found: list[Sort] = []
    for choice in choices:
        of_it = sorts[choice.key]
        people = {course.owner_id for course in of_it}
        if len(people) < SHOWN_FROM:
            continue
        found.append(
            Sort(
                choice.label, len(people), len(of_it), sum(course.days for course in of_it), _cost(of_it), _worth(of_it)
            )
        )
    return found


def _cost(courses: Sequence[Course]) -> int | None:
    told = {course.owner_id: course.cost for course in courses if course.cost is not None}
    if len(told) < SHOWN_FROM:
        return None
    return sum(course.cost for course in courses if course.cost is not None)


def _worth(courses: Sequence[Course]) -> float | None:
    told = [(course.owner_id, course.worth) for course in courses if course.worth is not None]
    if len({owner for owner, _ in told}) < SHOWN_FROM:
        return None
    return sum(worth for _, worth in told) / len(told)
