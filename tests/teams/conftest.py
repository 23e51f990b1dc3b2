"""What the tests of Teams stand on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.entra import Issuer
from tests.teams.world import Connector, World, database


@pytest.fixture
def connector() -> Iterator[Connector]:
    with Connector() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, connector: Connector) -> Iterator[World]:
    """The program in a tenant whose traffic is signed."""
    opened = database(tmp_path)
    with Issuer() as issuer:
        world = World(opened, issuer, connector)
        yield world
        world.close()
    opened.close()


@pytest.fixture
def local(tmp_path: Path, connector: Connector) -> Iterator[World]:
    """The program beside chat windows on the same machine: nothing is signed."""
    opened = database(tmp_path)
    with Issuer() as issuer:
        world = World(opened, issuer, connector, local=True)
        yield world
        world.close()
    opened.close()
