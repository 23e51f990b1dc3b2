"""When people are busy by their own calendars: what is to be looked at, what was seen, what could not be."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from scheduling.slots import Interval
from storage.database import insert_once
from storage.models import Attendance, BusyTime, CalendarEvent, CalendarLook, Interview, Person, SeminarSeat

FRESH = timedelta(minutes=10)  # what was seen so lately is good enough to offer times by
DOWN_LATELY = timedelta(minutes=1)  # a calendar that was down so lately is not waited for
KEPT = timedelta(hours=23)  # forgotten every hour: so nothing is kept for longer than a day
LEASE = timedelta(seconds=30)  # after so long a look that came to no end is made again
NOT_FINAL = ("down", "token_refused")  # nothing about this mailbox, and worth asking again soon


def system_of(person: Person, calendars: Sequence[str]) -> str:
    """The system in which this person's calendar can be reached; "" when it cannot.

    `calendars` names those that are configured, after the one for whoever's roster row names none.
    """
    named = person.calendar or next(iter(calendars), "")
    return named if named in calendars and person.left_at is None else ""


# ----------------------------------------------------------------------------------------------------------- questions


def fresh(session: Session, person_ids: Iterable[int], now: datetime, calendars: Sequence[str]) -> bool:
    """Whether times can be offered to these people at once: each one's calendar was seen in the last ten minutes.

    One that cannot be reached is not waited for, nor one that was down a minute ago or refused in the last ten: those
    are `unseen`, and the offer should say so.
    """
    return all(_seen(look, now) or _failed(look, now) for _, look in _looks(session, person_ids, calendars))


def unseen(session: Session, person_ids: Iterable[int], now: datetime, calendars: Sequence[str]) -> list[int]:
    """Whose calendars should have been seen and were not: the offer goes on without them, and says so."""
    return [person.id for person, look in _looks(session, person_ids, calendars) if not _seen(look, now)]


def busy_times(session: Session, person_id: int, starts_at: datetime, ends_at: datetime) -> list[Interval]:
    """When this person is busy between two instants, by their own calendar; our own events are not among it."""
    found = session.execute(
        select(BusyTime.starts_at, BusyTime.ends_at)
        .where(BusyTime.person_id == person_id, BusyTime.starts_at < ends_at, BusyTime.ends_at > starts_at)
        .order_by(BusyTime.starts_at, BusyTime.ends_at)
    )
    return [(starts, ends) for starts, ends in found]


def _looks(
    session: Session, person_ids: Iterable[int], calendars: Sequence[str]
) -> Iterator[tuple[Person, CalendarLook | None]]:
    """The people whose calendars can be reached, each with what is known of it."""
    for person_id in sorted(set(person_ids)):
        person = session.get(Person, person_id)
        if person is not None and system_of(person, calendars):
            yield person, session.get(CalendarLook, person_id)


def _seen(look: CalendarLook | None, now: datetime) -> bool:
    return look is not None and look.seen_at is not None and look.seen_at > now - FRESH


def _failed(look: CalendarLook | None, now: datetime) -> bool:
    if look is None or look.failed_at is None:
        return False
    return look.failed_at > now - (DOWN_LATELY if look.reason in NOT_FINAL else FRESH)


# --------------------------------------------------------------------------------------------------------------- looks


def want(session: Session, person_ids: Iterable[int], now: datetime) -> None:
    """Look at these people's calendars soon; whoever was asked for last comes first, as somebody waits for it."""
    ids = sorted(set(person_ids))
    known = set(session.scalars(select(CalendarLook.person_id).where(CalendarLook.person_id.in_(ids))))
    for person_id in ids:
        if person_id not in known:
            insert_once(session, CalendarLook, person_id=person_id, wanted_at=now, reason="", changes="")
    session.execute(
        update(CalendarLook)
        .where(
            CalendarLook.person_id.in_(known),
            or_(CalendarLook.wanted_at.is_(None), CalendarLook.wanted_at < now),  # a later one is being looked at
        )
        .values(wanted_at=now)
    )


@dataclass(frozen=True)
class Look:
    """Somebody's calendar that is to be looked at now."""

    person_id: int
    mailbox: str
    system: str


def claim_looks(
    session: Session, now: datetime, calendars: Sequence[str], *, resting: Collection[str] = (), limit: int = 40
) -> list[Look]:
    """Up to `limit` looks that are wanted, now ours for `LEASE`. Two processes never make the same one.

    A calendar in a system that asked for a rest is not seen.
    """
    wanted = (
        select(CalendarLook, Person)
        .join(Person, Person.id == CalendarLook.person_id)
        .where(CalendarLook.wanted_at <= now)
        .order_by(CalendarLook.wanted_at.desc(), CalendarLook.person_id)
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        wanted = wanted.with_for_update(of=CalendarLook, skip_locked=True)
    claimed: list[Look] = []
    for look, person in session.execute(wanted).all():
        system = system_of(person, calendars)
        if system and system not in resting:
            look.wanted_at = now + LEASE
            claimed.append(Look(person.id, person.email, system))
            continue
        look.wanted_at = None
        if system:
            look.failed_at, look.reason = now, "down"
    return claimed


def seen(session: Session, person_id: int, busy: Iterable[Interval], at: datetime, until: datetime) -> None:
    """This person's calendar had them busy then, seen at `at` for the time until `until`: this and nothing else."""
    look = session.get(CalendarLook, person_id, with_for_update=True)
    if look is None:
        return  # erased meanwhile
    session.execute(delete(BusyTime).where(BusyTime.person_id == person_id))
    ours = _ours(session, person_id)
    for starts_at, ends_at in without(busy, ours):
        session.add(BusyTime(person_id=person_id, starts_at=starts_at, ends_at=ends_at))
    look.wanted_at, look.failed_at, look.reason = None, None, ""
    look.seen_at, look.seen_until = at, until


def not_seen(session: Session, person_id: int, reason: str, at: datetime) -> None:
    """This person's calendar could not be seen: "down", or the reason of its refusal."""
    look = session.get(CalendarLook, person_id, with_for_update=True)
    if look is not None:
        look.wanted_at, look.failed_at, look.reason = None, at, reason


def refused_lately(session: Session, person_id: int, now: datetime) -> bool:
    """Whether this person's calendar refused us within a day, for good as far as it said."""
    look = session.get(CalendarLook, person_id)
    if look is None or look.failed_at is None or look.reason in ("", *NOT_FINAL):
        return False
    return look.failed_at > now - timedelta(days=1)


def forget(session: Session, now: datetime) -> None:
    """Nobody's busy times are kept for longer than a day, nor anything of the calendars of those who left."""
    left = select(Person.id).where(Person.left_at.is_not(None))
    session.execute(delete(CalendarLook).where(CalendarLook.person_id.in_(left)))
    kept = select(CalendarLook.person_id).where(CalendarLook.seen_at > now - KEPT)
    session.execute(delete(BusyTime).where(BusyTime.person_id.not_in(kept)))


def _ours(session: Session, person_id: int) -> list[Interval]:
    """What we wrote into calendars that this person sees: they are promised to it, which we know better."""
    meetings = select(Attendance.meeting_id).where(Attendance.person_id == person_id)
    seminars = select(SeminarSeat.seminar_id).where(SeminarSeat.person_id == person_id, SeminarSeat.state == "accepted")
    found = session.execute(
        select(CalendarEvent.starts_at, CalendarEvent.ends_at)
        .outerjoin(Interview, Interview.id == CalendarEvent.interview_id)
        .where(
            CalendarEvent.starts_at.is_not(None),
            CalendarEvent.state.in_(("owed", "standing", "to_remove")),
            or_(
                CalendarEvent.host_id == person_id,
                Interview.learner_id == person_id,
                Interview.partner_id == person_id,
                CalendarEvent.meeting_id.in_(meetings),
                CalendarEvent.seminar_id.in_(seminars),
            ),
        )
    )
    return [(starts, ends) for starts, ends in found if starts is not None and ends is not None]


def without(busy: Iterable[Interval], ours: Iterable[Interval]) -> list[Interval]:
    """What is left of the busy times when ours are taken out of them; earliest first, each once."""
    left = {interval for interval in busy if interval[0] < interval[1]}
    for starts_at, ends_at in ours:
        left = {
            piece
            for begins, finishes in left
            for piece in ((begins, min(finishes, starts_at)), (max(begins, ends_at), finishes))
            if piece[0] < piece[1]
        }
    return sorted(left)
