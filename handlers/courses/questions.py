"""The three questions after a course: how they are asked, and how the answers are shown."""

from bot.chat import Button, Buttons, Message, Part, Quote, small, text
from handlers.courses.form import answers_of
from handlers.courses.rules import QUESTIONS, next_question
from handlers.courses.words import days_of, title_of
from handlers.turn import Turn
from storage import learning
from storage.models import Course, Reflection

ASKS = {
    "what": ("What?", "What happened? What did you see, hear or do?"),
    "so_what": ("So what?", "What does it mean for you and your work?"),
    "what_next": ("What next?", "What will you do with it, and by when?"),
}


def question(course: Course, reflection: Reflection | None) -> list[Part]:
    """The question that is open, and how it can be answered, put off or declined."""
    asking = next_question(reflection) or QUESTIONS[0]
    short, full = ASKS[asking]
    number = QUESTIONS.index(asking) + 1
    parts: list[Part] = [text(f"**{short}** {full}")]
    first = asking == QUESTIONS[0]
    parts.append(small(f"Question {number} of 3. Type your answer here, or write all three in the form."))
    buttons = [
        Button("Write it in a form", "courses.write", course.id, style="primary" if first else "", opens_form=True)
    ]
    if not first:
        buttons.append(Button("Skip this one", "courses.skip", course.id))
    buttons.append(Button("Ask me next week", "courses.later", course.id))
    if first:
        buttons += [Button("I didn't go", "courses.missed", course.id),
                    Button("Nothing to add", "courses.nothing", course.id)]  # fmt: skip
    parts.append(Buttons(tuple(buttons)))
    return parts


def prompt(turn: Turn, course: Course) -> Message:
    """What is asked after a course, and why."""
    reflection = learning.reflection_on(turn.session, course.id)
    title = title_of(turn, course)
    if reflection is None:
        opening = text("You were on **{title}** ({days}). What did you make of it?", title=title, days=days_of(course))
    else:
        opening = text("You began to write what you made of **{title}**. There is room for more.", title=title)
    return Message(
        "What did you make of your course?",
        (
            opening,
            *question(course, reflection),
            small(
                "I ask because what is put into words soon after is kept. It is for your own learning: nobody else can "
                "read it unless you share it."
            ),
        ),
        notice="courses.reflect",
        about=course.id,
        awaits="courses.reflect",
    )


def written(turn: Turn, reflection: Reflection) -> list[Part]:
    parts: list[Part] = []
    for key, answer in answers_of(turn, reflection).items():
        if answer:
            parts += [text(f"**{ASKS[key][0]}**"), Quote(answer)]
    return parts
