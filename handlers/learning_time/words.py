"""What the bot says about logged time."""

from collections.abc import Sequence

from bot import wording
from bot.chat import Button, Buttons, Message, Part, Quote, small, text
from bot.errors import Refusal
from handlers import evidence
from handlers.entitlement import Balance, balance
from handlers.learning_time.amounts import said
from handlers.turn import Turn
from storage import sharing
from storage.models import Course, LearningTime, Person


class TooLong(Refusal):
    """Keep what you did to 2,000 characters here. The rest is well kept in your diary: `diary: …`"""


def words_of(turn: Turn, time: LearningTime) -> str:
    """What was done, opened for its owner."""
    return turn.read(time.owner_id, time.words, "time", time.id)


def length_of(turn: Turn, minutes: int) -> str:
    """`half a day`, `2 hours`."""
    return said(minutes, turn.policy.learning_time.hours_in_a_day)


def card(turn: Turn, time: LearningTime, heading: str = "Logged", *, fresh: bool = False) -> Message:
    """What was logged, said back, with what can be done with it and what that leaves owed."""
    where = "off the job" if time.off_the_job else "on the job"
    length, day = length_of(turn, time.minutes), wording.day_and_year(time.on_day)
    other = "It was on the job" if time.off_the_job else "It was off the job"
    parts: list[Part] = [
        text(f"**{heading}: {{length}}**, {where}, {{day}}.", length=length, day=day),
        Quote(words_of(turn, time)),
        *evidence.line(turn, "time", time.id),
        small("{counts}", counts=_counts(time, balance(turn, time.on_day))),
        Buttons(
            (
                Button("Undo" if fresh else "Remove", "time.undo", time.id),
                Button("Change", "time.change", time.id, opens_form=True),
                Button(other, "time.job", time.id, "on" if time.off_the_job else "off"),
                Button("Share", "sharing.share", time.id, "time", opens_form=True),
                *evidence.button(turn, "time", time.id),
            )
        ),
    ]
    if label := next((one.label for one in turn.policy.courses.activities if one.key == time.kind), ""):
        parts.insert(2, small("Kind of activity: {label}", label=label[:1].lower() + label[1:]))
    if not fresh and (readers := sharing.readers(turn.session, "time", time.id, turn.now)):
        names = wording.listed([turn.session.get_one(Person, one.reader_id).name for one in readers])
        parts.insert(2, small("{names} can read this.", names=names))
    return Message(f"{heading}: {length}, {day}.", tuple(parts), notice="time.card", about=time.id)


def _counts(time: LearningTime, so_far: Balance) -> str:
    if not time.off_the_job:
        return "Learning on the job counts in your record, and not towards the off-the-job days owed to you."
    if so_far.promised and not so_far.owed:
        return (
            f"Off the job this year: {so_far.in_words}. More is welcome: what is promised is the least, not the most."
        )
    return f"Off the job this year: {so_far.in_words}."


def again(turn: Turn, time: LearningTime, draft: int, value: str) -> Message:
    """The same thing was logged a moment ago."""
    return Message(
        "I have logged that already.",
        (
            text("I logged that a moment ago: **{length}**, {day}.", length=length_of(turn, time.minutes),
                 day=wording.day_and_year(time.on_day)),
            Quote(wording.shortened(words_of(turn, time), 500)),
            Buttons(
                (
                    Button("Once is right", "time.once", draft),
                    Button("Log it once more", "time.keep", draft, value),
                )
            ),
        ),
    )  # fmt: skip


def is_a_course(turn: Turn, course: Course, draft: int, value: str) -> Message:
    """The same thing stands among the courses of that day, and counts already."""
    title = turn.read(course.owner_id, course.title, "course", course.id)
    return Message(
        "That is among your courses.",
        (
            text("**{title}** is among your courses, and its {days} of that time count already.", title=title,
                 days=wording.count(course.days, "day")),
            Buttons(
                (
                    Button("It is the same", "time.once", draft),
                    Button("Log it as well", "time.keep", draft, value),
                )
            ),
        ),
    )  # fmt: skip


def taken_out(draft: int, value: str) -> Message:
    """It is gone; the words are set aside in case that was a slip."""
    return Message(
        "Taken out.",
        (
            text("Taken out. I keep the words for a week in case that was a slip."),
            Buttons((Button("Put it back", "time.keep", draft, value), Button("Forget it now", "time.forget", draft))),
        ),
    )


def listed(turn: Turn, times: Sequence[LearningTime], more: int) -> Message:
    """What is owed, and what was logged this year, latest first."""
    so_far = balance(turn)
    parts: list[Part] = [text("**Off-the-job learning this year:** {so_far}.", so_far=so_far.in_words)]
    for time in times:
        where = "" if time.off_the_job else ", on the job"
        parts.append(
            text(f"{{day}}, {{length}}{where}: {{words}}", day=wording.day(time.on_day),
                 length=length_of(turn, time.minutes), words=wording.shortened(words_of(turn, time), 200))
        )  # fmt: skip
        parts.append(Buttons((Button("Open", "time.open", time.id),)))
    if more:
        parts.append(small("And {more} before that.", more=wording.count(more, "more stretch", "more stretches")))
    parts.append(small("Courses count too: say `my courses`. What is promised is the least, never the most."))
    parts.append(Buttons((Button("Log learning time", "time.form", opens_form=True),)))
    return Message("Your learning time", tuple(parts))
