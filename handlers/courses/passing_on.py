"""Passing on what was learned in other ways: five minutes at a meeting, a document, or not at all."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Event, Field, FixAnswers, Form, Message, OpenForm, Reply, small, text
from handlers import asking
from handlers.courses.card import card
from handlers.courses.facts import opened
from handlers.courses.questions import written
from handlers.courses.steps import course_of, owe
from handlers.courses.telling import day_typed
from handlers.courses.words import title_of
from handlers.meetings.year import day_before
from handlers.replying import in_place
from handlers.turn import Turn
from scheduling.localtime import at_local
from storage import learning, outbox
from storage.models import Course, Person

NOTICE = "courses.meeting"
FURTHEST = timedelta(days=366)
LONGEST_NAME = 500
MEETING = Form(
    "courses.meeting_set",
    "Five minutes of it",
    (Field("day", "On which day is the meeting?", "date", hint="I remind you on your working day before it"),),
)
DOCUMENT = Form(
    "courses.documented",
    "A document or a link",
    (Field("document", "Where is it?", hint="A link, or the name of the document. Only you see this"),),
)


def meeting(turn: Turn, event: Event) -> Reply:
    """Ask for the day of the meeting."""
    return OpenForm(_meeting_form(course_of(turn, event)))


def meeting_set(turn: Turn, event: Event) -> Reply:
    """Keep the day, and remind them on their working day before it."""
    course = course_of(turn, event)
    day = day_typed(turn, event.answers.get("day", ""))
    problem = ""
    if day is None:
        problem = "I can't tell which day that is. Write it like 12 March 2026."
    elif not turn.today <= day <= turn.today + FURTHEST:
        problem = "Choose a day from today on, within a year."
    if problem or day is None:
        return FixAnswers(_meeting_form(course).filled(event.answers), {"day": problem})
    course.meeting_on = day
    course.shared = "meeting" if course.shared in ("", "no") else course.shared
    at = owe_reminder(turn, course)
    said = f"Five minutes on {wording.day(day)}."
    if at is not None:
        said += f" I'll remind you on {wording.day(at.astimezone(turn.zone).date())}."
    return in_place(turn, event, card(turn, course, said))


def no_meeting(turn: Turn, event: Event) -> Reply:
    """They won't speak of it there."""
    course = course_of(turn, event)
    course.meeting_on = None
    course.shared = "" if course.shared == "meeting" else course.shared
    outbox.cancel(turn.session, course.id, NOTICE)
    return in_place(turn, event, card(turn, course, "It is off the list for that meeting."))


def document(turn: Turn, event: Event) -> Reply:
    """Ask where it was written up."""
    course = course_of(turn, event)
    filled = {"document": opened(turn, course, course.document)}
    return OpenForm(replace(DOCUMENT, about=course.id).filled(filled))


def documented(turn: Turn, event: Event) -> Reply:
    """Keep where it was written up; nobody is told of it by that."""
    course = course_of(turn, event)
    where = " ".join(event.answers.get("document", "").split())
    problem = ""
    if not where:
        problem = "Write where it is, or close this."
    elif len(where) > LONGEST_NAME:
        problem = f"Keep it to {LONGEST_NAME} characters."
    if problem:
        return FixAnswers(replace(DOCUMENT, about=course.id).filled(event.answers), {"document": problem})
    course.document = turn.seal(where)
    course.shared = "document" if course.shared in ("", "no") else course.shared
    return in_place(turn, event, card(turn, course, "Noted where you wrote it up."))


def _meeting_form(course: Course) -> Form:
    return replace(MEETING, about=course.id).filled({"day": course.meeting_on.isoformat() if course.meeting_on else ""})


# ------------------------------------------------------------------------------------------------------------ reminding


def owe_reminder(turn: Turn, course: Course) -> datetime | None:
    """Owe the reminder of the meeting at its time and no other; None when there is no morning left for one."""
    outbox.cancel(turn.session, course.id, NOTICE)
    owner = turn.session.get_one(Person, course.owner_id)
    at = None if course.meeting_on is None else _reminds_at(turn, owner, course.meeting_on)
    if at is not None:
        owe(turn, NOTICE, course, at, to=owner.id)
    return at


def _reminds_at(turn: Turn, owner: Person, day: date) -> datetime | None:
    """09:30 on the working day before; where they are away then, that morning itself."""
    at = day_before(turn.policy, owner, at_local(day, time(12), ZoneInfo(owner.zone)))
    if at > turn.now and asking.may_be_asked(turn, owner, at):
        return at
    at = asking.morning(turn, owner, day)
    return at if at.astimezone(ZoneInfo(owner.zone)).date() == day else None


def remind(turn: Turn, about: int | None) -> Message | None:
    """The reminder of the meeting, with what was written; nothing once the meeting is off, or over."""
    course = turn.session.get(Course, about)
    if course is None or course.owner_id != turn.person.id or course.state == "cancelled":
        return None
    if course.meeting_on is None or course.meeting_on < turn.today:
        return None
    if not asking.may_be_asked(turn, turn.person):
        return None
    ahead = (course.meeting_on - turn.today).days
    when = ("today", "tomorrow")[ahead] if ahead < 2 else f"on {wording.day(course.meeting_on)}"
    reflection = learning.reflection_on(turn.session, course.id)
    return Message(
        "Five minutes about your course",
        (
            text("You have five minutes {when} to tell of **{title}**.", when=when, title=title_of(turn, course)),
            *(written(turn, reflection) if reflection is not None else ()),
            Buttons(
                (
                    Button("Another day", "courses.meeting", course.id, opens_form=True),
                    Button("I won't after all", "courses.no_meeting", course.id),
                    Button("Show the course", "courses.open", course.id),
                )
            ),
            small("I remind you because you told me of that meeting."),
        ),
        notice=NOTICE,
        about=course.id,
    )
