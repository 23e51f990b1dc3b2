"""A learning record as it is after some years: one of everything that people keep, in every script they write in."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Attachment,
    Attendance,
    Course,
    Entry,
    Evidence,
    Impact,
    Interview,
    InterviewNote,
    LearningSet,
    LearningTime,
    NextStep,
    PeriodLog,
    Person,
    PlanReview,
    Reflection,
    SelfRating,
    SelfReview,
    SetMeeting,
    SetMember,
    Standard,
    StandardItem,
    Target,
    TargetVersion,
    TrainingDone,
)
from storage.sealed import Keyring

SAID = (
    "I asked before I answered, and the room went quiet in a good way.",
    "Heddiw dysgais ofyn cyn ateb; tŷ, dŵr a ŵyr oedd yr enghreifftiau.",
    "تعلمت اليوم أن أسأل قبل أن أجيب، وأن أنتظر الجواب (3 دقائق).",
    "היום למדתי לשאול לפני שאני עונה, ולחכות לתשובה.",
    "Worked well 👍🏽 – the “think, pair, share” idea 🎉 helped everybody 👩‍🏫.",
    '=HYPERLINK("https://evil.example","HR") was typed into the sheet <script>alert(1)</script> & laughed at.',
    "First line\nsecond line\n\n* a list, perhaps\n* or not",
)
THEIRS = "what-ben-wrote-is-his"  # must be in no portfolio but Ben's


@dataclass
class Life:
    """Somebody's record, being lived. `years` learning years end before `until`."""

    session: Session
    person: Person
    partner: Person
    keyring: Keyring
    until: datetime
    busy: int = 1  # how many times as much as a quiet year
    random: Random = field(default_factory=lambda: Random(1))

    def live(self, years: int = 1) -> None:
        """Fill the years up to `until`."""
        self._standard()
        for year in range(years):
            begins = date(self.until.year - 1 - years + year, 9, 1)
            self._year(begins)
        self.session.flush()

    def _year(self, begins: date) -> None:
        targets = [self._target(begins, number) for number in range(3)]
        for number in range(40 * self.busy):
            self._entry(self._at(begins, number * 8 // self.busy, number))
        for number in range(6 * self.busy):
            self._course(self._at(begins, 20 + number * 50 // self.busy, number), targets[number % 3], number)
        for number in range(20 * self.busy):
            at = self._at(begins, 10 + number * 15 // self.busy, number)
            spent = LearningTime(
                owner_id=self.person.id, words=self.sealed(self.say(number)), on_day=at.date(), made_at=at,
                minutes=(30, 90, 222)[number % 3], off_the_job=number % 4 != 0, kind=("", "shadowing")[number % 2],
            )  # fmt: skip
            self._add(spent)
            if number % 5 == 0:
                self._evidence("time", spent.id, at)
        for number in range(6):
            first = begins + timedelta(days=61 * number)
            self._add(
                PeriodLog(
                    owner_id=self.person.id, first=first, last=first + timedelta(days=60), state="written",
                    written_at=self._at(begins, 61 * number + 60, number),
                    answers=self._json({"progress": self.say(number), "impact": self.say(number + 1)}),
                )
            )  # fmt: skip
        self._add(
            PlanReview(owner_id=self.person.id, year=begins, state="written", written_at=self._at(begins, 300, 1),
                       answers=self._json({"learned": self.say(3), "next": self.say(4),
                                           "targets": [{"id": targets[0].id, "result": "met"}]}))
        )  # fmt: skip
        self._self_review(self._at(begins, 200, 1))
        for number in range(3):
            self._interview(self._at(begins, 60 + number * 100, number), begins, number)
        self._set(self._at(begins, 90, 2), begins)

    def _entry(self, at: datetime) -> None:
        number = at.timetuple().tm_yday
        quoted = {"by": "Chloe Dunn", "words": "Try waiting three seconds.", "link": "https://chat.example/p1"}
        entry = Entry(
            owner_id=self.person.id, words=self.sealed(self.say(number)), made_at=at,
            tags=self.sealed("coaching\nlistening") if number % 3 == 0 else None,
            edited_at=at + timedelta(hours=1) if number % 7 == 0 else None,
            question="What did you try for the first time?" if number % 9 == 0 else "",
            quoted=self._json(quoted) if number % 5 == 0 else None,
        )  # fmt: skip
        self._add(entry)
        if number % 4 == 0:
            self._evidence("entry", entry.id, at)
        if number % 6 == 0:
            self._add(
                Attachment(
                    owner_id=self.person.id, kind="entry", about=entry.id, name=self.sealed("plan ✏️.pdf"),
                    address=self.sealed("https://files.example/F1"), type="application/pdf",
                )
            )  # fmt: skip

    def _course(self, at: datetime, target: Target, number: int) -> None:
        course = Course(
            owner_id=self.person.id, title=self.sealed(f"Safeguarding, part {number + 1} – dysgu’n dda"),
            starts_on=at.date(), ends_on=at.date() + timedelta(days=number % 3), made_at=at - timedelta(days=30),
            days=(1.0, 0.5, 2.0)[number % 3], state=("attended", "attended", "cancelled")[number % 3], asked_at=at,
            kind=("course", "conference", "shadowing")[number % 3], need="own", booking="booked", worth=number % 5 + 1,
            provider=self.sealed("Hampshire CPD"), document=self.sealed("https://docs.example"), meeting_on=at.date(),
            kind_words=self.sealed("Learning walk") if number == 2 else None, rated="given",
            accredited=self.sealed("Level 2"), cost=12_550,
            feedback=self.sealed("The tutor listened."), training="safeguarding" if number == 0 else "",
            target_id=target.id, shared="team", team_words=self.sealed("We could try this in Year 3."),
        )  # fmt: skip
        self._add(course)
        if course.state == "attended":
            self._add(
                Reflection(
                    course_id=course.id, owner_id=self.person.id, what=self.sealed(self.say(number)),
                    so_what=self.sealed(self.say(number + 1)), what_next=self.sealed(self.say(number + 2)),
                    written_at=at + timedelta(days=2), asking="",
                )
            )  # fmt: skip
            answers = {
                "confidence": {"rating": number % 5 + 1, "words": self.say(number)},
                "outcomes": {"rating": None, "words": "It is too early to say."},
            }
            for term, days in (("short", 42), ("long", 180)):
                self._add(
                    Impact(course_id=course.id, owner_id=self.person.id, term=term, state="written",
                           asked_at=at, written_at=at + timedelta(days=days), answers=self._json(answers))
                )  # fmt: skip
        if number == 0:
            self._add(
                TrainingDone(owner_id=self.person.id, training="safeguarding", done_on=at.date(), made_at=at,
                             valid_until=at.date() + timedelta(days=730), course_id=course.id)
            )  # fmt: skip
        self._evidence("course", course.id, at)

    def _target(self, begins: date, number: int) -> Target:
        at = self._at(begins, 5 + number, number)
        effect = {"came": self.say(1), "rating": number * 2, "why": self.say(2)}
        target = Target(
            owner_id=self.person.id, year=begins, words=self.sealed(f"Target {number + 1}: wait before I answer"),
            made_at=at, changed_at=at + timedelta(days=30), strategy=self.sealed("Watch Ben teach, twice."),
            criteria=self.sealed("More children speak."), link=self.sealed("Team plan 2.1"), kind="self",
            due_on=begins + timedelta(days=200), state=("met", "partly", "open")[number], agreement="agreed",
            other_id=self.partner.id, agreed_version=1, answered_at=at + timedelta(days=31), version=1,
            comment=self.keyring.seal(self.partner.id, self.partner.key, THEIRS),
            evaluated_at=at + timedelta(days=250), evaluation=self._json(effect),
        )  # fmt: skip
        self._add(target)
        was = {"words": "wait", "strategy": "", "due_on": "2025-01-01", "kind": "self"}
        self._add(
            TargetVersion(target_id=target.id, owner_id=self.person.id, number=0, was=self._json(was),
                          made_at=at + timedelta(days=30))
        )  # fmt: skip
        return target

    def _interview(self, at: datetime, begins: date, number: int) -> None:
        interview = Interview(
            learner_id=self.person.id if number else self.partner.id,
            partner_id=self.partner.id if number else self.person.id, year=begins, window=number + 1, state="met",
            starts_at=at, ends_at=at + timedelta(minutes=45), proposed_by_id=self.person.id, made_at=at,
            uid=f"{self.person.id}-{at.isoformat()}",
        )  # fmt: skip
        self._add(interview)
        self._add(
            InterviewNote(interview_id=interview.id, author_id=self.person.id, words=self.sealed(self.say(number)),
                          written_at=at, private=self.sealed(f"Only for me. {self.say(number + 1)}"))
        )  # fmt: skip
        theirs = self.keyring.seal(self.partner.id, self.partner.key, THEIRS)
        self._add(
            InterviewNote(interview_id=interview.id, author_id=self.partner.id, words=theirs, written_at=at,
                          private=theirs)
        )  # fmt: skip
        self._add(
            NextStep(interview_id=interview.id, owner_id=self.person.id, words=self.sealed("Try it on Thursday"),
                     made_at=at, due_on=at.date() + timedelta(days=14), state="done")
        )  # fmt: skip

    def _set(self, at: datetime, begins: date) -> None:
        learning_set = LearningSet(name=f"Questions {begins.year}", facilitator_id=self.partner.id, made_at=at)
        self._add(learning_set)
        self._add(SetMember(set_id=learning_set.id, person_id=self.person.id, asked_at=at, state="accepted"))
        for number in range(3):
            starts = at + timedelta(days=30 * number)
            meeting = SetMeeting(
                set_id=learning_set.id, state="held", starts_at=starts, ends_at=starts + timedelta(minutes=45),
                uid=f"set-{learning_set.id}-{number}", made_at=at,
            )  # fmt: skip
            self._add(meeting)
            self._add(
                Attendance(meeting_id=meeting.id, person_id=self.person.id, year=begins, window=number + 1,
                           was_there=number != 1)
            )  # fmt: skip

    def _standard(self) -> None:
        self.statements: list[StandardItem] = []
        standard = self.session.scalar(select(Standard).where(Standard.key == "welsh"))
        if standard is None:
            standard = Standard(key="welsh", version="2009", title="The Standard", imported_at=self.until)
            self._add(standard)
            area = StandardItem(standard_id=standard.id, code="A", words="Knowledge and skills", position=0)
            self._add(area)
            for number in range(4):
                self._add(
                    StandardItem(standard_id=standard.id, code=f"A{number + 1}", words=f"Listens well ({number + 1})",
                                 position=number + 1, parent_id=area.id)
                )  # fmt: skip
        self.standard = standard
        self.statements = list(
            self.session.scalars(
                select(StandardItem)
                .where(StandardItem.standard_id == standard.id, StandardItem.parent_id.is_not(None))
                .order_by(StandardItem.position)
            )
        )

    def _self_review(self, at: datetime) -> None:
        review = SelfReview(owner_id=self.person.id, standard_id=self.standard.id, made_at=at, finished_at=at)
        self._add(review)
        for number, item in enumerate(self.statements):
            answer = {"level": ("strength", "growing", "need")[number % 3], "words": self.say(number)}
            self._add(
                SelfRating(review_id=review.id, owner_id=self.person.id, item_id=item.id, answer=self._json(answer))
            )

    def _evidence(self, kind: str, about: int, at: datetime) -> None:
        item = self.random.choice(self.statements)
        self._add(Evidence(owner_id=self.person.id, item_id=item.id, kind=kind, about=about, made_at=at))

    def _at(self, begins: date, days: int, minute: int) -> datetime:
        """An instant of its own: no two records of a life are made in the same microsecond."""
        self._tick = getattr(self, "_tick", 0) + 1
        at = datetime.combine(begins + timedelta(days=days), time(9 + minute % 7, minute % 60), UTC)
        return at + timedelta(microseconds=self._tick)

    def say(self, number: int) -> str:
        return SAID[number % len(SAID)]

    def sealed(self, words: str) -> bytes:
        return self.keyring.seal(self.person.id, self.person.key, words)

    def _json(self, said: Any) -> bytes:
        return self.sealed(json.dumps(said))

    def _add(self, record: Any) -> None:
        self.session.add(record)
        self.session.flush()


def lived(
    session: Session, email: str, keyring: Keyring, until: datetime, years: int = 1, busy: int = 1, partner: str = "ben"
) -> None:
    """Give the person with this address so many years of learning."""
    person = session.scalars(select(Person).where(Person.email == email)).one()
    other = session.scalars(select(Person).where(Person.email.startswith(partner))).one()
    Life(session, person, other, keyring, until, busy).live(years)


def texts(value: Any) -> Iterator[str]:
    """Every string in a plain value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)
