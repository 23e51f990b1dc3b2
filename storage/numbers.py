"""Numbers of teams, never of people: a team is counted from five on; and numbers of messages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage import late, learning_time, people
from storage.models import Interview, Owed, Person
from storage.suppression import SHOWN_FROM


def in_steps(many: int) -> int:
    """A number of people as it is shown while it grows: in fives, so that nobody can be seen to arrive."""
    return many - many % SHOWN_FROM


@dataclass(frozen=True)
class TeamYear:
    """A team's learning year: interviews held in each window, and days of off-the-job learning per person.

    `late` says of each window that has closed how many have had no interview for it; None of one that is still open.
    `owed` is how many are still owed learning time this year.
    """

    name: str
    people: int
    held: Sequence[int]
    days: float
    late: Sequence[int | None]
    owed: int


def team_years(
    session: Session, policy: Policy, year: date, today: date, promised: Callable[[Person], float]
) -> tuple[list[TeamYear], list[str]]:
    """The year from `year` to `today` of every team of five people or more, and the names of the smaller teams.

    `promised` says how many days of off-the-job learning somebody is promised in this year.
    """
    years: list[TeamYear] = []
    too_few: list[str] = []
    without = {window.number: _late(session, policy, window, today) for window in late.windows(policy, year)}
    for team in people.teams(session):
        team_members = people.team_members(session, team.id)
        members = [person.id for person in team_members]
        if len(members) < SHOWN_FROM:
            too_few.append(team.name)
            continue
        met = session.execute(
            select(Interview.window, func.count())
            .where(Interview.learner_id.in_(members), Interview.year == year, Interview.state == "met")
            .group_by(Interview.window)
        ).all()
        held = dict(met)
        days = learning_time.days_learned_by(session, policy, members, year, today)
        years.append(
            TeamYear(
                team.name,
                len(members),
                tuple(held.get(window, 0) for window in without),
                sum(days.values()) / len(members),
                tuple(None if found is None else len(found & set(members)) for found in without.values()),
                sum(round(days.get(person.id, 0.0), 1) < promised(person) for person in team_members),
            )
        )
    return years, too_few


def _late(session: Session, policy: Policy, window: late.Window, today: date) -> set[int] | None:
    """Who had no interview for a window that has closed, those left out who asked for quiet; None while it is open."""
    if today <= window.closes:
        return None
    without = late.without_interview(session, window, policy.tzinfo)
    return {person.id for person in without if not people.is_paused(person, today)}


def said_hello(session: Session) -> int:
    """How many people on the roster have said hello."""
    here = select(func.count()).where(Person.left_at.is_(None), Person.joined_at.is_not(None))
    return session.scalar(here) or 0


def waiting_for_hello(session: Session) -> int:
    """How many messages wait for people who have not said hello yet."""
    waiting = select(func.count()).where(Owed.state == "parked", Owed.reason == "has_not_said_hello")
    return session.scalar(waiting) or 0


@dataclass(frozen=True)
class Undelivered:
    """How many messages did not get through for one reason; `unknown` says that they may have arrived all the same."""

    reason: str
    messages: int
    unknown: bool


def undelivered(session: Session) -> list[Undelivered]:
    """Messages that nobody could be given, and those of which it will never be known; the most of them first.

    What is still being looked up is not among them.
    """
    missed = session.execute(
        select(Owed.state, Owed.reason, func.count())
        .where(Owed.state.in_(("parked", "uncertain")), Owed.reason != "")
        .group_by(Owed.state, Owed.reason)
        .order_by(func.count().desc(), Owed.state, Owed.reason)
    ).all()
    waiting = [Undelivered(reason, messages, unknown=False) for state, reason, messages in missed if state == "parked"]
    unknown = sum(messages for state, _, messages in missed if state == "uncertain")
    return waiting + ([Undelivered("", unknown, unknown=True)] if unknown else [])
