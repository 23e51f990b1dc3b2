"""A bot's Outlook with Entra ID and Microsoft Graph behind it, and people who have mailboxes there."""

from collections.abc import Callable, Coroutine
from typing import Any

from scheduling.calendars.outlook import OutlookCalendar
from tests.clients.graph import GraphServer
from tests.clients.microsoft import CLIENT_ID, SECRET, TENANT, EntraId

AMINA, BEN, CHLOE, HEAD = "amina@example.org", "ben@example.org", "chloe@example.org", "head@example.org"
Do = Callable[[Coroutine[Any, Any, Any]], Any]


def calendar_of(graph: GraphServer, entra: EntraId, **other: Any) -> OutlookCalendar:
    tenant, secret, outside = other.pop("tenant", TENANT), other.pop("secret", SECRET), other.pop("outside", HEAD)
    return OutlookCalendar(tenant, CLIENT_ID, secret, outside, authority=entra.address, api_url=graph.api_url, **other)
