"""Questions about learning sets: who is in them, when they meet, who comes and who was there."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from storage import outbox, promises, set_cards
from storage.models import Attendance, LearningSet, Owed, Person, SetMeeting, SetMember

SEATS = 6
REQUEST = "sets.facilitate"

# --------------------------------------------------------------------------------------------------------- who is in it


def locked(session: Session, set_id: int | None) -> LearningSet:
    """The set as it is in the database now, and nobody else's to change until this transaction ends."""
    return session.scalars(
        select(LearningSet).where(LearningSet.id == set_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def of(session: Session, person_id: int) -> Sequence[LearningSet]:
    """The sets that this person facilitates or has joined, and that have not ended, oldest first."""
    joined = select(SetMember.set_id).where(SetMember.person_id == person_id, SetMember.state == "accepted")
    return session.scalars(
        select(LearningSet)
        .where(or_(LearningSet.facilitator_id == person_id, LearningSet.id.in_(joined)), LearningSet.ended_at.is_(None))
        .order_by(LearningSet.id)
    ).all()


def facilitated_by(session: Session, person_id: int) -> Sequence[LearningSet]:
    """The sets that this person facilitates and that have not ended, oldest first."""
    return [one for one in of(session, person_id) if one.facilitator_id == person_id]


def members(session: Session, set_id: int, *states: str) -> Sequence[Person]:
    """The people whose membership is in one of these states, by name."""
    return session.scalars(
        select(Person)
        .join(SetMember, SetMember.person_id == Person.id)
        .where(SetMember.set_id == set_id, SetMember.state.in_(states), Person.left_at.is_(None))
        .order_by(Person.name, Person.id)
    ).all()


def member(session: Session, set_id: int, person_id: int) -> SetMember | None:
    """This person's membership, in whatever state it is."""
    return session.scalar(select(SetMember).where(SetMember.set_id == set_id, SetMember.person_id == person_id))


def locked_member(session: Session, member_id: int | None) -> SetMember:
    """The membership as it is now, with its set locked: of any number of answers at once one comes first."""
    locked(session, session.get_one(SetMember, member_id).set_id)
    return session.get_one(SetMember, member_id, populate_existing=True)


def has_joined(session: Session, set_id: int, person_id: int) -> bool:
    """Whether this person has accepted to be in the set and has not left it."""
    found = member(session, set_id, person_id)
    return found is not None and found.state == "accepted"


def everybody(session: Session, learning_set: LearningSet) -> list[Person]:
    """Whoever meets: the facilitator first, then the members who have accepted, each once."""
    facilitator = session.get_one(Person, learning_set.facilitator_id)
    joined = members(session, learning_set.id, "accepted")
    return [facilitator, *(person for person in joined if person.id != facilitator.id)]


def ask(session: Session, learning_set: LearningSet, person: Person, now: datetime) -> None:
    """Ask this person to be in the set; whoever was asked already, or is in it, is not asked again."""
    found = member(session, learning_set.id, person.id)
    if found is None:
        found = SetMember(set_id=learning_set.id, person_id=person.id, asked_at=now)
        session.add(found)
    elif found.state in ("declined", "left"):
        found.state, found.asked_at, found.answered_at = "asked", now, None
    else:
        return
    session.flush()
    key = f"sets.asked/{found.id}/{now:%Y%m%dT%H%M%S}"
    outbox.owe(session, "sets.asked", about=found.id, to=person.id, at=now, key=key)


# ----------------------------------------------------------------------------------------------------- who facilitates


def asked_to_facilitate(session: Session, set_id: int, person_id: int | None = None) -> Owed | None:
    """The request to facilitate that waits for an answer: of this person, or of anybody."""
    asked = select(Owed).where(
        Owed.notice == REQUEST, Owed.about == set_id, Owed.changes.is_(None), Owed.answered_at.is_(None)
    )
    asked = asked.where(Owed.state.not_in(("closed",)))
    return session.scalar((asked if person_id is None else asked.where(Owed.to_id == person_id)).limit(1))


def ask_to_facilitate(session: Session, learning_set: LearningSet, person_id: int, now: datetime) -> None:
    """Ask this person to facilitate, and nobody else any more. Until they say yes, nothing changes."""
    if asked_to_facilitate(session, learning_set.id, person_id) is not None:
        return
    request_over(session, learning_set.id, now)
    key = f"{REQUEST}/{learning_set.id}/{person_id}/{now:%Y%m%dT%H%M%S}"
    outbox.owe(session, REQUEST, about=learning_set.id, to=person_id, at=now, key=key)


def request_over(session: Session, set_id: int, now: datetime) -> None:
    """The request to facilitate needs no answer any more; its card says so."""
    outbox.cancel(session, set_id, REQUEST)
    session.execute(
        update(Owed)
        .where(Owed.notice == REQUEST, Owed.about == set_id, Owed.answered_at.is_(None))
        .values(answered_at=now)
    )
    outbox.refresh(session, REQUEST, set_id, now)


# ------------------------------------------------------------------------------------------------------------- meetings


def locked_meeting(session: Session, meeting_id: int | None) -> SetMeeting:
    """The meeting as it is now, and nobody else's to change until this transaction ends."""
    return session.scalars(
        select(SetMeeting)
        .where(SetMeeting.id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def to_come(session: Session, set_id: int, now: datetime) -> Sequence[SetMeeting]:
    """What the set has booked and is not over, earliest first."""
    return session.scalars(
        select(SetMeeting)
        .where(SetMeeting.set_id == set_id, SetMeeting.state == "booked", SetMeeting.ends_at > now)
        .order_by(SetMeeting.starts_at, SetMeeting.id)
    ).all()


def next_of(session: Session, person_id: int, now: datetime) -> Sequence[tuple[SetMeeting, LearningSet]]:
    """What this person has a seat at or facilitates, is booked and is not over, earliest first, with its set."""
    seats_of = select(Attendance.meeting_id).where(
        Attendance.person_id == person_id, or_(Attendance.coming.is_(None), Attendance.coming.is_(True))
    )
    found = session.execute(
        select(SetMeeting, LearningSet)
        .join(LearningSet, LearningSet.id == SetMeeting.set_id)
        .where(
            SetMeeting.state == "booked",
            SetMeeting.ends_at > now,
            or_(LearningSet.facilitator_id == person_id, SetMeeting.id.in_(seats_of)),
        )
        .order_by(SetMeeting.starts_at, SetMeeting.id)
    )
    return [(meeting, learning_set) for meeting, learning_set in found]


def standing_at(session: Session, set_id: int, starts_at: datetime) -> SetMeeting | None:
    """What the set has booked for exactly this start."""
    return session.scalar(
        select(SetMeeting)
        .where(SetMeeting.set_id == set_id, SetMeeting.starts_at == starts_at, SetMeeting.state == "booked")
        .limit(1)
    )


def seat(session: Session, meeting_id: int, person_id: int) -> Attendance | None:
    """This person's seat at the meeting."""
    return session.scalar(
        select(Attendance).where(Attendance.meeting_id == meeting_id, Attendance.person_id == person_id)
    )


def seats(session: Session, meeting_id: int) -> list[tuple[Attendance, Person]]:
    """Every seat at the meeting with whose it is, by name."""
    found = session.execute(
        select(Attendance, Person)
        .join(Person, Person.id == Attendance.person_id)
        .where(Attendance.meeting_id == meeting_id)
        .order_by(Person.name, Person.id)
    )
    return [(one, person) for one, person in found]


def in_calendar_of(session: Session, person_id: int) -> list[tuple[SetMeeting, LearningSet]]:
    """What this person facilitates, or means to come to or was at, booked or held, with its set."""
    theirs = select(Attendance.meeting_id).where(
        Attendance.person_id == person_id, Attendance.coming.is_not(False), Attendance.was_there.is_not(False)
    )
    found = session.execute(
        select(SetMeeting, LearningSet)
        .join(LearningSet, LearningSet.id == SetMeeting.set_id)
        .where(
            SetMeeting.state.in_(("booked", "held")),
            or_(LearningSet.facilitator_id == person_id, SetMeeting.id.in_(theirs)),
        )
    )
    return [(meeting, learning_set) for meeting, learning_set in found]


def cancel(session: Session, meeting: SetMeeting, by: int | None, now: datetime, reason: bytes | None = None) -> None:
    """The meeting will not take place: its time is free, its reminders die, and everybody but `by` is told."""
    meeting.state, meeting.changed_by_id, meeting.reason = "cancelled", by, reason
    meeting.sequence += 1
    meeting.version += 1
    promises.release(session, promises.To(meeting_id=meeting.id))
    set_cards.forget_prompts(session, meeting)
    set_cards.show_afresh(session, meeting, now)
    facilitator = session.get_one(LearningSet, meeting.set_id).facilitator_id
    for person_id in sorted({facilitator, *(one.person_id for one, _ in seats(session, meeting.id))} - {by}):
        set_cards.tell(session, meeting, person_id, now)


# ----------------------------------------------------------------------------------------------------- what is counted


def held_in(session: Session, person_id: int, year: date) -> int:
    """At how many meetings of that learning year this person was."""
    return len(session.scalars(_seats_of(person_id, year).where(Attendance.was_there.is_(True))).all())


def held_before(session: Session, person_id: int, year: date, starts_at: datetime) -> int:
    """At how many of those meetings that began before the UTC instant `starts_at` this person was."""
    were_at = _seats_of(person_id, year).where(Attendance.was_there.is_(True), SetMeeting.starts_at < starts_at)
    return len(session.scalars(were_at).all())


def windows_taken(session: Session, person_id: int, year: date, *, besides: int | None = None) -> set[int]:
    """The windows of that year for which they were at a meeting, or mean to come; the seat `besides` left out."""
    found = session.execute(
        _seats_of(person_id, year).where(_is_taken()).with_only_columns(Attendance.id, Attendance.window)
    )
    return {window for number, window in found if number != besides}


def arranged_for(year: date, window: int) -> Select[int]:
    """Whoever was at a meeting that counts for that window of the year, or means to come to one: their numbers."""
    return _seats(year).where(Attendance.window == window, _is_taken()).with_only_columns(Attendance.person_id)


def _is_taken() -> ColumnElement[bool]:
    means_to = Attendance.was_there.is_(None) & Attendance.coming.is_(True) & (SetMeeting.state == "booked")
    return or_(Attendance.was_there.is_(True), means_to)


def last_held(session: Session, person_id: int, now: datetime) -> datetime | None:
    """When the latest meeting ended at which this person was."""
    return session.scalar(
        select(SetMeeting.ends_at)
        .join(Attendance, Attendance.meeting_id == SetMeeting.id)
        .where(Attendance.person_id == person_id, Attendance.was_there.is_(True), SetMeeting.ends_at <= now)
        .order_by(SetMeeting.ends_at.desc())
        .limit(1)
    )


def _seats_of(person_id: int, year: date) -> Select[Attendance]:
    return _seats(year).where(Attendance.person_id == person_id)


def _seats(year: date) -> Select[Attendance]:
    return (
        select(Attendance)
        .join(SetMeeting, SetMeeting.id == Attendance.meeting_id)
        .where(Attendance.year == year, SetMeeting.state != "cancelled")
    )


# ------------------------------------------------------------------------------------------------------ leaving, ending


def leave(session: Session, found: SetMember, now: datetime) -> None:
    """This person is in the set no more: their seats at what is to come are free, and the facilitator is told."""
    answered = found.state == "accepted"
    found.state, found.answered_at = "left", now
    for meeting in to_come(session, found.set_id, now):
        meeting = locked_meeting(session, meeting.id)
        if session.get_one(LearningSet, found.set_id).facilitator_id != found.person_id:
            promises.release(session, promises.To(meeting_id=meeting.id), found.person_id)
        gone = delete(Attendance).where(Attendance.meeting_id == meeting.id, Attendance.person_id == found.person_id)
        session.execute(gone)
        meeting.sequence += 1  # calendars take them off the list
        set_cards.show_afresh(session, meeting, now)
    if answered:
        say_so(session, found, now)
    show_afresh(session, found.set_id, now)
    outbox.refresh(session, "sets.asked", found.id, now)


def say_so(session: Session, found: SetMember, now: datetime) -> None:
    """The facilitator hears what became of this membership: joined, declined or left."""
    session.flush()
    facilitator = session.get_one(LearningSet, found.set_id).facilitator_id
    if facilitator != found.person_id:
        key = f"sets.answered/{found.id}/{found.state}/{now:%Y%m%dT%H%M%S}"
        outbox.owe(session, "sets.answered", about=found.id, to=facilitator, at=now, key=key)


def show_afresh(session: Session, set_id: int, now: datetime) -> None:
    """The cards of the set become, in place, as it is now."""
    session.flush()
    for notice in ("sets.home", "sets.told", "sets.vacant"):
        outbox.refresh(session, notice, set_id, now)


def tell_news(session: Session, learning_set: LearningSet, also: set[int], now: datetime) -> None:
    """Everybody in the set but its facilitator, and `also` these people, hear what is new about it."""
    joined = {person.id for person in members(session, learning_set.id, "accepted")}
    for person_id in sorted((joined | also) - {learning_set.facilitator_id}):
        key = f"sets.told/{learning_set.id}/{person_id}/{now:%Y%m%dT%H%M%S}"
        outbox.owe(session, "sets.told", about=learning_set.id, to=person_id, at=now, key=key)


def end(session: Session, learning_set: LearningSet, by: int | None, now: datetime) -> None:
    """The set is over: what it had booked is cancelled, nobody is asked any more, and its members are told."""
    learning_set.ended_at = now
    for meeting in to_come(session, learning_set.id, now):
        cancel(session, locked_meeting(session, meeting.id), by, now)
    request_over(session, learning_set.id, now)
    for person in members(session, learning_set.id, "accepted"):
        if person.id != by:
            key = f"sets.told/{learning_set.id}/ended/{person.id}"
            outbox.owe(session, "sets.told", about=learning_set.id, to=person.id, at=now, key=key)
    asked = select(SetMember.id).where(SetMember.set_id == learning_set.id)
    for member_id in session.scalars(asked).all():
        outbox.cancel(session, member_id, "sets.asked")
        outbox.refresh(session, "sets.asked", member_id, now)
    show_afresh(session, learning_set.id, now)


def person_left(session: Session, person: Person, now: datetime) -> None:
    """Somebody left or is about to be erased: they leave their sets, and the sets that they facilitated.

    What a set without a facilitator had booked is cancelled. Its members are asked who facilitates from now on; without
    any it ends.
    """
    for learning_set in facilitated_by(session, person.id):
        learning_set = locked(session, learning_set.id)
        others = [one for one in members(session, learning_set.id, "accepted") if one.id != person.id]
        if not others:
            end(session, learning_set, person.id, now)
            continue
        for meeting in to_come(session, learning_set.id, now):
            cancel(session, locked_meeting(session, meeting.id), person.id, now)
        request_over(session, learning_set.id, now)
        for other in others:
            key = f"sets.vacant/{learning_set.id}/{person.id}/{other.id}"
            outbox.owe(session, "sets.vacant", about=learning_set.id, to=other.id, at=now, key=key)
    standing = select(SetMember).where(SetMember.person_id == person.id, SetMember.state.in_(("asked", "accepted")))
    for found in session.scalars(standing).all():
        leave(session, locked_member(session, found.id), now)
    for meeting_id in session.scalars(select(Attendance.meeting_id).where(Attendance.person_id == person.id)).all():
        outbox.refresh(session, set_cards.CARD, meeting_id, now)
    for found in session.scalars(select(SetMember).where(SetMember.person_id == person.id)).all():
        outbox.refresh(session, "sets.answered", found.id, now)


def has_something(person: type[Person], now: datetime) -> ColumnElement[bool]:
    """Whether somebody is in a set or has a seat to come, as a condition on `person`; for whoever has left."""
    joined = select(SetMember.id).where(SetMember.person_id == person.id, SetMember.state.in_(("asked", "accepted")))
    booked = (
        select(SetMeeting.id)
        .join(LearningSet, LearningSet.id == SetMeeting.set_id)
        .where(LearningSet.facilitator_id == person.id, SetMeeting.state == "booked", SetMeeting.ends_at > now)
    )
    return or_(joined.exists(), booked.exists())
