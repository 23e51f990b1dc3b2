"""Stretches of time in which somebody is away: said in words, and as a button carries them."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from scheduling.slots import Interval

FURTHEST = timedelta(days=3 * 366)
MOST = 10  # stretches in one message


def overlap(one: Interval, other: Interval) -> bool:
    """Whether the two share a moment."""
    return one[0] < other[1] and other[0] < one[1]


def stamp(absences: Sequence[Interval]) -> str:
    """Stretches of time as a button carries them."""
    return ",".join("-".join(f"{instant.astimezone(UTC):%Y%m%dT%H%M}" for instant in one) for one in absences[:MOST])


def stamped(value: str) -> list[Interval]:
    """The stretches of time that a button carries; none when any of it is no such thing."""
    found: list[Interval] = []
    for one in value.split(",", MOST):
        ends = re.fullmatch(r"(\d{8}T\d{4})-(\d{8}T\d{4})", one, re.ASCII)
        if ends is None:
            return []
        try:
            starts_at, ends_at = (datetime.strptime(end, "%Y%m%dT%H%M").replace(tzinfo=UTC) for end in ends.groups())
        except ValueError:
            return []
        if ends_at <= starts_at or ends_at - starts_at > FURTHEST:
            return []
        found.append((starts_at, ends_at))
    return found


def said(absence: Interval, zone: ZoneInfo, now: datetime) -> str:
    """`from Fri 3 Apr to Fri 10 Apr`, `on Thu 5 Mar from 12:00`, `until Wed 11 Mar`, in the reader's zone.

    A year is named where it is not the present one.
    """
    begins, ends = (instant.astimezone(zone) for instant in absence)
    today = now.astimezone(zone).date()
    last = ends.date() - timedelta(days=1) if ends.time() == time(0) else ends.date()
    whole = ends.time() == time(0)
    if absence[0] <= now and begins.time() != time(0):  # away already: "back on the 12th"
        return f"until {_day(last, today)}" if whole else f"until {_day(last, today)}, {ends:%H:%M}"
    if begins.date() == last:
        on = f"on {_day(last, today)}"
        match begins.time() == time(0), whole:
            case True, True:
                return on
            case True, False:
                return f"{on} until {ends:%H:%M}"
            case False, True:
                return f"{on} from {begins:%H:%M}"
            case _:
                return f"{on}, {begins:%H:%M}–{ends:%H:%M}"
    opening = "" if begins.time() == time(0) else f", {begins:%H:%M},"
    closing = "" if whole else f", {ends:%H:%M}"
    return f"from {_day(begins.date(), today)}{opening} to {_day(last, today)}{closing}"


def _day(day: date, today: date) -> str:
    return wording.day(day) if day.year == today.year else wording.day_and_year(day)
