"""Seminars: who is invited to one, who comes and waits, and what changes for them when it moves or somebody leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from scheduling.slots import Interval
from storage import appointments, outbox, people, promises, seminar_cards
from storage.models import Person, Seminar, SeminarSeat

KEPT = timedelta(days=730)  # who was asked to a seminar, after it: two yearly reports can be made of it
DRAFTS = timedelta(days=60)  # what a coordinator began to plan by themselves and never finished

# ----------------------------------------------------------------------------------------------------------- questions


def locked(session: Session, seminar_id: int | None) -> Seminar:
    """The seminar as it is now, and nobody else's to change until this transaction ends."""
    return session.scalars(
        select(Seminar).where(Seminar.id == seminar_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def seat(session: Session, seminar_id: int, person_id: int) -> SeminarSeat | None:
    """This person's invitation to this seminar."""
    return session.scalar(
        select(SeminarSeat).where(SeminarSeat.seminar_id == seminar_id, SeminarSeat.person_id == person_id)
    )


def with_seats(session: Session, seminar_id: int, *states: str) -> Sequence[Person]:
    """Who is invited and stands so, by name."""
    return session.scalars(
        select(Person)
        .join(SeminarSeat, SeminarSeat.person_id == Person.id)
        .where(SeminarSeat.seminar_id == seminar_id, SeminarSeat.state.in_(states))
        .order_by(Person.name, Person.id)
    ).all()


def counts(session: Session, seminar_id: int) -> Mapping[str, int]:
    """How many of those invited stand how, by state."""
    found = session.execute(
        select(SeminarSeat.state, func.count()).where(SeminarSeat.seminar_id == seminar_id).group_by(SeminarSeat.state)
    ).all()
    return dict(found)


def is_full(session: Session, seminar: Seminar) -> bool:
    """Whether every place is taken."""
    return seminar.places is not None and counts(session, seminar.id).get("accepted", 0) >= seminar.places


def next_of(session: Session, person_id: int, now: datetime) -> Sequence[Seminar]:
    """The seminars that this person holds or has accepted and that are not over, what comes next first."""
    return _to_come(session, person_id, now, "accepted")


def open_to(session: Session, person_id: int, now: datetime) -> Sequence[Seminar]:
    """Those, and the ones that they are asked to, wait for or declined, while it can still be answered."""
    return _to_come(session, person_id, now, "accepted", "asked", "waiting", "declined")


def _to_come(session: Session, person_id: int, now: datetime, *states: str) -> Sequence[Seminar]:
    theirs = select(SeminarSeat.seminar_id).where(SeminarSeat.person_id == person_id, SeminarSeat.state.in_(states))
    return session.scalars(
        select(Seminar)
        .where(_stands(now), or_(Seminar.host_id == person_id, Seminar.id.in_(theirs)))
        .order_by(Seminar.starts_at, Seminar.id)
    ).all()


def _stands(now: datetime) -> ColumnElement[bool]:
    return (Seminar.state == "planned") & (Seminar.ends_at > now)


def standing(session: Session, now: datetime) -> Sequence[Seminar]:
    """Every seminar that is planned and not over, what comes next first."""
    return session.scalars(select(Seminar).where(_stands(now)).order_by(Seminar.starts_at, Seminar.id)).all()


def over(session: Session, now: datetime) -> Sequence[Seminar]:
    """What was planned and has ended by now, without anybody having been asked whether they were there."""
    return session.scalars(
        select(Seminar).where(Seminar.state == "planned", Seminar.ends_at <= now).order_by(Seminar.id)
    ).all()


def in_calendar_of(session: Session, person_id: int) -> Sequence[Seminar]:
    """What this person holds, means to come to or was at."""
    theirs = select(SeminarSeat.seminar_id).where(
        SeminarSeat.person_id == person_id, SeminarSeat.state.in_(("accepted", "attended"))
    )
    return session.scalars(
        select(Seminar).where(
            Seminar.state.in_(("planned", "held")),
            Seminar.starts_at.is_not(None),
            or_(Seminar.host_id == person_id, Seminar.id.in_(theirs)),
        )
    ).all()


# -------------------------------------------------------------------------------------------------------- what changes


def to(seminar: Seminar) -> promises.To:
    """What time is promised to when it is promised to this seminar."""
    return promises.To(seminar_id=seminar.id)


def hold(session: Session, seminar: Seminar, person_id: int) -> bool:
    """Whether this person has its time free: then they have promised it. False changes nothing."""
    starts_at, ends_at = appointments.times_of(seminar)
    return promises.all_or_nothing(
        session, lambda: promises.hold(session, to(seminar), [person_id], starts_at, ends_at)
    )


def stay_away(session: Session, seminar: Seminar, person_id: int, now: datetime) -> None:
    """This person does not come, or not any more: whoever has waited longest gets their place."""
    theirs = seat(session, seminar.id, person_id)
    if theirs is None or theirs.state == "declined":
        return
    came = theirs.state == "accepted"
    theirs.state, theirs.answered_at = "declined", now
    if came:
        promises.release(session, to(seminar), person_id)
        seminar.sequence += 1  # calendars take them off the list
        fill(session, seminar, now)


def fill(session: Session, seminar: Seminar, now: datetime) -> None:
    """Whoever has waited longest and has the time free gets the place that is free, and is told."""
    waiting = (
        select(SeminarSeat)
        .where(SeminarSeat.seminar_id == seminar.id, SeminarSeat.state == "waiting")
        .order_by(SeminarSeat.answered_at, SeminarSeat.id)
    )
    session.flush()
    if seminar.starts_at is None or seminar.starts_at <= now:
        return
    for one in session.scalars(waiting).all():
        if is_full(session, seminar):
            return
        if hold(session, seminar, one.person_id):
            one.state = "accepted"
            seminar.sequence += 1
            seminar_cards.tell(session, seminar, seminar_cards.FREED, [one.person_id], now)


def move(
    session: Session, seminar: Seminar, slot: Interval, by: int | None, now: datetime, reason: bytes | None = None
) -> None:
    """It is at another time, or elsewhere: whoever comes is told. Who has something else by then is asked once more."""
    elsewhere = slot != (seminar.starts_at, seminar.ends_at)
    seminar.starts_at, seminar.ends_at = slot
    seminar.changed_by_id, seminar.reason = by, reason
    seminar.sequence += 1
    seminar.version += 1
    seminar_cards.forget_prompts(session, seminar)
    coming = [one.id for one in with_seats(session, seminar.id, "accepted")]
    if elsewhere:
        for person_id in sorted({*coming, *_host_but(seminar, None)}):  # one order for all: no deadlocks
            free, theirs = hold(session, seminar, person_id), seat(session, seminar.id, person_id)
            if theirs is not None and not free:
                theirs.state, theirs.answered_at = "asked", None
                promises.release(session, to(seminar), person_id)  # until they say that they come
        promises.hold_only(session, to(seminar), slot)
    seminar_cards.tell(session, seminar, seminar_cards.MOVED, {*coming, *_host_but(seminar, by)}, now)
    fill(session, seminar, now)
    seminar_cards.show_afresh(session, seminar, now)


def cancel(session: Session, seminar: Seminar, by: int | None, now: datetime, reason: bytes | None = None) -> None:
    """It will not take place: its time is free, its reminders die, and whoever meant to come is told."""
    coming = {one.id for one in with_seats(session, seminar.id, "accepted", "waiting")}
    seminar.state, seminar.changed_by_id, seminar.reason = "cancelled", by, reason
    seminar.sequence += 1
    seminar.version += 1
    promises.release(session, to(seminar))
    seminar_cards.forget_prompts(session, seminar)
    outbox.cancel(session, seminar.id, seminar_cards.CARD)
    seminar_cards.tell(session, seminar, seminar_cards.CANCELLED, {*coming, *_host_but(seminar, by)} - {by}, now)
    seminar_cards.show_afresh(session, seminar, now)


def _host_but(seminar: Seminar, by: int | None) -> list[int]:
    return [] if seminar.host_id is None or seminar.host_id == by else [seminar.host_id]


def keep_what_stands(session: Session, now: datetime) -> None:
    """Every seminar to come is owed to a calendar, or stands in one."""
    for seminar in standing(session, now):
        appointments.keep_seminar(session, seminar, now)


# ------------------------------------------------------------------------------------------------------------- leaving


def person_left(session: Session, person: Person, now: datetime) -> None:
    """Somebody left or is about to be erased: their place is free, and what they were to hold needs somebody else.

    Coordinators are told of that; it is cancelled by nobody but them.
    """
    held = select(Seminar.id).where(_stands(now), Seminar.host_id == person.id)
    for seminar_id in session.scalars(held).all():
        without_host(session, locked(session, seminar_id), now)
    asked = (
        select(SeminarSeat.seminar_id)
        .join(Seminar, Seminar.id == SeminarSeat.seminar_id)
        .where(_stands(now), SeminarSeat.person_id == person.id)
    )
    for seminar_id in session.scalars(asked).all():
        take_off(session, locked(session, seminar_id), person.id, now)


def without_host(session: Session, seminar: Seminar, now: datetime) -> None:
    """Whoever was to hold it does not: coordinators are told, and it leaves that calendar for the next one."""
    earlier, seminar.host_id = seminar.host_id, None
    seminar.sequence += 1
    if earlier is not None:
        promises.release(session, to(seminar), earlier)
    session.flush()
    appointments.hand_over(session, seminar, (), now)  # who hosts it next is found once it is out of theirs
    others = [one.id for one in people.coordinators(session) if one.id != earlier]
    seminar_cards.tell(session, seminar, seminar_cards.VACANT, others, now)
    seminar_cards.show_afresh(session, seminar, now)


def take_off(session: Session, seminar: Seminar, person_id: int, now: datetime) -> None:
    """This person is not invited any more."""
    found = seat(session, seminar.id, person_id)
    if found is None:
        return
    came = found.state == "accepted"
    session.delete(found)
    promises.release(session, to(seminar), person_id)
    if came:
        seminar.sequence += 1  # calendars take them off the list
        fill(session, seminar, now)
    seminar_cards.show_host(session, seminar, now)


def has_something(person: type[Person], now: datetime) -> ColumnElement[bool]:
    """Whether somebody holds a seminar to come or is invited to one, as a condition on `person`; for who has left."""
    holds = select(Seminar.id).where(_stands(now), Seminar.host_id == person.id)
    invited = (
        select(SeminarSeat.id)
        .join(Seminar, Seminar.id == SeminarSeat.seminar_id)
        .where(_stands(now), SeminarSeat.person_id == person.id)
    )
    return or_(holds.exists(), invited.exists())


def forget(session: Session, now: datetime) -> None:
    """Who was invited to what is long over goes; and what nobody ever finished planning."""
    old = select(Seminar.id).where(Seminar.ends_at < now - KEPT)
    session.execute(delete(SeminarSeat).where(SeminarSeat.seminar_id.in_(old)))
    session.execute(
        delete(Seminar).where(Seminar.state == "offered", Seminar.offer_of.is_(None), Seminar.made_at < now - DRAFTS)
    )
