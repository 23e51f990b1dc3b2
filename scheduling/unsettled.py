"""What the database was too busy, or away, to take: kept until it takes it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.orm import Session

from bot.errors import Unavailable
from storage.database import Database

log = structlog.get_logger("learnbot.delivery")


@dataclass(frozen=True, eq=False)
class _Left:
    """Work on these rows that is still to be done; `became` says in a word what is to be written of them."""

    became: str
    rows: tuple[int, ...]
    work: Callable[[Session], Any]


@dataclass
class Unsettled:
    """Work that is done again, in the order in which it came, until the database has taken all of it."""

    database: Database
    _left: list[_Left] = field(default_factory=list[_Left])

    def __post_init__(self) -> None:
        self._turn = asyncio.Lock()

    def __bool__(self) -> bool:
        return bool(self._left)

    def add(self, became: str, rows: Sequence[int], work: Callable[[Session], Any]) -> None:
        """Remember `work`, which would have written what became of `rows`."""
        self._left.append(_Left(became, tuple(rows), work))

    async def settle(self) -> None:
        """Have the database take what is left. Raises `Unavailable` when it still cannot; what it took is not left.

        What fails by itself is given up, so that nothing has to wait behind it for ever: its lease will run out.
        """
        async with self._turn:  # two at a time would do the first piece twice, and then pass over the second
            while self._left:
                try:
                    await self.database.run_async(self._left[0].work)
                except Unavailable:
                    raise
                except Exception as error:
                    log.error("not written", rows=self._left[0].rows, error=type(error).__name__)
                self._left.pop(0)

    def rows(self) -> dict[str, list[int]]:
        """The rows of which something is still to be written, by what that is."""
        found: dict[str, list[int]] = {}
        for one in self._left:
            found.setdefault(one.became, []).extend(one.rows)
        return found
