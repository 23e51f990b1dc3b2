"""The forms of targets."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from bot.chat import Field, Form, Option
from handlers.deadlines import day_or_kept, in_words
from handlers.targets import rules
from handlers.targets.reading import WORDS, Content, now
from handlers.turn import Turn
from storage.models import Target

_TARGET = (
    Field("words", "What do you want to learn or change?", "paragraph",
          "One thing: run the spring moderation by myself"),
    Field("strategy", "How will you go about it?", "paragraph", "What you will do, try, read, watch; with whom",
          required=False),
    Field("criteria", "How will you know that you are there?", "paragraph",
          "A number, or something that somebody could see", required=False),
    Field("due", "By when?", hint="In your own words: by 30 April, in three weeks, the end of June", required=False),
    Field("kind", "What is it for?", "choice", "Leave this empty if you are not sure",
          tuple(Option(label[0].upper() + label[1:], kind) for kind, label in rules.KINDS.items()), required=False),
    Field("link", "Which part of your team’s or organisation’s plan?", hint="If it belongs to one", required=False),
)  # fmt: skip
PLAN = Form("targets.planned", "A target", _TARGET)
CHANGE = Form("targets.changed", "Change the target", _TARGET)
CLOSE = Form(
    "targets.closed",
    "What came of it?",
    (
        Field("result", "How did it end?", "choice", options=tuple(Option(label, name) for name, label in
              rules.RESULTS.items())),
        Field("came", "What came of it, and why?", "paragraph", "As much or as little as you like", required=False),
        Field("rating", "How effective was what you did to learn it?", "rating", "1: not at all, 5: very",
              required=False),
        Field("why", "Why do you say so?", "paragraph", "What helped, what did not", required=False),
    ),
)  # fmt: skip
MOST_REVIEWED = 6
_ENDS = tuple(Option(label, name) for name, label in (("on", "Carry it on"), *rules.RESULTS.items()))
REVIEW = Form(
    "targets.reviewed",
    "Your learning plan",
    (
        *(
            Field(f"target_{number}", f"{which} target: what came of it?", "choice",
                  "Leave this empty to leave it as it is" if number == 1 else "", _ENDS, required=False)
            for number, which in enumerate(("First", "Second", "Third", "Fourth", "Fifth", "Sixth"), 1)
        ),
        Field("learned", "What helped you to learn this year?", "paragraph", "And what did not", required=False),
        Field("next", "What do you want to learn next?", "paragraph", "You can make a target of it", required=False),
    ),
    submit="Keep it",
)  # fmt: skip
DATE = Form(
    "targets.dated",
    "Another day",
    (Field("due", "By when, then?", hint="In your own words: in two weeks, by 30 June"),),
)
COMMENT = Form(
    "targets.commented",
    "What you would change",
    (
        Field("words", "What would you change, or add?", "paragraph", "Only whose target it is reads this, and you",
              required=False),
    ),
    submit="Send it",
)  # fmt: skip


def change_form(turn: Turn, target: Target) -> Form:
    """The target as it is, to be changed."""
    known = now(turn, target)
    return replace(CHANGE, about=target.id).filled({**known.said, "due": in_words(known.due_on), "kind": known.kind})


def read_answers(turn: Turn, answers: Mapping[str, str], before: date | None = None) -> Content | dict[str, str]:
    """What a form says of a target; or what to ask about it, by field.

    The day that the target has already may stay, though it is past.
    """
    said = {name: answers.get(name, "").strip() for name in WORDS}
    problems = {
        name: f"Keep it to {longest:,} characters, please."
        for name, longest in rules.LONGEST.items()
        if len(said[name]) > longest
    }
    if not said["words"]:
        problems["words"] = "Write a few words, or close this."
    typed = " ".join(answers.get("due", "").split())
    due_on, clear = day_or_kept(turn, typed, before, rules.FURTHEST)
    if typed and (due_on is None or not clear):
        problems["due"] = "I can’t tell which day that is. Write it like 30 April 2026, or leave this empty."
    kind = answers.get("kind", "")
    return problems or Content(said, due_on, kind if kind in rules.KINDS else "")
