"""Interviews as calendar files: one for the link on its card, and all of somebody's to subscribe to."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import Interview, Person

SHOWN = ("booked", "met")


@dataclass(frozen=True)
class Subscription:
    """All of somebody's interviews in one file. `version` stays the same while they do."""

    file: bytes
    version: str


def calendar_file(session: Session, interview_id: int, person_id: int, now: datetime) -> bytes | None:
    """The interview as this person's calendar should have it now: invited, or taken back once it was cancelled.

    None when there is nothing to show: no such interview, not theirs, never booked, or the person has left. The caller
    has checked that the address carries the right mark.
    """
    from scheduling.calendars.ics import invitation  # icalendar, for the few who ask: not for every start

    interview, person = session.get(Interview, interview_id), session.get(Person, person_id)
    if interview is None or person is None or person.left_at is not None:
        return None
    if person_id not in (interview.learner_id, interview.partner_id) or interview.state == "proposed":
        return None
    learner = session.get_one(Person, interview.learner_id)
    partner = session.get_one(Person, interview.partner_id)
    return invitation(
        interview.uid, interview.sequence, interview.starts_at, interview.ends_at, _title(learner.name, partner.name),
        "Booked with the learning bot. To move or cancel it, tell the bot.",
        (learner.name, learner.email), [(learner.name, learner.email), (partner.name, partner.email)],
        now, "CANCEL" if interview.state == "cancelled" else "REQUEST",
    )  # fmt: skip


def subscription(session: Session, person: Person, now: datetime) -> Subscription:
    """What this person booked and held, as learner or partner: names and times, and no other words."""
    from scheduling.calendars.ics import Entry, subscription  # icalendar: see above

    interviews = session.scalars(
        select(Interview)
        .where(or_(Interview.learner_id == person.id, Interview.partner_id == person.id), Interview.state.in_(SHOWN))
        .order_by(Interview.starts_at, Interview.id)
    ).all()
    people = {one for interview in interviews for one in (interview.learner_id, interview.partner_id)}
    names = {one.id: one.name for one in session.scalars(select(Person).where(Person.id.in_(people)))}
    entries = [
        Entry(
            interview.uid, interview.sequence, interview.starts_at, interview.ends_at,
            _title(names[interview.learner_id], names[interview.partner_id]),
        )
        for interview in interviews
    ]  # fmt: skip
    name = "Learning interviews"
    return Subscription(subscription(name, entries, now), hashlib.sha256(repr(entries).encode()).hexdigest())


def _title(learner: str, partner: str) -> str:
    return f"Learning interview: {learner} and {partner}"
