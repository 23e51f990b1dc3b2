"""Pacing: never faster than a platform says it will take messages, and quiet when it asks for a rest."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

# Messages in seconds, for one conversation and for all of a platform. Slack: one a second in a channel and "several
# hundred a minute" in a workspace. Teams: 7 in 1 s, 60 in 30 s in a conversation, 30 to 50 requests a second overall.
Limits = tuple[tuple[int, float], ...]

CONVERSATION: Mapping[str, Limits] = {
    "slack": ((1, 1.0),),
    "teams": ((7, 1.0), (60, 30.0)),
}
OVERALL: Mapping[str, Limits] = {"slack": ((300, 60.0),), "teams": ((30, 1.0),)}
REMEMBERED = 2_000
FORGIVEN = 2  # failures in a row that are taken for chance
LONGEST_REST = 45.0  # seconds between attempts on a platform that is down


@dataclass
class Pacer:
    """One for each process. Times are seconds of a clock that only goes forward."""

    conversation: Mapping[str, Limits] = field(default_factory=lambda: CONVERSATION)
    overall: Mapping[str, Limits] = field(default_factory=lambda: OVERALL)
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _sent: dict[tuple[str, str], deque[float]] = field(default_factory=dict[tuple[str, str], "deque[float]"])
    _resting: dict[str, float] = field(default_factory=dict[str, float])
    _failures: dict[str, int] = field(default_factory=dict[str, int])

    def rest(self, platform: str, seconds: float) -> None:
        """The platform asked for `seconds` of quiet."""
        self._resting[platform] = max(self._resting.get(platform, 0.0), self.now() + seconds)

    def failed(self, platform: str) -> None:
        """The platform did not take a message for reasons of its own: leave it in peace for longer and longer.

        Otherwise everything that is owed would knock at once, again and again, at a door that cannot open.
        """
        if platform in self.resting():
            return  # sent before the rest began: the same outage
        self._failures[platform] = failures = self._failures.get(platform, 0) + 1
        if failures > FORGIVEN:
            rest = min(2.0 ** min(failures - FORGIVEN, 9), LONGEST_REST)
            self.rest(platform, rest * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret

    def took(self, platform: str) -> None:
        """The platform is well: it took a message, or said properly why not."""
        self._failures.pop(platform, None)

    def resting(self) -> frozenset[str]:
        """The platforms that are to be left in peace now."""
        return frozenset(platform for platform, until in self._resting.items() if until > self.now())

    async def turn(self, platform: str, conversation: str) -> None:
        """Wait until another message may go to this conversation, and count it."""
        while (wait := self._wait(platform, conversation)) > 0:
            await self.sleep(wait)
        moment = self.now()
        for key, limits in self._counted(platform, conversation):
            if limits:  # no more is remembered than these ask about
                longest = max(number for number, _ in limits)
                self._sent.setdefault(key, deque(maxlen=longest)).append(moment)
        if len(self._sent) > REMEMBERED:
            self._forget(moment)

    def _wait(self, platform: str, conversation: str) -> float:
        moment = self.now()
        wait = 0.0
        for key, limits in self._counted(platform, conversation):
            sent = self._sent.get(key)
            for number, seconds in limits:
                if sent is not None and len(sent) >= number:
                    wait = max(wait, sent[-number] + seconds - moment)
        return wait

    def _counted(self, platform: str, conversation: str) -> tuple[tuple[tuple[str, str], Limits], ...]:
        """What a message to this conversation counts for, each with its limits."""
        return (
            ((platform, conversation), self.conversation.get(platform, ())),
            ((platform, ""), self.overall.get(platform, ())),
        )

    def _forget(self, moment: float) -> None:
        for key in [key for key, sent in self._sent.items() if sent[-1] < moment - 60]:
            del self._sent[key]
