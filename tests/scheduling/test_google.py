"""Google calendars: what is asked of Google is right by its reference, and what it answers is understood."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from scheduling.calendars.contract import Appointment, CalendarDown, CalendarRefused, CalendarSystem, Changed, Placed
from scheduling.calendars.google import GoogleCalendar
from tests.clients.google import GoogleServer, Mailbox
from tests.clients.google_emulated import EmulatedGoogle

AMINA, BEN, CHLOE, HEAD = "amina@example.org", "ben@example.org", "chloe@example.org", "head@elsewhere.example"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
START = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
WEEKS = (NOW, NOW + timedelta(weeks=6))
CANARY = "canary-in-somebody's-event"

Result = TypeVar("Result")


@pytest.fixture
def google(tmp_path: Path) -> Iterator[GoogleServer]:
    """Google with three people of one Workspace, and somebody of another. No request to it may be wrong."""
    people = {AMINA: Mailbox(), BEN: Mailbox(), CHLOE: Mailbox()}
    with GoogleServer(tmp_path, people, {HEAD}, clock=NOW) as server, talking_to(server):
        yield server
        assert server.wrong == []


@contextmanager
def talking_to(google: GoogleServer) -> Iterator[None]:
    """One running program for a test: the calendar and its event loop."""
    with asyncio.Runner() as runner:
        calendar = GoogleCalendar(google.key_file, api_url=google.api_url, clock=google.now)
        TALKING[id(google)] = runner, calendar
        yield
        runner.run(calendar.close())
        del TALKING[id(google)]


TALKING: dict[int, tuple[asyncio.Runner, GoogleCalendar]] = {}


def ask(google: GoogleServer, doing: Callable[[GoogleCalendar], Awaitable[Result]], **settings: Any) -> Result:
    """Do something with the calendar; with other settings than usual, with one of its own."""
    runner, calendar = TALKING[id(google)]

    async def through() -> Result:
        if not settings:
            return await doing(calendar)
        other = GoogleCalendar(google.key_file, api_url=google.api_url, clock=google.now, **settings)
        try:
            return await doing(other)
        finally:
            await other.close()

    return runner.run(through())


def appointment(starts_at: datetime = START, key: str = "interview-17", **changes: Any) -> Appointment:
    asked: dict[str, Any] = {
        "key": key,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=45),
        "summary": "Learning interview: Amina Khan and Ben Carter",
        "description": "Booked with the learning bot.",
        "attendees": (("Amina Khan", AMINA), ("Ben Carter", BEN)),
    }
    return Appointment(**asked | changes)


def put(google: GoogleServer, asked: Appointment | None = None) -> Placed:
    return ask(google, lambda calendar: calendar.put(AMINA, asked or appointment()))


def methods(google: GoogleServer) -> list[str]:
    return [f"{call.method} {call.status}" for call in google.calls]


def test_it_is_a_calendar_system_like_the_others(google: GoogleServer) -> None:
    system: CalendarSystem = GoogleCalendar(google.key_file)
    assert system.name == "google"


# ----------------------------------------------------------------------------------------------------------- busy times


def test_two_colleagues_are_looked_at_with_one_question(google: GoogleServer) -> None:
    google.people[AMINA].busy = [("2026-03-10T14:00:00Z", "2026-03-10T15:00:00Z")]
    google.people[BEN].busy = [("2026-03-11T09:00:00+01:00", "2026-03-11T10:30:00+01:00")]
    seen = ask(google, lambda calendar: calendar.busy([AMINA, BEN], *WEEKS))
    assert seen == {
        AMINA: [(datetime(2026, 3, 10, 14, tzinfo=UTC), datetime(2026, 3, 10, 15, tzinfo=UTC))],
        BEN: [(datetime(2026, 3, 11, 8, tzinfo=UTC), datetime(2026, 3, 11, 9, 30, tzinfo=UTC))],
    }
    assert methods(google) == ["POST 200"]
    assert google.tokens_given == [AMINA]


def test_somebody_who_shares_nothing_with_colleagues_is_looked_at_in_their_own_name(google: GoogleServer) -> None:
    google.people[BEN] = Mailbox(busy=[("2026-03-10T14:00:00Z", "2026-03-10T15:00:00Z")], shares=False)
    seen = ask(google, lambda calendar: calendar.busy([AMINA, BEN], *WEEKS))
    assert seen[AMINA] == []
    assert seen[BEN] == [(datetime(2026, 3, 10, 14, tzinfo=UTC), datetime(2026, 3, 10, 15, tzinfo=UTC))]
    assert google.tokens_given == [AMINA, BEN]


@pytest.mark.parametrize("nobody_first", [True, False])
def test_one_who_cannot_be_seen_does_not_hide_the_others(google: GoogleServer, nobody_first: bool) -> None:
    mailboxes = ["nobody@example.org", AMINA, HEAD] if nobody_first else [AMINA, HEAD, "nobody@example.org"]
    seen = ask(google, lambda calendar: calendar.busy(mailboxes, *WEEKS))
    assert seen[AMINA] == []
    refusals = {mailbox: found.reason for mailbox, found in seen.items() if isinstance(found, CalendarRefused)}
    assert refusals == {"nobody@example.org": "no_such_mailbox", HEAD: "not_permitted"}


def test_somebody_for_whom_google_calendar_is_turned_off_is_refused(google: GoogleServer) -> None:
    google.people[AMINA].uses_calendar = False
    seen = ask(google, lambda calendar: calendar.busy([AMINA], *WEEKS))
    assert isinstance(seen[AMINA], CalendarRefused)
    assert seen[AMINA].reason == "no_such_mailbox"


def test_a_whole_organisation_is_looked_at_fifty_at_a_time(google: GoogleServer) -> None:
    everybody = [f"person{number}@example.org" for number in range(120)]
    google.people.update({mailbox: Mailbox() for mailbox in everybody})
    assert ask(google, lambda calendar: calendar.busy(everybody, *WEEKS)) == {mailbox: [] for mailbox in everybody}
    assert [len(call.body["items"]) for call in google.calls] == [50, 50, 20]


# ------------------------------------------------------------------------------------------------------------ one event


def test_an_event_has_both_people_and_an_address_to_meet_at(google: GoogleServer) -> None:
    placed = put(google)
    (event,) = google.standing(AMINA)
    assert placed == Placed(event["id"], event["hangoutLink"])
    assert placed.join_url.startswith("https://meet.google.com/")
    assert event["start"] == {"dateTime": "2026-03-10T14:30:00Z", "timeZone": "Europe/London"}
    assert event["end"] == {"dateTime": "2026-03-10T15:15:00Z", "timeZone": "Europe/London"}
    assert event["attendees"] == [
        {"displayName": "Amina Khan", "email": AMINA, "responseStatus": "accepted"},
        {"displayName": "Ben Carter", "email": BEN},
    ]
    assert google.told == [("invited", BEN)]


def test_an_event_made_before_google_stopped_answering_is_not_made_twice(google: GoogleServer) -> None:
    google.drops(done=True)
    with pytest.raises(CalendarDown):
        put(google)
    placed = put(google)
    (event,) = google.standing(AMINA)
    assert placed == Placed(event["id"], event["hangoutLink"])
    assert google.told == [("invited", BEN)], "one event, one invitation"


def test_what_was_made_before_the_interview_moved_is_moved_when_it_is_found(google: GoogleServer) -> None:
    google.drops(done=True)
    with pytest.raises(CalendarDown):
        put(google)
    later = appointment(START + timedelta(days=1))
    placed = put(google, later)
    (event,) = google.standing(AMINA)
    assert event["id"] == placed.event_id
    assert event["start"]["dateTime"] == "2026-03-11T14:30:00Z"
    assert google.told == [("invited", BEN), ("changed", BEN)]


def test_an_event_that_was_not_made_is_made_at_the_next_try(google: GoogleServer) -> None:
    google.drops(done=False)
    with pytest.raises(CalendarDown):
        put(google)
    put(google)
    assert len(google.standing(AMINA)) == 1


def test_a_deleted_event_can_be_booked_again_and_still_only_once(google: GoogleServer) -> None:
    first = put(google)
    google.delete(AMINA, first.event_id)
    google.drops(done=False)
    with pytest.raises(CalendarDown):
        put(google)
    second, again = put(google), put(google)
    assert second.event_id != first.event_id
    assert again == second
    assert [event["id"] for event in google.standing(AMINA)] == [second.event_id]


def test_an_address_to_meet_at_that_is_still_being_made_is_looked_for_again(google: GoogleServer) -> None:
    google.meet = "pending"
    asked_once = put(google)
    assert asked_once.join_url == ""
    found = ask(google, lambda calendar: calendar.change(AMINA, asked_once.event_id, appointment()))
    assert found is not None
    assert found.join_url.startswith("https://meet.google.com/")


def test_a_workspace_without_meet_gets_the_event_without_an_address(google: GoogleServer) -> None:
    google.meet = "none"
    assert put(google).join_url == ""
    assert len(google.standing(AMINA)) == 1
    assert methods(google) == ["POST 400", "POST 200"]


def test_two_appointments_are_two_events(google: GoogleServer) -> None:
    assert put(google) != put(google, appointment(key="interview-18"))
    assert len(google.standing(AMINA)) == 2


def test_a_moved_interview_moves_its_event_and_the_other_is_told(google: GoogleServer) -> None:
    placed = put(google)
    moved = appointment(START + timedelta(days=2))
    assert ask(google, lambda calendar: calendar.change(AMINA, placed.event_id, moved)) == placed
    (event,) = google.standing(AMINA)
    assert event["start"]["dateTime"] == "2026-03-12T14:30:00Z"
    assert google.told == [("invited", BEN), ("changed", BEN)]


def test_what_somebody_added_in_google_stays_when_the_interview_moves(google: GoogleServer) -> None:
    placed = put(google)
    event = google.people[AMINA].events[placed.event_id]
    event["attendees"].append({"email": "room-2@resource.calendar.google.com"})
    event["description"] = "Bring the targets, says Ben."
    ask(google, lambda calendar: calendar.change(AMINA, placed.event_id, appointment(START + timedelta(days=2))))
    (moved,) = google.standing(AMINA)
    assert moved["start"]["dateTime"] == "2026-03-12T14:30:00Z"
    assert len(moved["attendees"]) == 3
    assert moved["description"] == "Bring the targets, says Ben."


def test_somebody_who_joins_later_is_invited(google: GoogleServer) -> None:
    placed = put(google)
    everybody = (*appointment().attendees, ("Chloe Dunn", CHLOE))
    ask(google, lambda calendar: calendar.change(AMINA, placed.event_id, appointment(attendees=everybody)))
    (event,) = google.standing(AMINA)
    assert [attendee["email"] for attendee in event["attendees"]] == [AMINA, BEN, CHLOE]


@pytest.mark.parametrize("gone", ["deleted", "never there"])
def test_an_event_that_is_gone_cannot_be_changed(google: GoogleServer, gone: str) -> None:
    placed = put(google)
    google.delete(AMINA, placed.event_id)
    event_id = placed.event_id if gone == "deleted" else "learnbot00000"
    assert ask(google, lambda calendar: calendar.change(AMINA, event_id, appointment())) is None
    assert google.standing(AMINA) == []


def test_a_cancelled_interview_leaves_the_calendar_and_the_other_is_told_once(google: GoogleServer) -> None:
    placed = put(google)
    ask(google, lambda calendar: calendar.remove(AMINA, placed.event_id))
    ask(google, lambda calendar: calendar.remove(AMINA, placed.event_id))
    ask(google, lambda calendar: calendar.remove(AMINA, "learnbot00000"))
    assert google.standing(AMINA) == []
    assert google.told == [("invited", BEN), ("cancelled", BEN)]
    assert methods(google)[-3:] == ["DELETE 204", "DELETE 410", "DELETE 404"]


# --------------------------------------------------------------------------------------------------------- what changed


def test_what_people_do_in_their_calendar_is_seen_at_the_next_look(google: GoogleServer) -> None:
    kept, moved, deleted = (put(google, appointment(key=f"interview-{number}")) for number in range(3))
    first = ask(google, lambda calendar: calendar.changes(AMINA, "", *WEEKS))
    assert {event.event_id for event in first.events} == {kept.event_id, moved.event_id, deleted.event_id}
    assert first.whole

    google.move(AMINA, moved.event_id, START + timedelta(days=1), START + timedelta(days=1, hours=1))
    google.delete(AMINA, deleted.event_id)
    second = ask(google, lambda calendar: calendar.changes(AMINA, first.mark, *WEEKS))
    assert set(second.events) == {
        Changed(moved.event_id, START + timedelta(days=1), START + timedelta(days=1, hours=1)),
        Changed(deleted.event_id, gone=True),
    }
    assert not second.whole
    third = ask(google, lambda calendar: calendar.changes(AMINA, second.mark, *WEEKS))
    assert third.events == []


def test_an_event_that_somebody_moved_far_away_is_not_taken_for_deleted(google: GoogleServer) -> None:
    placed = put(google)
    first = ask(google, lambda calendar: calendar.changes(AMINA, "", *WEEKS))
    far = NOW + timedelta(days=700)
    google.move(AMINA, placed.event_id, far, far + timedelta(hours=1))
    second = ask(google, lambda calendar: calendar.changes(AMINA, first.mark, *WEEKS))
    assert second.events == [Changed(placed.event_id, far, far + timedelta(hours=1))]


def test_every_page_of_a_long_list_is_read(google: GoogleServer) -> None:
    google.page = 2
    placed = {put(google, appointment(key=f"interview-{number}")).event_id for number in range(5)}
    found = ask(google, lambda calendar: calendar.changes(AMINA, "", *WEEKS))
    assert {event.event_id for event in found.events} == placed


def test_when_google_no_longer_knows_since_when_everything_is_asked_again(google: GoogleServer) -> None:
    placed = put(google)
    before = ask(google, lambda calendar: calendar.changes(AMINA, "", *WEEKS))
    google.delete(AMINA, placed.event_id)
    google.forget_marks()
    after = ask(google, lambda calendar: calendar.changes(AMINA, before.mark, *WEEKS))
    assert after.whole
    assert list(after.events) == [Changed(placed.event_id, gone=True)]


def test_an_event_beyond_the_range_that_was_asked_first_is_seen_when_the_range_has_moved_on(
    google: GoogleServer,
) -> None:
    before = ask(google, lambda calendar: calendar.changes(AMINA, "", *WEEKS))
    far = put(google, appointment(NOW + timedelta(days=400)))
    google.clock = NOW + timedelta(days=380)
    later = (NOW + timedelta(days=380), NOW + timedelta(days=420))
    after = ask(google, lambda calendar: calendar.changes(AMINA, before.mark, *later))
    assert after.whole
    assert [event.event_id for event in after.events] == [far.event_id]


def test_of_other_peoples_events_nothing_is_taken(google: GoogleServer) -> None:
    google.add(AMINA, "abcde12345", START, summary=CANARY, description=CANARY, attendees=[{"email": CANARY}])
    placed = put(google)
    found = ask(google, lambda calendar: calendar.changes(AMINA, "", *WEEKS))
    assert [event.event_id for event in found.events] == [placed.event_id]
    assert CANARY not in repr(found)
    lists = [call for call in google.calls if call.method == "GET"]
    assert all("summary" not in call.query["fields"] for call in lists), "it is not even asked for"


def test_an_event_that_somebody_made_last_all_day_is_still_understood(google: GoogleServer) -> None:
    placed = put(google)
    event = google.people[AMINA].events[placed.event_id]
    event |= {"start": {"date": "2026-03-12"}, "end": {"date": "2026-03-13"}}
    found = ask(google, lambda calendar: calendar.changes(AMINA, "", *WEEKS))
    assert list(found.events) == [
        Changed(placed.event_id, datetime(2026, 3, 12, tzinfo=UTC), datetime(2026, 3, 13, tzinfo=UTC))
    ]


def test_an_event_that_somebody_made_last_all_day_can_be_put_right(google: GoogleServer) -> None:
    placed = put(google)
    google.people[AMINA].events[placed.event_id] |= {"start": {"date": "2026-03-12"}, "end": {"date": "2026-03-13"}}
    assert ask(google, lambda calendar: calendar.change(AMINA, placed.event_id, appointment())) == placed
    (event,) = google.standing(AMINA)
    assert event["start"] == {"dateTime": "2026-03-10T14:30:00Z", "timeZone": "Europe/London"}


# -------------------------------------------------------------------------------------------------------- when it fails


@pytest.mark.parametrize(
    "reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"]
)
def test_a_limit_that_was_reached_means_later_and_not_no(google: GoogleServer, reason: str) -> None:
    google.fails_with(403, reason, Retry_After="30")
    with pytest.raises(CalendarDown) as down:
        put(google)
    assert down.value.retry_after == 30


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_answer_that_says_later_is_worth_another_try(google: GoogleServer, status: int) -> None:
    google.fails_with(status)
    with pytest.raises(CalendarDown):
        put(google)
    put(google)
    assert len(google.standing(AMINA)) == 1


@pytest.mark.parametrize(
    ("status", "reason", "refused"),
    [
        (403, "forbidden", "not_permitted"),
        (403, "insufficientPermissions", "not_permitted"),
        (403, "forbiddenForServiceAccounts", "not_permitted"),
        (403, "accessNotConfigured", "not_permitted"),
        (404, "notFound", "no_such_mailbox"),
        (412, "conditionNotMet", "refused"),
    ],
)
def test_a_no_is_final(google: GoogleServer, status: int, reason: str, refused: str) -> None:
    google.fails_with(status, reason)
    with pytest.raises(CalendarRefused) as error:
        put(google)
    assert error.value.reason == refused


def test_a_machine_that_is_not_there_is_down(google: GoogleServer) -> None:
    async def through() -> None:
        calendar = GoogleCalendar(google.key_file, api_url="http://127.0.0.1:1/calendar/v3", clock=google.now)
        with pytest.raises(CalendarDown):
            await calendar.put(AMINA, appointment())
        await calendar.close()

    asyncio.run(through())


# --------------------------------------------------------------------------------------------------------------- tokens


def test_a_token_serves_until_shortly_before_its_end(google: GoogleServer) -> None:
    async def through(calendar: GoogleCalendar) -> None:
        for minutes in (0, 30, 54, 56):
            google.clock = NOW + timedelta(minutes=minutes)
            await calendar.busy([AMINA], *WEEKS)

    ask(google, through)
    assert google.tokens_given == [AMINA, AMINA]
    assert methods(google) == ["POST 200"] * 4


def test_a_token_that_was_taken_back_is_asked_for_once_more(google: GoogleServer) -> None:
    async def through(calendar: GoogleCalendar) -> None:
        await calendar.put(AMINA, appointment())
        google.take_back_tokens()
        await calendar.put(AMINA, appointment(key="another"))

    ask(google, through)
    assert len(google.standing(AMINA)) == 2


def test_a_key_that_was_deleted_is_told_as_such(google: GoogleServer) -> None:
    google.key_revoked = True
    with pytest.raises(CalendarRefused) as error:
        put(google)
    assert error.value.reason == "token_refused"


def test_a_delegation_that_was_taken_away_is_told_as_such(google: GoogleServer) -> None:
    google.delegated = frozenset()
    with pytest.raises(CalendarRefused) as error:
        put(google)
    assert error.value.reason == "not_permitted"


def test_a_file_whose_key_is_none_is_told_as_such(google: GoogleServer) -> None:
    path = google.key_file
    path.write_text(path.read_text().replace("PRIVATE KEY", "NO KEY"))

    async def through() -> list[str]:
        calendar = GoogleCalendar(path, api_url=google.api_url, clock=google.now)
        try:
            return await calendar.mistakes()
        finally:
            await calendar.close()

    (mistake,) = asyncio.run(through())
    assert "LEARNBOT_GOOGLE_KEY_FILE" in mistake


def test_assertions_are_sent_over_https_only(google: GoogleServer) -> None:
    path = google.key_file
    path.write_text(path.read_text().replace(google.url, "http://tokens.example.org"))
    with pytest.raises(ValueError, match="https"):
        GoogleCalendar(path)


# ------------------------------------------------------------------------------------------------------------- mistakes


def test_a_right_set_up_has_no_mistakes(google: GoogleServer) -> None:
    assert ask(google, lambda calendar: calendar.mistakes(), outside=HEAD) == []
    assert ask(google, lambda calendar: calendar.mistakes()) == []


def test_a_key_that_google_does_not_take_is_a_mistake_with_its_fix(google: GoogleServer) -> None:
    google.key_revoked = True
    (mistake,) = ask(google, lambda calendar: calendar.mistakes(), outside=HEAD)
    assert "make a new one" in mistake


def test_reaching_the_mailbox_outside_is_a_mistake(google: GoogleServer) -> None:
    (mistake,) = ask(google, lambda calendar: calendar.mistakes(), outside=CHLOE)
    assert "LEARNBOT_GOOGLE_OUTSIDE" in mistake
    assert CHLOE not in mistake


def test_a_mailbox_outside_for_which_calendar_is_turned_off_is_not_reached(google: GoogleServer) -> None:
    google.people[CHLOE].uses_calendar = False
    assert ask(google, lambda calendar: calendar.mistakes(), outside=CHLOE) == []


# -------------------------------------------------------------------------------------------------------------- emulate


@pytest.mark.clients
def test_against_emulate_an_interview_is_put_seen_and_taken_out(tmp_path: Path) -> None:
    with EmulatedGoogle(tmp_path, {AMINA: Mailbox(), BEN: Mailbox()}) as emulated, talking_to(emulated):

        async def through(calendar: GoogleCalendar) -> None:
            placed = await calendar.put(AMINA, appointment())
            seen = await calendar.busy([AMINA, BEN], *WEEKS)
            assert seen == {AMINA: [(START, START + timedelta(minutes=45))], BEN: []}
            await calendar.remove(AMINA, placed.event_id)
            await calendar.remove(AMINA, placed.event_id)
            assert await calendar.busy([AMINA], *WEEKS) == {AMINA: []}

        ask(emulated, through)
        assert set(emulated.tokens_given) == {AMINA, BEN}, "each in their own name"
