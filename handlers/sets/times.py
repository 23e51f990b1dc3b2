"""Finding a time for a set: offered as buttons, or typed and asked back when it can mean several things."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers import meetings
from handlers.calendars import calendar_of
from handlers.sets.plans import SHOWN, Plan
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval, Slot
from scheduling.when import Reading, read
from storage import calendar_looks
from storage.models import Person

PAGES = 6
GONE = "That time has just gone. These are still free:"


@dataclass(frozen=True)
class Unclear:
    """Words in which there is no time at all."""


# ------------------------------------------------------------------------------------------------------------- offered


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
    found = plan.slots(turn, page=page) if slots is None else list(slots)
    if not found and page > 1:
        page, found = 1, plan.slots(turn)
    minutes = wording.count(plan.length(turn) // timedelta(minutes=1), "minute")
    name = plan.learning_set.name
    heading = f"{name}: these times suit all {len(plan.everybody)} of you, {minutes} each."
    if not found:
        heading = f"{name}: in the next six weeks I find no time when all of you work and are free."
    parts: list[Part] = [text("{line}", line=line)] if line else []
    parts.append(text("**{heading}**", heading=heading))
    if found:
        parts.append(_buttons(turn, plan, found))
    parts.extend(_not_seen(turn, plan))
    following = page + 1 if page < PAGES else 1
    leave = ("sets.open_here", plan.about) if plan.meeting else ("sets.home", plan.learning_set.id)
    ways = (
        Button("More times", plan.action("offer", "move"), plan.about, str(following)),
        Button("Type another", plan.action("propose", "retime"), plan.about, opens_form=True),
        *more,
        Button("Leave it" if plan.meeting else "Not now", *leave),
    )
    parts.append(Buttons(ways))
    return Message(line or heading, tuple(parts), *asks(plan))


def asks(plan: Plan) -> tuple[str, int, str]:
    """The notice, the subject and the awaited answer of a message that asks for a time."""
    return ("sets.retime", plan.about, "sets.retyped") if plan.meeting else ("sets.offer", plan.about, "sets.time")


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


def _buttons(turn: Turn, plan: Plan, slots: Sequence[Interval]) -> Buttons:
    action = plan.action("take", "move_to")
    return Buttons(
        tuple(Button(wording.moment(slot[0], turn.zone), action, plan.about, meetings.stamp(*slot)) for slot in slots)
    )


def _not_seen(turn: Turn, plan: Plan) -> list[Part]:
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


# --------------------------------------------------------------------------------------------------------------- typed


def typed(turn: Turn, plan: Plan, said: str) -> Interval | Message | Unclear:
    """The one time that typed words mean; otherwise the question back, with buttons."""
    reading = read(said, turn.now, turn.zone, calendar=calendar_of(turn.policy, turn.person))
    if reading.empty and not reading.away:
        return Unclear()
    if reading.away:
        return offer(turn, plan, slots=_not_then(turn, plan, reading), line="Not then, understood.")
    near = plan.meeting.starts_at if plan.meeting else None
    exact = meetings.exact_times(reading, plan.length(turn), near, turn.zone)
    if reading.certain and "day" not in reading.assumed:
        return exact[0]
    if exact:
        return _one_of(turn, plan, exact)
    windows = [one.window for one in (reading, *reading.alternatives) if one.window is not None]
    if reading.doubt == "deadline" and windows:
        windows = [(turn.now, windows[-1][1])]
    if windows and reading.doubt not in ("repeats", "refused", "impossible", "past"):
        per = max(SHOWN // len(windows), 2)
        found = sorted({slot for window in windows for slot in plan.slots(turn, within=window, at_most=per)})[:SHOWN]
        understood = "" if reading.doubt in ("deadline", "contradiction") else reading.understood
        if found:
            line = f"{understood}: at what time?" if understood else meetings.why_asked(reading)
            return offer(turn, plan, slots=found, line=line)
        return offer(turn, plan, line=f"{reading.understood}: nothing suits all of you then.")
    return offer(turn, plan, line=meetings.why_asked(reading))


def _one_of(turn: Turn, plan: Plan, exact: Sequence[Interval]) -> Interval | Message:
    possible = [slot for slot in exact if plan.against(turn, slot) is None]
    if not possible:
        return exact[0]
    when = wording.moment(possible[0][0], turn.zone)
    ask = f"Do you mean {when}?" if len(possible) == 1 else "Which do you mean?"
    ways = (
        Button("Another time", plan.action("offer", "move"), plan.about, "1"),
        Button("Type another", plan.action("propose", "retime"), plan.about, opens_form=True),
    )
    parts = (text("**{ask}**", ask=ask), _buttons(turn, plan, possible), Buttons(ways))
    return Message(ask, parts, *asks(plan))


def _not_then(turn: Turn, plan: Plan, reading: Reading) -> list[Slot]:
    found = plan.slots(turn, at_most=SHOWN * 2)
    if reading.window is not None:
        away = reading.window
        found = [slot for slot in found if slot.ends_at <= away[0] or slot.starts_at >= away[1]]
    return found[:SHOWN]
