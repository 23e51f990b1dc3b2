"""The whole program behind its real web server, in a thread of its own, on a clock that only a test moves."""

import asyncio
import itertools
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy.orm import Session

from bot.app import Bot, Edge, build, web
from bot.config import Settings
from bot.platforms import Platform
from bot.policy import load
from scheduling.cadence import owe_what_recurs
from scheduling.pacing import Pacer
from storage.roster import import_roster, read_roster
from storage.sealed import Keyring
from tests.clients.signing import Signed
from tests.passing import Passing

EVERY = 0.1  # seconds between two looks for what is due
RECURS_EVERY = timedelta(days=4)  # of the fortnight for which what recurs is owed ahead

MorePlatforms = Callable[[Bot], dict[str, tuple[Edge, Platform]]]


def settings(folder: Path, **changes: Any) -> Settings:
    """What the bot is told, with a database of its own in `folder`."""
    usual = Settings(f"sqlite:///{folder}/learnbot.db", Keyring([b"k" * 32]), load("southampton"))
    return replace(usual, **changes)


class Running:
    """The program as it is served, its platforms connected. What is due is sent at once, as the clock stands.

    The clockwork of a running bot ticks on the clock of the machine. Here its work is done for it, so that no message
    is on its way while the time changes. `more` adds edges that no setting describes.
    """

    def __init__(self, told: Settings, roster: str, now: datetime, more: MorePlatforms | None = None) -> None:
        self.now = now
        self.bot = build(told, clock=lambda: self.now)
        self.bot.delivery.pacer = Pacer(now=map(float, itertools.count(0, 100)).__next__)  # nobody waits for a limit
        people = read_roster(roster.encode())
        self.bot.database.run(lambda session: import_roster(session, people, told.keyring, now, told.policy))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._one_at_a_time = asyncio.Lock()
        self.run(self._begin(more))

    @property
    def url(self) -> str:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def post(self, signed: Signed) -> httpx.Response:
        """A platform posts this; when the answer is here, everything that follows from it has happened."""
        answer = signed.post(self.url)
        self.settle()
        return answer

    def settle(self) -> None:
        self.run(self._settled())

    def wait_until(self, instant: datetime) -> None:
        """Let time pass: what recurs is owed now, every few days and at the end; what falls due is sent then."""
        assert instant >= self.now
        self.run(self._until(instant))

    def stop(self) -> None:
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        self.bot.close()

    # -- inside its loop

    async def _begin(self, more: MorePlatforms | None) -> None:
        for name, (edge, platform) in (more(self.bot) if more else {}).items():
            self.bot.edges.append(edge)
            self.bot.platforms[name] = platform
        for edge in self.bot.edges:
            await edge.start()
        # Connections are kept as long as when it is served: who posts on one that is being closed loses what they said.
        config = uvicorn.Config(web(self.bot), port=0, log_config=None, lifespan="off", timeout_keep_alive=75)
        self._server = uvicorn.Server(config)
        self._serving = asyncio.ensure_future(self._server.serve())
        while not self._server.started:
            await asyncio.sleep(0.01)
        self._ticking = asyncio.ensure_future(self._tick())

    async def _tick(self) -> None:
        while True:
            await self._settled()
            await asyncio.sleep(EVERY)

    async def _settled(self) -> None:
        async with self._one_at_a_time:
            await self._send()

    async def _send(self) -> None:
        await self.bot.reception.settled()
        await self.bot.delivery.run_until_idle()

    async def _until(self, instant: datetime) -> None:
        async with self._one_at_a_time:
            await self._send()
            passing = Passing(self.now, instant, RECURS_EVERY)
            while True:
                if passing.looks(self.now):
                    await self.bot.database.run_async(self._owe)
                due = await self.bot.database.run_async(passing.due)
                self.now = passing.next(self.now, due)
                await self._send()
                if passing.is_over(self.now, due):
                    return

    def _owe(self, session: Session) -> None:
        told, delivery = self.bot.settings, self.bot.delivery
        owe_what_recurs(session, delivery.registry, told.policy, told.keyring, self.now)

    async def _end(self) -> None:
        self._ticking.cancel()
        await asyncio.gather(self._ticking, return_exceptions=True)
        self._server.should_exit = True
        await self._serving
        for edge in self.bot.edges:
            await edge.stop()


@contextmanager
def running(told: Settings, roster: str, now: datetime, more: MorePlatforms | None = None) -> Iterator[Running]:
    program = Running(told, roster, now, more)
    try:
        yield program
    finally:
        program.stop()
