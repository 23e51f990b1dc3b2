"""How dates, times, lists and plurals are worded: the one module to translate when a second language comes."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(when: date) -> str:
    """`Thu 5 Mar`."""
    return f"{DAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]}"


def day_and_year(when: date) -> str:
    """`Thu 5 Mar 2026`."""
    return f"{day(when)} {when.year}"


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """`14:30`, in the reader's zone."""
    return instant.astimezone(zone).strftime("%H:%M")


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """`Thu 5 Mar, 14:30`, in the reader's zone."""
    return f"{day(instant.astimezone(zone).date())}, {clock(instant, zone)}"


def span(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """`Thu 5 Mar, 14:30–15:15`, in the reader's zone."""
    return f"{moment(starts_at, zone)}–{clock(ends_at, zone)}"


def count(number: int | float, one: str, many: str | None = None) -> str:
    """`1 day`, `2 days`, `2.5 days`."""
    shown = f"{number:g}"
    return f"{shown} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """`Ana, Bo and Cai`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def first_name(name: str) -> str:
    """`Amina`, of `Amina Khan`."""
    return name.split()[0] if name.split() else name


def shortened(words: str, limit: int) -> str:
    """At most `limit` characters, ending in an ellipsis when something was left out."""
    return words if len(words) <= limit else words[: max(limit - 1, 0)].rstrip() + "…"
