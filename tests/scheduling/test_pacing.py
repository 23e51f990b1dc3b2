"""Pacing: never faster than a platform says, no slower than it must be, and quiet when asked."""

import asyncio
from dataclasses import dataclass, field

import pytest

from scheduling.pacing import CONVERSATION, LONGEST_REST, OVERALL, REMEMBERED, Pacer


@dataclass
class Time:
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def pacer(time: Time) -> Pacer:
    return Pacer(now=lambda: time.now, sleep=time.sleep)


def most_within(moments: list[float], seconds: float) -> int:
    return max(sum(1 for other in moments if moment <= other < moment + seconds - 1e-6) for moment in moments)


def sent(pacer: Pacer, time: Time, platform: str, conversations: list[str]) -> dict[str, list[float]]:
    moments: dict[str, list[float]] = {"": []}

    async def through() -> None:
        for conversation in conversations:
            await pacer.turn(platform, conversation)
            moments.setdefault(conversation, []).append(time.now)
            moments[""].append(time.now)

    asyncio.run(through())
    return moments


@pytest.mark.parametrize("platform", ["slack", "teams"])
@pytest.mark.parametrize("conversations", [1, 3, 400])
def test_no_limit_is_ever_passed(pacer: Pacer, time: Time, platform: str, conversations: int) -> None:
    moments = sent(pacer, time, platform, [f"C{number % conversations}" for number in range(700)])
    for conversation, when in moments.items():
        for number, seconds in (CONVERSATION if conversation else OVERALL)[platform]:
            assert most_within(when, seconds) <= number


def test_two_thousand_direct_messages_take_no_longer_than_the_limit_makes_them(pacer: Pacer, time: Time) -> None:
    begun = time.now
    sent(pacer, time, "slack", [f"D{number}" for number in range(2000)])
    assert time.now - begun <= 60 * 6 + 1  # 300 a minute; the first 300 at once


def test_the_first_message_waits_for_nobody(pacer: Pacer, time: Time) -> None:
    sent(pacer, time, "slack", ["C1", "C2", "C3"])
    assert time.slept == []


def test_a_platform_without_limits_is_not_slowed(pacer: Pacer, time: Time) -> None:
    sent(pacer, time, "console", ["C1"] * 500)
    assert time.slept == []


def test_several_waiting_at_once_are_let_through_one_by_one(pacer: Pacer, time: Time) -> None:
    moments: list[float] = []

    async def one() -> None:
        await pacer.turn("slack", "C1")
        moments.append(time.now)

    async def through() -> None:
        await asyncio.gather(*[one() for _ in range(5)])

    asyncio.run(through())
    assert most_within(moments, 1.0) == 1


def test_a_rest_lasts_as_long_as_was_asked_and_is_never_shortened(pacer: Pacer, time: Time) -> None:
    pacer.rest("slack", 30)
    pacer.rest("slack", 5)
    assert pacer.resting() == {"slack"}
    time.now += 29.9
    assert pacer.resting() == {"slack"}
    time.now += 0.2
    assert pacer.resting() == frozenset()


def test_a_failure_or_two_are_chance_and_more_are_an_outage(pacer: Pacer, time: Time) -> None:
    pacer.failed("slack")
    pacer.failed("slack")
    assert not pacer.resting()
    pacer.failed("slack")
    assert pacer.resting() == {"slack"}


def test_rests_grow_to_a_limit_and_begin_anew_after_a_success(pacer: Pacer, time: Time) -> None:
    rests: list[float] = []
    for _ in range(14):
        begun = time.now
        pacer.failed("slack")
        pacer.failed("slack")  # sent at the same time: the same outage
        while pacer.resting():
            time.now += 0.1
        rests.append(time.now - begun)
    assert rests[3] < rests[6] <= LONGEST_REST * 1.2 + 0.2
    assert max(rests) <= LONGEST_REST * 1.2 + 0.2
    assert len({round(rest, 1) for rest in rests[-6:]}) > 1  # jitter
    pacer.took("slack")
    pacer.failed("slack")
    assert not pacer.resting()


def test_what_is_long_ago_is_forgotten(pacer: Pacer, time: Time) -> None:
    async def through() -> None:
        for number in range(REMEMBERED + 50):
            await pacer.turn("teams", f"C{number}")
            time.now += 0.1

    asyncio.run(through())
    assert len(pacer._sent) < REMEMBERED
