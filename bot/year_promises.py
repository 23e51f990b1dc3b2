"""What came of the simulated year: the state of every promise, and whatever should not have happened."""

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.policy import Policy
from handlers.entitlement import promised
from storage import interviews, learning_time, reviews
from storage.models import Course, Entry, Owed, Person, Reflection, Review, Team


def promises(session: Session, policy: Policy, first: date) -> tuple[list[str], list[str]]:
    """The state of every promise of the year that began on `first`, as lines, and what should not have happened."""
    last = policy.year_of(first + timedelta(days=380)) - timedelta(days=1)
    lines = [f"{'':16}interviews  off-the-job days  reflections  diary"]
    present = select(Person).where(Person.left_at.is_(None)).order_by(Person.id)
    lines.extend(_of_person(session, policy, one, first, last) for one in session.scalars(present))
    for team in session.scalars(select(Team).order_by(Team.id)):
        for review in session.scalars(select(Review).where(Review.team_id == team.id)):
            answered = reviews.how_many(session, review.id) if review.answered is None else review.answered
            lines.append(f"{team.name}: review {review.state}, {answered} answered")
    states = Counter(session.scalars(select(Owed.state)))
    lines.append(", ".join(f"{count} messages {state}" for state, count in sorted(states.items())))
    wrong = [f"{states[state]} messages are {state}" for state in ("sending", "uncertain") if states[state]]
    wrong.extend(
        f"{key} could not be built" for key in session.scalars(select(Owed.key).where(Owed.reason == "not_built"))
    )
    return lines, wrong


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
        f"{f'{days:g} of {promised(policy, person, first):g}':18}{f'{thought}/{been}':13}{kept}"
    )
