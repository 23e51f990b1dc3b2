"""SQLite's one writer: a thread that takes whatever work is waiting and commits it together.

All that waits is done in one SAVEPOINT. Where a piece fails or takes something back, everything is taken back and done
once more, each piece in a SAVEPOINT of its own, so that one that fails takes nothing of the others with it.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from bot.errors import Unavailable
from storage.faults import SQLITE_DAMAGE, code, damaged, database_failed

T = TypeVar("T")
Work = Callable[[Session], T]

BATCH = 64


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


class _Apart(BaseException):
    """A piece of work takes back what it did, which it can only do in a savepoint of its own."""


class _Together(Session):
    """A session that several pieces of work may share, one after the other, in one savepoint."""

    shared = False

    def rollback(self) -> None:
        """Take back what was done, unless that is another's work, too: then leave everything to be done apart."""
        if self.shared:
            raise _Apart
        super().rollback()


class Writer:
    """The one thread that writes to SQLite."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None
        self._session: _Together | None = None
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
                raise damaged(str(self._engine.url.database))
            connection, session = self._connected()
            with connection.begin():
                if len(batch) == 1 or not _all_at_once(connection, session, batch):
                    _each_apart(connection, session, batch)
        except BaseException as error:
            self._disconnect()
            self._damaged = self._damaged or code(error) in SQLITE_DAMAGE
            failure = damaged(str(self._engine.url.database)) if self._damaged else Unavailable(
                "the database cannot be written just now")  # fmt: skip
            failure.__cause__ = error
            for piece in batch:
                piece.error = piece.error or failure

    def _connected(self) -> tuple[Connection, _Together]:
        if self._connection is None or self._session is None:
            self._connection = self._engine.connect()
            self._session = _Together(
                self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False
            )
        return self._connection, self._session

    def _disconnect(self) -> None:
        # after a fault the next batch begins with a connection of its own, whatever state this one is in
        connection, self._connection, self._session = self._connection, None, None
        if connection is not None:
            with suppress(Exception):
                connection.close()


def _all_at_once(connection: Connection, session: _Together, batch: Sequence[_Piece]) -> bool:
    """Run these pieces in one savepoint: one for each is more work than many a piece. False when nothing was done."""
    session.shared = True
    try:
        for piece in batch:
            piece.result = piece.work(session)
            session.flush()
            session.expunge_all()  # no piece meets what another has read
            _assert_open(connection)
        session.commit()
    except BaseException as error:
        session.shared = False
        session.rollback()
        if _given_up(connection, error):
            raise
        return False
    finally:
        session.shared = False
        session.close()  # and it is as good as new, at a tenth of the price of a new one
    return True


def _each_apart(connection: Connection, session: Session, batch: Sequence[_Piece]) -> None:
    """Run each piece in a savepoint of its own: one that fails is told so, and the others are none the worse."""
    for piece in batch:
        try:
            piece.result = worked(session, piece.work)
            _assert_open(connection)
        except BaseException as error:
            if _given_up(connection, error):
                raise
            piece.error = error
        finally:
            session.close()


def _given_up(connection: Connection, error: BaseException) -> bool:
    """Whether nothing of this batch may be called saved.

    A full disk makes SQLite give up the whole transaction, whatever the piece says of it.
    """
    return database_failed(error) or not _still_open(connection)


def _assert_open(connection: Connection) -> None:
    assert _still_open(connection), "SQLite gave up the transaction and nobody said so"


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


def worked(session: Session, work: Work[T]) -> T:
    """Run `work` and commit it, or roll it back and raise what it raised."""
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
