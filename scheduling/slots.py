"""Times that suit several people: in the working hours of each, in each one's own zone, when all of them are free.

One function says what stands against a time. The search offers what nothing stands against, and a typed time is held
against the same function: the two cannot disagree.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from scheduling.localtime import WorkingCalendar, at_local, local

USUAL_LENGTH = timedelta(minutes=45)
USUAL_NOTICE = timedelta(hours=24)
USUAL_STEP = timedelta(minutes=30)
AT_MOST = 5
FURTHEST = timedelta(days=366)
BREATHING_SPACE = timedelta(minutes=15)

# What makes a time less welcome, in points: two on one day are worse than most things, three are worse than a day that
# is not wanted.
SAME_DAY = 20
NOT_WANTED = 30

Interval = tuple[datetime, datetime]


class Slot(NamedTuple):
    """A time to offer; both ends are UTC instants."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Side:
    """One of the people. `busy` holds (from, until) instants, in any order, overlapping or not.

    `leaves_on` is their last local day, when they leave.
    """

    zone: ZoneInfo
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    busy: Sequence[Interval] = ()
    leaves_on: date | None = None


@dataclass(frozen=True)
class Objection:
    """What stands against a time. `side` is the place in the list of the one whom it concerns; None: everybody."""

    kind: Literal["past", "soon", "far", "left", "closed", "weekday", "hours", "lunch", "busy"]
    side: int | None = None


@dataclass(frozen=True)
class Wanted:
    """Which times are better than others that suit as well: within `within`, and not before `not_before` (instants)."""

    within: Interval | None = None
    not_before: datetime | None = None


NOTHING_WANTED = Wanted()

# ------------------------------------------------------------------------------------------------ what stands against


def objection(
    sides: Sequence[Side], slot: Interval, now: datetime, *, notice: timedelta = USUAL_NOTICE
) -> Objection | None:
    """Why these people cannot meet then; None when nothing stands against it.

    Nobody is asked sooner than `notice` after `now`, nor more than a year ahead. The order of `sides` decides whose
    reason is given when there are several.
    """
    if slot[0] <= now:
        return Objection("past")
    if slot[0] < now + notice:
        return Objection("soon")
    if slot[0] > now + FURTHEST:
        return Objection("far")
    for place, side in enumerate(sides):
        if (kind := _against(side, slot)) is not None:
            return Objection(kind, place)
    return None


def _against(side: Side, slot: Interval) -> Literal["left", "closed", "weekday", "hours", "lunch", "busy"] | None:
    day = local(slot[0], side.zone).date()
    if side.leaves_on is not None and day > side.leaves_on:
        return "left"
    if side.calendar.closed_because(day) is not None:
        return "closed"
    hours = side.calendar.offered_hours(day)
    if hours is None:
        return "weekday"
    if slot[0] < at_local(day, hours[0], side.zone) or slot[1] > at_local(day, hours[1], side.zone):
        return "hours"
    if side.calendar.lunch is not None and _overlap(slot, _clock_times(side, day, *side.calendar.lunch)):
        return "lunch"
    return "busy" if any(_overlap(slot, interval) for interval in side.busy) else None


def _clock_times(side: Side, day: date, begins: time, ends: time) -> Interval:
    return at_local(day, begins, side.zone), at_local(day, ends, side.zone)


def _overlap(one: Interval, other: Interval) -> bool:
    return one[0] < other[1] and other[0] < one[1]


# --------------------------------------------------------------------------------------------------------- the search


def free_slots(
    sides: Sequence[Side],
    window: Interval,
    now: datetime,
    *,
    length: timedelta = USUAL_LENGTH,
    notice: timedelta = USUAL_NOTICE,
    step: timedelta = USUAL_STEP,
    at_most: int = AT_MOST,
    page: int = 1,
    wanted: Wanted = NOTHING_WANTED,
    excluding: Collection[datetime] = (),
) -> list[Slot]:
    """Up to `at_most` times for a meeting of `length`, best first, spread over days and times of day.

    `window` is (from, until) in instants; the meeting lies within it. Every time is one that `objection` has nothing
    against; starts in `excluding` are left out. The same question has the same answer, and the next `page` (from 1)
    goes on where the one before it ended, without repeating any. Clocks and days are those of the first side.

    ValueError when there is nobody to meet, or a length, a step or a page is less than one.
    """
    if not sides:
        raise ValueError("A meeting needs somebody to meet.")
    if length <= timedelta(0) or step <= timedelta(0) or at_most < 1 or page < 1:
        raise ValueError("The length of a meeting, the step between offers and the page must be more than nothing.")
    shown = {instant.astimezone(UTC) for instant in excluding}
    found = [
        slot
        for slot in _candidates(sides[0], _reach(window, now), length, step)
        if slot.starts_at not in shown and objection(sides, slot, now, notice=notice) is None
    ]
    return _spread(found, sides, wanted, at_most * page)[at_most * (page - 1) :]


def _reach(window: Interval, now: datetime) -> Interval:
    """The part of the window in which anything can be: a mistaken century is not looked through day by day."""
    return max(window[0], now), min(window[1], now + FURTHEST + timedelta(days=1))


def _candidates(side: Side, reach: Interval, length: timedelta, step: timedelta) -> Iterator[Slot]:
    """Every start on the grid of `step` within the offering hours of `side`."""
    day, last_day = local(reach[0], side.zone).date(), local(reach[1], side.zone).date()
    while day <= last_day:
        hours = side.calendar.offered_hours(day)
        if hours is not None:
            clock, closing = _clock_times(side, day, *hours)
            while clock + length <= min(closing, reach[1]):
                if clock >= reach[0]:
                    yield Slot(clock, clock + length)
                clock += step
        day += timedelta(days=1)


# -------------------------------------------------------------------------------------------------------- the ranking


def _spread(found: list[Slot], sides: Sequence[Side], wanted: Wanted, count: int) -> list[Slot]:
    """The best slot, then again and again the best of those least like the ones already chosen; the earlier wins."""
    zone = sides[0].zone
    points = {slot: _unwanted(slot, wanted) + sum(_inconvenience(slot, side) for side in sides) for slot in found}
    chosen: list[Slot] = []
    while points and len(chosen) < count:
        best = min(points, key=lambda slot: (points[slot], slot))
        del points[best]
        for slot in points:
            points[slot] += _likeness(slot, best, zone)
        chosen.append(best)
    return chosen


def _unwanted(slot: Slot, wanted: Wanted) -> int:
    outside = wanted.within is not None and not (
        wanted.within[0] <= slot.starts_at and slot.ends_at <= wanted.within[1]
    )
    early = wanted.not_before is not None and slot.starts_at < wanted.not_before
    return NOT_WANTED * (outside + early)


def _inconvenience(slot: Slot, side: Side) -> int:
    """What makes a possible time a poor one for this person: over lunch, at the very end, tight against another."""
    starts, ends = local(slot.starts_at, side.zone), local(slot.ends_at, side.zone)
    points = 0
    if starts.time() < time(13) and ends.time() > time(12):
        points += 3
    if starts.time() < time(9, 30) or ends.time() > time(16, 30):
        points += 1
    roomy = (slot.starts_at - BREATHING_SPACE, slot.ends_at + BREATHING_SPACE)
    return points + any(_overlap(roomy, interval) for interval in side.busy)


def _likeness(slot: Slot, taken: Slot, zone: ZoneInfo) -> int:
    """How little choice `slot` adds beside `taken`: the same day, the same weekday, the same half of the day."""
    one, other = local(slot.starts_at, zone), local(taken.starts_at, zone)
    same_day = SAME_DAY if one.date() == other.date() else 0
    same_weekday = 2 if one.weekday() == other.weekday() else 0
    same_half = 2 if (one.hour < 12) == (other.hour < 12) else 0
    same_clock = 2 if abs(one.hour - other.hour) <= 1 else 0
    return same_day + same_weekday + same_half + same_clock
