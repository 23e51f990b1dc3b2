"""Guests of a review: people of the roster, but not of the team, who were asked as well."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Owed, Person, ReviewGuest

INVITATION = "reviews.guest"
DECLINED = "declined"  # why a message about a review is not sent


def of(session: Session, review_id: int) -> Sequence[Person]:
    """Who was asked from outside the team, and has neither declined nor left, by name."""
    return session.scalars(
        select(Person)
        .join(ReviewGuest, ReviewGuest.person_id == Person.id)
        .where(ReviewGuest.review_id == review_id, Person.left_at.is_(None))
        .order_by(Person.name)
    ).all()


def is_one(session: Session, review_id: int, person_id: int) -> bool:
    """Whether this person was asked from outside the team, and has not declined."""
    found = select(ReviewGuest.id).where(ReviewGuest.review_id == review_id, ReviewGuest.person_id == person_id)
    return session.scalar(found.limit(1)) is not None


def add(session: Session, review_id: int, person_id: int) -> bool:
    """This person is asked as well, although they are not of the team. False when they are already."""
    return insert_once(session, ReviewGuest, review_id=review_id, person_id=person_id)


def remove(session: Session, review_id: int, person_id: int) -> bool:
    """This person does not take part. False when they were no guest."""
    gone = delete(ReviewGuest).where(ReviewGuest.review_id == review_id, ReviewGuest.person_id == person_id)
    return session.scalar(gone.returning(ReviewGuest.id)) is not None


def note_declined(session: Session, review_id: int, person_id: int) -> None:
    """The same, where every message about it has been sent already."""
    session.execute(
        update(Owed)
        .where(Owed.notice == INVITATION, Owed.about == review_id, Owed.to_id == person_id)
        .values(reason=DECLINED)
    )
