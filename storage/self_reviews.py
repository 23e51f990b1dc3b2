"""Questions about self-reviews: how far somebody is with one, and what they said the last time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import evidence, standards
from storage.models import Person, SelfRating, SelfReview, Standard


@dataclass(frozen=True)
class Standing:
    """How far somebody is with the standard of their post: in numbers, without a word of theirs."""

    title: str
    statements: int
    with_evidence: int
    rated: int  # in the self-review that is open, else in the last one
    is_open: bool  # a self-review was begun and is not finished
    finished_at: datetime | None  # the last one that is


def standing(session: Session, person: Person) -> Standing | None:
    """For the home screen: statements with evidence, and how far the self-review is. None without a standard."""
    standard = standards.of_person(session, person)
    if standard is None:
        return None
    codes = {item.code for item in standards.statements(session, standard.id)}
    counted = evidence.counts(session, person.id, standard.key)
    review, last = open_of(session, person.id, standard.id), latest_finished(session, person.id, standard.key)
    shown = review or last
    return Standing(
        title=standard.title,
        statements=len(codes),
        with_evidence=sum(code in codes for code in counted),
        rated=len(ratings(session, shown.id)) if shown is not None else 0,
        is_open=review is not None,
        finished_at=last.finished_at if last is not None else None,
    )


def open_of(session: Session, owner_id: int, standard_id: int) -> SelfReview | None:
    """The self-review against this version that was begun and is not finished."""
    return session.scalar(
        select(SelfReview)
        .where(
            SelfReview.owner_id == owner_id,
            SelfReview.standard_id == standard_id,
            SelfReview.finished_at.is_(None),
        )
        .order_by(SelfReview.id.desc())
        .limit(1)
    )


def unfinished_before(session: Session, owner_id: int, standard: Standard) -> SelfReview | None:
    """A self-review against an earlier version that was begun and never finished."""
    return session.scalar(
        select(SelfReview)
        .join(Standard, Standard.id == SelfReview.standard_id)
        .where(
            SelfReview.owner_id == owner_id,
            SelfReview.finished_at.is_(None),
            Standard.key == standard.key,
            Standard.id < standard.id,
        )
        .order_by(SelfReview.id.desc())
        .limit(1)
    )


def latest_finished(session: Session, owner_id: int, key: str, before: SelfReview | None = None) -> SelfReview | None:
    """The last finished self-review against any version of this standard; with `before`, the one that came before."""
    query = (
        select(SelfReview)
        .join(Standard, Standard.id == SelfReview.standard_id)
        .where(SelfReview.owner_id == owner_id, SelfReview.finished_at.is_not(None), Standard.key == key)
        .order_by(SelfReview.id.desc())
        .limit(1)
    )
    return session.scalar(query if before is None else query.where(SelfReview.id < before.id))


def ratings(session: Session, review_id: int) -> Mapping[int, SelfRating]:
    """What was said in this self-review, by statement, without opening any of it."""
    found = session.scalars(select(SelfRating).where(SelfRating.review_id == review_id)).all()
    return {one.item_id: one for one in found}
