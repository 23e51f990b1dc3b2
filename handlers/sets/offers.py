"""Times for a set to choose from, as buttons, with the ways out."""

from collections.abc import Sequence
from datetime import timedelta

from bot import wording
from bot.chat import Button, Message
from handlers.meetings.offers import choice, on_page, others
from handlers.sets.plans import Plan
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
    page, found = on_page(turn, plan, page, slots)
    minutes = wording.count(plan.length(turn) // timedelta(minutes=1), "minute")
    name = plan.learning_set.name
    heading = f"{name}: these times suit all {len(plan.everybody)} of you, {minutes} each."
    if not found:
        heading = f"{name}: in the next six weeks I find no time when all of you work and are free."
    leave = (
        Button("Leave it", "sets.open_here", plan.about)
        if plan.meeting
        else Button("Not now", "sets.home", plan.learning_set.id)
    )
    return choice(turn, plan, found, heading, (*others(plan, page), *more, leave), line=line)
