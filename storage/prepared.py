"""Statements that are run for every event: made and compiled once, then handed to the driver as they are.

What SQLAlchemy does between a statement and the driver, every time anew, costs many times what SQLite needs to run it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Delete, Dialect, Insert, Select, Update
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

Convert = Callable[[Any], Any]


class Cursor(Protocol):
    """What a driver gives back."""

    rowcount: int

    def fetchall(self) -> list[Sequence[Any]]:
        """The rows that are left."""
        ...


@dataclass(frozen=True)
class _Compiled:
    """A statement in one database's own words.

    `fixed` are the values that are part of it, `into` says how the driver wants the others, `out_of` what comes back.
    """

    words: str
    order: tuple[str, ...] | None
    fixed: Mapping[str, Any]
    into: Mapping[str, Convert]
    out_of: tuple[tuple[int, Convert], ...]

    def values(self, given: Mapping[str, Any]) -> Any:
        """`given` as the driver wants them: in order, or by name."""
        values = {**self.fixed, **given}
        try:
            for name, convert in self.into.items():
                values[name] = convert(values[name])
        except Exception as error:
            raise StatementError(str(error), self.words, None, error, hide_parameters=True) from error
        return values if self.order is None else [values[name] for name in self.order]

    def row(self, found: Sequence[Any]) -> Sequence[Any]:
        """A row as the types of its columns have it."""
        if not self.out_of:
            return found
        row = list(found)
        for place, convert in self.out_of:
            row[place] = convert(row[place])
        return row


class Prepared:
    """A statement to be run with values for its `bindparam`s; an insert takes values for those `columns`.

    What the session still has to write is written first, and a failure is the one that SQLAlchemy would raise.
    """

    def __init__(self, statement: Select[Any] | Insert | Update | Delete, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, session: Session, **values: Any) -> list[Sequence[Any]]:
        """Run it, and what it found."""
        compiled, cursor = self._run(session, values)
        return [compiled.row(found) for found in cursor.fetchall()]

    def count(self, session: Session, **values: Any) -> int:
        """Run it, and how many rows it made or changed."""
        return self._run(session, values)[1].rowcount

    def many(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it once with the values of each of `rows`."""
        connection, compiled = self._ready(session)
        values = [compiled.values(row) for row in rows]
        _driven(connection, compiled.words, lambda driver: driver.cursor().executemany(compiled.words, values))

    def _run(self, session: Session, values: Mapping[str, Any]) -> tuple[_Compiled, Cursor]:
        connection, compiled = self._ready(session)
        given = compiled.values(values)
        return compiled, _driven(connection, compiled.words, lambda driver: driver.execute(compiled.words, given))

    def _ready(self, session: Session) -> tuple[Connection, _Compiled]:
        session.flush()
        connection = _connection(session)
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = self._compile(dialect)
        return connection, compiled

    def _compile(self, dialect: Dialect) -> _Compiled:
        compiled: SQLCompiler = self._statement.compile(dialect=dialect, column_keys=self._columns)
        into = {name: convert for bind, name in compiled.bind_names.items() if (convert := _bound(bind.type, dialect))}
        returned = enumerate(self._statement.exported_columns)
        return _Compiled(
            str(compiled),
            None if compiled.positiontup is None else tuple(compiled.positiontup),
            {name: bind.effective_value for bind, name in compiled.bind_names.items() if not bind.required},
            into,
            tuple((place, convert) for place, column in returned if (convert := _found(column.type, dialect))),
        )


def _connection(session: Session) -> Connection:
    # a session walks through all of its transaction's state to name its connection: once in a transaction is enough
    begun, connection = session.info.get(Prepared, (None, None))
    if begun is None or begun is not session.get_transaction():
        connection = session.connection()
        session.info[Prepared] = session.get_transaction(), connection
    return cast(Connection, connection)


def _bound(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _found(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _driven(connection: Connection, words: str, work: Callable[[Any], Any]) -> Any:
    """Let the driver do `work`. Raises `DBAPIError` of the kind that SQLAlchemy would, and without the values."""
    driver = connection.connection.dbapi_connection
    dialect = connection.dialect
    try:
        return work(driver)
    except dialect.loaded_dbapi.Error as error:
        gone = dialect.is_disconnect(error, cast(Any, driver), None)
        if gone:
            connection.invalidate(error)
        raise DBAPIError.instance(
            words, None, error, dialect.loaded_dbapi.Error,
            hide_parameters=True, connection_invalidated=gone, dialect=dialect,
        ) from error  # fmt: skip
