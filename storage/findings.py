"""Questions about what a team makes of a review: its points, who marks which, and the findings that rest on them."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Finding, FindingSource, PointMark, ReviewPoint

# what shows the points of a review in its channel
SHOWING = ("reviews.said", "reviews.words", "findings.marking", "findings.list")


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


# ------------------------------------------------------------------------------------------------------------- marking


def marked(session: Session, review_id: int, person_id: int) -> set[int]:
    """The points that this person has marked, as long as the marking goes on."""
    return set(
        session.scalars(
            select(PointMark.point_id).where(PointMark.review_id == review_id, PointMark.person_id == person_id)
        )
    )


def mark(session: Session, review_id: int, person_id: int, points: Collection[int]) -> None:
    """This person marks these points, and no others any more."""
    session.execute(delete(PointMark).where(PointMark.review_id == review_id, PointMark.person_id == person_id))
    rows = [{"review_id": review_id, "point_id": point, "person_id": person_id} for point in sorted(points)]
    if rows:
        session.execute(insert(PointMark), rows)


def markers(session: Session, review_id: int) -> int:
    """How many people have marked something."""
    return (
        session.scalar(select(func.count(PointMark.person_id.distinct())).where(PointMark.review_id == review_id)) or 0
    )


def count_marks(session: Session, review_id: int) -> None:
    """How many marked each point is kept from now on."""
    many = select(func.count()).where(PointMark.point_id == ReviewPoint.id).scalar_subquery()
    session.execute(
        update(ReviewPoint)
        .where(ReviewPoint.review_id == review_id)
        .values(marks=many)
        .execution_options(synchronize_session=False)
    )


def forget_marks(session: Session, review_id: int) -> None:
    """Who marked what is known no more."""
    session.execute(delete(PointMark).where(PointMark.review_id == review_id))


def forget_counts(session: Session, review_id: int) -> None:
    """How many marked each point is known no more, either: the team marks anew."""
    session.execute(update(ReviewPoint).where(ReviewPoint.review_id == review_id).values(marks=0))


# ------------------------------------------------------------------------------------------------------------ findings


def of_review(session: Session, review_id: int) -> Sequence[Finding]:
    """What the team found, in the order in which it was written down."""
    return session.scalars(
        select(Finding).where(Finding.review_id == review_id).order_by(Finding.made_at, Finding.id)
    ).all()


def sources(session: Session, review_id: int) -> Sequence[FindingSource]:
    """What the findings of a review rest on."""
    return session.scalars(
        select(FindingSource)
        .join(Finding, Finding.id == FindingSource.finding_id)
        .where(Finding.review_id == review_id)
        .order_by(FindingSource.id)
    ).all()


def rest_on(session: Session, finding_id: int, points: Collection[int], questions: Collection[str]) -> None:
    """The finding rests on these points and on the ratings of these questions, and on nothing else any more."""
    session.execute(delete(FindingSource).where(FindingSource.finding_id == finding_id))
    rows: list[dict[str, object]] = [
        *({"finding_id": finding_id, "point_id": point, "question": ""} for point in sorted(points)),
        *({"finding_id": finding_id, "point_id": None, "question": key} for key in sorted(questions)),
    ]
    if rows:
        session.execute(insert(FindingSource), rows)


def take_apart(session: Session, finding_id: int) -> None:
    """The finding is gone; what it rested on is as it was before."""
    session.execute(delete(FindingSource).where(FindingSource.finding_id == finding_id))
    session.execute(delete(Finding).where(Finding.id == finding_id))
