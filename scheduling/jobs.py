"""The clockwork: APScheduler only ticks. What is owed, and when, is in the outbox."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs]

from bot.clock import utc_now
from bot.errors import Unavailable
from scheduling.appointments import Appointments
from scheduling.cadence import owe_what_recurs
from scheduling.delivery import Delivery
from scheduling.portfolios import Portfolios
from storage import calendar_looks, undelivered
from storage.retention import clean_up

log = structlog.get_logger("learnbot.jobs")

TICK, RECONCILE = timedelta(seconds=1), timedelta(seconds=30)


@dataclass
class Jobs:
    """A delivery tick, a look at what a crash left behind, an hourly cadence, a nightly clean-up; calendars, if any.

    `closures` looks every hour whether the closures that come from an address are a day old.
    """

    delivery: Delivery
    appointments: Appointments | None = None
    closures: Callable[[], Awaitable[None]] | None = None
    portfolios: Portfolios | None = None
    _scheduler: Any = field(default_factory=lambda: AsyncIOScheduler(timezone="UTC"))

    async def start(self) -> None:
        """Begin to tick. The first thing is to find out what the last process left half sent, and to owe what recurs.

        Neither holds up the start: a platform that is slow to answer is no reason to turn people away.
        """
        now = self.delivery.clock()
        await self.delivery.database.run_async(lambda session: undelivered.configured_again(session, now))
        every: dict[str, Any] = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        at_once = {"next_run_time": utc_now()}
        self._scheduler.add_job(_guarded("delivery", self.tick), "interval", seconds=TICK.total_seconds(), **every)
        self._scheduler.add_job(
            _guarded("reconcile", self.delivery.reconcile), "interval", seconds=RECONCILE.total_seconds(),
            **every, **at_once,
        )  # fmt: skip
        self._scheduler.add_job(_guarded("cadence", self.cadence), "interval", hours=1, **every, **at_once)
        zone = self.delivery.policy.zone
        self._scheduler.add_job(_guarded("clean-up", self.clean_up), "cron", hour=3, minute=10, timezone=zone, **every)
        if self.appointments is not None:
            self._add_calendars(self.appointments, every)
        if self.closures is not None:
            self._scheduler.add_job(_guarded("closures", self.closures), "interval", hours=1, **every, **at_once)
        if self.portfolios is not None:
            made = self.portfolios.tick
            self._scheduler.add_job(_guarded("portfolios", made), "interval", seconds=2, **every)
        self._scheduler.start()

    def _add_calendars(self, appointments: Appointments, every: dict[str, Any]) -> None:
        """Each part by itself: a calendar that is slow to write to keeps nobody waiting who wants to see times."""
        self._scheduler.add_job(_guarded("calendars", appointments.start), "date", **every)
        for name, part, seconds in (
            ("calendar looks", appointments.look, 1),
            ("calendar events", appointments.write, 2),
            ("calendar changes", appointments.follow, 15),
        ):
            self._scheduler.add_job(_guarded(name, part), "interval", seconds=seconds, **every)

    def stop(self) -> None:
        """Tick no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Send everything that is due now. That may take long; the ticks meant for meanwhile are left out."""
        going = True
        while going:
            going = await self.delivery.tick() > 0
            await self.delivery.beat()

    async def cadence(self) -> None:
        """Owe the coming fortnight, forget busy times that are a day old, and clean up if a night was missed."""
        delivery = self.delivery
        now = delivery.clock()
        await delivery.database.run_async(
            lambda session: owe_what_recurs(
                session, delivery.registry, delivery.policy, delivery.keyring, now, delivery.calendars
            )
        )
        await delivery.database.run_async(lambda session: calendar_looks.forget(session, now))
        await self.clean_up()

    async def clean_up(self) -> None:
        """Forget what is kept no longer; done once a day, whenever the bot is up."""
        delivery = self.delivery
        now = delivery.clock()
        await delivery.database.run_async(lambda session: clean_up(session, delivery.policy, now))


def _guarded(name: str, work: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
    async def run() -> None:
        try:
            await work()
        except Unavailable:
            log.error("unavailable", job=name)
        except Exception as error:
            log.error("failed", job=name, error=type(error).__name__)

    return run
