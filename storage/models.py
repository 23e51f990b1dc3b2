"""Every table. The records are the domain's dataclasses; columns of `Sealed` hold a person's words under their key."""

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed

# ------------------------------------------------------------------------------------------------------------ people


class Team(Record):
    """A team: it learns together, reviews itself together, and has one lead."""

    __tablename__ = "team"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(unique=True)
    lead_id: Mapped[int | None] = mapped_column(
        ForeignKey("person.id", name="team_lead", use_alter=True, ondelete="SET NULL"), default=None
    )


class Person(Record):
    """Somebody on the roster.

    `role` is member, coordinator, privacy_officer or operator; `working_days` are ISO weekday digits ("12345"); `key`
    is their wrapped data key, destroyed when they are erased.
    """

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)
    key: Mapped[bytes | None] = mapped_column(Sealed)
    role: Mapped[str] = mapped_column(default="member")
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), default=None, index=True)
    manager_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"), default=None)
    zone: Mapped[str] = mapped_column(default="Europe/London")
    working_days: Mapped[str] = mapped_column(default="12345")
    starts_on: Mapped[date | None] = mapped_column(default=None)
    leaves_on: Mapped[date | None] = mapped_column(default=None)
    left_at: Mapped[datetime | None] = mapped_column(default=None)
    joined_at: Mapped[datetime | None] = mapped_column(default=None)
    paused_until: Mapped[date | None] = mapped_column(default=None)
    prefers: Mapped[str] = mapped_column(default="")
    told_purpose_at: Mapped[datetime | None] = mapped_column(default=None)


class KnownAccount(Record):
    """A person's account on a platform. A person may have several; `place_id` is their direct chat with the bot."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("platform", "tenant", "user"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    platform: Mapped[str]
    tenant: Mapped[str]
    user: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), default=None)
    unreachable: Mapped[str] = mapped_column(default="")


class KnownPlace(Record):
    """A conversation the bot has been in: where a message can be sent to later."""

    __tablename__ = "place"
    __table_args__ = (UniqueConstraint("platform", "tenant", "conversation"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    platform: Mapped[str]
    tenant: Mapped[str]
    conversation: Mapped[str]
    direct: Mapped[bool]
    service_url: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    unreachable: Mapped[str] = mapped_column(default="")


class Partnership(Record):
    """A learner asked somebody to be their learning partner.

    A learner has one accepted partner at most, and beside that one request at most that waits for its answer.
    """

    __tablename__ = "partnership"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    learner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="asked")  # asked, accepted, declined, ended
    current: Mapped[int | None] = mapped_column(unique=True, default=None)  # learner_id while accepted
    asking: Mapped[int | None] = mapped_column(unique=True, default=None)  # learner_id while asked
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    nominated: Mapped[bool] = mapped_column(default=False)  # by the organisation, in its roster


# -------------------------------------------------------------------------------------------------------- interviews


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
    """A quarter of an hour that a person has promised to an interview: nobody can promise the same one twice."""

    __tablename__ = "held"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    quarter: Mapped[datetime] = mapped_column(primary_key=True)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"), index=True)


class InterviewNote(Record):
    """A short note on an interview that both see; one per person, sealed with its author's key."""

    __tablename__ = "interview_note"
    __table_args__ = (UniqueConstraint("interview_id", "author_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    interview_id: Mapped[int] = mapped_column(ForeignKey("interview.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    written_at: Mapped[datetime]


# ---------------------------------------------------------------------------------------------------------- learning


class Course(Record):
    """A course, conference or other event that somebody goes to. `days` counts off-the-job learning time."""

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
    shared: Mapped[str] = mapped_column(default="")  # "", team, no
    team_words: Mapped[bytes | None] = mapped_column(Sealed, default=None)  # what the team may read, as approved
    nothing_to_add: Mapped[bool] = mapped_column(default=False)  # its owner need not be asked


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


class Entry(Record):
    """A line of the learning diary. The source is the chat message it was kept from, so that edits there follow."""

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


class Draft(Record):
    """Words that were typed and not yet given a home, set aside so that they are not lost; cleared after a week."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    words: Mapped[bytes] = mapped_column(Sealed)
    made_at: Mapped[datetime]
    message: Mapped[str] = mapped_column(default="")


# ----------------------------------------------------------------------------------------------------------- reviews


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


# ----------------------------------------------------------------------------------------------- who may read, who did


class Grant(Record):
    """An owner lets a named person read one item. Revoked, the next read is refused."""

    __tablename__ = "shared_with"
    __table_args__ = (UniqueConstraint("kind", "about", "reader_id"),)
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reader_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]  # course, interview
    about: Mapped[int]
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None] = mapped_column(default=None)


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


# -------------------------------------------------------------------------------------------------------- the engine


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
    )
    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    key: Mapped[str] = mapped_column(unique=True)
    notice: Mapped[str]
    about: Mapped[int | None]
    due_at: Mapped[datetime]
    to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), default=None, index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), default=None, index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), default=None)
    thread: Mapped[str] = mapped_column(default="")
    private: Mapped[bool] = mapped_column(default=False)
    changes: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="CASCADE"), default=None, index=True)
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
