"""Whether it was the database that failed, and how: SQLite's and PostgreSQL's codes, read in one place."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.errors import Unavailable

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
SQLITE_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# PostgreSQL's classes for the same: connection, deadlock, resources, a lock or a time limit, operator, system, damage.
_POSTGRESQL_FAULTS = ("08", "40", "53", "55P03", "57", "58", "25006", "25P0", "XX")


def code(error: BaseException) -> int:
    """SQLite's primary code of an error; 0 when it is not one of SQLite's."""
    return int(getattr(getattr(error, "orig", error), "sqlite_errorcode", 0)) & 0xFF


def state(error: BaseException) -> str:
    """PostgreSQL's code of an error; "" when the server gave none."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")


def database_failed(error: BaseException) -> bool:
    """Whether the database failed, rather than the piece of work that was using it."""
    if isinstance(error, PoolTimeout | sqlite3.Error):  # SQLite's own comes from a savepoint, never from the work
        return True
    if not isinstance(error, DBAPIError):
        return False
    if code(error):
        return code(error) in _SQLITE_FAULTS
    if error.connection_invalidated or state(error).startswith(_POSTGRESQL_FAULTS):
        return True
    return isinstance(error, OperationalError) and not state(error)  # there was no server to give it a code


def damaged(path: str) -> Unavailable:
    return Unavailable(
        f"The database {path} is damaged. Nothing more is written to it. Stop the bot, move the file aside, put the "
        "latest backup in its place, run `learnbot restored`, and start again."
    )
