"""The rules of learning interviews: which one is due, when people are reminded, which times can be booked, who met."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from bot.policy import Policy
from handlers.calendars import calendar_of
from handlers.meetings.year import ASKS_AT
from scheduling.localtime import at_local
from scheduling.slots import Wanted
from storage.models import Interview, Person

APART = timedelta(weeks=2)  # how long after the last interview the next is offered, where there is a choice
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


# ------------------------------------------------------------------------------------------------- times for two people


def wanted(policy: Policy, learner: Person, year: date, window: int | None, last_held: datetime | None) -> Wanted:
    """Which times are offered first: in the window of the year that it is for, and two weeks after the last one."""
    windows, zone = policy.windows(year), ZoneInfo(learner.zone)
    within = None
    if window is not None and window <= len(windows):
        opens, closes = windows[window - 1]
        within = at_local(opens, time(0), zone), at_local(closes + timedelta(days=1), time(0), zone)
    return Wanted(within, last_held + APART if last_held else None)


# ------------------------------------------------------------------------------------------------------- what was meant

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
