"""Was it worth its time and money? One tap, and a few words on the provision for whoever likes to write them."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Field,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Option,
    Part,
    Reply,
    Select,
    small,
    text,
)
from handlers import asking
from handlers.courses import rules
from handlers.courses.card import card
from handlers.courses.facts import opened
from handlers.courses.mornings import Mornings
from handlers.courses.shown import readers_of
from handlers.courses.steps import course_of, held, owe
from handlers.courses.words import NoWords, TooLong, title_of
from handlers.replying import in_place
from handlers.turn import Turn
from storage import courses, outbox
from storage.models import Course

SAY = "courses.rate_say"
LONGEST_FEEDBACK = 3_000
ASKED_FOR_UP_TO = timedelta(days=30)  # what was written longer ago is not asked about out of the blue
SCALE = tuple(
    Option(f"{number}: {words}", str(number))
    for number, words in enumerate(("not worth it", "hardly", "fairly", "well worth it", "worth every penny"), 1)
)
RATE = Form(
    "courses.rated",
    "Was it worth it?",
    (
        Field("worth", "Worth its time and money?", "choice", options=SCALE, required=False),
        Field("feedback", "How was it run?", "paragraph",
              "The content, the speaker, the place: what the next person would want to know", required=False),
    ),
)  # fmt: skip
_NUMBER = re.compile(r"([1-5])(?:\s*(?:/|out of|of)\s*5)?(?:[\s.,:;–-]+(.*))?", re.DOTALL | re.IGNORECASE)


def rate(turn: Turn, event: Event) -> Reply:
    """One tap: how well it was worth its time and money."""
    course = course_of(turn, event)
    if event.value in {option.value for option in SCALE}:
        return _kept(turn, event, course, int(event.value), None)
    return in_place(turn, event, prompt(turn, course))


def say(turn: Turn, event: Event) -> Reply:
    """A typed answer: a number, a number and why, or words alone."""
    course, words = course_of(turn, event), event.text.strip()
    if not words:
        raise NoWords
    if rules.LATER.fullmatch(words):
        return later(turn, event)
    if rules.NOTHING.fullmatch(words) or rules.SKIP.fullmatch(words):
        return decline(turn, event)
    if len(words) > LONGEST_FEEDBACK:
        raise TooLong
    found = _NUMBER.fullmatch(words)
    if found is None:
        return _kept(turn, event, course, course.worth, words)
    return _kept(turn, event, course, int(found[1]), (found[2] or "").strip() or None)


def form(turn: Turn, event: Event) -> Reply:
    """Open the form, with what was said so far."""
    return OpenForm(_form(turn, course_of(turn, event)))


def rated(turn: Turn, event: Event) -> Reply:
    """Keep what the form says."""
    course = course_of(turn, event)
    worth, words = event.answers.get("worth", ""), event.answers.get("feedback", "").strip()
    problem = {}
    if not worth and not words:
        problem = {"worth": "Choose a number, write a few words, or close this."}
    elif len(words) > LONGEST_FEEDBACK:
        problem = {"feedback": f"Keep it to {LONGEST_FEEDBACK:,} characters."}
    if problem:
        return FixAnswers(_form(turn, course).filled(event.answers), problem)
    known = worth in {option.value for option in SCALE}
    return _kept(turn, event, course, int(worth) if known else None, words)


def later(turn: Turn, event: Event) -> Reply:
    """Ask again in a week."""
    course = course_of(turn, event)
    at = rules.a_week_later(turn.policy, turn.person, turn.now)
    day = at.astimezone(turn.zone).date()
    course.rated, course.rate_on = "", day
    _nothing_owed(turn, course)
    owe(turn, "courses.rate", course, at, to=course.owner_id)
    return in_place(turn, event, card(turn, course, f"Fine. I'll ask again on {wording.day(day)}."))


def decline(turn: Turn, event: Event) -> Reply:
    """They would rather not say: it is not asked again."""
    course = course_of(turn, event)
    course.rated, course.rate_on = "declined", None
    _nothing_owed(turn, course)
    return in_place(turn, event, card(turn, course, "That is fine. I won't ask that again."))


def _kept(turn: Turn, event: Event, course: Course, worth: int | None, feedback: str | None) -> Reply:
    course.worth, course.rated, course.rate_on = worth, "given", None
    if feedback is not None:
        course.feedback = turn.seal(feedback) if feedback else None
    _nothing_owed(turn, course)
    said = "Noted, thank you." if worth is None else f"Noted: {worth} of 5. Thank you."
    if course.feedback is None:
        parts: tuple[Part, ...] = (
            text(f"**{said}** {{title}}", title=title_of(turn, course)),
            Buttons((Button("Say why", "courses.rate_form", course.id, opens_form=True),
                     Button("Show the course", "courses.open", course.id))),
        )  # fmt: skip
        return in_place(turn, event, Message(said, parts, notice="courses.card", about=course.id))
    return in_place(turn, event, card(turn, course, said))


def _nothing_owed(turn: Turn, course: Course) -> None:
    outbox.cancel(turn.session, course.id, "courses.rate")
    outbox.answered(turn.session, SAY, course.id, course.owner_id, turn.now)


def _form(turn: Turn, course: Course) -> Form:
    asked = replace(RATE, about=course.id, intro=(text("**{title}**", title=title_of(turn, course)),))
    return asked.filled({"worth": str(course.worth or ""), "feedback": opened(turn, course, course.feedback)})


# --------------------------------------------------------------------------------------------------------------- asking


def prompt(turn: Turn, course: Course) -> Message:
    """The question, why it is asked, and the ways out of it."""
    buttons = [Button("Say more", "courses.rate_form", course.id, opens_form=True)]
    if course.shared == "" and not readers_of(turn, course):
        buttons.append(Button("Account for it or share it", "courses.open", course.id))
    buttons += [
        Button("Ask me next week", "courses.rate_later", course.id),
        Button("I'd rather not say", "courses.rate_decline", course.id),
    ]
    return Message(
        "Was your course worth it?",
        (
            text("Was **{title}** worth its time and money? One tap is enough.", title=title_of(turn, course)),
            Select("Worth its time and money", "courses.rate", SCALE, course.id),
            Buttons(tuple(buttons)),
            small(
                "I ask so that money goes where people learn. Your words are yours alone; your coordinator sees "
                "averages of five people or more, without names."
            ),
        ),
        notice="courses.rate",
        about=course.id,
        awaits=SAY,
    )


def ask(turn: Turn, about: int | None) -> Message | None:
    """The prompt, when it is due: nothing when it is answered, later when its owner is not to be asked."""
    course = held(turn, about)
    if course is None or course.owner_id != turn.person.id or course.state != "attended":
        return None
    if course.worth is not None or course.rated not in ("", "asked") or course.nothing_to_add:
        return card(turn, course) if outbox.stands(turn.session, "courses.rate", course.id) else None
    if course.rated == "" and not asking.may_be_asked(turn, turn.person):
        return None  # found again by `owe_questions` once they may be asked
    course.rated, course.rate_on = "asked", None
    return prompt(turn, course)


def owe_questions(turn: Turn, until: datetime) -> None:
    """Ask once, on a morning after everything was written down that its owner wanted to write."""
    mornings = Mornings(turn)
    for course, owner, reflection in courses.to_rate(turn.session, turn.now - ASKED_FOR_UP_TO):
        written_on = reflection.written_at.astimezone(ZoneInfo(owner.zone)).date()
        at = mornings.free(owner, course.rate_on or written_on + timedelta(days=1))
        if at <= until:
            mornings.take(owner, at)
            owe(turn, "courses.rate", course, at, to=owner.id)
