"""People who have a record, the maker of portfolios beside the chat, and a browser at the one-time address."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from bot.app import Bot, web
from bot.chat import Link
from bot.config import Settings
from scheduling.portfolios import Portfolios
from tests.conftest import KEYRING, NOW, Chat
from tests.records import lived


@dataclass
class Desk:
    """The chat with the maker of portfolios running beside it. `takes_files` is whether files can be put into it."""

    chat: Chat
    takes_files: bool = False
    _loop: asyncio.Runner = field(default_factory=asyncio.Runner)

    def __post_init__(self) -> None:
        chat = self.chat
        self.maker = Portfolios(
            chat.database, chat.policy, KEYRING, {}, lambda: self.chat.now, "test", base_url="https://learn.example"
        )
        if self.takes_files:
            self.maker.platforms = {"console": chat.screen}

    def live(self, who: str = "Amina", *, years: int = 1) -> None:
        """Give somebody a record."""
        self.chat.database.run(lambda session: lived(session, self.chat.email(who), KEYRING, NOW, years))

    def work(self) -> int:
        """Let the maker do what waits, and everybody see it."""
        made = self._loop.run(self.maker.tick())
        self.chat.wait(seconds=1)
        return made

    def made(self, who: str = "Amina") -> str:
        """Have a portfolio made in the usual way; its address."""
        self.chat.say(who, "export")
        self.chat.press(who, "Make it")
        self.work()
        return self.address(who)

    def address(self, who: str = "Amina") -> str:
        """The address on the latest card that has one."""
        for posted in reversed(self.chat.seen(who)):
            for part in posted.message.parts:
                if isinstance(part, Link):
                    return part.url
        raise LookupError(f"{who} sees no address")

    def get(self, address: str) -> httpx.Response:
        """Look at an address in a browser."""
        return self.ask("GET", address)

    def post(self, address: str, **more: Any) -> httpx.Response:
        """Press the button there."""
        return self.ask("POST", address, **more)

    def ask(self, method: str, address: str, **more: Any) -> httpx.Response:
        """Anything else."""
        chat = self.chat
        bot = Bot(
            Settings("", KEYRING, chat.policy, base_url="https://learn.example"), chat.database, chat.dispatcher,
            chat.delivery, chat.reception, lambda: self.chat.now, {}, chat.now,
        )  # fmt: skip

        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(web(bot))
            async with httpx.AsyncClient(transport=transport, base_url="https://learn.example") as client:
                return await client.request(method, address, **more)

        return self._loop.run(asked())

    def close(self) -> None:
        self._loop.close()


@pytest.fixture
def desk(chat: Chat) -> Iterator[Desk]:
    """Amina's record of a year, and everything beside it."""
    desk = Desk(chat)
    desk.live()
    yield desk
    desk.close()
