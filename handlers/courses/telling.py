"""Telling the bot of a course, and looking at what one told it."""

from datetime import date

from bot.chat import Button, Buttons, Event, FixAnswers, Message, OpenForm, Reply, Say, text
from handlers.activities import kind_named
from handlers.calendars import calendar_of
from handlers.courses import rules
from handlers.courses.card import card
from handlers.courses.form import PLAN, plan_form
from handlers.courses.questions import prompt
from handlers.courses.steps import ask_at, course_of
from handlers.courses.words import listed, title_of
from handlers.purpose import with_purpose
from handlers.replying import in_place
from handlers.turn import Turn
from storage import learning
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
    title = told.title
    if title.startswith("shadow"):  # the words that said so are its name, too
        title = title[0].upper() + title[1:]
    if told.first is None or told.last is None or len(title) > rules.LONGEST_TITLE:
        return OpenForm(plan_form(title, told.first.isoformat() if told.first else ""))
    return _recorded(turn, title, told.first, told.last, told.days)


def form(turn: Turn, event: Event) -> Reply:
    """The empty form."""
    return OpenForm(PLAN)


def planned(turn: Turn, event: Event) -> Reply:
    """Record what the form says."""
    found = read_form(turn, event)
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
        kind=kind_named(turn.policy.courses.activities, title),
    )
    turn.session.add(course)
    turn.session.flush()
    due = rules.reflection_due(turn.policy, turn.person, course.ends_on)
    if due > turn.now:
        ask_at(turn, course, due)
        return Say(with_purpose(turn, card(turn, course, "I've noted that.")), private=True)
    course.state, course.asked_at = "attended", turn.now
    return Say(with_purpose(turn, prompt(turn, course)), private=True)


def read_form(turn: Turn, event: Event) -> tuple[str, date, date, float | None] | dict[str, str]:
    """Title, first day, last day and length that a form gives; or what is wrong with it."""
    title = " ".join(event.answers.get("title", "").split())
    problems: dict[str, str] = {}
    if not title:
        problems["title"] = "Give it a name that you will know it by."
    elif len(title) > rules.LONGEST_TITLE:
        problems["title"] = f"Keep the name to {rules.LONGEST_TITLE} characters."
    first, last = day_typed(turn, event.answers.get("first", "")), day_typed(turn, event.answers.get("last", ""))
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


def day_typed(turn: Turn, written: str) -> date | None:
    """The day that a form gives; None when it is not clear."""
    try:
        return date.fromisoformat(written.strip())
    except ValueError:  # a client without a date picker: whatever was typed
        return rules.told(f"it {written}", turn.now, turn.zone, calendar_of(turn.policy, turn.person)).first


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
    return in_place(turn, event, message) if event.value == "back" else Say(message, private=True)


def own_card(turn: Turn, about: int | None) -> Message | None:
    """The card as it is now."""
    course = turn.session.get(Course, about)
    return None if course is None or course.owner_id != turn.person.id else card(turn, course)
