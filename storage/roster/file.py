"""The roster as a CSV file has it: read whole, with every mistake that shows in the file by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import wording
from storage.roster.hours import days_without_work, kept_hours, kept_lunch
from storage.roster.values import Values
from storage.written import Mistake, Mistakes, Table, read_table, shown

COLUMNS = (
    "name", "email", "team", "lead", "post", "manager", "partner", "zone", "days", "hours", "lunch", "calendar",
    "starts", "leaves", "role",
)  # fmt: skip
NEEDED = ("name", "email")
MEGABYTES = 10  # some fifty thousand people; a larger file is not a roster


class RosterMistakes(Mistakes):
    """The roster cannot be imported, and nothing of it was."""


@dataclass(frozen=True)
class Row:
    """One person as the file has them. What is empty there is None here."""

    line: int
    name: str
    email: str
    team: str | None = None
    lead: bool = False
    post: str | None = None
    manager: str | None = None
    partner: str | None = None
    zone: str | None = None
    days: str | None = None
    hours: str | None = None
    lunch: str | None = None
    calendar: str = ""
    starts: date | None = None
    leaves: date | None = None
    role: str = "member"


Roster = Table[Row]


def read_roster(written: str | bytes) -> Roster:
    """The roster in a CSV file, commas, semicolons or tabs, with every mistake that shows in the file by itself."""
    read = read_table(written, _row, known=COLUMNS, needed=NEEDED, megabytes=MEGABYTES, what="a roster",
                      nothing="there is nobody under the headings")  # fmt: skip
    return replace(read, mistakes=(*read.mistakes, *_twice(read.rows)))


def _row(line: int, values: Mapping[str, str], wrong: list[str]) -> Row:
    found = Values(values, wrong)
    name, email = found.name(), found.address("email")
    team = found.short("team")
    row = Row(
        line=line,
        name=name,
        email=email or "",
        team=team,
        lead=found.yes("lead"),
        post=found.short("post"),
        manager=found.address("manager"),
        partner=found.address("partner"),
        zone=found.zone(),
        days=found.days(),
        hours=found.kept("hours", kept_hours),
        lunch=found.kept("lunch", kept_lunch),
        calendar=found.calendar(),
        starts=found.date("starts"),
        leaves=found.date("leaves"),
        role=found.role(),
    )
    if email is None and not values.get("email"):
        wrong.append("there is no e-mail address")
    if row.lead and team is None:
        wrong.append("somebody who leads needs a team")
    if email is not None and email == row.manager:
        wrong.append("nobody is their own manager")
    if email is not None and email == row.partner:
        wrong.append("nobody is their own learning partner")
    if row.starts and row.leaves and row.leaves < row.starts:
        wrong.append(f"the last day, {row.leaves}, is before the first, {row.starts}")
    if row.hours and row.days and (idle := days_without_work(row.hours, row.days)):
        wrong.append(
            f"there are hours for {wording.listed(idle)}, which the days leave out; add it to the days, or take its "
            "hours out"
        )
    return row


def _twice(rows: Sequence[Row]) -> list[Mistake]:
    mistakes: list[Mistake] = []
    seen: dict[str, int] = {}
    leads: dict[str, int] = {}
    for row in rows:
        if row.email and row.email in seen:
            mistakes.append(Mistake(row.line, f"{row.email} is on line {seen[row.email]} already"))
        seen.setdefault(row.email, row.line)
        if row.lead and row.team:
            team = row.team.casefold()
            if team in leads:
                mistakes.append(
                    Mistake(row.line, f"the team {shown(row.team)} has a lead on line {leads[team]} already")
                )
            leads.setdefault(team, row.line)
    return mistakes
