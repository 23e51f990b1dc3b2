"""Questions about team reviews: which are open, who has answered, what was answered."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Review, ReviewAnswer


def open_for_team(session: Session, team_id: int, now: datetime) -> Sequence[Review]:
    """The reviews this team can answer now, the one that closes first leading."""
    return session.scalars(
        select(Review)
        .where(Review.team_id == team_id, Review.state == "open", Review.closes_at > now)
        .order_by(Review.closes_at)
    ).all()


def answers(session: Session, review_id: int) -> Sequence[ReviewAnswer]:
    """Everybody's answers, in an order that says nothing about when they came."""
    return session.scalars(
        select(ReviewAnswer).where(ReviewAnswer.review_id == review_id).order_by(ReviewAnswer.id)
    ).all()


def how_many(session: Session, review_id: int) -> int:
    """How many people have answered."""
    return session.scalar(select(func.count()).where(ReviewAnswer.review_id == review_id)) or 0


def marked(session: Session, review_id: int, mark: str) -> ReviewAnswer | None:
    """The answers that carry this mark."""
    return session.scalar(select(ReviewAnswer).where(ReviewAnswer.review_id == review_id, ReviewAnswer.mark == mark))
