"""Microsoft Graph on the wire: a token of the application's own, one request at a time, and what its answers mean."""

# msal has no types of its own.
# pyright: reportUnknownMemberType=false

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from json import JSONDecodeError
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

import httpx
from msal import ConfidentialClientApplication
from msal.exceptions import MsalError

from scheduling.calendars.contract import CalendarDown, CalendarRefused

Json = dict[str, Any]

AUTHORITY = "https://login.microsoftonline.com"
API_URL = "https://graph.microsoft.com/v1.0"
TIMEOUT = 8.0  # seconds
LAST_MINUTE = 60.0  # seconds before a token's end in which it may be over before it arrives
AT_ONCE = 4  # requests; Exchange takes four at a time for one application and one mailbox
NO_SUCH_MAILBOX = frozenset(
    {
        "ErrorInvalidUser",
        "ErrorNonExistentMailbox",
        "ErrorMailRecipientNotFound",
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotSupportedForRESTAPI",
        "Request_ResourceNotFound",
        "ResourceNotFound",
    }
)
PASSING = frozenset({408, 409, 412, 423, 429, 509})  # a conflict, a lock or too much asked: worth asking again
WHILE_ENTRA_IS_BUSY = frozenset({"temporarily_unavailable", "server_error"})


class GraphRefused(CalendarRefused):
    """A refusal with what Graph (or Entra) called it: `code` is its error code, `status` the HTTP status (0: none)."""

    def __init__(self, reason: str, code: str = "", status: int = 0) -> None:
        super().__init__(reason)
        self.code = code
        self.status = status


class Tokens:
    """Access tokens for the application itself (client credentials), kept in memory only.

    msal hands a token out again until five minutes before its end and asks for the next one as early as Entra advises
    (`refresh_in`). While Entra is down, the token in hand serves on to its last minute.
    """

    def __init__(
        self,
        tenant_id: str,
        client_id: str,
        client_secret: str,
        *,
        authority: str,
        scope: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._authority = f"{authority.rstrip('/')}/{tenant_id}"
        self._client_id, self._client_secret, self._scope = client_id, client_secret, scope
        self._now = now
        self._application: ConfidentialClientApplication | None = None
        self._in_hand, self._good_until = "", 0.0
        self._one_at_a_time = asyncio.Lock()

    async def token(self) -> str:
        """A token that is good. Raises `CalendarDown`, or `GraphRefused`: token_refused."""
        async with self._one_at_a_time:
            try:
                answer = await asyncio.to_thread(self._ask)
            except CalendarDown:
                if self._good_until > self._now():
                    return self._in_hand
                raise
            if "access_token" in answer:
                self._in_hand = str(answer["access_token"])
                self._good_until = self._now() + float(answer.get("expires_in", 0)) - LAST_MINUTE
                return self._in_hand
        raise GraphRefused("token_refused", _entra_code(answer))

    async def forget(self) -> None:
        """Do not hand out again what Graph has refused."""
        async with self._one_at_a_time:
            self._in_hand, self._good_until = "", 0.0
            if self._application is not None:
                await asyncio.to_thread(self._application.remove_tokens_for_client)

    def _ask(self) -> Json:
        """What Entra says: a token, or why there is none."""
        try:
            if self._application is None:
                self._application = self._found()
            answer = cast(Json, self._application.acquire_token_for_client([self._scope]) or {})
        except (OSError, MsalError, RuntimeError, ValueError) as error:  # no answer, or none that can be read
            raise CalendarDown("no_token") from error
        if answer.get("error") in WHILE_ENTRA_IS_BUSY:
            raise CalendarDown("no_token")
        return answer

    def _found(self) -> ConfidentialClientApplication:
        try:
            return ConfidentialClientApplication(
                self._client_id,
                client_credential=self._client_secret,
                authority=self._authority,
                instance_discovery=False,  # the authority is the operator's own setting: no need to ask who runs it
                timeout=TIMEOUT,
            )
        except ValueError as error:
            if isinstance(error.__context__, JSONDecodeError):  # somebody else answered in Entra's place
                raise
            raise GraphRefused("token_refused", "no_such_tenant") from error


class Graph:
    """Requests to Graph. Each raises `CalendarDown` when nothing is known of it, `GraphRefused` when Graph said no."""

    def __init__(
        self, tokens: Tokens, *, api_url: str, timeout: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.api_url = api_url.rstrip("/")
        self.tokens = tokens
        self._now = now
        self._resting: dict[str, float] = {}  # until when a mailbox is left in peace, because Graph asked for it
        self._places = asyncio.Semaphore(AT_ONCE)
        self._http = httpx.AsyncClient(timeout=timeout)
        for wordy in ("httpx", "httpcore"):  # they log addresses, and a mailbox is part of them
            logging.getLogger(wordy).setLevel(logging.WARNING)

    async def ask(
        self,
        method: str,
        mailbox: str,
        path: str,
        *,
        body: Json | None = None,
        params: Mapping[str, str] | None = None,
        prefer: Sequence[str] = (),
    ) -> Json:
        """One request about a mailbox; `path` follows `/users/{mailbox}`. The answer's JSON, empty for 202 and 204."""
        query = "?" + urlencode(params, quote_via=quote, safe="$,:'()/") if params else ""
        url = f"{self.api_url}/users/{quote(mailbox, safe='@')}/{path}{query}"
        return await self._ask(method, mailbox, url, body, prefer)

    async def follow(self, mailbox: str, link: str, *, prefer: Sequence[str] = ()) -> Json:
        """Follow a link that Graph handed out; one that leads elsewhere is refused, for the token's sake."""
        if not self.leads_to_graph(link):
            raise GraphRefused("refused", "link")
        return await self._ask("GET", mailbox, link, None, prefer)

    def leads_to_graph(self, link: str) -> bool:
        ours, theirs = urlsplit(self.api_url), urlsplit(link)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc)

    async def close(self) -> None:
        await self._http.aclose()

    async def _ask(self, method: str, mailbox: str, url: str, body: Json | None, prefer: Sequence[str]) -> Json:
        try:
            return await self._ask_once(method, mailbox, url, body, prefer)
        except GraphRefused as refused:
            if refused.status != 401:
                raise
        # A token can be withdrawn before its end; a fresh one shows whether the application was, too.
        await self.tokens.forget()
        return await self._ask_once(method, mailbox, url, body, prefer)

    async def _ask_once(self, method: str, mailbox: str, url: str, body: Json | None, prefer: Sequence[str]) -> Json:
        self._check_resting(mailbox)
        headers = {
            "Authorization": f"Bearer {await self.tokens.token()}",
            "Content-Type": "application/json",
            **({"Prefer": ", ".join(prefer)} if prefer else {}),
        }
        try:
            async with self._places:
                answer = await self._http.request(method, url, json=body, headers=headers)
        except httpx.TransportError as error:
            raise CalendarDown("no_answer") from error
        if answer.is_success:
            return _json(answer) if answer.content else {}
        raise self._failure(mailbox, answer)

    def _check_resting(self, mailbox: str) -> None:
        left = self._resting.get(mailbox, 0.0) - self._now()
        if left > 0:
            raise CalendarDown("asked_to_wait", left)
        self._resting.pop(mailbox, None)

    def _failure(self, mailbox: str, answer: httpx.Response) -> CalendarDown | GraphRefused:
        status, code = answer.status_code, _code(answer)
        if status == 409 and code == "ErrorDuplicateTransactionId":
            return GraphRefused("refused", code, status)
        if status in PASSING or status >= 500:
            seconds = _retry_after(answer)
            if seconds is not None:
                self._resting[mailbox] = self._now() + seconds
            return CalendarDown("asked_to_wait" if status == 429 else f"answered_{status}", seconds)
        return GraphRefused(_reason(status, code), code, status)


def origin(url: str) -> str:
    """Scheme and host of an address: what a token for it is asked for (its resource)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _reason(status: int, code: str) -> str:
    if status == 401:
        return "token_refused"
    if status == 403:
        return "not_permitted"
    return "no_such_mailbox" if code in NO_SUCH_MAILBOX else "refused"


def _json(answer: httpx.Response) -> Json:
    try:
        found: Any = answer.json()
    except ValueError as error:
        raise CalendarDown("unreadable") from error
    if not isinstance(found, dict):
        raise CalendarDown("unreadable")
    return cast(Json, found)


def _code(answer: httpx.Response) -> str:
    """Graph's own name for what went wrong; its message is left alone, since it quotes mailboxes."""
    try:
        error: Any = _json(answer).get("error")
    except CalendarDown:
        return ""
    return str(cast(Json, error).get("code", "")) if isinstance(error, dict) else ""


def _retry_after(answer: httpx.Response) -> float | None:
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "")))
    except ValueError:
        return None


def _entra_code(answer: Json) -> str:
    """Entra's number for what went wrong ("7000222"), or OAuth's word for it."""
    numbers: Any = answer.get("error_codes")
    if isinstance(numbers, list) and numbers:
        return str(cast(list[Any], numbers)[0])
    return str(answer.get("error", ""))
