"""The Google Calendar API on the wire: a token for each mailbox, one request at a time, and what its answers mean.

The service account signs its own assertions (RFC 7523) with PyJWT, which is here already, and httpx carries them like
everything else: google-auth would bring a second way to reach the network, and its own retries.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import RSAAlgorithm

from bot.clock import Clock
from scheduling.calendars.contract import CalendarDown, CalendarRefused

Json = dict[str, Any]

API_URL = "https://www.googleapis.com/calendar/v3"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
TIMEOUT = 6.0  # seconds for each step of a request
LIFETIME = timedelta(hours=1)  # the longest that Google allows
RENEWED_BEFORE = timedelta(minutes=5)
# The two narrowest scopes that do: events of calendars that the person owns, and when somebody is busy.
SCOPES = (
    "https://www.googleapis.com/auth/calendar.events.owned",
    "https://www.googleapis.com/auth/calendar.freebusy",
)
# 403 means no, but for these, which mean not now: https://developers.google.com/workspace/calendar/api/guides/errors
NOT_NOW = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"})
NOT_DELEGATED = frozenset({"unauthorized_client", "access_denied", "admin_policy_enforced", "org_internal"})


@dataclass(frozen=True)
class ServiceKey:
    """A service account's key, as Google Cloud hands it out. `token_uri` is where its assertions are exchanged."""

    email: str
    key_id: str
    token_uri: str
    private_key: str = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> "ServiceKey":
        """The key in this file. Raises OSError, KeyError or ValueError for one that is no key."""
        found: Json = json.loads(path.read_text())
        address = urlsplit(str(found["token_uri"]))
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ValueError("token_uri: only https, except on this machine itself")
        key_id = found.get("private_key_id", "")
        return cls(found["client_email"], key_id, found["token_uri"], found["private_key"])


@dataclass(frozen=True)
class Answer:
    """What Google said: the HTTP status, and the JSON that came with it."""

    status: int
    body: Json = field(default_factory=dict[str, Any])

    @property
    def reason(self) -> str:
        """Google's own short name for an error, such as `rateLimitExceeded`; "" when it gave none."""
        error = _object(self.body.get("error"))
        errors = error.get("errors")
        first = cast(list[object], errors)[:1] if isinstance(errors, list) else []
        return "".join(str(_object(one).get("reason", "")) for one in first)


class Tokens:
    """Access tokens, kept in memory only: one for each mailbox in which the service account acts."""

    def __init__(self, key: ServiceKey, http: httpx.AsyncClient, clock: Clock) -> None:
        self._key, self._http, self._clock = key, http, clock
        self._held: dict[str, tuple[str, datetime]] = {}

    async def of(self, mailbox: str) -> str:
        """A token to act as the owner of `mailbox` ("": as the service account itself), good for five minutes at least.

        Raises `CalendarDown`, or `CalendarRefused`: not_permitted, no_such_mailbox, token_refused.
        """
        now = self._clock()
        token, ends_at = self._held.get(mailbox, ("", now))
        if ends_at - RENEWED_BEFORE > now:
            return token
        token, ends_at = await self._fetched(mailbox, now)
        self._held[mailbox] = (token, ends_at)
        return token

    def forget(self, mailbox: str) -> None:
        """Do not hand out again what Google has refused."""
        self._held.pop(mailbox, None)

    async def _fetched(self, mailbox: str, now: datetime) -> tuple[str, datetime]:
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": self._assertion(mailbox, now)}
        try:
            response = await self._http.post(self._key.token_uri, data=form)
        except httpx.RequestError as error:
            raise CalendarDown("no_answer") from error
        answer = _read(response)
        if response.status_code == 429 or response.status_code >= 500:
            raise CalendarDown("no_token", _seconds(response.headers))
        if response.status_code != 200:
            raise CalendarRefused(_why_no_token(answer.body))
        try:
            return str(answer.body["access_token"]), now + timedelta(seconds=float(answer.body["expires_in"]))
        except (KeyError, TypeError, ValueError) as error:
            raise CalendarDown("unreadable") from error

    def _assertion(self, mailbox: str, now: datetime) -> str:
        claims = {
            "iss": self._key.email,
            "scope": " ".join(SCOPES),
            "aud": self._key.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        if mailbox:
            claims["sub"] = mailbox
        try:
            key = _opened(self._key.private_key)
            return jwt.encode(claims, key, algorithm="RS256", headers={"kid": self._key.key_id})
        except (jwt.PyJWTError, ValueError, TypeError) as error:  # what stands in the file is no private key
            raise CalendarRefused("token_refused") from error


class GoogleApi:
    """Requests to the Calendar API, each as the owner of a mailbox. Every one may raise `CalendarDown`."""

    def __init__(self, key: ServiceKey, *, api_url: str, clock: Clock) -> None:
        self._http = httpx.AsyncClient(timeout=TIMEOUT)
        self._url = api_url.rstrip("/")
        self.tokens = Tokens(key, self._http, clock)

    async def ask(
        self,
        mailbox: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Json | None = None,
        expects: Collection[int] = (),
    ) -> Answer:
        """What Google answered. An error raises `CalendarRefused`, unless its status is one that `expects` names."""
        answer = await self._sent(mailbox, method, path, query, body)
        if answer.status == 401:  # it was taken back before its time: ask for another, once
            self.tokens.forget(mailbox)
            answer = await self._sent(mailbox, method, path, query, body)
        if answer.status < 300 or answer.status in expects:
            return answer
        raise CalendarRefused(_why_refused(answer))

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _sent(
        self, mailbox: str, method: str, path: str, query: Mapping[str, str] | None, body: Json | None
    ) -> Answer:
        headers = {"Authorization": f"Bearer {await self.tokens.of(mailbox)}"}
        try:
            response = await self._http.request(
                method, f"{self._url}/{path}", params=dict(query or {}), json=body, headers=headers
            )
        except httpx.RequestError as error:
            raise CalendarDown("no_answer") from error
        answer = _read(response)
        if answer.status == 429 or answer.status >= 500 or (answer.status == 403 and answer.reason in NOT_NOW):
            raise CalendarDown("busy", _seconds(response.headers))
        return answer


@lru_cache(maxsize=1)
def _opened(pem: str) -> RSAPrivateKey:
    """The private key, checked: that takes longer than everything else about a token, so it is done once."""
    return cast(RSAPrivateKey, RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem))


def _read(response: httpx.Response) -> Answer:
    """The answer, with its JSON where it is a JSON object. A success that cannot be read tells nothing."""
    try:
        body: Any = response.json() if response.content else {}
    except ValueError:
        body = None
    if not isinstance(body, dict) and response.status_code < 400:
        raise CalendarDown("unreadable")
    return Answer(response.status_code, _object(cast(object, body)))


def _why_no_token(body: Json) -> str:
    if "invalid email" in str(body.get("error_description", "")).lower():
        return "no_such_mailbox"
    return "not_permitted" if body.get("error") in NOT_DELEGATED else "token_refused"


def _why_refused(answer: Answer) -> str:
    match answer.status, answer.reason:
        case 401, _:
            return "token_refused"
        case (403, "notACalendarUser") | (404, _):
            return "no_such_mailbox"
        case 403, _:
            return "not_permitted"
        case _:
            return "refused"


def _seconds(headers: httpx.Headers) -> float | None:
    asked = headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else None


def _object(value: object) -> Json:
    return cast(Json, value) if isinstance(value, dict) else {}
