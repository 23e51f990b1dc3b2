"""Whoever waits for an acknowledgement goes first: what is sent meanwhile can wait a moment.

A process has one interpreter, and when hundreds answer at once it has no time for more than them. A platform gives an
event up after three seconds; that a message of thanks comes a few seconds later is no loss to anybody.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager, suppress

MANY = 3  # events at the same time that messages need not wait for


class Precedence:
    """Counts the events that wait for their acknowledgement, and lets messages by when they are few.

    `longest`, in seconds, is how long a message waits, a small part of its lease: a rush that does not end must not
    silence the bot.
    """

    longest = 5.0

    def __init__(self) -> None:
        self._waiting = 0
        self._few = asyncio.Event()
        self._few.set()
        self._gate = asyncio.Lock()

    @contextmanager
    def first(self) -> Generator[None]:
        """Somebody waits for an acknowledgement until this ends."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    async def after_others(self) -> None:
        """Return when few wait, for one message after the other, or after the longest time that one may wait."""
        if self._few.is_set():
            return
        with suppress(TimeoutError):
            # one at a time: were all let go at once, those who come meanwhile would wait for all of them
            async with asyncio.timeout(self.longest), self._gate:
                await self._few.wait()

    def _count(self, more: int) -> None:
        self._waiting += more
        if self._waiting > MANY:
            self._few.clear()
        else:
            self._few.set()
