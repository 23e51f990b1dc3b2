"""The off-the-job learning that is owed to somebody: the policy's days, in proportion where the policy says so."""

import math
from dataclasses import dataclass
from datetime import date, time, timedelta

from bot import wording
from bot.policy import Policy
from handlers.calendars import calendar_of
from handlers.turn import Turn
from scheduling.localtime import WorkingCalendar
from storage import learning_time
from storage.models import Person

WHOLE_FROM = 0.75  # a working day of at least that much of the organisation's hours counts whole


@dataclass(frozen=True)
class Balance:
    """Days of off-the-job learning that somebody had this year, and that are promised to them: a floor, no cap."""

    had: float
    promised: float

    @property
    def owed(self) -> float:
        """Days that are still owed to them."""
        return max(0.0, round(self.promised - self.had, 1))

    @property
    def in_words(self) -> str:
        """`1.5 of 3 days, 1.5 still owed to you`."""
        owed = f", {self.owed:g} still owed to you" if self.owed else ""
        return f"{self.had:g} of {wording.count(self.promised, 'day')}{owed}"


def balance(turn: Turn, day: date | None = None) -> Balance:
    """The reader's own, in the learning year of `day`; of today when none is named."""
    year, last = year_around(turn.policy, day or turn.today)
    had = learning_time.days_learned(turn.session, turn.policy, turn.person.id, year, last)
    return Balance(round(had, 1), promised(turn.policy, turn.person, year))


def promised(policy: Policy, person: Person, year: date) -> float:
    """Days promised to this person in the learning year that starts on `year`, rounded up to half days.

    Source: policy `learning_time.days`, `pro_rata` (who works part of the week) and `pro_rata_year` (who joins or
    leaves during the year).
    """
    days = policy.learning_time.days
    if policy.learning_time.pro_rata:
        days *= _share_of_week(policy, person)
    if policy.learning_time.pro_rata_year:
        days *= _share_of_year(policy, person, year)
    return math.ceil(round(days * 2, 6)) / 2


def promised_by(policy: Policy, person: Person, day: date) -> float:
    """The part of it that the time until `day` would bring, of the time in which this person is here that year."""
    year, last = year_around(policy, day)
    here_from, here_until = max(year, person.starts_on or year), min(last, person.leaves_on or last)
    if day < here_from or here_until < here_from:
        return 0.0
    passed = (min(day, here_until) - here_from).days + 1
    return promised(policy, person, year) * passed / ((here_until - here_from).days + 1)


def year_around(policy: Policy, day: date) -> tuple[date, date]:
    """First and last day of the learning year that `day` is in."""
    year = policy.year_of(day)
    return year, policy.year_of(year + timedelta(days=380)) - timedelta(days=1)


def _share_of_week(policy: Policy, person: Person) -> float:
    usual, own = calendar_of(policy), calendar_of(policy, person)
    whole = _hours(usual.offers_from, usual.offers_until)
    worked = sum(_share_of_day(own, weekday, whole) for weekday in own.working_weekdays)
    return min(1.0, worked / len(usual.working_weekdays))


def _share_of_day(own: WorkingCalendar, weekday: int, whole: float) -> float:
    spans = {day: (begins, ends) for day, begins, ends in own.part_days}
    share = _hours(*spans.get(weekday, (own.offers_from, own.offers_until))) / whole
    return 1.0 if share >= WHOLE_FROM else share


def _hours(begins: time, ends: time) -> float:
    return (ends.hour - begins.hour) + (ends.minute - begins.minute) / 60


def _share_of_year(policy: Policy, person: Person, year: date) -> float:
    first, last = year_around(policy, year)
    here_from, here_until = max(first, person.starts_on or first), min(last, person.leaves_on or last)
    return max(0, (here_until - here_from).days + 1) / ((last - first).days + 1)
