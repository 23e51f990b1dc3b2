"""When in the year a meeting falls: which interview it counts as, and when people are asked and reminded."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.policy import Policy
from handlers.calendars import calendar_of
from scheduling.localtime import at_local
from storage.models import Person

ASKS_AT = time(9, 30)  # on the reader's clock
SOON = timedelta(minutes=15)
AFTERWARDS = timedelta(minutes=30)
SETTLED_AFTER = 3  # working days


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
