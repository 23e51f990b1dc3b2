"""What people have typed for a review and not sent: one draft for each, and the chat messages that it came from."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Review, ReviewDraft, Source

KIND = "review_draft"


def of(session: Session, review_id: int, person_id: int) -> ReviewDraft | None:
    """This person's draft, unchanged by others until this transaction ends."""
    session.flush()
    return session.scalar(
        select(ReviewDraft)
        .where(ReviewDraft.review_id == review_id, ReviewDraft.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def begin(session: Session, review_id: int, person_id: int, sealed: bytes) -> None:
    """This person has a draft; the one that is there stays as it is."""
    insert_once(session, ReviewDraft, review_id=review_id, person_id=person_id, answers=sealed, asking="")


def of_review(session: Session, review_id: int) -> Sequence[ReviewDraft]:
    """Every draft for this review."""
    return session.scalars(
        select(ReviewDraft).where(ReviewDraft.review_id == review_id).order_by(ReviewDraft.id).with_for_update()
    ).all()


def forget(session: Session, draft: ReviewDraft) -> None:
    """The draft goes, and which messages it came from."""
    session.execute(delete(Source).where(Source.kind == KIND, Source.about == draft.id))
    session.delete(draft)
    session.flush()


def from_message(session: Session, platform: str, conversation: str, message: str) -> tuple[ReviewDraft, Source] | None:
    """The draft that holds what was typed in this chat message, and which part of it that is."""
    found = session.execute(
        select(ReviewDraft, Source)
        .join(Source, Source.about == ReviewDraft.id)
        .where(
            Source.kind == KIND,
            Source.platform == platform,
            Source.conversation == conversation,
            Source.message == message,
        )
        .with_for_update(of=ReviewDraft)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def note_source(
    session: Session, draft: ReviewDraft, part: str, platform: str, conversation: str, message: str
) -> None:
    """This part of the draft was typed in that message."""
    insert_once(
        session, Source, owner_id=draft.person_id, kind=KIND, about=draft.id, part=part, platform=platform,
        conversation=conversation, message=message,
    )  # fmt: skip


def still_open(session: Session, person_id: int, now: datetime) -> Sequence[Review]:
    """The open reviews for which this person has a draft."""
    return session.scalars(
        select(Review)
        .join(ReviewDraft, ReviewDraft.review_id == Review.id)
        .where(ReviewDraft.person_id == person_id, Review.state == "open", Review.closes_at > now)
    ).all()
