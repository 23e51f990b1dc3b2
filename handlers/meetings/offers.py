"""Times to choose from: a button for each, and the ways to others."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers.meetings.arranging import Arranging
from handlers.meetings.times import SHOWN, Against, stamp
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval, Slot
from storage import calendar_looks
from storage.models import Person

PAGES = 6
GONE = "That time has just gone. These are still free:"


def page_of(value: str) -> int:
    """The page that a button asks for, from 1."""
    return min(int(value), PAGES) if value.isdecimal() and value.isascii() and len(value) < 3 and int(value) else 1


def times(turn: Turn, plan: Arranging, slots: Sequence[Interval]) -> Buttons:
    """A button for each time, in the reader's zone."""
    action = plan.action("take", "move_to")
    return Buttons(
        tuple(Button(wording.moment(slot[0], turn.zone), action, plan.about, stamp(*slot)) for slot in slots)
    )


def others(plan: Arranging, page: int) -> tuple[Button, Button]:
    """The ways to another time than those of this page: more of them, or one's own."""
    following = page + 1 if page < PAGES else 1
    return Button("More times", plan.more, plan.about, str(following)), _type_another(plan)


def on_page(turn: Turn, plan: Arranging, page: int, slots: Sequence[Slot] | None) -> tuple[int, list[Slot]]:
    """The page to show and its times, unless `slots` are to be offered; the first again, after the last."""
    found = plan.slots(turn, page=page) if slots is None else list(slots)
    return (1, plan.slots(turn)) if not found and page > 1 else (page, found)


def choice(
    turn: Turn,
    plan: Arranging,
    found: Sequence[Slot],
    heading: str,
    ways: Sequence[Button],
    *parts: Part,
    line: str = "",
) -> Message:
    """`found` as buttons under their heading, then `parts`, and the `ways` out; `line` leads."""
    shown: list[Part] = [text("{line}", line=line)] if line else []
    shown.append(text("**{heading}**", heading=heading))
    if found:
        shown.append(times(turn, plan, found))
    return Message(line or heading, (*shown, *parts, *not_seen(turn, plan), Buttons(tuple(ways))), *plan.asks)


def _type_another(plan: Arranging) -> Button:
    return Button("Type another", plan.action("propose", "retime"), plan.about, opens_form=True)


def which(turn: Turn, plan: Arranging, slots: Sequence[Interval], ask: str) -> Message:
    """A time that can mean several things is asked back with a button for each."""
    ways = Button("Another time", plan.more, plan.about, "1"), _type_another(plan)
    return Message(ask, (text("**{ask}**", ask=ask), times(turn, plan, slots), Buttons(ways)), *plan.asks)


def not_seen(turn: Turn, plan: Arranging) -> list[Part]:
    """Whose calendars these times do not go by, though they should."""
    ids = calendar_looks.unseen(turn.session, plan.ids, turn.now, turn.calendars)
    if not ids:
        return []
    whose = [
        "your own calendar"
        if person_id == turn.person.id
        else f"{wording.first_name(turn.session.get_one(Person, person_id).name)}’s calendar"
        for person_id in sorted(ids, key=lambda person_id: person_id != turn.person.id)
    ]
    line = f"I couldn’t see {wording.listed(whose)} just now, so these times go by working hours."
    return [small("{line}", line=line)]


def instead_of(turn: Turn, plan: Arranging, starts_at: datetime) -> list[Slot]:
    """Times in place of one that cannot be: two on that day if there are, then others."""
    day = starts_at.astimezone(turn.zone).date()
    window = at_local(day, time(0), turn.zone), at_local(day + timedelta(days=1), time(0), turn.zone)
    same_day = plan.slots(turn, within=window, at_most=2)
    others = [slot for slot in plan.slots(turn) if slot not in same_day]
    return sorted([*same_day, *others[: SHOWN - len(same_day)]])


def because(turn: Turn, against: Against, slot: Interval, *, gone: bool) -> str:
    """Why it cannot be, with the time that it is about; `gone` when that was free as it was offered."""
    if against.taken:
        return GONE if gone else against.why
    why = against.why
    return f"{wording.span(*slot, turn.zone)}: {why[:1].lower() + why[1:] if why.startswith('That ') else why}"
