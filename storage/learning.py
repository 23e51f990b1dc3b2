"""Questions about what people learned: diary entries, courses, reflections, and who was let in on them."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, delete, select, true
from sqlalchemy.orm import Session

from bot.chat import Event
from storage.database import insert_once
from storage.models import Course, Entry, KnownPlace, Look, Owed, Person, Reflection, Review, Source


def entries(session: Session, owner_id: int) -> Sequence[Entry]:
    """A person's diary, latest first."""
    return session.scalars(
        select(Entry).where(Entry.owner_id == owner_id).order_by(Entry.made_at.desc(), Entry.id.desc())
    ).all()


def entry_from(session: Session, platform: str, conversation: str, message: str) -> Entry | None:
    """The entry that was kept from this chat message."""
    return session.scalar(_ENTRY_FROM, {"on": platform, "where": conversation, "source": message})


# Asked of everything that is kept: made once, since making a statement costs more than running it.
_ENTRY_FROM = select(Entry).where(
    Entry.platform == bindparam("on"),
    Entry.conversation == bindparam("where"),
    Entry.message == bindparam("source"),
)


def source(session: Session, kind: str, platform: str, conversation: str, message: str) -> Source | None:
    """What was kept from this chat message in a record of this kind."""
    return session.scalar(
        select(Source).where(
            Source.kind == kind,
            Source.platform == platform,
            Source.conversation == conversation,
            Source.message == message,
        )
    )


def note_source(session: Session, event: Event, kind: str, about: int, part: str, owner_id: int) -> None:
    """Remember which chat message this part of a record was typed in; what was filled in comes from none."""
    place = event.place
    if event.kind == "say" and place.message:
        insert_once(
            session, Source, owner_id=owner_id, kind=kind, about=about, part=part, platform=place.platform,
            conversation=place.conversation, message=place.message,
        )  # fmt: skip


def forget_sources(session: Session, kind: str, about: int, part: str | None = None) -> None:
    """The words of this record, or of this part of it, follow no message any more."""
    which = (Source.kind == kind, Source.about == about)
    session.execute(delete(Source).where(*which, true() if part is None else Source.part == part))


def course_of_reflection(session: Session, reflection_id: int) -> int | None:
    """The course that was reflected on, without reading what was written."""
    return session.scalar(select(Reflection.course_id).where(Reflection.id == reflection_id))


def courses(session: Session, owner_id: int) -> Sequence[Course]:
    """A person's courses that were not cancelled, latest first."""
    return session.scalars(
        select(Course)
        .where(Course.owner_id == owner_id, Course.state != "cancelled")
        .order_by(Course.ends_on.desc(), Course.id.desc())
    ).all()


def coming_courses(session: Session, owner_id: int, today: date) -> Sequence[Course]:
    """A person's courses that are still to come or on, what comes first first."""
    return session.scalars(
        select(Course)
        .where(Course.owner_id == owner_id, Course.state == "planned", Course.ends_on >= today)
        .order_by(Course.starts_on, Course.id)
    ).all()


def reflection_on(session: Session, course_id: int) -> Reflection | None:
    """What was written about this course."""
    return session.scalar(select(Reflection).where(Reflection.course_id == course_id))


def to_ask_about(session: Session, notice: str, first: date, last: date) -> Sequence[Course]:
    """Courses that ended from `first` to `last` whose owner was not asked, though nothing is owed to them any more.

    A pause without an end, a restored backup, a prompt that could not be built: this is how they are found again.
    """
    owed = select(Owed.id).where(
        Owed.notice == notice, Owed.about == Course.id, Owed.state.in_(("due", "sending", "uncertain", "parked"))
    )
    return session.scalars(
        select(Course)
        .join(Person, Person.id == Course.owner_id)
        .where(
            Person.left_at.is_(None),
            Course.state != "cancelled",
            Course.asked_at.is_(None),
            Course.nothing_to_add.is_(False),
            Course.ends_on >= first,
            Course.ends_on <= last,
            ~owed.exists(),
        )
        .order_by(Course.id)
    ).all()


def team_place(session: Session, team_id: int | None) -> KnownPlace | None:
    """The channel that this team is known to use: where its latest review was posted."""
    if team_id is None:
        return None
    return session.scalar(
        select(KnownPlace)
        .join(Review, Review.place_id == KnownPlace.id)
        .where(Review.team_id == team_id, KnownPlace.direct.is_(False), KnownPlace.unreachable == "")
        .order_by(Review.opened_at.desc(), Review.id.desc())
        .limit(1)
    )


def looks_at(session: Session, owner_id: int, since: datetime) -> Sequence[Look]:
    """Who was shown this person's words since then, latest first."""
    return session.scalars(
        select(Look).where(Look.owner_id == owner_id, Look.at >= since).order_by(Look.at.desc())
    ).all()
