"""Closures that come from an address: the last good copy from the start on, and a fresh one every day."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Clock
from bot.policy import Closure, Policy
from scheduling.calendars import closures
from storage import closures as kept
from storage.database import Database

log = structlog.get_logger("learnbot.closures")

EVERY = timedelta(hours=24)


@dataclass
class TermDates:
    """What the calendar at `policy.closures_from` says. `use` is called with the whole policy whenever that changes."""

    database: Database
    policy: Policy  # as it is written, without what was fetched
    clock: Clock
    use: Callable[[Policy], None]
    _fetched_at: datetime | None = None
    _in_use: tuple[Closure, ...] = ()

    def begin(self) -> None:
        """Go by what was known last: an address that does not answer opens no day that was closed yesterday."""
        self._go_by(self.database.run(lambda session: kept.known(session, self.policy.closures_from)))

    async def look(self) -> None:
        """Fetch the calendar unless that was done within a day; then go by what is known, whoever fetched it."""
        now = self.clock()
        if self._fetched_at is None or now - self._fetched_at >= EVERY:
            await self._fetch(now)
        self._go_by(await self.database.run_async(lambda session: kept.known(session, self.policy.closures_from)))

    async def _fetch(self, now: datetime) -> None:
        try:
            file = await closures.fetch(self.policy.closures_from)
            found = await asyncio.to_thread(closures.read, file)
        except closures.NotFetched as error:
            log.warning("closures not fetched", reason=error.reason)
            return
        except closures.NotACalendar as error:
            log.warning("closures not understood", mistakes=error.mistakes)
            return
        log.info("closures fetched", closures=len(found.closures), ignored=found.ignored)
        await self.database.run_async(lambda session: kept.keep(session, self.policy.closures_from, found.closures))
        self._fetched_at = now

    def _go_by(self, known: tuple[Closure, ...]) -> None:
        if known != self._in_use:
            self._in_use = known
            self.use(closures.with_closures(self.policy, known))
