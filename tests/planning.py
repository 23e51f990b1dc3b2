"""Team plans in tests: what they rest on, and the way from a draft to one that is agreed."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.console import channel
from storage import people
from storage.models import DevelopmentPlan, Finding, Person, PlanItem, Review, StrategicItem, Team
from tests.conftest import KEYRING, NOW, Chat

YEAR = date(2025, 9, 1)
TEAM = "Children's Services"


def team_id(session: Session, name: str = TEAM) -> int:
    return session.scalars(select(Team.id).where(Team.name == name)).one()


def strategic(chat: Chat, code: str, words: str, team: str | None = None, *, research: bool = False) -> None:
    def work(session: Session) -> None:
        session.add(StrategicItem(code=code, words=words, made_at=NOW, research=research,
                                  team_id=team_id(session, team) if team else None))  # fmt: skip

    chat.database.run(work)


def found(chat: Chat, *findings: str, place: str = "team", closed: datetime = NOW - timedelta(days=3)) -> int:
    """A closed review of the team with these findings, posted in that channel."""

    def work(session: Session) -> int:
        where = people.place(session, channel(place))
        review = Review(team_id=team_id(session), place_id=where, opened_by_id=None, title="Spring review",
                        anonymous=True, opened_at=NOW - timedelta(days=20), closes_at=closed,
                        state="closed")  # fmt: skip
        session.add(review)
        session.flush()
        for words in findings:
            sealed = KEYRING.seal_for_organisation(words)
            session.add(Finding(review_id=review.id, words=sealed, made_at=NOW))
        return review.id

    return chat.database.run(work)


def enrol_more(chat: Chat, number: int) -> None:
    """So many more people in the team."""

    def work(session: Session) -> None:
        for one in range(number):
            session.add(Person(name=f"More{one} Person", email=f"more{one}@example.org", key=KEYRING.new_person_key(),
                               team_id=team_id(session), starts_on=date(2020, 1, 1)))  # fmt: skip

    chat.database.run(work)


def plan(chat: Chat, year: date = YEAR) -> DevelopmentPlan:
    return chat.rows(select(DevelopmentPlan).where(DevelopmentPlan.year == year))[0]


def items(chat: Chat, year: date = YEAR) -> list[PlanItem]:
    about = plan(chat, year).id
    return chat.rows(select(PlanItem).where(PlanItem.plan_id == about).order_by(PlanItem.position))


def needs(chat: Chat, year: date = YEAR) -> list[str]:
    return [KEYRING.open_for_organisation(item.need) for item in items(chat, year)]


def begin(chat: Chat, where: str = "team") -> None:
    chat.say("Ola", "team plan", in_channel=where)
    chat.press("Ola", "Begin a draft", in_channel=where)


def add(chat: Chat, need: str, **more: str) -> None:
    chat.say("Ola", "team plan")
    chat.press("Ola", "Add an item")
    chat.submit("Ola", need=need, **more)


def propose(chat: Chat) -> None:
    chat.say("Ola", "team plan")
    chat.press("Ola", "Show what the team will see")
    chat.press("Ola", "Propose it in #team")


def agree_to_it(chat: Chat) -> None:
    chat.say("Ola", "team plan")
    chat.press("Ola", "Mark it as agreed")
    chat.press("Ola", "It is agreed")


def proposed(chat: Chat, *wanted: str) -> None:
    """A plan with these items, in front of the team."""
    begin(chat)
    for need in wanted or ("Run restorative meetings",):
        add(chat, need)
    propose(chat)


def agreed(chat: Chat, *wanted: str) -> None:
    proposed(chat, *wanted)
    agree_to_it(chat)


def in_the_channel(chat: Chat) -> str:
    return chat.screen_of("Farid", in_channel="team")
