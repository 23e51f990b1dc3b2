"""The learning diary: entries, what they refer to, where they came from, how its owner likes to be asked."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Entry(Record):
    """A line of the learning diary. The source is the chat message it was kept from, so that edits there follow.

    `words` are always the owner's. `quoted` is sealed JSON `{"by": str, "words": str, "link": str}`: what somebody else
    said that the entry is about, never without who said it. `question` is the bot's question that the entry answers.
    """

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
    quoted: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    question: Mapped[str] = mapped_column(default="", server_default="")


class Attachment(Record):
    """A file or picture that an entry refers to, by its address on the platform: opened there, by whoever may.

    `type` is its media type. `kind` and `about` say which record refers to it ("entry", 17). The message that an entry
    was kept from is one more such address, of the type `message`.
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("attachment_of", "kind", "about"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    about: Mapped[int]
    name: Mapped[bytes] = mapped_column(Sealed)
    address: Mapped[bytes] = mapped_column(Sealed)
    type: Mapped[str] = mapped_column(default="")


class DiaryHabit(Record):
    """How somebody chose to be reminded of their diary. `every_weeks` 0 is never; `weekday` 0 is Monday.

    `asked` counts the questions asked, so that each is a different one; `today_i` keeps messages that begin "today I".
    """

    __tablename__ = "diary_habit"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    every_weeks: Mapped[int] = mapped_column(default=0)
    weekday: Mapped[int] = mapped_column(default=4)
    today_i: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=0)
    last_asked_on: Mapped[date | None] = mapped_column(default=None)


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
    """Words that were typed and not yet given a home, set aside so that they are not lost; cleared after a week.

    `quoted` is what somebody else said, as an entry has it, while its reader writes a note on it: cleared after a day
    when there are no words of their own.
    """

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    message: Mapped[str] = mapped_column(default="")
    quoted: Mapped[bytes | None] = mapped_column(Sealed, default=None)
