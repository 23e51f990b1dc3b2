"""The learning plan: targets with their history, and its yearly review. Kept apart from anybody's work programme."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Target(Record):
    """What somebody means to learn or change, in the plan of the learning year that starts on `year`.

    Proposed by its owner; `other_id` is who was asked to agree, and `comment` what they said, sealed with *their* key.
    `version` counts revisions (each earlier one is a `TargetVersion`); `shown_version` is the one that the other was
    asked about, the only one they can read, and `agreed_version` the one they agreed to. `evaluation` is sealed JSON
    `{"came": str, "rating": 0–5, "why": str}`: what came of it, and how effective the development was (0: not said).
    `step_id` is the next step that it grew from.
    """

    __tablename__ = "target"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    year: Mapped[date]
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    strategy: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    criteria: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # how its owner will know
    link: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # to the team's or organisation's plan
    kind: Mapped[str] = mapped_column(default="")  # self, others, organisation
    due_on: Mapped[date | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default="open")  # open, met, partly, dropped
    agreement: Mapped[str] = mapped_column(default="")  # "", asked, agreed, not_agreed
    other_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None, index=True)
    shown_version: Mapped[int | None] = mapped_column(default=None)
    agreed_version: Mapped[int | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    comment: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    version: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    evaluated_at: Mapped[datetime | None] = mapped_column(default=None)
    evaluation: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    step_id: Mapped[int | None] = mapped_column(ForeignKey("next_step.id", ondelete="SET NULL"), default=None)


class TargetVersion(Record):
    """A target as it was before a revision, since `made_at`: sealed JSON of its words by field, its date, its kind."""

    __tablename__ = "target_version"
    __table_args__ = (UniqueConstraint("target_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    was: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]


class PlanReview(Record):
    """The yearly look at a learning plan, one for a person and learning year.

    It is `asked` from when it is owed. `answers` is sealed JSON
    `{"learned": str, "next": str, "targets": [{"id": target id, "result": "met" | "partly" | "dropped" | "on"}]}`.
    """

    __tablename__ = "plan_review"
    __table_args__ = (UniqueConstraint("owner_id", "year"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    year: Mapped[date]
    state: Mapped[str] = mapped_column(default="asked")  # asked, written, declined
    asked_at: Mapped[datetime | None] = mapped_column(default=None)
    written_at: Mapped[datetime | None] = mapped_column(default=None)
    answers: Mapped[bytes | None] = mapped_column(Sealed, default=None)
