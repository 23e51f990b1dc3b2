"""How the simulated year is told: in one order and with one numbering, where the bot draws both by lot."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from bot.chat import Form, Message, Quote
from bot.console import in_words

NUMBER = re.compile(r"\d+\.\d+")
_ROW = re.compile(r"(\d+)\.(\d+) \| ")
_BY = re.compile(r"— (?:(\d+) marks? · )?(\d+)\.(\d+)")
_SHOWS_POINTS = ("findings.marking", "findings.list")


@dataclass
class Lots:
    """The points of a review are numbered by lot; told here, they are numbered by their words.

    So the same seed tells the same year. Points in the same words are each as good as the other.
    """

    _told: dict[int | None, dict[str, str]] = field(default_factory=dict[int | None, dict[str, str]])

    def learn(self, form: Form) -> None:
        """A finding is written in a form that offers every point of a review, be it marked before or not."""
        if form.name == "findings.written":
            labels = [option.label for one in form.fields for option in one.options]
            points = [(number, words) for number, _, words in (label.partition(" ") for label in labels)]
            self._told.setdefault(form.about, _by_words(points))

    def told(self, message: Message) -> list[str]:
        """What a message says, line by line."""
        lines = in_words(message).splitlines()
        if message.notice == "findings.marking":
            points = [(part.by, part.words) for part in message.parts if isinstance(part, Quote)]
            self._told.setdefault(message.about, _by_words(points))
        if message.notice in _SHOWS_POINTS:
            numbers = self._told.get(message.about, {})
            lines = [NUMBER.sub(lambda found: numbers.get(found[0], found[0]), line) for line in lines]
        return in_order(lines)


def _by_words(points: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For each number the one that is told, given numbers and words."""
    drawn: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for number, words in points:
        if NUMBER.fullmatch(number):
            question, _, place = number.partition(".")
            drawn[question].append((words, int(place)))
    return {
        f"{question}.{number}": f"{question}.{place}"
        for question, ones in drawn.items()
        for place, (_, number) in enumerate(sorted(ones), 1)
    }


def in_order(lines: Sequence[str]) -> list[str]:
    """Quotes and rows of points that stand together, sorted: the bot draws their order by lot."""
    ordered: list[str] = []
    for kind, run in groupby(lines, key=_kind):
        together = list(run)
        match kind:
            case "quote":
                ordered.extend(_quotes(together))
            case "row":
                ordered.extend(sorted(together, key=_place_of_row))
            case _:
                ordered.extend(together)
    return ordered


def _kind(line: str) -> str:
    return "quote" if line.startswith(("> ", "— ")) else "row" if _ROW.match(line) else ""


def _quotes(lines: list[str]) -> list[str]:
    if not any(line.startswith("— ") for line in lines):
        return sorted(lines)
    quotes = list(_each(lines))
    if not all(_BY.fullmatch(quote[-1]) for quote in quotes):
        return lines  # by name: these have an order
    return [line for quote in sorted(quotes, key=_place_of_quote) for line in quote]


def _each(lines: list[str]) -> Iterator[list[str]]:
    quote: list[str] = []
    for line in lines:
        quote.append(line)
        if line.startswith("— "):
            yield quote
            quote = []
    if quote:
        yield quote


def _place_of_quote(quote: list[str]) -> tuple[int, int, int]:
    by = _BY.fullmatch(quote[-1])
    assert by is not None
    return -int(by[1] or 0), int(by[2]), int(by[3])


def _place_of_row(line: str) -> tuple[int, int]:
    row = _ROW.match(line)
    assert row is not None
    return int(row[1]), int(row[2])
