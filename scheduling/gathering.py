"""What comes in while the last lot is being dealt with is dealt with together."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Gathering(Generic[Key, Value]):
    """Hands everything that waits to `deal` at once, one lot at a time: under load one transaction serves many.

    Whoever brought something comes back when it was dealt with. The one whose turn it was to hand a lot over is told of
    a failure; to remember what the others brought is up to `deal`.
    """

    def __init__(self, deal: Callable[[Mapping[Key, Value]], Awaitable[None]]) -> None:
        self._deal = deal
        self._waiting: dict[Key, Value] = {}
        self._turn = asyncio.Lock()

    async def __call__(self, key: Key, value: Value) -> None:
        """Have `value` dealt with."""
        self._waiting[key] = value
        async with self._turn:
            if key in self._waiting:  # otherwise it went with somebody else's lot
                lot, self._waiting = self._waiting, {}
                await self._deal(lot)
