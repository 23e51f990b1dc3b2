"""What is known of calendars, closures and leave, and what we put into calendars."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record


class Away(Record):
    """A time at which somebody said that they are away, between two instants. Nobody needs to know why."""

    __tablename__ = "away"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    made_at: Mapped[datetime]


class CalendarLook(Record):
    """What is known of somebody's calendar: when it was wanted, seen, or could not be seen, and for how far ahead.

    `changes` is the calendar system's own mark for "what has changed since", `changes_at` when it was last asked.
    """

    __tablename__ = "calendar_look"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    wanted_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)
    seen_until: Mapped[datetime | None] = mapped_column(default=None)
    failed_at: Mapped[datetime | None] = mapped_column(default=None)
    reason: Mapped[str] = mapped_column(default="")
    changes: Mapped[str] = mapped_column(default="")
    changes_at: Mapped[datetime | None] = mapped_column(default=None)


class BusyTime(Record):
    """A stretch in which somebody's own calendar has them busy; only when, never with what. Forgotten within a day."""

    __tablename__ = "busy_time"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class CalendarEvent(Record):
    """An interview, a set's meeting or a seminar as it should stand, and as it stands, in the calendar of `host_id`.

    `wanted` is the sequence that the calendar should show, `shown` the one it shows; `starts_at` and `ends_at` are what
    was last written there, so that a change made by a person in their calendar is seen. A calendar that is down is
    tried again at `due_at`. States: owed, standing, to_remove, removed, given_up (`reason` says why).
    """

    __tablename__ = "calendar_event"
    __table_args__ = (Index("calendar_event_due", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    host_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    system: Mapped[str]  # outlook, google
    key: Mapped[str] = mapped_column(unique=True)
    due_at: Mapped[datetime]
    wanted: Mapped[int]
    interview_id: Mapped[int | None] = mapped_column(
        ForeignKey("interview.id", ondelete="CASCADE"), default=None, unique=True
    )
    meeting_id: Mapped[int | None] = mapped_column(
        ForeignKey("set_meeting.id", ondelete="CASCADE"), default=None, unique=True
    )
    seminar_id: Mapped[int | None] = mapped_column(
        ForeignKey("seminar.id", name="calendar_event_seminar", ondelete="CASCADE"), default=None, unique=True
    )
    shown: Mapped[int | None] = mapped_column(default=None)
    starts_at: Mapped[datetime | None] = mapped_column(default=None)
    ends_at: Mapped[datetime | None] = mapped_column(default=None)
    event_id: Mapped[str] = mapped_column(default="", index=True)
    join_url: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="owed")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    claimed_by: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class KnownClosure(Record):
    """Days on which the organisation is closed, as its term dates' calendar said when it was last fetched."""

    __tablename__ = "closure"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    source: Mapped[str] = mapped_column(index=True)
    first: Mapped[date]
    last: Mapped[date]
    name: Mapped[str]
