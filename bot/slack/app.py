"""Slack's edge: a payload becomes an Event, the Reply becomes what Slack is answered; acknowledged after the commit.

Bolt takes interactions and commands apart and speaks Socket Mode; events that come over HTTP are a JSON object already
and go past it (docs/decisions/0008). What happens then is the same for both, one step with our own table: Bolt walks
through its listeners one by one, and prints the body of what none of them wants.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.response import BoltResponse
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.clock import Clock
from bot.config import Slack
from bot.errors import Unavailable
from bot.reception import Reception
from bot.slack import manifest
from bot.slack.answers import Answering, mistakes, said_at_once, why_not
from bot.slack.events import a_dict, told, whose
from bot.slack.guard import Guard, Refused
from bot.slack.heard import Hearing
from bot.slack.identity import Identity, Introduction
from bot.slack.platform import API_URL, SDK_LOG, SlackPlatform, new_session, web_client

log = structlog.get_logger("learnbot.slack")

Json = dict[str, Any]
Step = Callable[[Json], Awaitable[BoltResponse | None]]
FAREWELLS = frozenset({"app_uninstalled", "tokens_revoked"})  # after which Slack no longer says who the bot is


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
        self._bot_token = bot_token
        self._app_token = app_token
        self._guard = None if app_token else Guard(signing_secrets, clock)
        self._bot = Introduction(self.platform, self.team_id, self.enterprise_id)
        self._hearing = Hearing(reception, self.platform, self._bot, clock)
        self._answering = Answering(reception, self.platform, api_url)
        self._socket: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None
        self.bolt = self._new_bolt()

    async def start(self) -> None:
        """Open the session, learn who the bot is, and connect when in Socket Mode.

        ValueError when the token belongs to another workspace. Slack being out of reach is no reason not to start.
        """
        self.platform.web.client.session = new_session()
        with contextlib.suppress(Unavailable):
            await self._bot.identity()
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
        return [] if self._guard is None else [Route(manifest.PATH, _Door(self._received), methods=["POST"])]

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
            before_authorize=_Step(self._expected),
            authorize=authorised,
        )
        untyped: Any = bolt
        untyped.use(_Step(self._heard))
        return bolt

    async def _received(self, request: Request) -> Response:
        assert self._guard is not None
        try:
            body = await self._guard.body(request)
        except Refused as refused:
            log.info("refused", status=refused.status, reason=str(refused))
            return Response(status_code=refused.status)
        try:
            what = told(body)
        except Exception as error:  # signed, and yet nothing that Slack would send
            log.info("refused", status=400, reason=type(error).__name__)
            return Response(status_code=400)
        if what.get("type") == "event_callback":
            return Response(status_code=await self._event(what))
        # as it arrives in Socket Mode, too: what is read already need not be read again
        asked = AsyncBoltRequest(body=what, headers=dict(request.headers), mode="socket_mode")
        return to_starlette_response(await self.bolt.async_dispatch(asked))

    async def _event(self, body: Json) -> int:
        """The status with which Slack is answered: an event is answered with nothing else."""
        try:
            answer = await self._expected(body) or await self._heard(body)
        except Exception as error:
            log.error("not expected", error=type(error).__name__)
            return 500
        return answer.status

    async def _expected(self, body: Json) -> BoltResponse | None:
        """Let through what is meant for this workspace, once it is known which one that is."""
        kinds = {str(body.get("type")), str(a_dict(body.get("event")).get("type"))}
        if "url_verification" in kinds or (self._bot.known is None and kinds & FAREWELLS):
            return None
        try:
            me = await self._bot.identity()
        except Unavailable:
            return BoltResponse(status=503)
        if not whose(body) & {me.team, self.platform.tenant, self.enterprise_id or me.team}:
            log.warning("for another workspace")
            return BoltResponse(status=200)
        return None

    def _authorised(self, team_id: str | None) -> AuthorizeResult:
        me = self._bot.known or Identity("", "", "", "")
        return AuthorizeResult(
            enterprise_id=me.enterprise or None,
            team_id=team_id,
            bot_user_id=me.user,
            bot_id=me.bot,
            bot_token=self._bot_token,
        )

    async def _heard(self, body: Json) -> BoltResponse:
        """Everything that Slack sends arrives here, and no error leaves: Bolt would print more of it than it should."""
        try:
            found = await self._hearing.understood(body)
            return BoltResponse(status=200) if found is None else await self._answering.answered(*found)
        except Unavailable as error:
            if "command" in body:
                return said_at_once(why_not(error))
            if body.get("type") == "view_submission":
                return mistakes(a_dict(body.get("view")), {"": why_not(error)})
            return BoltResponse(status=503)
        except Exception as error:
            log.error("not understood", kind=str(body.get("type"))[:40], error=type(error).__name__)
            return BoltResponse(status=500)


class _Step(AsyncMiddleware):
    """A step that answers or lets go on. Bolt looks up some thirty things to offer to a function."""

    def __init__(self, step: Step) -> None:
        self._step = step

    async def async_process(
        self, *, req: AsyncBoltRequest, resp: BoltResponse, next: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        """Take the step."""
        return await self._step(req.body) or await next()


class _Door:
    """What answers requests, as an ASGI application: a function would be wrapped in three more, for every request."""

    def __init__(self, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._answer(Request(scope, receive))
        await answer(scope, receive, send)
