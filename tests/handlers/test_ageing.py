"""Retention by policy: who left is erased, what is too old goes, and its owner is told in good time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.policy import Policy
from storage.models import Course, Entry, Grant, LearningTime, Person, Target
from storage.retention import clean_up, years_before
from tests.conftest import KEYRING, NOW, Chat

CANARY = "kingfisher"


@pytest.fixture
def policy(policy: Policy) -> Policy:
    retention = policy.retention.model_copy(update={"learning_years": 3, "leavers": 30})
    return policy.model_copy(update={"retention": retention})


def cleaned(chat: Chat) -> None:
    chat.database.run(lambda session: clean_up(session, chat.policy, chat.now))


def kept_on(chat: Chat, at: datetime) -> None:
    """Amina kept one of everything on that day, and a target that is still open."""
    amina = chat.person("Amina")

    def sealed() -> bytes:
        return KEYRING.seal(amina.id, amina.key, CANARY)

    def work(session: object) -> None:
        session.add_all(  # type: ignore[attr-defined]
            [
                Entry(owner_id=amina.id, words=sealed(), made_at=at),
                Course(owner_id=amina.id, title=sealed(), starts_on=at.date(), ends_on=at.date(), made_at=at,
                       state="attended", asked_at=at, nothing_to_add=True),
                LearningTime(owner_id=amina.id, words=sealed(), on_day=at.date(), minutes=60, made_at=at),
                Target(owner_id=amina.id, year=at.date(), words=sealed(), made_at=at, changed_at=at, state="met"),
                Target(owner_id=amina.id, year=at.date(), words=sealed(), made_at=at, changed_at=at),
            ]
        )  # fmt: skip

    chat.database.run(work)


def left(chat: Chat) -> int:
    return sum(len(chat.rows(select(table.id))) for table in (Entry, Course, LearningTime, Target))


def test_what_is_too_old_goes_two_months_after_its_owner_was_told(chat: Chat) -> None:
    chat.say("Ben", "hello")
    chat.say("Amina", "hello")
    kept_on(chat, datetime(2023, 2, 20, 12, tzinfo=UTC))
    kept_on(chat, datetime(2024, 2, 20, 12, tzinfo=UTC))
    entry = chat.rows(select(Entry.id).order_by(Entry.made_at))[0]
    chat.tap("Amina", "diary.open", entry)
    chat.say("Amina", "share this with Ben")
    chat.press("Amina", "Share it with Ben")
    cleaned(chat)
    assert left(chat) == 10
    chat.wait_until(datetime(2026, 3, 3, 12, tzinfo=UTC))
    assert "4 things of your learning record will go" in chat.screen_of("Amina")
    assert CANARY not in chat.last("Amina")
    chat.wait_until(datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert chat.screen_of("Amina").count("of your learning record will go") == 1
    chat.wait_until(datetime(2026, 4, 24, 12, tzinfo=UTC))
    cleaned(chat)
    assert left(chat) == 6, "the open target and what is younger stay"
    chat.wait(hours=2)
    assert CANARY not in chat.screen_of("Ben")
    assert chat.rows(select(Grant).where(Grant.revoked_at.is_(None))) == []


def test_nobody_is_told_of_nothing_and_without_a_limit_all_stays(chat: Chat) -> None:
    chat.say("Amina", "hello")
    kept_on(chat, datetime(2025, 2, 20, 12, tzinfo=UTC))
    chat.wait_until(NOW + timedelta(days=40))
    cleaned(chat)
    assert left(chat) == 5
    assert "learning record will go" not in chat.screen_of("Amina")
    chat.policy = chat.policy.model_copy(
        update={"retention": chat.policy.retention.model_copy(update={"learning_years": 0})}
    )
    chat.now = datetime(2040, 1, 1, tzinfo=UTC)
    cleaned(chat)
    assert left(chat) == 5


def test_who_left_is_erased_when_the_policy_says_so(chat: Chat) -> None:
    chat.say("Amina", f"diary: {CANARY}")
    chat.database.run(
        lambda session: session.execute(update(Person).where(Person.email == "amina@example.org").values(left_at=NOW))
    )
    amina = chat.person("Amina")
    chat.now = NOW + timedelta(days=29)
    cleaned(chat)
    assert len(chat.rows(select(Entry))) == 1
    chat.now = NOW + timedelta(days=31)
    cleaned(chat)
    gone = chat.rows(select(Person).where(Person.id == amina.id))[0]
    assert gone.key is None
    assert "Amina" not in gone.name
    assert chat.rows(select(Entry)) == []


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [("2026-03-02", 3, "2023-03-02"), ("2024-02-29", 1, "2023-02-28"), ("2024-02-29", 4, "2020-02-29")],
)
def test_years_before_a_day(day: str, years: int, then: str) -> None:
    assert years_before(datetime.fromisoformat(day).date(), years).isoformat() == then
