"""The database: one transaction per piece of work, on SQLite or PostgreSQL.

On SQLite one writer thread takes whatever work is waiting, runs each piece in a SAVEPOINT of its own and commits them
together: nobody waits for a lock, and one flush to disk serves many. On PostgreSQL each piece is a transaction in a
pool of threads. Work is a function of a session; it neither commits nor keeps the session.
"""

import asyncio
import fcntl
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Insert,
    Table,
    create_engine,
    event,
    insert,
    make_url,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import (
    DeclarativeBase,
    MappedAsDataclass,
    Session,
    make_transient_to_detached,
    object_mapper,
)
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.pool import NullPool
from sqlalchemy.types import TypeDecorator

from bot.errors import Unavailable

T = TypeVar("T")
Work = Callable[[Session], T]

WAL_IS_SAFE_FROM = (3, 51, 3)  # earlier SQLite could corrupt a WAL database that two connections checkpoint at once
BATCH = 64
PATIENCE = 10.0  # seconds that a piece of work waits for its turn, and that PostgreSQL may take over one statement
DEADLOCKS = 3  # times a piece of work is begun before its deadlocks are somebody's problem

# SQLite's codes for a fault of the file, the disk or the lock, as opposed to one of the statement.
_SQLITE_FAULTS = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)
_SQLITE_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# PostgreSQL's classes for the same: connection, deadlock, resources, a lock or a time limit, operator, system, damage.
_POSTGRESQL_FAULTS = ("08", "40", "53", "55P03", "57", "58", "25006", "25P0", "XX")

# SQLAlchemy writes every row it fetches to this log at DEBUG, and `hide_parameters` does not keep it from that.
logging.getLogger("sqlalchemy.engine.Engine").addFilter(lambda record: record.levelno > logging.DEBUG)


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
    session.flush()  # rows that this one may refer to
    insert = _insert_once(cast(Table, record.__table__), session.get_bind().dialect.name)
    result = session.execute(insert, values)
    return cast(int, result.rowcount) == 1  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def add_now(session: Session, record: Record) -> None:
    """Add a record that gets its id from the database and is wanted with it at once.

    The same as to add it and flush, at a quarter of the price. What it refers to must be stored already.
    """
    mapper = object_mapper(record)
    (key,) = (mapper.get_property_by_column(column).key for column in mapper.primary_key)
    names = [attribute.key for attribute in mapper.column_attrs if attribute.key != key]
    values = {name: getattr(record, name) for name in names}
    made = session.execute(_insert(cast(Table, mapper.local_table)), values)
    values[key] = cast(Sequence[Any], cast(CursorResult[Any], made).inserted_primary_key)[0]
    for name, value in values.items():
        set_committed_value(record, name, value)  # stored as they are: nothing to write, nothing to read again
    make_transient_to_detached(record)
    session.add(record)


@cache
def _insert(table: Table) -> Insert:
    return insert(table)


@cache
def _insert_once(table: Table, dialect: str) -> Insert:
    # made once for each table: building a statement and its cache key costs more than running it
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as build  # no start on SQLite need wait for it
    else:
        from sqlalchemy.dialects.sqlite import insert as build
    # psycopg's count of rows is dropped otherwise
    return build(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


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
        self._writer = _Writer(self.engine) if self.sqlite else None
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
                    return _worked(session, work)
            except (DBAPIError, PoolTimeout) as error:
                if begun < DEADLOCKS and _state(error).startswith("40"):
                    continue  # PostgreSQL chose this one to give way; nothing of it was saved
                if _database_failed(error):
                    raise Unavailable("the database cannot be used just now") from error
                raise
        raise AssertionError


@dataclass(slots=True)
class _Piece:
    """Work that waits for the writer, and what came of it. `loop` is the event loop that waits, if one does."""

    work: Work[Any]
    future: "Future[Any] | asyncio.Future[Any]"
    loop: asyncio.AbstractEventLoop | None = None
    result: Any = None
    error: BaseException | None = None

    def wanted(self) -> bool:
        """Whether anybody still waits. From here on nobody in a thread can give up waiting."""
        return (
            not self.future.cancelled()
            if self.loop
            else cast("Future[Any]", self.future).set_running_or_notify_cancel()
        )

    def hand_over(self) -> None:
        """Tell whoever waits, in the thread that waits."""
        if self.loop is not None and self.future.done():
            return  # gave up waiting meanwhile
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class _Writer:
    """The one thread that writes to SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._waiting: queue.SimpleQueue[_Piece | None] = queue.SimpleQueue()
        self._accepting = True
        self._damaged = False
        self._door = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> "Future[T]":
        assert threading.current_thread() is not self._thread, "work that waits for other work would wait for ever"
        future: Future[T] = Future()
        self._put(_Piece(work, future))
        return future

    def submit_from(self, loop: asyncio.AbstractEventLoop, work: Work[T]) -> "asyncio.Future[T]":
        future: asyncio.Future[T] = loop.create_future()
        self._put(_Piece(work, future, loop))
        return future

    def _put(self, piece: _Piece) -> None:
        with self._door:  # nothing may be put in behind the mark that stops the thread: nobody would ever answer it
            if self._accepting:
                self._waiting.put(piece)
            else:
                piece.future.set_exception(Unavailable("the bot is stopping"))

    def stop(self) -> None:
        with self._door:
            self._accepting = False
            self._waiting.put(None)
        self._thread.join()

    def _serve(self) -> None:
        stopping = False
        while not stopping and (first := self._waiting.get()) is not None:
            batch = [first]
            while len(batch) < BATCH:
                try:
                    more = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if more is None:
                    stopping = True
                    break
                batch.append(more)
            batch = [piece for piece in batch if piece.wanted()]
            self._commit_together(batch)
            _hand_over(batch)
        self._disconnect()

    def _commit_together(self, batch: list[_Piece]) -> None:
        try:
            if self._damaged:
                raise _damaged(str(self._engine.url.database))
            connection = self._connection = self._connection or self._engine.connect()
            with connection.begin():
                for piece in batch:
                    try:
                        piece.result = self._one(connection, piece.work)
                        assert _still_open(connection), "SQLite gave up the transaction and nobody said so"
                    except BaseException as error:
                        # a full disk makes SQLite give up the whole transaction, whatever the piece says of it
                        if _database_failed(error) or not _still_open(connection):
                            raise  # nothing of this batch may be called saved
                        piece.error = error
        except BaseException as error:
            self._disconnect()
            self._damaged = self._damaged or _code(error) in _SQLITE_DAMAGE
            failure = _damaged(str(self._engine.url.database)) if self._damaged else Unavailable(
                "the database cannot be written just now")  # fmt: skip
            failure.__cause__ = error
            for piece in batch:
                piece.error = piece.error or failure

    def _disconnect(self) -> None:
        # after a fault the next batch begins with a connection of its own, whatever state this one is in
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()

    def _one(self, connection: Connection, work: Work[T]) -> T:
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            return _worked(session, work)


def _hand_over(batch: list[_Piece]) -> None:
    # each event loop is woken once, not once for every piece: waking it is a system call
    waiting: dict[asyncio.AbstractEventLoop, list[_Piece]] = {}
    for piece in batch:
        if piece.loop is None:
            piece.hand_over()
        else:
            waiting.setdefault(piece.loop, []).append(piece)
    for loop, pieces in waiting.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_hand_over_here, pieces)


def _hand_over_here(pieces: list[_Piece]) -> None:
    for piece in pieces:
        piece.hand_over()


def _still_open(connection: Connection) -> bool:
    return cast(sqlite3.Connection, connection.connection.dbapi_connection).in_transaction


def _code(error: BaseException) -> int:
    """SQLite's primary code of an error; 0 when it is not one of SQLite's."""
    return int(getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)) & 0xFF


def _state(error: BaseException) -> str:
    """PostgreSQL's code of an error; "" when the server gave none."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def _database_failed(error: BaseException) -> bool:
    """Whether the database failed, rather than the piece of work that was using it."""
    if isinstance(error, PoolTimeout | sqlite3.Error):  # SQLite's own comes from a savepoint, never from the work
        return True
    if not isinstance(error, DBAPIError):
        return False
    if _code(error):
        return _code(error) in _SQLITE_FAULTS
    if error.connection_invalidated or _state(error).startswith(_POSTGRESQL_FAULTS):
        return True
    return isinstance(error, OperationalError) and not _state(error)  # there was no server to give it a code


def _damaged(path: str) -> Unavailable:
    return Unavailable(
        f"The database {path} is damaged. Nothing more is written to it. Stop the bot, move the file aside, put the "
        "latest backup in its place, run `learnbot restored`, and start again."
    )


def _worked(session: Session, work: Work[T]) -> T:
    # not `with session.begin()`: a dispatcher that refuses rolls back what the handler did and goes on to say so
    try:
        result = work(session)
        session.commit()
    except StopIteration as error:  # which a future of asyncio's does not take: whoever waits would wait for ever
        session.rollback()
        raise RuntimeError("the work raised StopIteration") from error
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
        if _code(error) in _SQLITE_DAMAGE:
            raise _damaged(path) from error
        raise Unavailable(f"the database {path} cannot be opened") from error
    if found != ["ok"]:
        raise _damaged(path)
