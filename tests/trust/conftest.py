"""What the tests of the whole program stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.node import free_ports
from tests.trust.installed import Installed, Nursery, Town, town


@pytest.fixture(name="town")
def town_fixture() -> Iterator[Town]:
    with town() as running:
        yield running


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """One for a test process: what it imports is imported once."""
    with Nursery() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def installed(request: pytest.FixtureRequest, nursery: Nursery, tmp_path: Path, town: Town) -> Iterator[Installed]:
    """The bot with everybody on its roster, on either database; not started."""
    folder = tmp_path / "installed"
    folder.mkdir(mode=0o700)
    url = f"sqlite:///{folder}/learnbot.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    bot = Installed(nursery, folder, url, town, free_ports(1)[0])
    bot.enrol()
    yield bot
    bot.stop()
