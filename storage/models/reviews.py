"""Team reviews and their answers."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Review(Record):
    """A team asks itself the policy's questions. `secret` marks anonymous answers and is destroyed at closing.

    `current` is the team's id while the review is open: a team has one open review at most.
    """

    __tablename__ = "review"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"), index=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    title: Mapped[str]
    anonymous: Mapped[bool]
    opened_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="open")  # open, closed, cancelled
    secret: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    current: Mapped[int | None] = mapped_column(unique=True, default=None)


class ReviewAnswer(Record):
    """One person's answers to one review, as sealed JSON `{question: {"rating": 1–5 or null, "words": str}}`.

    In a named review `person_id` says whose and the words are sealed with their key. In an anonymous one there is no
    author, no time and no order: `id` is random, and `mark` is a keyed hash that only the running bot can make again
    for the same person while the review is open.
    """

    __tablename__ = "review_answer"
    __table_args__ = (UniqueConstraint("review_id", "mark"),)
    # an INTEGER key on SQLite is the row's own number: any other kind would leave a hidden one that counts arrivals
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    mark: Mapped[str]
    answers: Mapped[bytes] = mapped_column(Sealed)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), default=None, index=True)
