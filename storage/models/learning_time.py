"""Time spent learning, logged by the person; and the log in which they look back on a period."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class LearningTime(Record):
    """A stretch of learning that was no course, on a local day. `words` say what it was."""

    __tablename__ = "learning_time"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    on_day: Mapped[date]
    minutes: Mapped[int]
    made_at: Mapped[datetime]
    off_the_job: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[str] = mapped_column(default="")  # the policy's key for a kind of activity


class PeriodLog(Record):
    """The log of one period of the policy's (two months, say), both days included.

    `answers` is sealed JSON by question. What the period holds is looked up when it is shown; only what its owner
    writes about it is kept here.
    """

    __tablename__ = "period_log"
    __table_args__ = (UniqueConstraint("owner_id", "first"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    first: Mapped[date]
    last: Mapped[date]
    state: Mapped[str] = mapped_column(default="asked")  # asked, written, declined
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    written_at: Mapped[datetime | None] = mapped_column(default=None)
    answers: Mapped[bytes | None] = mapped_column(Sealed, default=None)
