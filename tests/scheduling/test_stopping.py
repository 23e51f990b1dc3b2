"""The bot stops while the database is away: what was sent is marked, what was not is put back, and it does stop."""

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.errors import Unavailable
from storage.database import Database
from tests.foundation import World

AWAY = OperationalError("BEGIN", {}, ConnectionError("away"))


@contextmanager
def every_transaction(database: Database, begins: Callable[[], None]) -> Generator[None]:
    """`begins` happens where any transaction begins, and may keep it from doing so."""

    def beginning(_: Connection) -> None:
        begins()

    event.listen(database.engine, "begin", beginning)
    try:
        yield
    finally:
        event.remove(database.engine, "begin", beginning)


class Away:
    """A database that nobody reaches for the next so many times, once `gone` is set."""

    def __init__(self, times: int) -> None:
        self.times, self.gone = times, False

    def __call__(self) -> None:
        if self.gone and self.times:
            self.times -= 1
            raise AWAY


async def stop_while_sending(world: World, away: Away, *, seconds: float) -> None:
    """The bot is told to stop while a message is on its way, and the database goes away under it."""
    going, on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        going.set()
        await on.wait()

    world.post.before_answering = hold
    tick = asyncio.create_task(world.delivery.tick())
    await going.wait()
    stop = asyncio.create_task(world.reception.drain(seconds))
    await asyncio.sleep(0)
    away.gone = True
    on.set()
    await stop
    world.post.before_answering = None
    with pytest.raises(Unavailable):
        await tick


def next_process(world: World) -> None:
    """It looks at what the one before left behind, once every lease has run out, and sends what is due."""
    world.later(seconds=300)
    later = world.another_delivery("two")
    world.run(later.reconcile())
    world.run(later.run_until_idle())


@pytest.mark.parametrize("known", [False, True], ids=["a first message", "a known chat"])
def test_what_was_sent_is_marked_although_the_database_is_away_for_a_moment_at_the_end(
    world: World, known: bool
) -> None:
    world.post.can_find = False  # as in Teams: nobody could tell the next process
    if known:
        world.owe("Ana", about=7)
        world.tick()
    row = world.owe("Ana")
    away = Away(2)
    with every_transaction(world.database, away):
        world.run(stop_while_sending(world, away, seconds=20))
    assert away.times == 0
    assert world.row(row).state == "sent"
    next_process(world)
    assert world.post.times_sent(world.row(row).key) == 1
    assert not any("may not have reached you" in said for said in world.post.said())


def test_what_was_claimed_and_not_sent_is_put_back_although_the_database_is_away_for_a_moment(world: World) -> None:
    rows = [world.owe("Ana", about=number) for number in range(3)]
    away = Away(3)
    with every_transaction(world.database, away):
        world.run(stop_while_sending(world, away, seconds=20))
    assert [(world.row(row).state, world.row(row).claimed_by) for row in rows] == [("sent", "")] + [("due", "")] * 2
    world.run(world.another_delivery("two").run_until_idle())  # nothing waits for a lease to run out
    assert [message.about for _, message, _ in world.post.posted] == [0, 1, 2]


def test_a_database_that_stays_away_does_not_hold_the_stop_up_and_the_log_says_what_was_left(world: World) -> None:
    rows = [world.owe("Ana", about=number) for number in range(2)]
    away = Away(10_000)
    begun = time.monotonic()
    with every_transaction(world.database, away), capture_logs() as logs:
        world.run(stop_while_sending(world, away, seconds=0.6))
    assert time.monotonic() - begun < 3
    said = next(line for line in logs if line["event"] == "stopped with work under way")
    assert said["not_written"] == {"sent": [rows[0]], "due": [rows[1]]}
    assert 10_000 - away.times < 10  # it is not knocked at without a pause


def test_a_database_that_does_not_answer_does_not_hold_the_stop_up_either(world: World) -> None:
    world.owe("Ana")
    answers, gone = threading.Event(), Away(1)

    def no_answer() -> None:
        if gone.gone and not gone.times:
            answers.wait(30)
        gone()

    begun = time.monotonic()
    with every_transaction(world.database, no_answer):
        world.run(stop_while_sending(world, gone, seconds=0.5))
        took = time.monotonic() - begun
        answers.set()
    assert took < 3


def test_work_that_fails_by_itself_is_given_up_and_holds_up_nothing_behind_it(world: World) -> None:
    done: list[str] = []

    def fails(_: object) -> None:
        raise ValueError

    world.delivery.unsettled.add("sent", [1], fails)
    world.delivery.unsettled.add("due", [2], lambda _: done.append("put back"))
    with capture_logs() as logs:
        world.run(world.reception.drain(5))
    assert done == ["put back"]
    assert [line["rows"] for line in logs if line["event"] == "not written"] == [(1,)]


def test_two_who_settle_at_once_pass_over_nothing(world: World) -> None:
    done: list[int] = []

    def piece(number: int) -> Callable[[object], None]:
        return lambda _: done.append(number)

    for number in range(4):
        world.delivery.unsettled.add("sent", [number], piece(number))

    async def both() -> None:
        await asyncio.gather(world.delivery.unsettled.settle(), world.delivery.unsettled.settle())

    world.run(both())
    assert done == [0, 1, 2, 3]
