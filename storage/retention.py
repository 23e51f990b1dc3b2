"""What is kept no longer, by policy: run every day that the bot is up, and again when a day was missed."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage import appointments, away, calendar_looks, erasure, seminars, sharing
from storage.database import insert_once
from storage.models import (
    Attachment,
    Beat,
    Course,
    Draft,
    Entry,
    HandledEvent,
    LearningTime,
    Look,
    Owed,
    Person,
    RefusedAttempt,
    Target,
)
from storage.roster import mark_leavers

DRAFTS = timedelta(days=7)
QUOTES = timedelta(days=1)  # what somebody else said, while nobody has written a note on it
TOLD_BEFORE = timedelta(days=62)  # from any day on, a month begins in which its owner is told


def clean_up(session: Session, policy: Policy, now: datetime) -> bool:
    """Delete what has been kept long enough and mark who has left. False when that was done less than a day ago."""
    if not insert_once(session, Beat, name="clean-up", at=now):
        last = session.get_one(Beat, "clean-up", with_for_update=True)
        if now - last.at < timedelta(hours=20):
            return False
        last.at = now
    kept = policy.retention
    session.execute(delete(HandledEvent).where(HandledEvent.at < now - timedelta(days=kept.handled_events)))
    session.execute(
        delete(Draft).where(
            or_(Draft.made_at < now - DRAFTS, and_(Draft.quoted.is_not(None), Draft.made_at < now - QUOTES))
        )
    )
    of_a_draft = select(Draft.id).where(Draft.id == Attachment.about)
    session.execute(delete(Attachment).where(Attachment.kind == "draft", ~of_a_draft.exists()))
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
    seminars.forget(session, now)
    mark_leavers(session, now, policy)
    _forget_leavers(session, now - timedelta(days=kept.leavers), now)
    if kept.learning_years:
        _forget_learning(session, years_before(now.date(), kept.learning_years) - TOLD_BEFORE, now)
    return True


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; 28 February for the 29th in a year that has none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def past_keeping(session: Session, owner_id: int, before: date) -> int:
    """How many learning records this person has from before that day."""
    found = 0
    for kind, old in _from_before(before).items():
        found += session.scalar(select(func.count()).where(sharing.TABLES[kind].owner_id == owner_id, old)) or 0
    return found


def _forget_leavers(session: Session, before: datetime, now: datetime) -> None:
    """Who left before that instant is erased: their key, and with it their words."""
    for person in session.scalars(select(Person).where(Person.left_at < before, Person.key.is_not(None))).all():
        erasure.erase(session, person, now)


def _forget_learning(session: Session, before: date, now: datetime) -> None:
    """Learning records from before that day go, with all that refers to them."""
    for kind, old in _from_before(before).items():
        table = sharing.TABLES[kind]
        for number in session.scalars(select(table.id).where(old)).all():
            sharing.gone(session, kind, number, now)
            session.execute(delete(table).where(table.id == number))


def _from_before(before: date) -> Mapping[str, ColumnElement[bool]]:
    """What makes a record of each kind one from before that day. A target that is still open is of today."""
    instant = datetime.combine(before, time(), UTC)
    return {
        "entry": Entry.made_at < instant,
        "course": Course.ends_on < before,
        "time": LearningTime.on_day < before,
        "target": (func.coalesce(Target.evaluated_at, Target.changed_at) < instant) & (Target.state != "open"),
    }
