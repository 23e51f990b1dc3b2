"""Learning interviews: what is arranged, the time promised to it, what is noted, meant and released."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


class Interview(Record):
    """A learning interview. `window` counts the policy's windows from 1 in the learning year that starts on `year`.

    `sequence` grows with every move, as in iCalendar; `version` with every change, so that a button can tell that it is
    out of date. `proposed_by_id` is whose suggestion waits for the other's yes: the present time while `proposed`, and
    `to_starts_at` when a booked interview may move; until that yes the booked time stands. `reason` is why
    `changed_by_id` cancelled it, sealed with their key.
    """

    __tablename__ = "interview"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    learner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    year: Mapped[date]
    window: Mapped[int]
    state: Mapped[str]  # proposed, booked, cancelled, met, missed
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    proposed_by_id: Mapped[int]
    uid: Mapped[str] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    to_starts_at: Mapped[datetime | None] = mapped_column(default=None)
    to_ends_at: Mapped[datetime | None] = mapped_column(default=None)
    changed_by_id: Mapped[int | None] = mapped_column(default=None)
    reason: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    learner_met: Mapped[bool | None] = mapped_column(default=None)
    partner_met: Mapped[bool | None] = mapped_column(default=None)


class Held(Record):
    """A quarter of an hour that a person has promised to an interview, to a learning set's meeting or to a seminar.

    Nobody can promise the same one twice.
    """

    __tablename__ = "held"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    quarter: Mapped[datetime] = mapped_column(primary_key=True)
    interview_id: Mapped[int | None] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(
        ForeignKey("set_meeting.id", ondelete="CASCADE"), default=None, index=True
    )
    seminar_id: Mapped[int | None] = mapped_column(
        ForeignKey("seminar.id", name="held_seminar", ondelete="CASCADE"), default=None, index=True
    )


class InterviewNote(Record):
    """A note on an interview, sealed with its author's key: one per person, in two halves.

    Both see `words`, which the other can agree with (`agreed_at`, void once they change); `private` is the author's.
    """

    __tablename__ = "interview_note"
    __table_args__ = (UniqueConstraint("interview_id", "author_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    written_at: Mapped[datetime]
    private: Mapped[bytes | None] = mapped_column(Sealed, default=None)
    agreed_at: Mapped[datetime | None] = mapped_column(default=None)


class NextStep(Record):
    """What somebody means to do after an interview, in their own words; both see it, its owner is reminded of it.

    Once it is a `target` of its owner's plan it is reminded of as that; the other sees it as before.
    """

    __tablename__ = "next_step"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    due_on: Mapped[date | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default="open")  # open, done, dropped, target


class Brief(Record):
    """What a learner lets their partner read before an interview, and nothing else: chosen, previewed, then released.

    `words` is sealed JSON `{"words": str, "targets": [target ids], "entries": [entry ids], "courses": [course ids],
    "steps": [step ids]}`; one that was chosen before targets could be has none.
    """

    __tablename__ = "brief"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"), unique=True)
    learner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="draft")  # draft, released, withdrawn
    released_at: Mapped[datetime | None] = mapped_column(default=None)
