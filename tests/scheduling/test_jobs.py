"""The clockwork: what is due is sent soon after the start, what recurs is owed once, what is old is forgotten."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.errors import Unavailable
from handlers.registry import Conversation, Registry
from handlers.turn import Turn
from scheduling.cadence import AHEAD, owe_what_recurs
from scheduling.jobs import Jobs
from scheduling.localtime import at_local
from storage import outbox, people
from storage.models import Beat, Draft, HandledEvent, Owed, Person
from storage.retention import clean_up
from tests.conftest import KEYRING, NOW, Chat, at_once
from tests.foundation import ACCEPTED_THEN_RESET, MAY, NOTES, World, prompt

LONDON = ZoneInfo("Europe/London")


@dataclass
class Daily:
    """A prompt for everybody, every day at the same time of their own clocks."""

    clock: time
    people: list[int] = field(default_factory=list)

    def owe(self, turn: Turn, until: datetime) -> None:
        for person in people.present(turn.session):
            zone = ZoneInfo(person.zone)
            day = turn.now.astimezone(zone).date()
            while (at := at_local(day, self.clock, zone)) <= until:
                if at > turn.now - timedelta(days=1):
                    outbox.owe(turn.session, "daily.prompt", about=None, to=person.id, at=at,
                               key=f"daily.prompt/{person.id}/{day}")  # fmt: skip
                day += timedelta(days=1)

    def conversation(self) -> Conversation:
        return Conversation("daily", {}, notices={"daily.prompt": prompt}, recurring=(self.owe,))


@pytest.fixture
def daily(world: World) -> World:
    """The world with a prompt for everybody at nine in the morning."""
    with_prompts(world, time(9, 0))
    return world


def with_prompts(world: World, clock: time) -> None:
    world.registry = Registry([NOTES, Daily(clock).conversation()], MAY)
    world.delivery.registry = world.registry


def cadence(world: World) -> None:
    world.database.run(lambda s: owe_what_recurs(s, world.registry, world.policy, KEYRING, world.now))


def started(world: World, *, until: int, seconds: float = 20) -> None:
    """Start the clockwork for real and let it run until so many messages are posted."""

    async def through() -> None:
        jobs = Jobs(world.delivery)
        await jobs.start()
        for _ in range(round(seconds / 0.05)):
            if len(world.post.posted) >= until:
                break
            await asyncio.sleep(0.05)
        await world.reception.drain(10)
        world.delivery.stopping = False
        jobs.stop()

    world.run(through())


def sent_to(world: World, who: str) -> int:
    return [where for where, _, _ in world.post.posted].count(f"dm:{who}")


def test_down_from_two_minutes_before_until_five_after_everybody_has_one_prompt(daily: World) -> None:
    daily.now = NOW - timedelta(hours=10)
    cadence(daily)  # the day before; then the machine is off
    daily.now = NOW + timedelta(minutes=5)
    started(daily, until=3)
    assert {who: sent_to(daily, who) for who in ("ana", "bo", "cy")} == {"ana": 1, "bo": 1, "cy": 1}
    started(daily, until=4, seconds=1.5)
    assert len(daily.post.posted) == 3


def test_down_for_three_days_everybody_has_one_prompt_to_catch_up(daily: World) -> None:
    cadence(daily)
    daily.now = NOW + timedelta(days=3, hours=2)
    started(daily, until=3)
    started(daily, until=4, seconds=1.5)
    assert {who: sent_to(daily, who) for who in ("ana", "bo", "cy")} == {"ana": 1, "bo": 1, "cy": 1}


def test_down_for_longer_than_was_owed_ahead_the_next_prompt_is_still_owed(daily: World) -> None:
    cadence(daily)
    daily.now = NOW + AHEAD + timedelta(days=10)
    started(daily, until=3)
    assert sent_to(daily, "ana") == 1
    due = daily.database.run(lambda s: s.scalar(select(func.count()).select_from(Owed).where(Owed.state == "due")))
    assert due == 3 * 14


def test_owing_what_recurs_any_number_of_times_at_once_owes_it_once(daily: World) -> None:
    cadence(daily)
    rows = len(daily.rows())
    at_once(*[lambda: cadence(daily)] * 6)
    assert len(daily.rows()) == rows == 3 * 15


@pytest.mark.parametrize(
    ("day", "clock"),
    [
        (date(2026, 3, 29), time(1, 30)),  # does not exist
        (date(2027, 3, 28), time(1, 30)),
        (date(2026, 10, 25), time(1, 30)),  # happens twice
        (date(2026, 10, 25), time(1, 0)),
        (date(2026, 3, 29), time(0, 30)),
        (date(2028, 2, 29), time(9, 0)),
    ],
)
def test_one_prompt_for_each_person_and_local_date_whatever_the_clocks_do(world: World, day: date, clock: time) -> None:
    with_prompts(world, clock)
    world.now = datetime.combine(day - timedelta(days=2), time(12), UTC)
    while world.now < datetime.combine(day + timedelta(days=2), time(12), UTC):
        cadence(world)
        world.run(world.delivery.run_until_idle())
        world.later(hours=1)
    local_dates = Counter(
        (row.to_id, row.sent_at.astimezone(LONDON).date()) for row in world.rows() if row.sent_at is not None
    )
    assert set(local_dates.values()) == {1}
    assert len(local_dates) == 3 * 5
    for row in world.rows():
        if row.due_at.astimezone(LONDON).date() != day:
            assert row.due_at.astimezone(LONDON).time() == clock


def test_the_real_conversations_owe_the_same_however_often_they_are_asked(chat: Chat) -> None:
    def owe() -> None:
        chat.database.run(lambda s: owe_what_recurs(s, chat.registry, chat.policy, KEYRING, chat.now))

    owe()
    keys = sorted(row.key for row in chat.rows(select(Owed)))
    at_once(*[owe] * 4)
    assert sorted(row.key for row in chat.rows(select(Owed))) == keys


def test_what_a_dead_process_left_is_looked_up_soon_after_the_start(world: World) -> None:
    world.owe("Ana")
    world.post.faults.append(ACCEPTED_THEN_RESET)
    world.post.hides = True
    world.tick()
    world.post.hides = False
    world.later(minutes=1)
    requests = len(world.post.requests)
    started(world, until=2, seconds=2)
    assert world.states() == ["sent"]
    assert len(world.post.requests) == requests


def test_the_clockwork_survives_a_database_that_is_away_for_a_while(world: World) -> None:
    jobs = Jobs(world.delivery)
    tick, failing = world.delivery.tick, [True, True]

    async def away(*, limit: int = 50) -> int:
        if failing:
            failing.pop()
            raise Unavailable("for a while")
        return await tick(limit=limit)

    world.delivery.tick = away  # type: ignore[method-assign]
    world.owe("Ana")

    async def through() -> None:
        await jobs.start()
        for _ in range(200):
            if world.post.posted:
                break
            await asyncio.sleep(0.05)
        jobs.stop()

    world.run(through())
    assert not failing
    assert len(world.post.posted) == 1


def old_things(session: Session) -> None:
    outbox.owe(session, "notes.prompt", about=1, to=1, at=NOW)
    session.scalars(select(Owed)).one().state = "sent"
    session.add(HandledEvent(key="old", at=NOW))
    person = session.get(Person, 1)
    assert person is not None
    session.add(Draft(owner_id=1, words=KEYRING.seal(1, person.key, "x"), made_at=NOW))


def test_what_is_old_is_forgotten_even_when_the_bot_was_off_that_night(world: World) -> None:
    world.database.run(old_things)
    world.now = NOW + timedelta(days=world.policy.retention.sent_messages + 40)
    started(world, until=1, seconds=1.5)
    assert (world.count(Owed), world.count(HandledEvent), world.count(Draft)) == (0, 0, 0)


def test_cleaning_up_is_done_once_a_day_however_many_processes_there_are(world: World) -> None:
    def clean() -> bool:
        return world.database.run(lambda session: clean_up(session, world.policy, world.now))

    assert sorted(at_once(*[clean] * 5)) == [False] * 4 + [True]
    world.later(hours=2)
    assert not clean()
    world.later(hours=22)
    assert sorted(at_once(*[clean] * 5)) == [False] * 4 + [True]
    assert world.count(Beat) == 1
