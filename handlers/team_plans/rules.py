"""The rules of team plans: how much fits, what states are called, which year a plan is for, when it is asked about."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from handlers.turn import Turn
from storage import people, reviews, team_plans
from storage.models import DevelopmentPlan, Person, Team

MOST_ITEMS = 20
MOST_OFFERED = 30  # from one source
LONGEST = {"need": 1_500, "who_for": 300, "how_words": 300, "criteria": 1_500}  # characters
LONGEST_WORDS = 1_500  # of an objection, or of how an item stands
FURTHEST = timedelta(days=3 * 366)
NEXT_YEAR_FROM = timedelta(days=120)  # before the year ends, plans are begun for the next one
SETTLES = timedelta(days=14)  # a plan agreed shortly before a day of follow-up is not asked about then
PUT_OFF = timedelta(weeks=2)
STATES = {"open": "not begun", "under_way": "under way", "done": "done", "dropped": "dropped"}
SOURCES = {
    "strategic": "from the strategic plan",
    "review": "from our review",
    "individual": "from individual plans",
    "team": "from the team",
}


def people_of(turn: Turn, team_id: int) -> Sequence[Person]:
    """Who can lead an item, and is asked whether they agree: the people of the team and its lead, by name."""
    return reviews.taking_part(turn.session, team_id)


def year_to_begin(turn: Turn, team_id: int) -> date | None:
    """The learning year for which a plan can be begun now: this one, and towards its end the next; None for neither."""
    this = turn.policy.year_of(turn.today)
    following = turn.policy.year_after(this)
    present = team_plans.of_team(turn.session, team_id, this)
    if turn.today < following - NEXT_YEAR_FROM:
        return this if present is None else None
    if present is not None and present.state not in ("agreed", "ended"):
        return None  # one at a time
    return following if team_plans.of_team(turn.session, team_id, following) is None else None


def plan_to_show(turn: Turn, team: Team) -> DevelopmentPlan | None:
    """This year's plan; the next one's once it is there (for its lead while it is a draft); else the last that was."""
    this = turn.policy.year_of(turn.today)
    following = team_plans.of_team(turn.session, team.id, turn.policy.year_after(this))
    present = team_plans.of_team(turn.session, team.id, this)
    leads = team.lead_id == turn.person.id
    if following is not None and (leads or present is None or following.state in team_plans.STANDING):
        return following
    return present or team_plans.latest_before(turn.session, team.id, this)


def follow_up_due(turn: Turn, plan: DevelopmentPlan, until: date) -> date | None:
    """The day from which its lead is to be asked how the plan goes, the last one up to `until`; None before any.

    The policy's days once the plan has had time to settle, and the day to which it was put off.
    """
    if plan.agreed_at is None:
        return None
    settled = plan.agreed_at.date() + SETTLES
    days = [day for day in turn.policy.plans_followed_up_on(plan.year) if settled <= day <= until]
    if not days:
        return None
    due = max(days[-1], plan.ask_on or days[-1])
    return due if due <= until else None


def next_follow_up(turn: Turn, year: date) -> date:
    """The next day of that learning year on which plans are asked about, and needs counted anew; after the last, the
    day on which the next one begins."""
    coming = [day for day in turn.policy.plans_followed_up_on(year) if day > turn.today]
    return coming[0] if coming else turn.policy.year_after(year)


def term_of(turn: Turn) -> date:
    """The day on which the present term of the learning year began, for what is counted once a term."""
    year = turn.policy.year_of(turn.today)
    return max(day for day in (year, *turn.policy.plans_followed_up_on(year)) if day <= turn.today)


def leads(turn: Turn, plan: DevelopmentPlan) -> bool:
    """Whether the reader leads the team whose plan this is."""
    return people.leads(turn.session, turn.person, plan.team_id)


def stamp(instant: datetime | None) -> str:
    """An instant as buttons and forms carry it, to be compared."""
    return f"{instant:%Y%m%d%H%M%S%f}" if instant is not None else ""
