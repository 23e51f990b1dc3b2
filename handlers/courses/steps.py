"""What the handlers of courses share: the course at hand, what is owed about it, and where they answer."""

from datetime import datetime

from sqlalchemy import select

from bot.chat import Event
from handlers.turn import Turn
from storage import outbox
from storage.models import Course, Owed


def course_of(turn: Turn, event: Event) -> Course:
    """The course this is about, nobody else's to change until this is done; whose it is was checked before."""
    course = held(turn, event.about)
    assert course is not None
    return course


def held(turn: Turn, course_id: int | None) -> Course | None:
    """The course as it is now, and as it stays while this is done: two answers typed at once are both kept."""
    if course_id is None:
        return None
    return turn.session.get(Course, course_id, with_for_update=True, populate_existing=True)


def ask_at(turn: Turn, course: Course, at: datetime) -> None:
    """Owe the prompt at `at` and at no other time."""
    outbox.cancel(turn.session, course.id, "courses.reflect")
    owe(turn, "courses.reflect", course, at, to=course.owner_id)


def owe(
    turn: Turn, notice: str, course: Course, at: datetime, *, to: int | None = None, place: int | None = None
) -> None:
    """Owe one more of a notice about this course that may come again."""
    owe_about(turn, notice, course.id, at, to=to, place=place)


def owe_about(
    turn: Turn, notice: str, about: int, at: datetime, *, to: int | None = None, place: int | None = None
) -> None:
    """Owe one more of a notice that may come again: what was sent or cancelled before does not stand in its way."""
    key = f"{notice}/{about}/"
    keys = turn.session.scalars(select(Owed.key).where(Owed.key.startswith(key, autoescape=True)))
    # by its key: a prompt that something else took the place of is no longer one of this notice
    last = max((int(known.removeprefix(key)) for known in keys), default=-1)
    outbox.owe(turn.session, notice, about=about, to=to, place=place, at=at, key=f"{key}{last + 1}")


def settled(turn: Turn, course: Course) -> None:
    """Nothing more is asked about this course."""
    outbox.cancel(turn.session, course.id, "courses.reflect")
    outbox.answered(turn.session, "courses.reflect", course.id, turn.person.id, turn.now)
