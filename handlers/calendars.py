"""The days and hours somebody works, from the roster and the policy."""

from datetime import time

from bot.policy import Policy
from scheduling.localtime import MONDAY_TO_FRIDAY, WorkingCalendar
from storage.models import Person

OPENS, CLOSES = (
    time(8),
    time(18),
)  # a bare "5" means five in the afternoon, though times are offered until the end of work


def calendar_of(policy: Policy, person: Person | None = None) -> WorkingCalendar:
    """This person's weekdays with the organisation's hours, bank holidays and closures; without one, its own week."""
    days = frozenset(int(day) - 1 for day in person.working_days if day in "1234567") if person else MONDAY_TO_FRIDAY
    week = policy.working_week
    return WorkingCalendar(
        working_weekdays=days or MONDAY_TO_FRIDAY,
        opens=min(OPENS, week.starts),
        closes=max(CLOSES, week.ends),
        offers_from=week.starts,
        offers_until=week.ends,
        country=policy.country,
        subdivision=policy.subdivision,
        closures=tuple((closure.first, closure.last, closure.name) for closure in policy.closures),
    )
