"""Wall clock to UTC and back, working days and hours, bank holidays and closures."""

import re
import sys
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from typing import NamedTuple
from zoneinfo import ZoneInfo

MONDAY_TO_FRIDAY = frozenset(range(5))
FURTHEST_WORKING_DAY = 3660  # days looked at before saying that a calendar has no working day at all


def zone_named(name: str) -> ZoneInfo:
    """The time zone called `name`, for example "Europe/London".

    Raises ValueError, in words for the person who set it, when this machine knows no such zone.
    """
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # an unknown name, an empty one, a path: each fails in its own way
        raise ValueError(
            f"There is no time zone called {name[:60]!r} here. Use a name such as Europe/London or America/New_York."
        ) from error


def local(instant: datetime, zone: ZoneInfo) -> datetime:
    """The wall clock in `zone` at `instant`, which must carry its own zone (ValueError otherwise)."""
    if instant.tzinfo is None:
        raise ValueError("An instant must carry its time zone.")
    return instant.astimezone(zone)


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which clocks in `zone` show `clock` on `day`.

    A time that the spring change skips becomes the first valid minute after the gap; a time that the autumn change
    repeats means the first of the two.
    """
    wall = datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    return _end_of_gap(wall)


def _end_of_gap(wall: datetime) -> datetime:
    """The minute at which the clocks go forward past `wall`, which does not exist in its zone."""
    zone = wall.tzinfo
    before, after = sorted((wall.replace(fold=1).astimezone(UTC), wall.replace(fold=0).astimezone(UTC)))
    new_offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) // 2
        middle = middle.replace(second=0, microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == new_offset:
            after = middle
        else:
            before = middle
    return after.replace(second=0, microsecond=0)


def add_months(day: date, months: int) -> date:
    """The same day of the month, `months` later (or earlier, when negative).

    The written rule for short months: where that day does not exist, the last day of the month stands in for it. So a
    month after 31 January is 28 February (29 in a leap year), and a year after 29 February is 28 February. Count from
    the original day, never from a day that has already been moved: 31 January + 2 months is 31 March.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Closure(NamedTuple):
    """Days on which the organisation is closed, both included: half-term, an INSET day, the week of Christmas."""

    first_day: date
    last_day: date
    name: str


@lru_cache(maxsize=256)
def bank_holidays(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    """The public holidays of a country or one of its parts ("GB", "ENG") in a year, and what they are called.

    Raises ValueError, in words, for a country or part that is not known. Source: the `holidays` package.
    """
    import holidays  # for the first question about a year, not for every start

    _a_country_at_a_time()
    try:
        return dict(holidays.country_holidays(country, subdiv=subdivision, years=year).items())
    except (NotImplementedError, KeyError) as error:
        place = country if subdivision is None else f"{country}/{subdivision}"
        raise ValueError(
            f"The bank holidays of {place!r} are not known. Use a country code such as GB, and a part such as ENG."
        ) from error


def _a_country_at_a_time() -> None:
    """Let `holidays` import the country that is asked for: its package imports all 250, which then stay."""
    whole = find_spec("holidays.countries")
    assert whole is not None  # it is part of the library
    sys.modules.setdefault(whole.name, module_from_spec(whole))


@dataclass(frozen=True)
class WorkingCalendar:
    """The days and hours somebody works.

    `opens` and `closes` are the day a typed hour without am or pm must lie in; `offers_from` and `offers_until` the
    hours in which times are offered. `part_days` narrows the offering hours of single weekdays: (weekday, from, until),
    Monday being 0. All clock times are local to whoever works them. `lunch` is never offered.
    """

    working_weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    opens: time = time(8)
    closes: time = time(18)
    offers_from: time = time(9)
    offers_until: time = time(17)
    lunch: tuple[time, time] | None = None
    part_days: tuple[tuple[int, time, time], ...] = ()
    country: str | None = "GB"
    subdivision: str | None = "ENG"
    closures: tuple[tuple[date, date, str], ...] = field(default=())

    def closed_because(self, day: date) -> str | None:
        """Why nobody works on `day` although the weekday is a working one: the closure or bank holiday; else None."""
        for first_day, last_day, name in self.closures:
            if first_day <= day <= last_day:
                return name
        if self.country is None:
            return None
        return bank_holidays(self.country, self.subdivision, day.year).get(day)

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.working_weekdays and self.closed_because(day) is None

    def next_working_day(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_working_days(day, 1)

    def add_working_days(self, day: date, count: int) -> date:
        """The working day `count` working days after `day` (before it, when negative).

        Days not worked are not counted; zero gives `day` itself if it is worked, and otherwise the next that is.
        Raises ValueError when ten years hold too few.
        """
        step = timedelta(days=-1 if count < 0 else 1)
        left = abs(count)
        if left == 0 and not self.is_working_day(day):
            left = 1
        for _ in range(FURTHEST_WORKING_DAY):
            if left == 0:
                return day
            day += step
            left -= self.is_working_day(day)
        if left == 0:
            return day
        raise ValueError("This calendar has no working day within ten years. Check its working week and closures.")

    def offered_hours(self, day: date) -> tuple[time, time] | None:
        """From when until when a time may be offered on `day`, on the local clock; None on a day that is not worked."""
        if not self.is_working_day(day):
            return None
        for weekday, begins, ends in self.part_days:
            if weekday == day.weekday():
                return begins, ends
        return self.offers_from, self.offers_until


# ------------------------------------------------------------------------------------------------------ written hours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"(?:(?P<day>[a-z]{3}) )?(?P<from>\d{2}:\d{2})-(?P<until>\d{2}:\d{2})", re.ASCII)


class Hours(NamedTuple):
    """Working hours as they were written: the usual ones, if any, and those of single weekdays (Monday being 0)."""

    usual: tuple[time, time] | None
    part_days: tuple[tuple[int, time, time], ...]


def read_hours(written: str) -> Hours:
    """Read "08:30-16:30", or "mon 09:00-13:00, fri 09:00-12:00", or both; "" is no hours of one's own.

    Raises ValueError, in words for whoever wrote it.
    """
    usual: tuple[time, time] | None = None
    part_days: list[tuple[int, time, time]] = []
    for one in filter(None, (part.strip() for part in written.lower().split(","))):
        found = _SPAN.fullmatch(one)
        if found is None or (found["day"] and found["day"] not in WEEKDAYS):
            raise ValueError(f"{one[:40]!r} is no working time. Write it like 08:30-16:30, or mon 09:00-13:00.")
        begins, ends = read_span(f"{found['from']}-{found['until']}")
        if found["day"]:
            part_days.append((WEEKDAYS.index(found["day"]), begins, ends))
        elif usual is None:
            usual = begins, ends
        else:
            raise ValueError("The usual hours are written twice. Name the weekday for hours that differ.")
    if len({weekday for weekday, _, _ in part_days}) < len(part_days):
        raise ValueError("A weekday is written twice. Write each once.")
    return Hours(usual, tuple(part_days))


def read_span(written: str) -> tuple[time, time]:
    """Read "12:30-13:00". Raises ValueError, in words for whoever wrote it."""
    begins, _, ends = written.strip().partition("-")
    try:
        span = time.fromisoformat(begins), time.fromisoformat(ends)
    except ValueError as error:
        raise ValueError(f"{written[:40]!r} is no span of time. Write it like 12:30-13:00.") from error
    if span[0] >= span[1]:
        raise ValueError(f"{written[:40]!r} ends before it begins.")
    return span
