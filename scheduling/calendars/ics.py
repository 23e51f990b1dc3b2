"""Invitations as iCalendar (RFC 5545 and 5546), for partners whose calendar we cannot reach."""

# icalendar leaves what add() takes untyped.
# pyright: reportUnknownMemberType=false

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//learnbot//learning interviews//EN"
Method = Literal["REQUEST", "CANCEL", "PUBLISH"]
Person = tuple[str, str]  # (name, e-mail address)


@dataclass(frozen=True)
class Entry:
    """One event as every calendar shows it. `uid` never changes; `sequence` grows with a move; times are instants."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str = ""


def invitation(
    uid: str,
    sequence: int,
    starts_at: datetime,
    ends_at: datetime,
    summary: str,
    description: str,
    organiser: Person,
    attendees: Sequence[Person],
    now: datetime,
    method: Method = "REQUEST",
) -> bytes:
    """An .ics file that invites (REQUEST), takes back (CANCEL) or just shows (PUBLISH) one interview.

    The same `uid` with a higher `sequence` moves what was sent before; a CANCEL needs a higher one, too. Times must
    carry a zone (ValueError otherwise) and are written in UTC. Source: RFC 5546, 3.2.
    """
    event = _event(Entry(uid, sequence, starts_at, ends_at, summary, description), now)
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("organizer", _address(organiser))
    if method != "PUBLISH":  # a published event has no attendees: RFC 5546, 3.2.1
        for person in attendees:
            event.add("attendee", _address(person, answers=method == "REQUEST"))
    return _calendar(method, [event]).to_ical()


def subscription(name: str, entries: Sequence[Entry], now: datetime) -> bytes:
    """A calendar to subscribe to: every interview of one person, in one file that is fetched again and again.

    It asks to be fetched every hour; calendars do as they like. Source: RFC 7986, 5.7.
    """
    calendar = _calendar("PUBLISH", [_event(entry, now) for entry in entries])
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return calendar.to_ical()


def _calendar(method: Method, events: Sequence[Event]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return calendar


def _event(entry: Entry, now: datetime) -> Event:
    if entry.ends_at <= entry.starts_at:
        raise ValueError("An event must end after it starts.")
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", _utc(now))
    event.add("dtstart", _utc(entry.starts_at))
    event.add("dtend", _utc(entry.ends_at))
    event.add("summary", entry.summary)
    if entry.description:
        event.add("description", entry.description)
    return event


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("An instant must carry its time zone.")
    return instant.astimezone(UTC).replace(microsecond=0)


def _address(person: Person, *, answers: bool = False) -> vCalAddress:
    name, email = person
    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = vText(name)
    if answers:
        address.params["ROLE"] = vText("REQ-PARTICIPANT")
        address.params["PARTSTAT"] = vText("NEEDS-ACTION")
        address.params["RSVP"] = vText("TRUE")
    return address
