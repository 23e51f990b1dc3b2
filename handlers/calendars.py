"""The days and hours somebody works, from the roster and the policy."""

from datetime import datetime, time

from sqlalchemy.orm import Session

from bot.policy import Policy
from scheduling.localtime import MONDAY_TO_FRIDAY, Hours, WorkingCalendar, read_hours, read_span
from scheduling.slots import Interval
from storage import away, calendar_looks
from storage.models import Person

# a bare "5" means five in the afternoon, though times are offered until the end of work
OPENS, CLOSES = time(8), time(18)


def calendar_of(policy: Policy, person: Person | None = None) -> WorkingCalendar:
    """This person's weekdays, hours and lunch with the organisation's bank holidays and closures.

    Where the person has none of their own, and without a person, the organisation's. Raises ValueError for hours that
    the roster should have refused.
    """
    days = frozenset(int(day) - 1 for day in person.working_days if day in "1234567") if person else MONDAY_TO_FRIDAY
    hours = read_hours(person.hours) if person else Hours(None, ())
    starts, ends = hours.usual or (policy.working_week.starts, policy.working_week.ends)
    return WorkingCalendar(
        working_weekdays=days or MONDAY_TO_FRIDAY,
        opens=min(OPENS, starts),
        closes=max(CLOSES, ends),
        offers_from=starts,
        offers_until=ends,
        lunch=read_span(person.lunch) if person and person.lunch else policy.working_week.lunch,
        part_days=hours.part_days,
        country=policy.country,
        subdivision=policy.subdivision,
        closures=tuple((closure.first, closure.last, closure.name) for closure in policy.closures),
    )


def unavailable(session: Session, person: Person, starts_at: datetime, ends_at: datetime) -> list[Interval]:
    """When this person is away, or busy by their own calendar, between two instants: nobody else learns which."""
    return [
        *away.between(session, person.id, starts_at, ends_at),
        *calendar_looks.busy_times(session, person.id, starts_at, ends_at),
    ]
