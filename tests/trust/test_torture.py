"""P1 and P3 under kill -9: nothing acknowledged is lost, nothing is done or said twice, wherever the process dies.

`LEARNBOT_TORTURE_KILLS` asks for more than the suite's three hundred; `make torture` does.
"""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import utc_now
from storage import outbox
from storage.database import Database, Record
from storage.models import Entry, HandledEvent, KnownAccount, Owed, Person
from tests.conftest import KEYRING

KILLS = int(os.environ.get("LEARNBOT_TORTURE_KILLS", "300"))
PEOPLE = ("ana", "bo", "cy", "di", "ed", "fi")
PATIENCE = 240.0  # seconds until the test gives up on a program that makes no progress
IN_FLIGHT = 6


@dataclass
class Chat:
    """The chat at the other end: it outlives every kill and remembers what was posted."""

    posted: list[tuple[str, str]] = field(default_factory=list)  # key, conversation
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            if line := await reader.readline():
                writer.write(json.dumps(await self._answer(**json.loads(line))).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def _answer(self, do: str, key: str, conversation: str = "") -> Any:
        if do == "send":
            self.posted.append((key, conversation))
            return {"id": str(len(self.posted))}
        if do == "find":
            await asyncio.sleep(0.02)  # what a dead process had written is read first
            for number, (posted, where) in enumerate(self.posted, 1):
                if posted == key:
                    return {"id": str(number), "conversation": where}
        return None


@dataclass
class Events:
    """Slack's side of the events: each is delivered again until it was acknowledged, and sometimes after that too."""

    pending: list[str]
    chance: random.Random
    acknowledged: set[str] = field(default_factory=set)
    deliveries: int = 0
    port: int = 0
    lines: dict[int, asyncio.StreamWriter] = field(default_factory=dict)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pid = int(await reader.readline())
        async with self.arrived:
            self.lines[pid] = writer
            self.arrived.notify_all()
        in_flight: set[str] = set()

        def deliver(key: str) -> None:
            self.deliveries += 1
            writer.write(json.dumps([key, f"keep {key}"]).encode() + b"\n")

        def fill() -> None:
            while len(in_flight) < IN_FLIGHT and self.pending:
                key = self.pending.pop(0)
                in_flight.add(key)
                for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
                    deliver(key)
            if self.acknowledged and self.chance.random() < 0.1:
                deliver(self.chance.choice(sorted(self.acknowledged)))

        with contextlib.suppress(ConnectionError):
            fill()
            while line := await reader.readline():
                key = line.decode().strip()
                in_flight.discard(key)
                self.acknowledged.add(key)
                fill()
        self.pending.extend(key for key in in_flight if key not in self.acknowledged)
        async with self.arrived:
            self.lines.pop(pid, None)
            self.arrived.notify_all()
        writer.close()


@dataclass
class Driver:
    """Starts the program, kills it, and starts it again."""

    url: str
    chat: Chat
    events: Events
    nursery: asyncio.subprocess.Process
    can_find: bool = True

    async def start(self, point: str = "", count: int = 1) -> int:
        """A new process; its id."""
        assert self.nursery.stdin
        assert self.nursery.stdout
        told = {"url": self.url, "chat_port": self.chat.port, "events_port": self.events.port, "point": point,
                "count": count, "can_find": self.can_find}  # fmt: skip
        self.nursery.stdin.write(json.dumps(told).encode() + b"\n")
        return int(await self.nursery.stdout.readline())

    async def listening(self, pid: int) -> None:
        async with self.events.arrived:
            await asyncio.wait_for(self.events.arrived.wait_for(lambda: pid in self.events.lines), 30)

    async def gone(self, pid: int, seconds: float = 30) -> None:
        """Wait until the process is no more; kill it when it takes too long."""
        for _ in range(round(seconds / 0.005)):
            if not alive(pid):
                break
            await asyncio.sleep(0.005)
        kill(pid)
        while alive(pid):
            await asyncio.sleep(0.001)
        async with self.events.arrived:
            await self.events.arrived.wait_for(lambda: pid not in self.events.lines)


def kill(pid: int, how: signal.Signals = signal.SIGKILL) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@asynccontextmanager
async def driving(url: str, events: int, *, can_find: bool = True, seed: int = 1) -> AsyncIterator[Driver]:
    keys = [f"{PEOPLE[number % len(PEOPLE)]}/{number}" for number in range(events)]
    chat, slack = Chat(), Events(keys, random.Random(seed))
    chat_server = await asyncio.start_server(chat.serve, "127.0.0.1", 0)
    events_server = await asyncio.start_server(slack.serve, "127.0.0.1", 0)
    chat.port = chat_server.sockets[0].getsockname()[1]
    slack.port = events_server.sockets[0].getsockname()[1]
    nursery = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.trust.program", cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert nursery.stdout
    assert await nursery.stdout.readline() == b"ready\n"
    try:
        yield Driver(url, chat, slack, nursery, can_find)
    finally:
        nursery.kill()
        await nursery.wait()
        chat_server.close()
        events_server.close()


def prepared(url: str, prompts: int, over: float) -> None:
    """The people, and prompts that fall due over the coming `over` seconds."""
    database = Database(url)
    Record.metadata.create_all(database.engine)

    def work(session: Any) -> None:
        now = utc_now()
        for name in PEOPLE:
            person = Person(name=name, email=f"{name}@example.org", key=KEYRING.new_person_key(), prefers="post")
            session.add(person)
            session.flush()
            session.add(KnownAccount(platform="post", tenant="T", user=name, person_id=person.id))
        for number in range(prompts):
            outbox.owe(session, "notes.prompt", about=number, to=number % len(PEOPLE) + 1,
                       at=now + timedelta(seconds=over * number / max(1, prompts)))  # fmt: skip

    database.run(work)
    database.close()


async def finished(driver: Driver) -> None:
    """Let one process run undisturbed until everything is acknowledged and nothing is left to send; then stop it."""
    pid = await driver.start()
    await driver.listening(pid)
    for _ in range(round(PATIENCE / 0.25)):
        await asyncio.sleep(0.25)
        assert alive(pid)
        if not driver.events.pending and not await asyncio.to_thread(left_to_do, driver):
            break
    else:
        raise AssertionError("the program did not finish")
    kill(pid, signal.SIGTERM)
    await driver.gone(pid)


def left_to_do(driver: Driver) -> int:
    """Rows that are due, being sent, or uncertain and still to be asked about; seen from outside, without a lock."""
    from sqlalchemy import create_engine, func

    engine = create_engine(driver.url)
    with engine.connect() as connection:
        left = connection.scalar(
            select(func.count())
            .select_from(Owed)
            .where(Owed.state.in_(("due", "sending")) | ((Owed.state == "uncertain") & (Owed.reason == "")))
        )
    engine.dispose()
    return left or 0


def check(driver: Driver, events: int, prompts: int) -> None:
    """Everything acknowledged had exactly one effect, and every message was sent exactly once."""
    database = Database(driver.url)

    def look(session: Any) -> tuple[list[str], list[tuple[str, str]], int]:
        owners = {person.id: person for person in session.scalars(select(Person))}
        words = [
            KEYRING.open(entry.owner_id, owners[entry.owner_id].key, entry.words)
            for entry in session.scalars(select(Entry))
        ]
        rows = [(row.key, row.state) for row in session.scalars(select(Owed))]
        return words, rows, len(session.scalars(select(HandledEvent)).all())

    words, rows, handled = database.run(look)
    database.close()
    keys = {f"{PEOPLE[number % len(PEOPLE)]}/{number}" for number in range(events)}
    assert driver.events.acknowledged == keys
    assert Counter(words) == Counter(keys), "an effect was lost or doubled"
    assert handled == events
    assert len(rows) == events + prompts
    sent = Counter(key for key, _ in driver.chat.posted)
    twice = {key: times for key, times in sent.items() if times > 1}
    assert not twice, "said twice"
    if driver.can_find:
        assert {state for _, state in rows} == {"sent"}
        assert set(sent) == {key for key, _ in rows}, "never said"
    else:  # sent once, or we know that we do not know
        assert {state for _, state in rows} <= {"sent", "uncertain", "closed"}
        assert {key for key, state in rows if state == "sent"} <= set(sent)
        assert {key for key, state in rows if key not in sent} <= {key for key, state in rows if state != "sent"}


async def random_kills(url: str, kills: int, *, at_a_time: int = 1, can_find: bool = True, seed: int = 1) -> None:
    events, prompts = kills * 3, kills
    prepared(url, prompts, over=kills * 0.1)
    chance = random.Random(seed)
    async with driving(url, events, can_find=can_find, seed=seed) as driver:
        living: list[int] = []
        for _ in range(kills):
            while len(living) < at_a_time:
                living.append(await driver.start())
            if chance.random() < 0.9:  # one in ten dies while it starts
                await driver.listening(living[0])
            await asyncio.sleep(chance.uniform(0, 0.12))
            dying = living.pop(0)
            kill(dying)
            await driver.gone(dying)
        for pid in living:
            kill(pid)
            await driver.gone(pid)
        await finished(driver)
    check(driver, events, prompts)


@pytest.mark.torture
def test_random_kills_lose_nothing_and_repeat_nothing_on_sqlite(tmp_path: Path) -> None:
    asyncio.run(random_kills(f"sqlite:///{tmp_path}/learnbot.db", KILLS * 3 // 5))


@pytest.mark.torture
def test_random_kills_of_two_processes_lose_nothing_and_repeat_nothing_on_postgresql(postgresql_url: str) -> None:
    asyncio.run(random_kills(postgresql_url, KILLS // 5, at_a_time=2, seed=2))


@pytest.mark.torture
def test_where_the_platform_cannot_be_asked_random_kills_make_nothing_be_said_twice(tmp_path: Path) -> None:
    asyncio.run(random_kills(f"sqlite:///{tmp_path}/learnbot.db", KILLS // 5, can_find=False, seed=3))


@pytest.mark.torture
@pytest.mark.parametrize(
    "point",
    ["opened", "committed, not acknowledged", "claimed, not sent", "accepted, not marked", "asking", "answered"],
)
def test_dying_at_one_point_again_and_again_loses_nothing_and_repeats_nothing(tmp_path: Path, point: str) -> None:
    url = f"sqlite:///{tmp_path}/learnbot.db"

    async def through() -> None:
        prepared(url, 10, over=0)
        async with driving(url, 60) as driver:
            if point in ("asking", "answered"):  # something to ask about: a process that died while sending
                pid = await driver.start("claimed, not sent", 3)
                await driver.gone(pid)
            for count in range(20):
                pid = await driver.start(point, 1 + count % 3 if point in ("asking", "answered") else 1)
                await driver.gone(pid, seconds=3)
            await finished(driver)
        check(driver, 60, 10)

    asyncio.run(through())
