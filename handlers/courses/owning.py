"""A course as somebody's own: what another sees of it when they are let in, and how it is forgotten."""

from bot import wording
from bot.chat import Part, text
from handlers.courses import questions, words
from handlers.registry import Belonging
from handlers.turn import Turn
from storage import briefs, learning, outbox
from storage.models import Course

OWED = ("courses.reflect", "courses.card", "courses.accounted", "courses.team", "courses.rate", "courses.meeting")


def _title(turn: Turn, about: int) -> str:
    return f"what came of {wording.shortened(words.title_of(turn, turn.session.get_one(Course, about)), 60)}"


def _shown(turn: Turn, about: int) -> tuple[Part, ...]:
    """The course and what was written about it: what its owner accounts for, and nothing else."""
    course = turn.session.get_one(Course, about)
    reflection = learning.reflection_on(turn.session, course.id)
    which = text("**{title}** ({days})", title=words.title_of(turn, course), days=words.days_of(course))
    return (which, *(questions.written(turn, reflection) if reflection is not None else ()))


def _forget(turn: Turn, about: int) -> None:
    """The course and all that was written about it goes, from the team's channel too."""
    course = turn.session.get_one(Course, about)
    reflection = learning.reflection_on(turn.session, course.id)
    if reflection is not None:
        learning.forget_sources(turn.session, "reflection", reflection.id)
    outbox.cancel(turn.session, course.id, *OWED)
    outbox.refresh(turn.session, "courses.team", course.id, turn.now)
    turn.session.delete(course)
    turn.session.flush()
    briefs.follow(turn.session, turn.person.id, turn.now)


COURSE = Belonging("what came of a course", _title, _shown, "courses.card", "courses.open", _forget)
