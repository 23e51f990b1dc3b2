"""Invitations that other calendars understand, read back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ical.calendar_stream import IcsCalendarStream
from ical.event import EventStatus
from icalendar import Calendar

from scheduling.calendars.ics import Entry, invitation, subscription

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
START = datetime(2026, 7, 10, 14, 30, tzinfo=ZoneInfo("Europe/London"))
AMINA, BEN = ("Amina Öz", "amina@example.org"), ("Ben, Head of Maths", "ben@example.org")


def sent(sequence=0, starts_at=START, method="REQUEST", **changes):
    asked = {
        "uid": "interview-17@learnbot",
        "sequence": sequence,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=45),
        "summary": "Learning interview: Amina and Ben",
        "description": "Bring your targets; and tea, please.\nSee you there.",
        "organiser": BEN,
        "attendees": [AMINA, BEN],
        "now": NOW,
        "method": method,
    }
    return invitation(**asked | changes)


def event_of(file: bytes):
    (event,) = Calendar.from_ical(file).walk("VEVENT")
    return event


def test_an_invitation_is_read_back_as_it_was_written():
    calendar, event = Calendar.from_ical(sent()), event_of(sent())
    assert calendar["METHOD"] == "REQUEST"
    assert calendar["VERSION"] == "2.0"
    assert event["UID"] == "interview-17@learnbot"
    assert event["SEQUENCE"] == 0
    assert event["SUMMARY"] == "Learning interview: Amina and Ben"
    assert event["DESCRIPTION"] == "Bring your targets; and tea, please.\nSee you there."
    assert event["STATUS"] == "CONFIRMED"
    assert event["ORGANIZER"] == "mailto:ben@example.org"
    assert event["ORGANIZER"].params["CN"] == "Ben, Head of Maths"
    assert [person.params["CN"] for person in event["ATTENDEE"]] == ["Amina Öz", "Ben, Head of Maths"]
    assert {person.params["RSVP"] for person in event["ATTENDEE"]} == {"TRUE"}


def test_times_are_written_in_utc_so_that_no_calendar_needs_our_zones():
    assert b"DTSTART:20260710T133000Z" in sent()
    assert b"DTEND:20260710T141500Z" in sent()
    assert b"DTSTAMP:20260302T090000Z" in sent()
    assert b"VTIMEZONE" not in sent()
    assert event_of(sent()).decoded("DTSTART") == START


def test_a_move_updates_the_event_that_was_sent_before():
    moved = event_of(sent(sequence=1, starts_at=START + timedelta(days=1)))
    assert moved["UID"] == event_of(sent())["UID"]
    assert moved["SEQUENCE"] == 1
    assert moved.decoded("DTSTART") == START + timedelta(days=1)


def test_a_cancelled_interview_leaves_the_calendar_and_asks_for_no_answer():
    file = sent(sequence=2, method="CANCEL")
    assert Calendar.from_ical(file)["METHOD"] == "CANCEL"
    assert event_of(file)["STATUS"] == "CANCELLED"
    assert b"RSVP" not in file


def test_a_published_event_names_nobody_but_its_organiser():
    event = event_of(sent(method="PUBLISH", attendees=[AMINA]))
    assert "ATTENDEE" not in event
    assert event["ORGANIZER"] == "mailto:ben@example.org"


def test_lines_are_folded_and_end_as_the_standard_says():
    lines = sent(summary="Ünïcödé " * 40).split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(b"\n" in line for line in lines)


def test_words_cannot_start_a_property_of_their_own():
    file = sent(summary="Tea\r\nATTENDEE:mailto:eve@example.org", attendees=[])
    assert "ATTENDEE" not in event_of(file)


@pytest.mark.parametrize("ends_at", [START, START - timedelta(minutes=1)])
def test_an_event_that_ends_before_it_starts_is_refused(ends_at):
    with pytest.raises(ValueError, match="end after it starts"):
        sent(ends_at=ends_at)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        sent(now=NOW.replace(tzinfo=None))


def test_a_subscribed_calendar_holds_every_interview():
    entries = [Entry(f"interview-{n}@learnbot", 0, START, START + timedelta(minutes=45), f"No. {n}") for n in range(3)]
    calendar = Calendar.from_ical(subscription("Amina's learning interviews", entries, NOW))
    assert calendar["METHOD"] == "PUBLISH"
    assert calendar["X-WR-CALNAME"] == "Amina's learning interviews"
    assert [event["SUMMARY"] for event in calendar.walk("VEVENT")] == ["No. 0", "No. 1", "No. 2"]


# ------------------------------------------------------------------------------ read back by another program's library


def read_elsewhere(file: bytes):
    """What Home Assistant's library makes of it: it knows nothing of the one that wrote the file."""
    return IcsCalendarStream.calendar_from_ics(file.decode())


def test_another_program_reads_the_invitation_as_it_was_written():
    calendar = read_elsewhere(sent())
    (event,) = calendar.events
    assert calendar.method == "REQUEST"
    assert (event.uid, event.sequence, event.status) == ("interview-17@learnbot", 0, EventStatus.CONFIRMED)
    assert (event.dtstart, event.dtend) == (START, START + timedelta(minutes=45))
    assert event.summary == "Learning interview: Amina and Ben"
    assert event.description == "Bring your targets; and tea, please.\nSee you there."
    assert event.organizer.common_name == "Ben, Head of Maths"
    assert [str(person.uri) for person in event.attendees] == ["mailto:amina@example.org", "mailto:ben@example.org"]
    assert [person.common_name for person in event.attendees] == ["Amina Öz", "Ben, Head of Maths"]


def test_another_program_sees_a_move_as_the_same_event():
    (before,) = read_elsewhere(sent()).events
    (after,) = read_elsewhere(sent(sequence=1, starts_at=START + timedelta(days=1))).events
    assert after.uid == before.uid
    assert after.sequence > before.sequence
    assert after.dtstart - before.dtstart == timedelta(days=1)


def test_another_program_sees_a_cancelled_interview_as_cancelled():
    calendar = read_elsewhere(sent(sequence=2, method="CANCEL"))
    (event,) = calendar.events
    assert (calendar.method, event.status, event.sequence) == ("CANCEL", EventStatus.CANCELLED, 2)


def test_another_program_puts_folded_lines_together_again():
    words = "Ünïcödé 🎓 " * 40
    (event,) = read_elsewhere(sent(summary=words.strip(), description=words.strip())).events
    assert event.summary == event.description == words.strip()


def test_another_program_reads_a_subscribed_calendar():
    entries = [Entry(f"interview-{n}@learnbot", n, START, START + timedelta(minutes=45), f"No. {n}") for n in range(3)]
    calendar = read_elsewhere(subscription("Learning interviews", entries, NOW))
    assert [(event.summary, event.sequence) for event in calendar.events] == [("No. 0", 0), ("No. 1", 1), ("No. 2", 2)]
    assert read_elsewhere(subscription("Learning interviews", [], NOW)).events == []


def test_a_subscribed_calendar_asks_to_be_fetched_again():
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in subscription("Learning interviews", [], NOW)
