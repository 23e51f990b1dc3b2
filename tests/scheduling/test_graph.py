"""Microsoft Graph when it goes wrong, and the tokens it takes: msal speaks to emulate's Entra ID."""

import asyncio
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduling.calendars.contract import Appointment, CalendarDown, CalendarRefused
from scheduling.calendars.outlook import OutlookCalendar
from tests.clients.graph import GraphServer
from tests.clients.microsoft import SECRET, EntraId
from tests.clients.outlook import AMINA, BEN, Do, calendar_of

pytest_plugins = ("tests.clients.outlook_fixtures",)
pytestmark = pytest.mark.clients

START = datetime(2026, 3, 5, 14, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
INTERVIEW = Appointment(
    "interview-17", START, START + HOUR, "Learning interview", "", (("Amina Khan", AMINA), ("Ben Carter", BEN))
)


# ---------------------------------------------------------------------------------------------------------- tokens


def test_one_token_serves_until_it_is_old(outlook: OutlookCalendar, graph: GraphServer, entra: EntraId, do: Do) -> None:
    for _ in range(3):
        do(outlook.busy([AMINA], START, START + HOUR))
    assert [scope for _, scope in entra.issued] == [f"{graph.address}/.default"]


def test_a_token_is_renewed_before_its_last_five_minutes(outlook: OutlookCalendar, entra: EntraId, do: Do) -> None:
    entra.lifetime = 299
    do(outlook.busy([AMINA], START, START + HOUR))
    entra.lifetime = 3600
    do(outlook.busy([AMINA], START, START + HOUR))
    do(outlook.busy([AMINA], START, START + HOUR))
    assert len(entra.issued) == 2


def test_a_token_is_renewed_as_early_as_entra_advises(outlook: OutlookCalendar, entra: EntraId, do: Do) -> None:
    entra.refresh_in = -10
    do(outlook.busy([AMINA], START, START + HOUR))
    do(outlook.busy([AMINA], START, START + HOUR))
    assert len(entra.issued) == 2


def test_while_entra_is_down_the_token_in_hand_serves_on(outlook: OutlookCalendar, entra: EntraId, do: Do) -> None:
    entra.refresh_in = -10
    do(outlook.busy([AMINA], START, START + HOUR))
    entra.down = True
    assert do(outlook.busy([AMINA], START, START + HOUR)) == {AMINA: []}


def test_a_token_that_graph_takes_no_more_is_replaced(
    outlook: OutlookCalendar, graph: GraphServer, entra: EntraId, do: Do
) -> None:
    do(outlook.busy([AMINA], START, START + HOUR))
    graph.withdrawn = {token for token, _ in entra.issued}
    assert do(outlook.busy([AMINA], START, START + HOUR)) == {AMINA: []}
    assert len(entra.issued) == 2


@pytest.mark.parametrize("number", [7000215, 7000222, 700016])
def test_a_secret_that_was_taken_away_is_a_refusal(
    outlook: OutlookCalendar, graph: GraphServer, entra: EntraId, do: Do, number: int
) -> None:
    do(outlook.busy([AMINA], START, START + HOUR))
    graph.withdrawn = {token for token, _ in entra.issued}
    entra.refuses_with = number
    with pytest.raises(CalendarRefused) as refused:
        do(outlook.busy([AMINA], START, START + HOUR))
    assert refused.value.reason == "token_refused"
    entra.refuses_with = 0  # a new secret for the same application
    assert do(outlook.busy([AMINA], START, START + HOUR)) == {AMINA: []}


def test_a_wrong_secret_is_a_refusal(graph: GraphServer, entra: EntraId, do: Do) -> None:
    with pytest.raises(CalendarRefused) as refused:
        do(calendar_of(graph, entra, secret="somebody else's").busy([AMINA], START, START + HOUR))
    assert refused.value.reason == "token_refused"


def test_a_tenant_that_is_not_there_is_a_refusal(graph: GraphServer, entra: EntraId, do: Do) -> None:
    with pytest.raises(CalendarRefused) as refused:
        do(calendar_of(graph, entra, tenant="not-there").busy([AMINA], START, START + HOUR))
    assert refused.value.reason == "token_refused"


@pytest.mark.parametrize("trouble", ["down", "garbled"])
def test_entra_out_of_reach_is_the_calendar_down(
    outlook: OutlookCalendar, entra: EntraId, do: Do, trouble: str
) -> None:
    setattr(entra, trouble, True)
    with pytest.raises(CalendarDown):
        do(outlook.busy([AMINA], START, START + HOUR))
    setattr(entra, trouble, False)
    assert do(outlook.busy([AMINA], START, START + HOUR)) == {AMINA: []}


# ------------------------------------------------------------------------------------------------------- going wrong


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (403, "ErrorAccessDenied", "not_permitted"),
        (404, "ErrorInvalidUser", "no_such_mailbox"),
        (404, "MailboxNotEnabledForRESTAPI", "no_such_mailbox"),
        (404, "Request_ResourceNotFound", "no_such_mailbox"),
        (400, "ErrorInvalidRequest", "refused"),
        (401, "InvalidAuthenticationToken", "token_refused"),
    ],
)
def test_what_graph_refuses_for_good(
    outlook: OutlookCalendar, graph: GraphServer, do: Do, status: int, code: str, reason: str
) -> None:
    graph.fail("", "error", times=2, status=status, code=code)
    with pytest.raises(CalendarRefused) as refused:
        do(outlook.put(AMINA, INTERVIEW))
    assert refused.value.reason == reason


@pytest.mark.parametrize("status", [409, 412, 423, 429, 500, 502, 503, 504, 509])
def test_what_is_worth_asking_again(outlook: OutlookCalendar, graph: GraphServer, do: Do, status: int) -> None:
    graph.fail("POST", "error", status=status, code="ErrorIrresolvableConflict")
    with pytest.raises(CalendarDown) as down:
        do(outlook.put(AMINA, INTERVIEW))
    assert down.value.retry_after is None
    do(outlook.put(AMINA, INTERVIEW))
    assert len(graph.events_of(AMINA)) == 1


def test_an_answer_without_sense_is_no_answer(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.fail("getSchedule", "garbled")
    with pytest.raises(CalendarDown):
        do(outlook.busy([AMINA], START, START + HOUR))


@pytest.mark.parametrize("status", [429, 503])
def test_a_mailbox_is_left_in_peace_as_long_as_graph_asks(
    graph: GraphServer, entra: EntraId, do: Do, status: int
) -> None:
    clock = [0.0]
    outlook = calendar_of(graph, entra, now=lambda: clock[0])
    graph.fail("POST", "error", status=status, code="ApplicationThrottled", retry_after="30")
    with pytest.raises(CalendarDown) as down:
        do(outlook.put(AMINA, INTERVIEW))
    assert down.value.retry_after == 30
    clock[0] = 20.0
    with pytest.raises(CalendarDown) as down:
        do(outlook.put(AMINA, INTERVIEW))
    assert down.value.retry_after == 10
    assert len(graph.asked) == 1
    do(outlook.busy([BEN], START, START + HOUR))  # the limit is each mailbox's own
    clock[0] = 30.0
    do(outlook.put(AMINA, INTERVIEW))
    do(outlook.close())


def test_a_wait_that_graph_gives_as_a_date_is_left_to_whoever_asks_again(
    outlook: OutlookCalendar, graph: GraphServer, do: Do
) -> None:
    graph.fail("POST", "error", status=429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    with pytest.raises(CalendarDown) as down:
        do(outlook.put(AMINA, INTERVIEW))
    assert down.value.retry_after is None


def test_never_more_than_four_at_a_time(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    graph.delay = 0.05  # long enough for those that do not wait to be seen together

    async def many() -> None:
        await asyncio.gather(*(outlook.busy([AMINA], START, START + HOUR) for _ in range(20)))

    do(many())
    assert graph.most_at_once <= 4


# -------------------------------------------------------------------------------------------------------- privacy


def test_nothing_of_an_event_but_its_times_is_kept_or_logged(
    outlook: OutlookCalendar, graph: GraphServer, entra: EntraId, do: Do, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    private = {"subject": "CANARY", "body": {"contentType": "text", "content": "CANARY"}}
    graph.enters(AMINA, START, START + HOUR, **private)
    seen = do(outlook.busy([AMINA, BEN], START, START + HOUR))
    placed = do(outlook.put(AMINA, replace(INTERVIEW, summary="CANARY", description="CANARY")))
    changes = do(outlook.changes(AMINA, "", START, START + HOUR))
    graph.fail("", "error", status=403, code="ErrorAccessDenied")
    with pytest.raises(CalendarRefused) as refused:
        do(outlook.remove(AMINA, placed.event_id))
    assert "CANARY" not in repr((seen, placed, changes, vars(outlook)))
    for secret in ("CANARY", AMINA, BEN, SECRET, *(token for token, _ in entra.issued)):
        assert secret not in caplog.text
        assert secret not in repr(refused.value)


def test_an_odd_address_stays_one_part_of_the_path(outlook: OutlookCalendar, graph: GraphServer, do: Do) -> None:
    odd = "o'neill/../head?x=1#ext#@example.org"
    seen = do(outlook.busy([odd, AMINA], START, START + HOUR))
    assert seen[odd].reason == "no_such_mailbox"
    assert seen[AMINA] == []
