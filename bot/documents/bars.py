"""Where the bars of a chart stand: worked out once, and drawn by each kind of file in its own way."""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap

from bot import wording
from bot.documents.content import Chart

GAP = 0.7  # between categories; everything is in heights of a bar


@dataclass(frozen=True)
class Bar:
    """One bar: from `top`, of the part `length` of the scale. `said` stands beside it; "" where nothing is shown."""

    series: int
    top: float
    length: float
    said: str


@dataclass(frozen=True)
class Group:
    """The bars of a category, and its name in one line or two."""

    name: tuple[str, ...]
    top: float
    height: float
    bars: tuple[Bar, ...]


def groups(chart: Chart, letters: int) -> Iterator[Group]:
    """The bars of every category, downwards; a name has at most two lines of so many letters."""
    top = 0.0
    for number, category in enumerate(chart.categories):
        lines = wrap(category, letters) or [""]
        name = (lines[0],) if len(lines) == 1 else (lines[0], wording.shortened(" ".join(lines[1:]), letters))
        height = max(float(len(chart.series)), 0.9 * len(name))
        begins = top + (height - len(chart.series)) / 2
        bars = tuple(
            Bar(place, begins + place, min((values[number] or 0) / chart.scale, 1), chart.said(values[number]))
            for place, (_, values) in enumerate(chart.series)
        )
        yield Group(name, top, height, bars)
        top += height + GAP


def height(chart: Chart, letters: int) -> float:
    """How high all of them are."""
    last = list(groups(chart, letters))[-1:]
    return last[0].top + last[0].height if last else 0
