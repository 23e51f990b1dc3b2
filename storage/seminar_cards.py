"""What people are shown of a seminar and told about it, and how that becomes what it is by now."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from storage import appointments, outbox
from storage.models import Seminar

# what somebody was shown of a seminar: each is built again from the rows when something changes
OFFER, RUN, CARD = "seminars.offer", "seminars.run", "seminars.card"
MOVED, CANCELLED, FREED, VACANT = "seminars.moved", "seminars.cancelled", "seminars.freed", "seminars.vacant"
DAY_BEFORE, AFTER = "seminars.day_before", "seminars.after"
FOR_GUESTS = (CARD, MOVED, CANCELLED, FREED, DAY_BEFORE, AFTER)
FOR_HOSTS = (OFFER, RUN, VACANT)


def show_host(session: Session, seminar: Seminar, now: datetime) -> None:
    """What coordinators and the host were shown becomes, in place, as it is now. Calendars follow, too."""
    session.flush()
    if seminar.starts_at is not None:
        appointments.keep_seminar(session, seminar, now)
    for notice in FOR_HOSTS:
        outbox.refresh(session, notice, seminar.id, now)


def show_afresh(session: Session, seminar: Seminar, now: datetime, *, to: int | None = None) -> None:
    """The same of what everybody was shown; with `to`, of what hosts and that one guest were."""
    show_host(session, seminar, now)
    for notice in FOR_GUESTS:
        outbox.refresh(session, notice, seminar.id, now, to=to)


def tell(session: Session, seminar: Seminar, notice: str, to: Iterable[int], now: datetime) -> None:
    """Owe these people news of the seminar, once for each of its changes."""
    session.flush()
    for person_id in sorted(to):
        key = f"{notice}/{seminar.id}/{seminar.version}/{person_id}/{now:%Y%m%dT%H%M%S}"
        outbox.owe(session, notice, about=seminar.id, to=person_id, at=now, key=key)


def forget_prompts(session: Session, seminar: Seminar) -> None:
    """No news or reminder that is still owed of how it stood is sent."""
    outbox.cancel(session, seminar.id, MOVED, FREED, DAY_BEFORE, AFTER)
