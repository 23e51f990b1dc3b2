"""Team reviews: who takes part, what they answered, what the team makes of it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Review(Record):
    """A team asks itself the policy's questions. `secret` marks anonymous answers and is destroyed at closing.

    `current` is the team's id while the review is open: a team has one open review at most. `questions` is JSON, the
    questions as they were asked, in order; "" in reviews from before that was kept, which asked the policy's. One that
    is not `yearly` is asked in between and settles nothing that is owed for the year. `sense` is how far the team has
    come with what was said: "", marking, finding, done.

    At `settled_at` what came of it was fixed: how many of how many answered, and `came`, as sealed JSON by question,
    the ratings that may be shown and what is held back. Nothing that happens later changes them.
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
    questions: Mapped[str] = mapped_column(default="", server_default="")
    yearly: Mapped[bool] = mapped_column(default=True, server_default=true())
    sense: Mapped[str] = mapped_column(default="", server_default="")
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    answered: Mapped[int | None] = mapped_column(default=None)
    asked: Mapped[int | None] = mapped_column(default=None)
    came: Mapped[bytes | None] = mapped_column(Sealed, default=None)


class ReviewAnswer(Record):
    """One person's answers to one review, as sealed JSON by question: `{"rating": 1–5 or null, "words", "evidence"}`.

    In a named review `person_id` says whose and the words are sealed with their key. In an anonymous one there is no
    author, no time and no order: `id` is random, and `mark` is a hash of the secret that only its author's card holds.
    """

    __tablename__ = "review_answer"
    __table_args__ = (UniqueConstraint("review_id", "mark"),)
    # an INTEGER key on SQLite is the row's own number: any other kind would leave a hidden one that counts arrivals
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    mark: Mapped[str]
    answers: Mapped[bytes] = mapped_column(Sealed)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), default=None, index=True)


class ReviewTaken(Record):
    """Somebody has answered this anonymous review, whoever they are, and whatever they said: nothing links the two.

    `mark` is a keyed hash of the person's number under the review's secret. It is gone with the closing.
    """

    __tablename__ = "review_taken"
    __table_args__ = (UniqueConstraint("review_id", "mark"),)
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    mark: Mapped[str]


class ReviewDraft(Record):
    """What somebody has typed for a review, question by question, and not sent yet: theirs, under their own key.

    `answers` is as in `ReviewAnswer`. `asking` is the question that their next typed words answer, "" for none.
    """

    __tablename__ = "review_draft"
    __table_args__ = (UniqueConstraint("review_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    answers: Mapped[bytes] = mapped_column(Sealed)
    asking: Mapped[str] = mapped_column(default="")


class ReviewGuest(Record):
    """Somebody outside the team who was asked to take part in its review."""

    __tablename__ = "review_guest"
    __table_args__ = (UniqueConstraint("review_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class ReviewPoint(Record):
    """What one answer to one question of a closed review says, as the team has read it. `question` is its key.

    The number is random, and nothing says which points are of one hand: in an anonymous review `person_id` is empty and
    the words are the organisation's; in a named one they are sealed with their author's key. `marks` is how many people
    marked it as what matters, once the marking is over.
    """

    __tablename__ = "review_point"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), index=True)
    question: Mapped[str]
    words: Mapped[bytes] = mapped_column(Sealed)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), default=None, index=True)
    marks: Mapped[int] = mapped_column(default=0)


class PointMark(Record):
    """Somebody marked a point as what matters. Gone when the marking ends: only how many did is kept."""

    __tablename__ = "point_mark"
    __table_args__ = (UniqueConstraint("point_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), index=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("review_point.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)


class Finding(Record):
    """What the team found, in the words of whoever grouped its sources: points, or a question's ratings."""

    __tablename__ = "finding"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)  # the organisation's: everybody in the channel reads them
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)


class FindingSource(Record):
    """What a finding rests on: a point, or the ratings of a question (its key) where there is no point."""

    __tablename__ = "finding_source"
    __table_args__ = (UniqueConstraint("finding_id", "point_id", "question"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    finding_id: Mapped[int] = mapped_column(ForeignKey("finding.id", ondelete="CASCADE"))
    point_id: Mapped[int | None] = mapped_column(
        ForeignKey("review_point.id", ondelete="CASCADE"), default=None, index=True
    )
    question: Mapped[str] = mapped_column(default="")
