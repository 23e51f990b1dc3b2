"""The organisation's strategic plan: its items, for one team or for all; and what an import makes of a file of them."""

import re
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage import people
from storage.database import add_once
from storage.models import StrategicItem, Team
from storage.strategic_file import StrategicMistakes, StrategicPlan, StrategicRow
from storage.written import Changes, Mistake, shown

_NUMBERED = re.compile(r"S(\d{1,6})")


def in_force(session: Session) -> Sequence[StrategicItem]:
    """Every item that was not retired, in the order in which they came."""
    return session.scalars(
        select(StrategicItem).where(StrategicItem.retired_at.is_(None)).order_by(StrategicItem.id)
    ).all()


def for_team(session: Session, team_id: int | None) -> Sequence[StrategicItem]:
    """Those for this team, and those for all."""
    return session.scalars(
        select(StrategicItem)
        .where(
            StrategicItem.retired_at.is_(None),
            or_(StrategicItem.team_id.is_(None), StrategicItem.team_id == team_id),
        )
        .order_by(StrategicItem.team_id.is_(None), StrategicItem.id)
    ).all()


def coded(session: Session, code: str) -> StrategicItem | None:
    """The item with this code, retired or not; a code is the same in capitals and in small letters."""
    return next((one for one in session.scalars(select(StrategicItem)) if one.code.casefold() == code.casefold()), None)


def next_code(session: Session) -> str:
    """A code for an item that was given none: S1, S2 …"""
    found = [_NUMBERED.fullmatch(code) for code in session.scalars(select(StrategicItem.code))]
    return f"S{max((int(one[1]) for one in found if one), default=0) + 1}"


def locked(session: Session, item_id: int | None) -> StrategicItem | None:
    """The item as it is now, nobody else's to change until this is done."""
    if item_id is None:
        return None
    return session.get(StrategicItem, item_id, with_for_update=True, populate_existing=True)


def add(session: Session, item: StrategicItem) -> bool:
    """Put an item into the plan; False when its code is taken."""
    return add_once(session, item)


# -------------------------------------------------------------------------------------------------------------- imports


def import_plan(
    session: Session, plan: StrategicPlan, now: datetime, *, dry_run: bool = False, complete: bool = False
) -> Changes:
    """Put the file's items into force. Raises `StrategicMistakes`, having changed nothing.

    With `complete` the file is the whole plan: what is not in it is retired. With `dry_run` the changes are found out
    and taken back.
    """
    teams = {team.name.casefold(): team for team in people.teams(session)}
    mistakes = [
        *plan.mistakes,
        *(
            Mistake(row.line, f"there is no team {shown(row.team)} on the roster")
            for row in plan.rows
            if row.team and row.team.casefold() not in teams
        ),
    ]
    if mistakes:
        raise StrategicMistakes(mistakes)
    attempt = session.begin_nested()
    changes = _imported(session, plan, teams, now, complete=complete)
    session.flush()
    if dry_run:
        attempt.rollback()
    else:
        attempt.commit()
    return changes


def _imported(
    session: Session, plan: StrategicPlan, teams: dict[str, Team], now: datetime, *, complete: bool
) -> Changes:
    changes = Changes("retired", notes=list(plan.notes))
    known = {item.code.casefold(): item for item in session.scalars(select(StrategicItem))}
    names = {team.id: team.name for team in teams.values()}
    for row in plan.rows:
        team = teams[row.team.casefold()] if row.team else None
        item = known.get(row.code.casefold())
        if item is None:
            session.add(
                StrategicItem(code=row.code, words=row.words, made_at=now, research=row.research, due_on=row.by,
                              team_id=team.id if team else None)
            )  # fmt: skip
            changes.added.append(f"{row.code} {row.words}")
            continue
        what = _changed(item, row, team, names, plan.columns)
        if what:
            changes.changed.append(f"{item.code} ({', '.join(what)})")
        else:
            changes.unchanged += 1
    listed = {row.code.casefold() for row in plan.rows}
    for code, item in known.items():
        if complete and code not in listed and item.retired_at is None:
            item.retired_at = now
            changes.gone.append(f"{item.code} {item.words}")
    return changes


def _changed(
    item: StrategicItem, row: StrategicRow, team: Team | None, names: dict[int, str], columns: frozenset[str]
) -> list[str]:
    """What of the item is different from now on; what the file has no column for is left as it is."""
    what: list[str] = []
    if item.retired_at is not None:
        item.retired_at = None
        what.append("in force again")
    if item.words != row.words:
        item.words = row.words
        what.append(f"now {shown(row.words)}")
    team_id = team.id if team else None
    if "team" in columns and item.team_id != team_id:
        item.team_id = team_id
        what.append(f"for {names[team_id]}" if team_id is not None else "for all teams")
    if "research" in columns and item.research != row.research:
        item.research = row.research
        what.append("a research project" if row.research else "no research project")
    if "by" in columns and item.due_on != row.by:
        item.due_on = row.by
        what.append(_by(row.by))
    return what


def _by(day: date | None) -> str:
    return f"by {day.isoformat()}" if day is not None else "by no day"
