"""Exchange Online behind Microsoft Graph, on this machine: the calendar requests of Graph's reference, and no others.

Every request is checked against the reference: method, path, headers, query, each property and its type, the forms of
times and zones. One that Graph would not take is answered as Graph would, and noted in `wrongs`. Answers are whole
events, with words and people in them, as Graph's are: what the bot keeps of them is for the tests to look at.
"""

import asyncio
import copy
import re
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web

from tests.clients.graph_reference import (
    CALENDAR,
    EVENT,
    Wrong,
    check_created,
    check_headers,
    check_schedule,
    check_select,
    check_updated,
    in_zone,
    instant,
    moment,
    only,
    preferences,
    utc,
)
from tests.clients.microsoft import EntraId, Json, Served
from tests.clients.slack import reset

KEY_FILTER = re.compile(
    r"singleValueExtendedProperties/Any"
    r"\(ep: ep/id eq '(String \{[0-9a-f-]{36}\} Name [\w-]+)' and ep/value eq '([^']+)'\)"
)
EXPANDED = re.compile(r"singleValueExtendedProperties\(\$filter=id eq '(String \{[0-9a-f-]{36}\} Name [\w-]+)'\)")


@dataclass(frozen=True)
class Fault:
    """One request going wrong. `does` says how.

    reset               the connection is reset and nothing was done
    accept_then_reset   done, and the connection is reset before the answer: nobody knows
    accept_then_silence done, and nothing more is heard
    accept_then_error   done, and the gateway answers `status`
    error               `status` and `code`; nothing was done; `retry_after` in seconds (or a date) if given
    garbled             200 with a page in the place of JSON
    """

    does: str
    status: int = 504
    code: str = "UnknownError"
    retry_after: str = ""


@dataclass(frozen=True)
class Asked:
    """One request as it arrived: `path` without the version, `status` None where no answer was sent."""

    method: str
    path: str
    query: dict[str, str]
    body: Json
    headers: dict[str, str]
    status: int | None


@dataclass
class Mailbox:
    """One person's calendar. `teams`: yes, ignored (no link), refused (400). `open`: whether the bot may in."""

    address: str
    open: bool = True
    teams: str = "yes"
    events: dict[str, Json] = field(default_factory=dict[str, Json])  # times in UTC
    schedule: list[Json] = field(default_factory=list[Json])  # scheduleItems beside the events
    schedule_error: str = ""
    touched: list[str] = field(default_factory=list[str])  # ids of events, in the order of their changes


class GraphServer(Served):
    """`mailboxes` can be changed at any time; `reset()` gives new empty ones. Takes the tokens that `entra` issued."""

    def __init__(self, entra: EntraId, people: Iterable[str]) -> None:
        super().__init__()
        self._entra, self._people = entra, tuple(people)
        self.reset()

    def reset(self) -> None:
        self.mailboxes = {address: Mailbox(address) for address in self._people}
        self.asked: list[Asked] = []
        self.wrongs: list[str] = []
        self.mails: list[tuple[str, str]] = []  # (invitation, update or cancellation; to whom)
        self.faults: deque[tuple[str, Fault]] = deque()
        self.withdrawn: set[str] = set()  # tokens that are good no more
        self.pages_of = 100  # at most
        self.duplicate_status = 409  # both 409 and 400 have been seen
        self.delay = 0.0  # seconds before each answer
        self.most_at_once = 0  # requests that were under way together
        self._under_way = 0
        self._marks: dict[str, tuple[str, datetime, datetime, int]] = {}
        self._rests: dict[str, tuple[list[Json], str]] = {}

    @property
    def api_url(self) -> str:
        return f"{self.address}/v1.0"

    # Making things go wrong

    def fail(self, what: str, does: str, times: int = 1, **details: Any) -> None:
        """Break the next `times` requests whose "METHOD path" contains `what` ("" for any)."""
        self.faults.extend((what, Fault(does, **details)) for _ in range(times))

    def expire_marks(self) -> None:
        self._marks.clear()
        self._rests.clear()

    # People at their own calendars

    def events_of(self, address: str) -> list[Json]:
        return list(self.mailboxes[address].events.values())

    def enters(self, address: str, starts_at: datetime, ends_at: datetime, **more: Any) -> str:
        """Somebody puts something of their own into their calendar; its id."""
        return self._store(self.mailboxes[address], {"subject": "Oncologist", **more}, starts_at, ends_at)

    def moves(self, address: str, event_id: str, starts_at: datetime, ends_at: datetime) -> None:
        mailbox = self.mailboxes[address]
        mailbox.events[event_id] |= {"start": utc(starts_at), "end": utc(ends_at)}
        mailbox.touched.append(event_id)

    def deletes(self, address: str, event_id: str) -> None:
        mailbox = self.mailboxes[address]
        del mailbox.events[event_id]
        mailbox.touched.append(event_id)

    # The server

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        return application

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            await asyncio.sleep(self.delay)
            return await self._answer_to(request)
        finally:
            self._under_way -= 1

    async def _answer_to(self, request: web.Request) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0].removeprefix("/v1.0/")  # as it came: "%2F" belongs to its part
        body: Json = await request.json() if request.can_read_body else {}
        fault = self._next_fault(f"{request.method} {path}")

        def note(status: int | None) -> None:
            headers = {name.casefold(): value for name, value in request.headers.items()}
            self.asked.append(Asked(request.method, path, dict(request.query), body, headers, status))

        if fault and fault.does == "reset":
            note(None)
            return reset(request)
        if fault and fault.does == "error":
            note(fault.status)
            headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
            return web.json_response(error(fault.code), status=fault.status, headers=headers)
        if fault and fault.does == "garbled":
            note(200)
            return web.Response(text="<html>Please sign in to the network</html>", content_type="text/html")
        status, answer = self._done(request, path, body)
        match fault.does if fault else "":
            case "accept_then_reset":
                note(None)
                return reset(request)
            case "accept_then_silence":
                note(None)
                await asyncio.sleep(60)
                return reset(request)
            case "accept_then_error":
                assert fault is not None
                note(fault.status)
                return web.json_response(error(fault.code), status=fault.status)
            case _:
                note(status)
                return web.Response(status=status) if answer is None else web.json_response(answer, status=status)

    def _next_fault(self, what: str) -> Fault | None:
        for planned in self.faults:
            if planned[0] in what:
                self.faults.remove(planned)
                return planned[1]
        return None

    def _done(self, request: web.Request, path: str, body: Json) -> tuple[int, Json | None]:
        try:
            if not self._let_in(request.headers.get("Authorization", "")):
                return 401, error("InvalidAuthenticationToken")
            address, _, rest = path.removeprefix("users/").partition("/")
            work = self._work(request.method, rest)
            check_headers(request.method, rest, request.headers)
            mailbox = self.mailboxes.get(unquote(address))
            if mailbox is None:
                return 404, error("ErrorInvalidUser")
            if not mailbox.open:
                return 403, error("ErrorAccessDenied")
            return work(mailbox, request, body)
        except Wrong as wrong:
            self.wrongs.append(f"{request.method} {path}: {wrong}")
            return 400, error("ErrorInvalidRequest")

    def _let_in(self, authorization: str) -> bool:
        token = authorization.removeprefix("Bearer ")
        return token not in self.withdrawn and (token, f"{self.address}/.default") in self._entra.issued

    def _work(self, method: str, rest: str) -> Callable[[Mailbox, web.Request, Json], tuple[int, Json | None]]:
        match method, rest.split("/"):
            case "POST", ["calendar", "getSchedule"]:
                return self._get_schedule
            case "GET", ["calendar"]:
                return self._get_calendar
            case "POST", ["events"]:
                return self._create
            case "GET", ["events"]:
                return self._find
            case "GET", ["events", _]:
                return self._get
            case "PATCH", ["events", _]:
                return self._update
            case "DELETE", ["events", _]:
                return self._delete
            case "GET", ["calendarView", "delta"]:
                return self._delta
            case _:
                raise Wrong("there is no such request in the reference")

    # calendar

    def _get_schedule(self, mailbox: Mailbox, request: web.Request, body: Json) -> tuple[int, Json | None]:
        check_schedule(body)
        zone = preferences(request.headers)["zone"]
        first, last = instant(body["startTime"]), instant(body["endTime"])
        value = [self._schedule_of(address, first, last, zone) for address in body["schedules"]]
        return 200, {"@odata.context": f"{self.api_url}/$metadata#…", "value": value}

    def _schedule_of(self, address: str, first: datetime, last: datetime, zone: str) -> Json:
        mailbox = self.mailboxes.get(address.casefold())
        code = "ErrorMailRecipientNotFound" if mailbox is None else mailbox.schedule_error
        if mailbox is None or code:
            failed = {"message": f"Unable to resolve {address}", "responseCode": code}
            return {"scheduleId": address, "availabilityView": "", "error": failed}
        own = [
            {"status": event["showAs"], "subject": event["subject"], "start": event["start"], "end": event["end"]}
            for event in mailbox.events.values()
        ]
        items = [
            {**item, "start": in_zone(item["start"], zone), "end": in_zone(item["end"], zone)}
            for item in [*own, *mailbox.schedule]
            if instant(item["start"]) < last and instant(item["end"]) > first
        ]
        return {"scheduleId": address, "availabilityView": "0", "scheduleItems": items, "workingHours": {}}

    def _get_calendar(self, mailbox: Mailbox, request: web.Request, _body: Json) -> tuple[int, Json | None]:
        only(request.query, {"$select"})
        chosen = check_select(request.query.get("$select", ""), CALENDAR)
        calendar = {"id": "AAMkcalendar", "name": "Calendar", "owner": {"address": mailbox.address}}
        return 200, {name: value for name, value in calendar.items() if not chosen or name in chosen}

    # events

    def _create(self, mailbox: Mailbox, request: web.Request, body: Json) -> tuple[int, Json | None]:
        check_created(body)
        zone = preferences(request.headers)["zone"]
        transaction = body.get("transactionId")
        for event_id, event in mailbox.events.items():
            if transaction and event["transactionId"] == transaction:
                if event["_posted"] != body:
                    return self.duplicate_status, error("ErrorDuplicateTransactionId")
                return 201, self._shown(mailbox, event_id, zone)
        if body.get("isOnlineMeeting") and mailbox.teams == "refused":
            return 400, error("ErrorInvalidRequest")
        starts_at, ends_at = instant(body["start"]), instant(body["end"])
        event_id = self._store(mailbox, {**body, "_posted": body}, starts_at, ends_at)
        self._mail(mailbox, "invitation", mailbox.events[event_id])
        return 201, self._shown(mailbox, event_id, zone)

    def _find(self, mailbox: Mailbox, request: web.Request, _body: Json) -> tuple[int, Json | None]:
        only(request.query, {"$filter", "$select"})
        chosen = check_select(request.query.get("$select", ""), EVENT)
        wanted = KEY_FILTER.fullmatch(request.query.get("$filter", ""))
        if wanted is None:
            raise Wrong("$filter is not one of the reference's")
        zone = preferences(request.headers)["zone"]
        found = [
            self._shown(mailbox, event_id, zone, chosen)
            for event_id, event in mailbox.events.items()
            if event["_properties"].get(wanted[1], "").casefold() == wanted[2].casefold()
        ]
        return 200, {"value": found}

    def _get(self, mailbox: Mailbox, request: web.Request, _body: Json) -> tuple[int, Json | None]:
        only(request.query, {"$select", "$expand"})
        chosen = check_select(request.query.get("$select", ""), EVENT)
        event_id = self._event_id(request)
        if event_id not in mailbox.events:
            return 404, error("ErrorItemNotFound")
        shown = self._shown(mailbox, event_id, preferences(request.headers)["zone"], chosen)
        if "$expand" in request.query:
            wanted = EXPANDED.fullmatch(request.query["$expand"])
            if wanted is None:
                raise Wrong("$expand is not one of the reference's")
            value = mailbox.events[event_id]["_properties"].get(wanted[1])
            if value is not None:
                shown["singleValueExtendedProperties"] = [{"id": wanted[1], "value": value}]
        return 200, shown

    def _update(self, mailbox: Mailbox, request: web.Request, body: Json) -> tuple[int, Json | None]:
        event_id = self._event_id(request)
        if event_id not in mailbox.events:
            return 404, error("ErrorItemNotFound")
        check_updated(body)
        event, before = mailbox.events[event_id], copy.deepcopy(mailbox.events[event_id])
        event |= {name: value for name, value in body.items() if name != "singleValueExtendedProperties"}
        for name in {"start", "end"} & body.keys():
            event[name] = utc(instant(body[name]))
        for one in body.get("singleValueExtendedProperties", []):
            event["_properties"][one["id"]] = one["value"]
        mailbox.touched.append(event_id)
        if body.keys() - {"attendees", "singleValueExtendedProperties"}:
            self._mail(mailbox, "update", event)
        else:
            self._mail(mailbox, "update", event, but_not=addresses(before))
        return 200, self._shown(mailbox, event_id, preferences(request.headers)["zone"])

    def _delete(self, mailbox: Mailbox, request: web.Request, _body: Json) -> tuple[int, Json | None]:
        event_id = self._event_id(request)
        if event_id not in mailbox.events:
            return 404, error("ErrorItemNotFound")
        self._mail(mailbox, "cancellation", mailbox.events.pop(event_id))
        mailbox.touched.append(event_id)
        return 204, None

    @staticmethod
    def _event_id(request: web.Request) -> str:
        return unquote(request.raw_path.partition("?")[0].rpartition("/")[2])

    def _store(self, mailbox: Mailbox, given: Json, starts_at: datetime, ends_at: datetime) -> str:
        event_id = f"AAMk{uuid.uuid4().hex}/+=="  # an id may hold what an address may not
        online = bool(given.get("isOnlineMeeting")) and mailbox.teams == "yes"
        join_url = f"https://teams.microsoft.com/l/meetup-join/{uuid.uuid4().hex}"
        properties = {one["id"]: one["value"] for one in given.pop("singleValueExtendedProperties", [])}
        usual = {
            "attendees": [],
            "body": {"contentType": "text", "content": ""},
            "showAs": "busy",
            "isCancelled": False,
        }
        mailbox.events[event_id] = {
            **usual, "transactionId": None, "_posted": None, **given, "id": event_id,
            "start": utc(starts_at), "end": utc(ends_at), "_properties": properties,
            "isOnlineMeeting": online, "onlineMeetingProvider": "teamsForBusiness" if online else "unknown",
            "onlineMeeting": {"joinUrl": join_url} if online else None,
            "organizer": {"emailAddress": {"name": mailbox.address, "address": mailbox.address}},
        }  # fmt: skip
        mailbox.touched.append(event_id)
        return event_id

    def _shown(self, mailbox: Mailbox, event_id: str, zone: str, chosen: frozenset[str] = frozenset()) -> Json:
        event = {name: value for name, value in mailbox.events[event_id].items() if not name.startswith("_")}
        event |= {"start": in_zone(event["start"], zone), "end": in_zone(event["end"], zone)}
        shown = {name: value for name, value in event.items() if not chosen or name in chosen | {"id"}}
        return {"@odata.etag": f'W/"{len(mailbox.touched)}"', **shown}

    def _mail(self, mailbox: Mailbox, kind: str, event: Json, but_not: Iterable[str] = ()) -> None:
        to = addresses(event) - {mailbox.address} - set(but_not)
        self.mails.extend((kind, address) for address in sorted(to))

    # delta

    def _delta(self, mailbox: Mailbox, request: web.Request, _body: Json) -> tuple[int, Json | None]:
        wanted = preferences(request.headers)
        size = min(wanted["page"], self.pages_of)
        if "$skiptoken" in request.query:
            only(request.query, {"$skiptoken"})
            if request.query["$skiptoken"] not in self._rests:
                return 410, error("SyncStateNotFound")
            return 200, self._page(mailbox, *self._rests[request.query["$skiptoken"]], size)
        if "$deltatoken" in request.query:
            only(request.query, {"$deltatoken"})
            known = self._marks.get(request.query["$deltatoken"])
            if known is None or known[0] != mailbox.address:
                return 410, error("SyncStateNotFound")
            _, first, last, since = known
            entries = [self._entry(mailbox, one, first, last, wanted["zone"]) for one in mailbox.touched[since:]]
        else:
            only(request.query, {"startDateTime", "endDateTime"})
            first, last = (moment(request.query.get(name, "")) for name in ("startDateTime", "endDateTime"))
            entries = [self._entry(mailbox, one, first, last, wanted["zone"]) for one in mailbox.events]
            entries = [one for one in entries if "@removed" not in one]
        mark = uuid.uuid4().hex
        self._marks[mark] = (mailbox.address, first, last, len(mailbox.touched))
        return 200, self._page(mailbox, entries, mark, size)

    def _page(self, mailbox: Mailbox, entries: list[Json], mark: str, size: int) -> Json:
        here = f"{self.api_url}/users/{quote(mailbox.address)}/calendarView/delta"
        page: Json = {"@odata.context": f"{self.api_url}/$metadata#Collection(event)", "value": entries[:size]}
        if len(entries) > size:
            rest = uuid.uuid4().hex
            self._rests[rest] = entries[size:], mark
            return {**page, "@odata.nextLink": f"{here}?$skiptoken={rest}"}
        return {**page, "@odata.deltaLink": f"{here}?$deltatoken={mark}"}

    def _entry(self, mailbox: Mailbox, event_id: str, first: datetime, last: datetime, zone: str) -> Json:
        """An event of a delta. What was touched and lies outside the window is "removed", too: Graph's own words."""
        event = mailbox.events.get(event_id)
        if event is None or instant(event["start"]) >= last or instant(event["end"]) <= first:
            return {"@odata.type": "#microsoft.graph.event", "id": event_id, "@removed": {"reason": "deleted"}}
        return {"@odata.type": "#microsoft.graph.event", **self._shown(mailbox, event_id, zone)}


def addresses(event: Json) -> set[str]:
    return {one["emailAddress"]["address"] for one in event["attendees"]}


def error(code: str) -> Json:
    """Graph's error body. Its message quotes what was asked for, which is why nobody may log it."""
    inner = {"date": "2026-03-02T09:00:00", "request-id": "00000000-0000-0000-0000-000000000000"}
    return {"error": {"code": code, "message": "… about amina@example.org …", "innerError": inner}}
