"""The days somebody works, from the roster and the policy."""

from bot.policy import Policy
from scheduling.localtime import MONDAY_TO_FRIDAY, WorkingCalendar
from storage.models import Person


def calendar_of(policy: Policy, person: Person) -> WorkingCalendar:
    """This person's own weekdays, with the bank holidays and closures of the organisation."""
    days = frozenset(int(day) - 1 for day in person.working_days if day in "1234567")
    return WorkingCalendar(
        working_weekdays=days or MONDAY_TO_FRIDAY,
        offers_from=policy.working_week.starts,
        offers_until=policy.working_week.ends,
        country=policy.country,
        subdivision=policy.subdivision,
        closures=tuple((closure.first, closure.last, closure.name) for closure in policy.closures),
    )
