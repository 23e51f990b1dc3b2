"""`learnbot serve` as it is installed, before a Slack of the tests' own: stopped gently, and killed without warning."""

import asyncio
import base64
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database import Database
from storage.migrate import migrate
from storage.models import Entry, KnownAccount, Owed, Person
from storage.sealed import Keyring
from tests.clients.signing import Signed, Signer, SlackUser

HERE = Path(__file__).parents[2]
MASTER = b"m" * 32
KEYRING = Keyring([MASTER])
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = "T000000001"
PEOPLE = 50
KILLS = max(4, int(os.environ.get("LEARNBOT_TORTURE_KILLS", "300")) // 60)


@dataclass
class Slack:
    """A workspace that remembers what was posted, with its metadata, and takes `seconds` over each message."""

    seconds: float = 0.0
    posted: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"ok": True, "team_id": TEAM, "team": "Town", "user_id": "UBOT", "bot_id": "BBOT", "user": "bot",
                        "url": "https://town.slack.com/"}  # fmt: skip
            case "users.info":
                user = str(given.get("user"))
                profile = {"email": f"{user.lower()}@example.org", "real_name": user}
                return {"ok": True, "user": {"id": user, "team_id": TEAM, "profile": profile}}
            case "conversations.open":
                return {"ok": True, "channel": {"id": f"D{str(given.get('users'))[1:]}"}}
            case "chat.postMessage":
                time.sleep(self.seconds)
                with self.lock:
                    ts = f"{1_700_000_000 + len(self.posted)}.000100"
                    self.posted.append({"ts": ts, "type": "message", "bot_id": "BBOT", "user": "UBOT", **given})
                return {"ok": True, "ts": ts, "channel": given["channel"]}
            case "conversations.history" | "conversations.replies":
                with self.lock:
                    found = [one for one in self.posted if one["channel"] == given.get("channel")]
                return {"ok": True, "messages": found[::-1], "has_more": False}
            case _:
                return {"ok": True}

    def keys(self) -> Counter[str]:
        with self.lock:
            return Counter(one["metadata"]["event_payload"]["key"] for one in self.posted if one.get("metadata"))


@pytest.fixture
def slack() -> Iterator[Slack]:
    workspace = Slack()

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            given: dict[str, Any] = dict(parse_qsl(address.query))
            if "json" in (self.headers.get("content-type") or ""):
                given |= json.loads(body or b"{}")
            else:
                given |= dict(parse_qsl(body.decode()))
            answer = json.dumps(workspace.answer(address.path.rsplit("/", 1)[-1], given)).encode()
            with contextlib.suppress(OSError):  # the bot may be dead by now
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    workspace.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield workspace
    server.shutdown()
    server.server_close()


@dataclass
class Installed:
    """The bot in a folder of its own, as a process that can be started again and again."""

    folder: Path
    slack: Slack
    port: int
    process: subprocess.Popen[str] | None = None

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder}/learnbot.db"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def enrol(self) -> None:
        database = Database(self.database_url)
        migrate(database.engine)

        def work(session: Session) -> None:
            for number in range(PEOPLE):
                person = Person(name=f"U{number}", email=f"u{number}@example.org", key=KEYRING.new_person_key())
                session.add(person)
                session.flush()
                session.add(KnownAccount(platform="slack", tenant=TEAM, user=f"U{number}", person_id=person.id))

        database.run(work)
        database.close()

    async def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE),
            "LEARNBOT_DATABASE_URL": self.database_url,
            "LEARNBOT_MASTER_KEY": base64.urlsafe_b64encode(MASTER).decode(),
            "LEARNBOT_PORT": str(self.port),
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"http://127.0.0.1:{self.slack.port}/api/",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], env=environment, cwd=self.folder, text=True,
            stdout=(self.folder / "log").open("a"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        async with httpx.AsyncClient() as client:
            while True:
                assert self.process.poll() is None, (self.folder / "log").read_text()
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.address}/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    def kill(self, how: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(how)

    async def ended(self) -> int:
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, 40)

    def entries(self) -> list[str]:
        """What was kept; the bot must not be running."""
        database = Database(self.database_url)

        def look(session: Session) -> list[str]:
            people = {person.id: person for person in session.scalars(select(Person))}
            entries = session.scalars(select(Entry))
            return [KEYRING.open(entry.owner_id, people[entry.owner_id].key, entry.words) for entry in entries]

        found = database.run(look)
        database.close()
        return found

    def states(self) -> Counter[str]:
        database = Database(self.database_url)
        found = database.run(lambda session: Counter(session.scalars(select(Owed.state))))
        database.close()
        return found


@pytest.fixture
def installed(tmp_path: Path, slack: Slack) -> Iterator[Installed]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path / "installed"
    folder.mkdir(mode=0o700)
    bot = Installed(folder, slack, port)
    bot.enrol()
    yield bot
    if bot.process is not None and bot.process.poll() is None:
        bot.process.kill()
        bot.process.wait()


def typed(number: int) -> Signed:
    """Somebody types a line for their diary in their direct chat."""
    person = SlackUser(f"U{number % PEOPLE}", f"u{number % PEOPLE}", email=f"u{number % PEOPLE}@example.org")
    return Signer(SECRET, team_id=TEAM, bot_user_id="UBOT", bot_id="BBOT").message(
        person, f"diary: line {number}", f"D{number % PEOPLE}", ts=f"{1_800_000_000 + number}.000200",
        event_id=f"Ev{number:08}",
    )  # fmt: skip


async def delivered(client: httpx.AsyncClient, signed: Signed) -> bool:
    """Whether the bot acknowledged it. Slack takes anything but 200 in time for a reason to deliver it again."""
    try:
        return (await signed.post_async(client)).status_code == 200
    except httpx.HTTPError:
        return False


@asynccontextmanager
async def slacks_own(bot: Installed) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=bot.address, timeout=20) as client:
        yield client


async def answered(bot: Installed, numbers: int, seconds: float = 120) -> None:
    """Wait until every line has its answer in the workspace."""
    for _ in range(round(seconds / 0.2)):
        posted = bot.slack.keys()
        if sum(1 for key in posted if key.startswith("say/")) >= numbers:
            return
        await asyncio.sleep(0.2)


def check(bot: Installed, numbers: int) -> None:
    assert Counter(bot.entries()) == Counter(f"line {number}" for number in range(numbers))
    said = {key: times for key, times in bot.slack.keys().items() if key.startswith("say/")}
    assert len(said) == numbers
    assert set(said.values()) == {1}
    assert bot.states()["sent"] == sum(bot.states().values())


def test_stopped_with_fifty_in_flight_it_finishes_them_and_the_next_process_does_the_rest(installed: Installed) -> None:
    async def through() -> int:
        installed.slack.seconds = 0.4
        await installed.start()
        async with slacks_own(installed) as client:
            await delivered(client, typed(0))  # the first pays for what is loaded late
            tasks = [asyncio.create_task(delivered(client, typed(number))) for number in range(1, PEOPLE)]
            await asyncio.sleep(0.15)
            installed.kill(signal.SIGTERM)
            acknowledged = await asyncio.gather(*tasks)
            code = await installed.ended()
        if code not in (0, -signal.SIGTERM):
            raise AssertionError((installed.folder / "log").read_text())
        assert "uvicorn" not in (installed.folder / "log").read_text()  # which says so when it had to cut people off
        kept = set(installed.entries())
        for number, yes in enumerate(acknowledged, 1):
            assert not yes or f"line {number}" in kept, "acknowledged and lost"
        installed.slack.seconds = 0.0
        await installed.start()
        async with slacks_own(installed) as client:
            for number, yes in enumerate(acknowledged, 1):
                assert yes or await delivered(client, typed(number).again(1))
        await answered(installed, PEOPLE)
        await asyncio.sleep(1.5)  # what would be said twice would be said now
        installed.kill(signal.SIGTERM)
        return await installed.ended()

    assert asyncio.run(through()) in (0, -signal.SIGTERM)
    check(installed, PEOPLE)


@pytest.mark.torture
def test_killed_again_and_again_it_loses_nothing_and_says_nothing_twice(installed: Installed) -> None:
    chance = random.Random(5)
    numbers = KILLS * 8

    async def until_acknowledged(client: httpx.AsyncClient, waiting: list[int], done: set[int]) -> None:
        while True:
            if not waiting:
                await asyncio.sleep(0.01)
                continue
            number = waiting.pop(0)
            if await delivered(client, typed(number)):
                done.add(number)
            else:
                waiting.append(number)
                await asyncio.sleep(0.05)

    async def through() -> None:
        waiting, done = list(range(numbers)), set[int]()
        installed.slack.seconds = 0.02
        async with slacks_own(installed) as client:
            feeding = [asyncio.create_task(until_acknowledged(client, waiting, done)) for _ in range(4)]
            for _ in range(KILLS):
                await installed.start()
                await asyncio.sleep(chance.uniform(0.0, 0.25))
                installed.kill(signal.SIGKILL)
                await installed.ended()
            await installed.start()
            for _ in range(600):
                if len(done) == numbers:
                    break
                await asyncio.sleep(0.1)
            for task in feeding:
                task.cancel()
        await answered(installed, numbers)
        await asyncio.sleep(1.5)
        installed.kill(signal.SIGTERM)
        await installed.ended()

    asyncio.run(through())
    check(installed, numbers)


def test_a_second_process_on_the_same_file_is_refused_and_the_first_goes_on(installed: Installed) -> None:
    async def through() -> None:
        await installed.start()
        first = installed.process
        assert first is not None
        second = Installed(installed.folder, installed.slack, installed.port + 1)
        with pytest.raises(AssertionError, match="another learnbot is already using"):
            await second.start()
        async with slacks_own(installed) as client:
            assert await delivered(client, typed(0))
        installed.kill(signal.SIGTERM)
        await installed.ended()

    asyncio.run(through())
    assert installed.entries() == ["line 0"]
