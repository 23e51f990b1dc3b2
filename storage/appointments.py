"""What is to stand in people's calendars: one event for each interview, set's meeting or seminar, in one calendar.

A row goes owed → standing, and again owed with every move; or → to_remove → removed; or → given_up when no calendar
will have it. What is handed over goes to_remove → owed: gone from one calendar before it stands in another.
Claiming commits before a calendar is written to, so that a crash repeats and never forgets.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from scheduling.calendars.contract import Placed
from scheduling.slots import Interval
from storage.calendar_looks import refused_lately, system_of
from storage.database import insert_once
from storage.models import (
    Attendance,
    CalendarEvent,
    CalendarLook,
    Interview,
    LearningSet,
    Person,
    Seminar,
    SeminarSeat,
    SetMeeting,
)

LEASE = timedelta(seconds=120)
OVER = timedelta(days=7)  # an event that ended so long ago is the calendar's affair alone
NO_CALENDAR = "no_calendar"
HANDED_OVER = "handed_over"  # to be removed from one calendar, and then put into that of somebody else

Kept = Interview | SetMeeting | Seminar
# where an event says what it is of
NUMBERS: Mapping[type[Kept], InstrumentedAttribute[int | None]] = {
    Interview: CalendarEvent.interview_id,
    SetMeeting: CalendarEvent.meeting_id,
    Seminar: CalendarEvent.seminar_id,
}

# ------------------------------------------------------------------------------------------------- what should stand


def keep(session: Session, interview: Interview, now: datetime) -> None:
    """Make what is owed to calendars agree with the interview as it is. Safe to call after every change."""
    _keep(session, interview, interview.learner_id, now)


def keep_meeting(session: Session, meeting: SetMeeting, now: datetime) -> None:
    """The same for a learning set's meeting; its facilitator is the first who may host it."""
    facilitator = session.get_one(LearningSet, meeting.set_id).facilitator_id
    _keep(session, meeting, facilitator, now)


def keep_seminar(session: Session, seminar: Seminar, now: datetime) -> None:
    """The same for a seminar; whoever holds it is the first who may host it, then whoever comes to it."""
    session.flush()
    hosts = _in_order(session, seminar)
    if hosts:
        # a key of its own: where the one before went with its host, no calendar takes it for that
        _keep(session, seminar, hosts[0], now, key=f"{seminar.uid}/{seminar.sequence}")


def takes_place(kept: Kept) -> bool:
    """Whether it is to take place, or was to."""
    return kept.state == ("planned" if isinstance(kept, Seminar) else "booked")


def times_of(kept: Kept) -> Interval:
    """From when until when it is. A seminar without a time is in no calendar."""
    if kept.starts_at is None or kept.ends_at is None:
        raise ValueError("what has no time yet is in no calendar")
    return kept.starts_at, kept.ends_at


def _keep(session: Session, kept: Kept, host_id: int, now: datetime, *, key: str = "") -> None:
    session.flush()
    column = NUMBERS[type(kept)]
    event = session.scalar(select(CalendarEvent).where(column == kept.id).with_for_update())
    if takes_place(kept) and times_of(kept)[1] > now:
        if event is None:  # in which calendar is decided when it is written
            insert_once(
                session, CalendarEvent, host_id=host_id, system="", key=key or kept.uid, due_at=now,
                wanted=kept.sequence, event_id="", join_url="", state="owed", attempts=0, claimed_by="", reason="",
                **{column.key: kept.id},
            )  # fmt: skip
        elif event.wanted != kept.sequence:
            event.wanted = kept.sequence
            if event.reason != HANDED_OVER:
                _owe(event, now)
    elif kept.state == "cancelled" and event is not None and event.state in ("owed", "standing", "given_up"):
        made = event.event_id or event.attempts  # an attempt without an answer may have made one
        event.state, event.due_at, event.reason = "to_remove" if made else "removed", now, ""


def hand_over(session: Session, kept: SetMeeting | Seminar, calendars: Sequence[str], now: datetime) -> None:
    """Somebody else facilitates this meeting, or holds this seminar: it goes from the calendar it stands in to theirs.

    It stays where it is when its host is the first of those who meet whose calendar is among `calendars`, those that
    can be reached. Where nobody's is, it is taken out all the same: whoever hosts it need not be coming any more.
    """
    event = session.scalar(select(CalendarEvent).where(NUMBERS[type(kept)] == kept.id).with_for_update())
    if event is None or not takes_place(kept) or times_of(kept)[1] <= now or event.reason == HANDED_OVER:
        return
    host = _first_host(session, event, calendars, now)
    if host is not None and host.id == event.host_id and event.state in ("owed", "standing"):
        return
    if event.state != "removed" and (event.event_id or event.attempts):
        event.state, event.due_at, event.reason = "to_remove", now, HANDED_OVER
    else:
        _begin_anew(session, event, kept)


def _begin_anew(session: Session, event: CalendarEvent, kept: SetMeeting | Seminar) -> None:
    """It is owed to whoever hosts it now, under a key of its own: no calendar takes it for the one before."""
    first = next(iter(_in_order(session, kept)), event.host_id)
    event.host_id, event.system, event.key = first, "", f"{kept.uid}/{kept.sequence}"
    event.state, event.reason, event.attempts, event.wanted = "owed", "", 0, kept.sequence
    event.event_id, event.join_url = "", ""
    event.shown = event.starts_at = event.ends_at = None
    _let_go(event)


def put_right(session: Session, interview_id: int, now: datetime) -> None:
    """Write the event again as the interview is, whatever its calendar shows by now."""
    event = event_of(session, session.get_one(Interview, interview_id))
    if event is not None and event.state == "standing":
        _owe(event, now)


def doubted(session: Session, row: int, now: datetime) -> None:
    """Its calendar does not show this event any more, as far as we were told: write it again, and so find out."""
    event = session.get(CalendarEvent, row, with_for_update=True)
    if event is not None and event.state == "standing":
        _owe(event, now)


def _owe(event: CalendarEvent, now: datetime) -> None:
    event.state, event.due_at, event.reason = "owed", now, ""


# ----------------------------------------------------------------------------------------------------------- questions


def event_of(session: Session, kept: Kept) -> CalendarEvent | None:
    """What is kept in a calendar of this."""
    return session.scalar(select(CalendarEvent).where(NUMBERS[type(kept)] == kept.id))


def join_url(session: Session, kept: Kept) -> str:
    """The address to meet at that the calendar made for it; "" when there is none."""
    event = event_of(session, kept)
    return event.join_url if event is not None and event.state in ("owed", "standing") else ""


def stands(session: Session, kept: Kept) -> bool:
    """Whether it is in a calendar, and everybody is invited there."""
    event = event_of(session, kept)
    return event is not None and event.state in ("owed", "standing") and event.event_id != ""


def kept_for(session: Session, event: CalendarEvent) -> Kept | None:
    """The interview, the meeting or the seminar that this event is of."""
    kind, number = _subject_of(event)
    return session.get(kind, number)


def _subject_of(event: CalendarEvent) -> tuple[type[Kept], int]:
    said = ((kind, cast(int | None, getattr(event, column.key))) for kind, column in NUMBERS.items())
    return next((kind, number) for kind, number in said if number is not None)


def people_of(session: Session, event: CalendarEvent) -> list[Person]:
    """Who meets, in the order in which they are asked to host: the learner first, the facilitator, or the host."""
    kept = kept_for(session, event)
    return [] if kept is None else [session.get_one(Person, person_id) for person_id in _in_order(session, kept)]


def _in_order(session: Session, kept: Kept) -> list[int]:
    if isinstance(kept, Interview):
        return [kept.learner_id, kept.partner_id]
    if isinstance(kept, Seminar):
        first = kept.host_id
        coming = (
            select(SeminarSeat.person_id)
            .where(SeminarSeat.seminar_id == kept.id, SeminarSeat.state == "accepted")
            .order_by(SeminarSeat.person_id)
        )
    else:
        first = session.get_one(LearningSet, kept.set_id).facilitator_id
        coming = (
            select(Attendance.person_id)
            .where(Attendance.meeting_id == kept.id, or_(Attendance.coming.is_(None), Attendance.coming.is_(True)))
            .order_by(Attendance.person_id)
        )
    return list(dict.fromkeys((*([] if first is None else [first]), *session.scalars(coming))))


def locked(session: Session, row: int) -> CalendarEvent | None:
    """The event as it is now, and nobody else's to change, nor what it is of, until this transaction ends."""
    event = session.get(CalendarEvent, row)
    if event is None:
        return None
    kind, number = _subject_of(event)
    session.get(kind, number, with_for_update=True, populate_existing=True)  # first, as everybody does who changes both
    return session.get(CalendarEvent, row, with_for_update=True, populate_existing=True)


# ----------------------------------------------------------------------------------------------------- writing events


@dataclass(frozen=True)
class Claimed:
    """An event that is ours to write until `LEASE` has passed, and what is to be done: put, change or remove it.

    `attempts` counts this one.
    """

    row: int
    key: str
    attempts: int
    doing: Literal["put", "change", "remove"]
    host_id: int
    mailbox: str
    system: str
    event_id: str
    wanted: int
    times: Interval


def place(session: Session, now: datetime, calendars: Sequence[str], *, limit: int = 50) -> None:
    """Choose the calendar of every event that has none yet: that of the first of its people who can be reached."""
    for event in _due(session, now, CalendarEvent.system == "", limit):
        host = _first_host(session, event, calendars, now)
        if host is None:
            event.state, event.reason = "given_up", event.reason or NO_CALENDAR
        else:
            event.host_id, event.system = host.id, system_of(host, calendars)


def _first_host(session: Session, event: CalendarEvent, calendars: Sequence[str], now: datetime) -> Person | None:
    for person in people_of(session, event):
        if system_of(person, calendars) and not refused_lately(session, person.id, now):
            return person
    return None


def place_again(session: Session, now: datetime) -> None:
    """Events that no calendar could be found for are tried again: run when the bot starts, as more may be known now.

    Interviews that were booked before calendars were kept at all are taken up, too.
    """
    kept = select(CalendarEvent.interview_id).where(CalendarEvent.interview_id.is_not(None))
    booked = select(Interview).where(Interview.state == "booked", Interview.ends_at > now, Interview.id.not_in(kept))
    for interview in session.scalars(booked).all():
        keep(session, interview, now)
    session.execute(
        update(CalendarEvent)
        .where(CalendarEvent.state == "given_up", CalendarEvent.reason == NO_CALENDAR)
        .values(state="owed", due_at=now, reason="")
    )


def claim(session: Session, now: datetime, by: str, systems: Collection[str], *, limit: int = 10) -> list[Claimed]:
    """Up to `limit` events of these systems that are to be written or removed, now claimed by `by`.

    Two processes never claim the same one. What is over by now is let be.
    """
    claimed: list[Claimed] = []
    for event in _due(session, now, CalendarEvent.system.in_(systems), limit):
        kept = kept_for(session, event)
        if kept is None or times_of(kept)[1] <= now:
            event.state, event.reason = ("removed" if event.state == "to_remove" else "given_up"), "over"
            continue
        event.claimed_by, event.lease_until, event.attempts = by, now + LEASE, event.attempts + 1
        mailbox = session.get_one(Person, event.host_id).email
        doing = "remove" if event.state == "to_remove" else "change" if event.event_id else "put"
        times = times_of(kept)
        claimed.append(
            Claimed(event.id, event.key, event.attempts, doing, event.host_id, mailbox, event.system, event.event_id,
                    event.wanted, times)
        )  # fmt: skip
    return claimed


def written(session: Session, done: Claimed, placed: Placed, by: str, now: datetime) -> bool:
    """The event stands as it was claimed. True when the address to meet at is another than before.

    If it was changed here meanwhile, or another process has claimed it since, it is written once more.
    """
    event = session.get(CalendarEvent, done.row, with_for_update=True)
    if event is None or event.key != done.key:
        return False
    elsewhere = placed.join_url != event.join_url
    event.event_id, event.join_url, event.shown = placed.event_id, placed.join_url, done.wanted
    event.starts_at, event.ends_at = done.times
    if event.claimed_by != by:
        event.state = "owed" if event.state == "standing" else event.state
        event.due_at = now
        return elsewhere
    _let_go(event)
    event.attempts = 0
    if event.state == "owed" and event.wanted == done.wanted:
        event.state = "standing"
    return elsewhere


def removed(session: Session, row: int, key: str) -> None:
    """The event that `key` was for is in its calendar no more. What was handed over is owed to the next one."""
    event = session.get(CalendarEvent, row, with_for_update=True)
    if event is None or event.key != key:
        return
    if not _goes_on(session, event):
        event.state, event.join_url = "removed", ""
        _let_go(event)


def _goes_on(session: Session, event: CalendarEvent) -> bool:
    """Whether it is handed over and still to take place: then it is owed to the calendar of whoever has it now."""
    kept = kept_for(session, event)
    if event.reason != HANDED_OVER or kept is None or isinstance(kept, Interview) or not takes_place(kept):
        return False
    _begin_anew(session, event, kept)
    return True


def later(session: Session, row: int, by: str, at: datetime) -> None:
    """The calendar did not answer: try again at the UTC instant `at`."""
    event = _held(session, row, by)
    if event is not None:
        event.due_at = max(event.due_at, at)
        _let_go(event)


def refused(session: Session, done: Claimed, by: str, reason: str, now: datetime) -> None:
    """The calendar will not have it. The other's is tried if nothing can have been made in this one; else it is over.

    Whoever meets can still take the calendar file.
    """
    event = _held(session, done.row, by)
    if event is None or _goes_on(session, event):
        return
    _let_go(event)
    if done.doing == "put" and done.attempts == 1:
        if not insert_once(session, CalendarLook, person_id=done.host_id, failed_at=now, reason=reason, changes=""):
            look = session.get_one(CalendarLook, done.host_id)
            look.failed_at, look.reason = now, reason
        event.system, event.attempts, event.reason = "", 0, reason
    else:
        event.state, event.reason = "given_up", reason


def forget(session: Session, now: datetime) -> None:
    """What ended more than a week ago is left to the calendars that it stands in."""
    for of, column in NUMBERS.items():
        over = select(of.id).where(of.ends_at < now - OVER)
        session.execute(delete(CalendarEvent).where(column.in_(over)))


def _held(session: Session, row: int, by: str) -> CalendarEvent | None:
    """The event, while the claim of `by` on it still stands."""
    event = session.get(CalendarEvent, row, with_for_update=True)
    return event if event is not None and event.claimed_by == by else None


def _let_go(event: CalendarEvent) -> None:
    event.claimed_by, event.lease_until = "", None


def _due(session: Session, now: datetime, which: ColumnElement[bool], limit: int) -> Sequence[CalendarEvent]:
    due = (
        select(CalendarEvent)
        .where(
            CalendarEvent.state.in_(("owed", "to_remove")),
            CalendarEvent.due_at <= now,
            or_(CalendarEvent.lease_until.is_(None), CalendarEvent.lease_until < now),
            which,
        )
        .order_by(CalendarEvent.due_at, CalendarEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(due).all()
