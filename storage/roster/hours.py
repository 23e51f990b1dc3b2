"""Working hours and lunch as people write them, turned into the one way in which they are kept."""

import re

from scheduling.localtime import WEEKDAYS, read_hours, read_span
from storage.roster.values import shown, working_days

USUAL = "usual"  # the organisation's own, as if nothing had been said
LONGEST = 200  # characters: seven weekdays with their hours need fewer

_CLOCK = r"(?P<{0}_hour>\d{{1,2}})(?:[:.](?P<{0}_minute>\d{{2}}))?\s*(?P<{0}_half>am|pm)?"
_SPAN = rf"{_CLOCK.format('from')}\s*(?:-|–|—|to|until)\s*{_CLOCK.format('until')}"
_HOURS = re.compile(rf"(?:(?P<days>[a-z][a-z –—&-]*?):?\s*)?{_SPAN}", re.ASCII)


def kept_hours(written: str) -> str:
    """Hours as `Person.hours` keeps them: "8.30 to 4.30pm" is "08:30-16:30", "Mon-Tue 9-1pm" is that for each day.

    "usual" and "" are "". Raises ValueError, in words for whoever wrote it.
    """
    _short(written)
    parts: list[str] = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;\n]", written.lower()))):
        if part == USUAL:
            continue
        found = _HOURS.fullmatch(part)
        days = working_days(found["days"]) if found is not None and found["days"] else ""
        if found is None or days is None:
            raise ValueError(f"{shown(part)} is not clear; write it like 08:30-16:30, or mon 09:00-13:00")
        span = _span(found)
        parts.extend([f"{WEEKDAYS[int(day) - 1]} {span}" for day in days] or [span])
    hours = ", ".join(parts)
    read_hours(hours)
    return hours


def kept_lunch(written: str) -> str:
    """A lunch as `Person.lunch` keeps it: "12.30 to 1pm" is "12:30-13:00"; "usual" and "" are "".

    Raises ValueError, in words for whoever wrote it.
    """
    _short(written)
    value = written.strip().lower()
    if value in ("", USUAL):
        return ""
    found = re.fullmatch(_SPAN, value, re.ASCII)
    if found is None:
        raise ValueError(f"{shown(value)} is not clear; write it like 12:30-13:00")
    return _span(found)


def days_without_work(hours: str, days: str) -> list[str]:
    """The weekdays ("Sat") of which `hours`, as they are kept, speak though they are not among the working `days`."""
    return [
        WEEKDAYS[weekday].capitalize()
        for weekday, _, _ in read_hours(hours).part_days
        if str(weekday + 1) not in days
    ]  # fmt: skip


def _span(found: re.Match[str]) -> str:
    span = f"{_clock(found, 'from')}-{_clock(found, 'until')}"
    try:
        read_span(span)
    except ValueError as error:
        raise ValueError(f"{span} is no stretch of a day; write it by the 24-hour clock, like 09:00-17:00") from error
    return span


def _short(written: str) -> None:
    if len(written) > LONGEST:
        raise ValueError(f"that is too long for a week; write at most {LONGEST} characters")


def _clock(found: re.Match[str], end: str) -> str:
    hour, minute, half = int(found[f"{end}_hour"]), found[f"{end}_minute"] or "00", found[f"{end}_half"]
    if half is not None and 1 <= hour <= 12:
        hour = hour % 12 + 12 * (half == "pm")
    return f"{hour:02}:{minute}"
