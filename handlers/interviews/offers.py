"""Times to choose from, as buttons, with the ways out."""

from collections.abc import Sequence

from bot.chat import Button, Message
from handlers.interviews import words
from handlers.interviews.plans import Plan
from handlers.meetings.offers import choice, on_page, others
from handlers.turn import Turn
from scheduling.slots import Slot


def offer(
    turn: Turn,
    plan: Plan,
    *,
    line: str = "",
    page: int = 1,
    slots: Sequence[Slot] | None = None,
    more: tuple[Button, ...] = (),
) -> Message:
    """Times as buttons, and the ways out: more of them, another typed, not now."""
    other = plan.other(turn)
    page, found = on_page(turn, plan, page, slots)
    heading = f"These times suit you and {words.first(other)}, {words.length(plan.length(turn))} each."
    if not found:
        heading = f"In the next six weeks I find no time when you and {words.first(other)} both work and are free."
    leave = (
        Button("Leave it", "interviews.leave", plan.interview.id)
        if plan.interview
        else Button("Not now", "interviews.not_now", plan.learner.id)
    )
    ways = (*others(plan, page), *more, leave)
    return choice(turn, plan, found, heading, ways, *words.in_zones(turn, other, found), line=line)
