"""What was read: a start and an end, or a day, or what stands in the way; and how to say it back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from scheduling.when.pieces import Doubt

Missing = Literal["day", "time"]
Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a typed time means. Instants are in UTC; days are local to the zone it was read for.

    `start` is set only when there is one reading: then nothing needs to be asked. Otherwise `day` (to `ends_on`) says
    what is known, `window` the range to offer times in, `missing` what to ask for, `alternatives` what to choose from,
    and `doubt` what kind of question it is. `assumed` holds "day" where no day was said and the next one was taken.
    `span` is where in the text the time stood.

    `away` is true where the words say when somebody is *not* there and offer no other time: never book such a reading,
    whatever its `start` and `day` say. `absences` holds that time, in order, when it is told completely and of the
    writer's own: pairs of UTC instants, the first at which they are away and the first at which they are back again
    (so the end does not belong to it; two that touch are one absence without a gap). A whole day is from local midnight
    to the next, whatever the working hours; "morning" ends at 12:00 and "afternoon" begins there and lasts to midnight;
    other parts of the day and clocks are as said. "back on the 12th" is from `now` to the first minute of the 12th. The
    start may lie before `now` (today, this week); the end never does. `absences` is empty where an end is missing ("on
    leave from Thursday"), where it repeats, where it may mean two things (`alternatives` may carry their own), and
    where another person is away: ask. Where it is not empty, `window` reaches from its first moment to its last.
    """

    start: datetime | None = None
    end: datetime | None = None
    day: date | None = None
    ends_on: date | None = None
    window: Window | None = None
    understood: str = ""
    missing: frozenset[Missing] = frozenset()
    alternatives: tuple["Reading", ...] = ()
    doubt: Doubt | None = None
    assumed: frozenset[Missing] = frozenset()
    away: bool = False
    absences: tuple[Window, ...] = ()
    span: tuple[int, int] | None = None

    @property
    def certain(self) -> bool:
        """Whether a booking may be offered for confirmation as it stands."""
        return self.start is not None and self.doubt is None and not self.away

    @property
    def empty(self) -> bool:
        """Whether the text holds nothing about a time at all."""
        return self.start is None and self.day is None and self.doubt is None and not self.alternatives


def said_day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"


def said_days(first: date, last: date) -> str:
    if first == last:
        return said_day(first)
    opening = f"{first:%a} {first.day}"
    if (first.year, first.month) != (last.year, last.month):
        opening += f" {first:%b}" + (f" {first.year}" if first.year != last.year else "")
    return f"{opening} – {said_day(last)}"


def said_time(start: datetime, end: datetime | None, zone: ZoneInfo) -> str:
    """ "Tue 10 Mar 2026, 14:30–15:15", on the wall clock of `zone`."""
    begins = start.astimezone(zone)
    words = f"{said_day(begins.date())}, {begins:%H:%M}"
    if end is None:
        return words
    ends = end.astimezone(zone)
    return (
        f"{words}–{ends:%H:%M}" if ends.date() == begins.date() else f"{words} – {said_day(ends.date())}, {ends:%H:%M}"
    )


def said_choices(readings: Iterable[Reading]) -> str:
    return " or ".join(reading.understood for reading in readings)
