"""Times to choose from, as buttons, with the ways out."""

from collections.abc import Sequence

from bot.chat import Button, Buttons, Message, Part, text
from handlers.interviews import words
from handlers.interviews.plans import Plan
from handlers.meetings.offers import not_seen, others, times
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
    found = plan.slots(turn, page=page) if slots is None else list(slots)
    if not found and page > 1:
        page, found = 1, plan.slots(turn)
    heading = f"These times suit you and {words.first(other)}, {words.length(plan.length(turn))} each."
    if not found:
        heading = f"In the next six weeks I find no time when you and {words.first(other)} both work and are free."
    parts: list[Part] = [text("{line}", line=line)] if line else []
    parts.append(text("**{heading}**", heading=heading))
    if found:
        parts.append(times(turn, plan, found))
    parts.extend(words.in_zones(turn, other, found))
    parts.extend(not_seen(turn, plan))
    leave = (
        Button("Leave it", "interviews.leave", plan.interview.id)
        if plan.interview
        else Button("Not now", "interviews.not_now", plan.learner.id)
    )
    parts.append(Buttons((*others(plan, page), *more, leave)))
    return Message(line or heading, tuple(parts), *plan.asks)
