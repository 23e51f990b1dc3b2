"""What the engine remembers: events handled, messages owed, when its parts last worked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class HandledEvent(Record):
    """An event that had its effect. Inserted with the effect; the same key never has another."""

    __tablename__ = "handled_event"
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Owed(Record):
    """One message owed, or one posted message to be changed in place (`changes` is then the row that posted it).

    `body` holds a reply already worded, sealed, until it is sent; a row without it is built by `notice` when it goes.
    States: due, sending, sent, uncertain, parked, closed.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_due", "state", "due_at"),
        Index("outbox_card", "notice", "about"),
        Index("outbox_posted", "platform", "conversation", "message"),
        # few rows change another: the rest need not be in it
        Index("outbox_changes", "changes", sqlite_where=text("changes IS NOT NULL"),
              postgresql_where=text("changes IS NOT NULL")),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    key: Mapped[str] = mapped_column(unique=True)
    notice: Mapped[str]
    about: Mapped[int | None]
    due_at: Mapped[datetime]
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), default=None, index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), default=None)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), default=None)
    thread: Mapped[str] = mapped_column(default="")
    private: Mapped[bool] = mapped_column(default=False)
    changes: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), default=None)
    body: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    state: Mapped[str] = mapped_column(default="due")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    claimed_by: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    awaits: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    platform: Mapped[str] = mapped_column(default="")
    conversation: Mapped[str] = mapped_column(default="")
    message: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class Beat(Record):
    """When a part of the bot last did its work."""

    __tablename__ = "beat"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
