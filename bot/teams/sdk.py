"""Microsoft's SDK for Teams, kept to what it is told: our server, our door, and nothing from the environment.

Nothing else of ours imports it. It hands on activities, which `guard` has verified before (and says why), and fetches
the token with which the platform answers; what an activity is answered with is for whoever gives `answer`.
"""

import logging
import os
import warnings
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import structlog
from opentelemetry import metrics
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.teams import guard
from bot.teams.render.filled import clean


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

__all__ = ["PUBLIC", "Adapter", "CloudEnvironment", "Tokens", "app_of"]

Json = dict[str, Any]
Tokens = Callable[[str, str | None], str]  # scope and tenant → token
Answer = Callable[[Json], Coroutine[Any, Any, tuple[int, Json | None]]]  # an activity → status and body

log = structlog.get_logger("learnbot.teams")

ENDPOINT = "/api/messages"

# What the SDK hands its handlers as the caller's token: the real one stays at the door. ({"alg":"none"}, {})
_NO_TOKEN = "eyJhbGciOiJub25lIn0.e30."  # noqa: S105 - not a secret


@dataclass
class _Turn:
    """One activity on its way through the SDK, and what is to be answered."""

    activity: Json
    status: int = 0  # none yet
    body: Json | None = None


_TURN: ContextVar[_Turn] = ContextVar("turn")


class Adapter:
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
    answer: Answer

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
                log.info("unknown to the SDK", type=clean(turn.activity["type"])[:40])
                if not turn.status:
                    turn.status, turn.body = await self.answer(turn.activity)
        except Exception as error:
            # The errors of what stands between may quote the activity: only their kind is logged.
            log.error("not answered", error=type(error).__name__)
            return HttpResponse(status=500, body=None)
        finally:
            _TURN.reset(kept)
        return HttpResponse(status=turn.status or 200, body=turn.body)


def app_of(
    adapter: Adapter,
    answer: Answer,
    *,
    client_id: str,
    secret: str | None,
    tenant_id: str,
    cloud: CloudEnvironment,
    token: Tokens | None,
) -> App:
    """The SDK's app behind `adapter`, answering each activity with what `answer` makes of it.

    Without a `secret` or a `token` it signs nothing.
    """
    credentials: Json = {"client_secret": secret} if secret else {"token": token or _no_token}
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

    async def heard(_: ActivityContext[Activity]) -> None:
        turn = _TURN.get()
        turn.status, turn.body = await answer(turn.activity)

    app.on_activity(heard)
    server = _Server(adapter, ENDPOINT)
    server.answer = answer
    server.initialize()
    app.server = server
    return app


def _no_token(scope: str, tenant_id: str | None) -> str:
    return _NO_TOKEN
