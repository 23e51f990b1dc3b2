"""Who had an interview for which window; and who has had none although its window has closed, or is about to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from bot.policy import Policy
from storage import interviews
from storage.models import Attendance, Interview, Owed, Person, SetMeeting

HAD_TIME = timedelta(days=7)  # whoever joined later than that before a window closed is not late


@dataclass(frozen=True)
class Window:
    """One of the windows of the learning year that starts on `year`: its days, both included; the next opens on `next`.

    After the last window that is the first day of the next year.
    """

    year: date
    number: int
    opens: date
    closes: date
    next: date


def windows(policy: Policy, year: date) -> list[Window]:
    """The windows of that learning year, in order."""
    days = policy.windows(year)
    following = [*(opens for opens, _ in days[1:]), policy.year_of(year + timedelta(days=380))]
    return [
        Window(year, number, opens, closes, after)
        for number, ((opens, closes), after) in enumerate(zip(days, following, strict=True), 1)
    ]


def windows_held(session: Session, year: date, last: date) -> Mapping[int, frozenset[int]]:
    """The windows of the year for which each learner had an interview until `last`, alone or as a group."""
    until = datetime.combine(last + timedelta(days=1), time(), UTC)
    held: dict[int, set[int]] = defaultdict(set)
    alone = select(Interview.learner_id, Interview.window).where(
        Interview.year == year, Interview.state == "met", Interview.starts_at <= until
    )
    as_a_group = (
        select(Attendance.person_id, Attendance.window)
        .join(SetMeeting, SetMeeting.id == Attendance.meeting_id)
        .where(
            Attendance.year == year,
            Attendance.was_there.is_(True),
            SetMeeting.state == "held",
            SetMeeting.starts_at <= until,
        )
    )
    for query in (alone, as_a_group):
        for person, window in session.execute(query):
            held[person].add(window)
    return {person: frozenset(windows) for person, windows in held.items()}


def without_interview(session: Session, window: Window, zone: ZoneInfo, *, only: int | None = None) -> Sequence[Person]:
    """People who had time to meet in that window and have nothing held, booked or suggested for it, by name.

    They have joined, and were here for a week before it closed. One that lies between this window and the next is
    enough, whichever of the year's interviews it counts for. `zone` is the organisation's. With `only`, that person.
    """
    here_by = window.closes - HAD_TIME
    arranged = select(Interview.learner_id).where(
        Interview.state.not_in(("cancelled", "missed")),
        or_(
            and_(Interview.year == window.year, Interview.window == window.number),
            Interview.starts_at.between(_midnight(window.opens, zone), _midnight(window.next, zone)),
        ),
    )
    found = session.scalars(
        select(Person)
        .where(
            Person.left_at.is_(None),
            Person.joined_at < _midnight(here_by + timedelta(days=1), zone),
            or_(Person.starts_on.is_(None), Person.starts_on <= here_by),
            Person.id.not_in(arranged),
            true() if only is None else Person.id == only,
        )
        .order_by(Person.name, Person.id)
    ).all()
    # it may have been counted in another way than by an interview
    taken = {person.id: interviews.windows_taken(session, person.id, window.year) for person in found}
    return [person for person in found if window.number not in taken[person.id]]


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone)


def reminded_since(session: Session, window: Window, person_id: int, since: datetime) -> bool:
    """Whether this person was told since then that the interview is due, or asked to be told later."""
    nudge = interviews.nudge_key(window.year, window.number, person_id)
    told = select(Owed.id).where(
        or_(Owed.key == nudge, Owed.key.startswith(f"{nudge}/", autoescape=True)),
        Owed.state.in_(("due", "sending", "sent", "uncertain", "parked")),
        Owed.due_at >= since,
    )
    return session.scalar(told.limit(1)) is not None
