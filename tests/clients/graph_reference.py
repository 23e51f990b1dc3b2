"""What Microsoft Graph's v1.0 reference says of calendar requests, as checks: each raises `Wrong` with the sentence."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Json = dict[str, Any]

# Some of the names that the resource type dateTimeTimeZone lists beside Windows' own.
ZONES = frozenset({"UTC", "Europe/London", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Asia/Tokyo"})
LONGEST_SCHEDULE = timedelta(days=62)
SCHEDULES = 20
EVENT = frozenset(
    {
        *("attendees", "body", "bodyPreview", "categories", "changeKey", "createdDateTime", "end", "iCalUId", "id"),
        *("importance", "isAllDay", "isCancelled", "isOnlineMeeting", "isOrganizer", "lastModifiedDateTime"),
        *("location", "onlineMeeting", "onlineMeetingProvider", "organizer", "recurrence", "responseStatus"),
        *("sensitivity", "showAs", "start", "subject", "transactionId", "type", "webLink"),
    }
)
CALENDAR = frozenset(
    {"allowedOnlineMeetingProviders", "canEdit", "defaultOnlineMeetingProvider", "id", "name", "owner"}
)
PROPERTY_ID = re.compile(r"String \{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\} Name [\w-]+")
WALL_CLOCK = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?")


class Wrong(Exception):
    """Graph would not take this request."""


def need(holds: object, sentence: str) -> None:
    if not holds:
        raise Wrong(sentence)


def only(given: Iterable[str], known: Iterable[str]) -> None:
    unknown = set(given) - set(known)
    need(not unknown, f"the reference does not have {sorted(unknown)} here")


def check_headers(method: str, rest: str, headers: Mapping[str, str]) -> None:
    need(headers.get("Authorization", "").startswith("Bearer "), "Authorization: Bearer {token} is required")
    if method in ("POST", "PATCH") or rest == "calendarView/delta":
        kind = headers.get("Content-Type", "").partition(";")[0]
        need(kind == "application/json", "Content-Type: application/json is required")
    if method in ("GET", "DELETE"):
        need(headers.get("Content-Length", "0") == "0", f"a {method} has no body")


def preferences(headers: Mapping[str, str]) -> Json:
    """`zone`: of the times in the answer, UTC unless asked for; `page`: how many at the most, 10 unless asked for."""
    zone, page = "UTC", 10
    for one in filter(None, (part.strip() for part in headers.get("Prefer", "").split(","))):
        name, _, value = one.partition("=")
        if name == "outlook.timezone":
            need(value.startswith('"') and value.endswith('"'), "the zone in Prefer is in quotation marks")
            zone = value.strip('"')
            need(zone in ZONES, f"{zone} is not a zone")
        elif name == "odata.maxpagesize":
            need(value.isdigit() and int(value) > 0, "odata.maxpagesize is a number")
            page = int(value)
        else:
            raise Wrong(f"Prefer: {name} is not in the reference")
    return {"zone": zone, "page": page}


def instant(given: Any) -> datetime:
    """A dateTimeTimeZone as the instant it means."""
    need(isinstance(given, dict) and given.keys() == {"dateTime", "timeZone"}, "a time is dateTime and timeZone")
    need(isinstance(given["dateTime"], str) and WALL_CLOCK.fullmatch(given["dateTime"]), "dateTime is a wall clock")
    need(given["timeZone"] in ZONES, f"{given['timeZone']} is not a zone of the list")
    wall = datetime.fromisoformat(given["dateTime"]).replace(tzinfo=ZoneInfo(given["timeZone"]))
    need(wall.astimezone(UTC).astimezone(wall.tzinfo) == wall, f"{given['dateTime']} does not exist there")
    return wall.astimezone(UTC)


def utc(at: datetime) -> Json:
    return {
        "dateTime": f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}.0000000",
        "timeZone": "UTC",
    }


def in_zone(given: Json, zone: str) -> Json:
    wall = instant(given).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return {"dateTime": f"{wall.isoformat(timespec='seconds')}.0000000", "timeZone": zone}


def moment(text: str) -> datetime:
    """A moment in a query, as ISO 8601; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Wrong(f"{text!r} is not a moment in ISO 8601") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def check_select(chosen: str, known: frozenset[str]) -> frozenset[str]:
    names = frozenset(filter(None, chosen.split(",")))
    only(names, known)
    return names


def check_schedule(body: Json) -> None:
    only(body, {"schedules", "startTime", "endTime", "availabilityViewInterval"})
    schedules, interval = body.get("schedules"), body.get("availabilityViewInterval", 30)
    need(isinstance(schedules, list) and 1 <= len(schedules) <= SCHEDULES, f"schedules: 1 to {SCHEDULES}")
    need(all(isinstance(one, str) and "@" in one for one in schedules or ()), "schedules are SMTP addresses")
    length = instant(body.get("endTime")) - instant(body.get("startTime"))
    need(timedelta(0) < length <= LONGEST_SCHEDULE, "ErrorInvalidTimeInterval: the window is too long, or none")
    need(type(interval) is int and 5 <= interval <= 1440, "availabilityViewInterval: 5 to 1440 minutes")
    need(timedelta(minutes=interval) <= length, "ErrorInvalidMergedFreeBusyInterval: longer than the window")


def check_created(body: Json) -> None:
    check_properties(body, {**WRITABLE, "transactionId": a_text})
    for name in ("start", "end"):
        need(name in body, f"an event has {name}")
    need(instant(body["start"]) < instant(body["end"]), "an event ends after it starts")


def check_updated(body: Json) -> None:
    need(body, "an update changes something")
    check_properties(body, WRITABLE)  # transactionId is set once, when the event is made


def check_properties(body: Json, known: Mapping[str, Callable[[Any], object]]) -> None:
    only(body, known)
    for name, value in body.items():
        need(known[name](value), f"{name} is not of its type")


def a_text(value: Any) -> bool:
    return isinstance(value, str)


def a_truth(value: Any) -> bool:
    return isinstance(value, bool)


def a_body(value: Any) -> bool:
    return value.keys() == {"contentType", "content"} and value["contentType"] in ("text", "html")


def attendees(value: Any) -> bool:
    return isinstance(value, list) and all(
        one.keys() <= {"emailAddress", "type"}
        and one["type"] in ("required", "optional", "resource")
        and one["emailAddress"].keys() <= {"name", "address"}
        and all(map(a_text, one["emailAddress"].values()))
        for one in value
    )


def extended(value: Any) -> bool:
    return isinstance(value, list) and all(
        one.keys() == {"id", "value"} and PROPERTY_ID.fullmatch(one["id"]) and a_text(one["value"]) for one in value
    )


WRITABLE: Mapping[str, Callable[[Any], object]] = {
    "attendees": attendees,
    "body": a_body,
    "end": instant,
    "isOnlineMeeting": a_truth,
    "onlineMeetingProvider": lambda value: value in ("teamsForBusiness", "skypeForBusiness", "skypeForConsumer"),
    "singleValueExtendedProperties": extended,
    "start": instant,
    "subject": a_text,
}
