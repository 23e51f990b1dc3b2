"""Everything put together: the only place that knows all the parts."""

import secrets
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.clock import Clock, utc_now
from bot.config import LOOPBACK, Settings
from bot.dispatch import Dispatcher
from bot.errors import Unavailable
from bot.pages import PAGES
from bot.platforms import Platform
from bot.reception import Reception
from handlers import CONVERSATIONS
from handlers.permissions import MAY
from handlers.registry import Registry
from scheduling.delivery import Delivery
from scheduling.jobs import Jobs
from scheduling.when import warm
from storage.database import Database
from storage.migrate import migrate, pending
from storage.models import Beat, Owed

log = structlog.get_logger("learnbot")

DRAIN_SECONDS = 20.0
LONGEST_QUEUE = timedelta(minutes=5)
CLOCK_TOLERANCE = timedelta(minutes=2)
WAITING = Gauge("learnbot_outbox_waiting", "Messages that are due and not sent")
OLDEST = Gauge("learnbot_outbox_oldest_seconds", "Age of the oldest message that is due and not sent")


class Edge(Protocol):
    """A chat platform's way in."""

    async def start(self) -> None:
        """Connect."""
        ...

    async def stop(self) -> None:
        """Disconnect."""
        ...

    def routes(self) -> list[Route]:
        """The web addresses it answers."""
        ...


@dataclass
class Bot:
    """The running program, platforms aside."""

    settings: Settings
    database: Database
    dispatcher: Dispatcher
    delivery: Delivery
    reception: Reception
    clock: Clock
    platforms: dict[str, Platform]
    edges: list[Edge] = field(default_factory=list[Edge])

    async def readiness(self) -> list[str]:
        """Why the bot cannot do its work now; empty when it can."""
        now = self.clock()

        def look(session: Session) -> list[str]:
            wrong: list[str] = []
            due = (Owed.state == "due", Owed.due_at <= now)
            oldest = session.scalar(select(func.min(Owed.due_at)).where(*due))
            WAITING.set(session.scalar(select(func.count()).select_from(Owed).where(*due)) or 0)
            OLDEST.set((now - oldest).total_seconds() if oldest else 0)
            if oldest is not None and now - oldest > LONGEST_QUEUE:
                wrong.append("messages have been waiting for more than five minutes")
            beat = session.get(Beat, "delivery")
            if beat is not None and beat.at - now > CLOCK_TOLERANCE:
                wrong.append("the clock stands earlier than when messages were last sent")
            return wrong

        try:
            return await self.database.run_async(look)
        except Exception as error:
            log.error("not ready", error=type(error).__name__)
            return ["the database cannot be written"]

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def registry() -> Registry:
    """All conversations, with who may do what in them."""
    return Registry(CONVERSATIONS, MAY)


def build(settings: Settings, platforms: dict[str, Platform] | None = None, *, clock: Clock = utc_now) -> Bot:
    """The program on its database, migrated. `platforms` by name are added to those that the settings configure."""
    process = secrets.token_hex(6)
    database = Database(settings.database_url)
    if database.sqlite:
        migrate(database.engine)
    elif waiting := pending(database.engine):
        database.close()
        raise Unavailable(f"the database is {waiting} migrations behind: run `learnbot migrate`")
    known = registry()
    everywhere = dict(platforms or {})
    dispatcher = Dispatcher(
        database, known, settings.policy, settings.keyring, base_url=settings.base_url, process=process
    )
    delivery = Delivery(
        database, known, settings.policy, settings.keyring, everywhere, clock, process,
        base_url=settings.base_url, alone=database.sqlite,
    )  # fmt: skip
    bot = Bot(settings, database, dispatcher, delivery, Reception(dispatcher, delivery, clock), clock, everywhere)
    _add_edges(bot)
    return bot


def _add_edges(bot: Bot) -> None:
    # A platform's SDK takes most of a second to import: only the configured ones are.
    settings = bot.settings
    if settings.slack is not None:
        from bot.slack.app import slack_edge

        edge = slack_edge(bot.reception, settings.slack, bot.clock)
        bot.platforms["slack"] = edge.platform
        bot.edges.append(edge)
    if settings.teams is not None:
        from bot.teams.app import teams_edge

        edge = teams_edge(bot.reception, settings.teams, bot.clock, settings.host)
        bot.platforms["teams"] = edge.platform
        bot.edges.append(edge)


def web(bot: Bot) -> Starlette:
    """One server for everything: the platforms' addresses, health, metrics, and calendar files."""
    routes: list[BaseRoute] = [
        Route("/healthz", _healthy),
        Route("/readyz", _ready),
        Route("/metrics", _metrics),
        Route("/privacy", _page),
        Route("/terms", _page),
        Route("/ics/{interview:int}/{person:int}/{mark}.ics", _calendar_file),
    ]
    for edge in bot.edges:
        routes.extend(edge.routes())

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncGenerator[None]:
        jobs = Jobs(bot.delivery)
        for edge in bot.edges:
            await edge.start()
        await jobs.start()
        threading.Thread(target=warm, name="warm", daemon=True).start()  # before somebody types a date and waits for it
        log.info("started", platforms=sorted(bot.platforms), database=bot.database.url.get_backend_name())
        try:
            yield
        finally:
            await bot.reception.drain(DRAIN_SECONDS)
            jobs.stop()
            for edge in bot.edges:
                await edge.stop()
            bot.close()
            log.info("stopped")

    app = Starlette(routes=routes, lifespan=running)
    app.state.bot = bot
    return app


async def _healthy(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


async def _ready(request: Request) -> Response:
    bot: Bot = request.app.state.bot
    wrong = await bot.readiness()
    return JSONResponse({"status": "not ready" if wrong else "ready", "reasons": wrong}, 503 if wrong else 200)


async def _metrics(request: Request) -> Response:
    bot: Bot = request.app.state.bot
    token = bot.settings.metrics_token
    asked = request.headers.get("authorization", "")
    local = request.client is not None and request.client.host in LOOPBACK
    if not (secrets.compare_digest(asked.encode(), f"Bearer {token}".encode()) if token else local):
        return Response(status_code=401)
    await bot.readiness()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _page(request: Request) -> Response:
    # Teams will not take an app without these two addresses
    bot: Bot = request.app.state.bot
    return PlainTextResponse(PAGES[request.url.path].format(organisation=bot.settings.policy.name))


async def _calendar_file(request: Request) -> Response:
    bot: Bot = request.app.state.bot
    interview, person = int(request.path_params["interview"]), int(request.path_params["person"])
    keyring = bot.settings.keyring
    if not keyring.is_mark(str(request.path_params["mark"]), "ics", interview, person):
        return Response(status_code=404)
    from handlers.interviews import calendar_file

    found = await bot.database.run_async(lambda session: calendar_file(session, interview, person, bot.clock()))
    if found is None:
        return Response(status_code=404)
    headers = {"content-disposition": f'attachment; filename="learning-interview-{interview}.ics"'}
    return Response(found, media_type="text/calendar; charset=utf-8", headers=headers)
