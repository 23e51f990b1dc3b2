"""A team that has reviewed itself twice, found something and planned; and the maker of papers beside the chat."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import NAME, TENANT
from bot.policy import Policy
from handlers.outcomes import Answer, packed
from storage.models import (
    DevelopmentPlan,
    Finding,
    FindingSource,
    KnownPlace,
    Person,
    PlanItem,
    PlanItemStep,
    PlanVoice,
    Review,
    ReviewAnswer,
    ReviewPoint,
    StrategicItem,
    Team,
)
from tests.conftest import KEYRING, NOW, Chat
from tests.portfolio.conftest import Desk

TEAM = "Children's Services"
SAID = (
    "We know what we are here for.",
    "تعلمنا أن نسأل قبل أن نجيب.",
    '=HYPERLINK("https://evil.example") <b>bold</b> & more',
    "Our purpose is clear to us, less so to schools.",
    "A longwordwithoutanyspaces" * 6,
    "First line\nsecond line",
)
PURPOSE, WORK = "purpose", "work"
YEAR = date(2025, 9, 1)


def sealed(words: str) -> bytes:
    return KEYRING.seal_for_organisation(words)


def place(session: Session) -> int:
    found = session.scalar(select(KnownPlace).where(KnownPlace.conversation == "channel:cs"))
    if found is None:
        found = KnownPlace(platform=NAME, tenant=TENANT, conversation="channel:cs", direct=False, title="cs")
        session.add(found)
        session.flush()
    return found.id


def review_of(
    session: Session, team: str = TEAM, *, title: str = "Spring", anonymous: bool = True, people: Sequence[str] = (),
    answers: int = 6, closed: datetime = NOW - timedelta(days=10), state: str = "closed", by: str = "Ola Lead",
    rated: int = 6, wrote: int = 6, worst: int = 1,
) -> Review:  # fmt: skip
    """A review to which so many answered: the first `rated` rate, the first `wrote` write about the purpose."""
    found = session.scalars(select(Team).where(Team.name == team)).one()
    lead = session.scalar(select(Person.id).where(Person.name == by))
    made = Review(team_id=found.id, place_id=place(session), opened_by_id=lead, title=title, anonymous=anonymous,
                  opened_at=closed - timedelta(days=14), closes_at=closed, state=state)  # fmt: skip
    session.add(made)
    session.flush()
    authors = [session.scalars(select(Person).where(Person.name.startswith(name))).one() for name in people]
    for number in range(answers):
        rating = worst + number % (6 - worst) if number < rated else None
        said = packed({
            PURPOSE: Answer(rating, SAID[number % len(SAID)] if number < wrote else ""),
            WORK: Answer(5 if number < 4 else None, ""),
        })  # fmt: skip
        author = authors[number] if authors else None
        words = sealed(said) if author is None else KEYRING.seal(author.id, author.key, said)
        session.add(ReviewAnswer(id=secrets.randbits(62), review_id=made.id, mark=secrets.token_hex(8), answers=words,
                                 person_id=author.id if author else None))  # fmt: skip
    session.flush()
    return made


def found_in(session: Session, review: Review, words: str, said: str = "", by: str = "") -> Finding:
    """A finding that rests on what somebody wrote, and on the ratings of a question."""
    author = session.scalars(select(Person).where(Person.name.startswith(by))).one() if by else None
    point = ReviewPoint(
        id=secrets.randbits(62), review_id=review.id, question=PURPOSE, marks=3,
        words=KEYRING.seal(author.id, author.key, said) if author else sealed(said or SAID[0]),
        person_id=author.id if author else None,
    )  # fmt: skip
    finding = Finding(review_id=review.id, words=sealed(words), made_at=NOW)
    session.add_all([point, finding])
    session.flush()
    session.add_all([FindingSource(finding_id=finding.id, point_id=point.id),
                     FindingSource(finding_id=finding.id, question=WORK)])  # fmt: skip
    session.flush()
    return finding


def planned(
    session: Session, review: Review | None, team: str = TEAM, *, state: str = "agreed", finding: Finding | None = None
) -> DevelopmentPlan:
    """A plan with an item from every source, each in another state."""
    found = session.scalars(select(Team).where(Team.name == team)).one()
    lead = session.get(Person, found.lead_id) if found.lead_id else None
    strategic = StrategicItem(code=f"S{found.id}", words="Better starts for young children", made_at=NOW)
    plan = DevelopmentPlan(team_id=found.id, year=YEAR, made_at=NOW, state=state, proposed_at=NOW - timedelta(days=5),
                           agreed_at=NOW if state == "agreed" else None,
                           review_id=review.id if review is not None else None)  # fmt: skip
    session.add_all([strategic, plan])
    session.flush()
    items: list[tuple[str, str, dict[str, Any]]] = [
        ("Spreadsheets for everybody who reports", "individual", {"state": "under_way", "cost": 12_550}),
        ("Say more plainly what we are for", "review", {"finding_id": finding.id if finding else None, "cost": 0}),
        ("Study how schools read our letters", "strategic",
         {"strategic_id": strategic.id, "research": True, "state": "dropped", "why": sealed("No time this year.")}),
        ("=SUM(A1) is what we want to understand", "team", {"state": "done"}),
    ]  # fmt: skip
    for position, (need, source, more) in enumerate(items):
        item = PlanItem(
            plan_id=plan.id, source=source, need=sealed(need), made_at=NOW, position=position, how="coaching",
            how_words=sealed("with the county"), who_for=sealed("All of us"), criteria=sealed("Schools say so."),
            due_on=date(2026, 5, 29), leads_id=lead.id if lead else None, **more,
        )  # fmt: skip
        session.add(item)
        session.flush()
        session.add(PlanItemStep(item_id=item.id, state=item.state, at=NOW, words=sealed("We talked to Bitterne.")))
    session.flush()
    return plan


def spoke(session: Session, plan: DevelopmentPlan, who: str, words: str = "") -> None:
    """Somebody agrees to the plan, or objects to it in words."""
    person = session.scalars(select(Person).where(Person.name.startswith(who))).one()
    assert plan.proposed_at is not None
    said = KEYRING.seal(person.id, person.key, words) if words else None
    session.add(PlanVoice(plan_id=plan.id, person_id=person.id, agrees=not words, at=NOW,
                          about_proposal=plan.proposed_at, words=said))  # fmt: skip
    session.flush()


@dataclass
class Office(Desk):
    """The desk with a team's year behind it."""

    def do(self, work: Any) -> Any:
        return self.chat.database.run(work)

    def under(self, policy: Policy) -> None:
        """From now on another policy holds."""
        self.chat.policy = policy
        for part in (self.chat.dispatcher, self.chat.delivery, self.maker):
            object.__setattr__(part, "policy", policy)

    def a_year(self, *, anonymous: bool = True, state: str = "agreed") -> int:
        """Two reviews, findings and a plan with what was said to it; the later review's number."""
        people = () if anonymous else ("Ola", "Amina", "Ben", "Chloe", "Dan", "Eve")

        def work(session: Session) -> int:
            review_of(session, title="Last spring", closed=NOW - timedelta(days=370), worst=3)
            review = review_of(session, anonymous=anonymous, people=people)
            finding = found_in(session, review, "Schools do not know what we are for", "They ask us.",
                               "" if anonymous else "Amina")  # fmt: skip
            plan = planned(session, review, finding=finding, state=state)
            spoke(session, plan, "Ben")
            spoke(session, plan, "Dan", "It is too much for one year.")
            return review.id

        return self.do(work)

    def paper(self, who: str = "Ola", words: str = "export review") -> bytes:
        """Have the paper made as it is offered, and fetch it."""
        self.chat.say(who, words)
        self.chat.press(who, "Make it")
        self.work()
        return self.post(self.address(who)).content

    def in_kinds(self, *kinds: str, who: str = "Ola", words: str = "export review") -> dict[str, bytes]:
        """The paper in these kinds of file, each under its key."""
        made: dict[str, bytes] = {}
        for kind in kinds:
            self.chat.say(who, words)
            self.chat.press(who, "Choose")
            kept = {one.name: one.value for one in self.chat.form(who).fields}
            self.chat.submit(who, **{**kept, "formats": kind})
            self.chat.press(who, "Make it")
            self.work()
            response = self.post(self.address(who))
            assert response.status_code == 200
            made[kind] = response.content
        return made


@pytest.fixture
def office(chat: Chat) -> Iterator[Office]:
    office = Office(chat)
    yield office
    office.close()
