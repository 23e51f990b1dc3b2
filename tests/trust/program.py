"""The program that the torture kills: the real dispatcher, outbox and delivery, on a line to a chat and to its events.

Run as a module it is a nursery: everything is imported once, and a process is a fork away. It reads one JSON object a
line (the arguments of `run`) and prints the process id of each child.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import Any

from bot.chat import Event, Message
from bot.clock import utc_now
from bot.dispatch import Dispatcher, Outcome
from bot.errors import Failed, Unavailable
from bot.platforms import Address, CannotTell, Sent
from bot.policy import load
from bot.reception import Known, Reception
from handlers.registry import Registry
from scheduling.delivery import Delivery
from scheduling.pacing import Pacer
from storage.database import Database
from tests.conftest import KEYRING
from tests.foundation import MAY, NOTES, Account, direct
from tests.trust import hurry

POLICY = load("southampton")


@dataclass
class Fate:
    """Where this process is to die: at the `count`th time that it passes `point`."""

    point: str = ""
    count: int = 1

    def at(self, point: str) -> None:
        if point == self.point:
            self.count -= 1
            if self.count <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass
class Chat:
    """A chat platform at the other end of a socket: one connection for each request."""

    port: int
    fate: Fate
    can_find: bool
    name: str = "post"
    kept: dict[str, Any] = field(default_factory=dict)

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        conversation = to.place.conversation if to.place else f"dm:{to.account.user if to.account else ''}"
        self.fate.at("claimed, not sent")
        answer = await self._ask(do="send", key=key, conversation=conversation)
        self.fate.at("accepted, not marked")
        return Sent(direct(conversation.removeprefix("dm:")), answer["id"])

    async def update(self, sent: Sent, message: Message) -> None:
        await self._ask(do="update", key=sent.message)

    async def find(self, to: Address, key: str) -> Sent | None:
        if not self.can_find:
            raise CannotTell
        self.fate.at("asking")
        answer = await self._ask(do="find", key=key)
        self.fate.at("answered")
        return Sent(direct(answer["conversation"].removeprefix("dm:")), answer["id"]) if answer else None

    async def _ask(self, **what: str) -> Any:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(json.dumps(what).encode() + b"\n")
            await writer.drain()
            line = await reader.readline()
            if not line:
                raise ConnectionResetError
            return json.loads(line)
        finally:
            writer.close()


class Mortal(Dispatcher):
    fate: Fate

    async def handle_async(self, event: Event, now: Any) -> Outcome:
        outcome = await super().handle_async(event, now)
        self.fate.at("committed, not acknowledged")
        return outcome


def run(url: str, chat_port: int, events_port: int, *, point: str = "", count: int = 1, can_find: bool = True) -> None:
    """Be the program until killed, or until SIGTERM."""
    hurry.up()
    asyncio.run(_run(url, chat_port, events_port, Fate(point, count), can_find))


async def _run(url: str, chat_port: int, events_port: int, fate: Fate, can_find: bool) -> None:
    database = Database(url)
    fate.at("opened")
    chat = Chat(chat_port, fate, can_find)
    registry, process = Registry([NOTES], MAY), f"{os.getpid()}"
    dispatcher = Mortal(database, registry, POLICY, KEYRING, process=process)
    dispatcher.fate = fate
    delivery = Delivery(database, registry, POLICY, KEYRING, {"post": chat}, utc_now, process,
                        pacer=Pacer({}, {}), alone=database.sqlite, settling=hurry.SETTLING)  # fmt: skip
    reception = Reception(dispatcher, delivery, utc_now)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    clockwork = [asyncio.create_task(_often(delivery.tick, 0.02)), asyncio.create_task(_often(delivery.reconcile, 0.2))]
    reader, writer = await asyncio.open_connection("127.0.0.1", events_port)
    writer.write(f"{os.getpid()}\n".encode())

    async def directory(_: Account) -> Known:
        return Known("", "")

    async def take(key: str, words: str) -> None:
        event = Event(key, Account("post", "T", key.split("/")[0]), direct(key.split("/")[0]), "say", text=words)
        with contextlib.suppress(Unavailable, Failed):
            await reception.answer(event, chat, directory)
            writer.write(f"{key}\n".encode())

    async def listen() -> None:
        taken: set[asyncio.Task[None]] = set()
        while line := await reader.readline():
            key, words = json.loads(line)
            task = asyncio.create_task(take(key, words))
            taken.add(task)
            task.add_done_callback(taken.discard)

    listening = asyncio.create_task(listen())
    await ended.wait()
    await reception.drain(20)
    for task in (*clockwork, listening):
        task.cancel()
    writer.close()
    database.close()


async def _often(work: Any, seconds: float) -> None:
    while True:
        with contextlib.suppress(Unavailable):
            await work()
        await asyncio.sleep(seconds)


def nursery() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                run(**json.loads(line))
            finally:
                os._exit(0)
        print(child, flush=True)


if __name__ == "__main__":
    nursery()
