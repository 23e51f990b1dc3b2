"""How the bot speaks of a course, and what it says when it cannot do what was asked."""

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from bot.errors import Refusal
from handlers import amounts
from handlers.turn import Turn
from storage import learning_time
from storage.models import Course


class NoWords(Refusal):
    """I can't see any words in that. Write what you made of it, or say `later`."""


class TooLong(Refusal):
    """That is longer than I can keep in one piece. Split it into messages of up to 40,000 characters."""


def title_of(turn: Turn, course: Course) -> str:
    """The title, opened for the reader."""
    return turn.read(course.owner_id, course.title, "course", course.id)


def days_of(course: Course) -> str:
    """`Thu 12 Mar 2026`, or `Thu 12 Mar to Fri 13 Mar 2026`."""
    last = wording.day_and_year(course.ends_on)
    return last if course.starts_on == course.ends_on else f"{wording.day(course.starts_on)} to {last}"


def length_of(turn: Turn, course: Course) -> str:
    """`half a day`, `2 days`, `3 hours`."""
    return amounts.length_in_words(course.days, turn.policy.learning_time.hours_in_a_day)


def listed(turn: Turn, courses: list[Course], *, more: bool) -> Message:
    """A person's courses, latest first, and how many days they come to this year."""
    year = turn.policy.year_of(turn.today)
    days = round(learning_time.days_learned(turn.session, turn.policy, turn.person.id, year, turn.today), 1)
    parts: list[Part] = [text("**Your courses.** This year so far: {days} of off-the-job learning.",
                              days=wording.count(round(days, 2), "day"))]  # fmt: skip
    for course in courses:
        parts.append(text("{title}: {days}", title=title_of(turn, course), days=days_of(course)))
        parts.append(Buttons((Button("Open", "courses.open", course.id),)))
    if more:
        parts.append(small("These are the latest. Earlier ones are kept too."))
    parts.append(Buttons((Button("Add a course", "courses.form", opens_form=True),)))
    return Message("Your courses", tuple(parts))
