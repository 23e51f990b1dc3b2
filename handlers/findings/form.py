"""The forms in which points are chosen: to mark what matters, and to say what a finding rests on.

A form offers what every platform can show in one list. Where a review has more, it is chosen from in parts.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot import wording
from bot.chat import Field, Form, Option, joined, several, text
from bot.errors import NotYours
from handlers.findings.reading import Found, Sense, numbered
from storage.models import Review

MOST_IN_A_LIST = 90  # Slack shows a hundred options in one list, Teams two hundred
MOST_MARKS = 3
LONGEST_WORDS = 1_000
RATINGS = "ratings:"

POINTS = Field("points", "What matters most", "choices", required=False,
               hint="Up to three of all of them. Choose none to take your marks back.")  # fmt: skip
SOURCES = Field("points", "What it rests on", "choices", required=False,
                hint="What people wrote, and how a question was rated.")  # fmt: skip
WORDS = Field("words", "What you find", "paragraph", hint="In a sentence or two, in the team's own words.")
_LONGEST = tuple(
    Option(wording.shortened(f"{number}.10 " + "w" * 90, 75), str(2**62 - number)) for number in range(MOST_IN_A_LIST)
)  # as long a list as there can be; what people see is made of their own review
MARK = Form("findings.marked", "What matters most", (replace(POINTS, options=_LONGEST),), submit="Mark these")
WRITE = Form("findings.written", "A finding", (replace(SOURCES, options=_LONGEST), WORDS), submit="Keep this finding")
CHANGE = replace(WRITE, name="findings.changed", title="Change a finding", submit="Change it")


@dataclass(frozen=True)
class Part:
    """Some of what can be chosen: as many as one list holds. `key` names it in buttons; one that is alone has none."""

    key: str
    label: str
    options: tuple[Option, ...]

    @property
    def values(self) -> set[str]:
        """What can be chosen of it."""
        return {option.value for option in self.options}


def parts(sense: Sense, *, ratings: bool) -> list[Part]:
    """All that can be chosen, in parts: one, if it fits; else the questions one by one, a long one in several."""
    by_question = [(result, _options(sense, number, ratings)) for number, result in enumerate(sense.results)]
    everything = tuple(option for _, options in by_question for option in options)
    if len(everything) <= MOST_IN_A_LIST:
        return [Part("", "", everything)]
    found: list[Part] = []
    for result, options in by_question:
        for start in range(0, len(options), MOST_IN_A_LIST):
            some = tuple(options[start : start + MOST_IN_A_LIST])
            label = result.asked
            if len(options) > MOST_IN_A_LIST:
                label = f"{start + 1}–{start + len(some)} of {label}"
            found.append(Part(f"{result.question.key}.{start}", label, some))
    return found


def part_of(all_parts: Sequence[Part], key: str) -> Part | None:
    """The part that is named; the only one where there is one; None when one has to be chosen first."""
    if len(all_parts) == 1:
        return all_parts[0]
    if not key:
        return None
    named = next((part for part in all_parts if part.key == key), None)
    if named is None:
        raise NotYours
    return named


def marking(review: Review, part: Part, marked: Collection[int]) -> Form:
    """The form in which somebody marks what matters, with their marks in it."""
    chosen = {str(point) for point in marked}
    elsewhere = len(chosen - part.values)
    intro = [text("Nobody sees what you mark, and you can change it until the marking is ended.")]
    if elsewhere:
        intro.append(text("You have marked {number} elsewhere.", number=elsewhere))
    return replace(MARK, fields=(_field(POINTS, part, chosen),), intro=tuple(intro), about=review.id, value=part.key)


def writing(review: Review, part: Part) -> Form:
    """The form in which a finding is written."""
    return replace(WRITE, fields=(_field(SOURCES, part, set()), WORDS), about=review.id, value=part.key)


def changing(found: Found, part: Part) -> Form:
    """The form in which a finding is changed."""
    chosen = _field(SOURCES, part, values_of(found))
    return replace(CHANGE, fields=(chosen, replace(WORDS, value=found.words)), about=found.id, value=part.key)


def values_of(found: Found) -> set[str]:
    """What a finding rests on, as the form names it."""
    points = {str(one.point.id) for one in found.points}
    return points | {f"{RATINGS}{result.question.key}" for result in found.ratings}


def chosen_of(part: Part, answers: Mapping[str, str]) -> set[str]:
    """What was chosen of a part: nothing that it does not hold."""
    return set(several(answers.get("points", ""))) & part.values


@dataclass(frozen=True)
class Sources:
    """Points by their numbers, and questions whose ratings are meant by their keys."""

    points: set[int]
    questions: set[str]


def sources(chosen: Collection[str]) -> Sources:
    """What was chosen, as it is kept."""
    return Sources(
        {int(value) for value in chosen if not value.startswith(RATINGS)},
        {value.removeprefix(RATINGS) for value in chosen if value.startswith(RATINGS)},
    )


def _options(sense: Sense, number: int, ratings: bool) -> list[Option]:
    result = sense.results[number]
    options = [
        Option(wording.shortened(f"{one.number} {' '.join(one.point.words.split())}", 75), str(one.point.id))
        for one in numbered(result)
    ]
    if ratings and result.ratings:
        rated = wording.shortened(
            f"Ratings of {result.number}, {result.average:.1f} on average: {result.question.ask}", 75
        )
        options.insert(0, Option(rated, f"{RATINGS}{result.question.key}"))
    return options


def _field(field: Field, part: Part, chosen: Collection[str]) -> Field:
    there = [option.value for option in part.options if option.value in chosen]
    return replace(field, options=part.options, value=joined(there))
