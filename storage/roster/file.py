"""The roster as a CSV file has it: read whole, with every mistake that shows in the file by itself."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from bot import wording
from storage.roster.hours import days_without_work, kept_hours, kept_lunch
from storage.roster.values import Values, shown

COLUMNS = (
    "name", "email", "team", "lead", "manager", "partner", "zone", "days", "hours", "lunch", "calendar", "starts",
    "leaves", "role",
)  # fmt: skip
NEEDED = ("name", "email")
MOST_BYTES = 10_000_000  # some fifty thousand people; a larger file is not a roster


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and on which line of the file."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}"


class RosterMistakes(ValueError):
    """The roster cannot be imported, and nothing of it was. `lines` names every mistake, in the file's order."""

    def __init__(self, mistakes: Collection[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda mistake: mistake.line))
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """Each mistake with its line, ready to print."""
        return tuple(str(mistake) for mistake in self.mistakes)


@dataclass(frozen=True)
class Row:
    """One person as the file has them. What is empty there is None here."""

    line: int
    name: str
    email: str
    team: str | None = None
    lead: bool = False
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


@dataclass(frozen=True)
class Roster:
    """A file that was read. `columns` are those it has: what it has no column for is left as it is.

    With `mistakes` nothing of it can be imported. `notes` are worth saying, but nothing is wrong.
    """

    rows: tuple[Row, ...]
    columns: frozenset[str]
    mistakes: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()


def read_roster(written: str | bytes) -> Roster:
    """The roster in a CSV file, commas, semicolons or tabs, with every mistake that shows in the file by itself."""
    notes: list[str] = []
    if isinstance(written, bytes):
        if len(written) > MOST_BYTES:
            return _unusable("the file is larger than 10 MB: that is not a roster")
        try:
            written = _decoded(written, notes)
        except UnicodeDecodeError:
            return _unusable("this is not text: save it as “CSV UTF-8”")
    written = written.removeprefix("\ufeff")
    if "\0" in written:
        return _unusable("this is not a CSV file: save it as “CSV UTF-8”")
    records = _records(written)
    try:
        first = next(records, None)
        if first is None:
            return _unusable("the file is empty")
        heading_line, heading = first
        columns, mistakes = _columns(heading_line, heading)
        rows: list[Row] = []
        if not mistakes:
            for line, values in records:
                _add_row(line, dict(zip(columns, values, strict=False)), len(values) - len(columns), rows, mistakes)
            mistakes += _twice(rows)
            if not rows and not mistakes:
                mistakes.append(Mistake(heading_line, "there is nobody under the headings"))
    except csv.Error as error:
        return _unusable(f"this is not a CSV file: {error}")
    return Roster(tuple(rows), frozenset(columns), tuple(mistakes), tuple(notes))


def _unusable(reason: str) -> Roster:
    return Roster((), frozenset(), (Mistake(1, reason),))


def _decoded(written: bytes, notes: list[str]) -> str:
    if written[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return written.decode("utf-16")
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        decoded = written.decode("cp1252")
        notes.append("the file is not UTF-8; it was read as Windows text (cp1252), so check names with accents")
        return decoded


def _records(written: str) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not empty, with the line it begins on."""
    lines = io.StringIO(written, newline="")
    skipped = 0
    if written[:4].lower() == "sep=":  # Excel's own first line
        skipped, separator = 1, written[4:5]
        lines.readline()
    else:
        heading = next((line for line in written.splitlines() if line.strip()), "")
        separator = max(",;\t", key=heading.count)
    reader = csv.reader(lines, delimiter=separator if separator in (",", ";", "\t") else ",", strict=True)
    begins = 1
    for record in reader:
        if any(value.strip() for value in record):
            yield begins + skipped, [value.strip() for value in record]
        begins = reader.line_num + 1


def _columns(line: int, heading: list[str]) -> tuple[list[str], list[Mistake]]:
    names = [" ".join(name.lower().split()) for name in heading]
    mistakes: list[Mistake] = []
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            known = ", ".join(COLUMNS)
            quoted = shown(name) if name else "without a heading"
            mistakes.append(Mistake(line, f"there is no column {quoted}; the columns are {known}"))
        elif names.count(name) > 1:
            mistakes.append(Mistake(line, f"the column {name} is there twice"))
    mistakes.extend(Mistake(line, f"the column {name} is missing") for name in NEEDED if name not in names)
    return names, mistakes


def _add_row(line: int, values: Mapping[str, str], too_many: int, rows: list[Row], mistakes: list[Mistake]) -> None:
    wrong: list[str] = []
    if too_many > 0:
        wrong.append("there are more values than headings: put quotation marks around a value that holds a separator")
    found = Values(values, wrong)
    name, email = found.name(), found.address("email")
    team = found.short("team")
    row = Row(
        line=line,
        name=name,
        email=email or "",
        team=team,
        lead=found.yes("lead"),
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
    mistakes.extend(Mistake(line, reason) for reason in wrong)
    rows.append(row)


def _twice(rows: list[Row]) -> list[Mistake]:
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
