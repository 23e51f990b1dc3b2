"""Changing a course, calling it off, putting it back: what follows it goes along."""

from dataclasses import replace

from bot.chat import Button, Buttons, Event, FixAnswers, Message, OpenForm, Reply, text
from handlers.calendars import calendar_of
from handlers.courses import chain, rules
from handlers.courses.card import card
from handlers.courses.form import CHANGE, change_form
from handlers.courses.steps import ask_at, course_of, settled
from handlers.courses.telling import read_form
from handlers.courses.words import days_of, title_of
from handlers.replying import in_place
from handlers.turn import Turn
from storage import learning, outbox, sharing
from storage.models import Course


def change(turn: Turn, event: Event) -> Reply:
    """Open the course to change it."""
    return OpenForm(change_form(turn, course_of(turn, event)))


def changed(turn: Turn, event: Event) -> Reply:
    """Save the changed course; what is asked about it moves along."""
    course = course_of(turn, event)
    found = read_form(turn, event)
    if isinstance(found, dict):
        return FixAnswers(replace(CHANGE, about=course.id).filled(event.answers), found)
    title, first, last, days = found
    if days is None and (first, last) == (course.starts_on, course.ends_on):
        days = course.days
    course.title, course.starts_on, course.ends_on = turn.seal(title), first, last
    course.days = days or rules.length_of(first, last, calendar_of(turn.policy, turn.person))
    due = rules.reflection_due(turn.policy, turn.person, last)
    if learning.reflection_on(turn.session, course.id) is None and course.state != "cancelled" and due > turn.now:
        course.state, course.asked_at = "planned", None
        outbox.answered(turn.session, "courses.reflect", course.id, turn.person.id, turn.now)
        ask_at(turn, course, due)
    chain.moved(turn, course)
    sharing.followed(turn.session, "course", course.id, turn.now)
    return in_place(turn, event, card(turn, course, "Changed."))


def cancel(turn: Turn, event: Event) -> Reply:
    """They are not going, or did not go: nothing more is asked, and it counts for nothing."""
    course = course_of(turn, event)
    course.state = "cancelled"
    settled(turn, course)
    chain.stopped(turn, course)
    return in_place(turn, event, _cancelled(turn, course))


def restore(turn: Turn, event: Event) -> Reply:
    """They are going after all."""
    course = course_of(turn, event)
    if course.state == "cancelled":
        due = rules.reflection_due(turn.policy, turn.person, course.ends_on)
        course.state = "planned" if due > turn.now else "attended"
        if learning.reflection_on(turn.session, course.id) is None and due > turn.now:
            course.asked_at = None
            ask_at(turn, course, due)
        chain.restored(turn, course)
    return in_place(turn, event, card(turn, course, "It is back."))


def _cancelled(turn: Turn, course: Course) -> Message:
    went = "You're not going to" if course.ends_on >= turn.today else "You didn't go to"
    return Message(
        "I won't ask about it.",
        (
            text(f"{went} **{{title}}** ({{days}}). I won't ask about it.", title=title_of(turn, course),
                 days=days_of(course)),
            Buttons((Button("Put it back", "courses.restore", course.id),)),
        ),
        notice="courses.card",
        about=course.id,
    )  # fmt: skip
