"""Who: teams, people, the accounts and places they are reached in, and their learning partners."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Record
from storage.sealed import Sealed


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
    is their wrapped data key, destroyed when they are erased. `hours` are theirs where they differ from the policy's
    ("08:30-16:30", or "mon 09:00-13:00, fri 09:00-12:00"), `lunch` is kept free ("12:30-13:00"), `calendar` is where
    their appointments are (outlook, google, none; "" is the organisation's). `subscribed` counts the addresses they
    had for subscribing to their interviews: 0 for none, and only the last one opens. `post_id` is the post they hold.
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
    hours: Mapped[str] = mapped_column(default="", server_default="")
    lunch: Mapped[str] = mapped_column(default="", server_default="")
    calendar: Mapped[str] = mapped_column(default="", server_default="")
    subscribed: Mapped[int] = mapped_column(default=0, server_default="0")
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", name="person_post"), default=None)


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
