"""Logged time as somebody's own: what another sees of it when they are let in, and how it is forgotten."""

from bot import wording
from bot.chat import Part, Quote, small
from handlers.learning_time.words import length_of, words_of
from handlers.registry import Belonging
from handlers.turn import Turn
from storage import outbox
from storage.models import LearningTime


def _title(turn: Turn, about: int) -> str:
    time = turn.session.get_one(LearningTime, about)
    return f"{length_of(turn, time.minutes)} of learning, “{wording.shortened(words_of(turn, time), 60)}”"


def _shown(turn: Turn, about: int) -> tuple[Part, ...]:
    """The day, the length and what was done."""
    time = turn.session.get_one(LearningTime, about)
    where = "off the job" if time.off_the_job else "on the job"
    when = small(f"Learning time, {{length}} {where}, {{day}}:", length=length_of(turn, time.minutes),
                 day=wording.day_and_year(time.on_day))  # fmt: skip
    return (when, Quote(words_of(turn, time)))


def _forget(turn: Turn, about: int) -> None:
    """It goes, and no draft of it is kept."""
    outbox.cancel(turn.session, about, "time.card")
    turn.session.delete(turn.session.get_one(LearningTime, about))


TIME = Belonging("learning time", _title, _shown, "time.card", "time.open", _forget)
