"""Bringing a database up to the present tables: Alembic, from the first table on."""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from bot.errors import Unavailable

# Alembic is imported where it is used: a start that finds nothing to do has no need of it, and it takes 0.1 s of CPU.
if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x1EA12B07  # PostgreSQL's advisory lock that a migration holds: any number, always the same
LOCK_MILLISECONDS = 3000  # an older version that serves waits this long at the most: it would refuse people after ten
TRIES = 5
WORK_BEGINS_WITH = ("handled_event", "outbox")  # an event's first statement, and delivery's


def migrate(engine: Engine) -> None:
    """Run every migration that is missing, in one transaction: a crash leaves the database as it was.

    Of several processes that begin at once on PostgreSQL one does it and the others find it done. Others may serve on
    it meanwhile: they wait until it is done. Raises `Unavailable`, with nothing changed, when they leave it no room.
    """
    if up_to_date(engine):
        return
    for tries_left in reversed(range(TRIES)):
        try:
            _upgrade(engine)
        except DBAPIError as error:
            if not _gave_way(error):
                raise
            if not tries_left:
                raise Unavailable(
                    "the database was too busy to be migrated, and nothing was changed: run `learnbot migrate` again"
                ) from error
        else:
            return


def _upgrade(engine: Engine) -> None:
    from alembic import command

    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # a table that is made anew is dropped first, which would delete every row that refers to it; the switch
            # has no effect inside a transaction, and SQLAlchemy begins one with the first statement
            raw = cast(sqlite3.Connection, connection.connection.dbapi_connection)
            raw.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if not sqlite:
                connection.execute(text("SET LOCAL statement_timeout = 0"))
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
                _wait_for_those_who_serve(connection)
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise RuntimeError("a migration left rows that refer to nothing; the database is as it was before")


def _wait_for_those_who_serve(connection: Connection) -> None:
    """Let what has begun be ended, and nothing new begin, until the migration is committed.

    An older version may be serving. Locking the tables that its work begins with, in this order, keeps the two from
    waiting for one another: whoever has not got these holds nothing else yet.
    """
    connection.execute(text(f"SET LOCAL lock_timeout = {LOCK_MILLISECONDS}"))
    for table in WORK_BEGINS_WITH:
        if connection.scalar(text("SELECT to_regclass(:name)"), {"name": table}) is not None:
            connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))


def _gave_way(error: DBAPIError) -> bool:
    """Whether PostgreSQL ended it for others' sake: a deadlock, or a lock that did not come free in time."""
    return getattr(error.orig, "sqlstate", None) in ("40P01", "55P03")


def up_to_date(engine: Engine) -> bool:
    """Whether the newest migration has been run. Its file is the last by name, and begins with its number."""
    newest = max(file.name for file in (FOLDER / "versions").glob("[0-9]*.py")).partition("_")[0]
    try:
        with engine.connect() as connection:
            return connection.scalars(text("SELECT version_num FROM alembic_version")).all() == [newest]
    except DBAPIError:
        return False  # no such table yet, or something that Alembic will say better


def pending(engine: Engine) -> int:
    """How many migrations are missing. Raises `Unavailable` when the database was made by a later version."""
    if up_to_date(engine):
        return 0
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from alembic.script.revision import RevisionError
    from alembic.util.exc import CommandError

    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(configuration())
    try:
        return sum(1 for _ in script.iterate_revisions("head", present or "base"))
    except (CommandError, RevisionError) as error:
        raise Unavailable(
            "the database was made by a later version of learnbot: install that version, or restore the backup that "
            "was made before the change"
        ) from error


def configuration() -> "Config":
    """Alembic's configuration, without a file of its own."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
