"""Posting to Teams: one attempt at a time, to an address that was checked, and an honest account of what became of it.

The messages go out through a client of our own rather than the SDK's: it neither retries nor leaves open what was
posted, the address is checked right before the credentials go there, and ids are quoted where they stand in a path.
It is aiohttp, as on Slack's side, because httpx, which the SDK uses, takes several times as long over a request.
"""

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, cast
from urllib.parse import quote
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from bot.chat import Account, Message, Place
from bot.clock import Clock, utc_now
from bot.platforms import Address, CannotTell, NotAccepted, Sent
from bot.reception import Known
from bot.teams.guard import ServiceUrls
from bot.teams.heard import address
from bot.teams.render import cards
from bot.teams.render.limits import TooLarge

Json = dict[str, Any]
Token = Callable[[], Awaitable[str]]

DEFAULT_SERVICE_URL = "https://smba.trafficmanager.net/teams"  # for a chat that nobody has written in yet
REMEMBERED = 10_000
BLOCKED = frozenset({"ConversationBlockedByUser", "MessageWritesBlocked", "BotDisabledByUser"})
# Before the first byte of a request: no connection, none free in time, no proxy, no such address.
NOT_SENT = (
    aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError, aiohttp.InvalidURL,
)  # fmt: skip


class Uncertain(Exception):
    """Teams failed after the message had gone out: it may or may not be there."""


# Every way in which a question to Teams can go wrong that is nobody's mistake.
UNANSWERED = (Uncertain, aiohttp.ClientError, TimeoutError, OSError)


def new_session() -> aiohttp.ClientSession:
    """The one client, and so the one set of connections, for everything that is said to Teams."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=10, connect=5),
        connector=aiohttp.TCPConnector(limit=50),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class TeamsPlatform:
    """Teams, for whoever owes somebody a message. The edge connects it; until then nothing is accepted."""

    name = "teams"

    def __init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}
        self._token: Token | None = None
        self._tenant_id = ""
        self._bot = ""
        self._service_urls = ServiceUrls()
        self._clock: Clock = utc_now
        self._chats: OrderedDict[str, tuple[str, Place | None]] = OrderedDict()

    def connect(
        self,
        http: aiohttp.ClientSession,
        token: Token | None,
        *,
        client_id: str,
        tenant_id: str,
        service_urls: ServiceUrls,
        clock: Clock,
    ) -> None:
        """Say how to reach Teams. Without a `token` nothing is signed: the local chat windows ask for none."""
        self._http, self._token, self._clock = http, token, clock
        self._bot, self._tenant_id, self._service_urls = f"28:{client_id}", tenant_id, service_urls

    def met(self, account: Account, member: str, place: Place) -> None:
        """Note how a person is called in conversations and, when this is it, which chat is theirs with the bot."""
        _, chat = self._chats.pop(account.user, ("", None))
        self._chats[account.user] = member, replace(place, thread="", message="") if place.direct else chat
        while len(self._chats) > REMEMBERED:
            self._chats.popitem(last=False)

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        """Post `message`. Teams has no place for `key`. A private answer goes into the person's own chat."""
        place = to.place
        if place is None or (to.private and not place.direct):
            place = await self._chat(to.account, place)
        return await self.post(place, self._shown(message, place))

    async def post(self, place: Place, activity: Json) -> Sent:
        """Post an activity that is made already."""
        posted = await self._ask("POST", place, f"/conversations/{_quoted(address(place))}/activities", activity)
        return Sent(replace(place, message=""), _text(posted, "id"))

    async def update(self, sent: Sent, message: Message) -> None:
        """Change a posted message for everybody who sees it."""
        await self.put(sent, self._shown(message, sent.place))

    def drawn(self, message: Message, place: Place) -> Json:
        """The activity that shows `message` there. Raises `TooLarge`.

        The local chat windows know no dialogs: there a button that opens a form is an ordinary tap, wherever it stands.
        """
        return cards.activity(message, direct=place.direct or self._token is None)

    async def put(self, sent: Sent, activity: Json) -> None:
        """Change a posted message to an activity that is made already."""
        path = f"/conversations/{_quoted(address(sent.place))}/activities/{_quoted(sent.message)}"
        await self._ask("PUT", sent.place, path, {**activity, "id": sent.message})

    async def find(self, to: Address, key: str) -> Sent | None:
        """Teams offers no way to ask for a message by what was sent with it."""
        raise CannotTell

    async def who(self, place: Place, member: str) -> Known:
        """What the organisation's directory says of a member of a conversation; nothing of people from elsewhere."""
        try:
            found = await self._ask(
                "GET", place, f"/conversations/{_quoted(place.conversation)}/members/{_quoted(member)}"
            )
        except (NotAccepted, *UNANSWERED):
            return Known("", "")
        if found.get("tenantId") not in (None, "", self._tenant_id):
            return Known("", "")  # another organisation vouches for that address, not ours
        # A guest's principal name is made up of their address; only the address itself counts.
        principal = _text(found, "userPrincipalName")
        email = _text(found, "email") or ("" if "#EXT#" in principal.upper() else principal)
        return Known(email.strip().lower(), _text(found, "name"))

    def _shown(self, message: Message, place: Place) -> Json:
        try:
            return self.drawn(message, place)
        except TooLarge as error:
            raise NotAccepted("too_large", final=True) from error

    async def _chat(self, account: Account | None, near: Place | None) -> Place:
        """This person's chat with the bot, opened if need be. Nothing is posted yet, so no failure is uncertain."""
        if account is None:
            raise NotAccepted("no_such_place", final=True)
        if account.tenant != self._tenant_id:
            raise NotAccepted("wrong_tenant", final=True)
        member, chat = self._chats.get(account.user, ("", None))
        if chat is not None:
            return chat
        url = near.service_url if near is not None and near.service_url else DEFAULT_SERVICE_URL
        place = Place("teams", account.tenant, "", direct=True, service_url=url)
        wanted = {
            "bot": {"id": self._bot},
            "isGroup": False,
            "members": [{"id": member or account.user}],
            "tenantId": self._tenant_id,
            "channelData": {"tenant": {"id": self._tenant_id}},
        }
        try:
            made = await self._ask("POST", place, "/conversations", wanted)
        except UNANSWERED as error:
            raise NotAccepted("unavailable") from error
        if not _text(made, "id"):
            raise NotAccepted("unavailable")
        place = replace(place, conversation=_text(made, "id"))
        self.met(account, member or account.user, place)
        return place

    async def _ask(self, method: str, place: Place, path: str, body: Json | None = None) -> Json:
        """One attempt. `NotAccepted` when Teams certainly did not take it; anything else is uncertain."""
        if self._http is None:
            raise NotAccepted("unavailable")
        if place.tenant != self._tenant_id:
            raise NotAccepted("wrong_tenant", final=True)
        if not self._service_urls.allow(place.service_url):
            raise NotAccepted("refused", final=True)
        headers = {"Authorization": f"Bearer {await self._authorised()}"} if self._token else {}
        url = URL(f"{place.service_url.rstrip('/')}/v3{path}", encoded=True)
        try:
            async with self._http.request(
                method, url, json=body, headers=headers, allow_redirects=False, proxy=self._proxy(url)
            ) as response:
                answer = _json(await response.read())
        except NOT_SENT as error:
            raise NotAccepted("unreachable") from error
        if response.ok and response.status < 300:
            return answer
        raise self._refusal(response.status, response.headers, answer)

    def _proxy(self, url: URL) -> str | None:
        """The proxy of the environment for this address, looked up once for each host."""
        host = url.host or ""
        if host not in self._proxies:
            self._proxies[host] = None if proxy_bypass(host) else getproxies().get(url.scheme)
        return self._proxies[host]

    async def _authorised(self) -> str:
        assert self._token is not None
        try:
            return await self._token()
        except ValueError as error:
            # msal's word for it: the secret has expired or been withdrawn, or the app is gone
            revoked = any(word in str(error) for word in ("invalid_client", "unauthorized_client", "invalid_grant"))
            raise NotAccepted("token_revoked" if revoked else "unavailable") from None
        except Exception as error:
            raise NotAccepted("unreachable") from error

    def _refusal(self, status: int, headers: Mapping[str, str], answer: Json) -> Exception:
        code = _text(cast(Json, answer.get("error") or {}), "code")
        match status:
            case 401:
                return NotAccepted("token_revoked")
            case 403:
                return NotAccepted("blocked" if code in BLOCKED else "not_installed", final=True)
            case 404:
                gone = "not_installed" if code == "BotNotInConversationRoster" else "no_such_place"
                return NotAccepted(gone, final=True)
            case 412:  # "precondition failed": Microsoft asks to try again
                return NotAccepted("unavailable")
            case 413:
                return NotAccepted("too_large", final=True)
            case 429:
                return NotAccepted("rate_limited", retry_after=self._retry_after(headers))
            case _ if 400 <= status < 500 and status != 408:
                return NotAccepted("refused", final=True)
            case _:
                return Uncertain(f"status {status}")

    def _retry_after(self, headers: Mapping[str, str]) -> float | None:
        said = headers.get("retry-after", "").strip()
        if said.isdecimal():
            return float(said[:9])
        try:
            until = parsedate_to_datetime(said)
        except ValueError:
            return None
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max((until - self._clock()).total_seconds(), 0.0)


def _json(body: bytes) -> Json:
    try:
        found: object = json.loads(body)
    except ValueError:
        return {}
    return cast(Json, found) if isinstance(found, dict) else {}


def _text(found: object, name: str) -> str:
    value = cast(Mapping[str, object], found).get(name) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""


def _quoted(part: str) -> str:
    return quote(part, safe="")
