"""What is kept no longer, by policy: run every day that the bot is up, and again when a day was missed."""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage import appointments, away, calendar_looks
from storage.database import insert_once
from storage.models import Beat, Draft, HandledEvent, Look, Owed, RefusedAttempt
from storage.roster import mark_leavers

DRAFTS = timedelta(days=7)


def clean_up(session: Session, policy: Policy, now: datetime) -> bool:
    """Delete what has been kept long enough and mark who has left. False when that was done less than a day ago."""
    if not insert_once(session, Beat, name="clean-up", at=now):
        last = session.get_one(Beat, "clean-up", with_for_update=True)
        if now - last.at < timedelta(hours=20):
            return False
        last.at = now
    kept = policy.retention
    session.execute(delete(HandledEvent).where(HandledEvent.at < now - timedelta(days=kept.handled_events)))
    session.execute(delete(Draft).where(Draft.made_at < now - DRAFTS))
    session.execute(delete(Look).where(Look.at < now - timedelta(days=kept.looks)))
    session.execute(delete(RefusedAttempt).where(RefusedAttempt.at < now - timedelta(days=kept.looks)))
    session.execute(
        delete(Owed).where(
            Owed.state.in_(("sent", "closed", "parked", "uncertain")),
            Owed.due_at < now - timedelta(days=kept.sent_messages),
        )
    )
    away.forget(session, now)
    calendar_looks.forget(session, now)
    appointments.forget(session, now)
    mark_leavers(session, now, policy)
    return True
