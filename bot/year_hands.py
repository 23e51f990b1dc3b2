"""What somebody in the simulated year can do about a message: what people type and press, and nothing else."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Protocol

from bot.chat import Button, Form

Answers = Mapping[str, str] | Callable[[Form], Mapping[str, str]]


class Hands(Protocol):
    """Somebody at a message on their screen."""

    @property
    def who(self) -> str:
        """Their e-mail address."""
        ...

    @property
    def id(self) -> int:
        """The number by which buttons name them."""
        ...

    @property
    def others(self) -> Sequence[str]:
        """The names of everybody else."""
        ...

    @property
    def chance(self) -> random.Random:
        """What they leave to chance, by themselves."""
        ...

    @property
    def whims(self) -> random.Random:
        """What they leave to chance in what the team does together."""
        ...

    def sees(self, action: str) -> bool:
        """Whether there is a button with this action."""
        ...

    def later(self, day: date, does: Callable[["Hands", date], Awaitable[None]]) -> None:
        """Do this here on that day."""
        ...

    async def types(self, words: str) -> None:
        """Type here."""
        ...

    async def tap(self, button: Button) -> None:
        """Tap this button of the message."""
        ...

    async def taps(self, action: str) -> None:
        """Tap the latest button with this action."""
        ...

    async def fills(self, action: str, answers: Answers, mistaken: Answers | None = None) -> None:
        """Tap the latest button with this action, and send the form that it opens; first with what is `mistaken`."""
        ...

    async def chooses(self, option: str) -> None:
        """Choose from the latest list that offers an option beginning like this."""
        ...
