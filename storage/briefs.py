"""What a learner lets their partner read before an interview: chosen, released, taken back."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Brief, Course, Entry, Grant, Interview, Owed

CARD = "interviews.brief"  # what the partner reads
EARLIER = "interviews.brief_before"  # one line where an earlier release stood


def of(session: Session, interview_id: int) -> Brief | None:
    """The brief for this interview, whatever its state."""
    return session.scalar(select(Brief).where(Brief.interview_id == interview_id))


def was_offered(session: Session, interview_id: int, learner_id: int) -> bool:
    """Whether a reminder of this interview, which offers a brief, has reached the learner."""
    reminded = select(Owed.id).where(
        Owed.key.startswith(f"interviews.day_before/{interview_id}/", autoescape=True),
        Owed.to_id == learner_id,
        Owed.state == "sent",
    )
    return session.scalar(reminded.limit(1)) is not None


def recent_entries(session: Session, owner_id: int, at_most: int) -> Sequence[Entry]:
    """A person's latest diary entries, latest first."""
    return session.scalars(
        select(Entry).where(Entry.owner_id == owner_id).order_by(Entry.made_at.desc(), Entry.id.desc()).limit(at_most)
    ).all()


def unaccounted(session: Session, owner_id: int, today: date, at_most: int) -> Sequence[Course]:
    """A person's courses that are over and that nobody was let read about, latest first."""
    told = exists().where(Grant.kind == "course", Grant.about == Course.id, Grant.revoked_at.is_(None))
    return session.scalars(
        select(Course)
        .where(Course.owner_id == owner_id, Course.state != "cancelled", Course.ends_on <= today, ~told)
        .order_by(Course.ends_on.desc(), Course.id.desc())
        .limit(at_most)
    ).all()


def released_by(session: Session, learner_id: int) -> Sequence[tuple[Brief, Interview]]:
    """What this learner lets a partner read now, each with its interview, latest first."""
    found = session.execute(
        select(Brief, Interview)
        .join(Interview, Interview.id == Brief.interview_id)
        .where(Brief.learner_id == learner_id, Brief.state == "released")
        .order_by(Interview.starts_at.desc(), Interview.id.desc())
    )
    return [(brief, interview) for brief, interview in found]


def release(session: Session, brief: Brief, interview: Interview, now: datetime) -> None:
    """The partner may read it from now on, and gets it in a message of its own."""
    earlier = (Owed.notice.in_((CARD, EARLIER)), Owed.about == interview.id)
    session.execute(update(Owed).where(*earlier).values(notice=EARLIER))
    before = session.scalar(select(func.count()).where(*earlier, Owed.changes.is_(None)))
    brief.state, brief.released_at = "released", now
    key = f"{CARD}/{interview.id}/{before}"
    outbox.owe(session, CARD, about=interview.id, to=interview.partner_id, at=now, key=key)


def withdraw(session: Session, interview_id: int, now: datetime) -> None:
    """The partner may read it no more: what was not sent never is, and what was becomes one line."""
    brief = of(session, interview_id)
    if brief is None:
        return
    released, brief.state = brief.state == "released", "withdrawn"
    if released:
        session.flush()
        outbox.cancel(session, interview_id, CARD)
        outbox.refresh(session, CARD, interview_id, now)


def follow(session: Session, learner_id: int, now: datetime) -> None:
    """Something of this learner's was changed or deleted: what partners can read of it follows, in place."""
    session.flush()
    for _, interview in released_by(session, learner_id):
        outbox.refresh(session, CARD, interview.id, now)
