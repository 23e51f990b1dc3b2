"""Questions about next steps: what people mean to do after an interview."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import NextStep, Owed, Person


def after(session: Session, interview_id: int) -> Sequence[NextStep]:
    """What both mean to do after this interview, or did; dropped ones left out, in the order they were named."""
    return session.scalars(
        select(NextStep).where(NextStep.interview_id == interview_id, NextStep.state != "dropped").order_by(NextStep.id)
    ).all()


def open_of(session: Session, owner_id: int) -> Sequence[NextStep]:
    """What this person still means to do: what is due first comes first, what has no day last."""
    return session.scalars(
        select(NextStep)
        .where(NextStep.owner_id == owner_id, NextStep.state == "open")
        .order_by(NextStep.due_on.is_(None), NextStep.due_on, NextStep.id)
    ).all()


def due(session: Session, since: date, until: date) -> Sequence[tuple[NextStep, Person]]:
    """Open steps whose day is from `since` to `until`, each with whoever named it, as long as they are present."""
    found = session.execute(
        select(NextStep, Person)
        .join(Person, Person.id == NextStep.owner_id)
        .where(NextStep.state == "open", NextStep.due_on >= since, NextStep.due_on <= until, Person.left_at.is_(None))
        .order_by(NextStep.id)
    )
    return [(step, person) for step, person in found]


def wait_no_longer(session: Session, asked_before: datetime, now: datetime) -> None:
    """Nothing typed from now on is taken for an answer to a question about next steps that was asked before then."""
    session.execute(
        update(Owed)
        .where(Owed.awaits == "interviews.step", Owed.answered_at.is_(None), Owed.sent_at < asked_before)
        .values(answered_at=now)
    )


def became_target(session: Session, step: NextStep, now: datetime) -> None:
    """This next step is a target from now on: it is reminded of as that, once, and its own cards say so."""
    if step.state == "open":
        step.state = "target"
        session.flush()
        for notice in ("interviews.step_due", "interviews.step_card"):
            outbox.refresh(session, notice, step.id, now, to=step.owner_id)
