"""P1, two versions side by side: the newer one migrates and starts while the older one serves, and then takes over."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.orm import Session

import storage.migrate
from bot.clock import utc_now
from bot.errors import Unavailable
from storage import outbox
from storage.database import Database
from storage.migrate import configuration
from tests.clients.node import free_ports
from tests.trust.installed import PEOPLE, Installed, Town, delivered
from tests.trust.versions import EXPANDS, another_version, breaks

ON_POSTGRESQL = pytest.mark.parametrize("installed", ["postgresql"], indirect=True)


@dataclass
class Traffic:
    """Lines that people go on typing, each delivered until it is acknowledged; every third to everybody at once."""

    town: Town
    serving: list[httpx.AsyncClient]
    lines: int = 0
    acknowledged: int = 0
    ending: bool = False

    async def flow(self, chance: random.Random) -> None:
        while not self.ending:
            number, self.lines = self.lines, self.lines + 1
            while not await self._acknowledged(number, chance):
                await asyncio.sleep(0.02)
            self.acknowledged += 1
            await asyncio.sleep(0.1)  # people think between two lines

    async def _acknowledged(self, number: int, chance: random.Random) -> bool:
        signed = self.town.typed(number)
        to = self.serving if number % 3 == 0 else [chance.choice(self.serving)]
        return any(await asyncio.gather(*[delivered(client, signed) for client in to]))

    async def goes_on(self, lines: int = 20) -> None:
        """Let people type so many lines more."""
        enough = self.acknowledged + lines
        for _ in range(1200):
            if self.acknowledged >= enough:
                return
            await asyncio.sleep(0.05)
        raise AssertionError("nothing is acknowledged any more")


@asynccontextmanager
async def traffic(older: Installed, newer: Installed) -> AsyncGenerator[tuple[Traffic, list[httpx.AsyncClient]]]:
    """People who type to the older version, until the end of the block; and the ways to both versions."""
    async with (
        httpx.AsyncClient(base_url=older.address, timeout=20) as to_older,
        httpx.AsyncClient(base_url=newer.address, timeout=20) as to_newer,
    ):
        people = Traffic(older.town, [to_older])
        typing = [asyncio.create_task(people.flow(random.Random(seed))) for seed in range(4)]
        try:
            yield people, [to_older, to_newer]
        finally:
            people.ending = True
            await asyncio.wait(typing, timeout=60)
        assert all(task.done() and task.exception() is None for task in typing)


def owe_prompts(bot: Installed) -> None:
    """One message to everybody, due at once: whichever process is there sends it."""
    database = Database(bot.database_url)

    def work(session: Session) -> None:
        for person in range(1, PEOPLE + 1):
            outbox.owe(session, "home.glance", about=None, to=person, at=utc_now())

    database.run(work)
    database.close()


@pytest.fixture
def newer(installed: Installed, tmp_path: Path) -> Installed:
    """A version with one migration more, beside the one that is installed."""
    return installed.on(free_ports(1)[0], another_version(tmp_path, EXPANDS))


async def migrated(bot: Installed) -> None:
    """Run this version's `learnbot migrate`."""
    process = bot.command("migrate")
    assert await asyncio.to_thread(process.ended, wait=True) == 0, bot.log


@ON_POSTGRESQL
def test_the_older_version_serves_while_the_newer_migrates_starts_and_takes_over(
    installed: Installed, newer: Installed
) -> None:
    async def through() -> int:
        await installed.start()
        async with traffic(installed, newer) as (people, both):
            await people.goes_on()
            with pytest.raises(AssertionError, match="1 migrations behind: run `learnbot migrate`"):
                await newer.start()
            await migrated(newer)
            await people.goes_on()
            await newer.start()
            people.serving = both
            owe_prompts(installed)
            await people.goes_on(40)
            installed.kill(signal.SIGTERM)
            assert await installed.ended() in (0, -signal.SIGTERM), installed.log
            people.serving = both[1:]
            await people.goes_on()
        await newer.quiet()
        newer.kill(signal.SIGTERM)
        await newer.ended()
        return people.lines

    try:
        lines = asyncio.run(through())
    finally:
        newer.stop()
    town = installed.town
    assert installed.entries() == Counter(f"line {number}" for number in range(lines))
    assert town.said() == Counter(range(lines))
    states = installed.states()
    assert {state for platform, state in states if platform == "slack"} == {"sent"}
    # Teams cannot be asked after a slow moment; then the next message mentions it, and that closes it
    assert {state for _, state in states} <= {"sent", "uncertain", "closed"}
    assert states.total() == len(town.slack.posted) + len(town.connector.posted()) == lines + PEOPLE


@ON_POSTGRESQL
def test_the_older_version_finishes_what_the_newer_left_when_it_was_taken_back(
    installed: Installed, newer: Installed
) -> None:
    """It was there before the migration; one that starts after it is refused, and says what to do."""
    installed.town.answers_after(0.1)  # so that something is on its way when it is killed

    async def through() -> int:
        await installed.start()
        async with traffic(installed, newer) as (people, both):
            await migrated(newer)
            await newer.start()
            people.serving = both
            await people.goes_on()
            people.serving = both[1:]
            await people.goes_on()
            await installed.town.has_in_hand()
            newer.kill(signal.SIGKILL)
            await newer.ended()
            people.serving = both[:1]
            again = installed.on(free_ports(1)[0])
            with pytest.raises(AssertionError, match="made by a later version of learnbot"):
                await again.start()
            await people.goes_on()
        await installed.quiet()
        installed.kill(signal.SIGTERM)
        await installed.ended()
        return people.lines

    try:
        lines = asyncio.run(through())
    finally:
        newer.stop()
    installed.lost_nothing(lines)


@pytest.fixture
def later(postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database of the present version, one migration behind for the next `migrate`, which is impatient."""
    database = Database(postgres_url)
    storage.migrate.migrate(database.engine)
    monkeypatch.setattr(storage.migrate, "FOLDER", another_version(tmp_path, EXPANDS))
    monkeypatch.setattr(storage.migrate, "LOCK_MILLISECONDS", 100)
    yield database.engine
    database.close()


def wait_for_the_migration(connection: Connection) -> None:
    """Until it waits for a lock of somebody's."""
    while not connection.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
        pass


def test_somebody_who_holds_what_a_migration_needs_and_needs_what_it_holds_is_let_through(later: Engine) -> None:
    with later.connect() as somebody, ThreadPoolExecutor() as pool:
        somebody.execute(text("SELECT count(*) FROM person"))
        migrating = pool.submit(storage.migrate.migrate, later)
        wait_for_the_migration(somebody)
        somebody.execute(text("INSERT INTO handled_event (key, at) VALUES ('one', now())"))
        somebody.commit()
        migrating.result()
    assert storage.migrate.pending(later) == 0
    assert inspect(later).has_table("later")


def test_a_migration_that_is_given_no_room_says_so_and_changes_nothing(later: Engine) -> None:
    with later.connect() as somebody:
        somebody.execute(text("SELECT count(*) FROM person"))
        with pytest.raises(Unavailable, match="nothing was changed: run `learnbot migrate` again"):
            storage.migrate.migrate(later)
        somebody.execute(text("INSERT INTO handled_event (key, at) VALUES ('one', now())"))
        somebody.commit()
    assert storage.migrate.pending(later) == 1
    assert not inspect(later).has_table("later")


def test_every_migration_leaves_the_version_before_it_able_to_work(tmp_path: Path) -> None:
    """So that a deploy can roll: what the older version reads is still there, and what it writes is still whole."""
    revisions = [one.revision for one in ScriptDirectory.from_config(configuration()).walk_revisions()][::-1]
    engine = create_engine(f"sqlite:///{tmp_path}/learnbot.db")
    assert breaks_between(engine, revisions) == {}
    engine.dispose()


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ('table.drop_column("zone")', "person.zone is gone"),
        ('table.add_column(sa.Column("grade", sa.String(), nullable=False))', "person.grade must be filled in"),
        ('table.add_column(sa.Column("grade", sa.String(), nullable=False, server_default=""))', ""),
        ('table.alter_column("role", type_=sa.Integer())', "person.role has changed its type"),
        ('table.create_unique_constraint("one_name", ["name"])', "person must be unique by name"),
    ],
)
def test_a_change_that_the_version_before_cannot_work_with_is_named(tmp_path: Path, change: str, broken: str) -> None:
    folder = another_version(tmp_path, f'    with op.batch_alter_table("person") as table:\n        {change}\n')
    engine = create_engine(f"sqlite:///{tmp_path}/learnbot.db")
    head = ScriptDirectory.from_config(configuration()).get_heads()[0]
    found = breaks_between(engine, [head, "9000"], folder)
    engine.dispose()
    assert found == ({"9000": [broken]} if broken else {})


def breaks_between(engine: Engine, revisions: list[str], folder: Path | None = None) -> dict[str, list[str]]:
    """What each of the revisions but the first takes from the one before it; those that take nothing are left out."""
    config, found, before = configuration(), dict[str, list[str]](), None
    if folder is not None:
        config.set_main_option("script_location", str(folder))
    for revision in revisions:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
        with engine.connect() as connection:
            after = inspect(connection)
            tables = {name: after.get_columns(name) for name in after.get_table_names()}
            unique = {name: after.get_unique_constraints(name) + after.get_indexes(name) for name in tables}
        if before is not None and (wrong := breaks(before, (tables, unique))):
            found[revision] = wrong
        before = (tables, unique)
    return found
