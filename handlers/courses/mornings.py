"""On which morning a question about a course is asked: when its owner is at work, and only one of them in a morning."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.policy import Policy
from handlers import asking
from handlers.turn import Turn
from scheduling.localtime import add_months
from storage import courses
from storage.models import Course, Person

SOONEST = timedelta(days=7)  # after a course was told: whoever tells of an old one is not asked twice in a morning


class Mornings:
    """The mornings on which people are asked about courses already: each further question finds a free one."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.taken = {(to, _day(at)) for to, at in courses.asked_about(turn.session, turn.now - timedelta(days=1))}

    def free(self, owner: Person, earliest: date) -> datetime:
        """The first morning from `earliest` on at which this person may be asked, and is asked nothing else (UTC)."""
        at = asking.morning(self.turn, owner, earliest)
        while (owner.id, _day(at)) in self.taken:
            at = asking.morning(self.turn, owner, at.astimezone(ZoneInfo(owner.zone)).date() + timedelta(days=1))
        return at

    def take(self, owner: Person, at: datetime) -> None:
        """This person is asked something then."""
        self.taken.add((owner.id, _day(at)))


def _day(at: datetime) -> date:
    return at.date()  # mornings are far enough from midnight in UTC, too


def impact_day(policy: Policy, course: Course, term: str) -> date:
    """The day from which to ask what a course has changed, after the shorter or the longer time.

    Source: policy `courses.short_after_days` and `courses.long_after_months`.
    """
    if term == "short":
        due = course.ends_on + timedelta(days=policy.courses.short_after_days)
    else:
        due = add_months(course.ends_on, policy.courses.long_after_months)
    return max(due, (course.made_at + SOONEST).date())
