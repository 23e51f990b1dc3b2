"""A Google Calendar on this machine: it checks every request against Google's reference, and answers as Google does.

It stands in for what `emulate` lacks: the token endpoint for service accounts, identifiers chosen by the client, Meet,
patches, sync tokens. What a request gets wrong goes into `wrong`, which a test holds to be empty.
References: https://developers.google.com/workspace/calendar/api/v3/reference and
https://developers.google.com/identity/protocols/oauth2/service-account
"""

import json
import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

Json = dict[str, Any]

SERVICE_ACCOUNT = "learnbot@learnbot-1.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/"
DELEGATED = frozenset({f"{SCOPE}calendar.events.owned", f"{SCOPE}calendar.freebusy"})
# what may not be asked together with a sync token (Events: list, syncToken)
NOT_WITH_A_SYNC_TOKEN = {"iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMin",
                         "timeMax", "updatedMin"}  # fmt: skip
QUERY = {
    "GET": {"fields", "maxResults", "pageToken", "showDeleted", "singleEvents", "syncToken", "timeMin", "timeMax"},
    "POST": {"conferenceDataVersion", "fields", "sendUpdates"},
    "PATCH": {"conferenceDataVersion", "fields", "sendUpdates"},
    "DELETE": {"sendUpdates"},
}
BODY = {"id", "summary", "description", "start", "end", "attendees", "conferenceData", "extendedProperties"}


class Refused(Exception):
    """An error as Google words it."""

    def __init__(self, status: int, reason: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}
        error = {"code": status, "message": message, "errors": [{"domain": "x", "reason": reason, "message": message}]}
        self.body: Json = {"error": error}


class Dropped(Exception):
    """The connection is closed without an answer."""


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Mailbox:
    """One person's calendar. `shares` is whether colleagues may see when its owner is busy."""

    busy: list[tuple[str, str]] = field(default_factory=list)
    shares: bool = True
    uses_calendar: bool = True
    events: dict[str, Json] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    marks: dict[str, tuple[int, Json]] = field(default_factory=dict)  # sync token -> (version, the query it is for)


@dataclass
class Call:
    """One request to the calendar, who it was made for, and what was answered (0: nothing)."""

    method: str
    path: str
    mailbox: str
    query: dict[str, str]
    body: Json
    status: int = 0


@dataclass
class GoogleServer:
    """Use it in a `with` block, and change its attributes at any time."""

    folder: Path
    people: dict[str, Mailbox] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)  # mailboxes of somebody else's
    delegated: frozenset[str] = DELEGATED
    key_revoked: bool = False
    meet: str = "at once"  # at once, pending (made by the next look), none
    page: int = 250
    clock: datetime | None = None  # what time it is; None: the real time
    wrong: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    tokens_given: list[str] = field(default_factory=list)  # for whom
    told: list[tuple[str, str]] = field(default_factory=list)  # (what became of an event, who was told)
    faults: deque[Callable[[Callable[[], Json]], Json]] = field(default_factory=deque)
    _tokens: dict[str, tuple[str, frozenset[str], datetime]] = field(default_factory=dict)
    _count: int = 0

    def now(self) -> datetime:
        return self.clock or datetime.now(UTC)

    # -- what a test says

    def fails_with(self, status: int, reason: str = "backendError", times: int = 1, **headers: str) -> None:
        """The next requests are refused and not done."""

        def refuse(work: Callable[[], Json]) -> Json:
            raise Refused(status, reason, reason, {name.replace("_", "-"): value for name, value in headers.items()})

        self.faults.extend([refuse] * times)

    def drops(self, *, done: bool) -> None:
        """The next request gets no answer, though it may have been `done`."""

        def drop(work: Callable[[], Json]) -> Json:
            if done:
                work()
            raise Dropped

        self.faults.append(drop)

    def take_back_tokens(self) -> None:
        self._tokens.clear()

    def forget_marks(self) -> None:
        """Every sync token expires."""
        for mailbox in self.people.values():
            mailbox.marks.clear()

    def delete(self, mailbox: str, event_id: str) -> None:
        """Somebody deletes an event in their calendar."""
        self._store(mailbox, event_id, {**self.people[mailbox].events[event_id], "status": "cancelled"})

    def move(self, mailbox: str, event_id: str, starts_at: datetime, ends_at: datetime) -> None:
        """Somebody drags an event to another time."""
        times = {"start": {"dateTime": starts_at.isoformat()}, "end": {"dateTime": ends_at.isoformat()}}
        self._store(mailbox, event_id, {**self.people[mailbox].events[event_id], **times})

    def add(self, mailbox: str, event_id: str, starts_at: datetime, **more: Any) -> None:
        """An event of somebody's own."""
        ends_at = starts_at + timedelta(hours=1)
        times = {"start": {"dateTime": starts_at.isoformat()}, "end": {"dateTime": ends_at.isoformat()}}
        self._store(mailbox, event_id, {"id": event_id, "status": "confirmed", **times, **more})

    def standing(self, mailbox: str) -> list[Json]:
        return [event for event in self.people[mailbox].events.values() if event["status"] != "cancelled"]

    # -- the key that the program is given

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/calendar/v3"

    @property
    def key_file(self) -> Path:
        """A key file as Google Cloud hands it out."""
        path = self.folder / "key.json"
        path.touch(mode=0o600)
        pem = _key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_text(json.dumps({
            "type": "service_account", "project_id": "learnbot-1", "private_key_id": "key-1",
            "private_key": pem.decode(), "client_email": SERVICE_ACCOUNT, "token_uri": f"{self.url}/token",
        }))  # fmt: skip
        return path

    # -- tokens

    def token(self, form: dict[str, str]) -> Json:
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            raise Refused(400, "", "unsupported_grant_type")
        try:
            claims: Json = jwt.decode(
                form["assertion"], _key().public_key(), algorithms=["RS256"], audience=f"{self.url}/token",
                options={"require": ["iss", "scope", "aud", "iat", "exp"], "verify_exp": False, "verify_iat": False},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            return self._no_token("invalid_grant", f"Invalid JWT: {error}")
        if self.key_revoked or claims["iss"] != SERVICE_ACCOUNT:
            return self._no_token("invalid_grant", "Invalid JWT Signature.")
        issued = datetime.fromtimestamp(claims["iat"], UTC)
        if claims["exp"] - claims["iat"] > 3600 or abs(issued - self.now()) > timedelta(minutes=5):
            return self._no_token("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in "
                                                   "a reasonable timeframe.")  # fmt: skip
        scopes = frozenset(claims["scope"].split())
        subject = claims.get("sub", "")
        if subject in self.outside or (subject and not scopes <= self.delegated):
            return self._no_token("unauthorized_client", "Client is unauthorized to retrieve access tokens using this "
                                                         "method, or client not authorized for any of the scopes "
                                                         "requested.")  # fmt: skip
        if subject and subject not in self.people:
            return self._no_token("invalid_grant", "Invalid email or User ID")
        self._count += 1
        token = f"ya29.{self._count}"
        self._tokens[token] = (subject, scopes, self.now() + timedelta(hours=1))
        self.tokens_given.append(subject)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def _no_token(self, error: str, description: str) -> Json:
        refused = Refused(400, "", description)
        refused.body = {"error": error, "error_description": description}
        raise refused

    # -- the calendar

    def answer(self, call: Call, authorization: str) -> Json:
        token = authorization.removeprefix("Bearer ")
        subject, scopes, ends_at = self._tokens.get(token, ("", frozenset[str](), self.now()))
        if ends_at <= self.now():
            raise Refused(401, "authError", "Invalid Credentials")
        call.mailbox = subject
        if not self.people[subject].uses_calendar:
            raise Refused(403, "notACalendarUser", "The user must be signed up for Google Calendar.")
        if call.path == "freeBusy":
            needed = f"{SCOPE}calendar.freebusy"
            work: Callable[[], Json] = lambda: self.free_busy(call)  # noqa: E731
        else:
            needed = f"{SCOPE}calendar.events.owned"
            work = lambda: self.events(call)  # noqa: E731
        if needed not in scopes:
            raise Refused(403, "insufficientPermissions", "Insufficient Permission")
        return self.faults.popleft()(work) if self.faults else work()

    def free_busy(self, call: Call) -> Json:
        body = call.body
        self.check(call.method == "POST", "freeBusy is a POST")
        self.check(set(body) <= {"timeMin", "timeMax", "timeZone", "calendarExpansionMax", "items"}, f"body: {body}")
        self.check(body.get("calendarExpansionMax", 50) <= 50, "at most 50 calendars")
        starts, ends = self.instant(body["timeMin"]), self.instant(body["timeMax"])
        self.check(starts < ends, "timeRangeEmpty")
        calendars: Json = {}
        for item in body["items"]:
            theirs = self.people.get(item["id"])
            if len(body["items"]) > body.get("calendarExpansionMax", 50):
                calendars[item["id"]] = {"errors": [{"domain": "global", "reason": "tooManyCalendarsRequested"}]}
            elif theirs is None or not (theirs.shares or item["id"] == call.mailbox):
                calendars[item["id"]] = {"errors": [{"domain": "global", "reason": "notFound"}], "busy": []}
            else:
                calendars[item["id"]] = {"busy": [{"start": begins, "end": until} for begins, until in theirs.busy]}
        return {"kind": "calendar#freeBusy", "calendars": calendars}

    def events(self, call: Call) -> Json:
        found = re.fullmatch(r"calendars/primary/events(?:/(?P<id>[^/]+))?", call.path)
        self.check(found is not None, f"no such method: {call.path}")
        assert found is not None
        unknown = set(call.query) - QUERY[call.method]
        self.check(not unknown, f"{call.method} does not take {unknown}")
        match call.method, found["id"]:
            case "GET", None:
                answer = self.listed(call)
            case "GET", event_id:
                answer = self.shown(call.mailbox, event_id)
            case "POST", None:
                answer = self.inserted(call)
            case "PATCH", event_id:
                answer = self.patched(call, event_id)
            case _, event_id:
                return self.deleted(call, event_id)
        return only(answer, call.query["fields"]) if "fields" in call.query else answer

    def shown(self, mailbox: str, event_id: str) -> Json:
        event = self.people[mailbox].events.get(event_id)
        if event is None:
            raise Refused(404, "notFound", "Not Found")
        shown = dict(event)
        if event.get("conferenceData", {}).get("createRequest", {}).get("status", {}).get("statusCode") == "pending":
            self._with_meet(event)
        return shown

    def inserted(self, call: Call) -> Json:
        event_id, mailbox = call.body.get("id", ""), self.people[call.mailbox]
        self.check(re.fullmatch(r"[a-v0-9]{5,1024}", event_id) is not None, f"not an identifier: {event_id}")
        self.check_event(call.body, call.query)
        if event_id in mailbox.events:
            raise Refused(409, "duplicate", "The requested identifier already exists.")
        event = {**call.body, "status": "confirmed", "summary_of_others": "never asked for"}
        if call.query.get("conferenceDataVersion") == "1" and "conferenceData" in event:
            request = event["conferenceData"]["createRequest"]
            self.check(set(request) == {"requestId", "conferenceSolutionKey"}, "createRequest")
            self.check(request["conferenceSolutionKey"] == {"type": "hangoutsMeet"}, "conferenceSolutionKey")
            if self.meet == "none":
                raise Refused(400, "invalid", "Invalid conference type value.")
            event["conferenceData"] = {"createRequest": {**request, "status": {"statusCode": "pending"}}}
            if self.meet == "at once":
                self._with_meet(event)
        self._store(call.mailbox, event_id, event)
        self._tell(call, "invited", event)
        return event

    def patched(self, call: Call, event_id: str) -> Json:
        event = self.people[call.mailbox].events.get(event_id)
        if event is None:
            raise Refused(404, "notFound", "Not Found")
        if event["status"] == "cancelled":
            raise Refused(403, "forbidden", "Forbidden")
        for edge in ("start", "end"):  # a patch leaves what it does not name, inside of an object as well
            if edge in call.body:
                both = {**event[edge], **call.body[edge]}
                call.body[edge] = {name: value for name, value in both.items() if value is not None}
        event = {**event, **call.body}
        self.check_event(event, call.query)
        self._store(call.mailbox, event_id, event)
        self._tell(call, "changed", event)
        return event

    def deleted(self, call: Call, event_id: str) -> Json:
        event = self.people[call.mailbox].events.get(event_id)
        if event is None:
            raise Refused(404, "notFound", "Not Found")
        if event["status"] == "cancelled":
            raise Refused(410, "deleted", "Resource has been deleted")
        self._store(call.mailbox, event_id, {**event, "status": "cancelled"})
        self._tell(call, "cancelled", event)
        return {}

    def listed(self, call: Call) -> Json:
        mailbox, query = self.people[call.mailbox], dict(call.query)
        token, offset = query.pop("syncToken", ""), int(query.pop("pageToken", "0"))
        same = {name: value for name, value in query.items() if name not in ("timeMin", "timeMax")}
        since, wanted = 0, query
        if token:
            if set(query) & NOT_WITH_A_SYNC_TOKEN or query.get("showDeleted") == "false":
                self.check(False, "Sync token cannot be used with other request restrictions.")
            if token not in mailbox.marks:
                raise Refused(410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
            since, wanted = mailbox.marks[token]
            before = {name: value for name, value in wanted.items() if name not in ("timeMin", "timeMax")}
            self.check(same == before, f"asked differently than for the first time: {same} and {before}")
        events = [event for name, event in mailbox.events.items() if mailbox.versions[name] > since]
        if not token and query.get("showDeleted") != "true":
            events = [event for event in events if event["status"] != "cancelled"]
        if token:  # what was moved out of the range counts as gone from it
            events = [e if self._within(e, wanted) else {"id": e["id"], "status": "cancelled"} for e in events]
        events = [event for event in events if self._within(event, wanted)]
        some, rest = events[offset : offset + self.page], events[offset + self.page :]
        items = [
            {"id": event["id"], "status": "cancelled"} if event["status"] == "cancelled" and token else event
            for event in some
        ]
        if rest:
            return {"items": items, "nextPageToken": str(offset + self.page)}
        self._count += 1
        mark = f"mark-{self._count}"
        mailbox.marks[mark] = (max(mailbox.versions.values(), default=0), wanted)
        return {"items": items, "nextSyncToken": mark}

    def check_event(self, body: Json, query: dict[str, str]) -> None:
        self.check(query.get("sendUpdates") in ("all", "externalOnly", "none"), "sendUpdates")
        self.check(set(body) - {"status", "hangoutLink", "summary_of_others"} <= BODY, f"body: {sorted(body)}")
        for edge in ("start", "end"):
            self.check("date" not in body[edge], f"{edge} is a day and an instant at once")
            self.instant(body[edge]["dateTime"])
            ZoneInfo(body[edge]["timeZone"])
        self.check(self.instant(body["start"]["dateTime"]) < self.instant(body["end"]["dateTime"]), "timeRangeEmpty")
        for attendee in body["attendees"]:
            self.check("@" in attendee["email"], f"attendee: {attendee}")
            self.check(attendee.get("responseStatus", "needsAction") in ("needsAction", "accepted"), "responseStatus")

    def check(self, right: bool, otherwise: str) -> None:
        if not right:
            self.wrong.append(otherwise)
            raise Refused(400, "invalid", otherwise)

    def instant(self, written: str) -> datetime:
        """RFC 3339, with its offset."""
        self.check(
            re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", written) is not None, written
        )
        return datetime.fromisoformat(written)

    def _within(self, event: Json, query: Json) -> bool:
        starts = datetime.fromisoformat(event["start"]["dateTime"]) if "dateTime" in event.get("start", {}) else None
        if starts is None or "timeMin" not in query:
            return True
        return self.instant(query["timeMin"]) <= starts < self.instant(query["timeMax"])

    def _with_meet(self, event: Json) -> None:
        event["hangoutLink"] = f"https://meet.google.com/{event['id'][-8:]}"
        event["conferenceData"]["createRequest"]["status"] = {"statusCode": "success"}

    def _store(self, mailbox: str, event_id: str, event: Json) -> None:
        self._count += 1
        self.people[mailbox].events[event_id] = event
        self.people[mailbox].versions[event_id] = self._count

    def _tell(self, call: Call, what: str, event: Json) -> None:
        if call.query.get("sendUpdates") == "all":
            others = [one["email"] for one in event["attendees"] if one["email"] != call.mailbox]
            self.told.extend((what, email) for email in others)

    # -- the server

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="google", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(server: GoogleServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            address = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = None
            try:
                if address.path == "/token":
                    status, body, headers = 200, server.token({k: v[0] for k, v in parse_qs(raw.decode()).items()}), {}
                else:
                    path = address.path.removeprefix("/calendar/v3/")
                    query = {name: values[0] for name, values in parse_qs(address.query).items()}
                    call = Call(self.command, path, "", query, json.loads(raw) if raw else {})
                    server.calls.append(call)
                    body = server.answer(call, self.headers.get("Authorization", ""))
                    status, headers = 200 if body else 204, {}
            except Refused as refused:
                status, body, headers = refused.status, refused.body, refused.headers
            except Dropped:
                self.close_connection = True
                return
            if call is not None:
                call.status = status
            written = json.dumps(body).encode() if body else b""
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(written)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        do_GET = do_POST = do_PATCH = do_DELETE = do

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: `calls` keeps what came."""

    return Handler


def only(answer: Json, fields: str) -> Json:
    """A partial answer: `a,b(c,d),e/f`. Source: https://developers.google.com/workspace/calendar/api/guides/performance"""
    wanted: Json = {}
    for name, inner, below in re.findall(r"(\w+)(?:\(([^()]*(?:\([^()]*\)[^()]*)*)\)|/([\w/]+))?", fields):
        if name not in answer:
            continue
        value, narrower = answer[name], inner or below
        if narrower and isinstance(value, list):
            wanted[name] = [only(one, narrower) for one in value]
        else:
            wanted[name] = only(value, narrower) if narrower else value
    return wanted
