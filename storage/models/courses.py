"""Courses and every other learning activity, and the chain that follows one: reflection, account, sharing, impact."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Course(Record):
    """A course, conference, visit or other activity that somebody learns by. `days` counts as learning time.

    `kind` and `need` are the policy's keys for kinds of activity and sources of need, `training` that of a mandatory
    training; `kind_words` is a kind of its owner's own. `cost` is in pence; `worth` is value for money, 1 to 5, and
    `rated` how far asking about it has come, put off to `rate_on`. `meeting_on` is when its owner speaks of it to
    others, `document` where they wrote it up.
    """

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
    shared: Mapped[str] = mapped_column(default="")  # "", team, meeting, document, no
    team_words: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # what the team may read, as approved
    nothing_to_add: Mapped[bool] = mapped_column(default=False)  # its owner need not be asked
    kind: Mapped[str] = mapped_column(default="", server_default="")
    need: Mapped[str] = mapped_column(default="", server_default="")
    booking: Mapped[str] = mapped_column(default="", server_default="")  # "", asked, booked
    off_the_job: Mapped[bool] = mapped_column(default=True, server_default=true())
    kind_words: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    provider: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    accredited: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # with what, in its owner's words
    feedback: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # on the provision
    cost: Mapped[int | None] = mapped_column(default=None)
    worth: Mapped[int | None] = mapped_column(default=None)
    rated: Mapped[str] = mapped_column(default="", server_default="")  # "", asked, given, declined
    rate_on: Mapped[date | None] = mapped_column(default=None)
    meeting_on: Mapped[date | None] = mapped_column(default=None)
    document: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    training: Mapped[str] = mapped_column(default="", server_default="")
    target_id: Mapped[int | None] = mapped_column(
        ForeignKey("target.id", name="course_target", ondelete="SET NULL"), default=None, index=True
    )


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


class Impact(Record):
    """What changed after a course, asked after a shorter and after a longer time (`term` is short or long).

    `answers` is sealed JSON `{criterion: {"rating": 1–5 or null, "words": str}}` by those of the policy's criteria by
    which something changed; nobody is asked for a rating, but what came in with a portfolio may have one. What was said
    of all of them together has the criterion "". `ask_on` is the day that it was put off to.
    """

    __tablename__ = "impact"
    __table_args__ = (UniqueConstraint("course_id", "term"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    term: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")  # waiting, asked, written, declined
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    ask_on: Mapped[date | None] = mapped_column(default=None)
    written_at: Mapped[datetime | None] = mapped_column(default=None)
    answers: Mapped[bytes | None] = mapped_column(Sealed, default=None)


class TrainingDone(Record):
    """A mandatory training that somebody did, and until when it is valid; `training` is the policy's key for it.

    `remind_on` is the day that its reminder was put off to; `quiet` says that there shall be none.
    """

    __tablename__ = "training_done"
    __table_args__ = (UniqueConstraint("owner_id", "training", "done_on"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    training: Mapped[str]
    done_on: Mapped[date]
    made_at: Mapped[datetime]
    valid_until: Mapped[date | None] = mapped_column(default=None)
    remind_on: Mapped[date | None] = mapped_column(default=None)
    quiet: Mapped[bool] = mapped_column(default=False)
    course_id: Mapped[int | None] = mapped_column(ForeignKey("course.id", ondelete="SET NULL"), default=None)
