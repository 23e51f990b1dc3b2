"""The forms of a review, and what is read from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import wording
from bot.chat import Field, Form, Option, Text, text
from bot.policy import Question
from handlers.outcomes import Answer
from handlers.reviews import rules
from storage.models import Review, Team

LONGEST_TITLE = 75
LONGEST_WORDS = 3_000  # characters: what one field holds on every platform
LAUNCH_FIELDS = (
    Field("team", "Team", "choice"),
    Field("title", "Title"),
    Field("closes_on", "Closing day", "date", hint="It closes at the end of the working day, within 90 days from now."),
    Field(
        "names",
        "Named or anonymous",
        "choice",
        hint="This is said on every card and cannot be changed once the review is open.",
        options=(
            Option("Anonymous: no name is kept with an answer", "anonymous"),
            Option("Named: the team sees who wrote what", "named"),
        ),
    ),
)
LAUNCH = Form("reviews.launch", "Start a team review", LAUNCH_FIELDS, submit="Start the review")
EXTEND = Form(
    "reviews.extended",
    "Keep it open longer",
    (Field("closes_on", "New closing day", "date", hint="It closes at the end of the working day."),),
    submit="Change the day",
)


def launch(
    teams: Sequence[Team], chosen: Team | None, title: str, closes_on: date, *, here: str = "", about: int | None = None
) -> Form:
    """The form that starts a review of one of `teams`, in the channel `here` or where the review `about` was."""
    options = tuple(Option(wording.shortened(team.name, 75), str(team.id)) for team in teams)
    with_teams = replace(
        LAUNCH, fields=(replace(LAUNCH_FIELDS[0], options=options), *LAUNCH_FIELDS[1:]), about=about, value=here
    )
    return with_teams.filled(
        {"team": str(chosen.id) if chosen else "", "title": title, "closes_on": closes_on.isoformat()}
    )


def extend(review: Review, closes_on: date) -> Form:
    """The form that moves the closing day."""
    return replace(EXTEND, about=review.id).filled({"closes_on": closes_on.isoformat()})


def answers(questions: Sequence[Question], *, title: str, who_sees: Text, until: str,
            about: int | None = None) -> Form:  # fmt: skip
    """The one form that everybody answers: words and a rating for each question, every one optional."""
    fields: list[Field] = []
    for question in questions:
        scale = f"1 is “{question.low}”, 5 is “{question.high}”."
        fields.append(Field(f"words_{question.key}", question.ask, "paragraph", question.gloss, required=False))
        fields.append(Field(f"rating_{question.key}", f"{question.ask} From 1 to 5", "rating", scale, required=False))
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
    )


# the longest that a policy can make it; what people see is made of their own policy's questions
ANSWERS = answers(
    tuple(Question(key=f"question_{one}", ask="Why are we here?", gloss="Clarity of purpose") for one in "abcdefghi"),
    title="Team review", who_sees=text("**Anonymous.**"), until="Mon 16 Mar, 17:00",
)  # fmt: skip


def filled(form: Form, given: Mapping[str, Answer]) -> Form:
    """The form with somebody's earlier answers in it."""
    typed: dict[str, str] = {}
    for key, answer in given.items():
        typed[f"words_{key}"] = answer.words
        typed[f"rating_{key}"] = "" if answer.rating is None else str(answer.rating)
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
        if len(words) > LONGEST_WORDS:
            problems[f"words_{question.key}"] = "That is longer than I can take. Keep it under 3,000 characters."
        if rating not in ("", "1", "2", "3", "4", "5"):
            problems[f"rating_{question.key}"] = "Choose a whole number from 1 to 5, or leave it empty."
            rating = ""
        if words or rating:
            given[question.key] = Answer(int(rating) if rating else None, words)
    if not given and not problems:
        problems[f"words_{questions[0].key}"] = "Answer at least one question, in words or with a number."
    return Read(given, problems)


def read_day(typed: str, *, after: date, today: date) -> date | str:
    """The closing day, or what is wrong with it."""
    try:
        day = date.fromisoformat(typed.strip()[:20])
    except ValueError:
        return "Write the day like this: 2026-03-16."
    if day <= after:
        return "Choose a later day than the present closing day." if after > today else "Choose a day after today."
    if day > today + rules.FURTHEST:
        return f"Choose a day by {wording.day_and_year(today + rules.FURTHEST)}: a review is open for 90 days at most."
    return day
