"""The yearly review is due by policy: its lead is asked a month and a week before, and can put it off or leave it."""

from datetime import UTC, date, datetime, time, timedelta

from bot import wording
from bot.chat import Button, Buttons, Event, Message, Part, Replace, Reply, small, text
from bot.errors import NotYours
from bot.policy import Policy
from handlers import asking
from handlers.reviews import rules
from handlers.turn import Turn
from storage import outbox, people, reminders, reviews, team_plans
from storage.models import DevelopmentPlan, KnownPlace, Person, Review, Team

MONTH, WEEK, AGAIN, NEVER = "reviews.due_month", "reviews.due_week", "reviews.due_again", "reviews.due_never"
A_MONTH, A_WEEK, PUT_OFF = timedelta(days=30), timedelta(days=7), timedelta(days=14)
AROUND = timedelta(days=45)  # from so long before the day until so long after it, that year's review is spoken of
EARLY = timedelta(days=60)  # a review begun so long before the day is that year's, whenever the learning year begins


def due_now(policy: Policy, today: date) -> date | None:
    """The day by which the yearly reviews are due that are spoken of today; none where the policy names no day."""
    this_year = policy.year_of(today)
    days = (policy.review_due(year) for year in (this_year, policy.year_after(this_year)))
    return next((day for day in days if day is not None and day - AROUND <= today <= day + AROUND), None)


def owe_prompts(turn: Turn, until: datetime) -> None:
    """Owe the lead of every team without a yearly review one card a month before it is due, and one a week before."""
    today = turn.now.astimezone(turn.policy.tzinfo).date()
    due = due_now(turn.policy, today)
    if due is None:
        return
    states = reminders.states(turn.session, "reviews.due/")
    for team in people.teams(turn.session):
        lead = people.lead_of(turn.session, team)
        if lead is None or lead.joined_at is None:
            continue
        if _key(team, due, NEVER, lead) in states or _begun(turn, team, due):
            continue
        for notice, first, last in _days(due, put_off=_key(team, due, AGAIN, lead) in states):
            key = _key(team, due, notice, lead)
            if states.get(key, "closed") != "closed" or (notice == AGAIN and key not in states):
                continue
            at = asking.morning(turn, lead, max(first, today))
            if at <= until and at.astimezone(turn.policy.tzinfo).date() <= last:
                reminders.remind(turn.session, notice, about=team.id, to=lead.id, at=at, key=key)


def notice(turn: Turn, about: int | None) -> Message | None:
    """The card, as long as it is this person's to decide; where it stands already, what became of it."""
    team = turn.session.get(Team, about)
    due = due_now(turn.policy, turn.today)
    if team is None or team.lead_id != turn.person.id or due is None:
        return None
    if _begun(turn, team, due):
        stands = any(outbox.stands(turn.session, one, about, to=turn.person.id) for one in (MONTH, WEEK, AGAIN))
        return _has_begun(team) if stands else None
    if outbox.is_known(turn.session, _key(team, due, NEVER, turn.person)):
        return None
    return _prompt(turn, team, due) if asking.may_be_asked(turn, turn.person) else None


def nothing_more(turn: Turn, about: int | None) -> None:
    """It was decided that there is none this year: nothing is said of it, ever."""


def put_off(turn: Turn, event: Event) -> Reply:
    """Ask again in two weeks, once."""
    team, due = _deciding(turn, event)
    key = _key(team, due, AGAIN, turn.person)
    at = asking.morning(turn, turn.person, turn.today + PUT_OFF)
    outbox.cancel(turn.session, team.id, MONTH, WEEK)
    outbox.owe(turn.session, AGAIN, about=team.id, to=turn.person.id, at=at, key=key)
    day = wording.day(at.astimezone(turn.zone).date())
    return Replace(
        Message(
            f"I ask again on {day}.",
            (text("That's fine. I ask again on **{day}**. You can begin whenever you like: say `review` in {team}'s "
                  "channel.", day=day, team=team.name),),
        )
    )  # fmt: skip


def not_this_year(turn: Turn, event: Event) -> Reply:
    """Nothing more is asked about this year's review."""
    team, due = _deciding(turn, event)
    outbox.cancel(turn.session, team.id, MONTH, WEEK, AGAIN)
    at = datetime.combine(due + AROUND, time(12), UTC)  # kept until nobody would ask any more
    outbox.owe(turn.session, NEVER, about=team.id, to=turn.person.id, at=at, key=_key(team, due, NEVER, turn.person))
    return Replace(
        Message(
            "I don't ask again this year.",
            (text("Then there is none this year, and I don't ask again. Should you think better of it, say `review` in "
                  "{team}'s channel.", team=team.name),),
        )
    )  # fmt: skip


def show_begun(turn: Turn, team_id: int) -> None:
    """A review was begun: the cards that asked for it say so."""
    for one in (MONTH, WEEK, AGAIN):
        outbox.refresh(turn.session, one, team_id, turn.now)


def last_plan(turn: Turn, team_id: int) -> DevelopmentPlan | None:
    """The plan that the team had before it last, this year's or an earlier one: what its next review begins with."""
    following = turn.policy.year_after(turn.policy.year_of(turn.today))
    return team_plans.latest_before(turn.session, team_id, following)


def plan_button(plan: DevelopmentPlan | None) -> tuple[Button, ...]:
    """The way to that plan, where there is one."""
    return () if plan is None else (Button("What came of our plan", "team_plans.see", plan.id),)


def _prompt(turn: Turn, team: Team, due: date) -> Message:
    closes = rules.usual_closing_day(turn.today, turn.policy)
    last = reviews.latest_in_a_channel(turn.session, [team.id])
    plan = plan_button(last_plan(turn, team.id))
    parts: list[Part] = [
        text("**The yearly review of {team} is due by {due}**, and has not begun.", team=team.name,
             due=wording.day_and_year(due)),
        text("Begun today, it would close on {closes}, a working day. Everybody needs about ten minutes for it.",
             closes=wording.day(closes)),
        _where(last[0] if last else None),
    ]  # fmt: skip
    ways = [
        *(Button("Start the review", "reviews.start_again", review.id, style="primary", opens_form=True)
          for review, _ in last),
        *plan,
    ]  # fmt: skip
    if not outbox.is_known(turn.session, _key(team, due, AGAIN, turn.person)):
        ways.append(Button("Put it off for two weeks", "reviews.put_off", team.id))
    ways.append(Button("Not this year", "reviews.not_this_year", team.id))
    parts += [
        Buttons(tuple(ways)),
        small("I ask because your organisation promises each team a look at how it works, every year. It is for you to "
              "decide, and nobody else is told of this card."),
    ]  # fmt: skip
    return Message(f"The yearly review of {team.name} is due by {wording.day(due)}.", tuple(parts))


def _where(last: tuple[Review, KnownPlace] | None) -> Part:
    if last is None:
        return text("To start it, say `review` in your team's channel.")
    return text("It is posted where the last one was, in {place}, or wherever you say `review`.",
                place=last[1].title or "the same channel")  # fmt: skip


def _has_begun(team: Team) -> Message:
    line = text("The review of **{team}** has begun. Thank you.", team=team.name)
    return Message(line.plain(), (line,))


def _deciding(turn: Turn, event: Event) -> tuple[Team, date]:
    due = due_now(turn.policy, turn.today)
    if due is None:
        raise NotYours
    return turn.session.get_one(Team, event.about), due


def _begun(turn: Turn, team: Team, due: date) -> bool:
    since = min(turn.policy.year_of(due), due - EARLY)
    start = datetime.combine(since, time(), turn.policy.tzinfo).astimezone(UTC)
    return reviews.current(turn.session, team.id) is not None or reviews.had_yearly(turn.session, team.id, start)


def _days(due: date, *, put_off: bool) -> list[tuple[str, date, date]]:
    """Each card with the first and the last day on which it is sent; one that was put off comes in place of both."""
    if put_off:
        return [(AGAIN, due - A_MONTH, due + AROUND)]
    return [(MONTH, due - A_MONTH, due - A_WEEK - timedelta(days=1)), (WEEK, due - A_WEEK, due)]


def _key(team: Team, due: date, what: str, lead: Person) -> str:
    return f"reviews.due/{team.id}/{due}/{what.rpartition('_')[2]}/{lead.id}"
