"""A person's learning: courses, reflections, diary entries, and words set aside."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Course(Record):
    """A course, conference or other event that somebody goes to. `days` counts off-the-job learning time."""

    __tablename__ = "course"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    title: Mapped[bytes] = mapped_column(Sealed)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    made_at: Mapped[datetime]
    days: Mapped[float] = mapped_column(default=1.0)
    state: Mapped[str] = mapped_column(default="planned")  # planned, attended, cancelled
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    shared: Mapped[str] = mapped_column(default="")  # "", team, no
    team_words: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # what the team may read, as approved
    nothing_to_add: Mapped[bool] = mapped_column(default=False)  # its owner need not be asked


class Reflection(Record):
    """What? So what? What next? One for each course, changed as often as its owner likes.

    `asking` is the question that a typed answer goes to; "" once all have been answered or skipped.
    """

    __tablename__ = "reflection"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"), unique=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    what: Mapped[bytes] = mapped_column(Sealed)
    so_what: Mapped[bytes] = mapped_column(Sealed)
    what_next: Mapped[bytes] = mapped_column(Sealed)
    written_at: Mapped[datetime]
    asking: Mapped[str] = mapped_column(default="what")


class Entry(Record):
    """A line of the learning diary. The source is the chat message it was kept from, so that edits there follow."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("platform", "conversation", "message"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    tags: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    platform: Mapped[str | None] = mapped_column(default=None)
    conversation: Mapped[str | None] = mapped_column(default=None)
    message: Mapped[str | None] = mapped_column(default=None)


class Source(Record):
    """The chat message that words of somebody's were kept from, so that edits and deletions there follow.

    `kind` and `about` say which record holds them and `part` which part of it ("reflection", 17, "so_what").
    """

    __tablename__ = "source"
    __table_args__ = (UniqueConstraint("platform", "conversation", "message"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    about: Mapped[int]
    platform: Mapped[str]
    conversation: Mapped[str]
    message: Mapped[str]
    part: Mapped[str] = mapped_column(default="")


class Draft(Record):
    """Words that were typed and not yet given a home, set aside so that they are not lost; cleared after a week."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    message: Mapped[str] = mapped_column(default="")
