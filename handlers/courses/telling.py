"""Telling the bot of a course, changing it, calling it off, looking at it."""

from dataclasses import replace
from datetime import date

from bot.chat import Button, Buttons, Event, FixAnswers, Message, OpenForm, Reply, Say, text
from handlers.calendars import calendar_of
from handlers.courses import rules
from handlers.courses.card import card
from handlers.courses.form import CHANGE, PLAN, change_form, plan_form
from handlers.courses.questions import prompt
from handlers.courses.steps import answer, ask_at, course_of, settled
from handlers.courses.words import days_of, listed, title_of
from handlers.purpose import with_purpose
from handlers.turn import Turn
from storage import learning, outbox, sharing
from storage.models import Course

SHOWN = 8

# --------------------------------------------------------------------------------------------------------- a new course


def typed(turn: Turn, event: Event) -> Reply:
    """A sentence that speaks of a course: recorded when its day is clear, otherwise the form with what is known."""
    said = event.words.get("course") or event.words.get("past") or ""
    if lead := event.words.get("lead"):
        said = f"{said} {lead}"
    past = "past" in event.words
    told = rules.told(said, turn.now, turn.zone, calendar_of(turn.policy, turn.person), past=past)
    if told.first is None or told.last is None or len(told.title) > rules.LONGEST_TITLE:
        return OpenForm(plan_form(told.title, told.first.isoformat() if told.first else ""))
    return _recorded(turn, told.title, told.first, told.last, told.days)


def form(turn: Turn, event: Event) -> Reply:
    """The empty form."""
    return OpenForm(PLAN)


def planned(turn: Turn, event: Event) -> Reply:
    """Record what the form says."""
    found = _read(turn, event)
    if isinstance(found, dict):
        return FixAnswers(PLAN.filled(event.answers), found)
    return _recorded(turn, *found)


def _recorded(turn: Turn, title: str, first: date, last: date, days: float | None) -> Reply:
    for known in learning.courses(turn.session, turn.person.id):
        if known.starts_on == first and title_of(turn, known).casefold() == title.casefold():
            return Say(card(turn, known, "I have that one already."), private=True)
    course = Course(
        owner_id=turn.person.id,
        title=turn.seal(title),
        starts_on=first,
        ends_on=last,
        made_at=turn.now,
        days=days or rules.length_of(first, last, calendar_of(turn.policy, turn.person)),
    )
    turn.session.add(course)
    turn.session.flush()
    due = rules.reflection_due(turn.policy, turn.person, course.ends_on)
    if due > turn.now:
        ask_at(turn, course, due)
        return Say(with_purpose(turn, card(turn, course, "I've noted that.")), private=True)
    course.state, course.asked_at = "attended", turn.now
    return Say(with_purpose(turn, prompt(turn, course)), private=True)


def _read(turn: Turn, event: Event) -> tuple[str, date, date, float | None] | dict[str, str]:
    """Title, first day, last day and length that a form gives; or what is wrong with it."""
    title = " ".join(event.answers.get("title", "").split())
    problems: dict[str, str] = {}
    if not title:
        problems["title"] = "Give it a name that you will know it by."
    elif len(title) > rules.LONGEST_TITLE:
        problems["title"] = f"Keep the name to {rules.LONGEST_TITLE} characters."
    first, last = _day(turn, event.answers.get("first", "")), _day(turn, event.answers.get("last", ""))
    unclear = "I can't tell which day that is. Write it like 12 March 2026."
    if first is None:
        problems["first"] = unclear
    if last is None and event.answers.get("last", "").strip():
        problems["last"] = unclear
    if first is not None and not problems:
        problems |= rules.unlikely_day(first, last or first, turn.today)
    if problems or first is None:
        return problems
    last = last or first
    days = event.answers.get("days", "")
    length = float(days) if days in {option.value for option in PLAN.fields[3].options} else None
    if length is not None and length > (last - first).days + 1:
        return {"days": "That is longer than the days above. Give the last day too, or leave this empty."}
    return title, first, last, length


def _day(turn: Turn, written: str) -> date | None:
    try:
        return date.fromisoformat(written.strip())
    except ValueError:  # a client without a date picker: whatever was typed
        return rules.told(f"it {written}", turn.now, turn.zone, calendar_of(turn.policy, turn.person)).first


# ------------------------------------------------------------------------------------------------------ what can change


def change(turn: Turn, event: Event) -> Reply:
    """Open the course to change it."""
    return OpenForm(change_form(turn, course_of(turn, event)))


def changed(turn: Turn, event: Event) -> Reply:
    """Save the changed course; what is asked about it moves along."""
    course = course_of(turn, event)
    found = _read(turn, event)
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
    sharing.followed(turn.session, "course", course.id, turn.now)
    return answer(turn, event, card(turn, course, "Changed."))


def cancel(turn: Turn, event: Event) -> Reply:
    """They are not going, or did not go: nothing more is asked, and it counts for nothing."""
    course = course_of(turn, event)
    course.state = "cancelled"
    settled(turn, course)
    return answer(turn, event, _cancelled(turn, course))


def restore(turn: Turn, event: Event) -> Reply:
    """They are going after all."""
    course = course_of(turn, event)
    if course.state == "cancelled":
        due = rules.reflection_due(turn.policy, turn.person, course.ends_on)
        course.state = "planned" if due > turn.now else "attended"
        if learning.reflection_on(turn.session, course.id) is None and due > turn.now:
            course.asked_at = None
            ask_at(turn, course, due)
    return answer(turn, event, card(turn, course, "It is back."))


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


# -------------------------------------------------------------------------------------------------------------- looking


def list_(turn: Turn, event: Event) -> Reply:
    """My courses."""
    found = list(learning.courses(turn.session, turn.person.id))
    if not found:
        return Say(
            Message(
                "No courses yet.",
                (
                    text("I know of no courses of yours. Tell me: “I'm on Safeguarding level 2 next Thursday”."),
                    Buttons((Button("Add a course", "courses.form", opens_form=True),)),
                ),
            ),
            private=True,
        )
    return Say(listed(turn, found[:SHOWN], more=len(found) > SHOWN), private=True)


def open_(turn: Turn, event: Event) -> Reply:
    """Show one course with what is open; in place of what was there when its owner came back to it."""
    message = card(turn, course_of(turn, event))
    return answer(turn, event, message) if event.value == "back" else Say(message, private=True)


def own_card(turn: Turn, about: int | None) -> Message | None:
    """The card as it is now."""
    course = turn.session.get(Course, about)
    return None if course is None or course.owner_id != turn.person.id else card(turn, course)
