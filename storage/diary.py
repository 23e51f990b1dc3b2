"""Questions about diaries: what an entry refers to, how its owner likes to be asked, whose question falls due."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Attachment, DiaryHabit


def attachments(session: Session, kind: str, about: int) -> Sequence[Attachment]:
    """The files that this record refers to, in the order they were named."""
    return session.scalars(
        select(Attachment).where(Attachment.kind == kind, Attachment.about == about).order_by(Attachment.id)
    ).all()


def move_attachments(session: Session, kind: str, about: int, to_kind: str, to: int) -> None:
    """What one record refers to, the other does now: an entry made of a draft, or set aside as one."""
    session.execute(
        update(Attachment).where(Attachment.kind == kind, Attachment.about == about).values(kind=to_kind, about=to)
    )


def forget_attachments(session: Session, kind: str, about: int) -> None:
    """This record refers to nothing any more."""
    session.execute(delete(Attachment).where(Attachment.kind == kind, Attachment.about == about))


def habit_of(session: Session, person_id: int) -> DiaryHabit | None:
    """How this person chose to be asked; None when they were never offered it."""
    return session.get(DiaryHabit, person_id)


def habit(session: Session, person_id: int) -> DiaryHabit:
    """The same, begun with nothing chosen where there is none; nobody else's to change until this is done."""
    insert_once(
        session, DiaryHabit, person_id=person_id, every_weeks=0, weekday=4, today_i=False, asked=0, last_asked_on=None
    )
    return session.get_one(DiaryHabit, person_id, with_for_update=True, populate_existing=True)
