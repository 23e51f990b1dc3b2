"""Everything put together: the only place that knows all the parts."""

import asyncio
import secrets
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Lifespan, Receive, Scope, Send

from bot.calendars import calendar_systems
from bot.clock import Clock, utc_now
from bot.config import LOOPBACK, Settings
from bot.dispatch import Dispatcher
from bot.errors import Unavailable
from bot.pages import PAGES
from bot.platforms import Platform
from bot.policy import Policy, is_address
from bot.portfolio_pages import portfolio_routes
from bot.reception import Reception
from bot.term_dates import TermDates
from handlers import CONVERSATIONS
from handlers.permissions import MAY
from handlers.registry import Registry
from scheduling.appointments import Appointments
from scheduling.calendars import closures
from scheduling.delivery import Delivery
from scheduling.jobs import Jobs
from scheduling.portfolios import Portfolios
from scheduling.when import warm
from storage.database import Database, insert_once
from storage.migrate import migrate, pending
from storage.models import Beat, Owed
from storage.sending import buildable

log = structlog.get_logger("learnbot")

DRAIN_SECONDS = 20.0
LONGEST_QUEUE = timedelta(minutes=5)
LONGEST_SILENCE = timedelta(minutes=5)  # a tick that sends much to a slow platform may well take two
TRIED_EVERY = timedelta(seconds=5)  # however often somebody asks whether the bot is ready
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
    started_at: datetime
    edges: list[Edge] = field(default_factory=list[Edge])
    appointments: Appointments | None = None  # where a calendar is configured
    term_dates: TermDates | None = None  # where closures come from an address
    portfolios: Portfolios | None = None

    async def readiness(self) -> list[str]:
        """Why the bot cannot do its work now; empty when it can.

        Whoever of several processes sends messages does so for all of them: what counts is that one of them does.
        """
        now = self.clock()

        def look(session: Session) -> list[str]:
            wrong: list[str] = []
            if self._waiting(session, now) > LONGEST_QUEUE:
                wrong.append("messages have been waiting for more than five minutes")
            beat = session.scalar(select(Beat.at).where(Beat.name == "delivery"))
            if beat is not None and beat - now > CLOCK_TOLERANCE:
                wrong.append("the clock stands earlier than when messages were last sent")
            if now - max(beat or self.started_at, self.started_at) > LONGEST_SILENCE:
                wrong.append("nothing has looked for messages to send for more than five minutes")
            _try_to_write(session, now)
            return wrong

        try:
            return await self.database.run_async(look)
        except Exception as error:
            log.error("not ready", error=type(error).__name__)
            return ["the database cannot be written"]

    async def measure(self) -> None:
        """Bring the numbers of the outbox up to date. Raises `Unavailable`."""
        now = self.clock()
        await self.database.run_async(lambda session: self._waiting(session, now))

    def _waiting(self, session: Session, now: datetime) -> timedelta:
        """How long the oldest message that is due has been waiting; not those that only another version can build."""
        due = (Owed.state == "due", Owed.due_at <= now, buildable(self.delivery.registry.notices))
        oldest = session.scalar(select(func.min(Owed.due_at)).where(*due))
        waiting = now - oldest if oldest else timedelta(0)
        WAITING.set(session.scalar(select(func.count()).select_from(Owed).where(*due)) or 0)
        OLDEST.set(waiting.total_seconds())
        return waiting

    def use(self, policy: Policy) -> None:
        """Go by this policy from now on: whatever has begun goes by the one it began with."""
        self.settings = replace(self.settings, policy=policy)
        self.dispatcher.policy = self.delivery.policy = policy
        if self.portfolios is not None:
            self.portfolios.policy = policy
        if self.appointments is not None:
            self.appointments.policy = policy

    def warm(self) -> None:
        """Make ready what typed words and dates need, before somebody types one and waits for it."""
        self.dispatcher.registry.warm()
        warm()

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()


def _try_to_write(session: Session, now: datetime) -> None:
    """Write one row, and again once that is a while ago: a full disk lets a database be read for a long time."""
    if insert_once(session, Beat, name="ready", at=now):
        return
    lately = Beat.at.between(now - TRIED_EVERY, now)
    session.execute(update(Beat).where(Beat.name == "ready", ~lately).values(at=now))


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
        database, known, settings.policy, settings.keyring, base_url=settings.base_url, calendars=settings.calendars,
        process=process,
    )  # fmt: skip
    delivery = Delivery(
        database, known, settings.policy, settings.keyring, everywhere, clock, process,
        base_url=settings.base_url, calendars=settings.calendars, alone=database.sqlite,
    )  # fmt: skip
    reception = Reception(dispatcher, delivery, clock)
    portfolios = Portfolios(
        database, settings.policy, settings.keyring, everywhere, clock, process, base_url=settings.base_url
    )
    bot = Bot(settings, database, dispatcher, delivery, reception, clock, everywhere, clock(), portfolios=portfolios)
    if systems := calendar_systems(settings):
        bot.appointments = Appointments(
            database, known, settings.policy, settings.keyring, systems, settings.calendars, clock, process,
            settings.base_url,
        )  # fmt: skip
    _add_closures(bot)
    _add_edges(bot)
    return bot


def _add_closures(bot: Bot) -> None:
    policy = bot.settings.policy
    if is_address(policy.closures_from):
        bot.term_dates = TermDates(bot.database, policy, bot.clock, bot.use)
        bot.term_dates.begin()
    for event in closures.ignored(policy):
        log.warning("not taken for a closure", what=event)


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


class _Web(Starlette):
    """Starlette, where the platforms' doors stand in front: what people say comes in most often, by far.

    Whatever a door does not take (another method, say) goes through Starlette, which knows the door as a route, too.
    """

    def __init__(self, doors: Sequence[Route], routes: Sequence[BaseRoute], lifespan: Lifespan["_Web"]) -> None:
        super().__init__(routes=[*doors, *routes], lifespan=lifespan)
        self._doors = {(method, door.path): door.app for door in doors for method in door.methods or ()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        door = self._doors.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        await (door or super().__call__)(scope, receive, send)


def web(bot: Bot) -> Starlette:
    """One server for everything: the platforms' addresses, health, metrics, and calendar files."""
    routes: list[BaseRoute] = [
        Route("/healthz", _healthy),
        Route("/readyz", _ready),
        Route("/metrics", _metrics),
        Route("/privacy", _page),
        Route("/terms", _page),
        Route("/ics/{interview:int}/{person:int}/{mark}.ics", _interview_file),
        Route("/ics/set/{meeting:int}/{person:int}/{mark}.ics", _meeting_file),
        Route("/ics/seminar/{seminar:int}/{person:int}/{mark}.ics", _seminar_file),
        Route("/calendar/{person:int}/{secret}.ics", _subscription),
    ]
    routes += portfolio_routes(bot.database, bot.settings.keyring, bot.clock)

    @asynccontextmanager
    async def running(app: Starlette) -> AsyncGenerator[None]:
        closures = bot.term_dates.look if bot.term_dates else None
        jobs = Jobs(bot.delivery, bot.appointments, closures, bot.portfolios)
        for edge in bot.edges:
            await edge.start()
        await jobs.start()
        threading.Thread(target=bot.warm, name="warm", daemon=True).start()
        log.info("started", platforms=sorted(bot.platforms), database=bot.database.url.get_backend_name())
        try:
            yield
        finally:
            if bot.portfolios is not None:
                bot.portfolios.stopping = True
            await asyncio.gather(bot.reception.drain(DRAIN_SECONDS), _stop_keeping_calendars(bot))
            jobs.stop()
            for edge in bot.edges:
                await edge.stop()
            bot.close()
            log.info("stopped")

    app = _Web([door for edge in bot.edges for door in edge.routes()], routes, running)
    app.state.bot = bot
    return app


async def _stop_keeping_calendars(bot: Bot) -> None:
    if bot.appointments is not None:
        await bot.appointments.stop(DRAIN_SECONDS)


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
    with suppress(Unavailable):
        await bot.measure()  # while the database is away, the other numbers are wanted all the more
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _page(request: Request) -> Response:
    # Teams will not take an app without these two addresses
    bot: Bot = request.app.state.bot
    return PlainTextResponse(PAGES[request.url.path].format(organisation=bot.settings.policy.name))


async def _interview_file(request: Request) -> Response:
    from handlers.calendar_files import of_interview

    interview = int(request.path_params["interview"])
    return await _calendar_file(request, "ics", interview, of_interview, f"learning-interview-{interview}")


async def _meeting_file(request: Request) -> Response:
    from handlers.calendar_files import of_meeting

    meeting = int(request.path_params["meeting"])
    return await _calendar_file(request, "ics/set", meeting, of_meeting, f"learning-set-{meeting}")


async def _seminar_file(request: Request) -> Response:
    from handlers.calendar_files import of_seminar

    bot: Bot = request.app.state.bot
    seminar = int(request.path_params["seminar"])

    def file_of(session: Session, about: int, person: int, now: datetime) -> bytes | None:
        return of_seminar(session, bot.settings.keyring, about, person, now)

    return await _calendar_file(request, "ics/seminar", seminar, file_of, f"seminar-{seminar}")


FileOf = Callable[[Session, int, int, datetime], bytes | None]


async def _calendar_file(request: Request, purpose: str, about: int, file_of: FileOf, name: str) -> Response:
    """What `file_of` makes for whom the address names, when its mark is the one that they were given."""
    bot: Bot = request.app.state.bot
    person = int(request.path_params["person"])
    if not bot.settings.keyring.is_mark(str(request.path_params["mark"]), purpose, about, person):
        return Response(status_code=404)
    found = await bot.database.run_async(lambda session: file_of(session, about, person, bot.clock()))
    if found is None:
        return Response(status_code=404)
    headers = {"content-disposition": f'attachment; filename="{name}.ics"'}
    return Response(found, media_type="text/calendar; charset=utf-8", headers=headers)


async def _subscription(request: Request) -> Response:
    """All of somebody's interviews, for a calendar that asks again and again: 304 while nothing has changed."""
    bot: Bot = request.app.state.bot
    person_id, secret = int(request.path_params["person"]), str(request.path_params["secret"])
    from handlers.calendar_address import opens
    from handlers.calendar_files import Subscription, subscription

    def look(session: Session) -> Subscription | None:
        person = opens(session, bot.settings.keyring, person_id, secret)
        return subscription(session, bot.settings.keyring, person, bot.clock()) if person else None

    kept_by_nobody = {"cache-control": "private, no-cache"}
    try:
        found = await bot.database.run_async(look)
    except Unavailable:
        return Response(status_code=503, headers={"retry-after": "60"})
    if found is None:
        return Response(status_code=404, headers=kept_by_nobody)
    headers = {"etag": f'W/"{found.version}"', **kept_by_nobody}
    if found.version in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.file, media_type="text/calendar; charset=utf-8", headers=headers)
