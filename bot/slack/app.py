"""Slack's edge: a payload becomes an Event, the Reply becomes what Slack is answered; acknowledged after the commit.

Bolt takes requests apart, knows the bot's own messages, and speaks Socket Mode. What happens then is one middleware
with our own table: Bolt walks through its listeners one by one, and prints the body of what none of them wants.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, cast

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.chat import (
    Account,
    Button,
    Buttons,
    Event,
    FixAnswers,
    Form,
    Message,
    Nothing,
    OpenForm,
    Part,
    Place,
    Replace,
    Reply,
    Say,
    Show,
    text,
)
from bot.clock import Clock
from bot.config import Slack
from bot.errors import Failed, Unavailable
from bot.platforms import Address, CannotTell, NotAccepted, Sent
from bot.reception import Reception
from bot.slack import manifest, render
from bot.slack.events import TYPED, Origin, a_dict, key_of, mentioned, readable, whose
from bot.slack.guard import Guard, Refused, is_slacks
from bot.slack.platform import API_URL, SDK_LOG, UNANSWERED, SaidNo, SlackPlatform, new_session, web_client
from storage.models import KnownPlace, Owed

log = structlog.get_logger("learnbot.slack")

Json = dict[str, Any]
OPENS_WITHIN = 2.5  # seconds: a trigger lives three
TRIES = 3
QUIET_FOR = 3600.0  # seconds without a word after the app was removed or its token taken away
FAREWELLS = frozenset({"app_uninstalled", "tokens_revoked"})  # after which Slack no longer says who the bot is


@dataclass(frozen=True)
class Identity:
    """Who the bot is in this workspace."""

    user: str
    bot: str
    team: str
    enterprise: str


@dataclass(frozen=True)
class Waiting:
    """How an event came and what can be done in answer: `way` is event, command, tap, submit or shortcut.

    `trigger` opens a form; `view` is the one that was tapped or submitted; `response_url` leads back to a message that
    only one person sees; `home` says that it happened on the home tab.
    """

    way: str
    trigger: str = ""
    view: Json = field(default_factory=dict[str, Any])
    response_url: str = ""
    home: bool = False


def slack_edge(reception: Reception, settings: Slack, clock: Clock) -> "SlackEdge":
    """The edge as the settings want it. Slack is told the bot's address in the manifest, not here."""
    return SlackEdge(
        reception,
        bot_token=settings.bot_token,
        signing_secrets=settings.signing_secrets,
        app_token=settings.app_token,
        clock=clock,
        api_url=settings.api_url,
    )


class SlackEdge:
    """Everything between Slack and the reception. `start` it, serve its `routes`, `stop` it."""

    def __init__(
        self,
        reception: Reception,
        *,
        bot_token: str,
        signing_secrets: Sequence[str],
        app_token: str | None,
        clock: Clock,
        api_url: str = API_URL,
        team_id: str | None = None,
        enterprise_id: str | None = None,
        platform: SlackPlatform | None = None,
    ) -> None:
        self.reception = reception
        self.api_url = api_url
        self.team_id = team_id or ""
        self.enterprise_id = enterprise_id or ""
        self.platform = platform or SlackPlatform(web_client(bot_token, api_url))
        self.platform.enterprise = self.enterprise_id
        self.platform.tenant = self.platform.tenant or self.enterprise_id or self.team_id
        self._clock = clock
        self._bot_token = bot_token
        self._app_token = app_token
        self._guard = None if app_token else Guard(signing_secrets, clock)
        self._me: Identity | None = None
        self._asking = asyncio.Lock()
        self._socket: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._events: Mapping[str, Callable[[Json], Awaitable[tuple[Event, Waiting] | None]]] = {
            "message": self._message,
            "app_mention": self._mention,
            "app_home_opened": self._home_opened,
            "team_join": self._joined,
            "member_joined_channel": self._joined_channel,
            "channel_left": self._left_channel,
            "group_left": self._left_channel,
            "app_uninstalled": self._removed,
            "tokens_revoked": self._revoked,
        }
        wanted = {event.name.partition(".")[0] for event in manifest.EVENTS}
        assert wanted == set(self._events), "the manifest asks for other events than are heard"
        self.bolt = self._new_bolt()

    async def start(self) -> None:
        """Open the session, learn who the bot is, and connect when in Socket Mode.

        ValueError when the token belongs to another workspace. Slack being out of reach is no reason not to start.
        """
        self.platform.web.client.session = new_session()
        with contextlib.suppress(Unavailable):
            await self._identity()
        if self._app_token:
            self._socket = AsyncSocketModeHandler(
                self.bolt, self._app_token, logger=SDK_LOG, web_client=self.platform.web.client
            )
            self._connecting = asyncio.get_running_loop().create_task(self._socket.connect_async())

    async def stop(self) -> None:
        """Close what `start` opened."""
        if self._connecting is not None:
            self._connecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._connecting
        if self._socket is not None:
            closing: Any = self._socket
            await closing.close_async()
        session = self.platform.web.client.session
        if session is not None:
            await session.close()

    def routes(self) -> list[Route]:
        """The one address for all that Slack sends; none in Socket Mode, where nothing has to be reachable."""
        return [] if self._guard is None else [Route(manifest.PATH, self._received, methods=["POST"])]

    # ------------------------------------------------------------------------------------------------ the way in

    def _new_bolt(self) -> AsyncApp:
        async def authorised(team_id: str | None) -> AuthorizeResult:  # Bolt would pass `self` to a method twice
            return self._authorised(team_id)

        bolt = AsyncApp(
            logger=SDK_LOG,
            name="learnbot.slack.bolt",
            client=web_client(None, self.api_url),
            signing_secret="checked by the guard",  # noqa: S106 - the real ones stay with the guard
            request_verification_enabled=False,
            process_before_response=True,
            before_authorize=self._expected,
            authorize=authorised,
        )
        untyped: Any = bolt
        untyped.use(self._heard)
        return bolt

    async def _received(self, request: Request) -> Response:
        assert self._guard is not None
        try:
            body = await self._guard.body(request)
        except Refused as refused:
            log.info("refused", status=refused.status, reason=str(refused))
            return Response(status_code=refused.status)
        try:
            taken_apart = AsyncBoltRequest(body=body, headers=dict(request.headers))
        except Exception as error:  # signed, and yet nothing that Slack would send
            log.info("refused", status=400, reason=type(error).__name__)
            return Response(status_code=400)
        return to_starlette_response(await self.bolt.async_dispatch(taken_apart))

    async def _expected(self, body: Json, next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse:
        """Let through what is meant for this workspace, once it is known which one that is."""
        kinds = {str(body.get("type")), str(a_dict(body.get("event")).get("type"))}
        if "url_verification" in kinds or (self._me is None and kinds & FAREWELLS):
            return await next()
        try:
            me = await self._identity()
        except Unavailable:
            return BoltResponse(status=503)
        if not whose(body) & {me.team, self.platform.tenant, self.enterprise_id or me.team}:
            log.warning("for another workspace")
            return BoltResponse(status=200)
        return await next()

    def _authorised(self, team_id: str | None) -> AuthorizeResult:
        me = self._me or Identity("", "", "", "")
        return AuthorizeResult(
            enterprise_id=me.enterprise or None,
            team_id=team_id,
            bot_user_id=me.user,
            bot_id=me.bot,
            bot_token=self._bot_token,
        )

    async def _identity(self) -> Identity:
        """Who the bot is: asked once. Raises `Unavailable`, or ValueError when it is not who it was said to be."""
        if self._me is not None:
            return self._me
        async with self._asking:
            if self._me is not None:
                return self._me
            try:
                answer = await self.platform.web.post("auth.test", {})
            except UNANSWERED as error:
                log.error("who am I?", error=error.code if isinstance(error, SaidNo) else type(error).__name__)
                raise Unavailable("Slack does not say who the bot is") from error
            me = Identity(*(str(answer.get(name) or "") for name in ("user_id", "bot_id", "team_id", "enterprise_id")))
            if (self.team_id and me.team and self.team_id != me.team) or (
                self.enterprise_id and self.enterprise_id != me.enterprise
            ):
                raise ValueError("the bot token belongs to another Slack workspace than the one configured")
            self.platform.tenant = self.enterprise_id or me.team
            self._me = me
        return me

    async def _heard(self, body: Json) -> BoltResponse:
        """Everything that Slack sends arrives here, and no error leaves: Bolt would print more of it than it should."""
        try:
            found = await self._understood(body)
            return BoltResponse(status=200) if found is None else await self._answered(*found)
        except Unavailable as error:
            if "command" in body:
                return _said_at_once(_why(error))
            if body.get("type") == "view_submission":
                return _mistakes(a_dict(body.get("view")), {"": _why(error)})
            return BoltResponse(status=503)
        except Exception as error:
            log.error("not understood", kind=str(body.get("type"))[:40], error=type(error).__name__)
            return BoltResponse(status=500)

    async def _understood(self, body: Json) -> tuple[Event, Waiting] | None:
        match body.get("type"):
            case "event_callback":
                hears = self._events.get(str(a_dict(body.get("event")).get("type")))
                return None if hears is None else await hears(body)
            case "block_actions":
                return await self._tap(body)
            case "view_submission":
                return await self._submit(body)
            case "message_action":
                return await self._keep(body)
            case "shortcut":
                return await self._shortcut(body)
            case None if "command" in body:
                return await self._command(body)
            case _:
                return None

    # ------------------------------------------------------------------------------------------- payload → Event

    async def _message(self, body: Json) -> tuple[Event, Waiting] | None:
        event = a_dict(body.get("event"))
        subtype = str(event.get("subtype") or "")
        if subtype in ("message_changed", "message_deleted"):
            return await self._changed(body, event, subtype)
        if subtype not in TYPED or not self._by_a_person(event):
            return None
        me = await self._identity()
        place = self._place_of_message(event, event)
        if not place.direct:
            # a mention comes a second time, as app_mention; talk that answers nothing of ours is none of our business
            elsewhere = str(event.get("parent_user_id") or me.user) != me.user
            if not place.thread or elsewhere or me.user in mentioned(str(event.get("text") or "")):
                return None
        words = await self._words(event)
        if not words and not place.direct:
            return None
        said = self._said(body, event, place, "say")
        return replace(said, text=words, addressed=place.direct), Waiting("event")

    async def _changed(self, body: Json, event: Json, subtype: str) -> tuple[Event, Waiting] | None:
        now, before = a_dict(event.get("message")), a_dict(event.get("previous_message"))
        gone = subtype == "message_deleted" or now.get("subtype") == "tombstone"
        typed = before if gone else now
        if str(typed.get("subtype") or "") not in TYPED or not self._by_a_person(typed):
            return None
        place = self._place_of_message(event, {**typed, "ts": typed.get("ts") or event.get("deleted_ts")})
        if gone:
            return self._said(body, typed, place, "delete"), Waiting("event")
        if now.get("text") == before.get("text"):
            return None  # a link was unfolded, a reply counted
        said = self._said(body, typed, place, "edit")
        return replace(said, text=await self._words(typed)), Waiting("event")

    async def _mention(self, body: Json) -> tuple[Event, Waiting] | None:
        event = a_dict(body.get("event"))
        if not self._by_a_person(event):
            return None
        said = self._said(body, event, self._place_of_message(event, event), "say")
        return replace(said, text=await self._words(event) or "home", addressed=True), Waiting("event")

    async def _home_opened(self, body: Json) -> tuple[Event, Waiting] | None:
        event = a_dict(body.get("event"))
        if event.get("tab") != "home":
            return None
        user = str(event["user"])
        place = Place("slack", self.platform.tenant, str(event.get("channel") or await self._direct(user)), direct=True)
        key = f"slack/event/{body['event_id']}"
        return Event(key, self._account(user), place, "home"), Waiting("event", home=True)

    async def _joined(self, body: Json) -> tuple[Event, Waiting] | None:
        """Somebody is new in the workspace: welcomed when the roster knows them, left in peace when it does not."""
        user = a_dict(a_dict(body.get("event")).get("user"))
        account = self._account(str(user.get("id") or ""), str(user.get("team_id") or ""))
        known = await self.platform.known(account)
        if not known.email:
            return None
        place = Place("slack", self.platform.tenant, await self._direct(account.user), direct=True)
        event = Event(f"slack/event/{body['event_id']}", account, place, "join", addressed=False)
        return replace(event, email=known.email, name=known.name), Waiting("event")

    async def _joined_channel(self, body: Json) -> None:
        event = a_dict(body.get("event"))
        if event.get("user") == (await self._identity()).user:
            await self._mark_place(str(event.get("channel")), "")

    async def _left_channel(self, body: Json) -> None:
        await self._mark_place(str(a_dict(body.get("event")).get("channel")), "not_installed")

    async def _removed(self, body: Json) -> None:
        log.error("the app was removed from Slack: nothing more is sent there")
        self.reception.delivery.pacer.rest("slack", QUIET_FOR)

    async def _revoked(self, body: Json) -> None:
        if a_dict(a_dict(body.get("event")).get("tokens")).get("bot"):
            log.error("Slack took the bot's token away: nothing more is sent there")
            self.reception.delivery.pacer.rest("slack", QUIET_FOR)

    async def _command(self, body: Json) -> tuple[Event, Waiting]:
        user, channel = str(body["user_id"]), str(body["channel_id"])
        name = str(body.get("channel_name") or "")
        if name == "directmessage":  # perhaps one between two people, where the bot cannot write
            place = Place("slack", self.platform.tenant, await self._direct(user), direct=True)
        else:
            place = Place("slack", self.platform.tenant, channel, direct=False, title=_title(name))
        event = Event(
            key_of(body, "command"), self._account(user), place, "say", text=await self._words(body) or "home"
        )
        return event, Waiting("command", str(body.get("trigger_id") or ""))

    async def _shortcut(self, body: Json) -> tuple[Event, Waiting] | None:
        """The global shortcut: what is next, in a window over whatever the person is looking at."""
        if body.get("callback_id") != manifest.LEARN:
            return None
        account = self._actor(body)
        place = Place("slack", self.platform.tenant, await self._direct(account.user), direct=True)
        event = Event(key_of(body, "shortcut"), account, place, "home")
        return event, Waiting("shortcut", str(body.get("trigger_id") or ""))

    async def _keep(self, body: Json) -> tuple[Event, Waiting] | None:
        if body.get("callback_id") != manifest.KEEP:
            return None
        account, message, channel = self._actor(body), a_dict(body.get("message")), a_dict(body.get("channel"))
        where, name = str(channel.get("id") or ""), str(channel.get("name") or "")
        direct = name == "directmessage" and where == await self._direct(account.user)
        ts = str(message.get("ts") or body.get("message_ts") or "")
        place = Place("slack", self.platform.tenant, where, direct, _thread(message), ts, title=_title(name))
        event = Event(key_of(body, "keep"), account, place, "shortcut", manifest.KEEP, text=await self._words(message))
        author = str(message.get("user") or message.get("bot_id") or "")
        return replace(event, author=author), Waiting("shortcut", str(body.get("trigger_id") or ""))

    async def _tap(self, body: Json) -> tuple[Event, Waiting] | None:
        actions = cast(list[Any], body.get("actions") or [])
        tapped = a_dict(actions[0]) if actions else {}
        action, about = render.control(str(tapped.get("action_id") or ""))
        chosen = a_dict(tapped.get("selected_option")).get("value")
        if not action or tapped.get("type") not in ("button", "static_select"):
            return None
        account, container, view = self._actor(body), a_dict(body.get("container")), a_dict(body.get("view"))
        waiting = Waiting("tap", str(body.get("trigger_id") or ""), view, home=view.get("type") == "home")
        if view:
            place = replace(await self._from(view, account), message="")
        else:
            message, channel = a_dict(body.get("message")), a_dict(body.get("channel"))
            where = str(container.get("channel_id") or channel.get("id") or "")
            ts = str(container.get("message_ts") or message.get("ts") or "")
            thread = str(container.get("thread_ts") or message.get("thread_ts") or "")
            place = Place("slack", self.platform.tenant, where, where.startswith("D"), "" if thread == ts else thread,
                          ts, title=_title(str(channel.get("name") or "")))  # fmt: skip
            if container.get("is_ephemeral"):
                waiting = replace(waiting, response_url=str(body.get("response_url") or ""))
        key = key_of(body, "tap", account.tenant, account.user, tapped.get("action_ts"))
        value = str(chosen if chosen is not None else tapped.get("value") or "")
        return Event(key, account, place, "tap", action, about, value), waiting

    async def _submit(self, body: Json) -> tuple[Event, Waiting]:
        account, view = self._actor(body), a_dict(body.get("view"))
        origin = Origin.unpack(str(view.get("private_metadata") or ""), self.platform.tenant)
        answers = render.read(a_dict(a_dict(view.get("state")).get("values")))
        # every press of the button has a trigger of its own: the same answers after a mistake elsewhere are a new try
        key = key_of(body, "submit", view.get("id"))
        place, name = await self._from(view, account), str(view.get("callback_id") or "")
        event = Event(key, account, place, "submit", name, origin.about, origin.value, answers=answers)
        return event, Waiting("submit", str(body.get("trigger_id") or ""), view, origin.response_url, origin.home)

    # ----------------------------------------------------------------------------------------- parts of an Event

    def _account(self, user: str, team: str = "") -> Account:
        """The account of `user`, under the verified tenant; under their own when they come from somewhere else."""
        foreign = bool(team) and not self.enterprise_id and team != self.platform.tenant
        return Account("slack", team if foreign else self.platform.tenant, user)

    def _actor(self, body: Json) -> Account:
        user = a_dict(body.get("user"))
        return self._account(str(user["id"]), str(user.get("team_id") or ""))

    def _by_a_person(self, typed: Json) -> bool:
        user = str(typed.get("user") or "")
        return bool(user) and not typed.get("bot_id") and user not in ("USLACKBOT", self._me.user if self._me else "")

    def _said(self, body: Json, typed: Json, place: Place, kind: Any) -> Event:
        team = str(typed.get("user_team") or typed.get("source_team") or typed.get("team") or "")
        account = self._account(str(typed["user"]), team)
        # typed words cannot be answered with a form: only a tap, a command or a shortcut brings a trigger
        return Event(f"slack/event/{body['event_id']}", account, place, kind, addressed=False, can_open=False)

    def _place_of_message(self, event: Json, typed: Json) -> Place:
        channel = str(event["channel"])
        direct = event.get("channel_type") == "im" or (not event.get("channel_type") and channel.startswith("D"))
        ts = str(typed.get("ts") or "")
        return Place("slack", self.platform.tenant, channel, direct, _thread(typed), ts)

    async def _from(self, view: Json, account: Account) -> Place:
        """Where a view was opened from; the direct chat when it was from nowhere in particular."""
        origin = Origin.unpack(str(view.get("private_metadata") or ""), self.platform.tenant)
        if origin.place.conversation:
            return origin.place
        return Place("slack", self.platform.tenant, await self._direct(account.user), direct=True)

    async def _direct(self, user: str) -> str:
        try:
            return await self.platform.direct(user)
        except NotAccepted as error:
            raise Unavailable("Slack does not open the direct chat") from error

    async def _words(self, typed: Json) -> str:
        written = str(typed.get("text") or "")
        me = (await self._identity()).user
        users = mentioned(written) - {me}
        return readable(written, await self.platform.names(users) if users else {}, me)

    async def _mark_place(self, conversation: str, unreachable: str) -> None:
        tenant, now = self.platform.tenant, self._clock()
        await self.reception.dispatcher.database.run_async(
            lambda session: _mark(session, tenant, conversation, unreachable, now)
        )

    # ------------------------------------------------------------------------------------------- Reply → answer

    async def _answered(self, event: Event, waiting: Waiting) -> BoltResponse:
        screen = _HomeTab(self) if event.kind == "home" and waiting.home else self.platform
        try:
            reply = await self.reception.answer(event, screen, self.platform.known)
            answer = await self._shown(event, waiting, reply)
        except (Failed, Unavailable) as error:
            return self._sorry(event, waiting, error)
        except Exception as error:
            code = secrets.token_hex(3)
            log.error("failed", code=code, kind=event.kind, action=event.action, error=type(error).__name__)
            return self._sorry(event, waiting, Failed(code))
        if waiting.home and event.kind != "home" and not isinstance(reply, OpenForm | FixAnswers | Show):
            self.reception.start(self._draw_home_again(event))
        return answer

    async def _shown(self, event: Event, waiting: Waiting, reply: Reply) -> BoltResponse:
        match reply:
            case Say() | Nothing():
                pass  # a Say is on its way already; an empty answer to a submitted form closes it
            case Replace(message):
                self.reception.start(self._replace(event, waiting, message))
            case Show(message):
                return await self._show(event, waiting, message)
            case OpenForm(form):
                return await self._open(event, waiting, form, {})
            case FixAnswers(form, problems):
                if waiting.way == "submit":
                    return _mistakes(waiting.view, problems)
                return await self._open(event, waiting, form, problems)
        return BoltResponse(status=200)

    async def _show(self, event: Event, waiting: Waiting, message: Message) -> BoltResponse:
        if waiting.home:
            self.reception.start(self._publish(event, message))
        elif waiting.way == "shortcut":
            window = render.note(message, "My learning", Origin(event.place).pack())
            if not await self._opens("views.open", {"trigger_id": waiting.trigger, "view": window}):
                self.reception.start(self._tell(event, message))
        else:
            self.reception.start(self._tell(event, message))
        return BoltResponse(status=200)

    async def _open(self, event: Event, waiting: Waiting, form: Form, problems: Mapping[str, str]) -> BoltResponse:
        origin = Origin(event.place, form.about, form.value, waiting.response_url, waiting.home)
        view = render.view(form, origin.pack(), problems)
        if waiting.way == "submit":
            return BoltResponse(status=200, body={"response_action": "update", "view": view})
        if waiting.view.get("type") == "modal":  # a second window would lie on top of the first
            opened = await self._opens("views.update", {"view_id": waiting.view.get("id"), "view": view})
        else:
            opened = await self._opens("views.open", {"trigger_id": waiting.trigger, "view": view})
        if not opened:
            self.reception.start(self._tell(event, _once_more(event, form)))
        return BoltResponse(status=200)

    async def _opens(self, method: str, arguments: Json) -> bool:
        try:
            async with asyncio.timeout(OPENS_WITHIN):
                await self.platform.web.post(method, arguments)
        except UNANSWERED as error:
            log.warning("not opened", error=error.code if isinstance(error, SaidNo) else type(error).__name__)
            return False
        return True

    async def _replace(self, event: Event, waiting: Waiting, message: Message) -> None:
        """Change the message that was tapped, or that the form was opened from."""
        for _ in range(TRIES):
            try:
                if waiting.response_url:
                    await self._respond(waiting.response_url, message)
                else:
                    await self.platform.update(Sent(event.place, event.place.message), message)
            except NotAccepted as refused:
                if refused.final:
                    break
                await asyncio.sleep(min(refused.retry_after or 1.0, 30.0))
            except UNANSWERED:
                await asyncio.sleep(1.0)  # changing a message twice does no harm
            else:
                return
        await self._tell(event, message)

    async def _respond(self, response_url: str, message: Message) -> None:
        """Change a message that only one person sees: Slack lets nobody do that but through this address."""
        if not is_slacks(response_url, self.api_url):
            log.warning("response_url is not Slack's: not called")
            raise NotAccepted("refused", final=True)
        session = self.platform.web.client.session
        assert session is not None, "the edge was not started"
        try:
            body = {"replace_original": True, "response_type": "ephemeral", **render.message(message)}
        except render.TooLarge as error:
            raise NotAccepted("too_large", final=True) from error
        async with session.post(response_url, json=body, allow_redirects=False) as answer:
            if answer.status == 429:
                asked = answer.headers.get("Retry-After", "")
                raise NotAccepted("rate_limited", retry_after=float(asked) if asked.isdecimal() else 30.0)
            if answer.status >= 500:
                raise SaidNo("", answer.status)
            if answer.status != 200:
                raise NotAccepted("no_such_place", final=True)

    async def _tell(self, event: Event, message: Message) -> None:
        """Show it to the person who did this, and to nobody else. What cannot be shown now is not tried for long."""
        place = event.place if event.place.conversation else None
        try:
            await self.platform.send(Address(event.account, place, private=True), message, f"told/{event.key}")
        except (NotAccepted, *UNANSWERED) as error:
            log.warning("not told", error=type(error).__name__)

    async def _publish(self, event: Event, message: Message) -> None:
        origin = Origin(replace(event.place, message="", thread=""), home=True)
        try:
            view = render.home(message, origin.pack())
            await self.platform.web.post("views.publish", {"user_id": event.account.user, "view": view})
        except (render.TooLarge, *UNANSWERED) as error:
            log.warning("home not drawn", error=error.code if isinstance(error, SaidNo) else type(error).__name__)

    async def _draw_home_again(self, event: Event) -> None:
        again = Event(f"{event.key}/home", event.account, event.place, "home")
        with contextlib.suppress(Failed, Unavailable):
            reply = await self.reception.answer(again, _HomeTab(self), self.platform.known)
            if isinstance(reply, Show):
                await self._publish(again, reply.message)

    def _sorry(self, event: Event, waiting: Waiting, error: Failed | Unavailable) -> BoltResponse:
        """Somebody waiting is told; what nobody waits for, and what can wait, is asked to be delivered again."""
        if waiting.way == "event":
            if isinstance(error, Unavailable):
                return BoltResponse(status=503)
            if event.kind != "say" or not event.addressed:
                return BoltResponse(status=500)
        why = _why(error)
        if waiting.way == "command":
            return _said_at_once(why)
        if waiting.way == "submit" and render.input_of("", waiting.view) is not None:
            return _mistakes(waiting.view, {"": f"{why} What you wrote is still here."})
        self.reception.start(self._tell(event, Message(why, (text("{why}", why=why),))))
        return BoltResponse(status=200)


@dataclass
class _HomeTab:
    """The home tab of whoever opens it, as a platform: somebody unknown reads there who can put them on the roster."""

    edge: SlackEdge
    name: str = "slack"

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        assert to.account is not None
        assert to.place is not None
        await self.edge._publish(Event(key, to.account, to.place, "home"), message)  # pyright: ignore[reportPrivateUsage]
        return Sent(to.place, "")

    async def update(self, sent: Sent, message: Message) -> None:
        raise NotAccepted("refused", final=True)

    async def find(self, to: Address, key: str) -> Sent | None:
        raise CannotTell


def _said_at_once(words: str) -> BoltResponse:
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": words})


def _mistakes(view: Json, problems: Mapping[str, str]) -> BoltResponse:
    """Slack keeps what was typed and shows each sentence under its input; it takes sentences for no other block."""
    errors: dict[str, str] = {}
    for name, problem in (problems or {"": "Something here needs another look."}).items():
        block = render.input_of(name, view)
        if block is not None:
            errors[block] = f"{errors[block]} {problem}" if block in errors else problem
    if not errors:
        said = Message(" ".join(problems.values()), tuple(text("{words}", words=words) for words in problems.values()))
        shown = render.note(said, "Not saved", str(view.get("private_metadata") or ""))
        return BoltResponse(status=200, body={"response_action": "update", "view": shown})
    return BoltResponse(status=200, body={"response_action": "errors", "errors": errors})


def _once_more(event: Event, form: Form) -> Message:
    """What is said when a form could not be opened, because the trigger had run out: never nothing."""
    why = text("I couldn't open the form “{title}” in time. Nothing is lost: please try once more.", title=form.title)
    parts: tuple[Part, ...] = (why,)
    if event.kind == "tap":
        again = Button(form.title, event.action, event.about, event.value, "primary", opens_form=True)
        parts = (why, Buttons((again,)))
    return Message(why.plain(), parts)


def _why(error: Failed | Unavailable) -> str:
    if isinstance(error, Failed):
        return (
            "Sorry, something went wrong on my side, and nothing was saved. Please try again. "
            f"If it happens again, tell your learning coordinator this code: {error.code}."
        )
    return "Sorry, I can't save anything just now, so nothing was saved. Please try again in a minute."


def _thread(typed: Json) -> str:
    thread = str(typed.get("thread_ts") or "")
    return "" if thread == str(typed.get("ts") or "") else thread


def _title(name: str) -> str:
    return "" if name in ("directmessage", "privategroup") else name


def _mark(session: Session, tenant: str, conversation: str, unreachable: str, now: datetime) -> None:
    """The bot was removed from a conversation, or is back in it: then what was parked for it is due again."""
    place = session.scalar(
        select(KnownPlace).where(
            KnownPlace.platform == "slack", KnownPlace.tenant == tenant, KnownPlace.conversation == conversation
        )
    )
    if place is None:
        return
    place.unreachable = unreachable
    if not unreachable:
        session.execute(
            update(Owed)
            .where(Owed.place_id == place.id, Owed.state == "parked")
            .values(state="due", due_at=now, attempts=0, reason="")
        )
