"""What interviews and the meetings of learning sets share: which of the year's it is, when, what stands against it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.policy import Policy
from handlers.calendars import calendar_of
from scheduling.localtime import at_local
from scheduling.slots import Interval, Objection, Side, objection
from scheduling.when import Reading
from storage.models import Person

ASKS_AT = time(9, 30)  # on the reader's clock
SOON = timedelta(minutes=15)
AFTERWARDS = timedelta(minutes=30)
SETTLED_AFTER = 3  # working days
LOOKS_AHEAD = timedelta(weeks=6)
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=3)


def window_for(policy: Policy, day: date, taken: Collection[int]) -> tuple[date, int]:
    """The learning year and window that an interview on `day` counts for, when those of `taken` are arranged already.

    The window that is open or the next one; where that is taken or has not opened yet, an earlier one that was missed.
    More interviews than promised are fine: they count for the window they fall in.
    """
    year, number = policy.year_of(day), policy.window_on(day)
    opens = policy.windows(year)[number - 1][0]
    missed = [earlier for earlier in range(1, number) if earlier not in taken]
    if missed and (number in taken or day < opens):
        return year, missed[0]
    return year, number


def next_morning(policy: Policy, person: Person, day: date) -> datetime:
    """09:30 on this person's clock on `day`, or on their next working day when they do not work then (UTC)."""
    return at_local(calendar_of(policy, person).add_working_days(day, 0), ASKS_AT, ZoneInfo(person.zone))


# ---------------------------------------------------------------------------------------------------------- reminders


def day_before(policy: Policy, person: Person, starts_at: datetime) -> datetime:
    """When to remind this person: 09:30 on their clock, on their last working day before a meeting (UTC)."""
    zone = ZoneInfo(person.zone)
    day = calendar_of(policy, person).add_working_days(starts_at.astimezone(zone).date(), -1)
    return at_local(day, ASKS_AT, zone)


def settles_at(policy: Policy, person: Person, ends_at: datetime) -> datetime:
    """When what is not known of a meeting is not waited for: three working days later, at 09:30 (UTC)."""
    zone = ZoneInfo(person.zone)
    day = calendar_of(policy, person).add_working_days(ends_at.astimezone(zone).date(), SETTLED_AFTER)
    return at_local(day, ASKS_AT, zone)


# ---------------------------------------------------------------------------------------------- times, and against them


def side(policy: Policy, person: Person, busy: Sequence[Interval]) -> Side:
    """One of those who are to meet, as the search for times sees them."""
    return Side(ZoneInfo(person.zone), calendar_of(policy, person), busy, person.leaves_on)


def notice(policy: Policy) -> timedelta:
    """How soon a meeting can be at the earliest."""
    return timedelta(hours=policy.interviews.minimum_notice_hours)


@dataclass(frozen=True)
class Against:
    """Why a time cannot be, in a sentence. `taken`: only because one of them has something else then."""

    why: str
    taken: bool = False


def against(
    policy: Policy, people: Sequence[Person], sides: Sequence[Side], slot: Interval, now: datetime
) -> Against | None:
    """Why these people cannot meet at that time, said to the first of them; None when nothing stands against it.

    `sides` are those of `people`. All but the length is what the search for times goes by, too.
    """
    found = objection(sides, slot, now, notice=notice(policy))
    if found is None:
        fits = SHORTEST <= slot[1] - slot[0] <= LONGEST
        return None if fits else Against("It takes between a quarter of an hour and three hours.")
    if found.side is None:
        return Against(_at_no_time(found, notice(policy)))
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
            return "I book one meeting at a time."
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


# ------------------------------------------------------------------------------------------------------- what was meant

_YES = re.compile(
    r"\W*(?:yes|yep|yeah|ok|okay|fine|great|perfect|sure|lovely|confirm(?:ed)?|agreed|(?:that |it )?(?:works|suits)"
    r"(?: for me)?|(?:that(?:’s|'s| is) )?fine|sounds good|we (?:did|met))(?:[\s,]+(?:please|thanks|thank you"
    r"|that works|fine|see you (?:then|there)|we (?:did|met)))*\W*",
    re.IGNORECASE,
)
_NO = re.compile(
    r"\W*(?:no|nope|sorry|decline|(?:i )?can(?:’|')?t|(?:i )?cannot|we didn(?:’|')?t|(?:that )?does(?:n(?:’|')?t| not) "
    r"(?:work|suit)(?: for me)?)(?:[\s,]+(?:sorry|thanks|thank you|(?:i )?can(?:’|')?t|we didn(?:’|')?t))*\W*",
    re.IGNORECASE,
)
_LATER = re.compile(
    r"\W*(?:no|not now|not yet|later|(?:ask me |maybe )?later|no thanks?|no,? thank you)\W*", re.IGNORECASE
)


def says_yes(words: str) -> bool:
    """Whether the words are a plain yes."""
    return _YES.fullmatch(words) is not None


def says_no(words: str) -> bool:
    """Whether the words are a plain no."""
    return _NO.fullmatch(words) is not None


def says_later(words: str) -> bool:
    """Whether the words put it off."""
    return _LATER.fullmatch(words) is not None
