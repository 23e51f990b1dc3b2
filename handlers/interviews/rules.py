"""The rules of learning interviews: which one is due, when people are reminded, which times can be booked, who met."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot import wording
from bot.policy import Policy
from handlers.calendars import calendar_of
from scheduling.localtime import at_local
from scheduling.slots import Interval, Side
from storage.models import Interview, Person

ASKS_AT = time(9, 30)  # on the reader's clock
SOON = timedelta(minutes=15)
AFTERWARDS = timedelta(minutes=30)
SETTLED_AFTER = 3  # working days
LOOKS_AHEAD = timedelta(weeks=6)
FURTHEST = timedelta(days=366)
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=3)
PUT_OFF = timedelta(days=7)


# ------------------------------------------------------------------------------------------------- windows of the year


@dataclass(frozen=True)
class Due:
    """The interview that is due: window `number`, from 1, of the learning year that starts on `year`."""

    year: date
    number: int
    opens: date
    closes: date


def due(policy: Policy, today: date, taken: Collection[int]) -> Due | None:
    """The interview of this learning year that is due on `today`: the open window's; between windows, a missed one.

    None when nothing is: that one was held or is arranged, or no window has opened yet.
    """
    year = policy.year_of(today)
    opened = [
        Due(year, number, opens, closes)
        for number, (opens, closes) in enumerate(policy.windows(year), 1)
        if opens <= today
    ]
    now_open = [one for one in opened if today <= one.closes]
    return next((one for one in now_open or opened if one.number not in taken), None)


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


def nudge_at(policy: Policy, person: Person, opens: date, closes: date, now: datetime) -> datetime | None:
    """When to say that a window opened: 09:30 on the person's clock, on the first working day of theirs that it has.

    Whoever joined, started or came back later is told on the first working day after that. A UTC instant; None when
    the window has no such day.
    """
    zone, working = ZoneInfo(person.zone), calendar_of(policy, person)
    earliest = max(opens, person.starts_on or opens, person.paused_until or opens)
    if person.joined_at is not None:
        joined = person.joined_at.astimezone(zone)
        earliest = max(earliest, joined.date() + timedelta(days=joined.time() >= ASKS_AT))
    at = at_local(working.add_working_days(earliest, 0), ASKS_AT, zone)
    if at < now:
        today = now.astimezone(zone)
        at = at_local(working.add_working_days(today.date() + timedelta(days=1), 0), ASKS_AT, zone)
    return at if at.astimezone(zone).date() <= closes else None


def next_morning(policy: Policy, person: Person, day: date) -> datetime:
    """09:30 on this person's clock on `day`, or on their next working day when they do not work then (UTC)."""
    return at_local(calendar_of(policy, person).add_working_days(day, 0), ASKS_AT, ZoneInfo(person.zone))


# ---------------------------------------------------------------------------------------------------------- reminders


def day_before(policy: Policy, person: Person, starts_at: datetime) -> datetime:
    """When to remind this person: 09:30 on their clock, on their last working day before the interview (UTC)."""
    zone = ZoneInfo(person.zone)
    day = calendar_of(policy, person).add_working_days(starts_at.astimezone(zone).date(), -1)
    return at_local(day, ASKS_AT, zone)


def settles_at(policy: Policy, person: Person, ends_at: datetime) -> datetime:
    """When one answer is enough to say whether they met: three working days later, at 09:30 (UTC)."""
    zone = ZoneInfo(person.zone)
    day = calendar_of(policy, person).add_working_days(ends_at.astimezone(zone).date(), SETTLED_AFTER)
    return at_local(day, ASKS_AT, zone)


# ------------------------------------------------------------------------------------------------- times for two people


def side(policy: Policy, person: Person, busy: list[Interval]) -> Side:
    """One of the two, as the search for times sees them."""
    return Side(ZoneInfo(person.zone), calendar_of(policy, person), busy)


def searched(now: datetime, *people: Person) -> Interval:
    """From when until when times are looked for: six weeks, and not after one of them leaves."""
    until = now + LOOKS_AHEAD
    for person in people:
        if person.leaves_on is not None:
            until = min(until, at_local(person.leaves_on + timedelta(days=1), time(0), ZoneInfo(person.zone)))
    return now, max(until, now)


def objection(
    policy: Policy, reader: Person, other: Person, starts_at: datetime, ends_at: datetime, now: datetime
) -> str | None:
    """Why the two cannot meet at that time, in a sentence for the reader; None when nothing stands against it."""
    notice = timedelta(hours=policy.interviews.minimum_notice_hours)
    if starts_at <= now:
        return "That time has passed."
    if starts_at < now + notice:
        return f"That is too soon, as people get at least {_hours(notice)} to make room for it."
    if starts_at > now + FURTHEST:
        return "That is more than a year away, which is further than I can book."
    if not SHORTEST <= ends_at - starts_at <= LONGEST:
        return "An interview takes between a quarter of an hour and three hours."
    return _off_work(policy, reader, None, starts_at, ends_at) or _off_work(
        policy, other, wording.first_name(other.name), starts_at, ends_at
    )


def _off_work(policy: Policy, person: Person, name: str | None, starts_at: datetime, ends_at: datetime) -> str | None:
    """`name` is None for the reader."""
    zone, working = ZoneInfo(person.zone), calendar_of(policy, person)
    starts, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    day = starts.date()
    if person.leaves_on is not None and day > person.leaves_on:
        return "That is after your last day." if name is None else f"That is after {name}’s last day."
    if because := working.closed_because(day):
        return f"{wording.day(day)} is a day off: {because}."
    if day.weekday() not in working.working_weekdays:
        return f"{wording.day(day)} isn’t a working day {'of yours' if name is None else f'for {name}'}."
    hours = working.offered_hours(day)
    assert hours is not None
    if ends.date() != day or starts.time() < hours[0] or ends.time() > hours[1]:
        whose = "your" if name is None else f"{name}’s"
        there = "" if name is None else f" (it would be {starts:%H:%M} there)"
        return f"That is outside {whose} working hours, {hours[0]:%H:%M} to {hours[1]:%H:%M}{there}."
    return None


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


_AROUND = re.compile(
    r"\b(?:an?|my|our|the|another|next|first|second|third|learning|interview|meeting|session|slot|with|for|on|at|please|"
    r"me|us|in|is|to|thanks?|thank you)\b|[,.!?:;()]",
    re.IGNORECASE,
)


def who_in(words: str, span: tuple[int, int] | None) -> str:
    """The name in "an interview with Ben next Tuesday", where `span` is the part that was read as a time.

    What follows "with", else what stands before the time; "" when that is nobody.
    """
    before, after = (words, "") if span is None else (words[: span[0]], words[span[1] :])
    for part in (before, after):
        if found := re.search(r"\bwith\b(.*)", part, re.IGNORECASE | re.DOTALL):
            return " ".join(_AROUND.sub(" ", found[1]).split())
    return " ".join(_AROUND.sub(" ", before).split())


# ------------------------------------------------------------------------------------------------------- did they meet


Verdict = Literal["met", "missed", "differ", "wait"]


def verdict(interview: Interview, *, late: bool) -> Verdict:
    """What two answers to "Did you meet?" come to. `late`: three working days have passed, so one answer is enough."""
    answers = {interview.learner_met, interview.partner_met}
    if answers == {True} or (late and answers == {True, None}):
        return "met"
    if answers == {False} or (late and answers == {False, None}):
        return "missed"
    return "differ" if answers == {True, False} else "wait"
