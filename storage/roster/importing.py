"""Putting a file's people on the roster: all of it or nothing. Who left is marked, never deleted."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage import interviews, people, standards
from storage.models import Partnership, Person, Team
from storage.roster.file import Roster, RosterMistakes, Row
from storage.sealed import Keyring
from storage.written import Changes, Mistake


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
        self.changes = Changes("left", notes=list(roster.notes))
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
            self.changes.gone.append(f"{person.name} ({person.email})")
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
        if "post" in columns:
            post_id = standards.post_named(self.session, row.post).id if row.post else None
            if person.post_id != post_id:
                what.append(f"post is now {row.post or 'none'}")
                person.post_id = post_id
        if "manager" in columns:
            manager_id = self.people[row.manager].id if row.manager else None
            if person.manager_id != manager_id:
                what.append(f"manager is now {row.manager or 'nobody'}")
                person.manager_id = manager_id
        for column, attribute, value in (
            ("zone", "zone", row.zone or self.policy.zone),
            ("calendar", "calendar", row.calendar),
            ("starts", "starts_on", row.starts),
            ("leaves", "leaves_on", row.leaves),
            ("role", "role", row.role),
        ):
            if column in columns and getattr(person, attribute) != value:
                setattr(person, attribute, value)
                what.append(f"{column} {f'is now {value}' if value else 'removed'}")
        for column, attribute, value in (
            ("days", "working_days", row.days),
            ("hours", "hours", row.hours),
            ("lunch", "lunch", row.lunch),
        ):
            if value is not None and getattr(person, attribute) != value:  # an empty cell leaves what the person said
                setattr(person, attribute, value)
                what.append(f"{column} is now {value or 'as usual'}")
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
