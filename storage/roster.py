"""The roster from a CSV file: read whole, with every mistake named, and imported all of it or nothing.

Importing the same file twice changes nothing. Who left is marked, never deleted.
"""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot import wording
from bot.policy import Policy
from storage import interviews, people
from storage.models import Partnership, Person, Team
from storage.sealed import Keyring

COLUMNS = ("name", "email", "team", "lead", "manager", "partner", "zone", "days", "starts", "leaves", "role")
NEEDED = ("name", "email")
ROLES = ("member", "coordinator", "privacy_officer", "operator")
LONGEST = 120
MOST_BYTES = 10_000_000  # some fifty thousand people; a larger file is not a roster

_EMAIL = re.compile(r"[^@\s,;<>\"']+@[^@\s,;<>\"']+\.[^@\s,;<>\"'.]+")
_YES = frozenset({"yes", "y", "true", "1", "x", "lead"})
_NO = frozenset({"no", "n", "false", "0", "", "-"})
_BRITISH = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LETTERS = {"m": 1, "tu": 2, "w": 3, "th": 4, "f": 5, "sa": 6, "su": 7}


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


@dataclass
class Changes:
    """What an import did, or would do: people by name and address, and for those who changed, what did."""

    added: list[str] = field(default_factory=list[str])
    changed: list[str] = field(default_factory=list[str])
    left: list[str] = field(default_factory=list[str])
    unchanged: int = 0
    notes: list[str] = field(default_factory=list[str])

    def lines(self) -> list[str]:
        """One line for each person that is not as before, and for each note."""
        return [
            *(f"new: {who}" for who in self.added),
            *(f"changed: {who}" for who in self.changed),
            *(f"left: {who}" for who in self.left),
            *(f"note: {note}" for note in self.notes),
        ]

    def summary(self) -> str:
        """`8 new, 0 changed, 0 left, 0 as before`."""
        return f"{len(self.added)} new, {len(self.changed)} changed, {len(self.left)} left, {self.unchanged} as before"


# ----------------------------------------------------------------------------------------------------------- reading


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
            shown = _shown(name) if name else "without a heading"
            mistakes.append(Mistake(line, f"there is no column {shown}; the columns are {known}"))
        elif names.count(name) > 1:
            mistakes.append(Mistake(line, f"the column {name} is there twice"))
    mistakes.extend(Mistake(line, f"the column {name} is missing") for name in NEEDED if name not in names)
    return names, mistakes


def _add_row(line: int, values: Mapping[str, str], too_many: int, rows: list[Row], mistakes: list[Mistake]) -> None:
    wrong: list[str] = []
    if too_many > 0:
        wrong.append("there are more values than headings: put quotation marks around a value that holds a separator")
    found = _Values(values, wrong)
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
    mistakes.extend(Mistake(line, reason) for reason in wrong)
    rows.append(row)


@dataclass
class _Values:
    """The values of one row, each read as what it should be; what is wrong is noted, not raised."""

    values: Mapping[str, str]
    wrong: list[str]

    def short(self, column: str) -> str | None:
        value = " ".join(self.values.get(column, "").split())
        if len(value) > LONGEST or not value.isprintable():
            self.wrong.append(f"the {column} {_shown(value)} is too long or holds signs that cannot be shown")
            return None
        return value or None

    def name(self) -> str:
        value = self.short("name")
        if value is None and not self.values.get("name", "").strip():
            self.wrong.append("there is no name")
        return value or ""

    def address(self, column: str) -> str | None:
        value = self.values.get(column, "").lower().removeprefix("mailto:")
        if not value:
            return None
        if len(value) > 254 or not _EMAIL.fullmatch(value):
            self.wrong.append(f"the {column} {_shown(value)} is not an e-mail address")
            return None
        return value

    def yes(self, column: str) -> bool:
        value = self.values.get(column, "").lower()
        if value not in _YES | _NO:
            self.wrong.append(f"{column} is yes or no, not {_shown(value)}")
        return value in _YES

    def zone(self) -> str | None:
        value = self.values.get("zone", "")
        if not value:
            return None
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.wrong.append(f"{_shown(value)} is not a time zone here; write it like Europe/London")
            return None

    def days(self) -> str | None:
        value = self.values.get("days", "")
        if not value:
            return None
        days = working_days(value)
        if days is None:
            self.wrong.append(f"the days {_shown(value)} are not clear; write them like Mon-Fri, or Mon Tue Thu")
        return days

    def date(self, column: str) -> date | None:
        value = self.values.get(column, "")
        if not value:
            return None
        try:
            if british := _BRITISH.fullmatch(value):
                return date(int(british[3]), int(british[2]), int(british[1]))
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
                return date.fromisoformat(value)
        except ValueError:
            self.wrong.append(f"{column}: there is no day {_shown(value)}")
            return None
        self.wrong.append(f"{column}: {_shown(value)} is not a date; write it like 2026-09-01 or 01/09/2026")
        return None

    def role(self) -> str:
        value = re.sub(r"[\s_-]+", "_", self.values.get("role", "").lower()) or "member"
        if value not in ROLES:
            named = ", ".join(role.replace("_", " ") for role in ROLES)
            self.wrong.append(f"there is no role {_shown(value)}; the roles are {named}")
            return "member"
        return value


def working_days(written: str) -> str | None:
    """ISO weekday digits for "Mon-Fri", "Mon, Tue and Thu", "MTW" or "12345"; None when that is not clear."""
    value = " ".join(re.sub(r"[,;/&+.]|\band\b", " ", written.lower()).split())
    if re.fullmatch(r"[1-7]+", value):
        return _in_order({int(digit) for digit in value})
    if re.fullmatch(r"(?:th|tu|sa|su|[mtwf])+", value):
        return _letters(re.findall(r"th|tu|sa|su|[mtwf]", value))
    value = re.sub(r"\s*(?:-|–|\bto\b)\s*", "-", value)
    found: set[int] = set()
    for part in value.split():
        ends = [_weekday(word) for word in part.split("-")]
        if len(ends) > 2 or None in ends:
            return None
        first, last = ends[0], ends[-1]
        assert first is not None
        assert last is not None
        found.update((first + step - 1) % 7 + 1 for step in range((last - first) % 7 + 1))
    return _in_order(found) if found else None


def _letters(parts: list[str]) -> str | None:
    """ "MTW", "MTWTF", "TuTh": a T by itself is clear only beside a W or another T."""
    found: list[int] = []
    for n, part in enumerate(parts):
        if part == "t" and (parts[n + 1 : n + 2] == ["w"] or (parts.count("t") == 2 and "t" not in parts[:n])):
            found.append(2)
        elif part == "t" and ("w" in parts[:n] or "t" in parts[:n]):
            found.append(4)
        elif part in _LETTERS:
            found.append(_LETTERS[part])
        else:
            return None
    return _in_order(found) if found == sorted(set(found)) else None


def _weekday(word: str) -> int | None:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    beginning = word.removesuffix("s") if len(word) > 2 else word
    fits = [n for n, name in enumerate(full, 1) if beginning and name.startswith(beginning)]
    return fits[0] if len(fits) == 1 else None


def _in_order(days: Collection[int]) -> str:
    return "".join(str(day) for day in sorted(days))


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
                    Mistake(row.line, f"the team {_shown(row.team)} has a lead on line {leads[team]} already")
                )
            leads.setdefault(team, row.line)
    return mistakes


def _shown(value: str) -> str:
    printable = "".join(sign if sign.isprintable() else "�" for sign in value)
    return f"“{wording.shortened(printable, 60)}”"


# --------------------------------------------------------------------------------------------------------- importing


def import_roster(
    session: Session,
    roster: Roster,
    keyring: Keyring,
    now: datetime,
    policy: Policy,
    *,
    dry_run: bool = False,
    complete: bool = False,
) -> Changes:
    """Put the file's people, teams, leads, managers and partners on the roster. Raises `RosterMistakes`, having
    changed nothing.

    With `complete` the file is everybody: whoever is not in it has left. Without, they stay as they are. With `dry_run`
    the changes are found out and taken back.
    """
    mistakes = [*roster.mistakes, *_unknown_people(session, roster, now, policy)]
    if mistakes:
        raise RosterMistakes(mistakes)
    attempt = session.begin_nested()
    changes = _Import(session, roster, keyring, now, policy).run(complete=complete)
    session.flush()
    if dry_run:
        attempt.rollback()
    else:
        attempt.commit()
    return changes


def mark_leavers(session: Session, now: datetime, policy: Policy) -> int:
    """Mark whoever's last day is over where they are; what they had arranged is cancelled. Returns how many."""
    leaving = session.scalars(select(Person).where(Person.leaves_on.is_not(None), Person.left_at.is_(None))).all()
    gone = [person for person in leaving if _over(person.leaves_on, now, person.zone or policy.zone)]
    for person in gone:
        person.left_at = now
        interviews.person_left(session, person, now)
    return len(gone)


def _over(last_day: date | None, now: datetime, zone: str) -> bool:
    return last_day is not None and now.astimezone(ZoneInfo(zone)).date() > last_day


def _unknown_people(session: Session, roster: Roster, now: datetime, policy: Policy) -> list[Mistake]:
    """References to managers and partners who are neither in the file nor on the roster, or who have left."""
    here = {row.email for row in roster.rows if not _over(row.leaves, now, row.zone or policy.zone)}
    gone = {row.email for row in roster.rows} - here
    known = {person.email for person in people.present(session)} - gone
    mistakes: list[Mistake] = []
    for row in roster.rows:
        for column, email in (("manager", row.manager), ("partner", row.partner)):
            if email is None or email in here | known or row.email in gone:
                continue
            why = "has left" if email in gone else "is neither in this file nor on the roster"
            mistakes.append(Mistake(row.line, f"the {column} {email} {why}"))
    return mistakes


class _Import:
    """One import under way. What is compared is what was before, so that a second import finds nothing to do."""

    def __init__(self, session: Session, roster: Roster, keyring: Keyring, now: datetime, policy: Policy) -> None:
        self.session, self.roster, self.keyring, self.now, self.policy = session, roster, keyring, now, policy
        self.people = {person.email: person for person in session.scalars(select(Person)).all()}
        self.teams = {team.name.casefold(): team for team in session.scalars(select(Team)).all()}
        self.names = {person.id: person.name for person in self.people.values()}
        self.changes = Changes(notes=list(roster.notes))
        self.what: dict[str, list[str]] = {}

    def run(self, *, complete: bool) -> Changes:
        new: set[str] = set()
        here: list[Row] = []
        for row in self.roster.rows:
            known = row.email in self.people
            if _over(row.leaves, self.now, row.zone or self.policy.zone):
                if known:
                    self._leave(self.people[row.email], row.leaves)
                else:
                    self.changes.notes.append(f"line {row.line}: {row.name} has left already, and was not added")
                continue
            here.append(row)
            if not known:
                new.add(row.email)
                self._add(row)
        for row in here:
            self._settle(row, is_new=row.email in new)
        if "lead" in self.roster.columns:
            self._leads(here)
        for row in here:
            person = self.people[row.email]
            if row.email in new:
                self.changes.added.append(f"{person.name} ({person.email})")
            elif what := self.what.get(row.email):
                self.changes.changed.append(f"{person.name} ({person.email}): {', '.join(what)}")
            else:
                self.changes.unchanged += 1
        if complete:
            in_the_file = {row.email for row in self.roster.rows}
            for person in list(self.people.values()):
                if person.email not in in_the_file and person.left_at is None:
                    self._leave(person, None)
        return self.changes

    def _add(self, row: Row) -> None:
        person = Person(
            name=row.name, email=row.email, key=self.keyring.new_person_key(), zone=row.zone or self.policy.zone
        )
        self.session.add(person)
        self.session.flush()
        self.people[row.email] = person
        self.names[person.id] = person.name

    def _leave(self, person: Person, last_day: date | None) -> None:
        if last_day is not None:
            person.leaves_on = last_day
        if person.left_at is None:
            person.left_at = self.now
            interviews.person_left(self.session, person, self.now)
            self.changes.left.append(f"{person.name} ({person.email})")
        else:
            self.changes.unchanged += 1

    def _settle(self, row: Row, *, is_new: bool) -> None:
        person, columns = self.people[row.email], self.roster.columns
        what = self.what.setdefault(row.email, [])
        if person.left_at is not None:
            person.left_at, person.leaves_on = None, None
            what.append("is back")
        if person.name != row.name:
            what.append(f"name was {person.name}")
            person.name = row.name
        if "team" in columns:
            team_id = self._team(row.team).id if row.team else None
            if person.team_id != team_id:
                what.append(f"team is now {row.team or 'none'}")
                person.team_id = team_id
        if "manager" in columns:
            manager_id = self.people[row.manager].id if row.manager else None
            if person.manager_id != manager_id:
                what.append(f"manager is now {row.manager or 'nobody'}")
                person.manager_id = manager_id
        for column, attribute, value in (
            ("zone", "zone", row.zone or self.policy.zone),
            ("days", "working_days", row.days or "12345"),
            ("starts", "starts_on", row.starts),
            ("leaves", "leaves_on", row.leaves),
            ("role", "role", row.role),
        ):
            if column in columns and getattr(person, attribute) != value:
                setattr(person, attribute, value)
                what.append(f"{column} {'removed' if value is None else f'is now {value}'}")
        if row.partner is not None:
            self._partner(row, person, self.people[row.partner], what, is_new=is_new)

    def _team(self, name: str) -> Team:
        team = self.teams.get(name.casefold())
        if team is None:
            team = Team(name=name)
            self.session.add(team)
            self.session.flush()
            self.teams[name.casefold()] = team
        return team

    def _partner(self, row: Row, learner: Person, partner: Person, what: list[str], *, is_new: bool) -> None:
        """The organisation nominates; what a learner arranged themselves always comes first."""
        present = self.session.scalar(select(Partnership).where(Partnership.current == learner.id))
        if present is not None and present.partner_id == partner.id:
            return
        if present is not None and not present.nominated:
            self.changes.notes.append(
                f"line {row.line}: {learner.name} has arranged a learning partnership with "
                f"{self.names[present.partner_id]} and keeps it"
            )
            return
        chose_before = select(Partnership.id).where(
            Partnership.learner_id == learner.id,
            Partnership.partner_id == partner.id,
            or_(Partnership.state == "declined", Partnership.state == "ended"),
            Partnership.nominated.is_(False),
        )
        if present is None and not is_new and self.session.scalar(chose_before.limit(1)) is not None:
            self.changes.notes.append(
                f"line {row.line}: {learner.name} and {partner.name} were partners or asked before and are not now; "
                "that was left to them"
            )
            return
        if present is not None:
            present.state, present.current = "ended", None
            self.session.flush()
        self.session.add(
            Partnership(
                learner_id=learner.id, partner_id=partner.id, asked_at=self.now, state="accepted", current=learner.id,
                answered_at=self.now, nominated=True,
            )
        )  # fmt: skip
        self.session.flush()
        what.append(f"learning partner is now {partner.email}")

    def _leads(self, here: list[Row]) -> None:
        leading = {row.team.casefold(): row.email for row in here if row.lead and row.team}
        for key, team in self.teams.items():
            before = team.lead_id
            if key in leading:
                team.lead_id = self.people[leading[key]].id
            elif before is not None and any(self.people[row.email].id == before for row in here):
                team.lead_id = None  # the file has them, and no longer as this team's lead
            if team.lead_id != before:
                for row in here:
                    if self.people[row.email].id == team.lead_id:
                        self.what[row.email].append(f"now leads {team.name}")
                    elif self.people[row.email].id == before:
                        self.what[row.email].append(f"no longer leads {team.name}")
