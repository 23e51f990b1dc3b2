"""Pacing: never faster than a platform says it will take messages, and quiet when it asks for a rest."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# Messages in seconds, for one conversation and for all of a platform. Slack: one a second in a channel and "several
# hundred a minute" in a workspace. Teams: 7 in 1 s, 60 in 30 s in a conversation, 30 to 50 requests a second overall.
CONVERSATION: Mapping[str, tuple[tuple[int, float], ...]] = {
    "slack": ((1, 1.0),),
    "teams": ((7, 1.0), (60, 30.0)),
}
OVERALL: Mapping[str, tuple[tuple[int, float], ...]] = {"slack": ((300, 60.0),), "teams": ((30, 1.0),)}
REMEMBERED = 2_000


@dataclass
class Pacer:
    """One for each process. Times are seconds of a clock that only goes forward."""

    now: Callable[[], float] = time.monotonic
    _sent: dict[tuple[str, str], deque[float]] = field(default_factory=dict[tuple[str, str], "deque[float]"])
    _resting: dict[str, float] = field(default_factory=dict[str, float])

    def rest(self, platform: str, seconds: float) -> None:
        """The platform asked for `seconds` of quiet."""
        self._resting[platform] = max(self._resting.get(platform, 0.0), self.now() + seconds)

    def resting(self) -> frozenset[str]:
        """The platforms that are to be left in peace now."""
        return frozenset(platform for platform, until in self._resting.items() if until > self.now())

    async def turn(self, platform: str, conversation: str) -> None:
        """Wait until another message may go to this conversation, and count it."""
        while (wait := self._wait(platform, conversation)) > 0:
            await asyncio.sleep(wait)
        moment = self.now()
        for key in ((platform, conversation), (platform, "")):
            self._sent.setdefault(key, deque(maxlen=300)).append(moment)
        if len(self._sent) > REMEMBERED:
            self._forget(moment)

    def _wait(self, platform: str, conversation: str) -> float:
        moment = self.now()
        wait = 0.0
        for key, limits in (((platform, conversation), CONVERSATION), ((platform, ""), OVERALL)):
            sent = self._sent.get(key)
            for number, seconds in limits.get(platform, ()):
                if sent is not None and len(sent) >= number:
                    wait = max(wait, sent[-number] + seconds - moment)
        return wait

    def _forget(self, moment: float) -> None:
        for key in [key for key, sent in self._sent.items() if sent[-1] < moment - 60]:
            del self._sent[key]
