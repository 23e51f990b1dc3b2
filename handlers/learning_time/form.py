"""The form of logged time."""

from dataclasses import replace

from bot import wording
from bot.chat import Field, Form, Option, Quote, Text, text
from handlers.learning_time.amounts import said
from handlers.learning_time.rules import Doubt, Told
from handlers.turn import Turn
from storage.models import LearningTime

_FIELDS = (
    Field("words", "What did you do?", "paragraph", "Like: shadowing at Bitterne. It is best to leave names out"),
    Field("amount", "How long was it?", hint="Like 2h, 90 minutes, half a day"),
    Field("day", "On which day?", "date", "Leave this empty when it was today", required=False),
    Field(
        "job",
        "Off the job, or on it?",
        "choice",
        "Off the job is away from your daily work: it counts towards the days that are owed to you",
        options=(Option("Off the job", "off"), Option("On the job", "on")),
        required=False,
    ),
)
LOG = Form("time.logged", "Log learning time", _FIELDS)
CHANGE = Form("time.changed", "Change what you logged", _FIELDS)

_ASKS: dict[Doubt, str] = {
    "amount": "How long was it? Then it is logged.",
    "words": "What did you do? Then it is logged.",
    "day": "I can't tell on which day that was. Choose it, and it is logged.",
    "ahead": "That day is still to come, so there is nothing to log yet. Was it another day?",
    "several": "That is more than one day. Log each by itself; or add it as a course, which can take several.",
}


def log_form(told: Told, typed: str, hours_in_a_day: float, ask: str = "") -> Form:
    """The form with what was understood in it, why it is asked, and what was typed."""
    because = ask or (_ASKS[told.doubt] if told.doubt else "")
    intro: tuple[Text | Quote, ...] = (text("{because}", because=because),) if because else ()
    if typed:
        intro += (Quote(wording.shortened(typed, 500)),)
    return replace(LOG, intro=intro).filled(
        {
            "words": told.words,
            "amount": "" if told.minutes is None else said(told.minutes, hours_in_a_day),
            "day": told.day.isoformat() if told.day else "",
            "job": "on" if told.off_the_job is False else "off",
        }
    )


def change_form(turn: Turn, time: LearningTime) -> Form:
    """What was logged, to be changed."""
    return replace(CHANGE, about=time.id).filled(
        {
            "words": turn.read(time.owner_id, time.words, "time", time.id),
            "amount": said(time.minutes, turn.policy.learning_time.hours_in_a_day),
            "day": time.on_day.isoformat(),
            "job": "off" if time.off_the_job else "on",
        }
    )
