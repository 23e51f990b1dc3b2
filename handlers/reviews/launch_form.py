"""The forms of whoever starts a review, and what is read from them: the day, the questions, the guests."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot import wording
from bot.chat import Field, Form, Option, joined, several, text
from bot.policy import Question
from handlers.reviews import rules
from storage.models import Review, Team

LONGEST_TITLE = 75
LONGEST_GUESTS = 400
OWN = ("A", "B", "C")  # what the lead's own questions are called in the form
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
    Field(
        "yearly",
        "Which review is it?",
        "choice",
        options=(
            Option("The yearly review", "yes"),
            Option("One in between, with fewer questions or other ones", "no"),
        ),
        value="yes",
    ),
    Field(
        "questions",
        "Questions",
        "choice",
        options=(
            Option("The usual ones", "usual"),
            Option("Choose, reorder or add some: I show them next", "change"),
        ),
        value="usual",
    ),
    Field(
        "guests",
        "Guests",
        hint="Names or e-mail addresses, with commas between them, of people outside the team who should answer, too.",
        required=False,
    ),
)
LAUNCH = Form("reviews.launch", "Start a team review", LAUNCH_FIELDS, submit="Start the review")
EXTEND = Form(
    "reviews.extended",
    "Keep it open longer",
    (Field("closes_on", "New closing day", "date", hint="It closes at the end of the working day."),),
    submit="Change the day",
)
GUESTS = Form(
    "reviews.invited",
    "Ask guests",
    (Field("guests", "Guests", hint="Names or e-mail addresses, with commas between them."),),
    submit="Ask them",
    intro=(
        text("People outside the team whose view helps. I ask each privately; they answer as the team, or say no."),
    ),
)  # fmt: skip
QUESTIONS = Form(
    "reviews.questions",
    "The questions",
    (
        Field("asked", "Ask these", "choices", required=False),
        *(
            field
            for letter in OWN
            for field in (
                Field(f"own_{letter}", f"A question of your own: {letter}", required=False),
                Field(
                    f"gloss_{letter}", f"What question {letter} means", hint="A few words beside it.", required=False
                ),
            )
        ),
        Field(
            "order",
            "In which order?",
            hint="Such as 3, 1, A. What you leave out follows in its usual order; leave this empty to keep that.",
            required=False,
        ),
    ),
    submit="Start the review",
    intro=(text("A few questions that matter now are better than many. Up to three can be your own."),),
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


def questions(usual: Sequence[Question], *, about: int | None, value: str) -> Form:
    """The form in which the questions are chosen. `value` carries what the first form said."""
    options = tuple(
        Option(wording.shortened(f"{number}. {question.ask}", 75), question.key)
        for number, question in enumerate(usual, 1)
    )
    asked = replace(QUESTIONS.fields[0], options=options, value=joined(option.value for option in options))
    return replace(QUESTIONS, fields=(asked, *QUESTIONS.fields[1:]), about=about, value=value)


@dataclass(frozen=True)
class Chosen:
    """The questions in the order in which they are asked, and a sentence for each field that needs another look."""

    questions: tuple[Question, ...]
    problems: Mapping[str, str]


def read_questions(usual: Sequence[Question], typed: Mapping[str, str]) -> Chosen:
    """What the lead chose to ask."""
    ticked = several(typed.get("asked", ""))
    named = {str(number): question for number, question in enumerate(usual, 1) if question.key in ticked}
    problems: dict[str, str] = {}
    for number, letter in enumerate(OWN, 1):
        ask, gloss = (" ".join(typed.get(f"{part}_{letter}", "").split()) for part in ("own", "gloss"))
        if ask and not 3 <= len(ask) <= 140:
            problems[f"own_{letter}"] = "Ask it in 3 to 140 characters."
        elif gloss and not ask:
            problems[f"own_{letter}"] = "Write the question, too."
        elif len(gloss) > 140:
            problems[f"gloss_{letter}"] = "Keep it to 140 characters."
        elif ask:
            # its key has a number in it, as none of the policy's has
            named[letter] = Question.model_construct(key=f"own_{number}", ask=ask, gloss=gloss, low="not yet",
                                                     high="fully")  # fmt: skip
    first = [name.upper() for name in re.split(r"[\s,;.]+", typed.get("order", "")) if name]
    if strange := [name for name in first if name not in named]:
        known = wording.listed(list(named)) or "no question yet"
        problems["order"] = f"I don't know {strange[0][:10]} among the questions you chose. There is: {known}."
    if not named and not problems:
        problems["asked"] = "Choose at least one question, or write one of your own."
    ordered = dict.fromkeys((*(name for name in first if name in named), *named))
    return Chosen(tuple(named[name] for name in ordered), problems)


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
