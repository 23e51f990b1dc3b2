"""What every test stands on: real databases, and people at screens talking to the real program at a fixed time."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import httpx._transports.default as httpx_transports
import pytest
from sqlalchemy import Dialect, Engine, create_engine, event, select, update

import storage.database
from bot.chat import Button, Event, Reply
from bot.console import Posted, Screen, Visitor, channel, direct_chat, in_words
from bot.dispatch import Dispatcher
from bot.policy import Policy, load
from bot.reception import Reception
from handlers import CONVERSATIONS
from handlers.permissions import MAY
from handlers.registry import Registry
from scheduling.cadence import owe_what_recurs
from scheduling.delivery import Delivery
from storage import people
from storage.database import Database, Record
from storage.models import Partnership, Person, Team
from storage.sealed import Keyring
from tests.clients.fixtures import postgres, postgres_url
from tests.clients.postgres import Desk, Postgres
from tests.passing import Passing

__all__ = ["postgres", "postgres_url"]  # fixtures of every test

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday in the second interview window
KEYRING = Keyring([b"k" * 32])
DATABASES = ("sqlite", "postgresql")

_DIALECTS: dict[str, Dialect] = {}
_COMPILED: dict[Any, Any] = {}


def _engine_that_knows_every_statement(*address: Any, **options: Any) -> Engine:
    """SQLAlchemy's own, but what was compiled for an engine of an earlier test is not compiled again.

    It keeps compiled statements by engine and by dialect, and nearly every test opens an engine of its own: that was a
    fifth of the suite's time.
    """
    engine = create_engine(*address, **options)
    engine.update_execution_options(compiled_cache=_COMPILED)
    if engine.name in _DIALECTS:
        engine.dialect = _DIALECTS[engine.name]
    else:  # known once it has asked its server what that can do
        event.listen(engine, "engine_connect", lambda connection: _DIALECTS.setdefault(engine.name, connection.dialect))
    return engine


storage.database.create_engine = _engine_that_knows_every_statement
# Every httpx client reads the machine's certificates anew, 0.03 s each time, and there are thousands in a run.
httpx_transports.create_ssl_context = cache(httpx_transports.create_ssl_context)


# The longest first: a minute and more the first half of them, some seconds the others.
SLOW = (
    "browser/test_review_life",
    "test_year.py",
    "browser/test_interview_life",
    "browser/test_learning_record",
    "test_nobody_reads_or_changes",
    "browser",
    "trust",
    "test_review_life",
    "of_a_large_standard",
    "test_demo",
    "test_terminal",
)
TOGETHER = ("test_year.py",)  # what its tests look at takes long to make, and is made once for all of them
MUCH_THE_SAME = ("tests/handlers/", "tests/papers/", "tests/portfolio/")  # whatever they are kept in
RACES = ("race", "racing", "at_once", "twice", "lock", "both_tap", "hand_over", "order")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--everything", action="store_true", help="every conversation on PostgreSQL, too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest first, so that no worker is left with one of them at the end; and PostgreSQL where it can differ.

    Every conversation, and whatever is made of it for paper, runs on SQLite. On PostgreSQL run those about things that
    happen at once, and a sixth of the others, always the same: what storage, scheduling and the trust tests ask of a
    database they ask of both. All of them run with `--everything` (`make everything`).
    """
    left_out: list[pytest.Item] = []
    if not config.getoption("--everything"):
        left_out = [item for item in items if _is_much_the_same(item)]
    config.hook.pytest_deselected(items=left_out)
    known = set(left_out)
    workers = getattr(config, "workerinput", {"workercount": 1})["workercount"]
    items[:] = _dealt([item for item in items if item not in known], workers)


def _dealt(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The items in the order in which `--dist worksteal` gives each worker its share of the longest, and those first.

    It cuts them into as many equal parts as there are workers; who has finished takes from the end of another's part.
    """
    slow: dict[str, list[pytest.Item]] = {}
    others: list[pytest.Item] = []
    for item in sorted(items, key=lambda item: _how_slow(item)):
        if _how_slow(item) == len(SLOW):
            others.append(item)
        else:
            together = next((name for name in TOGETHER if name in item.nodeid), item.nodeid)
            slow.setdefault(together, []).append(item)
    dealt: list[pytest.Item] = []
    left = len(items)
    for worker in range(workers):
        hand = [item for unit in list(slow.values())[worker::workers] for item in unit]
        part = left // (workers - worker)
        taken = max(part - len(hand), 0)
        dealt += [*hand, *others[:taken]]
        others, left = others[taken:], left - part
    return dealt + others


def _how_slow(item: pytest.Item) -> int:
    return next((place for place, name in enumerate(SLOW) if name in item.nodeid), len(SLOW))


def _is_much_the_same(item: pytest.Item) -> bool:
    if "[postgresql" not in item.nodeid or not any(folder in item.nodeid for folder in MUCH_THE_SAME):
        return False
    return not any(word in item.name for word in RACES) and crc32(item.nodeid.encode()) % 6 != 0


@pytest.fixture(scope="session")
def postgresql_desk(postgres: Postgres) -> Iterator[Desk]:
    """The database with every table that the tests of this process use one after the other."""

    def make_tables(url: str) -> None:
        engine = create_engine(url)
        Record.metadata.create_all(engine)
        engine.dispose()

    # a killed process loses nothing that the operating system has: flushing to disk would only slow the tests down
    postgres.run("ALTER SYSTEM SET fsync = off")
    postgres.run("SELECT pg_reload_conf()")
    with Desk(postgres, make_tables) as desk:
        yield desk


@pytest.fixture
def postgresql_url(postgresql_desk: Desk) -> str:
    """A PostgreSQL database with every table and nothing in them."""
    return postgresql_desk.cleared()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table in it, to be copied: faster than making the tables again."""
    path = tmp_path_factory.mktemp("template") / "learnbot.db"
    database = Database(f"sqlite:///{path}")
    Record.metadata.create_all(database.engine)
    database.close()
    return path


@pytest.fixture(scope="session")
def sqlite_roster(sqlite_template: Path) -> Path:
    """The same with everybody of the roster in it."""
    path = sqlite_template.with_name("roster.db")
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    enrol(database)
    database.close()
    return path


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with every table, once on SQLite and once on PostgreSQL; on SQLite `chat` finds its roster."""
    if request.param == "sqlite":
        template = "sqlite_roster" if "chat" in request.fixturenames else "sqlite_template"
        shutil.copy(request.getfixturevalue(template), tmp_path / "learnbot.db")
        url = f"sqlite:///{tmp_path}/learnbot.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    database = Database(url)
    if database.sqlite:
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    yield database
    database.close()


@pytest.fixture(scope="session")
def policy() -> Policy:
    return load("southampton")


@dataclass
class Chat:
    """The whole program with people at its screens. Names are first names of the roster below."""

    database: Database
    policy: Policy
    now: datetime = NOW
    screen: Screen = field(default_factory=Screen)
    visitors: dict[str, Visitor] = field(default_factory=dict)
    recurs_every: timedelta = timedelta(days=10)
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def __post_init__(self) -> None:
        self.registry = Registry(CONVERSATIONS, MAY)
        self.dispatcher = Dispatcher(
            self.database, self.registry, self.policy, KEYRING, base_url="https://learn.example", process="test"
        )
        self.delivery = Delivery(
            self.database, self.registry, self.policy, KEYRING, {"console": self.screen}, lambda: self.now, "test",
            base_url="https://learn.example",
        )  # fmt: skip
        self.reception = Reception(self.dispatcher, self.delivery, lambda: self.now)

    # -- people doing things; each returns the reply once everything owed by now has been sent

    def say(self, who: str, words: str, *, in_channel: str = "", thread: str = "", message: str = "",
            addressed: bool = True) -> Reply:  # fmt: skip
        place = channel(in_channel) if in_channel else None
        return self.run(self.visitor(who).say(words, place=place, thread=thread, message=message, addressed=addressed))

    def press(self, who: str, label: str, *, in_channel: str = "") -> Reply:
        return self.run(self.visitor(who).press(label, place=channel(in_channel) if in_channel else None))

    def choose(self, who: str, option: str) -> Reply:
        return self.run(self.visitor(who).choose(option))

    def submit(self, who: str, **answers: str) -> Reply:
        return self.run(self.visitor(who).submit(answers))

    def tap(self, who: str, action: str, about: int | None = None, value: str = "", *, key: str = "") -> Reply:
        """A tap out of the blue: a button of an old message, or one that was tampered with."""
        place = direct_chat(self.email(who))
        return self.run(self.visitor(who).tap(Button("", action, about, value), place, key=key))

    def edit(self, who: str, message: str, words: str) -> Reply:
        return self.run(self.visitor(who).edit(message, words))

    def delete(self, who: str, message: str) -> Reply:
        return self.run(self.visitor(who).delete(message))

    def keep(self, who: str, words: str, *, in_channel: str = "", message: str = "", **more: Any) -> Reply:
        """“Keep in learning diary”, from the menu of a message; `more` is its author, link or files."""
        place = channel(in_channel) if in_channel else None
        return self.run(self.visitor(who).keep(words, place=place, message=message, **more))

    def react(self, who: str, message: str, words: str = "", *, off: bool = False, in_channel: str = "") -> Reply:
        place = channel(in_channel) if in_channel else None
        return self.run(self.visitor(who).react(message, words, off=off, place=place))

    def open_home(self, who: str) -> str:
        self.run(self.visitor(who).open_home())
        home = self.visitor(who).home
        return in_words(home) if home else ""

    def event(self, event: Event) -> Reply:
        """Any event, as an edge would hand it in."""

        async def directory(account: Any) -> Any:
            from bot.reception import Known

            return Known(account.user, "")

        return self.run(self.reception.answer(event, self.screen, directory))

    # -- what they see

    def seen(self, who: str, *, in_channel: str = "") -> list[Posted]:
        return self.screen.seen(self.email(who), f"channel:{in_channel}" if in_channel else "")

    def last(self, who: str, *, in_channel: str = "") -> str:
        """The latest message on somebody's screen, in words, with its buttons in brackets; "" when there is none."""
        seen = self.seen(who, in_channel=in_channel)
        return in_words(seen[-1].message) if seen else ""

    def screen_of(self, who: str, *, in_channel: str = "") -> str:
        """Everything on somebody's screen, in words."""
        return "\n---\n".join(in_words(posted.message) for posted in self.seen(who, in_channel=in_channel))

    def form(self, who: str) -> Any:
        return self.visitor(who).form

    def problems(self, who: str) -> dict[str, str]:
        return dict(self.visitor(who).problems)

    # -- time

    def wait_until(self, instant: datetime) -> None:
        """Let time pass: what recurs is owed now, every few days and at the end; what falls due is sent then."""
        passing = Passing(self.now, instant, self.recurs_every)
        while True:
            if passing.looks(self.now):
                self.database.run(
                    lambda session: owe_what_recurs(session, self.registry, self.policy, KEYRING, self.now)
                )
            due = self.database.run(passing.due)
            self.now = passing.next(self.now, due)
            self.run(self._nothing())
            if passing.is_over(self.now, due):
                return

    def wait(self, **duration: float) -> None:
        self.wait_until(self.now + timedelta(**duration))

    # -- the rest

    def visitor(self, who: str) -> Visitor:
        return self.visitors.setdefault(who, Visitor(self.email(who), self.screen, self.reception))

    def has_left(self, who: str) -> None:
        """Somebody is not on the roster any more; it names nobody else for what was theirs."""
        left = update(Person).where(Person.email == self.email(who)).values(left_at=self.now)
        self.database.run(lambda session: session.execute(left))

    def email(self, who: str) -> str:
        return f"{who.lower()}@example.org"

    def person(self, who: str) -> Person:
        found = self.database.run(lambda session: people.by_email(session, self.email(who)))
        assert found is not None
        return found

    def rows(self, query: Any) -> list[Any]:
        return self.database.run(lambda session: list(session.scalars(query).all()))

    def run(self, doing: Any) -> Any:
        """Do it, let what it started finish, and send everything that is due."""

        async def through() -> Any:
            done = await doing
            await self.reception.settled()
            await self.delivery.run_until_idle()
            return done

        return self._runner.run(through())

    async def _nothing(self) -> None:
        return None

    def close(self) -> None:
        self._runner.close()


ROSTER = (
    # name, team, role; the first of a team leads it. Amina's partner is Ben; Dan has none yet.
    ("Ola Lead", "Children's Services", "member"),
    ("Amina Khan", "Children's Services", "member"),
    ("Ben Carter", "Children's Services", "member"),
    ("Chloe Dunn", "Children's Services", "member"),
    ("Dan Evans", "Children's Services", "member"),
    ("Eve Fox", "Children's Services", "member"),
    ("Farid Gill", "Inclusion", "member"),
    ("Grace Hall", "Inclusion", "member"),
    ("Cora Nator", "Inclusion", "coordinator"),
)


def enrol(database: Database, now: datetime = NOW) -> None:
    """The roster above, all with learning to do, Ben as Amina's accepted partner and Ola as everybody's manager."""

    def work(session: Any) -> None:
        teams: dict[str, Team] = {}
        lead: dict[str, Person] = {}
        for name, team_name, role in ROSTER:
            if team_name not in teams:
                teams[team_name] = Team(name=team_name)
                session.add(teams[team_name])
                session.flush()
            person = Person(
                name=name, email=f"{name.split()[0].lower()}@example.org", key=KEYRING.new_person_key(),
                role=role, team_id=teams[team_name].id, starts_on=date(2020, 1, 1),
            )  # fmt: skip
            session.add(person)
            session.flush()
            lead.setdefault(team_name, person)
            person.manager_id = lead[team_name].id if lead[team_name] is not person else None
            teams[team_name].lead_id = lead[team_name].id
        amina, ben = people.by_email(session, "amina@example.org"), people.by_email(session, "ben@example.org")
        session.add(
            Partnership(
                learner_id=amina.id,
                partner_id=ben.id,
                state="accepted",
                current=amina.id,
                asked_at=now,
                answered_at=now,
            )
        )

    database.run(work)


@pytest.fixture
def chat(database: Database, policy: Policy) -> Iterator[Chat]:
    """Everybody of the roster at a screen, and the real program behind it, on either database."""
    if not database.run(lambda session: session.scalar(select(Person.id).limit(1))):
        enrol(database)
    chat = Chat(database, policy)
    yield chat
    chat.close()


def at_once(*doings: Callable[[], Any]) -> list[Any]:
    """Do several things in as many threads at the same time; their results, in order."""
    with ThreadPoolExecutor(len(doings)) as pool:
        return [future.result() for future in [pool.submit(doing) for doing in doings]]


@pytest.fixture
def world(database: Database) -> Iterator[Any]:
    """The foundation alone: see `tests.foundation`."""
    from tests.foundation import World

    world = World(database)
    world.enrol()
    yield world
    world.runner.close()
