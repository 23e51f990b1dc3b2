"""The database: one transaction per piece of work, on SQLite or PostgreSQL.

On SQLite one writer thread takes whatever work is waiting, runs each piece in a SAVEPOINT of its own and commits them
together: nobody waits for a lock, and one flush to disk serves many. On PostgreSQL each piece is a transaction in a
pool of threads. Work is a function of a session; it neither commits nor keeps the session.
"""

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, Session
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from bot.errors import Unavailable

T = TypeVar("T")
Work = Callable[[Session], T]

WAL_IS_SAFE_FROM = (3, 51, 3)  # earlier SQLite could corrupt a WAL database that two connections checkpoint at once
BATCH = 64


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, stored in UTC. A naive datetime is refused: it would not say which instant it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values; on SQLite keep UTC without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored: say which zone it is in")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """The instant, aware and in UTC."""
        if value is None:
            return None
        found = cast(datetime, value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Record(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The base of every table: the records are the domain's dataclasses."""

    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012 - SQLAlchemy reads it from the class


def insert_once(session: Session, record: type[Record], **values: object) -> bool:
    """Insert a row unless one with the same unique key is there. True when this call inserted it.

    What must hold once is decided here, by the database: of any number of racers exactly one is told True.
    """
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    result = session.execute(build(record).values(**values).on_conflict_do_nothing())
    return cast(int, result.rowcount) == 1  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


class Database:
    """Opens the database and runs work in transactions. Close it when done."""

    def __init__(self, url: str, *, threads: int = 8) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._lock = _only_process(self.url.database) if self.sqlite and self.url.database else None
        self.engine = _sqlite_engine(url) if self.sqlite else _postgresql_engine(url, threads)
        self._writer = _Writer(self.engine) if self.sqlite else None
        self._pool = None if self.sqlite else ThreadPoolExecutor(threads, thread_name_prefix="database")

    def run(self, work: Work[T]) -> T:
        """Run `work` in a transaction and wait for its commit. Raises what it raises, or `Unavailable`."""
        return self._submit(work).result()

    async def run_async(self, work: Work[T]) -> T:
        """The same, without holding up the event loop."""
        return await asyncio.wrap_future(self._submit(work))

    def close(self) -> None:
        """Finish what was accepted and close."""
        if self._writer:
            self._writer.stop()
        if self._pool:
            self._pool.shutdown(wait=True)
        self.engine.dispose()
        if self._lock is not None:
            os.close(self._lock)

    def _submit(self, work: Work[T]) -> "Future[T]":
        if self._writer:
            return self._writer.submit(work)
        assert self._pool is not None
        return self._pool.submit(self._in_transaction, work)

    def _in_transaction(self, work: Work[T]) -> T:
        try:
            with Session(self.engine, expire_on_commit=False) as session:
                return _worked(session, work)
        except (OperationalError, PoolTimeout) as error:
            raise Unavailable("the database cannot be used just now") from error


class _Writer:
    """The one thread that writes to SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._accepting = True
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> "Future[T]":
        future: Future[T] = Future()
        if not self._accepting:
            future.set_exception(Unavailable("the bot is stopping"))
            return future
        self._waiting.put((work, future))
        return future

    def stop(self) -> None:
        self._accepting = False
        self._waiting.put(None)
        self._thread.join()

    def _serve(self) -> None:
        with self._engine.connect() as connection:
            while (first := self._waiting.get()) is not None:
                batch = [first]
                stopping = False
                while len(batch) < BATCH:
                    try:
                        more = self._waiting.get_nowait()
                    except queue.Empty:
                        break
                    if more is None:
                        stopping = True
                        break
                    batch.append(more)
                self._commit_together(connection, batch)
                if stopping:
                    return

    def _commit_together(self, connection: Connection, batch: list[tuple[Work[Any], "Future[Any]"]]) -> None:
        done: list[tuple[Future[Any], Any]] = []
        try:
            with connection.begin():
                for work, future in batch:
                    if not future.set_running_or_notify_cancel():
                        continue
                    try:
                        done.append((future, self._one(connection, work)))
                    except OperationalError:
                        raise  # the disk is full or the file is damaged: nothing of this batch may be called saved
                    except BaseException as error:
                        future.set_exception(error)
        except BaseException as error:
            failure = Unavailable("the database cannot be written just now")
            failure.__cause__ = error
            for _, future in batch:
                if not future.done():
                    future.set_exception(failure)
            return
        for future, result in done:
            future.set_result(result)

    def _one(self, connection: Connection, work: Work[T]) -> T:
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            return _worked(session, work)


def _worked(session: Session, work: Work[T]) -> T:
    # not `with session.begin()`: a dispatcher that refuses rolls back what the handler did and goes on to say so
    try:
        result = work(session)
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return result


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

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]
        # pysqlite would begin late and deferred, and two readers would then race to become the writer
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql_engine(url: str, threads: int) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=threads,
        max_overflow=2,
        pool_timeout=5,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
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
    if not os.path.exists(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return lock
