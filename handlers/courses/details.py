"""More about a course: its kind, why it was needed, who provides it, what it costs. Nothing of it is required."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import wording
from bot.chat import Event, Field, FixAnswers, Form, OpenForm, Option, Reply, numbered, text
from bot.policy_courses import Choice, Training
from handlers import amounts
from handlers.courses.card import card
from handlers.courses.facts import kind_of_own, opened, possible_targets, words_of
from handlers.courses.steps import course_of
from handlers.courses.words import title_of
from handlers.replying import in_place
from handlers.turn import Turn
from storage import trainings
from storage.models import Course, Target

OTHER = "other"  # a kind that its owner names
LONGEST_LINE = 200
_BOOKED = (Option("Asked for", "asked"), Option("Booked", "booked"))
_WHERE = (
    Option("Off the job: it counts towards the days owed to me", "off"),
    Option("On the job, as part of my work", "on"),
)
MORE = Form(
    "courses.detailed",
    "More about it",
    (
        Field("kind", "What kind is it?", "choice", required=False),
        Field("kind_words", "If it is something else, what?", required=False),
        Field("need", "Where did the need come from?", "choice", required=False),
        Field("target", "Which target is it for?", "choice", required=False),
        Field("provider", "Who provides it?", required=False),
        Field("training", "Does it count as one of these?", "choice", hint="A training that is mandatory for you",
              required=False),
        Field("booking", "Asked for, or booked?", "choice", options=_BOOKED, required=False),
        Field("job", "How does it count?", "choice", options=_WHERE, required=False),
        Field("length", "How long is it really?", hint="2h, 90 minutes, half a day. A bare number is hours",
              required=False),
        Field("cost", "What does it cost?", hint="£120, 120.50, or free", required=False),
        Field("accredited", "What is it accredited with?", hint="A certificate, CPD points. Empty: it is not",
              required=False),
    ),
    intro=(text("Fill in what you like, and nothing more. Only you can read it."),),
)  # fmt: skip


@dataclass(frozen=True)
class Details:
    """What the form says, read."""

    kind: str
    kind_words: str
    need: str
    target: Target | None
    training: str
    provider: str
    booking: str
    off_the_job: bool
    days: float
    cost: int | None
    accredited: str


def more(turn: Turn, event: Event) -> Reply:
    """Open the form with what is known already."""
    course = course_of(turn, event)
    return OpenForm(_form(turn, course).filled(_known(turn, course)))


def detailed(turn: Turn, event: Event) -> Reply:
    """Keep what the form says; what was left empty is empty."""
    course = course_of(turn, event)
    found = _read(turn, course, event)
    if isinstance(found, dict):
        return FixAnswers(_form(turn, course).filled(event.answers), found)
    course.kind, course.need, course.booking = found.kind, found.need, found.booking
    course.kind_words = turn.seal(found.kind_words) if found.kind_words else None
    course.provider = turn.seal(found.provider) if found.provider else None
    course.accredited = turn.seal(found.accredited) if found.accredited else None
    course.target_id = found.target.id if found.target else None
    course.training = found.training
    trainings.follow_course(turn.session, turn.policy, course, turn.now)
    course.off_the_job, course.days, course.cost = found.off_the_job, found.days, found.cost
    return in_place(turn, event, card(turn, course, "Noted."))


def _form(turn: Turn, course: Course) -> Form:
    """The questions that this organisation's policy and this person's plan give answers to choose from."""
    asked = turn.policy.courses
    kinds = (*_options(asked.activities), Option("Something else", OTHER)) if asked.activities else ()
    targets = possible_targets(turn, course)
    given = {
        "kind": kinds,
        "need": _options(asked.needs),
        "training": tuple(Option(one.name, one.key) for one in _trainings(turn, course)),
        "target": tuple(Option(wording.shortened(words_of(turn, one), 75), str(one.id)) for one in targets),
    }
    unasked = {name for name, options in given.items() if not options}
    fields = [replace(one, options=given.get(one.name, one.options)) for one in MORE.fields if one.name not in unasked]
    if "kind" in unasked:
        fields[0] = replace(fields[0], label=MORE.fields[0].label)
    intro = (text("**{title}**", title=title_of(turn, course)), *MORE.intro)
    return replace(MORE, about=course.id, fields=tuple(fields), intro=intro)


def _known(turn: Turn, course: Course) -> dict[str, str]:
    words = kind_of_own(turn, course)
    per_day = turn.policy.learning_time.hours_in_a_day
    return {
        "kind": OTHER if words else course.kind,
        "kind_words": words,
        "need": course.need,
        "target": str(course.target_id or ""),
        "training": course.training,
        "provider": opened(turn, course, course.provider),
        "booking": course.booking,
        "job": "off" if course.off_the_job else "on",
        "length": amounts.length_in_words(course.days, per_day),
        "cost": "" if course.cost is None else amounts.cost_in_words(course.cost),
        "accredited": opened(turn, course, course.accredited),
    }


def _read(turn: Turn, course: Course, event: Event) -> Details | dict[str, str]:
    """What the form says, or what is wrong with it."""
    given = {name: " ".join(words.split()) for name, words in event.answers.items()}
    policy, per_day = turn.policy, turn.policy.learning_time.hours_in_a_day
    problems = {
        name: f"Keep this to {LONGEST_LINE} characters."
        for name in ("kind_words", "provider", "accredited")
        if len(given.get(name, "")) > LONGEST_LINE
    }
    kind, own = given.get("kind", ""), given.get("kind_words", "")
    if kind and kind != OTHER and not policy.courses.activity(kind):
        kind = ""  # the policy has changed since the form was opened
    if kind == OTHER and not own:
        problems["kind_words"] = "Say in a word or two what it is, or choose one above."
    cost, written = None, given.get("cost", "")
    if written and (cost := amounts.read_cost(written)) is None:
        problems["cost"] = "I can't read that as an amount. Write it like £120, 120.50 or free."
    days, length = course.days, given.get("length", "")
    if length and length != amounts.length_in_words(course.days, per_day):
        read = amounts.read_length(length, per_day)
        if read is None:
            problems["length"] = "I can't tell how long that is. Write it like 2h, 90 minutes or half a day."
        elif read > (course.ends_on - course.starts_on).days + 1:
            problems["length"] = "That is longer than its days. Change its last day first, or write less here."
        days = read or days
    if problems:
        return problems
    need, target = given.get("need", ""), numbered(given.get("target", ""))
    return Details(
        kind="" if kind == OTHER else kind,
        kind_words=own if kind in ("", OTHER) else "",  # a kind that was chosen after all goes before
        need=need if policy.courses.need(need) else "",
        target=next((one for one in possible_targets(turn, course) if one.id == target), None),
        training=_one_of(_trainings(turn, course), given.get("training", "")),
        provider=given.get("provider", ""),
        booking=given.get("booking", "") if given.get("booking", "") in ("asked", "booked") else "",
        off_the_job=given.get("job", "off") != "on",
        days=days,
        cost=cost,
        accredited=given.get("accredited", ""),
    )


def _trainings(turn: Turn, course: Course) -> Sequence[Training]:
    """What it can count as: what is mandatory for its owner, and what it counts as already."""
    offered = trainings.mandatory_for(turn.session, turn.policy, turn.person)
    return [one for one in turn.policy.trainings if one in offered or one.key == course.training]


def _one_of(offered: Sequence[Training], key: str) -> str:
    return key if any(one.key == key for one in offered) else ""


def _options(choices: Sequence[Choice]) -> tuple[Option, ...]:
    return tuple(Option(choice.label, choice.key) for choice in choices)
