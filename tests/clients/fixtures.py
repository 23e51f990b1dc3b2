"""The clients as pytest fixtures: `pytest_plugins = ("tests.clients.fixtures",)`.

Each is imported when a test first asks for it: most tests need none, and some of these are slow to load.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.clients.browser import Browser
    from tests.clients.entra import Issuer
    from tests.clients.postgres import Postgres
    from tests.clients.slack import SlackServer


@pytest.fixture(scope="session")
def slack_server() -> Iterator[SlackServer]:
    """One emulator for a test process."""
    from tests.clients.slack import SlackServer

    with SlackServer() as running:
        yield running


@pytest.fixture
def slack(slack_server: SlackServer) -> SlackServer:
    """A workspace in which nothing has happened yet."""
    slack_server.reset()
    return slack_server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for a test process; each test opens windows of its own."""
    from tests.clients.browser import Browser

    with Browser() as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of this test process, shared by its tests. Do not kill this one: make your own `Postgres()`."""
    from tests.clients.postgres import Postgres

    with Postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """A new empty database, gone after the test: `postgresql+psycopg://…`."""
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A new issuer with a key of its own."""
    from tests.clients.entra import Issuer

    with Issuer() as running:
        yield running
