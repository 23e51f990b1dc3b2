"""Outlook, Entra ID and Microsoft Graph as pytest fixtures: `pytest_plugins = ("tests.clients.outlook_fixtures",)`."""

import asyncio
from collections.abc import Iterator

import pytest

from scheduling.calendars.outlook import OutlookCalendar
from tests.clients.graph import GraphServer
from tests.clients.microsoft import EntraId
from tests.clients.outlook import AMINA, BEN, CHLOE, HEAD, Do, calendar_of


@pytest.fixture(scope="module")
def entra_server() -> Iterator[EntraId]:
    with EntraId() as running:
        yield running


@pytest.fixture(scope="module")
def graph_server(entra_server: EntraId) -> Iterator[GraphServer]:
    with GraphServer(entra_server, (AMINA, BEN, CHLOE, HEAD)) as running:
        yield running


@pytest.fixture
def entra(entra_server: EntraId, monkeypatch: pytest.MonkeyPatch) -> EntraId:
    entra_server.reset()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", entra_server.ca_bundle)
    return entra_server


@pytest.fixture
def graph(graph_server: GraphServer, entra: EntraId) -> Iterator[GraphServer]:
    """Empty mailboxes; the head's is one that the bot may not reach. No test may ask for what the reference has not."""
    graph_server.reset()
    graph_server.mailboxes[HEAD].open = False
    yield graph_server
    assert graph_server.wrongs == []


@pytest.fixture
def do() -> Iterator[Do]:
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def outlook(graph: GraphServer, entra: EntraId, do: Do) -> Iterator[OutlookCalendar]:
    calendar = calendar_of(graph, entra)
    yield calendar
    do(calendar.close())
