"""By which day somebody means to do something: what typed words say of it."""

import re
from calendar import monthrange
from datetime import date, timedelta

from bot import wording
from handlers.calendars import calendar_of
from handlers.turn import Turn
from scheduling.when import Reading, read

FURTHEST = timedelta(days=366)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_END_OF_MONTH = re.compile(
    r"\b(?:the )?end of (?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?: (?P<year>20\d\d))?\b",
    re.IGNORECASE,
)
_TIED = re.compile(r"[\s,;:(–-]*\b(?:by|before|until|on|at|no later than)\s+$|[\s,;:(–-]+$", re.IGNORECASE)


def day_in(turn: Turn, said: str, furthest: timedelta = FURTHEST) -> tuple[date | None, bool]:
    """The day that the words name for the reader, if any; and whether that was clear (no day at all is clear, too).

    "by Friday" is that Friday, "next week" the last working day of it. A day that is past or further away than
    `furthest` is not clear.
    """
    day, clear, _ = _found(turn, said, furthest)
    return day, clear


def day_or_kept(turn: Turn, said: str, kept: date | None, furthest: timedelta = FURTHEST) -> tuple[date | None, bool]:
    """The same; a form that is sent with the day that was kept leaves it, though it may be past."""
    return (kept, True) if said == in_words(kept) else day_in(turn, said, furthest)


def in_words(day: date | None) -> str:
    """A day as a form shows it, to be read again; "" for none."""
    return "" if day is None else wording.day_and_year(day)


def parted(turn: Turn, said: str, furthest: timedelta = FURTHEST) -> tuple[str, date | None, bool]:
    """The words without the day that stands at their end, that day, and whether it was clear.

    A day in the midst of the words, and one that is not clear, stays in them.
    """
    day, clear, span = _found(turn, said, furthest)
    if day is None or span is None or said[span[1] :].strip(" .!)"):
        return said, day, clear
    words = _TIED.sub("", said[: span[0]])
    return (words, day, clear) if words else (said, day, clear)


def _found(turn: Turn, said: str, furthest: timedelta) -> tuple[date | None, bool, tuple[int, int] | None]:
    if ends := _END_OF_MONTH.search(said):
        day, span = _end_of_month(turn.today, ends), ends.span()
    else:
        reading = read(said, turn.now, turn.zone, calendar=calendar_of(turn.policy, turn.person))
        if reading.empty:
            return None, True, None
        day, span = _day_of(turn, reading), reading.span
    clear = day is not None and turn.today <= day <= turn.today + furthest
    return (day, True, span) if clear else (None, False, None)


def _end_of_month(today: date, said: re.Match[str]) -> date:
    """Its last day; without a year the coming one."""
    month = _MONTHS.index(said["month"].lower()[:3]) + 1
    year = int(said["year"]) if said["year"] else today.year + (month < today.month)
    return date(year, month, monthrange(year, month)[1])


def _day_of(turn: Turn, reading: Reading) -> date | None:
    working = calendar_of(turn.policy, turn.person)
    if reading.doubt == "deadline" and len(reading.alternatives) == 1:
        reading = reading.alternatives[0]
    if reading.doubt is not None or reading.away:
        return None
    day = reading.start.astimezone(turn.zone).date() if reading.start is not None else reading.ends_on or reading.day
    if day is not None and reading.ends_on is not None and not working.is_working_day(day):
        day = max(working.add_working_days(day, -1), reading.day or day)
    return day
