"""Interviews, sets' meetings and seminars as calendar files: one for the link on a card, all of somebody's in one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage import appointments, seminars, sets
from storage.models import Interview, LearningSet, Person, Seminar, SetMeeting
from storage.sealed import Keyring

if TYPE_CHECKING:
    from scheduling.calendars.ics import Entry  # icalendar, for the few who ask: not for every start

NAME = "Learning interviews"
FOLLOW = "Booked with the learning bot. To move or cancel it, tell the bot."
SAY_SO = "Booked with the learning bot. Whether you come, tell the bot."
SHOWN = ("booked", "met")


@dataclass(frozen=True)
class Subscription:
    """All of somebody's interviews in one file. `version` stays the same while they do."""

    file: bytes
    version: str


def of_interview(session: Session, interview_id: int, person_id: int, now: datetime) -> bytes | None:
    """The interview as this person's calendar should have it now: invited, or taken back once it was cancelled.

    None when there is nothing to show: no such interview, not theirs, never booked, or the person has left. The caller
    has checked that the address carries the right mark.
    """
    interview = session.get(Interview, interview_id)
    if interview is None or person_id not in (interview.learner_id, interview.partner_id):
        return None
    two = [session.get_one(Person, interview.learner_id), session.get_one(Person, interview.partner_id)]
    if interview.state == "proposed" or _has_left(session, person_id):
        return None
    return _file(interview, _of_two(two[0].name, two[1].name), FOLLOW, two, now)


def of_meeting(session: Session, meeting_id: int, person_id: int, now: datetime) -> bytes | None:
    """The same of a set's meeting, for its facilitator and for whoever has a seat at it."""
    meeting = session.get(SetMeeting, meeting_id)
    if meeting is None or _has_left(session, person_id):
        return None
    learning_set = session.get_one(LearningSet, meeting.set_id)
    if person_id != learning_set.facilitator_id and sets.seat(session, meeting_id, person_id) is None:
        return None
    coming = [person for seat, person in sets.seats(session, meeting_id) if seat.coming is not False]
    facilitator = session.get_one(Person, learning_set.facilitator_id)
    people = [facilitator, *(person for person in coming if person.id != facilitator.id)]
    return _file(meeting, _of_set(learning_set.name), SAY_SO, people, now)


def of_seminar(session: Session, keyring: Keyring, seminar_id: int, person_id: int, now: datetime) -> bytes | None:
    """The same of a seminar, for whoever holds it and for whoever was invited. Who else comes is not in it."""
    seminar = session.get(Seminar, seminar_id)
    if seminar is None or seminar.starts_at is None or seminar.state == "offered" or _has_left(session, person_id):
        return None
    if person_id != seminar.host_id and seminars.seat(session, seminar_id, person_id) is None:
        return None
    host = None if seminar.host_id is None else session.get(Person, seminar.host_id)
    reader = session.get_one(Person, person_id)
    return _file(seminar, _of_seminar(keyring, seminar), _where(keyring, seminar), [host or reader, reader], now)


def _file(kept: appointments.Kept, title: str, note: str, people: Sequence[Person], now: datetime) -> bytes:
    """The first of `people` invites them all."""
    from scheduling.calendars.ics import invitation

    addresses = list(dict.fromkeys((person.name, person.email) for person in people))
    return invitation(
        kept.uid, kept.sequence, *appointments.times_of(kept), title, note, addresses[0], addresses, now,
        "CANCEL" if kept.state == "cancelled" else "REQUEST",
    )  # fmt: skip


def _has_left(session: Session, person_id: int) -> bool:
    person = session.get(Person, person_id)
    return person is None or person.left_at is not None


def subscription(session: Session, keyring: Keyring, person: Person, now: datetime) -> Subscription:
    """What this person booked and held, alone, as a group or as a seminar: names, times, places, and no other words."""
    from scheduling.calendars.ics import subscription

    entries = [*_interviews(session, person), *_meetings(session, person), *_seminars(session, keyring, person)]
    entries.sort(key=lambda entry: (entry.starts_at, entry.uid))
    return Subscription(subscription(NAME, entries, now), hashlib.sha256(repr(entries).encode()).hexdigest())


def _interviews(session: Session, person: Person) -> list["Entry"]:
    from scheduling.calendars.ics import Entry

    interviews = session.scalars(
        select(Interview).where(
            or_(Interview.learner_id == person.id, Interview.partner_id == person.id), Interview.state.in_(SHOWN)
        )
    ).all()
    people = {one for interview in interviews for one in (interview.learner_id, interview.partner_id)}
    names = {one.id: one.name for one in session.scalars(select(Person).where(Person.id.in_(people)))}
    return [
        Entry(one.uid, one.sequence, one.starts_at, one.ends_at, _of_two(names[one.learner_id], names[one.partner_id]))
        for one in interviews
    ]


def _meetings(session: Session, person: Person) -> list["Entry"]:
    from scheduling.calendars.ics import Entry

    return [
        Entry(one.uid, one.sequence, one.starts_at, one.ends_at, _of_set(learning_set.name))
        for one, learning_set in sets.in_calendar_of(session, person.id)
    ]


def _seminars(session: Session, keyring: Keyring, person: Person) -> list["Entry"]:
    from scheduling.calendars.ics import Entry

    return [
        Entry(one.uid, one.sequence, *appointments.times_of(one), _of_seminar(keyring, one), _where(keyring, one))
        for one in seminars.in_calendar_of(session, person.id)
    ]


def _of_seminar(keyring: Keyring, seminar: Seminar) -> str:
    return f"Seminar: {keyring.open_for_organisation(seminar.title)}"


def _where(keyring: Keyring, seminar: Seminar) -> str:
    return SAY_SO if seminar.where is None else f"Where: {keyring.open_for_organisation(seminar.where)}\n\n{SAY_SO}"


def _of_two(learner: str, partner: str) -> str:
    return f"Learning interview: {learner} and {partner}"


def _of_set(name: str) -> str:
    return f"Learning set: {name}"
