"""Teams at the door: a verified activity becomes an event, and its reply becomes a card, a dialog or a message."""

import logging
import os
import warnings
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any, assert_never

import aiohttp
import structlog
from opentelemetry import metrics
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.chat import Account, FixAnswers, Form, Message, Nothing, OpenForm, Replace, Reply, Say, Show
from bot.clock import Clock
from bot.config import Teams
from bot.errors import Failed, Unavailable
from bot.platforms import Address, NotAccepted, Sent
from bot.reception import Known, Reception
from bot.teams import guard
from bot.teams.heard import Heard, heard
from bot.teams.platform import TeamsPlatform, new_session
from bot.teams.render import cards, filled, forms
from bot.teams.render.limits import LIMITS, TooLarge


@contextmanager
def _nothing_from_the_environment() -> Generator[None]:
    """The SDK reads a `.env` file into the environment when imported, and takes what it is not told from there."""
    names = ("CLOUD", "CLIENT_ID", "CLIENT_SECRET", "TENANT_ID", "MANAGED_IDENTITY_CLIENT_ID", "SERVICE_URL",
             "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS", "PYTHON_DOTENV_DISABLED")  # fmt: skip
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns about previews of its own, which nobody here can act on
            yield
    finally:
        os.environ.pop("PYTHON_DOTENV_DISABLED", None)
        os.environ.update(kept)


with _nothing_from_the_environment():
    from microsoft_teams.api.activities import Activity
    from microsoft_teams.api.auth.cloud_environment import PUBLIC, CloudEnvironment
    from microsoft_teams.api.auth.json_web_token import JsonWebToken
    from microsoft_teams.apps import ActivityContext, App
    from microsoft_teams.apps.events import ActivityEvent, CoreActivity
    from microsoft_teams.apps.http import HttpServer
    from microsoft_teams.apps.http.adapter import HttpMethod, HttpRequest, HttpResponse, HttpRouteHandler

# Until somebody says what is to become of measurements, OpenTelemetry keeps every counter it is asked for; the SDK asks
# for four with each activity, which was two kilobytes of memory for good. What is measured here is on /metrics.
if not os.environ.get("OTEL_PYTHON_METER_PROVIDER"):
    metrics.set_meter_provider(metrics.NoOpMeterProvider())

Json = dict[str, Any]
Tokens = Callable[[str, str | None], str]

log = structlog.get_logger("learnbot.teams")

ENDPOINT = "/api/messages"
ACTIVITY_MESSAGE = "application/vnd.microsoft.activity.message"

BROKEN = (
    "Something went wrong at my end, and nothing was changed. Please try again; if it happens again, tell whoever "
    "looks after me this code: {code}."
)
BUSY = "I can't save anything just now, so nothing was changed. Please try again in a minute."
TOO_LONG = "That is too long to show in Teams. Say `home` to see where things stand."
OLD_CARD = "That card is from an earlier version of me. Say `home` to see where things stand."
DONE = "Sent. My answer is below."
IN_OUR_CHAT = "I've answered in our own chat."


@dataclass
class _Turn:
    """One activity on its way through the SDK, and what is to be answered."""

    activity: Json
    status: int = 0  # none yet
    body: Json | None = None


_TURN: ContextVar[_Turn] = ContextVar("turn")


class _Adapter:
    """The SDK's `HttpServerAdapter`: its routes stand in our own server, behind the guard."""

    def __init__(self, admit: Callable[[Request], Coroutine[Any, Any, Json]]) -> None:
        self.routes: list[Route] = []
        self._admit = admit

    def register_route(self, method: HttpMethod, path: str, handler: HttpRouteHandler) -> None:
        async def answer(request: Request) -> Response:
            try:
                activity = await self._admit(request)
            except guard.Refused as refused:
                log.warning("refused", status=refused.status, reason=refused.reason)
                return Response(status_code=refused.status, headers={"connection": "close"})
            answered = await handler(HttpRequest(body=activity, headers={}))
            if answered["body"] is None:
                return Response(status_code=answered["status"])
            return JSONResponse(answered["body"], answered["status"])

        self.routes.append(Route(path, answer, methods=[method]))

    def serve_static(self, path: str, directory: str) -> None:
        """Nothing is served from here."""

    async def start(self, port: int) -> None:
        """The server is ours and runs already."""

    async def stop(self) -> None:
        """The server is ours and stops by itself."""


class _Server(HttpServer):
    """The SDK's server after the door: the guard has verified the token (see `bot.teams.guard` for why it does)."""

    _registered = False
    answer: Callable[[Json], Coroutine[Any, Any, tuple[int, Json | None]]]

    def initialize(self, *_: object, **__: object) -> None:
        """Register the endpoint, once; the SDK's own way would add its verifier to it."""
        if not self._registered:
            self._registered = True
            self.adapter.register_route("POST", self.messaging_endpoint, self.handle_request)

    async def handle_request(self, request: HttpRequest) -> HttpResponse:
        turn = _Turn(request["body"])
        kept = _TURN.set(turn)
        try:
            assert self.on_request is not None, "not started"
            token = JsonWebToken(_NO_TOKEN)
            try:
                await self.on_request(ActivityEvent(body=CoreActivity.model_validate(turn.activity), token=token))
            except ValidationError:
                # Its models are stricter than Teams: a value they do not know yet must not keep people out.
                log.info("unknown to the SDK", type=filled.clean(turn.activity["type"])[:40])
                if not turn.status:
                    turn.status, turn.body = await self.answer(turn.activity)
        except Exception as error:
            # The errors of what stands between may quote the activity: only their kind is logged.
            log.error("not answered", error=type(error).__name__)
            return HttpResponse(status=500, body=None)
        finally:
            _TURN.reset(kept)
        return HttpResponse(status=turn.status or 200, body=turn.body)


# What the SDK hands its handlers as the caller's token: the real one stays at the door. ({"alg":"none"}, {})
_NO_TOKEN = "eyJhbGciOiJub25lIn0.e30."  # noqa: S105 - not a secret


class TeamsEdge:
    """Takes what Teams posts to `/api/messages`, and connects `platform` so that messages can go out.

    `local` takes unsigned traffic and signs nothing; ValueError unless `host`, where the server listens, is reached
    from this machine only. `service_urls` are addresses that Teams may be answered at besides its own. `cloud` and
    `token` (scope and tenant → token) stand in for Microsoft's in tests.
    """

    def __init__(
        self,
        reception: Reception,
        platform: TeamsPlatform,
        *,
        client_id: str,
        client_secret: str | None,
        tenant_id: str,
        clock: Clock,
        local: bool = False,
        host: str = "",
        service_urls: Sequence[str] = (),
        cloud: CloudEnvironment = PUBLIC,
        token: Tokens | None = None,
    ) -> None:
        if local and not guard.is_loopback(host):
            raise ValueError("unsigned Teams traffic is taken on loopback only")
        if not client_id or not tenant_id:
            raise ValueError("Teams needs a client id and a tenant id")
        if not local and not client_secret and token is None:
            raise ValueError("Teams needs a client secret")
        self.reception = reception
        self.platform = platform
        self._tenant_id, self._local = tenant_id, local
        self._service_urls = guard.ServiceUrls.of(service_urls, loopback=local)
        self._session: aiohttp.ClientSession | None = None
        self._client_id, self._clock = client_id, clock
        keys = guard.SigningKeys(cloud.openid_metadata_url.removesuffix("openidconfiguration") + "keys", clock)
        self.tokens = None if local else guard.Tokens(keys, client_id, cloud.token_issuer, tenant_id)
        self._adapter = _Adapter(self._admit)
        self.app = _sdk(self._adapter, client_id, client_secret, tenant_id, cloud, token or _no_token)
        self.app.on_activity(self._heard)
        server = _Server(self._adapter, ENDPOINT)
        server.answer = self._answer
        server.initialize()
        self.app.server = server

    def routes(self) -> list[Route]:
        """What to serve: `/api/messages`."""
        return self._adapter.routes

    async def start(self) -> None:
        """Make the SDK ready and connect the platform. The server is not ours to start."""
        self._session = new_session()
        self.platform.connect(
            self._session,
            None if self._local else self._bearer,
            client_id=self._client_id,
            tenant_id=self._tenant_id,
            service_urls=self._service_urls,
            clock=self._clock,
        )
        await self.app.initialize()

    async def stop(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    # -------------------------------------------------------------------------------------------------- coming in

    async def _admit(self, request: Request) -> Json:
        if self._local:
            _from_this_machine(request)
        body = await guard.read_body(request)
        caller = await self.tokens.verify(request.headers.get("authorization", "")) if self.tokens else None
        activity = guard.parse(body)
        guard.check(activity, caller, self._tenant_id, self._service_urls)
        return activity

    async def _bearer(self) -> str:
        token = await self.app.token_provider.get_app_token()
        return str(token or "")

    async def _heard(self, context: ActivityContext[Activity]) -> None:
        turn = _TURN.get()
        turn.status, turn.body = await self._answer(turn.activity)

    async def _answer(self, activity: Json) -> tuple[int, Json | None]:
        invoked = activity.get("type") == "invoke"
        found = heard(activity, self._tenant_id, local=self._local)
        if not found and invoked:
            return _not_ours(str(activity.get("name")))
        status, body = 200, None
        for one in found:
            status, body = await self._answered(one, invoked=invoked)
            if status >= 500:
                break  # what did happen is remembered by its key: the whole activity may come again
        return status, body

    async def _answered(self, one: Heard, *, invoked: bool) -> tuple[int, Json | None]:
        event = one.event
        self.platform.met(event.account, one.member, event.place)
        if event.kind == "join" and not event.addressed:
            # Whoever is on the roster is welcomed; to the others nothing is said, so they are looked up first.
            known = await self.platform.who(event.place, one.member)
            event = replace(event, email=known.email, name=known.name or event.name)

        async def directory(account: Account) -> Known:
            return await self.platform.who(event.place, one.member)

        try:
            reply = await self.reception.answer(event, self.platform, directory)
        except Unavailable:
            return (200, _told(one, BUSY)) if invoked else (503, None)
        except Failed as failed:
            words = BROKEN.format(code=failed.code)
            if invoked:
                return 200, _told(one, words)
            if not event.addressed or event.kind not in ("say", "tap", "submit"):
                return 500, None  # nobody waits for an answer: it may come again
            self._send(one, Message(words), private=True)
            return 200, None
        try:
            return 200, self._shown(one, reply)
        except TooLarge:
            if not invoked:
                self._send(one, Message(TOO_LONG), private=True)
            return 200, _told(one, TOO_LONG)

    # -------------------------------------------------------------------------------------------------- going out

    def _shown(self, one: Heard, reply: Reply) -> Json | None:
        """What the response itself shows. A `Say` is being sent already."""
        match reply:
            case Nothing():
                return _told(one, "") if one.way == "execute" else None
            case Say(message, private):
                return self._said(one, message, private=private)
            case Replace(message):
                return self._replaced(one, message)
            case Show(message):
                self._send(one, message, private=True)
                return _told(one, "" if one.way == "execute" else message.summary)
            case OpenForm(form):
                return self._form(one, form, {}, over=one.over or one.event.kind == "tap")
            case FixAnswers(form, problems):
                return self._form(one, form.filled(one.event.answers), problems, over=one.over)
            case _:
                assert_never(reply)

    def _said(self, one: Heard, message: Message, *, private: bool) -> Json | None:
        place = one.event.place
        if one.way != "execute":
            return _told(one, message.summary)
        if one.event.kind == "submit" and place.direct:
            if not one.over:  # the form is a message of its own: it is not left open for the other devices either
                self._put(one, cards.posted(cards.note(DONE), DONE))
            return _card(cards.note(DONE))
        return _told(one, IN_OUR_CHAT if private and not place.direct else "")

    def _replaced(self, one: Heard, message: Message) -> Json | None:
        if one.way in ("message", "extension") and one.event.kind not in ("tap", "submit"):
            self._send(one, message, private=one.way == "extension")
            return _told(one, message.summary)
        # The answer to a tap is seen by the one who tapped, where they tapped; the message is changed for everybody.
        shown = self.platform.drawn(message, one.event.place)
        self._put(one, shown)
        if one.way == "execute":
            return _card(shown["attachments"][0]["content"])
        return _told(one, message.summary) if one.way in ("fetch", "extension") else None

    def _form(self, one: Heard, form: Form, problems: Mapping[str, str], *, over: bool) -> Json | None:
        match one.way:
            case "message":
                shown = cards.posted(forms.form_card(form, problems), form.title)
                self._later(self.platform.post(one.event.place, shown))
                return None
            case "execute":
                return _card(forms.form_card(form, problems, over=over))
            case "fetch" | "submit" | "extension":
                shown = forms.form_card(form, problems, dialog=True, origin=one.event.place.message)
                return _dialog(form.title, shown)
            case _:
                assert_never(one.way)

    def _send(self, one: Heard, message: Message, *, private: bool) -> None:
        event = one.event
        to = Address(event.account, event.place, private and not event.place.direct)
        self._later(self.platform.send(to, message, event.key))

    def _put(self, one: Heard, activity: Json) -> None:
        place = one.event.place
        if place.message:
            self._later(self.platform.put(Sent(place, place.message), activity))

    def _later(self, work: Coroutine[Any, Any, object]) -> None:
        async def quietly() -> None:
            try:
                await work
            except NotAccepted as refused:
                log.info("answer not accepted", reason=refused.reason)
            except Exception as error:
                log.warning("answer uncertain", error=type(error).__name__)

        self.reception.start(quietly())


def teams_edge(reception: Reception, settings: Teams, clock: Clock, host: str) -> TeamsEdge:
    """The edge as the settings want it, for a server that listens on `host`."""
    return TeamsEdge(
        reception,
        TeamsPlatform(),
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        tenant_id=settings.tenant_id,
        clock=clock,
        local=settings.local,
        host=host,
    )


def _sdk(
    adapter: _Adapter, client_id: str, secret: str | None, tenant_id: str, cloud: CloudEnvironment, token: Tokens
) -> App:
    credentials: Json = {"client_secret": secret} if secret else {"token": token}
    with _nothing_from_the_environment():
        app = App(
            client_id=client_id,
            tenant_id=tenant_id,
            cloud=cloud,
            service_url="https://smba.trafficmanager.net/teams",
            dangerously_allow_unauthenticated_requests=False,
            http_server_adapter=adapter,
            messaging_endpoint=ENDPOINT,
            fetch_user_token=False,
            state=False,
            telemetry={"agent365": False},
            **credentials,
        )
    # The SDK logs whole activities at DEBUG and what it refuses at ERROR, and gives httpx back its voice.
    logging.getLogger("microsoft_teams").setLevel(logging.CRITICAL)
    for wordy in ("httpx", "httpcore"):
        logging.getLogger(wordy).setLevel(logging.WARNING)
    return app


def _no_token(scope: str, tenant_id: str | None) -> str:
    return _NO_TOKEN


def _from_this_machine(request: Request) -> None:
    """Nobody signs in the local mode, so a page in a browser here must not be able to speak for somebody either."""
    if not guard.is_loopback(request.url.hostname or ""):
        raise guard.Refused(403, "not this machine")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise guard.Refused(415, "not JSON")  # a page of another site cannot send that without asking first


def _card(content: Json) -> Json:
    return {"statusCode": 200, "type": cards.CARD, "value": content}


def _dialog(title: str, content: Json) -> Json:
    task = {
        "title": title[: LIMITS["dialog title"]],
        "height": "medium",
        "width": "medium",
        "card": {"contentType": cards.CARD, "content": content},
    }
    return {"task": {"type": "continue", "value": task}}


def _told(one: Heard, words: str) -> Json | None:
    """Words in the response itself, where its kind has room for some. A dialog closes with them."""
    match one.way:
        case "message":
            return None
        case "execute":
            return {"statusCode": 200, "type": ACTIVITY_MESSAGE, "value": words}
        case "fetch" | "submit" | "extension":
            return {"task": {"type": "message", "value": words}}
        case _:
            assert_never(one.way)


def _not_ours(name: str) -> tuple[int, Json | None]:
    if name == "adaptiveCard/action":
        return 200, {"statusCode": 200, "type": ACTIVITY_MESSAGE, "value": OLD_CARD}
    if name.startswith(("task/", "composeExtension/")):
        return 200, {"task": {"type": "message", "value": OLD_CARD}}
    return 501, None
