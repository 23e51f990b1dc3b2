"""Who may read what, who did, and who tried."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record


class Grant(Record):
    """An owner lets a named person read one item, for good or until an instant. Revoked, the next read is refused."""

    __tablename__ = "shared_with"
    __table_args__ = (UniqueConstraint("kind", "about", "reader_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]  # course, entry, target, standard
    about: Mapped[int]
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)
    until: Mapped[datetime | None] = mapped_column(default=None)


class Look(Record):
    """Somebody was shown another person's words. The owner can always see these."""

    __tablename__ = "look"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[str]
    about: Mapped[int]
    at: Mapped[datetime]


class RefusedAttempt(Record):
    """Somebody tried what was not theirs to do: the action and the record, never any words."""

    __tablename__ = "refused_attempt"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    action: Mapped[str]
    about: Mapped[int | None]
    at: Mapped[datetime]
