"""The forms of courses: a course, what came of it, and what the team may read."""

from dataclasses import replace

from bot import wording
from bot.chat import Field, Form, Option, Quote, Text, text
from handlers.turn import Turn
from storage.models import Course, Reflection

_LENGTHS = ((0.5, "Half a day"), (1.0, "1 day"), (1.5, "1½ days"), (2.0, "2 days"), (3.0, "3 days"), (4.0, "4 days"),
            (5.0, "5 days"))  # fmt: skip
_COURSE = (
    Field("title", "What is it called?", hint="A course, a conference, a visit: Safeguarding level 2"),
    Field("first", "First day", "date"),
    Field("last", "Last day", "date", hint="Leave this empty when it is a single day", required=False),
    Field(
        "days",
        "How long is it?",
        "choice",
        hint="It counts towards the off-the-job learning that is owed to you. Empty: every working day of it",
        options=tuple(Option(label, f"{days:g}") for days, label in _LENGTHS),
        required=False,
    ),
)
PLAN = Form("courses.planned", "Add a course", _COURSE)
CHANGE = Form("courses.changed", "Change the course", _COURSE)
REFLECT = Form(
    "courses.written",
    "What you made of it",
    (
        Field("what", "What?", "paragraph", "What happened? What did you see, hear or do?", required=False),
        Field("so_what", "So what?", "paragraph", "What does it mean for you and your work?", required=False),
        Field("what_next", "What next?", "paragraph", "What will you do with it, and by when?", required=False),
    ),
)
TEAM = Form(
    "courses.worded",
    "For my team",
    (Field("words", "What your team will read", "paragraph", "A few sentences. You see it once more before it goes"),),
    submit="Show me first",
)


def plan_form(title: str, first: str = "") -> Form:
    """The empty form, with what is known already."""
    return PLAN.filled({"title": wording.shortened(title, 500), "first": first})


def change_form(turn: Turn, course: Course) -> Form:
    """The course as it is, to be changed."""
    length = f"{course.days:g}"
    return replace(CHANGE, about=course.id).filled(
        {
            "title": turn.read(course.owner_id, course.title, "course", course.id),
            "first": course.starts_on.isoformat(),
            "last": course.ends_on.isoformat() if course.ends_on != course.starts_on else "",
            "days": length if any(length == f"{days:g}" for days, _ in _LENGTHS) else "",
        }
    )


def reflection_form(turn: Turn, course: Course, reflection: Reflection | None, readers: str) -> Form:
    """The three questions, with what was written so far; `readers` names who sees the change."""
    intro: list[Text | Quote] = [text("{title}", title=turn.read(course.owner_id, course.title, "course", course.id))]
    if readers:
        intro.append(text("{readers} can read this, and will see what you change.", readers=readers))
    form = replace(REFLECT, about=course.id, intro=tuple(intro))
    return form if reflection is None else form.filled(answers_of(turn, reflection))


def answers_of(turn: Turn, reflection: Reflection) -> dict[str, str]:
    """What was written, by question; "" where nothing was."""
    return {
        question: turn.read(reflection.owner_id, sealed, "course", reflection.course_id)
        for question, sealed in (
            ("what", reflection.what),
            ("so_what", reflection.so_what),
            ("what_next", reflection.what_next),
        )
    }
