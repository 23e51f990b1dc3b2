"""Times to choose from, as buttons, with the ways out."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers.interviews import rules, words
from handlers.interviews.plans import SHOWN, Plan
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval, Slot
from storage import calendar_looks

PAGES = 6
GONE = "That time has just gone. These are still free:"


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
        stamps = [rules.stamp(*slot) for slot in found]
        parts.append(words.slot_buttons(turn, found, plan.action("take", "move_to"), plan.about, stamps))
    parts.extend(words.in_zones(turn, other, found))
    parts.extend(_not_seen(turn, plan))
    following = page + 1 if page < PAGES else 1
    ways = (
        Button("More times", plan.action("more", "more_moves"), plan.about, str(following)),
        Button("Type another", plan.action("propose", "retime"), plan.about, opens_form=True),
        *more,
        Button("Leave it", "interviews.leave", plan.interview.id)
        if plan.interview
        else Button("Not now", "interviews.not_now", plan.learner.id),
    )
    parts.append(Buttons(ways))
    return Message(line or heading, tuple(parts), *_asks(plan))


def _not_seen(turn: Turn, plan: Plan) -> list[Part]:
    """Whose calendar these times do not go by, though they should."""
    ids = calendar_looks.unseen(turn.session, (plan.learner.id, plan.partner.id), turn.now, turn.calendars)
    if not ids:
        return []
    whose = [
        "your own calendar" if person_id == turn.person.id else f"{words.first(plan.other(turn))}’s calendar"
        for person_id in sorted(ids, key=lambda person_id: person_id != turn.person.id)
    ]
    line = f"I couldn’t see {wording.listed(whose)} just now, so these times go by working hours."
    return [small("{line}", line=line)]


def _asks(plan: Plan) -> tuple[str, int, str]:
    """The notice, the subject and the awaited answer of a message that asks for a time."""
    if plan.interview:
        return "interviews.retime", plan.about, "interviews.answer"
    return "interviews.offer", plan.about, "interviews.time"


def ask_which(turn: Turn, plan: Plan, found: Sequence[Interval], ask: str) -> Message:
    """A time that can mean several things is asked back with a button for each."""
    buttons = tuple(
        Button(wording.moment(slot[0], turn.zone), plan.action("take", "move_to"), plan.about, rules.stamp(*slot))
        for slot in found
    )
    ways = (
        Button("Another time", plan.action("more", "more_moves"), plan.about, "1"),
        Button("Type another", plan.action("propose", "retime"), plan.about, opens_form=True),
    )
    return Message(ask, (text("**{ask}**", ask=ask), Buttons(buttons), Buttons(ways)), *_asks(plan))


def instead(turn: Turn, plan: Plan, starts_at: datetime, line: str, *, more: tuple[Button, ...] = ()) -> Message:
    """Times in place of one that cannot be, `line` saying why: two on that day if there are, then others."""
    day = starts_at.astimezone(turn.zone).date()
    window = at_local(day, time(0), turn.zone), at_local(day + timedelta(days=1), time(0), turn.zone)
    same_day = plan.slots(turn, within=window, at_most=2)
    others = [slot for slot in plan.slots(turn) if slot not in same_day]
    return offer(turn, plan, slots=sorted([*same_day, *others[: SHOWN - len(same_day)]]), line=line, more=more)


def page_of(value: str) -> int:
    """The page that a button asks for, from 1."""
    return min(int(value), PAGES) if value.isdecimal() and value.isascii() and len(value) < 3 and int(value) else 1
