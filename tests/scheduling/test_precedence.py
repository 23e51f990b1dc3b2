"""When many write at once, whoever waits for an acknowledgement goes first, and every message still goes out."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from scheduling.precedence import MANY, Precedence
from tests.foundation import World


def rush(precedence: Precedence, how_many: int) -> ExitStack:
    """So many events that wait until this is closed."""
    events = ExitStack()
    for _ in range(how_many):
        events.enter_context(precedence.first())
    return events


async def moments() -> None:
    """Let everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_a_few_events_hold_up_no_message() -> None:
    async def through() -> None:
        precedence = Precedence()
        with rush(precedence, MANY):
            await asyncio.wait_for(precedence.after_others(), 1)

    asyncio.run(through())


def test_messages_wait_for_a_rush_and_go_one_by_one_when_it_is_over() -> None:
    async def through() -> None:
        precedence = Precedence()
        precedence.longest = 60.0
        gone: list[int] = []

        async def message(number: int) -> None:
            await precedence.after_others()
            gone.append(number)
            if number == 1:  # while it is on its way, many come again
                again.enter_context(rush(precedence, MANY + 1))

        again = ExitStack()
        first = rush(precedence, MANY + 1)
        tasks = [asyncio.create_task(message(number)) for number in range(4)]
        await moments()
        assert gone == []
        first.close()
        await moments()
        assert gone == [0, 1]
        again.close()
        await asyncio.gather(*tasks)
        assert gone == [0, 1, 2, 3]

    asyncio.run(through())


def test_a_rush_that_does_not_end_silences_nobody() -> None:
    async def through() -> None:
        precedence = Precedence()
        precedence.longest = 0.01
        with rush(precedence, MANY + 1):
            await asyncio.wait_for(asyncio.gather(*(precedence.after_others() for _ in range(3))), 10)

    asyncio.run(through())


def test_an_event_that_fails_waits_no_longer() -> None:
    async def through() -> None:
        precedence = Precedence()
        for _ in range(MANY + 1):
            try:
                with precedence.first():
                    raise RuntimeError
            except RuntimeError:
                pass
        await asyncio.wait_for(precedence.after_others(), 1)

    asyncio.run(through())


def test_what_is_owed_waits_for_a_rush_of_events_and_then_arrives(world: World) -> None:
    world.owe("Ana")
    world.run(held_up(world, lambda: None))
    assert len(world.post.posted) == 1
    assert world.states() == ["sent"]


def test_what_waits_when_the_bot_stops_is_left_to_the_next_process(world: World) -> None:
    world.owe("Ana")
    world.run(held_up(world, lambda: setattr(world.delivery, "stopping", True)))
    assert world.post.posted == []
    assert world.states() == ["due"]


async def held_up(world: World, meanwhile: Callable[[], None]) -> None:
    """Claim what is due, with nothing but a rush that holds it up; then `meanwhile`; then the rush is over."""
    events = rush(world.delivery.precedence, MANY + 1)
    tick = asyncio.create_task(world.delivery.tick())
    while world.states() != ["sending"]:
        await asyncio.sleep(0.001)
    assert world.post.posted == []
    meanwhile()
    events.close()
    await tick
