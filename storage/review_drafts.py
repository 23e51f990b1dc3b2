"""What people have typed for a review and not sent: one draft for each, and the chat messages that it came from."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import learning
from storage.database import insert_once
from storage.models import ReviewDraft, Source

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
    learning.forget_sources(session, KIND, draft.id)
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
