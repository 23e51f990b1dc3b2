"""How somebody likes their diary to be: what is kept without asking, and whether they are asked now and then."""

from bot.chat import Button, Buttons, Event, Facts, Message, Replace, Reply, Say, small, text
from handlers.turn import Turn
from storage import diary
from storage.models import DiaryHabit


def settings(turn: Turn, habit: DiaryHabit | None, heading: str = "Your diary") -> Message:
    """What this person chose, with what else could be chosen."""
    today_i = habit is not None and habit.today_i
    parts = (
        text("**{heading}**", heading=heading),
        Facts((("A line that begins “today I”", "kept at once" if today_i else "kept when you say so"),)),
        Buttons(
            (
                Button("Ask me first about “today I”", "diary.today_i", value="no")
                if today_i
                else Button("Always keep “today I”", "diary.today_i", value="yes"),
            )
        ),
        small("Only you can read your diary, whichever way a line gets into it."),
    )
    return Message(heading, parts, notice="diary.settings")


def show(turn: Turn, event: Event) -> Reply:
    """What this person chose."""
    return Say(settings(turn, diary.habit_of(turn.session, turn.person.id)), private=True)


def today_i(turn: Turn, event: Event) -> Reply:
    """Keep lines that begin “today I” without asking from now on, or no longer."""
    habit = diary.habit(turn.session, turn.person.id)
    habit.today_i = event.value == "yes"
    heading = "Lines that begin “today I” are kept at once." if habit.today_i else "I ask first about “today I” again."
    return Replace(settings(turn, habit, heading))


def settings_card(turn: Turn, about: int | None) -> Message | None:
    """The settings where they stand, as they are now."""
    return settings(turn, diary.habit_of(turn.session, turn.person.id))
