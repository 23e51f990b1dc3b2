"""What every edge does with an event: dispatch it, find out who a stranger is, and send the answer that is owed."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import structlog
from prometheus_client import Counter

from bot.chat import Account, Event, Nothing, Reply, Say
from bot.clock import Clock
from bot.dispatch import Dispatcher, Outcome
from bot.errors import Unavailable
from bot.platforms import Address, NotAccepted, Platform
from scheduling.delivery import Delivery

log = structlog.get_logger("learnbot.reception")

TRY_AGAIN = 0.25  # seconds between tries to write, before stopping, what the database was too busy or away to take

EVENTS = Counter("learnbot_events_total", "Events by what came of them", ["platform", "kind", "outcome"])
_events = cache(EVENTS.labels)  # which looks each up under a lock


@dataclass(frozen=True)
class Known:
    """What a platform's own directory says of an account: a verified e-mail and a name, "" where it says nothing."""

    email: str
    name: str


Directory = Callable[[Account], Awaitable[Known]]


@dataclass
class Reception:
    """Takes events from the edges. `answer` returns once the effect is committed; a `Say` is then on its way."""

    dispatcher: Dispatcher
    delivery: Delivery
    clock: Clock
    stopping: bool = False
    _under_way: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    _open: int = 0

    async def answer(self, event: Event, platform: Platform, directory: Directory) -> Reply:
        """The reply that the edge must show itself; what had to be sent as a message is being sent.

        Raises `Failed` (a bug: tell the code) or `Unavailable` (let the platform deliver the event again).
        """
        if self.stopping:
            raise Unavailable("the bot is stopping")
        self._open += 1
        became = "failed"
        try:
            outcome = await self._handled(event)
            if outcome.stranger:
                known = await directory(event.account)
                event = replace(event, email=known.email or "nobody", name=known.name)
                outcome = await self._handled(event)
            reply = outcome.reply
            became = "answered" if outcome.reply != Nothing() else "noted"
            if isinstance(reply, Say):
                if outcome.parcel is not None:
                    self.start(self.delivery.send_claimed(outcome.parcel))
                else:
                    self.start(self._greet(platform, event, reply))
            return reply
        except Unavailable:
            became = "unavailable"
            raise
        finally:
            self._open -= 1
            _events(event.account.platform, event.kind, became).inc()

    async def _handled(self, event: Event) -> Outcome:
        with self.delivery.precedence.first():
            return await self.dispatcher.handle_async(event, self.clock())

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let `work` go on by itself; `drain` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # never left to asyncio, which would write the exception out, and with it what somebody said
            log.error("not sent at once", error=type(error).__name__)

    async def settled(self) -> None:
        """Wait until everything that was started has finished."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def drain(self, seconds: float) -> None:
        """Take nothing more in, and wait until what was taken in is finished, at most `seconds`.

        What is being sent is sent and marked; what is only claimed is put back for the next process. Where the database
        is away for a moment it is tried again: the next process would take what is not marked for uncertain.
        """
        self.stopping = self.delivery.stopping = True
        unsettled = self.delivery.unsettled
        try:
            async with asyncio.timeout(seconds):
                while self._open or self._under_way or self.delivery.busy or unsettled:
                    await asyncio.sleep(0.02 if await self._settles() else TRY_AGAIN)
        except TimeoutError:
            log.warning("stopped with work under way", open=self._open, sending=self.delivery.busy,
                        not_written=unsettled.rows())  # fmt: skip

    async def _settles(self) -> bool:
        """Whether the database takes what it could not take before."""
        try:
            await self.delivery.unsettled.settle()
        except Unavailable:
            return False
        return True

    async def _greet(self, platform: Platform, event: Event, reply: Say) -> None:
        try:
            await platform.send(Address(event.account, event.place, reply.private), reply.message, f"say/{event.key}")
        except NotAccepted as refused:
            log.info("stranger not greeted", platform=platform.name, reason=refused.reason)
