"""How somebody likes their diary to be: what is kept without asking, and whether they are asked now and then."""

from datetime import timedelta

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Facts,
    Message,
    Option,
    Part,
    Quote,
    Replace,
    Reply,
    Say,
    Select,
    small,
    text,
)
from handlers.calendars import calendar_of
from handlers.diary import nudges
from handlers.diary.nudges import HOW_OFTEN
from handlers.diary.questions import QUESTIONS, number_of
from handlers.turn import Turn
from storage import diary
from storage.models import DiaryHabit

AHEAD = timedelta(days=14)  # what falls due later is owed when its time comes nearer


def settings(turn: Turn, habit: DiaryHabit | None, heading: str = "Your diary") -> Message:
    """What this person chose, with what else could be chosen."""
    often = habit.every_weeks if habit is not None else 0
    today_i = habit is not None and habit.today_i
    asked = HOW_OFTEN[often]
    if habit is not None and often:
        asked += f", on {wording.DAYS[nudges.weekday_of(turn.policy, turn.person, habit)]}, in your working time"
    parts: list[Part] = [
        text("**{heading}**", heading=heading),
        Facts(
            (
                ("A question that helps to see how you learn", asked),
                ("A line that begins “today I”", "kept at once" if today_i else "kept when you say so"),
            )
        ),
        Buttons(
            (
                *(
                    Button(label, "diary.often", value=str(weeks))
                    for weeks, label in ((1, "Ask every week"), (2, "Ask every two weeks"), (0, "Don’t ask"))
                    if weeks != often
                ),
                Button("Ask me first about “today I”", "diary.today_i", value="no")
                if today_i
                else Button("Always keep “today I”", "diary.today_i", value="yes"),
            )
        ),
    ]
    if often:
        worked = sorted(calendar_of(turn.policy, turn.person).working_weekdays)
        days = tuple(Option(wording.DAYS[day], str(day)) for day in worked)
        parts.append(Select("Ask on another day", "diary.weekday", days))
    parts.append(small("Only you can read your diary. Nothing is asked on leave, on holidays or while you paused me."))
    return Message(heading, tuple(parts), notice="diary.settings")


def show(turn: Turn, event: Event) -> Reply:
    """What this person chose."""
    return Say(settings(turn, diary.habit_of(turn.session, turn.person.id)), private=True)


def offer(turn: Turn, event: Event) -> Reply:
    """A few of the questions, and how often they could come."""
    habit = diary.habit(turn.session, turn.person.id)
    examples = tuple(Quote(QUESTIONS[number_of(turn.person.id, habit.asked + after) - 1].ask) for after in (0, 1, 2))
    message = settings(turn, habit, "One question at a time, like these:")
    return Say(Message(message.summary, (message.parts[0], *examples, *message.parts[1:])), private=True)


def often(turn: Turn, event: Event) -> Reply:
    """Ask every so many weeks from now on, or no more."""
    habit = diary.habit(turn.session, turn.person.id)
    habit.every_weeks = int(event.value) if event.value in ("1", "2") else 0
    if not habit.every_weeks:
        nudges.close(turn)
        return _chosen(turn, habit, "I won’t ask.")
    return _chosen(turn, habit, f"I’ll ask {HOW_OFTEN[habit.every_weeks]}.")


def weekday(turn: Turn, event: Event) -> Reply:
    """Ask on this weekday from now on."""
    habit = diary.habit(turn.session, turn.person.id)
    habit.weekday = int(event.value) if event.value in ("0", "1", "2", "3", "4", "5", "6") else habit.weekday
    return _chosen(turn, habit, f"I’ll ask on {wording.DAYS[nudges.weekday_of(turn.policy, turn.person, habit)]}.")


def today_i(turn: Turn, event: Event) -> Reply:
    """Keep lines that begin “today I” without asking from now on, or no longer."""
    habit = diary.habit(turn.session, turn.person.id)
    habit.today_i = event.value == "yes"
    heading = "Lines that begin “today I” are kept at once." if habit.today_i else "I ask first about “today I” again."
    return Replace(settings(turn, habit, heading))


def settings_card(turn: Turn, about: int | None) -> Message | None:
    """The settings where they stand, as they are now."""
    return settings(turn, diary.habit_of(turn.session, turn.person.id))


def _chosen(turn: Turn, habit: DiaryHabit, heading: str) -> Reply:
    """What was owed by the earlier choice is owed no more; what falls due by this one is."""
    diary.take_back_nudges(turn.session, turn.person.id)
    nudges.owe_next(turn, turn.person, habit, turn.now + AHEAD)
    return Replace(settings(turn, habit, heading))
