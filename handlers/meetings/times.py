"""Which times can be, and what stands against one; how a button carries it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.policy import Policy
from handlers.calendars import calendar_of
from scheduling.slots import Interval, Objection, Side, objection
from storage.models import Person

LOOKS_AHEAD = timedelta(weeks=6)
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=3)
SHOWN = 5  # times in one message


def side(policy: Policy, person: Person, busy: Sequence[Interval]) -> Side:
    """One of those who are to meet, as the search for times sees them."""
    return Side(ZoneInfo(person.zone), calendar_of(policy, person), busy, person.leaves_on)


def notice(policy: Policy) -> timedelta:
    """How soon a meeting can be at the earliest."""
    return timedelta(hours=policy.interviews.minimum_notice_hours)


def ahead(day: date, today: date) -> str:
    """`Today`, `Tomorrow`, or `Coming up`: what a reminder begins with, as the day itself is named right after it."""
    return {0: "Today", 1: "Tomorrow"}.get((day - today).days, "Coming up")


@dataclass(frozen=True)
class Against:
    """Why a time cannot be, in a sentence. `taken`: only because one of them has something else then."""

    why: str
    taken: bool = False


def can_last(slot: Interval) -> bool:
    """Whether it is neither too short nor too long for a meeting."""
    return SHORTEST <= slot[1] - slot[0] <= LONGEST


def against(
    policy: Policy,
    people: Sequence[Person],
    sides: Sequence[Side],
    slot: Interval,
    now: datetime,
    *,
    leave: Sequence[Interval] = (),
) -> Against | None:
    """Why these people cannot meet at that time, said to the first of them; None when nothing stands against it.

    `sides` are those of `people`; `leave` is when the first of them said that they are away then. All but the length
    is what the search for times goes by, too.
    """
    found = objection(sides, slot, now, notice=notice(policy))
    if found is None:
        return None if can_last(slot) else Against("It takes between a quarter of an hour and three hours.")
    if found.side is None:
        return Against(_at_no_time(found, notice(policy)))
    if found.side == 0 and found.kind == "busy" and leave:
        return Against("You said you are away then.", taken=True)
    other = None if found.side == 0 else people[found.side]
    return Against(_not_for(found, sides[found.side], slot, other), taken=found.kind == "busy")


def _at_no_time(found: Objection, notice: timedelta) -> str:
    match found.kind:
        case "past":
            return "That time has passed."
        case "soon":
            return f"That is too soon, as people get at least {_hours(notice)} to make room for it."
        case _:
            return "That is more than a year away, which is further than I can book."


def _not_for(found: Objection, side: Side, slot: Interval, other: Person | None) -> str:
    """`other` is None when it is about the reader."""
    starts_at = slot[0].astimezone(side.zone)
    name = "" if other is None else wording.first_name(other.name)
    whose = f"{name}’s" if name else "your"
    there = f" (it would be {starts_at:%H:%M} there)" if name else ""
    day = wording.day(starts_at.date())
    match found.kind:
        case "left":
            return f"That is after {whose} last day."
        case "closed":
            return f"{day} is a day off: {side.calendar.closed_because(starts_at.date())}."
        case "weekday":
            return f"{day} isn’t a working day {f'for {name}' if name else 'of yours'}."
        case "lunch":
            assert side.calendar.lunch is not None
            return f"That is over {whose} lunch, {_clocks(side.calendar.lunch)}{there}."
        case "busy":
            return f"{name} isn’t free then." if name else "You have something else then."
        case _:
            hours = side.calendar.offered_hours(starts_at.date())
            assert hours is not None
            return f"That is outside {whose} working hours, {_clocks(hours)}{there}."


def _clocks(hours: tuple[time, time]) -> str:
    return f"{hours[0]:%H:%M} to {hours[1]:%H:%M}"


def _hours(notice: timedelta) -> str:
    hours = notice.total_seconds() / 3600
    return wording.count(hours / 24, "day") if hours >= 48 and hours % 24 == 0 else wording.count(hours, "hour")


def stamp(starts_at: datetime, ends_at: datetime) -> str:
    """A time as a button carries it."""
    return f"{starts_at.astimezone(UTC):%Y%m%dT%H%M}/{(ends_at - starts_at) // timedelta(minutes=1)}"


def stamped(value: str) -> Interval | None:
    """The time that a button carries; None when that is no time."""
    found = re.fullmatch(r"(\d{8}T\d{4})/(\d{1,3})", value, re.ASCII)
    if found is None:
        return None
    try:
        starts_at = datetime.strptime(found[1], "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return starts_at, starts_at + timedelta(minutes=int(found[2]))
