"""Outlook: what the bot asks of Microsoft Graph, and what it makes of the answers.

Graph is a server on this machine that takes only what Graph's reference has.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling.calendars.contract import Appointment, CalendarDown, CalendarRefused, Changed, Placed
from scheduling.calendars.outlook import AHEAD, OutlookCalendar
from tests.clients.graph import Asked, GraphServer
from tests.clients.microsoft import EntraId
from tests.clients.outlook import AMINA, BEN, CHLOE, HEAD, Do, calendar_of

pytest_plugins = ("tests.clients.outlook_fixtures",)
pytestmark = pytest.mark.clients

START = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
INTERVIEW = Appointment(
    key="interview-17",
    starts_at=START,
    ends_at=START + 45 * timedelta(minutes=1),
    summary="Learning interview",
    description="The second of three.",
    attendees=(("Amina Khan", AMINA), ("Ben Carter", BEN)),
)
MOVED = replace(INTERVIEW, starts_at=START + 2 * HOUR, ends_at=START + 3 * HOUR)


def made(graph: GraphServer, method: str) -> list[Asked]:
    return [one for one in graph.asked if one.method == method]


# ------------------------------------------------------------------------------------------------------------ busy


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("busy", True),
        ("tentative", True),
        ("oof", True),
        ("unknown", True),
        ("free", False),
        ("workingElsewhere", False),
    ],
)
def test_what_counts_as_busy(outlook: OutlookCalendar, graph: GraphServer, do: Do, status: str, counts: bool) -> None:
    graph.enters(AMINA, START, START + HOUR, showAs=status)
    seen = do(outlook.busy([AMINA], START - HOUR, START + 2 * HOUR))
    assert seen == {AMINA: [(START, START + HOUR)] if counts else []}


def test_both_partners_are_looked_up_in_one_request(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.enters(BEN, START, START + HOUR)
    seen = do(outlook.busy([AMINA, BEN], START, START + HOUR))
    assert seen == {AMINA: [], BEN: [(START, START + HOUR)]}
    assert len(graph.asked) == 1


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_mailbox_out_of_reach_hides_nobody(outlook: OutlookCalendar, graph: GraphServer, do: Do, place: int) -> None:
    graph.enters(BEN, START, START + HOUR)
    graph.mailboxes[HEAD].schedule_error = "ErrorNoFreeBusyAccess"
    asked = [AMINA, BEN]
    asked.insert(place, HEAD)
    seen = do(outlook.busy(asked, START, START + HOUR))
    assert seen[AMINA] == []
    assert seen[BEN] == [(START, START + HOUR)]
    assert seen[HEAD].reason == "not_permitted"


@pytest.mark.parametrize("place", [0, 1])
def test_a_mailbox_that_is_not_there_hides_nobody(outlook: OutlookCalendar, do: Do, place: int) -> None:
    asked = [AMINA]
    asked.insert(place, "nobody@example.org")
    seen = do(outlook.busy(asked, START, START + HOUR))
    assert seen[AMINA] == []
    assert seen["nobody@example.org"].reason == "no_such_mailbox"


def test_nobody_in_reach_is_no_failure(outlook: OutlookCalendar, do: Do) -> None:
    seen = do(outlook.busy([HEAD], START, START + HOUR))
    assert seen[HEAD].reason == "not_permitted"


def test_many_mailboxes_are_asked_for_twenty_at_a_time(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    everybody = [AMINA, *(f"person{number}@example.org" for number in range(19)), BEN, CHLOE]
    seen = do(outlook.busy(everybody, START, START + HOUR))
    assert list(seen) == everybody
    assert [len(one.body["schedules"]) for one in graph.asked] == [20, 2]


def test_a_whole_year_is_asked_for_in_parts(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    late = START + timedelta(days=300)
    graph.enters(AMINA, START, START + HOUR)
    graph.enters(AMINA, late, late + HOUR)
    seen = do(outlook.busy([AMINA], START, START + timedelta(days=365)))
    assert seen == {AMINA: [(START, START + HOUR), (late, late + HOUR)]}


def test_a_minute_can_be_asked_for(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.enters(AMINA, START, START + HOUR)
    seen = do(outlook.busy([AMINA], START, START + timedelta(minutes=1)))
    assert seen == {AMINA: [(START, START + HOUR)]}


def test_the_address_is_the_same_however_it_is_written(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.enters(BEN, START, START + HOUR)
    assert do(outlook.busy([AMINA, "Ben@Example.org"], START, START + HOUR))["Ben@Example.org"]


# ------------------------------------------------------------------------------------------------------------- put


def test_both_are_invited_and_can_meet_in_teams(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    (event,) = graph.events_of(AMINA)
    assert placed == Placed(event["id"], event["onlineMeeting"]["joinUrl"])
    assert [one["emailAddress"]["address"] for one in event["attendees"]] == [AMINA, BEN]
    assert event["subject"] == "Learning interview"
    assert event["body"] == {"contentType": "text", "content": "The second of three."}
    assert graph.mails == [("invitation", BEN)]


@pytest.mark.parametrize(
    ("zone", "instant", "written"),
    [
        ("Europe/London", datetime(2026, 3, 5, 14, tzinfo=UTC), ("2026-03-05T14:00:00", "Europe/London")),
        ("Europe/London", datetime(2026, 7, 1, 13, tzinfo=UTC), ("2026-07-01T14:00:00", "Europe/London")),
        ("America/New_York", datetime(2026, 3, 5, 14, tzinfo=UTC), ("2026-03-05T09:00:00", "America/New_York")),
        ("Europe/Dublin", datetime(2026, 7, 1, 13, tzinfo=UTC), ("2026-07-01T13:00:00", "UTC")),  # not of Outlook's
        ("Europe/London", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), ("2026-10-25T00:30:00", "UTC")),  # 01:30, twice
        ("Europe/London", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ("2026-10-25T01:30:00", "UTC")),
    ],
)
def test_the_host_sees_the_time_on_their_own_clock(
    outlook: OutlookCalendar, graph: GraphServer, do: Do, zone: str, instant: datetime, written: tuple[str, str]
) -> None:
    do(outlook.put(AMINA, replace(INTERVIEW, starts_at=instant, ends_at=instant + HOUR, zone=zone)))
    start = made(graph, "POST")[0].body["start"]
    assert (start["dateTime"], start["timeZone"]) == written
    assert graph.events_of(AMINA)[0]["start"]["dateTime"] == f"{instant:%Y-%m-%dT%H:%M:%S}.0000000"


@pytest.mark.parametrize("does", ["accept_then_reset", "accept_then_error", "reset"])
def test_a_repeat_after_no_answer_makes_one_event(
    outlook: OutlookCalendar, graph: GraphServer, do: Do, does: str
) -> None:
    graph.fail("POST", does)
    with pytest.raises(CalendarDown):
        do(outlook.put(AMINA, INTERVIEW))
    placed = do(outlook.put(AMINA, INTERVIEW))
    assert [one["id"] for one in graph.events_of(AMINA)] == [placed.event_id]
    assert graph.mails == [("invitation", BEN)]


def test_a_repeat_after_silence_makes_one_event(graph: GraphServer, entra: EntraId, do: Do) -> None:
    outlook = calendar_of(graph, entra, timeout=0.3)
    graph.fail("POST", "accept_then_silence")
    with pytest.raises(CalendarDown):
        do(outlook.put(AMINA, INTERVIEW))
    placed = do(outlook.put(AMINA, INTERVIEW))
    do(outlook.close())
    assert [one["id"] for one in graph.events_of(AMINA)] == [placed.event_id]


@pytest.mark.parametrize("status", [409, 400])
def test_one_that_moved_before_the_repeat_is_moved_and_not_made_again(
    outlook: OutlookCalendar, graph: GraphServer, do: Do, status: int
) -> None:
    graph.duplicate_status = status
    graph.fail("POST", "accept_then_reset")
    with pytest.raises(CalendarDown):
        do(outlook.put(AMINA, INTERVIEW))
    placed = do(outlook.put(AMINA, MOVED))
    (event,) = graph.events_of(AMINA)
    assert placed == Placed(event["id"], event["onlineMeeting"]["joinUrl"])
    assert event["start"]["dateTime"] == "2026-03-05T16:00:00.0000000"
    assert graph.mails == [("invitation", BEN), ("update", BEN)]


def test_one_that_its_host_moved_before_the_repeat_stands_as_agreed(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    graph.fail("POST", "accept_then_reset")
    with pytest.raises(CalendarDown):
        do(outlook.put(AMINA, INTERVIEW))
    graph.moves(AMINA, graph.events_of(AMINA)[0]["id"], START + HOUR, START + 2 * HOUR)
    do(outlook.put(AMINA, INTERVIEW))
    assert graph.events_of(AMINA)[0]["start"]["dateTime"] == "2026-03-05T14:00:00.0000000"


def test_one_that_was_made_and_is_not_to_be_seen_yet_is_asked_for_later(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    graph.fail("POST", "error", status=409, code="ErrorDuplicateTransactionId")
    with pytest.raises(CalendarDown):
        do(outlook.put(AMINA, INTERVIEW))


def test_two_interviews_are_two_events(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    first = do(outlook.put(AMINA, INTERVIEW))
    second = do(outlook.put(AMINA, replace(INTERVIEW, key="interview-18")))
    assert first.event_id != second.event_id
    assert len(graph.events_of(AMINA)) == 2


@pytest.mark.parametrize("teams", ["ignored", "refused"])
def test_a_mailbox_without_teams_has_the_event_without_a_link(
    outlook: OutlookCalendar, graph: GraphServer, do: Do, teams: str
) -> None:
    graph.mailboxes[AMINA].teams = teams
    placed = do(outlook.put(AMINA, INTERVIEW))
    assert placed == Placed(graph.events_of(AMINA)[0]["id"], "")
    assert graph.mails == [("invitation", BEN)]


# ---------------------------------------------------------------------------------------------------------- change


def test_a_move_writes_the_times_and_nothing_else(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    assert do(outlook.change(AMINA, placed.event_id, MOVED)) == placed
    (patch,) = made(graph, "PATCH")
    assert patch.body.keys() == {"start", "end"}
    assert graph.mails == [("invitation", BEN), ("update", BEN)]


def test_what_stands_already_is_left_alone(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    assert do(outlook.change(AMINA, placed.event_id, INTERVIEW)) == placed
    assert made(graph, "PATCH") == []
    assert graph.mails == [("invitation", BEN)]


def test_somebody_who_joins_is_invited_and_nobody_else_hears_of_it(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    together = replace(INTERVIEW, key="meeting-3")
    placed = do(outlook.put(AMINA, together))
    grown = replace(together, attendees=(*together.attendees, ("Chloe Dunn", CHLOE)))
    do(outlook.change(AMINA, placed.event_id, grown))
    do(outlook.change(AMINA, placed.event_id, grown))
    assert len(made(graph, "PATCH")) == 1
    (event,) = graph.events_of(AMINA)
    assert [one["emailAddress"]["address"] for one in event["attendees"]] == [AMINA, BEN, CHLOE]


def test_a_room_that_the_host_added_survives_a_move(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    room = {"emailAddress": {"name": "Room 2", "address": "room2@example.org"}, "type": "resource"}
    graph.events_of(AMINA)[0]["attendees"].append(room)
    do(outlook.change(AMINA, placed.event_id, MOVED))
    assert room in graph.events_of(AMINA)[0]["attendees"]


def test_a_change_of_what_is_gone_says_so(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    graph.deletes(AMINA, placed.event_id)
    assert do(outlook.change(AMINA, placed.event_id, MOVED)) is None


def test_one_that_goes_while_it_is_changed_is_gone(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    graph.fail("PATCH", "error", status=404, code="ErrorItemNotFound")
    assert do(outlook.change(AMINA, placed.event_id, MOVED)) is None


def test_one_that_was_called_off_counts_as_gone(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    graph.mailboxes[AMINA].events[placed.event_id]["isCancelled"] = True
    assert do(outlook.change(AMINA, placed.event_id, MOVED)) is None


def test_a_move_can_be_repeated_after_no_answer(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    graph.fail("PATCH", "accept_then_reset")
    with pytest.raises(CalendarDown):
        do(outlook.change(AMINA, placed.event_id, MOVED))
    assert do(outlook.change(AMINA, placed.event_id, MOVED)) == placed
    assert graph.mails == [("invitation", BEN), ("update", BEN)]


# ---------------------------------------------------------------------------------------------------------- remove


def test_a_removal_tells_who_was_invited(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    do(outlook.remove(AMINA, placed.event_id))
    assert graph.events_of(AMINA) == []
    assert graph.mails == [("invitation", BEN), ("cancellation", BEN)]


def test_a_removal_can_be_repeated_after_no_answer(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    graph.fail("DELETE", "accept_then_reset")
    with pytest.raises(CalendarDown):
        do(outlook.remove(AMINA, placed.event_id))
    do(outlook.remove(AMINA, placed.event_id))
    assert graph.mails == [("invitation", BEN), ("cancellation", BEN)]


def test_a_removal_from_a_mailbox_that_is_closed_is_refused(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    graph.mailboxes[AMINA].open = False
    with pytest.raises(CalendarRefused) as refused:
        do(outlook.remove(AMINA, placed.event_id))
    assert refused.value.reason == "not_permitted"


# --------------------------------------------------------------------------------------------------------- changes

WINDOW = (START - timedelta(days=1), START + timedelta(days=30))


def test_the_first_look_sees_everything_that_stands(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    graph.enters(AMINA, WINDOW[1] + HOUR, WINDOW[1] + 2 * HOUR)
    graph.enters(AMINA, WINDOW[0] - 2 * HOUR, WINDOW[0] - HOUR)
    seen = do(outlook.changes(AMINA, "", *WINDOW))
    assert seen.whole
    assert seen.events == [Changed(placed.event_id, INTERVIEW.starts_at, INTERVIEW.ends_at)]


def test_later_looks_see_only_what_changed(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    stays, moves, goes = (graph.enters(AMINA, START, START + HOUR) for _ in range(3))
    first = do(outlook.changes(AMINA, "", *WINDOW))
    graph.moves(AMINA, moves, START + HOUR, START + 2 * HOUR)
    graph.deletes(AMINA, goes)
    comes = graph.enters(AMINA, START, START + HOUR)
    second = do(outlook.changes(AMINA, first.mark, *WINDOW))
    assert {one.event_id for one in first.events} == {stays, moves, goes}
    assert not second.whole
    assert sorted(second.events, key=lambda one: one.event_id) == sorted(
        [
            Changed(moves, START + HOUR, START + 2 * HOUR),
            Changed(goes, gone=True),
            Changed(comes, START, START + HOUR),
        ],
        key=lambda one: one.event_id,
    )
    assert do(outlook.changes(AMINA, second.mark, *WINDOW)).events == []


def test_a_full_calendar_comes_in_pages(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.pages_of = 2
    there = {graph.enters(AMINA, START, START + HOUR) for _ in range(5)}
    first = do(outlook.changes(AMINA, "", *WINDOW))
    assert {one.event_id for one in first.events} == there
    more = {graph.enters(AMINA, START, START + HOUR) for _ in range(5)}
    assert {one.event_id for one in do(outlook.changes(AMINA, first.mark, *WINDOW)).events} == more


def test_one_moved_to_next_year_is_moved_and_not_gone(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    mark = do(outlook.changes(AMINA, "", *WINDOW)).mark
    far = START + timedelta(days=365)
    graph.moves(AMINA, placed.event_id, far, far + HOUR)
    assert do(outlook.changes(AMINA, mark, *WINDOW)).events == [Changed(placed.event_id, far, far + HOUR)]


def test_one_made_beyond_the_look_is_not_called_gone(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    mark = do(outlook.changes(AMINA, "", *WINDOW)).mark
    far = WINDOW[1] + AHEAD + timedelta(days=1)
    placed = do(outlook.put(AMINA, replace(INTERVIEW, starts_at=far, ends_at=far + HOUR)))
    assert do(outlook.changes(AMINA, mark, *WINDOW)).events == [Changed(placed.event_id, far, far + HOUR)]


def test_one_that_was_called_off_is_gone(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    placed = do(outlook.put(AMINA, INTERVIEW))
    mark = do(outlook.changes(AMINA, "", *WINDOW)).mark
    graph.mailboxes[AMINA].events[placed.event_id]["isCancelled"] = True
    graph.moves(AMINA, placed.event_id, START, START + HOUR)
    assert do(outlook.changes(AMINA, mark, *WINDOW)).events == [Changed(placed.event_id, gone=True)]


def test_a_mark_serves_while_the_days_go_by_and_is_renewed_in_time(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    mark = do(outlook.changes(AMINA, "", *WINDOW)).mark
    later = [bound + AHEAD for bound in WINDOW]
    assert not do(outlook.changes(AMINA, mark, *later)).whole
    assert do(outlook.changes(AMINA, mark, later[0], later[1] + timedelta(seconds=1))).whole


@pytest.mark.parametrize("status", [410, 400])
def test_a_mark_that_has_expired_begins_anew(outlook: OutlookCalendar, graph: GraphServer, do: Do, status: int) -> None:
    stays = graph.enters(AMINA, START, START + HOUR)
    mark = do(outlook.changes(AMINA, "", *WINDOW)).mark
    if status == 410:
        graph.expire_marks()
    else:
        graph.fail("delta", "error", status=400, code="SyncStateInvalid")
    seen = do(outlook.changes(AMINA, mark, *WINDOW))
    assert seen.whole
    assert [one.event_id for one in seen.events] == [stays]


def test_a_link_that_expires_on_the_way_is_asked_for_later(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    graph.fail("delta", "error", status=410, code="SyncStateNotFound")
    with pytest.raises(CalendarDown):
        do(outlook.changes(AMINA, "", *WINDOW))


@pytest.mark.parametrize(
    "mark", ["nonsense", "2099-01-01T00:00:00Z https://evil.example/v1.0/users/delta?$deltatoken=1", " ", "2099"]
)
def test_the_token_goes_nowhere_but_to_graph(outlook: OutlookCalendar, do: Do, mark: str) -> None:
    assert do(outlook.changes(AMINA, mark, *WINDOW)).whole


# -------------------------------------------------------------------------------------------------------- mistakes


def test_all_is_well_when_the_mailbox_outside_is_out_of_reach(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    assert do(outlook.mistakes()) == []
    assert [one.path for one in graph.asked] == [f"users/{HEAD}/calendar"]


def test_a_bot_that_can_reach_everybody_is_a_mistake(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.mailboxes[HEAD].open = True
    (mistake,) = do(outlook.mistakes())
    assert "LEARNBOT_OUTLOOK_OUTSIDE" in mistake
    assert HEAD not in mistake


@pytest.mark.parametrize("outside", ["", "nobody@example.org"])
def test_limits_that_nothing_proves_are_a_mistake(graph: GraphServer, entra: EntraId, do: Do, outside: str) -> None:
    (mistake,) = do(calendar_of(graph, entra, outside=outside).mistakes())
    assert "LEARNBOT_OUTLOOK_OUTSIDE" in mistake


def test_limits_that_cannot_be_tried_are_named(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.fail("calendar", "error", status=400, code="ErrorInvalidRequest")
    (mistake,) = do(outlook.mistakes())
    assert "ErrorInvalidRequest" in mistake


@pytest.mark.parametrize(
    ("number", "setting"),
    [(7000222, "LEARNBOT_OUTLOOK_CLIENT_SECRET"), (700016, "LEARNBOT_OUTLOOK_CLIENT_ID"), (50034, "50034")],
)
def test_a_secret_that_does_not_work_is_a_mistake(
    outlook: OutlookCalendar, entra: EntraId, do: Do, number: int, setting: str
) -> None:
    entra.refuses_with = number
    (mistake,) = do(outlook.mistakes())
    assert setting in mistake


def test_a_tenant_that_is_not_there_is_a_mistake(graph: GraphServer, entra: EntraId, do: Do) -> None:
    (mistake,) = do(calendar_of(graph, entra, tenant="not-there").mistakes())
    assert "LEARNBOT_OUTLOOK_TENANT_ID" in mistake


def test_microsoft_out_of_reach_is_no_mistake_of_the_settings(outlook: OutlookCalendar, entra: EntraId, do: Do) -> None:
    entra.down = True
    with pytest.raises(CalendarDown):
        do(outlook.mistakes())
