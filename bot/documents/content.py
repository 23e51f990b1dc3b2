"""A document as it is read: chapters of records, each with a heading, a line of facts, words, and tables.

HTML, PDF, Word and CSV are ways to set the same pages, so that nothing is in one of them and not in another.
"""

import math
import re
from dataclasses import dataclass
from typing import Literal
from unicodedata import bidirectional

Style = Literal["words", "quote", "label", "facts", "item"]

_NUMBER = re.compile(r"[-–]|(?:£\s?)?-?[\d,]+(?:\.\d+)?(?:\s?%| of \d+)?")


def leans_right(words: str) -> bool:
    """Whether the first letter that has a direction goes from right to left."""
    for letter in words:
        way = bidirectional(letter)
        if way in ("R", "AL", "L"):
            return way != "L"
    return False


@dataclass(frozen=True)
class Line:
    """A paragraph: somebody's words, a quotation, a label above words, facts in small type, or an item of a list."""

    style: Style
    words: str


@dataclass(frozen=True)
class Chart:
    """How a table is drawn: in every series a bar for each category; None, which may not be shown, is drawn as nothing.

    `most` is where the scale ends; 0 leaves that to the values. `unit` stands before every value: `£`.
    """

    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    most: float = 0
    unit: str = ""

    @property
    def scale(self) -> float:
        """Where the scale ends: a round number that no value is beyond."""
        if self.most:
            return self.most
        largest = max((value or 0 for _, values in self.series for value in values), default=0)
        if largest <= 0:
            return 1
        step = 10 ** math.floor(math.log10(largest))
        return next(step * times for times in (1, 2, 2.5, 5, 10) if step * times >= largest)

    @property
    def whole(self) -> bool:
        """Whether every value is a whole number."""
        return all(one == round(one) for _, values in self.series for one in values if one is not None)

    def said(self, value: float | None) -> str:
        """A value as it stands beside its bar: all with a decimal place, or none."""
        return "" if value is None else f"{self.unit}{value:,.{0 if self.whole else 1}f}"


@dataclass(frozen=True)
class Table:
    """Rows under headings, each as long as these; the first cell of a row names it. A chart is never without one."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: Chart | None = None

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Of each column, whether it holds numbers."""
        columns = list(zip(*self.rows, strict=True)) if self.rows else [()] * len(self.headings)
        return tuple(number > 0 and all(map(_NUMBER.fullmatch, column)) for number, column in enumerate(columns))

    @property
    def drawn(self) -> str:
        """What its chart shows, for whoever does not see it."""
        if self.chart is None:
            return ""
        said: list[str] = []
        for number, category in enumerate(self.chart.categories):
            values = [(name, self.chart.said(shown[number])) for name, shown in self.chart.series]
            told = ", ".join(f"{name} {value}" for name, value in values if value)
            said.append(f"{category}: {told or 'not shown'}")
        return f"Bar chart. {self.caption}. {'; '.join(said)}. The table has the same numbers."


@dataclass(frozen=True)
class Record:
    """One record as it is read: its words, and after them its tables."""

    heading: str
    facts: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """One section as it is read. `sheet` has its records in one table, for spreadsheets."""

    section: str
    heading: str
    records: tuple[Record, ...]
    sheet: Table | None = None


@dataclass(frozen=True)
class Pages:
    """The whole document as it is read. `counted` is whether its contents say how many records are in a chapter."""

    title: str
    subtitle: str
    about: str
    chapters: tuple[Chapter, ...]
    author: str = ""
    counted: bool = True

    def contents(self) -> tuple[tuple[Chapter, str], ...]:
        """Every chapter, with the line that stands for it in the contents after its heading."""
        return tuple((one, f" ({len(one.records)})" if self.counted else "") for one in self.chapters)
