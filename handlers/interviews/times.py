"""Finding a time: offered as buttons, or typed and asked back when it can mean several things."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot import wording
from bot.chat import Message
from handlers.calendars import calendar_of
from handlers.interviews import rules
from handlers.interviews.offers import ask_which, offer
from handlers.interviews.plans import SHOWN, Plan
from handlers.interviews.settling import settle
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval, Slot
from scheduling.when import Reading, read

# ------------------------------------------------------------------------------------------------- what a typed time is


@dataclass(frozen=True)
class Unclear:
    """Words in which there is no time at all."""


def typed(turn: Turn, plan: Plan, said: str) -> Message | Unclear:
    """Act on a typed time when it can mean one thing only; otherwise ask back, with buttons."""
    working = calendar_of(turn.policy, turn.person)
    reading = read(said, turn.now, turn.zone, calendar=working)
    if reading.empty and not reading.away:
        return Unclear()
    if reading.away:
        return offer(turn, plan, slots=_not_on(turn, plan, reading), line="Not then, understood.")
    exact = _exact(turn, plan, reading)
    if reading.certain and "day" not in reading.assumed:
        return settle(turn, plan, exact[0])
    if exact:
        return _one_of(turn, plan, exact, reading)
    windows = [one.window for one in (reading, *reading.alternatives) if one.window is not None]
    if reading.doubt == "deadline" and windows:
        windows = [(turn.now, windows[-1][1])]
    if windows and reading.doubt not in ("repeats", "refused", "impossible", "past"):
        per = max(SHOWN // len(windows), 2)
        found = sorted({slot for window in windows for slot in plan.slots(turn, within=window, at_most=per)})
        if found:
            understood = "" if reading.doubt in ("deadline", "contradiction") else reading.understood
            return offer(turn, plan, slots=found, line=f"{understood}: at what time?" if understood else _line(reading))
        return offer(turn, plan, line=f"{reading.understood}: nothing suits you both then.")
    return offer(turn, plan, line=_line(reading))


def _exact(turn: Turn, plan: Plan, reading: Reading) -> list[Interval]:
    """Every exact time that the words may mean."""
    length = plan.length(turn)
    found: list[Interval] = []
    if plan.interview is not None and reading.start is not None and "day" in reading.assumed:
        # "at 11" about an interview on Thursday may well mean that Thursday
        day = (plan.interview.to_starts_at or plan.interview.starts_at).astimezone(turn.zone).date()
        starts_at = at_local(day, reading.start.astimezone(turn.zone).time(), turn.zone)
        found.append((starts_at, starts_at + length))
    found.extend(
        (one.start, one.end or one.start + length)
        for one in (reading, *reading.alternatives)
        if one.start is not None and one.doubt is None
    )
    return list(dict.fromkeys(found))


def _one_of(turn: Turn, plan: Plan, exact: Sequence[Interval], reading: Reading) -> Message:
    possible = [slot for slot in exact if plan.against(turn, slot) is None]
    if not possible:
        return settle(turn, plan, exact[0])
    if len(possible) == 1:
        when = wording.moment(possible[0][0], turn.zone)
        return ask_which(turn, plan, possible, f"Do you mean {when}?")
    return ask_which(turn, plan, possible, "Which do you mean?")


def _not_on(turn: Turn, plan: Plan, reading: Reading) -> list[Slot]:
    """Times outside of the absences; where it can be one of several, outside of them all."""
    away = [absence for told in (reading, *reading.alternatives) for absence in told.absences]
    if not away and reading.window is not None:
        away = [reading.window]
    last = max((back for _, back in away), default=turn.now)
    found = {*plan.slots(turn, at_most=SHOWN * 2), *plan.slots(turn, within=(last, turn.now + rules.LOOKS_AHEAD))}
    free = (slot for slot in found if all(slot.ends_at <= begins or slot.starts_at >= ends for begins, ends in away))
    return sorted(free)[:SHOWN]


def _line(reading: Reading) -> str:
    match reading.doubt:
        case "repeats":
            return "I book one interview at a time."
        case "past":
            return "That time has passed."
        case "impossible":
            return "That date isn’t in the calendar."
        case "contradiction":
            return "The weekday and the date don’t go together. Which of these?"
        case "refused":
            return "Not then, understood."
        case "deadline":
            return f"By {reading.understood}, then." if reading.understood else "By then, understood."
        case _:
            return "I’m not sure which time you mean."
