"""Numbers of teams, never of people: a team is counted from five people on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import people
from storage.models import Course, Interview, Owed, Person

SHOWN_FROM = 5  # people: numbers of fewer would say something of one


@dataclass(frozen=True)
class TeamYear:
    """A team's learning year: interviews held in each window, and days of off-the-job learning per person."""

    name: str
    people: int
    held: Sequence[int]
    days: float


def team_years(
    session: Session, year: date, last_day: date, windows: int
) -> tuple[list[TeamYear], list[str]]:  # fmt: skip
    """The year from `year` to `last_day` of every team of five people or more, and the names of the smaller teams."""
    years: list[TeamYear] = []
    too_few: list[str] = []
    for team in people.teams(session):
        members = [person.id for person in people.team_members(session, team.id)]
        if len(members) < SHOWN_FROM:
            too_few.append(team.name)
            continue
        met = session.execute(
            select(Interview.window, func.count())
            .where(Interview.learner_id.in_(members), Interview.year == year, Interview.state == "met")
            .group_by(Interview.window)
        ).all()
        held = dict(met)
        days = session.scalar(
            select(func.sum(Course.days)).where(
                Course.owner_id.in_(members),
                Course.state == "attended",
                Course.ends_on >= year,
                Course.ends_on <= last_day,
            )
        )
        years.append(
            TeamYear(
                team.name,
                len(members),
                tuple(held.get(window, 0) for window in range(1, windows + 1)),
                float(days or 0) / len(members),
            )
        )
    return years, too_few


def said_hello(session: Session) -> int:
    """How many people on the roster have said hello."""
    here = select(func.count()).where(Person.left_at.is_(None), Person.joined_at.is_not(None))
    return session.scalar(here) or 0


def waiting_for_hello(session: Session) -> int:
    """How many messages wait for people who have not said hello yet."""
    waiting = select(func.count()).where(Owed.state == "parked", Owed.reason == "has_not_said_hello")
    return session.scalar(waiting) or 0
