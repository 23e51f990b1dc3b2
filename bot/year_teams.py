"""What teams do together in the simulated year: they review how they work, make sense of it, and agree on a plan."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from bot import wording
from bot.chat import Form, Option, joined
from bot.console import Posted, buttons_of
from bot.year_hands import Hands
from handlers.findings.form import MOST_MARKS

EARLY = "ola@example.org"  # leads the team that begins the year with its review; the others hold it when it is due
OWN_WORDS = "grace@example.org"  # leads the team that puts its plan in its own words
DOUBTS = "ben@example.org"
EAGER = "dan@example.org"  # marks one point too many at first
DOUBT = "Fine with me, but let us begin after half-term: until then I am in schools all day."
THOUGHTS = (
    "The case studies made it real.",
    "I ask open questions first now.",
    "I shall try it with the new starters.",
)
SAID = {  # of these questions everybody writes, each something else; the others are rated
    "purpose": (
        "To help schools help children. We seldom say it aloud.",
        "New colleagues pick it up by chance.",
        "Ask three of us and you hear three answers.",
        "I know it best on the days in schools.",
        "It is on the wall, and nobody looks up.",
    ),
    "evidence": (
        "Mostly by what schools ring us about.",
        "We count visits, not what changes.",
        "The figures are there, and nobody has an hour to look at them together.",
        "Parents tell us, when we ask.",
        "I could not say.",
    ),
    "improving": (
        "Each of us learns a lot, but alone.",
        "We try many things and finish few.",
        "The cases we shared with Bitterne taught us most.",
        "A little each term.",
        "We say that we will, and then it is July.",
    ),
}
FINDINGS = {  # by who leads the team: the words, and the question whose ratings and one of whose points they rest on
    EARLY: (("We rarely look at evidence together.", "4."), ("New colleagues learn our purpose by chance.", "1.")),
    OWN_WORDS: (("What two of us hold together is finished.", "5."),),
}
ITEM = {
    "how_words": "An hour on the first Monday of the month, over one set of figures",
    "criteria": "Every case meeting begins with two figures",
}
OWN_ITEM = {
    "need": "See whether our support changes what happens in class",
    "criteria": "We can name three schools where it did",
}
THEME = "evidence"


def answers_to_review(chance: random.Random, number: int) -> Callable[[Form], Mapping[str, str]]:
    """Every question is rated, and some are answered in words; `number` is this person's."""

    def answers(form: Form) -> dict[str, str]:
        filled: dict[str, str] = {}
        for one in form.fields:
            kind, _, question = one.name.partition("_")
            if one.kind == "rating":
                filled[one.name] = str(chance.randint(2, 5))
            elif kind == "words" and question in SAID:
                filled[one.name] = SAID[question][number % len(SAID[question])]
        return filled

    return answers


def review_day(lead: str, first: date) -> date:
    """On which day this lead's team begins its review."""
    return _working_day(first + timedelta(days=14) if lead == EARLY else date(first.year + 1, 5, 4))


def plan_day(first: date) -> date:
    """On which day the team begins its plan that puts it in its own words."""
    return _working_day(first + timedelta(days=34))


def _working_day(day: date) -> date:
    return day + timedelta(days=7 - day.weekday() if day.weekday() > 4 else 0)


# ------------------------------------------------------------------------------------------------------- in the channel


async def in_channel(hands: Hands, posted: Posted, lead: str) -> bool:
    """What somebody of the team does about a new card in its channel; False when it asks them for nothing."""
    actions = {button.action for button in buttons_of(posted.message)}
    if "findings.mark" in actions:
        too_many = _marks(hands.whims, MOST_MARKS + 1) if hands.who == EAGER else None
        await hands.fills("findings.mark", _marks(hands.whims, hands.whims.randint(1, MOST_MARKS)), too_many)
    elif "team_plans.agree" in actions and hands.who == DOUBTS:
        await hands.fills("team_plans.object", {"words": DOUBT})
    elif "team_plans.agree" in actions and hands.who != lead:
        await hands.taps("team_plans.agree")
    else:
        return False
    return True


def _marks(chance: random.Random, many: int) -> Callable[[Form], Mapping[str, str]]:
    """So many points, chosen by their words: their numbers are drawn by lot."""

    def marks(form: Form) -> dict[str, str]:
        points = _in_words(form, "points")
        said = sorted(points)
        return {"points": joined([points[words] for words in chance.sample(said, min(len(said), many))])}

    return marks


def _in_words(form: Form, field: str) -> dict[str, str]:
    """Each point by its question and words; of several in the same words the one with the first number."""
    first: dict[str, str] = {}
    for option in sorted(_options(form, field), key=_number):
        number, _, words = option.label.partition(" ")
        first.setdefault(f"{number.partition('.')[0]}. {words}", option.value)
    return first


def _number(option: Option) -> tuple[int, int]:
    question, _, number = option.label.partition(" ")[0].partition(".")
    return (int(question), int(number)) if question.isdigit() and number.isdigit() else (0, 0)


def _options(form: Form, field: str) -> Sequence[Option]:
    return next((one.options for one in form.fields if one.name == field), ())


# ------------------------------------------------------------------------------------------------------------- the lead


async def makes_sense(hands: Hands, today: date) -> None:
    """The review is closed: its lead begins the marking if enough could, and finds a week later."""
    await hands.taps("findings.begin")
    hands.later(today + timedelta(days=7), _finds)


async def _finds(hands: Hands, today: date) -> None:
    if hands.sees("findings.end"):
        await hands.taps("findings.end")
    if not hands.sees("findings.write"):
        return  # nothing of the review may be shown: they talk it through
    for words, question in FINDINGS[hands.who]:
        await hands.fills("findings.write", _finding(words, question))
    await hands.taps("findings.finish")
    if hands.who == EARLY:
        await _plans(hands, today)


async def _plans(hands: Hands, today: date) -> None:
    """The plan of this year, from what was found; where the review is held late in the year there is one already."""
    await hands.taps("team_plans.open")
    await hands.taps("team_plans.begin")
    await hands.fills("team_plans.choose", lambda form: {one.name: joined([option.value for option in one.options])
                                                         for one in form.fields})  # fmt: skip
    await hands.chooses("1.")
    await hands.fills("team_plans.change", _item(ITEM, today, "Amina Khan"))
    await hands.taps("team_plans.see")
    await _proposes(hands, today)


def _finding(words: str, question: str) -> Callable[[Form], Mapping[str, str]]:
    """What is found, with one point of a question and how that was rated."""

    def finding(form: Form) -> dict[str, str]:
        points = _in_words(form, "points")
        rests = [points[said] for said in sorted(points) if said.startswith(question)][:1]
        rated = f"Ratings of {question.removesuffix('.')},"
        rests += [option.value for option in _options(form, "points") if option.label.startswith(rated)]
        return {"points": joined(rests), "words": words}

    return finding


async def begins_plan(hands: Hands, today: date) -> None:
    """A plan that rests on no review yet, in the team's own words."""
    await hands.types("team plan")
    await hands.taps("team_plans.begin")
    await hands.fills("team_plans.add", _item(OWN_ITEM, today, "Farid Gill"))
    await _proposes(hands, today)


def _item(words: Mapping[str, str], today: date, leads: str) -> Callable[[Form], Mapping[str, str]]:
    """An item with its words, a day in spring, who leads it, and the theme where the policy names it."""

    def item(form: Form) -> dict[str, str]:
        filled = dict(words)
        filled["due"] = wording.day_and_year(today + timedelta(days=210))
        filled["leads"] = next((one.value for one in _options(form, "leads") if one.label == leads), "")
        filled["theme"] = THEME if THEME in {one.value for one in _options(form, "theme")} else ""
        return filled

    return item


async def _proposes(hands: Hands, today: date) -> None:
    await hands.taps("team_plans.preview")
    await hands.taps("team_plans.propose")
    hands.later(today + timedelta(days=7), _agrees)


async def _agrees(hands: Hands, today: date) -> None:
    await hands.taps("team_plans.before_agreed")
    await hands.taps("team_plans.agreed")


# ----------------------------------------------------------------------------------------------------- the coordinator


async def plans_seminar(hands: Hands, today: date) -> None:
    """What the plans share becomes a seminar, on a Wednesday in the new year: everybody works then."""
    day = today + timedelta(days=90)
    day += timedelta(days=(2 - day.weekday()) % 7)
    about = {
        "about": "Bring one figure that you wonder about. We read it together, and leave with a question each.",
        "day": day.isoformat(),
        "starts": "14:00",
        "ends": "15:30",
        "where": "The training room",
    }
    await hands.fills("seminars.plan", about)
    await hands.taps("seminars.invite")
