"""Slack as the rest of the program sees it: send, update, find; and who somebody is, from the workspace's directory."""

import json
import logging
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.as_json import as_json
from bot.chat import Account, Message, Place, text
from bot.errors import Unavailable
from bot.platforms import Address, CannotTell, NotAccepted, Sent
from bot.policy import LOOPBACK
from bot.reception import Known
from bot.slack.render import messages
from bot.slack.render.limits import TooLarge

log = structlog.get_logger("learnbot.slack")

API_URL: Final = "https://slack.com/api/"
METADATA: Final = "learnbot"
UPLOAD_SECONDS = 45
PAGE, PAGES = 200, 10  # messages looked through to find one of ours
REMEMBERED = 5_000

# What Slack answers when it has certainly not taken a message: the reason, and whether it ever will.
REFUSALS: Final[Mapping[str, tuple[str, bool]]] = {
    "ratelimited": ("rate_limited", False),
    "rate_limited": ("rate_limited", False),
    "message_limit_exceeded": ("rate_limited", False),
    "invalid_auth": ("token_revoked", False),
    "not_authed": ("token_revoked", False),
    "account_inactive": ("token_revoked", False),
    "token_revoked": ("token_revoked", False),
    "token_expired": ("token_revoked", False),
    "channel_not_found": ("no_such_place", True),
    "thread_not_found": ("no_such_place", True),
    "cannot_reply_to_message": ("no_such_place", True),
    "message_not_found": ("no_such_place", True),
    "cant_update_message": ("no_such_place", True),
    "edit_window_closed": ("no_such_place", True),
    "not_in_channel": ("not_installed", True),
    "user_not_in_channel": ("no_such_place", True),
    "is_archived": ("archived", True),
    "user_disabled": ("deactivated", True),
    "user_not_found": ("deactivated", True),
    "users_not_found": ("deactivated", True),
    "cannot_dm_bot": ("blocked", True),
    "user_not_visible": ("blocked", True),
    "messages_tab_disabled": ("blocked", True),
    "restricted_action": ("blocked", True),
    "restricted_action_thread_locked": ("blocked", True),
    "restricted_action_read_only_channel": ("blocked", True),
    "team_access_not_granted": ("wrong_tenant", True),
    "access_denied": ("wrong_tenant", True),
    "msg_too_long": ("too_large", True),
    "msg_blocks_too_long": ("too_large", True),
    "metadata_too_large": ("too_large", True),
    "team_added_to_org": ("unavailable", False),
}
# "some aspect of the operation may have succeeded": nobody can say whether the message is there
UNCERTAIN = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
NOT_DRAWN = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})

# The SDK and Bolt print whole payloads at DEBUG, and Bolt bodies in warnings; people's words are in both.
SDK_LOG = logging.getLogger("slack_sdk.learnbot")
SDK_LOG.setLevel(logging.ERROR)


def web_client(token: str | None, api_url: str = API_URL) -> AsyncWebClient:
    """A client that never repeats a request by itself: only `scheduling.delivery` knows when that is safe."""
    return AsyncWebClient(token, base_url=api_url, retry_handlers=[], logger=SDK_LOG)


class SaidNo(Exception):
    """Slack answered, and the answer was no: `code` is its own word for why ("" when it was no answer of the API)."""

    def __init__(self, code: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(code or f"HTTP {status}")
        self.code = code
        self.status = status
        self.retry_after = retry_after


class Web:
    """Slack's Web API: `post` changes something, `get` reads. Both raise `SaidNo`.

    The SDK's client knows the token, the address, the proxy of the environment and the session; the call is made here,
    where the client would take a quarter of its time to prepare it.
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        headers = cast(Mapping[str, str], client.headers)  # pyright: ignore[reportUnknownMemberType]
        self._headers = {**headers, "Authorization": f"Bearer {client.token}"}
        self._writes = {**self._headers, "Content-Type": "application/json;charset=utf-8"}

    async def post(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call `method` with a JSON body."""
        return await self._call("POST", method, headers=self._writes, data=as_json(arguments))

    async def get(self, method: str, arguments: Mapping[str, str | int]) -> dict[str, Any]:
        """Call `method` with a query: the reading methods take no JSON."""
        return await self._call("GET", method, headers=self._headers, params=arguments)

    async def form(self, method: str, arguments: Mapping[str, str | int]) -> dict[str, Any]:
        """Call `method` with a form: a few of the writing methods take no JSON either."""
        return await self._call("POST", method, headers=self._headers, data=arguments)

    async def upload(self, address: str, content: bytes) -> None:
        """Put a file where Slack said, which is nobody's address but Slack's own; the token stays here."""
        session = self.client.session
        assert session is not None, "the edge was not started"
        if not self._is_slacks(address):
            raise NotAccepted("refused", final=True)
        async with session.post(
            address, data=content, headers={"Content-Type": "application/octet-stream"}, proxy=self.client.proxy,
            allow_redirects=False, timeout=aiohttp.ClientTimeout(total=UPLOAD_SECONDS),
        ) as answer:  # fmt: skip
            if answer.status != 200:
                raise SaidNo("", answer.status)

    def _is_slacks(self, address: str) -> bool:
        asked, known = urlsplit(address), urlsplit(self.client.base_url)
        if asked.scheme == "https" and (asked.hostname or "").endswith(".slack.com"):
            return True
        return {asked.hostname, known.hostname} <= set(LOOPBACK)  # a test client on this machine

    async def _call(self, verb: str, method: str, **how: Any) -> dict[str, Any]:
        session = self.client.session
        assert session is not None, "the edge was not started"
        async with session.request(
            verb, self.client.base_url + method, proxy=self.client.proxy, allow_redirects=False, **how
        ) as answer:
            said = _json(await answer.read())
        if answer.status == 200 and said.get("ok") is True:
            return said
        asked = answer.headers.get("Retry-After", "")
        raise SaidNo(str(said.get("error") or ""), answer.status, float(asked) if asked.isdecimal() else None)


def new_session() -> aiohttp.ClientSession:
    """The one session of a process, to be kept: opening a connection for each call costs several times as much."""
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=9, sock_connect=4),
        cookie_jar=aiohttp.DummyCookieJar(),  # Slack gives some out, and the Web API asks for none
    )


# Every way in which a call can go wrong that is nobody's mistake.
UNANSWERED = (SaidNo, aiohttp.ClientError, TimeoutError, OSError)


class SlackPlatform:
    """Sends and changes messages in one workspace (or Enterprise organisation). `tenant` is its verified id."""

    name = "slack"

    def __init__(self, client: AsyncWebClient, tenant: str = "", *, enterprise: str = "") -> None:
        self.web = Web(client)
        self.tenant = tenant
        self.enterprise = enterprise
        self._direct: OrderedDict[str, str] = OrderedDict()
        self._names: OrderedDict[str, str] = OrderedDict()

    # --------------------------------------------------------------------------------------------------- Platform

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        """Post `message` with `key` in its metadata, or show it to one person alone where that is asked for."""
        if to.place is None or (to.private and not to.place.direct):
            assert to.account is not None, "a private message has a reader"
        if to.place is None:
            assert to.account is not None
            return await self._post(await self._chat_with(to.account.user), message, key)
        if to.private and not to.place.direct:
            assert to.account is not None
            return await self._whisper(to.place, to.account.user, message, key)
        try:
            return await self._post(to.place, message, key)
        except NotAccepted as refused:
            if refused.final and to.account is not None and not to.place.direct:
                await self._explain(to.account.user, refused)
            raise

    async def update(self, sent: Sent, message: Message) -> None:
        """Change a posted message in place."""
        where = {"channel": sent.place.conversation, "ts": sent.message, "parse": "none", "link_names": False}
        try:
            await self._drawn(message, "chat.update", where)
        except SaidNo as error:
            raise _told(error) from error

    async def find(self, to: Address, key: str) -> Sent | None:
        """The message with `key`; None when the history of its place has been read and it is not there."""
        if to.private and to.place is not None and not to.place.direct:
            raise CannotTell("Slack keeps no history of what only one person sees")
        if to.place is None:
            assert to.account is not None
            place = await self._chat_with(to.account.user)
        else:
            place = to.place
        return await self._look(place, key)

    async def give(self, to: Address, name: str, type_: str, content: bytes, key: str) -> None:
        """Put a file into a direct chat. Nobody sees it before the last of the three calls."""
        assert to.account is not None, "a file has a reader"
        where = (
            to.place.conversation if to.place is not None and to.place.direct else await self.direct(to.account.user)
        )
        try:
            begun = await self.web.form("files.getUploadURLExternal", {"filename": name, "length": len(content)})
            await self.web.upload(str(begun["upload_url"]), content)
            shared = {"files": [{"id": begun["file_id"], "title": name}], "channel_id": where}
            await self.web.post("files.completeUploadExternal", shared)
        except SaidNo as error:
            raise _told(error) from error

    # ------------------------------------------------------------------------------------------------ for the edge

    async def direct(self, user: str) -> str:
        """The id of the direct chat with `user`. Raises `NotAccepted`: nothing was sent yet."""
        if user not in self._direct:
            try:
                answer = await self.web.post("conversations.open", {"users": user})
            except SaidNo as error:
                refusal = _told(error)
                raise refusal if isinstance(refusal, NotAccepted) else NotAccepted("unavailable") from error
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise NotAccepted("unreachable") from error
            _remember(self._direct, user, str(_dict(answer.get("channel"))["id"]))
        return self._direct[user]

    async def known(self, account: Account) -> Known:
        """What the workspace's own directory says; no address for bots, leavers, and people of other workspaces."""
        try:
            user = await self._user(account.user)
        except SaidNo as error:
            if error.code in ("user_not_found", "user_not_visible", "users_not_found"):
                return Known("", "")
            raise Unavailable("Slack does not say who this is") from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable("Slack cannot be reached") from error
        profile = _dict(user.get("profile"))
        name = str(profile.get("real_name") or user.get("real_name") or user.get("name") or "")
        here = account.tenant == self.tenant and self.is_ours(user)
        ours = here and not (user.get("is_bot") or user.get("deleted") or user.get("is_stranger"))
        confirmed = user.get("is_email_confirmed") is not False
        return Known(str(profile.get("email") or "") if ours and confirmed else "", name)

    def is_ours(self, user: Mapping[str, Any]) -> bool:
        """Whether this record of the directory is of somebody in our own workspace or organisation."""
        enterprise = _dict(user.get("enterprise_user")).get("enterprise_id") or user.get("enterprise_id")
        return user.get("team_id") == self.tenant or bool(self.enterprise and enterprise == self.enterprise)

    async def names(self, users: set[str]) -> dict[str, str]:
        """The names of these users, as far as they can be found: for mentions in what somebody wrote."""
        for user in sorted(users - set(self._names))[:20]:
            try:
                found = await self._user(user)
            except UNANSWERED:
                continue
            profile = _dict(found.get("profile"))
            _remember(self._names, user, str(profile.get("real_name") or found.get("real_name") or found.get("name")))
        return {user: self._names[user] for user in users if user in self._names}

    # ------------------------------------------------------------------------------------------------------ inside

    async def _user(self, user: str) -> Mapping[str, Any]:
        return _dict((await self.web.get("users.info", {"user": user})).get("user"))

    async def _chat_with(self, user: str) -> Place:
        return Place("slack", self.tenant, await self.direct(user), direct=True)

    async def _post(self, place: Place, message: Message, key: str) -> Sent:
        more: dict[str, Any] = {
            "channel": place.conversation,
            "metadata": {"event_type": METADATA, "event_payload": {"key": key}},
            "unfurl_links": False,
            "unfurl_media": False,
            "mrkdwn": False,
            "parse": "none",
            "link_names": False,
            **({"thread_ts": place.thread} if place.thread else {}),
        }
        answer = await self._sending(message, "chat.postMessage", more)
        posted = Place(place.platform, place.tenant, str(answer.get("channel") or place.conversation), place.direct,
                       place.thread, "", place.service_url, place.title)  # fmt: skip
        return Sent(posted, str(answer["ts"]))

    async def _whisper(self, place: Place, user: str, message: Message, key: str) -> Sent:
        """Show it in a channel to one person; in their direct chat where the bot is no member of the channel."""
        more: dict[str, Any] = {
            "channel": place.conversation,
            "user": user,
            "parse": "none",
            "link_names": False,
            **({"thread_ts": place.thread} if place.thread else {}),
        }
        try:
            answer = await self._sending(message, "chat.postEphemeral", more)
        except NotAccepted as refused:
            if refused.reason not in ("no_such_place", "not_installed", "archived"):
                raise
            return await self._post(await self._chat_with(user), message, key)
        return Sent(place, str(answer.get("message_ts") or ""))

    async def _sending(self, message: Message, method: str, more: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return await self._drawn(message, method, more)
        except SaidNo as error:
            raise _told(error) from error

    async def _drawn(self, message: Message, method: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """Make the call with the message drawn; drawn more simply when Slack says that it cannot show it."""
        try:
            body = messages.message(message)
            try:
                return await self.web.post(method, {**more, **body})
            except SaidNo as error:
                simpler = messages.message(message, simple=True)
                if error.code not in NOT_DRAWN or simpler == body:
                    raise
                log.warning("drawn more simply", code=error.code)
                return await self.web.post(method, {**more, **simpler})
        except TooLarge as error:
            raise NotAccepted("too_large", final=True) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise NotAccepted("unreachable") from error  # before the first byte

    async def _explain(self, user: str, refused: NotAccepted) -> None:
        """Say to the person whose answer could not be posted in a channel why it is not there."""
        if refused.reason not in ("no_such_place", "not_installed", "archived", "blocked"):
            return
        why = text(
            "I couldn't post that in the channel, because I'm not a member of it or may not write there. "
            "Add me with `/invite` in the channel, then try again."
        )
        try:
            where = {"channel": await self.direct(user), "parse": "none"}
            await self.web.post("chat.postMessage", where | messages.message(Message(why.plain(), (why,))))
        except (NotAccepted, *UNANSWERED) as error:
            log.info("not explained", reason=type(error).__name__)

    async def _look(self, place: Place, key: str) -> Sent | None:
        cursor = ""
        for _ in range(PAGES):
            where: dict[str, str | int] = {"channel": place.conversation, "limit": PAGE, "include_all_metadata": 1}
            where |= {"ts": place.thread} if place.thread else {}
            where |= {"cursor": cursor} if cursor else {}
            try:
                page = await self.web.get(f"conversations.{'replies' if place.thread else 'history'}", where)
            except SaidNo as error:
                raise _told(error) from error
            for posted in cast(list[dict[str, Any]], page.get("messages") or []):
                if _key_of(posted) == key:
                    return Sent(place, str(posted["ts"]))
            cursor = str(_dict(page.get("response_metadata")).get("next_cursor") or "")
            if not cursor:
                return None
        raise CannotTell("the history is too long to be read through")


def _key_of(posted: Mapping[str, Any]) -> object:
    metadata = _dict(posted.get("metadata"))
    return _dict(metadata.get("event_payload")).get("key") if metadata.get("event_type") == METADATA else None


def _told(error: SaidNo) -> Exception:
    """What a no of Slack's means: `NotAccepted`, or the same again when nobody can say whether it took effect."""
    if error.status == 429 or REFUSALS.get(error.code, ("",))[0] == "rate_limited":
        return NotAccepted("rate_limited", retry_after=error.retry_after or 30.0)
    if error.status >= 500 or error.code in UNCERTAIN or not error.code:
        return error
    if error.code in NOT_DRAWN:
        return NotAccepted("too_large", final=True)
    reason, final = REFUSALS.get(error.code, ("refused", True))
    if reason in ("token_revoked", "refused"):
        log.error("Slack refuses", code=error.code)
    return NotAccepted(reason, final=final)


def _json(body: bytes) -> dict[str, Any]:
    try:
        return _dict(json.loads(body))
    except ValueError:
        return {}


def _dict(found: Any) -> dict[str, Any]:
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}


def _remember(kept: OrderedDict[str, Any], name: str, value: Any) -> None:
    kept[name] = value
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)
