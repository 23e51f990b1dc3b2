"""Needs that people let count for their team: whose they are nobody is told; a theme is shown once enough named it.

What is shown is counted once and kept: for a team when its plan is begun, for the organisation once a term. Two looks
with one release, one taking back, one arrival or one departure between them would say whose it was.
"""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Person, ReleasedNeed, Target, Team, ThemesCounted

# How many more people there have to be than must have named a theme. With none of them, a theme that is shown would say
# it of everybody; with one, it would say it of everybody else to whoever did not name it.
MARGIN = 2


def of_target(session: Session, target_id: int) -> ReleasedNeed | None:
    """What its owner lets this target count as."""
    return session.scalar(select(ReleasedNeed).where(ReleasedNeed.target_id == target_id))


def release(session: Session, target: Target, theme: str, now: datetime) -> None:
    """Let the need behind a target count under this theme, in place of another that it counted under."""
    fresh = insert_once(
        session, ReleasedNeed, owner_id=target.owner_id, target_id=target.id, theme=theme, released_at=now
    )
    if not fresh:
        known = session.scalars(select(ReleasedNeed).where(ReleasedNeed.target_id == target.id).with_for_update()).one()
        known.theme, known.released_at = theme, now
    session.flush()


def take_back(session: Session, target_id: int) -> None:
    """It counts no longer."""
    session.execute(delete(ReleasedNeed).where(ReleasedNeed.target_id == target_id))


def large_enough(session: Session, team: Team, at_least: int) -> bool:
    """Whether the team has so many people besides its lead that a theme can be shown without saying it of each."""
    return _people(session, _in_team(team)) >= at_least + MARGIN


def themes_of_team(session: Session, team: Team, at_least: int) -> Sequence[str]:
    """The themes (the policy's keys) that at least so many people of the team besides its lead let count now.

    The lead, who reads them, knows what they named themselves. To be asked once: when a plan is begun.
    """
    return _themes(session, _in_team(team), at_least)


def themes_of_all(session: Session, since: date, at_least: int, now: datetime) -> ThemesCounted:
    """The same for the organisation, besides its coordinators: counted once for the term that began on `since`."""
    if session.get(ThemesCounted, since) is None:
        found = _themes(session, (Person.role != "coordinator", Person.left_at.is_(None)), at_least)
        insert_once(session, ThemesCounted, since=since, themes=",".join(found), at=now)
    return session.get_one(ThemesCounted, since)


def _in_team(team: Team) -> tuple[ColumnElement[bool], ...]:
    return (Person.team_id == team.id, Person.id != (team.lead_id or 0), Person.left_at.is_(None))


def _people(session: Session, who: tuple[ColumnElement[bool], ...]) -> int:
    return session.scalar(select(func.count()).select_from(Person).where(*who)) or 0


def _themes(session: Session, who: tuple[ColumnElement[bool], ...], at_least: int) -> Sequence[str]:
    if _people(session, who) < at_least + MARGIN:
        return []
    return session.scalars(
        select(ReleasedNeed.theme)
        .join(Person, Person.id == ReleasedNeed.owner_id)
        .join(Target, Target.id == ReleasedNeed.target_id)
        .where(*who, Target.state == "open")
        .group_by(ReleasedNeed.theme)
        .having(func.count(ReleasedNeed.owner_id.distinct()) >= at_least)
        .order_by(ReleasedNeed.theme)
    ).all()
