"""What is being arranged, as the search for its time sees it: an interview of two, or a meeting of a set."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from handlers.meetings.times import SHOWN, Against
from handlers.turn import Turn
from scheduling.slots import Interval, Slot


class Arranging(Protocol):
    """A new meeting, or a new time for one that stands. Each conversation has its own."""

    @property
    def about(self) -> int:
        """What its buttons are about."""
        ...

    @property
    def ids(self) -> Sequence[int]:
        """The numbers of those who meet."""
        ...

    @property
    def near(self) -> datetime | None:
        """When it is by now: "at 11" may mean that day."""
        ...

    @property
    def all_of_you(self) -> str:
        """`you both`, `all of you`."""
        ...

    @property
    def more(self) -> str:
        """The action that shows more times."""
        ...

    @property
    def asks(self) -> tuple[str, int, str]:
        """The notice, the subject and the awaited answer of a message that asks for a time."""
        ...

    def action(self, new: str, move: str) -> str:
        """The one for a new meeting, or the one for a move."""
        ...

    def length(self, turn: Turn) -> timedelta:
        """How long it takes."""
        ...

    def against(self, turn: Turn, slot: Interval) -> Against | None:
        """Why this time cannot be, said to the reader; None when nothing stands against it."""
        ...

    def slots(self, turn: Turn, *, page: int = 1, within: Interval | None = None, at_most: int = SHOWN) -> list[Slot]:
        """Times that suit everybody, earliest first."""
        ...
