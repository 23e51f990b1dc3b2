"""Who may have a paper: asked when it is chosen, again when it is made, and again when it is fetched."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import people
from storage.models import Person, Portfolio, Review, Team


def may_have(session: Session, person: Person, kind: str, about: int | None) -> bool:
    """Whether this person may have the paper on that review, or the yearly report, now."""
    if person.left_at is not None:
        return False
    if kind == "report":
        return person.role == "coordinator"
    review = session.get(Review, about) if kind == "review" and about is not None else None
    if review is None or review.state != "closed":
        return False
    return person.role == "coordinator" or people.is_of(session, person, review.team_id)


def may_still_have(session: Session, portfolio: Portfolio) -> bool:
    """Whether its owner may have what was made for them; a portfolio is theirs as long as they are here to ask."""
    if portfolio.kind == "portfolio":
        return True
    return may_have(session, session.get_one(Person, portfolio.owner_id), portfolio.kind, portfolio.about)


def sees_the_channel(session: Session, person: Person, review: Review) -> bool:
    """Whether a review told this person, before anybody answered, that they would see who wrote what.

    Named words were promised to the people of the team's channel: the team, its lead, and a coordinator who started
    the review there. Other coordinators get the ratings, the findings and the plan.
    """
    started = person.role == "coordinator" and review.opened_by_id == person.id
    return started or people.is_of(session, person, review.team_id)


def reviews_for(session: Session, person: Person, most: int) -> list[tuple[Review, Team]]:
    """The closed reviews that this person may have as a paper, latest first."""
    found = (
        select(Review, Team)
        .join(Team, Team.id == Review.team_id)
        .where(Review.state == "closed")
        .order_by(Review.closes_at.desc(), Review.id.desc())
        .limit(most)
    )
    if person.role != "coordinator":
        found = found.where((Team.id == person.team_id) | (Team.lead_id == person.id))
    return [(review, team) for review, team in session.execute(found)]
