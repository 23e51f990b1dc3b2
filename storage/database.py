"""The database: one transaction per piece of work, on SQLite or PostgreSQL.

On SQLite one writer thread (`storage.writer`) commits together whatever work is waiting: nobody waits for a lock, and
one flush to disk serves many. On PostgreSQL each piece is a transaction in a pool of threads. Work is a function of a
session; it neither commits nor keeps the session, and changes nothing but the database: it may be begun again.
"""

import asyncio
import fcntl
import logging
import os
import sqlite3
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import closing, suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, DateTime, Dialect, Engine, Table, create_engine, event, insert, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session, class_mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeDecorator

from bot.errors import Unavailable
from storage.faults import SQLITE_DAMAGE, code, damaged, database_failed, state
from storage.prepared import Prepared
from storage.writer import Work, Writer, worked

T = TypeVar("T")

WAL_IS_SAFE_FROM = (3, 51, 3)  # earlier SQLite could corrupt a WAL database that two connections checkpoint at once
PATIENCE = 10.0  # seconds that a piece of work waits for its turn, and that PostgreSQL may take over one statement
DEADLOCKS = 3  # times a piece of work is begun before its deadlocks are somebody's problem

# SQLAlchemy writes every row it fetches to this log at DEBUG, and `hide_parameters` does not keep it from that.
logging.getLogger("sqlalchemy.engine.Engine").addFilter(lambda record: record.levelno > logging.DEBUG)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, stored in UTC. A naive datetime is refused: it would not say which instant it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """On SQLite in the letters that SQLAlchemy would write, in one step and at a tenth of its price."""
        return _written if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values, and keep UTC."""
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """The instant, aware and in UTC."""
        if value is None:
            return None
        found = cast(datetime, value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a naive datetime cannot be stored: say which zone it is in")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def _written(value: datetime | None) -> str | None:
    return None if value is None else _in_utc(value).replace(tzinfo=None).isoformat(" ", "microseconds")


class Record(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The base of every table: the records are the domain's dataclasses."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads it from the class


def insert_once(session: Session, record: type[Record], **values: object) -> bool:
    """Insert a row unless one with the same unique key is there. True when this call inserted it.

    What must hold once is decided here, by the database: of any number of racers exactly one is told True.
    """
    table = cast(Table, record.__table__)
    whole = {**_defaults(table), **values}
    return _insert(table, session.get_bind().dialect.name, tuple(whole), once=True).count(session, **whole) == 1


def add_now(session: Session, record: Record) -> None:
    """Add a record that gets its id from the database and is wanted with it at once.

    The same as to add it and flush, at a fraction of the price. What it refers to must be stored already.
    """
    _add(session, record, once=False)


def add_once(session: Session, record: Record) -> bool:
    """The same unless a row with the same unique key is there. True when this call added it."""
    return _add(session, record, once=True)


def _add(session: Session, record: Record, *, once: bool) -> bool:
    table, key, names = _columns(type(record))
    given = instance_dict(record)  # a default that was not named is known to the class alone
    values = {name: given[name] if name in given else getattr(record, name) for name in names}
    insert = _insert(table, session.get_bind().dialect.name, names, once=once, returning=key)
    for (number,) in insert.rows(session, **values):
        loaded(session, record, {**values, key: number})
        return True
    return False


@cache
def _columns(kind: type[Record]) -> tuple[Table, str, tuple[str, ...]]:
    """The table of these records, the name of their id, and the names of everything else."""
    mapper = class_mapper(kind)
    (key,) = (mapper.get_property_by_column(column).key for column in mapper.primary_key)
    return cast(Table, mapper.local_table), key, tuple(one.key for one in mapper.column_attrs if one.key != key)


def loaded(session: Session, record: Record, values: Mapping[str, Any]) -> None:
    """Let the session know `record` as if it had just read it with these values: nothing to write or to read again."""
    instance_dict(record).update(values)
    make_transient_to_detached(record)
    session.add(record)


@cache
def _defaults(table: Table) -> Mapping[str, object]:
    """What the columns hold when nothing is said of them."""
    defaults = ((column.key, column.default) for column in table.columns)
    return {key: default.arg for key, default in defaults if isinstance(default, ScalarElementColumnDefault)}


@cache
def _insert(
    table: Table, dialect: str, columns: tuple[str, ...], *, once: bool = False, returning: str = ""
) -> Prepared:
    statement: Any = insert(table)
    if once:
        if dialect == "postgresql":
            from sqlalchemy.dialects.postgresql import insert as build  # no start on SQLite need wait for it
        else:
            from sqlalchemy.dialects.sqlite import insert as build
        statement = build(table).on_conflict_do_nothing()
    return Prepared(statement.returning(table.c[returning]) if returning else statement, columns)


class Database:
    """Opens the database and runs work in transactions. Close it when done.

    Raises `Unavailable` when another process has it or it is damaged. `patience` is in seconds.
    """

    def __init__(self, url: str, *, threads: int = 8, patience: float = PATIENCE) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.patience = patience
        self._lock = _only_process(self.url.database) if self.sqlite and self.url.database else None
        self.engine = _sqlite_engine(url) if self.sqlite else _postgresql_engine(url, threads, patience)
        self._writer = Writer(self.engine) if self.sqlite else None
        self._pool = None if self.sqlite else ThreadPoolExecutor(threads, thread_name_prefix="database")

    def run(self, work: Work[T]) -> T:
        """Run `work` in a transaction and wait for its commit. Raises what it raises, or `Unavailable`."""
        future = self._submit(work)
        if self._pool is not None:
            with suppress(NotYet):
                return future.result(self.patience)
            if future.cancel():
                raise Unavailable("the database is too busy")
        return future.result()  # what has begun is ended by the server's own limits

    async def run_async(self, work: Work[T]) -> T:
        """The same, without holding up the event loop."""
        if self._writer is not None:
            return await self._writer.submit_from(asyncio.get_running_loop(), work)
        future = self._submit(work)
        waiting = asyncio.wrap_future(future)
        await asyncio.wait((waiting,), timeout=self.patience)
        if future.cancel():
            raise Unavailable("the database is too busy")
        return await waiting

    def close(self) -> None:
        """Finish what was accepted and close."""
        if self._writer:
            self._writer.stop()
        if self._pool:
            self._pool.shutdown(wait=True)
        self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _submit(self, work: Work[T]) -> "Future[T]":
        if self._writer:
            return self._writer.submit(work)
        assert self._pool is not None
        try:
            return self._pool.submit(self._in_transaction, work)
        except RuntimeError as error:  # the pool was shut down
            raise Unavailable("the bot is stopping") from error

    def _in_transaction(self, work: Work[T]) -> T:
        for begun in range(1, DEADLOCKS + 1):
            try:
                with Session(self.engine, expire_on_commit=False) as session:
                    return worked(session, work)
            except (DBAPIError, PoolTimeout) as error:
                if begun < DEADLOCKS and state(error).startswith("40"):
                    continue  # PostgreSQL chose this one to give way; nothing of it was saved
                if database_failed(error):
                    raise Unavailable("the database cannot be used just now") from error
                raise
        raise AssertionError


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=NullPool if make_url(url).database else None,
        connect_args={"check_same_thread": False, "timeout": 15, "isolation_level": None},
    )
    wal = sqlite3.sqlite_version_info >= WAL_IS_SAFE_FROM

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:  # pyright: ignore[reportUnusedFunction]
        connection.execute(f"PRAGMA journal_mode={'WAL' if wal else 'DELETE'}")
        connection.execute(f"PRAGMA synchronous={'FULL' if wal else 'EXTRA'}")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA mmap_size=0")
        connection.execute("PRAGMA secure_delete=ON")
        # what a savepoint would put back: much of it would go into a file, and want another place that can be written
        connection.execute("PRAGMA temp_store=MEMORY")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        # pysqlite would begin late and deferred, and two readers would then race to become the writer
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    # SQLAlchemy compiles a statement for every savepoint; each piece of work has one, and this costs a tenth
    engine.dialect.do_savepoint = lambda connection, name: _directly(connection, f"SAVEPOINT {name}")
    engine.dialect.do_release_savepoint = lambda connection, name: _directly(connection, f"RELEASE {name}")
    engine.dialect.do_rollback_to_savepoint = lambda connection, name: _directly(connection, f"ROLLBACK TO {name}")
    return engine


def _directly(connection: Connection, statement: str) -> None:
    cast(sqlite3.Connection, connection.connection.dbapi_connection).execute(statement)


def _postgresql_engine(url: str, threads: int, patience: float) -> Engine:
    limit = round(patience * 1000)
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=threads,
        max_overflow=2,
        pool_timeout=patience,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c statement_timeout={limit} -c lock_timeout={limit} "
            f"-c idle_in_transaction_session_timeout={limit * 3}",
        },
    )


def _only_process(path: str) -> int:
    """Hold the file's lock for the life of the process. Raises `Unavailable` when another process holds it."""
    Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise Unavailable(
            f"another learnbot is already using {path}. Stop it first, or use PostgreSQL to run more than one."
        ) from error
    try:
        if not os.path.exists(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        _check_whole(path)
    except BaseException:
        os.close(lock)
        raise
    return lock


def _check_whole(path: str) -> None:
    """Read the whole file once, before anything is written to it. Raises `Unavailable` when it is damaged."""
    try:
        with closing(sqlite3.connect(path, timeout=15)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(1)")]
    except sqlite3.DatabaseError as error:
        if code(error) in SQLITE_DAMAGE:
            raise damaged(path) from error
        raise Unavailable(f"the database {path} cannot be opened") from error
    if found != ["ok"]:
        raise damaged(path)
