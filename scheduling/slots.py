"""Times that suit two people: inside the working hours of each, in each one's own zone, when both are free."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduling.localtime import WorkingCalendar, at_local, local

USUAL_LENGTH = timedelta(minutes=45)
USUAL_NOTICE = timedelta(hours=24)
USUAL_STEP = timedelta(minutes=30)
AT_MOST = 5
FURTHEST = timedelta(days=400)  # a window longer than a learning year is a mistake, and is looked at only so far
BREATHING_SPACE = timedelta(minutes=15)

Interval = tuple[datetime, datetime]


class Slot(NamedTuple):
    """A time to offer; both ends are UTC instants."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Side:
    """One of the two people. `busy` holds (from, until) instants, in any order, overlapping or not."""

    zone: ZoneInfo
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    busy: Sequence[Interval] = ()


def free_slots(
    one: Side,
    other: Side,
    window: Interval,
    now: datetime,
    *,
    length: timedelta = USUAL_LENGTH,
    notice: timedelta = USUAL_NOTICE,
    step: timedelta = USUAL_STEP,
    at_most: int = AT_MOST,
    after: datetime | None = None,
    excluding: Collection[datetime] = (),
) -> list[Slot]:
    """Up to `at_most` times for a meeting of `length`, best first, spread over days and times of day.

    `window` is (from, until) in instants; the meeting ends within it. None starts sooner than `notice` after `now`. For
    "more times" pass the starts already shown as `excluding`, or the last of them as `after`. Every time lies in the
    offering hours of both people on their own clocks, on a day that both work, and touches nobody's busy time.
    """
    if length <= timedelta(0) or step <= timedelta(0):
        raise ValueError("The length of a meeting and the step between offers must be more than nothing.")
    begins = max(window[0], now + notice)
    if after is not None:
        begins = max(begins, after + timedelta(minutes=1))
    shown = {instant.astimezone(UTC) for instant in excluding}
    found = [
        slot
        for slot in _candidates(one, begins, min(window[1], begins + FURTHEST), length, step)
        if slot.starts_at not in shown and _suits(one, slot) and _suits(other, slot)
    ]
    return _spread(found, one, other, at_most)


def suits_both(one: Side, other: Side, slot: Interval) -> bool:
    """Whether both work and are free at that time: what must still hold when an offered time is taken."""
    return _suits(one, slot) and _suits(other, slot)


def _candidates(side: Side, begins: datetime, ends: datetime, length: timedelta, step: timedelta) -> Iterator[Slot]:
    """Every start on the grid of `step` within the offering hours of `side`: the other's hours are looked at later."""
    day, last_day = local(begins, side.zone).date(), local(ends, side.zone).date()
    while day <= last_day:
        hours = side.calendar.offered_hours(day)
        if hours is not None:
            clock, closing = at_local(day, hours[0], side.zone), at_local(day, hours[1], side.zone)
            while clock + length <= min(closing, ends):
                if clock >= begins:
                    yield Slot(clock, clock + length)
                clock += step
        day += timedelta(days=1)


def _suits(side: Side, slot: Interval) -> bool:
    return _in_working_hours(side, slot) and not any(_overlap(slot, interval) for interval in side.busy)


def _in_working_hours(side: Side, slot: Interval) -> bool:
    starts, ends = local(slot[0], side.zone), local(slot[1], side.zone)
    hours = side.calendar.offered_hours(starts.date())
    if hours is None:
        return False
    opening, closing = (at_local(starts.date(), clock, side.zone) for clock in hours)
    if slot[0] < opening or slot[1] > closing:
        return False
    lunch = side.calendar.lunch
    return lunch is None or not (starts.time() < lunch[1] and ends.time() > lunch[0])


def _overlap(one: Interval, other: Interval) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _spread(found: list[Slot], one: Side, other: Side, at_most: int) -> list[Slot]:
    """The best slot, then again and again the best of those least like the ones already chosen."""
    cost = {slot: _inconvenience(slot, one) + _inconvenience(slot, other) for slot in found}
    chosen: list[Slot] = []
    while found and len(chosen) < at_most:
        best = min(
            found,
            key=lambda slot: (
                cost[slot] + sum(_likeness(slot, taken, one.zone) for taken in chosen),
                slot.starts_at,
            ),
        )
        chosen.append(best)
        found.remove(best)
    return chosen


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
    same_day = 20 if one.date() == other.date() else 0
    same_weekday = 2 if one.weekday() == other.weekday() else 0
    same_half = 2 if (one.hour < 12) == (other.hour < 12) else 0
    same_clock = 2 if abs(one.hour - other.hour) <= 1 else 0
    return same_day + same_weekday + same_half + same_clock
