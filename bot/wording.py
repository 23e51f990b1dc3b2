"""How dates, times, lists and plurals are worded: the one module to translate when a second language comes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

FULL_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
               "November", "December")  # fmt: skip


def day(when: date) -> str:
    """`Thu 5 Mar`."""
    return f"{DAYS[when.weekday()]} {when.day} {MONTHS[when.month - 1]}"


def day_and_year(when: date) -> str:
    """`Thu 5 Mar 2026`."""
    return f"{day(when)} {when.year}"


def period(first: date, last: date) -> str:
    """`January and February 2026`, `January to March 2026`, or `15 Jan to 14 Mar 2026` where it is no whole months."""
    if first.day != 1 or (last + timedelta(days=1)).day != 1:
        return f"{first.day} {MONTHS[first.month - 1]} to {last.day} {MONTHS[last.month - 1]} {last.year}"
    begins, ends = FULL_MONTHS[first.month - 1], FULL_MONTHS[last.month - 1]
    if (first.year, first.month) == (last.year, last.month):
        return f"{ends} {last.year}"
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    opening = begins if first.year == last.year else f"{begins} {first.year}"
    return f"{opening} {'and' if months == 2 else 'to'} {ends} {last.year}"


def clock(instant: datetime, zone: ZoneInfo) -> str:
    """`14:30`, in the reader's zone."""
    return instant.astimezone(zone).strftime("%H:%M")


def date_in_full(when: date) -> str:
    """`5 March 2026`."""
    return f"{when.day} {FULL_MONTHS[when.month - 1]} {when.year}"


def date_of(instant: datetime, zone: ZoneInfo) -> str:
    """`5 March 2026`, in the reader's zone."""
    return date_in_full(instant.astimezone(zone).date())


def learning_year(first: date) -> str:
    """`2025/26`, of the learning year that begins on this day."""
    return f"{first.year}/{(first.year + 1) % 100:02d}"


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


def length(minutes: int) -> str:
    """`2 hours`, `1 hour 30 minutes`, `45 minutes`."""
    hours, left = divmod(minutes, 60)
    said = ((hours, "hour"), (left, "minute"))
    return " ".join(count(number, unit) for number, unit in said if number) or count(0, "minute")


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
