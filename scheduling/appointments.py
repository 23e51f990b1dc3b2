"""The keeper of calendars: looks when people are busy, writes what is owed to calendars, follows what is changed there.

A calendar that is down holds nothing up: what could not be seen is noted, what could not be written is written later.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from prometheus_client import Counter
from sqlalchemy.orm import Session

from bot.clock import Clock
from bot.policy import Policy
from handlers.registry import InCalendars, Registry
from handlers.turn import Turn
from scheduling.calendars.contract import (
    Appointment,
    CalendarDown,
    CalendarRefused,
    CalendarSystem,
    Changed,
    Changes,
    Placed,
)
from scheduling.slots import Interval
from storage import appointments, calendar_changes, calendar_looks
from storage.appointments import Claimed
from storage.calendar_changes import Following
from storage.calendar_looks import Look
from storage.database import Database
from storage.models import CalendarEvent, Person
from storage.sealed import Keyring

log = structlog.get_logger("learnbot.calendars")

LOOK_TIMEOUT, TIMEOUT = 8.0, 20.0  # seconds
TOGETHER = 20  # mailboxes in one call
HORIZON = timedelta(weeks=6)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=30)
TOKEN_REST = timedelta(minutes=5)  # between looks at whether a secret that was refused has been replaced
CALLS = Counter(
    "learnbot_calendar_calls_total", "Calls to calendars by what became of them", ["system", "call", "outcome"]
)

T = TypeVar("T")


@dataclass
class Appointments:
    """Keeps calendars and interviews in agreement. One instance in a process; any number of processes on PostgreSQL.

    `systems` are those that are configured; `calendars` their names, after the one for people who named none.
    """

    database: Database
    registry: Registry
    policy: Policy
    keyring: Keyring
    systems: Mapping[str, CalendarSystem]
    calendars: tuple[str, ...]
    clock: Clock
    process: str
    base_url: str = ""
    stopping: bool = False
    busy: int = 0
    _resting: dict[str, datetime] = field(default_factory=dict[str, datetime])

    async def start(self) -> None:
        """Take up again what found no calendar before; log what is wrong with those that are configured now."""
        now = self.clock()
        await self.database.run_async(lambda session: appointments.place_again(session, now))
        for name, mistakes in (await self.mistakes()).items():
            for mistake in mistakes:
                log.warning("calendar", system=name, mistake=mistake)

    async def mistakes(self) -> dict[str, list[str]]:
        """What is wrong with the settings or the permissions of each system, in words for whoever runs the bot."""
        return {name: await mistakes_of(system) for name, system in self.systems.items()}

    async def tick(self) -> int:
        """Do everything that is due now. Returns how much that was."""
        return await self.look() + await self.write() + await self.follow()

    async def look(self) -> int:
        """Look at the calendars that are wanted, many in one call. Returns how many."""
        return await self._at_work(self._look_at_what_is_wanted)

    async def write(self) -> int:
        """Write the events that are owed, and take out those that are not to stand. Returns how many."""
        return await self._at_work(self._write_what_is_owed)

    async def follow(self) -> int:
        """Ask the calendars of events to come what has changed, each every five minutes. Returns how many."""
        return await self._at_work(self._follow_what_stands)

    async def stop(self, seconds: float) -> None:
        """Begin nothing more, wait for what is under way, at most so long, and let go of the connections."""
        self.stopping = True
        deadline = asyncio.get_running_loop().time() + seconds
        while self.busy and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for system in self.systems.values():
            await system.close()

    # ------------------------------------------------------------------------------------------------------ busy times

    async def _look_at_what_is_wanted(self, now: datetime) -> int:
        looks = await self.database.run_async(
            lambda session: calendar_looks.claim_looks(session, now, self.calendars, resting=self._at_rest(now))
        )
        await _all(self._look(name, some) for name, some in _batches(looks))
        return len(looks)

    async def _look(self, name: str, looks: Sequence[Look]) -> None:
        now = self.clock()
        until = now + HORIZON
        found: Mapping[str, list[Interval] | CalendarRefused]
        try:
            call = self.systems[name].busy([look.mailbox for look in looks], now, until)
            found = await self._call(name, "busy", call, LOOK_TIMEOUT)
        except CalendarDown:
            found = {}
        except CalendarRefused as refusal:
            found = {look.mailbox: refusal for look in looks}

        def note(session: Session) -> None:
            for look in sorted(looks, key=lambda look: look.person_id):  # one order for all: no deadlocks
                seen = found.get(look.mailbox)
                if isinstance(seen, list):
                    calendar_looks.seen(session, look.person_id, seen, now, until)
                    continue
                reason = seen.reason if seen is not None else "down"
                log.info("calendar not seen", system=name, person=look.person_id, reason=reason)
                calendar_looks.not_seen(session, look.person_id, reason, now)

        await self.database.run_async(note)

    # ---------------------------------------------------------------------------------------------------------- events

    async def _write_what_is_owed(self, now: datetime) -> int:
        systems = set(self.systems) - self._at_rest(now)

        def claim(session: Session) -> list[Claimed]:
            appointments.place(session, now, self.calendars)
            return appointments.claim(session, now, self.process, systems)

        claimed = await self.database.run_async(claim)
        await _all(map(self._write, claimed))
        return len(claimed)

    async def _write(self, done: Claimed) -> None:
        try:
            appointment = await self.database.run_async(lambda session: self._described(session, done))
            placed = await self._carried_out(done, appointment)
        except CalendarRefused as refusal:
            reason = refusal.reason
            log.warning("calendar refused", system=done.system, person=done.host_id, call=done.doing, reason=reason)
            await self.database.run_async(
                lambda session: appointments.refused(session, done, self.process, reason, self.clock())
            )
        except CalendarDown as down:
            at = self.clock() + _wait(done.attempts, down.retry_after)
            await self.database.run_async(lambda session: appointments.later(session, done.row, self.process, at))
        else:
            await self.database.run_async(lambda session: self._note(session, done, placed))

    async def _carried_out(self, done: Claimed, appointment: Appointment) -> Placed | None:
        """What stands now; None when nothing does any more."""
        system = self.systems[done.system]
        if done.doing == "change":
            change = system.change(done.mailbox, done.event_id, appointment)
            return await self._call(done.system, "change", change, TIMEOUT)
        event_id = done.event_id
        if not event_id:  # before it is removed, too: an attempt without an answer may have made it
            placed = await self._call(done.system, "put", system.put(done.mailbox, appointment), TIMEOUT)
            if done.doing == "put":
                return placed
            event_id = placed.event_id
        await self._call(done.system, "remove", system.remove(done.mailbox, event_id), TIMEOUT)
        return None

    def _described(self, session: Session, done: Claimed) -> Appointment:
        event = session.get_one(CalendarEvent, done.row)
        turn, kept, about = self._subject(session, event)
        described = kept.described(turn, about)
        return replace(described, key=done.key, starts_at=done.times[0], ends_at=done.times[1])

    def _note(self, session: Session, done: Claimed, placed: Placed | None) -> None:
        if done.doing == "remove":
            appointments.removed(session, done.row, done.key)
        elif placed is None:
            self._followed(session, done.row, Changed(done.event_id, gone=True))
        elif appointments.written(session, done, placed, self.process, self.clock()):
            turn, kept, about = self._subject(session, session.get_one(CalendarEvent, done.row))
            kept.placed(turn, about)

    # ----------------------------------------------------------------------------------------------------- from outside

    async def _follow_what_stands(self, now: datetime) -> int:
        systems = set(self.systems) - self._at_rest(now)
        asked = await self.database.run_async(lambda session: calendar_changes.claim_following(session, now, systems))
        await _all(map(self._follow, asked))
        return len(asked)

    async def _follow(self, asked: Following) -> None:
        try:
            call = self.systems[asked.system].changes(asked.mailbox, asked.mark, asked.starts_at, asked.until)
            changes = await self._call(asked.system, "changes", call, TIMEOUT)
        except CalendarDown:
            return  # asked again in five minutes, from the same mark
        except CalendarRefused as refusal:
            log.info("changes not seen", system=asked.system, person=asked.host_id, reason=refusal.reason)
            return
        await self._follow_all(asked, changes)
        await self.database.run_async(lambda session: calendar_changes.followed(session, asked, changes.mark))

    async def _follow_all(self, asked: Following, changes: Changes) -> None:
        """Each change in a transaction of its own; after a fault the same ones are told again, as the mark stays."""
        told = {changed.event_id: changed for changed in changes.events}  # of one that is told twice the last counts
        for event_id in asked.written.keys() & told.keys():
            await self.database.run_async(self._following(asked, told[event_id]))
        if changes.whole:
            missing = [row for event_id, (row, _) in asked.written.items() if event_id not in told]
            now = self.clock()
            for row in missing:
                await self.database.run_async(_doubting(row, now))

    def _following(self, asked: Following, changed: Changed) -> Callable[[Session], None]:
        row, times = asked.written[changed.event_id]
        return lambda session: self._followed(session, row, changed, times)

    def _followed(self, session: Session, row: int, changed: Changed, written: Interval | None = None) -> None:
        """Act on a change that a person made. `written` is what stood when it was asked for: if we have written since,
        or are about to, that counts.
        """
        event = appointments.locked(session, row)
        if event is None:
            return
        stood = (event.starts_at, event.ends_at)
        if written is not None and (event.state != "standing" or stood != written):
            return
        turn, kept, about = self._subject(session, event)
        if changed.gone:
            kept.follow(turn, about, changed)
            appointments.removed(session, row, event.key)
        elif changed.starts_at is not None and changed.ends_at is not None:
            shows = (changed.starts_at, changed.ends_at)
            if shows != stood:
                event.starts_at, event.ends_at = shows
                kept.follow(turn, about, changed)
                calendar_changes.as_shown(session, event)

    def _subject(self, session: Session, event: CalendarEvent) -> tuple[Turn, InCalendars, int]:
        """What an event is of: its conversation's ways with it, its number, and a turn whose reader is the host."""
        subjects = (("interview", event.interview_id), ("meeting", event.meeting_id), ("seminar", event.seminar_id))
        kind, about = next((kind, number) for kind, number in subjects if number is not None)
        host = session.get_one(Person, event.host_id)
        turn = Turn(session, self.clock(), self.policy, self.keyring, host, base_url=self.base_url,
                    calendars=self.calendars)  # fmt: skip
        return turn, self.registry.follows[kind], about

    # ----------------------------------------------------------------------------------------------------------- calls

    async def _at_work(self, part: Callable[[datetime], Awaitable[int]]) -> int:
        if self.stopping or not self.systems:
            return 0
        self.busy += 1
        try:
            return await part(self.clock())
        finally:
            self.busy -= 1

    async def _call(self, name: str, what: str, call: Awaitable[T], seconds: float) -> T:
        """The calendar's answer. Raises `CalendarRefused`, or `CalendarDown` for everything that is no answer."""
        outcome = "down"
        try:
            async with asyncio.timeout(seconds):
                answer = await call
            outcome = "done"
            return answer
        except CalendarRefused as refusal:
            outcome = refusal.reason
            if refusal.reason != "token_refused":
                raise
            log.error("the calendar no longer accepts the bot's secret", system=name)
            self._rest(name, TOKEN_REST)
            raise CalendarDown(refusal.reason, TOKEN_REST.total_seconds()) from refusal
        except CalendarDown as down:
            if down.retry_after:
                self._rest(name, timedelta(seconds=down.retry_after))
            raise
        except Exception as error:
            log.warning("calendar", system=name, call=what, error=type(error).__name__)
            raise CalendarDown(type(error).__name__) from error
        finally:
            CALLS.labels(name, what, outcome).inc()

    def _rest(self, name: str, how_long: timedelta) -> None:
        self._resting[name] = max(self._resting.get(name, self.clock()), self.clock() + how_long)

    def _at_rest(self, now: datetime) -> set[str]:
        return {name for name, until in self._resting.items() if until > now}


async def mistakes_of(system: CalendarSystem) -> list[str]:
    """What is wrong with this system's settings or permissions; that it does not answer is among it."""
    try:
        async with asyncio.timeout(TIMEOUT):
            return await system.mistakes()
    except CalendarRefused as refusal:
        return [f"{system.name.capitalize()} refuses the bot ({refusal.reason}): see docs/calendars.md"]
    except (CalendarDown, TimeoutError):
        return [f"{system.name.capitalize()} does not answer: check the network, a proxy or a firewall"]


def _batches(looks: Iterable[Look]) -> Iterator[tuple[str, list[Look]]]:
    """The looks by system, as many together as one call takes."""
    by_system: dict[str, list[Look]] = {}
    for look in looks:
        by_system.setdefault(look.system, []).append(look)
    for name, of_one in by_system.items():
        for first in range(0, len(of_one), TOGETHER):
            yield name, of_one[first : first + TOGETHER]


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Let each come to its end, then raise what one of them met."""
    for ended in await asyncio.gather(*works, return_exceptions=True):
        if isinstance(ended, BaseException):
            raise ended


def _doubting(row: int, now: datetime) -> Callable[[Session], None]:
    return lambda session: appointments.doubted(session, row, now)


def _wait(attempts: int, asked: float | None) -> timedelta:
    """How long to wait after so many attempts in vain: as long as was asked for, else twice as long each time."""
    if asked:
        return timedelta(seconds=asked) * random.uniform(1.0, 1.2)  # noqa: S311 - not a secret
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 9), LONGEST_WAIT) * random.uniform(0.8, 1.2)  # noqa: S311
