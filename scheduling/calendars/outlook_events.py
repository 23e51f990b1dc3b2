"""An Outlook event as Microsoft Graph takes it, and the little that we take from one: its times and where to meet."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from scheduling.calendars.contract import Appointment, CalendarDown, Changed
from scheduling.calendars.graph import Json

OURS = uuid.UUID("5b3c0a52-8d4e-4c57-9f0b-6f1d0c2a7e41")  # the namespace of what we derive and leave in a mailbox
KEY = f"String {{{OURS}}} Name learnbot-key"
WRITTEN = f"String {{{OURS}}} Name learnbot-written"

# The zones that Outlook knows by the name that everybody else uses. Source: Microsoft Graph, "dateTimeTimeZone resource
# type". What it lists under an older or doubtful spelling is left out: such an event is written in UTC, where it is the
# same instant.
_ZONES = {
    "Africa": "Cairo Casablanca Johannesburg Lagos Nairobi Windhoek",
    "America": (
        "Anchorage Argentina/Buenos_Aires Asuncion Bahia Bogota Caracas Cayenne Chicago Chihuahua Cuiaba "
        "Denver Guatemala Halifax Indiana/Indianapolis La_Paz Los_Angeles Mexico_City Montevideo New_York "
        "Phoenix Regina Santiago Sao_Paulo St_Johns"
    ),
    "Asia": (
        "Amman Baghdad Baku Bangkok Beirut Colombo Damascus Dhaka Dubai Irkutsk Jerusalem Kabul Karachi "
        "Kathmandu Kolkata Krasnoyarsk Magadan Novosibirsk Riyadh Seoul Shanghai Singapore Taipei Tbilisi "
        "Tehran Tokyo Ulaanbaatar Vladivostok Yakutsk Yekaterinburg Yerevan"
    ),
    "Atlantic": "Azores Cape_Verde Reykjavik",
    "Australia": "Adelaide Brisbane Darwin Hobart Perth Sydney",
    "Europe": "Berlin Bucharest Budapest Istanbul Kaliningrad London Moscow Paris Warsaw",
    "Indian": "Mauritius",
    "Pacific": "Apia Auckland Fiji Guadalcanal Honolulu Kiritimati Port_Moresby Tongatapu",
}
KNOWN_TO_OUTLOOK = frozenset(f"{area}/{place}" for area, places in _ZONES.items() for place in places.split())


@dataclass(frozen=True)
class Event:
    """All that is taken from an event in a mailbox. `written` is the mark that we left on one of ours."""

    event_id: str
    starts_at: datetime
    ends_at: datetime
    gone: bool
    join_url: str
    written: str

    def is_at(self, appointment: Appointment) -> bool:
        return (self.starts_at, self.ends_at) == (whole(appointment.starts_at), whole(appointment.ends_at))


# ---------------------------------------------------------------------------------------------- what we write


def new(appointment: Appointment) -> Json:
    """The body of an event to make. Source: Graph, "Create event"."""
    words = called_and_invited(appointment)
    key = {"id": KEY, "value": derived(appointment.key)}
    return {
        **words,
        **times(appointment),
        "body": {"contentType": "text", "content": appointment.description},
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "transactionId": derived(appointment.key),
        "singleValueExtendedProperties": [key, *words["singleValueExtendedProperties"]],
    }


def without_teams(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in ("isOnlineMeeting", "onlineMeetingProvider")}


def called_and_invited(appointment: Appointment) -> Json:
    """What the event is called and who is invited, with a mark by which we know what we wrote without reading it."""
    return {
        "subject": appointment.summary,
        "attendees": [
            {"emailAddress": {"name": name, "address": address}, "type": "required"}
            for name, address in appointment.attendees
        ],
        "singleValueExtendedProperties": [{"id": WRITTEN, "value": written(appointment)}],
    }


def times(appointment: Appointment) -> Json:
    return {
        "start": when(appointment.starts_at, appointment.zone),
        "end": when(appointment.ends_at, appointment.zone),
    }


def when(instant: datetime, zone: str = "UTC") -> Json:
    """A dateTimeTimeZone: the wall clock of `zone`, or of UTC where Outlook does not know it or the hour repeats."""
    wall = instant.astimezone(ZoneInfo(zone if zone in KNOWN_TO_OUTLOOK else "UTC"))
    if wall.utcoffset() != wall.replace(fold=1 - wall.fold).utcoffset():
        wall = instant.astimezone(ZoneInfo("UTC"))
    return {"dateTime": wall.replace(tzinfo=None).isoformat(timespec="seconds"), "timeZone": str(wall.tzinfo)}


def derived(key: str) -> str:
    """The id that a key stands under in a mailbox: always the same, and telling nobody anything."""
    return str(uuid.uuid5(OURS, key))


def written(appointment: Appointment) -> str:
    words = json.dumps([appointment.summary, sorted(appointment.attendees)])
    return hashlib.sha256(words.encode()).hexdigest()


def path(event_id: str) -> str:
    # The usual kind of id: it changes when an event is moved to the deleted ones, and what is there must count as gone.
    return f"events/{quote(event_id, safe='')}"


def in_url(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def whole(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(microsecond=0)


# ---------------------------------------------------------------------------------------------- what we read


def read(found: Json) -> Event:
    """One of Graph's events. Raises `CalendarDown` ("unreadable") when it is not one."""
    online = cast(Json, found.get("onlineMeeting") or {})
    join_url = str(online.get("joinUrl") or "")
    marks = [one for one in items(found, "singleValueExtendedProperties") if one.get("id") == WRITTEN]
    return Event(
        event_id=text(found, "id"),
        starts_at=instant(found, "start"),
        ends_at=instant(found, "end"),
        gone=found.get("isCancelled") is True,
        join_url=join_url if join_url.startswith("https://") else "",
        written=str(marks[0].get("value", "")) if marks else "",
    )


def changed(event: Event) -> Changed:
    if event.gone:
        return Changed(event.event_id, gone=True)
    return Changed(event.event_id, event.starts_at, event.ends_at)


def instant(found: Json, name: str) -> datetime:
    """A dateTimeTimeZone, which is always asked for in UTC: {"dateTime": "2026-03-05T14:00:00.0000000", …}."""
    given = cast(Json, found.get(name) or {})
    try:
        if given.get("timeZone") == "UTC":
            return datetime.fromisoformat(str(given.get("dateTime"))).replace(tzinfo=UTC)
    except ValueError as error:
        raise CalendarDown("unreadable") from error
    raise CalendarDown("unreadable")


def text(found: Json, name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str) or not value:
        raise CalendarDown("unreadable")
    return value


def items(found: Json, name: str) -> list[Json]:
    value: Any = found.get(name) or []
    if not isinstance(value, list):
        raise CalendarDown("unreadable")
    return cast(list[Json], value)
