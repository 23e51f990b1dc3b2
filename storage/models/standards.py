"""Standards for posts, in versions; what counts as evidence for them, and how people see themselves against them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Post(Record):
    """A kind of post that people hold, and the standard that it is held against (its key; "" for none yet)."""

    __tablename__ = "post"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(unique=True)
    standard: Mapped[str] = mapped_column(default="")


class Standard(Record):
    """One version of a standard; the one imported last is in force. Evidence stays with the version it was for."""

    __tablename__ = "standard"
    __table_args__ = (UniqueConstraint("key", "version"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    key: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    imported_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default="")


class StandardItem(Record):
    """An area of a standard, or a statement in one. `code` is its own within the version; `position` its order."""

    __tablename__ = "standard_item"
    __table_args__ = (UniqueConstraint("standard_id", "code"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    standard_id: Mapped[int] = mapped_column(ForeignKey("standard.id", ondelete="CASCADE"))
    code: Mapped[str]
    words: Mapped[str]
    position: Mapped[int]
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("standard_item.id", ondelete="CASCADE"), default=None, index=True
    )
    gloss: Mapped[str] = mapped_column(default="")


class Evidence(Record):
    """Somebody counts a record of theirs as evidence for a statement. `kind` and `about` say which ("entry", 17)."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("owner_id", "item_id", "kind", "about"), Index("evidence_of", "kind", "about"))
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("standard_item.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]  # entry, course, time
    about: Mapped[int]
    made_at: Mapped[datetime]


class SelfReview(Record):
    """Somebody looks at themselves against one version of a standard; the latest one counts."""

    __tablename__ = "self_review"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    standard_id: Mapped[int] = mapped_column(ForeignKey("standard.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


class SelfRating(Record):
    """How somebody sees themselves in one statement.

    `answer` is sealed JSON `{"level": "strength" | "growing" | "need", "words": str}`.
    """

    __tablename__ = "self_rating"
    __table_args__ = (UniqueConstraint("review_id", "item_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("self_review.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("standard_item.id", ondelete="CASCADE"))
    answer: Mapped[bytes] = mapped_column(Sealed)
