"""Teams' edge: a request becomes a verified activity, the activity events, and each is answered once it is committed.

The SDK (`sdk`) hands activities on and signs in; `guard` decides what comes in, `heard` what it says, `answers` how the
reply is shown.
"""

from collections.abc import Sequence
from typing import Any

import aiohttp
from starlette.requests import Request
from starlette.routing import Route

from bot.clock import Clock
from bot.config import Teams
from bot.reception import Reception
from bot.teams import guard
from bot.teams.answers import Answering, not_ours
from bot.teams.heard import heard
from bot.teams.platform import TeamsPlatform, new_session
from bot.teams.sdk import PUBLIC, Adapter, CloudEnvironment, Tokens, app_of

Json = dict[str, Any]


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
        self.platform = platform
        self._answering = Answering(reception, platform)
        self._tenant_id, self._local = tenant_id, local
        self._service_urls = guard.ServiceUrls.of(service_urls, loopback=local)
        self._session: aiohttp.ClientSession | None = None
        self._client_id, self._clock = client_id, clock
        keys = guard.SigningKeys(cloud.openid_metadata_url.removesuffix("openidconfiguration") + "keys", clock)
        self.tokens = None if local else guard.Tokens(keys, client_id, cloud.token_issuer, tenant_id)
        self._adapter = Adapter(self._admit)
        self.app = app_of(
            self._adapter,
            self._answer,
            client_id=client_id,
            secret=client_secret,
            tenant_id=tenant_id,
            cloud=cloud,
            token=token,
        )

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

    async def _answer(self, activity: Json) -> tuple[int, Json | None]:
        invoked = activity.get("type") == "invoke"
        found = heard(activity, self._tenant_id, local=self._local)
        if not found and invoked:
            return not_ours(str(activity.get("name")))
        status, body = 200, None
        for one in found:
            status, body = await self._answering.answered(one, invoked=invoked)
            if status >= 500:
                break  # what did happen is remembered by its key: the whole activity may come again
        return status, body


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


def _from_this_machine(request: Request) -> None:
    """Nobody signs in the local mode, so a page in a browser here must not be able to speak for somebody either."""
    if not guard.is_loopback(request.url.hostname or ""):
        raise guard.Refused(403, "not this machine")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise guard.Refused(415, "not JSON")  # a page of another site cannot send that without asking first
