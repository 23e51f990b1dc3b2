"""An organisation whose people have learned for two years: what a yearly report counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.courses.impact_words import Changed
from storage.models import (
    Course,
    DevelopmentPlan,
    Impact,
    Interview,
    LearningTime,
    Person,
    Seminar,
    SeminarSeat,
    StrategicItem,
    Team,
)
from tests.conftest import KEYRING, NOW
from tests.papers.conftest import planned, review_of, sealed

THIS, LAST = date(2025, 9, 1), date(2024, 9, 1)


@dataclass
class Organisation:
    """People in teams, and what they did; all words are `canary`."""

    session: Session
    canary: str = "Looked at how others teach"
    teams: dict[str, list[Person]] = field(default_factory=dict)

    def team(self, name: str, people: int) -> Sequence[Person]:
        """A team of so many people, the first of whom leads it."""
        team = self.session.scalar(select(Team).where(Team.name == name)) or Team(name=name)
        self.session.add(team)
        self.session.flush()
        members = list(self.session.scalars(select(Person).where(Person.team_id == team.id).order_by(Person.id)))
        for number in range(len(members), people):
            person = Person(
                name=f"Learner-{number} Of-{name.split()[0]}", email=f"{name.split()[0].lower()}{number}@example.org",
                key=KEYRING.new_person_key(), team_id=team.id, starts_on=date(2020, 1, 1),
            )  # fmt: skip
            self.session.add(person)
            members.append(person)
        self.session.flush()
        team.lead_id = members[0].id if members else None
        self.teams[name] = members
        return members

    def course(self, person: Person, on: date, **more: Any) -> Course:
        """An activity that somebody attended."""
        words = {name: self._sealed(person) for name in ("title", "kind_words", "provider", "accredited", "feedback",
                                                        "document", "team_words")}  # fmt: skip
        made = Course(owner_id=person.id, starts_on=on, ends_on=on, made_at=NOW, state="attended",
                      **{**words, "kind": "shadowing", "need": "plan", **more})  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made

    def impact(self, course: Course, term: str, at: datetime, *criteria: str) -> None:
        """Where somebody said that something has changed."""
        person = self.session.get_one(Person, course.owner_id)
        answers = KEYRING.seal(person.id, person.key, Changed(criteria, self.canary).packed())
        self.session.add(Impact(course_id=course.id, owner_id=person.id, term=term, state="written", written_at=at,
                                answers=answers))  # fmt: skip

    def logged(self, person: Person, on: date, minutes: int, **more: Any) -> None:
        """A stretch of learning time."""
        self.session.add(LearningTime(owner_id=person.id, words=self._sealed(person), on_day=on, minutes=minutes,
                                      made_at=NOW, **{"kind": "reading", **more}))  # fmt: skip

    def interview(self, learner: Person, partner: Person, year: date, window: int, on: date) -> None:
        """An interview that was held."""
        starts = datetime.combine(on, NOW.timetz())
        self.session.add(Interview(learner_id=learner.id, partner_id=partner.id, year=year, window=window, state="met",
                                   starts_at=starts, ends_at=starts + timedelta(minutes=45), proposed_by_id=learner.id,
                                   uid=f"{learner.id}/{year}/{window}", made_at=NOW))  # fmt: skip

    def seminar(self, on: date, people: Sequence[Person]) -> None:
        """A seminar at which these people were."""
        starts = datetime.combine(on, NOW.timetz())
        made = Seminar(
            theme="digital", year=THIS, title=sealed(self.canary), about=sealed(self.canary), made_at=NOW,
            uid=f"seminar/{on}", state="held", starts_at=starts, ends_at=starts + timedelta(hours=2),
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        for person in people:
            self.session.add(SeminarSeat(seminar_id=made.id, person_id=person.id, asked_at=NOW, state="attended"))

    def live(self) -> None:
        """Two years: most people learn, in several ways; some are owed days; teams review and plan."""
        care = self.team("Children's Services", 14)
        inclusion = self.team("Inclusion", 9)
        early = self.team("Early Years and Childcare", 7)
        self.team("Governor Support", 3)
        everybody = [*care, *inclusion, *early, *self.teams["Governor Support"]]
        kinds = ("in_house", "external", "conference", "shadowing", "coaching", "research")
        needs = ("plan", "interview", "strategic_plan", "role")
        for number, person in enumerate(everybody):
            for year, much in ((LAST, 2), (THIS, 3)):
                for again in range(much):
                    at = number + again
                    course = self.course(
                        person, year + timedelta(days=20 + 9 * again + number), kind=kinds[at % len(kinds)],
                        need=needs[at % len(needs)], days=(0.5, 1, 2)[at % 3], cost=(None, 0, 12_550, 9_000)[at % 4],
                        worth=at % 5 + 1, off_the_job=at % 5 != 0,
                    )  # fmt: skip
                    written = datetime.combine(course.ends_on + timedelta(days=42), NOW.timetz())
                    sooner = [key for key, each in (("skills", 3), ("confidence", 2), ("climate", 4)) if number % each]
                    self.impact(course, "short", written, *sooner, *(["career"] if number < 4 else []))
                    later = [key for key, each in (("skills", 4), ("outcomes", 3)) if number % each]
                    self.impact(course, "long", written + timedelta(days=60), *later)
                self.logged(person, year + timedelta(days=50 + number), 90 + 30 * (number % 4),
                            kind=("reading", "network", "")[number % 3])  # fmt: skip
            for year, window, on in ((LAST, 1, 70), (LAST, 2, 180), (LAST, 3, 300), (THIS, 1, 70), (THIS, 2, 170)):
                if (number + window) % 4:
                    self.interview(person, everybody[number - 1], year, window, year + timedelta(days=on))
        self.seminar(date(2026, 1, 14), everybody[::3])
        self.session.add(StrategicItem(code="A1", words="Every child is ready for school", made_at=NOW,
                                       due_on=date(2027, 7, 31)))  # fmt: skip
        self.session.add(StrategicItem(code="A2", words="Inclusion in every classroom", made_at=NOW, research=True))
        for name, state in (("Children's Services", "agreed"), ("Inclusion", "proposed"),
                            ("Early Years and Childcare", "agreed")):  # fmt: skip
            review = review_of(self.session, name, closed=NOW - timedelta(days=20))
            if self.session.scalar(select(DevelopmentPlan).where(DevelopmentPlan.team_id == review.team_id)) is None:
                planned(self.session, review, name, state=state)
        self.session.flush()

    def _sealed(self, person: Person) -> bytes:
        return KEYRING.seal(person.id, person.key, self.canary)
