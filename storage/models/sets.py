"""Learning sets: people who hold their learning interviews as a group."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class LearningSet(Record):
    """Up to six people who hold learning interviews as a group, with somebody who facilitates."""

    __tablename__ = "learning_set"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str]
    facilitator_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class SetMember(Record):
    """Somebody was asked to be in a learning set. `state` is asked, accepted, declined or left."""

    __tablename__ = "set_member"
    __table_args__ = (UniqueConstraint("set_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="asked")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)


class SetMeeting(Record):
    """A learning set's interview as a group. `sequence`, `version` and `reason` are as in `Interview`."""

    __tablename__ = "set_meeting"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    set_id: Mapped[int] = mapped_column(ForeignKey("learning_set.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]  # booked, cancelled, held, lapsed
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    uid: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    changed_by_id: Mapped[int | None] = mapped_column(default=None)
    reason: Mapped[bytes | None] = mapped_column(Sealed, default=None)


class Attendance(Record):
    """A member's seat at a set's meeting: whether they mean to come, whether they were there.

    For whoever was there it counts as the interview of `window` in the learning year that starts on `year`.
    """

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("set_meeting.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    year: Mapped[date]
    window: Mapped[int]
    coming: Mapped[bool | None] = mapped_column(default=None)
    was_there: Mapped[bool | None] = mapped_column(default=None)
