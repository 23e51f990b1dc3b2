"""What a few people do in the simulated year besides answering what they are asked: each of it once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot import wording
from bot.chat import Button
from bot.console import Posted
from bot.policy import Policy
from bot.year_hands import Hands
from bot.year_teams import EARLY, OWN_WORDS, makes_sense, plan_day, plans_seminar

AWAY = "ben@example.org"
FACILITATOR = "ola@example.org"
MEMBERS = "Amina, Ben and Grace"
COORDINATOR = "cora@example.org"
SET = "Year 3 set"
LOGS = "amina@example.org"
LOGGED = "2h shadowing at Bitterne"
CHANGED = "We begin with the quiet ones now."
BRIEFED = "How to say less in meetings"


@dataclass(frozen=True)
class Plan:
    """`who` does this once, on the first new message that has a button for `action` and `saying` in its summary."""

    who: str
    action: str
    does: Callable[[Hands, date], Awaitable[None]]
    saying: str = ""

    def is_for(self, who: str, posted: Posted, buttons: Mapping[str, Button]) -> bool:
        """Whether this is the message."""
        return who == self.who and self.action in buttons and self.saying in posted.message.summary


async def _moves(hands: Hands, today: date) -> None:
    await hands.types("can we do Thursday instead")


async def _cancels(hands: Hands, today: date) -> None:
    await hands.fills("interviews.cancel", {"reason": "The inspectors come that day."})
    await hands.taps("interviews.offer")


async def _lets_partner_read(hands: Hands, today: date) -> None:
    await hands.fills("interviews.brief", {"words": BRIEFED})
    await hands.taps("interviews.brief_release")


async def _names_a_step(hands: Hands, today: date) -> None:
    day = today + timedelta(days=14)
    await hands.fills("interviews.steps", {"step_1": f"visit Itchen by {wording.day_and_year(day)}"})


async def _does_the_step(hands: Hands, today: date) -> None:
    await hands.taps("interviews.step_done")


async def _lets_the_lead_read(hands: Hands, today: date) -> None:
    await hands.fills("sharing.share", {"readers": "Ola Adeyemi"})
    await hands.taps("sharing.send")


async def _looks_back(hands: Hands, today: date) -> None:
    await hands.fills("log.write", {"impact": CHANGED})


def plans() -> list[Plan]:
    """Everything that somebody does once."""
    return [
        Plan("amina@example.org", "interviews.move", _moves, "said yes"),
        Plan("farid@example.org", "interviews.cancel", _cancels, "said yes"),
        Plan("cora@example.org", "interviews.brief", _lets_partner_read),
        Plan("chloe@example.org", "interviews.steps", _names_a_step),
        Plan(LOGS, "time.undo", _lets_the_lead_read),
        Plan(LOGS, "log.write", _looks_back),
        Plan("chloe@example.org", "interviews.step_done", _does_the_step, "For today"),
        Plan(EARLY, "findings.begin", makes_sense),
        Plan(OWN_WORDS, "findings.begin", makes_sense),
        Plan(COORDINATOR, "seminars.plan", plans_seminar),
    ]


@dataclass
class Diary:
    """On which days somebody does something of their own accord: a week away, a learning set that meets once."""

    tells_of_leave: date
    away: tuple[date, date]  # the first and the last day
    starts_set: date
    books_set: date
    set_meets: date
    logs_time: date
    begins_plan: date
    left: list[Plan] = field(default_factory=plans)
    later: list[tuple[date, Callable[[], Awaitable[None]]]] = field(
        default_factory=list[tuple[date, Callable[[], Awaitable[None]]]]
    )

    def is_away(self, who: str, day: date) -> bool:
        """Whether this person looks at nothing that day."""
        return who == AWAY and self.away[0] <= day <= self.away[1]


def diary(policy: Policy, first: date) -> Diary:
    """The leave lies in a window of interviews, and the set meets in the last one, arranged before it opens."""
    windows = policy.windows(first)
    told = _weekday(windows[len(windows) // 2][0], 0)
    begins = told + timedelta(days=7)
    starts = _weekday(windows[-1][0] - timedelta(days=14), 0)
    meets = _weekday(windows[-1][0], 2)
    return Diary(
        told,
        (begins, begins + timedelta(days=4)),
        starts,
        starts + timedelta(days=1),
        meets,
        _weekday(first + timedelta(days=35), 3),
        plan_day(first),
    )


def _weekday(day: date, weekday: int) -> date:
    """The first such day from `day` on; 0 is Monday."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)
