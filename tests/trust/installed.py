"""`learnbot serve` as it is installed, between a Slack and a Teams of the tests' own."""

import asyncio
import base64
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl, urlsplit

import httpx
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from storage.database import Database
from storage.migrate import migrate
from storage.models import Entry, KnownAccount, Owed, Person
from storage.sealed import Keyring
from tests.clients.entra import APP_ID, TENANT, Issuer
from tests.clients.signing import Signed, Signer, SlackUser
from tests.teams.world import BOT, Asked, Connector

T = TypeVar("T")

HERE = Path(__file__).parents[2]
MASTER = b"m" * 32
KEYRING = Keyring([MASTER])
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TEAM = "T000000001"
PEOPLE = 50  # those with even numbers use Slack, the others Teams


@dataclass
class Slack:
    """A workspace that remembers what was posted, with its metadata, and answers `seconds` after it took a message."""

    seconds: float = 0.0
    unanswered: int = 0
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
                with self.lock:
                    ts = f"{1_700_000_000 + len(self.posted)}.000100"
                    self.posted.append({"ts": ts, "type": "message", "bot_id": "BBOT", "user": "UBOT", **given})
                    self.unanswered += 1
                time.sleep(self.seconds)
                with self.lock:
                    self.unanswered -= 1
                return {"ok": True, "ts": ts, "channel": given["channel"]}
            case "conversations.history" | "conversations.replies":
                with self.lock:
                    found = [one for one in self.posted if one["channel"] == given.get("channel")]
                return {"ok": True, "messages": found[::-1], "has_more": False}
            case _:
                return {"ok": True}


@contextmanager
def workspace() -> Generator[Slack]:
    """A Slack that answers on this machine."""
    slack = Slack()

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            address = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            given: dict[str, Any] = dict(parse_qsl(address.query))
            if "json" in (self.headers.get("content-type") or ""):
                given |= json.loads(body or b"{}")
            else:
                given |= dict(parse_qsl(body.decode()))
            answer = json.dumps(slack.answer(address.path.rsplit("/", 1)[-1], given)).encode()
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
    slack.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield slack
    server.shutdown()
    server.server_close()


class Slowly(list[Asked]):
    """What Teams was asked, each time for `seconds` before it answers."""

    seconds = 0.0
    unanswered = 0

    def append(self, asked: Asked) -> None:
        super().append(asked)
        self.unanswered += 1
        time.sleep(self.seconds)
        self.unanswered -= 1


@dataclass(frozen=True)
class Town:
    """The two platforms and the people on them; every person types numbered lines for their diary."""

    slack: Slack
    connector: Connector
    issuer: Issuer
    asked: Slowly

    def answers_after(self, seconds: float) -> None:
        """From now on both take a message at once, and say so this much later."""
        self.slack.seconds = self.asked.seconds = seconds

    async def has_in_hand(self, within: float = 2.0) -> None:
        """Wait until each has taken a message and not said so yet, or for `within` seconds."""
        for _ in range(round(within / 0.002)):
            if self.slack.unanswered > 0 and self.asked.unanswered > 0:
                return
            await asyncio.sleep(0.002)

    def typed(self, number: int) -> Signed:
        """Somebody types a line in their direct chat: the numbers go round the people."""
        return self._in_slack(number) if number % 2 == 0 else self._in_teams(number)

    def _in_slack(self, number: int) -> Signed:
        who = number % PEOPLE
        person = SlackUser(f"U{who}", f"u{who}", email=f"u{who}@example.org")
        return Signer(SECRET, team_id=TEAM, bot_user_id="UBOT", bot_id="BBOT").message(
            person, f"diary: line {number}", f"D{who}", ts=f"{1_800_000_000 + number}.000200",
            event_id=f"Ev{number:08}",
        )  # fmt: skip

    def _in_teams(self, number: int) -> Signed:
        who = number % PEOPLE
        return self.issuer.request(
            {
                "type": "message", "id": f"18{number:011}", "timestamp": "2026-03-02T09:00:00.000Z",
                "channelId": "msteams", "serviceUrl": self.connector.url, "recipient": BOT, "locale": "en-GB",
                "from": {"id": f"29:u{who}", "name": f"U{who}", "aadObjectId": f"aad-{who}"},
                "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": f"a:u{who}"},
                "channelData": {"tenant": {"id": TENANT}}, "text": f"diary: line {number}", "textFormat": "plain",
            }
        )  # fmt: skip

    def said(self) -> Counter[int]:
        """How often each line was answered."""
        with self.slack.lock:
            posted = [json.dumps(one) for one in self.slack.posted]
        posted += [json.dumps(one.body) for one in list(self.asked) if "/activities" in one.path]
        return Counter(int(found[1]) for one in posted if (found := re.search(r"\bline (\d+)\b", one)))


@contextmanager
def town() -> Generator[Town]:
    """Both platforms, and nobody has said anything yet."""
    with workspace() as slack, Connector() as connector, Issuer() as issuer:
        connector.asked = asked = Slowly()
        yield Town(slack, connector, issuer, asked)


class Nursery:
    """Where `learnbot` processes come from: see `tests.trust.served`. Use it in a `with` block."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.trust.served"], cwd=HERE, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._one_at_a_time = threading.Lock()
        self._answered()

    def ask(self, **what: Any) -> Any:
        with self._one_at_a_time:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()
            return json.loads(self._answered())

    def _answered(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()


@dataclass
class Process:
    """A running `learnbot`; its exit status once it has ended."""

    nursery: Nursery
    id: int
    status: int | None = None

    def ended(self, *, wait: bool = False) -> int | None:
        """Its exit status, or None while it runs; with `wait` it is waited for."""
        if self.status is None:
            self.status = self.nursery.ask(ended=self.id, wait=wait)
        return self.status

    def signal(self, how: signal.Signals) -> None:
        if self.ended() is None:
            os.kill(self.id, how)


@dataclass
class Installed:
    """The bot in a folder of its own, as a process that can be started again and again.

    `migrations` is the folder of another version's migrations, where this is one.
    """

    nursery: Nursery
    folder: Path
    database_url: str
    town: Town
    port: int
    migrations: Path | None = None
    process: Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What this version's processes printed so far."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / f"log-{self.port}"

    def on(self, port: int, migrations: Path | None = None) -> "Installed":
        """Another process beside this one: of the same version, or of another."""
        return replace(self, port=port, migrations=migrations, process=None)

    def enrol(self) -> None:
        database = Database(self.database_url)
        migrate(database.engine)

        def work(session: Session) -> None:
            for number in range(PEOPLE):
                person = Person(name=f"U{number}", email=f"u{number}@example.org", key=KEYRING.new_person_key())
                session.add(person)
                session.flush()
                platform, tenant, user = (
                    ("slack", TEAM, f"U{number}") if number % 2 == 0 else ("teams", TENANT, f"aad-{number}")
                )
                session.add(KnownAccount(platform=platform, tenant=tenant, user=user, person_id=person.id))

        database.run(work)
        database.close()

    def command(self, *words: str) -> Process:
        """`learnbot` with these words, begun."""
        environment = {
            "PATH": os.environ["PATH"],
            "LEARNBOT_DATABASE_URL": self.database_url,
            "LEARNBOT_MASTER_KEY": base64.urlsafe_b64encode(MASTER).decode(),
            "LEARNBOT_PORT": str(self.port),
            "SLACK_BOT_TOKEN": "xoxb-1",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"http://127.0.0.1:{self.town.slack.port}/api/",
            "TEAMS_CLIENT_ID": APP_ID,
            "TEAMS_CLIENT_SECRET": "a secret",
            "TEAMS_TENANT_ID": TENANT,
        }
        told = {"issuer": self.town.issuer.url, "connector": self.town.connector.url}
        if self.migrations is not None:
            told["migrations"] = str(self.migrations)
        born = self.nursery.ask(
            command=words, environment=environment, folder=str(self.folder), log=str(self._log), told=told
        )
        return Process(self.nursery, born)

    async def start(self) -> None:
        """Start it and wait until it answers. AssertionError with what it printed when it ended instead."""
        self.process = self.command("serve")
        async with httpx.AsyncClient() as client:
            while True:
                assert self.process.ended() is None, self.log
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.address}/healthz")).status_code == 200:
                        return
                await asyncio.sleep(0.02)

    def kill(self, how: signal.Signals) -> None:
        assert self.process is not None
        self.process.signal(how)

    async def ended(self) -> int:
        """Wait until it has ended by itself; its exit status."""
        assert self.process is not None
        status = await asyncio.to_thread(self.process.ended, wait=True)
        assert status is not None
        return status

    def stop(self) -> None:
        """End it at once if it still runs."""
        if self.process is not None:
            self.process.signal(signal.SIGKILL)
            self.process.ended(wait=True)

    # -- what is in the database, seen from outside and without a lock, whether the bot runs or not

    def entries(self) -> Counter[str]:
        """What was kept in diaries."""

        def look(session: Session) -> Counter[str]:
            people = {person.id: person for person in session.scalars(select(Person))}
            entries = session.scalars(select(Entry))
            return Counter(KEYRING.open(one.owner_id, people[one.owner_id].key, one.words) for one in entries)

        return self._seen(look)

    def states(self) -> Counter[tuple[str, str]]:
        """How many messages of each platform are in each state."""
        owed = select(Owed.platform, Owed.state)
        return self._seen(lambda session: Counter((platform, state) for platform, state in session.execute(owed)))

    def left_to_do(self) -> int:
        """Messages that are due, being sent, or uncertain and still to be asked about."""
        going_on = Owed.state.in_(("due", "sending")) | ((Owed.state == "uncertain") & (Owed.reason == ""))
        return self._seen(lambda session: len(session.scalars(select(Owed.id).where(going_on)).all()))

    async def quiet(self, seconds: float = 120) -> None:
        """Wait until nothing is left to do."""
        for _ in range(round(seconds / 0.1)):
            if not await asyncio.to_thread(self.left_to_do):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"{self.states()} is left to do\n{self.log}")

    def lost_nothing(self, lines: int) -> None:
        """Each of so many lines was kept once and answered once; in Teams, which cannot be asked, once or in doubt."""
        assert self.entries() == Counter(f"line {number}" for number in range(lines))
        said, states = self.town.said(), self.states()
        assert set(said.values()) == {1}, "answered twice"
        assert [number for number in range(0, lines, 2) if not said[number]] == [], "never answered in Slack"
        assert {state for platform, state in states if platform == "slack"} == {"sent"}
        # "mentioned instead" closes a row in doubt; none that was never said passes for sent
        assert {state for _, state in states} <= {"sent", "uncertain", "closed"}
        assert states["teams", "sent"] <= sum(said[number] for number in range(1, lines, 2))

    def _seen(self, look: Callable[[Session], T]) -> T:
        engine = create_engine(self.database_url)
        with Session(engine) as session:
            found = look(session)
        engine.dispose()
        return found


@asynccontextmanager
async def posting_to(bot: Installed) -> AsyncGenerator[httpx.AsyncClient]:
    """The platforms' own way to the bot."""
    async with httpx.AsyncClient(base_url=bot.address, timeout=20) as client:
        yield client


async def delivered(client: httpx.AsyncClient, signed: Signed) -> bool:
    """Whether the bot acknowledged it. Anything but 200 in time is a reason to deliver it again."""
    try:
        return (await signed.post_async(client)).status_code == 200
    except httpx.HTTPError:
        return False
