"""What came of the simulated year: the state of every promise, and whatever should not have happened."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bot import wording
from bot.policy import Policy
from handlers.entitlement import promised
from handlers.findings.form import MOST_MARKS
from handlers.team_plans.rules import STATES
from storage import findings, interviews, learning_time, reviews, seminars, team_plans
from storage.models import (
    Course,
    DevelopmentPlan,
    Entry,
    Owed,
    Person,
    PointMark,
    Reflection,
    Review,
    Seminar,
    SeminarSeat,
    Team,
)


def promises(session: Session, policy: Policy, first: date, now: datetime) -> tuple[list[str], list[str]]:
    """The state of every promise of the year that began on `first`, as lines; and what should not have happened."""
    last = policy.year_of(first + timedelta(days=380)) - timedelta(days=1)
    lines = [f"{'':16}interviews  off-the-job days  reflections  diary"]
    present = select(Person).where(Person.left_at.is_(None)).order_by(Person.id)
    lines.extend(_of_person(session, policy, one, first, last) for one in session.scalars(present))
    for team in session.scalars(select(Team).order_by(Team.id)):
        for review in session.scalars(select(Review).where(Review.team_id == team.id)):
            answered = reviews.how_many(session, review.id) if review.answered is None else review.answered
            found = findings.of_review(session, review.id)
            made = f", {wording.count(len(found), 'finding')}" if review.sense == "done" else ""
            lines.append(f"{team.name}: review {review.state}, {answered} answered{made}")
        plan = team_plans.of_team(session, team.id, first)
        if plan is not None:
            lines.append(f"{team.name}: plan {plan.state}, {_items(session, plan)}")
    held = select(Seminar).where(Seminar.state.in_(("planned", "held"))).order_by(Seminar.id)
    for seminar in session.scalars(held):
        there = seminars.counts(session, seminar.id).get("attended", 0)
        about = policy.team_plans.theme(seminar.theme) or "of a coordinator's own"
        lines.append(f"Seminar, {about}: {seminar.state}, {there} were there")
    states = Counter(
        "due later" if state == "due" and due_at > now else state
        for state, due_at in session.execute(select(Owed.state, Owed.due_at))
    )
    lines.append(", ".join(f"{count} messages {state}" for state, count in sorted(states.items())))
    wrong = [f"{states[state]} messages are {state}" for state in ("due", "sending", "uncertain") if states[state]]
    wrong.extend(
        f"{key} could not be built" for key in session.scalars(select(Owed.key).where(Owed.reason == "not_built"))
    )
    wrong.extend(_wrong_together(session, policy, first))
    return lines, wrong


def _items(session: Session, plan: DevelopmentPlan) -> str:
    """How many items of a plan stand how: `1 done, 1 under way`."""
    states = Counter(item.state for item in team_plans.items(session, plan.id))
    order = ("done", "under_way", "open", "dropped")
    return ", ".join(f"{states[state]} {STATES[state]}" for state in order if states[state])


def _wrong_together(session: Session, policy: Policy, first: date) -> Iterator[str]:
    """What should not have happened in what teams do together."""
    for review in session.scalars(select(Review).where(Review.state == "closed")):
        marks = sum(point.marks for point in findings.points(session, review.id))
        if marks > MOST_MARKS * len(reviews.everybody_asked(session, review)):
            yield f"{review.title}: {marks} marks are more than people may give"
        if review.sense != "marking" and session.scalar(select(exists().where(PointMark.review_id == review.id))):
            yield f"{review.title}: it is still known who marked what"
    days = policy.plans_followed_up_on(first)
    for plan in session.scalars(select(DevelopmentPlan).where(DevelopmentPlan.year == first)):
        asked = session.scalar(
            select(func.count()).where(
                Owed.notice == team_plans.FOLLOW_UP,
                Owed.about == plan.id,
                Owed.changes.is_(None),  # a question that is changed in place is not asked again
                Owed.state != "closed",
            )
        )
        if asked is not None and asked > len(days):
            yield f"plan {plan.id} was asked about {asked} times in {len(days)} terms"
    not_counted = select(func.count()).where(SeminarSeat.state == "attended", SeminarSeat.time_id.is_(None))
    if number := session.scalar(not_counted):
        yield f"{number} were at a seminar, and it is not in their learning time"


def _of_person(session: Session, policy: Policy, person: Person, first: date, last: date) -> str:
    met = interviews.held_in(session, person.id, first)
    days = learning_time.days_learned(session, policy, person.id, first, last)
    been = session.scalar(
        select(func.count()).select_from(Course).where(Course.owner_id == person.id, Course.state == "attended")
    )
    thought = session.scalar(select(func.count()).select_from(Reflection).where(Reflection.owner_id == person.id))
    kept = session.scalar(select(func.count()).select_from(Entry).where(Entry.owner_id == person.id))
    return (
        f"{person.name:16}{f'{met}/{policy.interviews.per_year}':12}"
        f"{f'{round(days, 1):g} of {promised(policy, person, first):g}':18}{f'{thought}/{been}':13}{kept}"
    )
