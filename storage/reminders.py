"""Reminders that are owed once. One that found nobody to disturb (a pause, a day off) is owed anew later."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import outbox
from storage.models import Owed


def states(session: Session, beginning: str) -> dict[str, str]:
    """The state of every message whose key begins so, by key."""
    found = session.execute(select(Owed.key, Owed.state).where(Owed.key.startswith(beginning, autoescape=True))).all()
    return dict(found)


def remind(session: Session, notice: str, *, about: int, to: int, at: datetime, key: str) -> None:
    """Owe this reminder at the UTC instant `at`; again, where it was closed without being sent; never a second time."""
    if not outbox.owe(session, notice, about=about, to=to, at=at, key=key):
        session.execute(
            update(Owed)
            .where(Owed.key == key, Owed.state == "closed", Owed.sent_at.is_(None))
            .values(state="due", due_at=at, attempts=0, reason="")
        )
