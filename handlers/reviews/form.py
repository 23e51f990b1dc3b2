"""The one form in which everybody answers, and what is read from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chat import Field, Form, Text, text
from bot.policy import Question
from handlers.outcomes import Answer

LONGEST_WORDS = 3_000  # characters: what one field holds on every platform
LONGEST_EVIDENCE = 500
MOST_ALTOGETHER = 48_000  # bytes: a form with all of it still in it fits every platform


def answers(questions: Sequence[Question], *, title: str, who_sees: Text, until: str,
            about: int | None = None, key: str = "") -> Form:  # fmt: skip
    """The one form that everybody answers: words, a rating and evidence for each question, every one optional.

    `key` is what only the card of whoever changes anonymous answers holds.
    """
    fields: list[Field] = []
    for question in questions:
        scale = f"1 is “{question.low}”, 5 is “{question.high}”."
        fields.append(Field(f"words_{question.key}", question.ask, "paragraph", question.gloss, required=False))
        fields.append(Field(f"rating_{question.key}", f"{question.ask} From 1 to 5", "rating", scale, required=False))
        fields.append(
            Field(f"evidence_{question.key}", "How do you know?", hint="A link or a figure, if you have one.",
                  required=False)
        )  # fmt: skip
    return Form(
        "reviews.answer",
        "Team review",
        tuple(fields),
        submit="Send my answers",
        intro=(
            text("**{title}**", title=title),
            who_sees,
            text("Answer what you can. You can come back and change it until {until}.", until=until),
        ),
        about=about,
        value=key,
    )


# as many questions as a review can ask, the policy's nine and three of the lead's
ANSWERS = answers(
    tuple(Question(key=f"question_{one}", ask="Why are we here?", gloss="Our purpose") for one in "abcdefghijkl"),
    title="Team review", who_sees=text("**Anonymous.**"), until="Mon 16 Mar, 17:00",
)  # fmt: skip


def filled(form: Form, given: Mapping[str, Answer]) -> Form:
    """The form with somebody's earlier answers in it."""
    typed: dict[str, str] = {}
    for key, answer in given.items():
        typed[f"words_{key}"] = answer.words
        typed[f"rating_{key}"] = "" if answer.rating is None else str(answer.rating)
        typed[f"evidence_{key}"] = answer.evidence
    return form.filled(typed)


@dataclass(frozen=True)
class Read:
    """What a form said, and a sentence for each field that needs another look."""

    answers: Mapping[str, Answer]
    problems: Mapping[str, str]


def read_answers(questions: Sequence[Question], typed: Mapping[str, str]) -> Read:
    """What somebody answered; at least one question has to be."""
    given: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for question in questions:
        words = typed.get(f"words_{question.key}", "").strip()
        rating = typed.get(f"rating_{question.key}", "").strip()
        evidence = typed.get(f"evidence_{question.key}", "").strip()
        if len(words) > LONGEST_WORDS:
            problems[f"words_{question.key}"] = "That is longer than I can take. Keep it under 3,000 characters."
        if rating not in ("", "1", "2", "3", "4", "5"):
            problems[f"rating_{question.key}"] = "Choose a whole number from 1 to 5, or leave it empty."
            rating = ""
        if len(evidence) > LONGEST_EVIDENCE:
            problems[f"evidence_{question.key}"] = "Keep it to 500 characters: a link or a figure."
        if words or rating or evidence:
            given[question.key] = Answer(int(rating) if rating else None, words, evidence)
    if sum(len((one.words + one.evidence).encode()) for one in given.values()) > MOST_ALTOGETHER and not problems:
        longest = max(given, key=lambda key: len(given[key].words.encode()))
        problems[f"words_{longest}"] = "All your answers together are longer than I can keep. Shorten this one first."
    if not given and not problems:
        problems[f"words_{questions[0].key}"] = "Answer at least one question, in words or with a number."
    return Read(given, problems)
