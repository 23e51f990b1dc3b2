"""Questions about what a team makes of a review: its points, who marks which, and the findings that rest on them."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import ReviewPoint

# what shows the points of a review in its channel
SHOWING = ("reviews.said", "reviews.words")


def keep_points(session: Session, review_id: int, points: Sequence[tuple[str, bytes, int | None]]) -> None:
    """Keep these points of a review: for each its question's key, its sealed words, and whose it is in a named one.

    Their numbers are drawn by lot and they are written in an order drawn by lot, so that nothing says which of them
    are of one hand.
    """
    drawn = list(points)
    secrets.SystemRandom().shuffle(drawn)
    rows = [
        {"id": secrets.randbits(62), "review_id": review_id, "question": question, "words": words,
         "person_id": person_id, "marks": 0}
        for question, words, person_id in drawn
    ]  # fmt: skip
    if rows:
        session.execute(insert(ReviewPoint), rows)


def person_left(session: Session, person_id: int, now: datetime) -> None:
    """Somebody is erased, and their named points with them: what shows these in a channel is changed in place."""
    for review_id in session.scalars(
        select(ReviewPoint.review_id).where(ReviewPoint.person_id == person_id).distinct()
    ):
        for notice in SHOWING:
            outbox.refresh(session, notice, review_id, now)


def points(session: Session, review_id: int) -> Sequence[ReviewPoint]:
    """The points of a review, by the numbers that they drew."""
    return session.scalars(select(ReviewPoint).where(ReviewPoint.review_id == review_id).order_by(ReviewPoint.id)).all()
