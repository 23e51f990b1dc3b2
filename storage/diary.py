"""Questions about diaries: what an entry refers to, how its owner likes to be asked, whose question falls due."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from storage.database import insert_once
from storage.models import Attachment, DiaryHabit, Entry, Owed, Person
from storage.prepared import Prepared


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


def may_be_offered(session: Session, person_id: int) -> bool:
    """Whether somebody has kept a few entries and was never offered to be asked now and then."""
    ((few, offered),) = _FEW.rows(session, person=person_id)
    return few == FEW and not offered


FEW = 3  # entries, after which it is offered
# Asked of every line that is kept: made once, and no slower in a long diary.
_FIRST = select(Entry.id).where(Entry.owner_id == bindparam("person")).limit(FEW).subquery()
_OFFERED = select(func.count(DiaryHabit.person_id)).where(DiaryHabit.person_id == bindparam("person"))
_FEW = Prepared(cast(Select[Any], select(func.count(_FIRST.c.id), _OFFERED.scalar_subquery())))

# ------------------------------------------------------------------------------------------- a question now and then


def who_is_asked(session: Session) -> Sequence[tuple[DiaryHabit, Person]]:
    """Everybody who chose to be asked now and then and has not left, with how they chose it."""
    found = session.execute(
        select(DiaryHabit, Person)
        .join(Person, Person.id == DiaryHabit.person_id)
        .where(DiaryHabit.every_weeks > 0, Person.left_at.is_(None))
        .order_by(Person.id)
    )
    return [(habit, person) for habit, person in found]


def take_back_nudges(session: Session, person_id: int) -> None:
    """What is still owed of questions is owed no more, and may be owed anew: on the same day, too."""
    session.execute(delete(Owed).where(*_nudges(person_id), Owed.state == "due"))


def open_nudges(session: Session, person_id: int) -> Sequence[Owed]:
    """The questions that this person was asked and that still wait for an answer."""
    return session.scalars(
        select(Owed).where(Owed.to_id == person_id, Owed.awaits == "diary.answer", Owed.answered_at.is_(None))
    ).all()


def nudge_sent(session: Session, person_id: int, number: int) -> Owed | None:
    """The latest message in which this person was asked that question."""
    return session.scalar(
        select(Owed)
        .where(*_nudges(person_id), Owed.about == number, Owed.state == "sent")
        .order_by(Owed.id.desc())
        .limit(1)
    )


def unanswered(session: Session, person_id: int) -> int:
    """How many questions in a row have had no answer."""
    last = select(func.max(Entry.made_at)).where(Entry.owner_id == person_id, Entry.question != "").scalar_subquery()
    asked = select(func.count()).where(
        *_nudges(person_id), Owed.state == "sent", or_(last.is_(None), Owed.due_at > last)
    )
    return session.scalar(asked) or 0


def _nudges(person_id: int) -> tuple[ColumnElement[bool], ...]:
    return Owed.to_id == person_id, Owed.notice == "diary.nudge", Owed.changes.is_(None)
