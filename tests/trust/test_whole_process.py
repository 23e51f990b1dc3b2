"""`learnbot serve` as it is installed, between Slack and Teams: stopped gently, and killed without warning."""

import asyncio
import os
import random
import signal
from collections import Counter

import httpx
import pytest

from tests.trust.installed import PEOPLE, Installed, delivered, posting_to

KILLS = max(4, int(os.environ.get("LEARNBOT_TORTURE_KILLS", "300")) // 30)


def test_stopped_with_fifty_in_flight_it_finishes_them_and_the_next_process_does_the_rest(installed: Installed) -> None:
    town = installed.town

    async def through() -> int:
        town.answers_after(0.4)
        await installed.start()
        async with posting_to(installed) as client:
            for number in (0, 1):  # the first of each platform pays for what is loaded late
                assert await delivered(client, town.typed(number))
            tasks = [asyncio.create_task(delivered(client, town.typed(number))) for number in range(2, PEOPLE)]
            await asyncio.sleep(0.15)
            installed.kill(signal.SIGTERM)
            acknowledged = await asyncio.gather(*tasks)
            code = await installed.ended()
        assert code in (0, -signal.SIGTERM), installed.log
        assert "uvicorn" not in installed.log  # which says so when it had to cut people off
        kept = installed.entries()
        for number, yes in enumerate(acknowledged, 2):
            assert not yes or kept[f"line {number}"] == 1, "acknowledged and lost"
        town.answers_after(0)
        await installed.start()
        async with posting_to(installed) as client:
            for number, yes in enumerate(acknowledged, 2):
                assert yes or await delivered(client, town.typed(number).again(1))
        await installed.quiet()
        installed.kill(signal.SIGTERM)
        return await installed.ended()

    assert asyncio.run(through()) in (0, -signal.SIGTERM)
    installed.lost_nothing(PEOPLE)
    assert set(town.said()) == set(range(PEOPLE)), "nobody was killed, so everything was answered"


@pytest.mark.torture
def test_killed_again_and_again_it_loses_nothing_and_says_nothing_twice(installed: Installed) -> None:
    chance = random.Random(5)
    numbers = KILLS * 12

    async def until_acknowledged(client: httpx.AsyncClient, waiting: list[int], done: set[int]) -> None:
        while True:
            if not waiting:
                await asyncio.sleep(0.01)
                continue
            number = waiting.pop(0)
            if await delivered(client, installed.town.typed(number)):
                done.add(number)
            else:
                waiting.append(number)
                await asyncio.sleep(0.05)

    async def through() -> None:
        waiting, done = list(range(numbers)), set[int]()
        installed.town.answers_after(0.1)
        async with posting_to(installed) as client:
            feeding = [asyncio.create_task(until_acknowledged(client, waiting, done)) for _ in range(4)]
            for _ in range(KILLS):
                await installed.start()
                if chance.random() < 0.8:  # the others die while they start
                    await installed.town.has_in_hand()
                installed.kill(signal.SIGKILL)
                await installed.ended()
            await installed.start()
            for _ in range(600):
                if len(done) == numbers:
                    break
                await asyncio.sleep(0.1)
            for task in feeding:
                task.cancel()
        await installed.quiet()
        installed.kill(signal.SIGTERM)
        await installed.ended()

    asyncio.run(through())
    installed.lost_nothing(numbers)


@pytest.mark.parametrize("installed", ["sqlite"], indirect=True)
def test_a_second_process_on_the_same_file_is_refused_and_the_first_goes_on(installed: Installed) -> None:
    async def through() -> None:
        await installed.start()
        second = installed.on(installed.port + 1)
        with pytest.raises(AssertionError, match="another learnbot is already using"):
            await second.start()
        async with posting_to(installed) as client:
            assert await delivered(client, installed.town.typed(0))
        installed.kill(signal.SIGTERM)
        await installed.ended()

    asyncio.run(through())
    assert installed.entries() == Counter({"line 0": 1})
