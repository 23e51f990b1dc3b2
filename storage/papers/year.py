"""What a learning year comes to, person by person, before anything of it may be shown: numbers and keys, no words."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage import did, late, learning_time
from storage.courses import TERMS
from storage.did import Did
from storage.models import (
    DevelopmentPlan,
    Impact,
    Person,
    PlanItem,
    Review,
    Seminar,
    SeminarSeat,
    StrategicItem,
    Team,
)

Ticked = Callable[[Impact], AbstractSet[str]]


@dataclass(frozen=True)
class Item:
    """An item of a team's plan: how it stands, where it came from, its theme, and what it may cost (pence)."""

    team: int
    state: str
    source: str
    theme: str
    cost: int | None


@dataclass(frozen=True)
class Year:
    """The learning year from `first`, counted until `last`. People go by their numbers, teams by theirs."""

    first: date
    last: date
    people: Mapping[int, Person]
    teams: Mapping[int, tuple[str, frozenset[int]]]
    activities: Sequence[Did]
    logged: Sequence[Did]
    days: Mapping[int, float]
    held: Mapping[int, frozenset[int]]
    changed: Mapping[str, Mapping[int, AbstractSet[str]]]  # term, who answered: the criteria that they ticked
    asked: Mapping[str, AbstractSet[int]]  # term: who was asked what has changed, or answered unasked
    reviewed: frozenset[int]
    plans: Mapping[int, str]  # the state of each team's plan
    items: Sequence[Item]
    seminars: int = 0
    seats: Sequence[int] = field(default_factory=tuple[int, ...])  # who was at a seminar, once for each


def gathered(session: Session, policy: Policy, first: date, last: date, ticked: Ticked) -> Year:
    """The year's record of everybody. `ticked` says by which criteria somebody saw something change."""
    people = _here(session, last)
    members: dict[int | None, set[int]] = defaultdict(set)
    for person in people.values():
        members[person.team_id].add(person.id)
    teams = session.execute(select(Team.id, Team.name).order_by(Team.name)).all()
    return Year(
        first,
        last,
        people,
        {team: (name, frozenset(members[team])) for team, name in teams},
        did.activities(session, first, last),
        did.logged(session, first, last),
        learning_time.days_learned_by(session, policy, list(people), first, last),
        late.windows_held(session, first, last),
        _changed(session, first, last, ticked),
        _asked(session, first, last),
        _reviewed(session, first, last),
        _plans(session, first),
        _items(session, first),
        *_seminars(session, first, last),
    )


def priorities(session: Session) -> Sequence[tuple[StrategicItem, str]]:
    """The strategic plan that is in force, each priority with the team that it is for; "" for all."""
    found = session.execute(
        select(StrategicItem, Team.name)
        .outerjoin(Team, Team.id == StrategicItem.team_id)
        .where(StrategicItem.retired_at.is_(None))
        .order_by(StrategicItem.code)
    )
    return [(item, name or "") for item, name in found]


def _here(session: Session, last: date) -> Mapping[int, Person]:
    """Who was on the roster when the counted time ended."""
    found = session.scalars(
        select(Person)
        .where(
            Person.key.is_not(None),
            or_(Person.starts_on.is_(None), Person.starts_on <= last),
            or_(Person.leaves_on.is_(None), Person.leaves_on > last),
            or_(Person.left_at.is_(None), Person.left_at > _end(last)),
        )
        .order_by(Person.id)
    )
    return {person.id: person for person in found}


def _changed(session: Session, first: date, last: date, ticked: Ticked) -> Mapping[str, Mapping[int, AbstractSet[str]]]:
    """Who answered what has changed, of whatever activities; whoever saw nothing yet has ticked nothing."""
    changed: dict[str, dict[int, set[str]]] = {term: defaultdict(set) for term in TERMS}
    found = session.scalars(
        select(Impact)
        .where(
            Impact.state == "written",
            Impact.written_at >= datetime.combine(first, time(), UTC),
            Impact.written_at <= _end(last),
        )
        .order_by(Impact.id)
    )
    for impact in found:
        changed[impact.term][impact.owner_id] |= ticked(impact)
    return changed


def _asked(session: Session, first: date, last: date) -> Mapping[str, AbstractSet[int]]:
    """Who was asked what has changed, of whatever activities, or said so in that time."""
    begins, ends = datetime.combine(first, time(), UTC), _end(last)
    found = session.execute(
        select(Impact.term, Impact.owner_id).where(
            or_(
                and_(Impact.asked_at >= begins, Impact.asked_at <= ends),
                and_(Impact.state == "written", Impact.written_at >= begins, Impact.written_at <= ends),
            )
        )
    )
    asked: dict[str, set[int]] = {term: set() for term in TERMS}
    for term, owner in found:
        asked[term].add(owner)
    return asked


def _reviewed(session: Session, first: date, last: date) -> frozenset[int]:
    closed = select(Review.team_id).where(
        Review.state == "closed",
        Review.yearly.is_(True),
        Review.closes_at >= datetime.combine(first, time(), UTC),
        Review.closes_at <= _end(last),
    )
    return frozenset(session.scalars(closed))


def _plans(session: Session, first: date) -> Mapping[int, str]:
    """The state of every plan that its team has seen."""
    found = session.execute(
        select(DevelopmentPlan.team_id, DevelopmentPlan.state).where(
            DevelopmentPlan.year == first, DevelopmentPlan.state != "draft"
        )
    )
    return {team: state for team, state in found}  # noqa: C416  # rows are no pairs to a type checker


def _items(session: Session, first: date) -> Sequence[Item]:
    found = session.execute(
        select(DevelopmentPlan.team_id, PlanItem.state, PlanItem.source, PlanItem.theme, PlanItem.cost)
        .join(PlanItem, PlanItem.plan_id == DevelopmentPlan.id)
        .where(DevelopmentPlan.year == first, DevelopmentPlan.state != "draft")
        .order_by(PlanItem.id)
    )
    return [Item(*row) for row in found]


def _seminars(session: Session, first: date, last: date) -> tuple[int, Sequence[int]]:
    """How many seminars were held, and who was there."""
    held = select(Seminar.id).where(
        Seminar.state == "held",
        Seminar.starts_at >= datetime.combine(first, time(), UTC),
        Seminar.starts_at <= _end(last),
    )
    numbers = session.scalars(held).all()
    seats = select(SeminarSeat.person_id).where(
        and_(SeminarSeat.seminar_id.in_(numbers), SeminarSeat.state == "attended")
    )
    return len(numbers), session.scalars(seats.order_by(SeminarSeat.id)).all()


def _end(last: date) -> datetime:
    return datetime.combine(last + timedelta(days=1), time(), UTC)
