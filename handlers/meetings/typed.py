"""What a typed time means: one time, one of several, or a question back with times to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Message, Quote, text
from handlers import absences
from handlers.calendars import calendar_of
from handlers.meetings.arranging import Arranging
from handlers.meetings.times import LOOKS_AHEAD, SHOWN
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval, Slot
from scheduling.when import Reading, read


@dataclass(frozen=True)
class Unclear:
    """Words in which there is no time at all."""


def not_understood(draft: int, said: str, *more: Button) -> Message:
    """Words that say nothing about a time: kept aside, never lost, never guessed at."""
    return Message(
        "I can’t find a time in that.",
        (
            text("I can’t find a time in this, so I’ve put it to one side for a week:"),
            Quote(wording.shortened(said.strip(), 500)),
            Buttons(
                (
                    *more,
                    Button("Keep it in my diary", "diary.keep_draft", draft),
                    Button("Forget it", "diary.forget", draft),
                )
            ),
        ),
    )


@dataclass(frozen=True)
class OneOf:
    """It can mean each of these times; `ask` is the question."""

    ask: str
    slots: Sequence[Interval]


@dataclass(frozen=True)
class Offered:
    """Times to choose from, the usual ones unless there are `slots`; `line` says why, `more` buttons go with them."""

    line: str
    slots: Sequence[Slot] | None = None
    more: tuple[Button, ...] = ()


def read_by(turn: Turn, said: str) -> Reading | Unclear:
    """What the words say, by the reader's clock and working days."""
    reading = read(said, turn.now, turn.zone, calendar=calendar_of(turn.policy, turn.person))
    return Unclear() if reading.empty and not reading.away else reading


def meant(turn: Turn, plan: Arranging, said: str) -> Interval | OneOf | Offered | Unclear:
    """The time that typed words mean when they can mean one only; otherwise what to ask back."""
    reading = read_by(turn, said)
    if isinstance(reading, Unclear):
        return reading
    if reading.away:
        return Offered("Not then, understood.", _not_on(turn, plan, reading), _keep_leave(turn, reading))
    exact = exact_times(reading, plan.length(turn), plan.near, turn.zone)
    if reading.certain and "day" not in reading.assumed:
        return exact[0]
    if exact:
        return _one_of(turn, plan, exact)
    windows = [one.window for one in (reading, *reading.alternatives) if one.window is not None]
    if reading.doubt == "deadline" and windows:
        windows = [(turn.now, windows[-1][1])]
    if not windows or reading.doubt in ("repeats", "refused", "impossible", "past"):
        return Offered(why_asked(reading))
    per = max(SHOWN // len(windows), 2)
    found = sorted({slot for window in windows for slot in plan.slots(turn, within=window, at_most=per)})[:SHOWN]
    understood = "" if reading.doubt in ("deadline", "contradiction") else reading.understood
    if found:
        return Offered(f"{understood}: at what time?" if understood else why_asked(reading), found)
    return Offered(f"{reading.understood}: nothing suits {plan.all_of_you} then.")


def _one_of(turn: Turn, plan: Arranging, exact: Sequence[Interval]) -> Interval | OneOf:
    possible = [slot for slot in exact if plan.against(turn, slot) is None]
    if not possible:
        return exact[0]
    when = wording.moment(possible[0][0], turn.zone)
    return OneOf(f"Do you mean {when}?" if len(possible) == 1 else "Which do you mean?", possible)


def _not_on(turn: Turn, plan: Arranging, reading: Reading) -> list[Slot]:
    """Times outside of the absences; where it can be one of several, outside of them all."""
    away = [absence for told in (reading, *reading.alternatives) for absence in told.absences]
    if not away and reading.window is not None:
        away = [reading.window]
    last = max((back for _, back in away), default=turn.now)
    found = {*plan.slots(turn, at_most=SHOWN * 2), *plan.slots(turn, within=(last, turn.now + LOOKS_AHEAD))}
    free = (slot for slot in found if not any(absences.overlap(slot, one) for one in away))
    return sorted(free)[:SHOWN]


def _keep_leave(turn: Turn, reading: Reading) -> tuple[Button, ...]:
    """A way to have the leave kept, which was only an answer so far; none when it is not sure from when until when."""
    away = [one for one in reading.absences if one[1] > turn.now]
    if not away:
        return ()
    when = wording.listed([absences.said(one, turn.zone, turn.now) for one in away])
    return (Button(wording.shortened(f"Keep that I’m away {when}", 70), "away.keep", value=absences.stamp(away)),)


def exact_times(reading: Reading, length: timedelta, near: datetime | None, zone: ZoneInfo) -> list[Interval]:
    """Every exact time that typed words may mean, for a meeting that takes `length` unless they say how long.

    `near` is when it is by now: "at 11" about a meeting on Thursday may well mean that Thursday.
    """
    found: list[Interval] = []
    if near is not None and reading.start is not None and "day" in reading.assumed:
        starts_at = at_local(near.astimezone(zone).date(), reading.start.astimezone(zone).time(), zone)
        found.append((starts_at, starts_at + length))
    found.extend(
        (one.start, one.end or one.start + length)
        for one in (reading, *reading.alternatives)
        if one.start is not None and one.doubt is None
    )
    return list(dict.fromkeys(found))


def why_asked(reading: Reading) -> str:
    """Why a typed time is asked back, in a sentence."""
    match reading.doubt:
        case "repeats":
            return "I book one at a time."
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
