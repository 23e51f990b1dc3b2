"""An answer that was typed in chat follows its message: edited there it changes here, deleted there it goes here."""

from bot import wording
from bot.chat import Button, Buttons, Event, Message, Nothing, Part, Reply, Say, small, text
from handlers.courses.form import answers_of
from handlers.courses.questions import question
from handlers.courses.shown import readers_of
from handlers.courses.steps import held
from handlers.courses.words import TooLong, title_of
from handlers.turn import Turn
from storage import learning, sharing
from storage.models import Course, Reflection, Source

KIND = "reflection"
LONGEST = 40_000  # characters: the longest message that a platform delivers


def follow_edit(turn: Turn, event: Event) -> Reply:
    """The message that an answer was typed in was changed: so is the answer, and its owner is told."""
    found = _followed(turn, event)
    words = event.text.strip()
    if found is None or not words:
        return Nothing()
    if len(words) > LONGEST:
        raise TooLong
    course, reflection, source = found
    setattr(reflection, source.part, turn.seal(words))
    return _told(turn, course, reflection, "I've changed it in what you wrote about **{title}**, too.")


def follow_delete(turn: Turn, event: Event) -> Reply:
    """The message that an answer was typed in was deleted: the answer goes too."""
    found = _followed(turn, event)
    if found is None:
        return Nothing()
    course, reflection, source = found
    setattr(reflection, source.part, turn.seal(""))
    turn.session.delete(source)
    said = _told(turn, course, reflection, "I've taken it out of what you wrote about **{title}**, too.")
    if not any(answers_of(turn, reflection).values()):
        turn.session.delete(reflection)
    return said


def _followed(turn: Turn, event: Event) -> tuple[Course, Reflection, Source] | None:
    place = event.place
    source = learning.source(turn.session, KIND, place.platform, place.conversation, place.message)
    if source is None or source.owner_id != turn.person.id:
        return None
    course = held(turn, learning.course_of_reflection(turn.session, source.about))
    reflection = learning.reflection_on(turn.session, course.id) if course is not None else None
    if course is None or reflection is None or reflection.owner_id != turn.person.id:
        return None
    return course, reflection, source


def _told(turn: Turn, course: Course, reflection: Reflection, sentence: str) -> Reply:
    reflection.written_at = turn.now
    turn.session.flush()
    sharing.followed(turn.session, "course", course.id, turn.now)
    parts: list[Part] = [text(sentence, title=title_of(turn, course))]
    if readers := wording.listed([person.name for person in readers_of(turn, course)]):
        parts.append(small("{readers} can read it and will see that.", readers=readers))
    if not reflection.asking:
        parts.append(Buttons((Button("Show it", "courses.open", course.id),)))
        return Say(Message("Changed here as well.", tuple(parts)), private=True)
    # what is typed next still answers the question that is open
    parts += question(course, reflection)
    return Say(Message("Changed here as well.", tuple(parts), about=course.id, awaits="courses.reflect"), private=True)
