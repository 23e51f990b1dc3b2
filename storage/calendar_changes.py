"""What people change in their calendars: whose is to be asked, since when, and what we know to stand there."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from scheduling.slots import Interval
from storage.appointments import kept_for, takes_place, times_of
from storage.database import insert_once
from storage.models import CalendarEvent, CalendarLook, Person

CHANGES_EVERY = timedelta(minutes=5)
AHEAD = timedelta(days=400)  # how far ahead changes are asked for: no interview is booked for later
TOO_NEAR = timedelta(days=30)  # a mark that sees no further ahead than this is renewed


@dataclass(frozen=True)
class Following:
    """A host's calendar that is to be asked what has changed; `written` is what we know to stand in it, by event id."""

    host_id: int
    mailbox: str
    system: str
    mark: str
    starts_at: datetime
    until: datetime
    written: Mapping[str, tuple[int, Interval]]  # the event's row, and when it was by what we wrote last


def claim_following(session: Session, now: datetime, systems: Collection[str], *, limit: int = 10) -> list[Following]:
    """Up to `limit` hosts of events to come whose calendars nobody has asked for changes in the last five minutes."""
    waiting = (
        select(CalendarEvent.host_id, CalendarEvent.system)
        .outerjoin(CalendarLook, CalendarLook.person_id == CalendarEvent.host_id)
        .where(
            CalendarEvent.state == "standing",
            CalendarEvent.ends_at > now,
            CalendarEvent.system.in_(systems),
            or_(CalendarLook.changes_at.is_(None), CalendarLook.changes_at <= now - CHANGES_EVERY),
        )
        .distinct()
        .limit(limit)
    )
    return [
        _following(session, now, host_id, system)
        for host_id, system in session.execute(waiting).all()
        if _ask_now(session, host_id, now)
    ]


def _ask_now(session: Session, host_id: int, now: datetime) -> bool:
    """Whether it is ours to ask: of any number of processes one is told True, once in five minutes."""
    if insert_once(session, CalendarLook, person_id=host_id, changes_at=now, reason="", changes=""):
        return True
    asked = (
        update(CalendarLook)
        .where(
            CalendarLook.person_id == host_id,
            or_(CalendarLook.changes_at.is_(None), CalendarLook.changes_at <= now - CHANGES_EVERY),
        )
        .values(changes_at=now)
        .returning(CalendarLook.person_id)
    )
    return session.scalar(asked) is not None


def _following(session: Session, now: datetime, host_id: int, system: str) -> Following:
    events = session.scalars(
        select(CalendarEvent).where(
            CalendarEvent.host_id == host_id, CalendarEvent.system == system, CalendarEvent.state == "standing"
        )
    ).all()
    written = {
        event.event_id: (event.id, (event.starts_at, event.ends_at))
        for event in events
        if event.starts_at is not None and event.ends_at is not None and event.ends_at > now
    }
    known = session.get_one(CalendarLook, host_id, populate_existing=True).changes
    mark, until = _unpacked(known, system)
    needed = max((times[1] for _, times in written.values()), default=now)
    if until is None or until < max(needed, now + TOO_NEAR):
        mark, until = "", now + AHEAD
    mailbox = session.get_one(Person, host_id).email
    return Following(host_id, mailbox, system, mark, now - timedelta(days=1), until, written)


def followed(session: Session, asked: Following, mark: str) -> None:
    """Everything up to `mark` was followed: the next time only what comes after it is asked for."""
    look = session.get(CalendarLook, asked.host_id, with_for_update=True)
    if look is not None:
        look.changes = f"{asked.system} {asked.until:%Y-%m-%dT%H:%M:%S%z} {mark}"


def _unpacked(known: str, system: str) -> tuple[str, datetime | None]:
    """The mark, and how far ahead it sees; none when it is of another system."""
    of, _, rest = known.partition(" ")
    until, _, mark = rest.partition(" ")
    return (mark, datetime.fromisoformat(until)) if of == system and mark else ("", None)


def as_shown(session: Session, event: CalendarEvent) -> None:
    """What the event is of has followed its calendar: nothing needs to be written if both show the same time."""
    kept = kept_for(session, event)
    if kept is not None and takes_place(kept) and times_of(kept) == (event.starts_at, event.ends_at):
        event.state, event.wanted, event.shown = "standing", kept.sequence, kept.sequence
