"""What people were shown of a set's meeting: one whole card for each of them, a line in place of every older one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage import appointments, outbox
from storage.models import Owed, SetMeeting

CARD, EARLIER = "sets.card", "sets.earlier"
REMINDERS = ("sets.day_before", "sets.soon")
PROMPTS = (*REMINDERS, "sets.after", "sets.were_you")


def tell(session: Session, meeting: SetMeeting, to: int, now: datetime) -> None:
    """Owe `to` the meeting's card as a new message; what they were shown before shrinks to a line."""
    session.flush()
    shrink(session, meeting.id, to, now)
    key = f"{CARD}/{meeting.id}/{meeting.version}/{to}"
    outbox.owe(session, CARD, about=meeting.id, at=now, to=to, key=key)


def shrink(session: Session, meeting_id: int, person_id: int, now: datetime, *, on: Owed | None = None) -> None:
    """The whole card is about to reach this person: in a new message, or in place of `on`. All the others shrink."""
    rows = [row for row in _shown(session, meeting_id, person_id) if row is not on]
    for row in rows:
        row.answered_at = row.answered_at or now
    _become(session, [row for row in rows if row.notice != EARLIER], EARLIER, meeting_id, now)


def show_afresh(session: Session, meeting: SetMeeting, now: datetime) -> None:
    """Everything that anybody was shown of the meeting becomes, in place, as it is now. Calendars follow, too."""
    session.flush()
    appointments.keep_meeting(session, meeting, now)
    shown = _shown(session, meeting.id)
    _become(session, [row for row in shown if row.notice != EARLIER], CARD, meeting.id, now)
    outbox.refresh(session, EARLIER, meeting.id, now)


def forget_prompts(session: Session, meeting: SetMeeting) -> None:
    """No reminder, question or older card that is still owed on the meeting is sent."""
    outbox.cancel(session, meeting.id, CARD, *PROMPTS)


def _shown(session: Session, meeting_id: int, person_id: int | None = None) -> Sequence[Owed]:
    session.flush()
    posted = select(Owed).where(
        Owed.about == meeting_id,
        Owed.notice.in_((CARD, EARLIER, "sets.retime", *PROMPTS)),
        Owed.changes.is_(None),
        Owed.state == "sent",
        Owed.message != "",
    )
    if person_id is not None:
        posted = posted.where(Owed.to_id == person_id)
    return session.scalars(posted.order_by(Owed.id)).all()


def _become(session: Session, rows: Sequence[Owed], notice: str, meeting_id: int, now: datetime) -> None:
    """These messages are built by `notice` from now on, and changed in place into what it builds."""
    for row in rows:
        row.notice = notice
    session.flush()
    outbox.refresh(session, notice, meeting_id, now)
    session.execute(update(Owed).where(Owed.changes.in_([row.id for row in rows])).values(notice=notice))
