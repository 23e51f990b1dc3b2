"""Parts → blocks: the words, facts, tables, charts and controls of a message, or of what a form says above its fields.

Each part is held to its own limits here; that all of them together are not too many or too heavy is for who shows them.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from bot.chat import Buttons, Chart, Facts, Link, Part, Quote, Select, Span, Table, Text
from bot.slack.render.controls import actions, button_element, select_element
from bot.slack.render.limits import Limit, TooLarge
from bot.slack.render.text import Json, in_pieces, plain_text, rich_text, run, section
from bot.wording import shortened

Surface = Literal["message", "view"]
MONOSPACED_CELL = 40


@dataclass
class Drawer:
    """Draws parts one after the other, numbering controls; words longer than `longest` are cut."""

    surface: Surface
    simple: bool = False
    longest: int = 0

    def all(self, parts: Iterable[Part]) -> list[Json]:
        numbers = itertools.count()
        parts = tuple(parts)
        tables, charts = itertools.count(), itertools.count()
        has_table = any(isinstance(part, Table) for part in parts)
        blocks: list[Json] = []
        for part in parts:
            match part:
                case Text():
                    blocks += self._text(part)
                case Quote():
                    blocks += self._quote(part)
                case Facts():
                    blocks += self._facts(part)
                case Table():
                    native = not self.simple and self.surface == "message" and next(tables) < Limit.TABLES
                    blocks += self._table(part, native)
                case Chart():
                    if self.surface == "message" and not self.simple and next(charts) < Limit.CHARTS and _charts(part):
                        blocks.append(_chart(part))
                    elif not has_table:
                        blocks += self._table(_as_table(part), native=False)
                case Link(label, url):
                    blocks.append(rich_text(section([{"type": "link", "url": _url(url), "text": label or url}])))
                case Buttons(buttons):
                    blocks += actions(button_element(button, next(numbers)) for button in buttons)
                case Select():
                    if part.options:
                        blocks += actions([select_element(part, next(numbers))])
                case _:
                    assert_never(part)
        return blocks

    def _cut(self, words: str) -> str:
        return shortened(words, self.longest) if self.longest else words

    def _text(self, part: Text) -> list[Json]:
        if part.small:
            pieces = [plain_text(piece, Limit.TEXT) for piece in in_pieces(self._cut(part.plain()))]
            return [
                {"type": "context", "elements": pieces[start : start + Limit.CONTEXT_ELEMENTS]}
                for start in range(0, len(pieces), Limit.CONTEXT_ELEMENTS)
            ]
        runs = [
            run(piece, bold=span.bold)
            for span in (Span(self._cut(span.words), span.bold) for span in part.spans())
            for piece in in_pieces(span.words)
        ]
        return [rich_text(section(runs))] if runs else []

    def _quote(self, part: Quote) -> list[Json]:
        words = self._cut(part.words)
        quotes = [{"type": "rich_text_quote", "elements": [run(piece)]} for piece in in_pieces(words)]
        if part.by:
            quotes.append(section([run(piece) for piece in in_pieces(self._cut(f"— {part.by}"))]))
        return [rich_text(*quotes)] if quotes else []

    def _facts(self, part: Facts) -> list[Json]:
        runs: list[Json] = []
        for label, value in part.pairs:
            runs += [run(piece, bold=True) for piece in in_pieces(self._cut(label) + ": ")]
            runs += [run(piece) for piece in in_pieces(self._cut(value))]
            runs.append(run("\n"))
        return [rich_text(section(runs[:-1]))] if runs else []

    def _table(self, part: Table, native: bool) -> list[Json]:
        rows = [part.headings, *part.rows]
        if not part.headings:
            return []
        if not native or len(rows) > Limit.TABLE_ROWS or len(part.headings) > Limit.TABLE_COLUMNS:
            return _monospaced(rows)
        return [
            {
                "type": "table",
                "rows": [[_cell(self._cut(cell), bold=number == 0) for cell in row] for number, row in enumerate(rows)],
                "column_settings": [{"is_wrapped": True} for _ in part.headings],
            }
        ]


def _cell(words: str, *, bold: bool) -> Json:
    # rich text, not raw_text: Slack failed on its own example of the latter, and an empty cell is refused
    return rich_text(section([run(words[: Limit.TEXT] if words.strip() else "–", bold=bold)]))


def _monospaced(rows: Sequence[Sequence[str]]) -> list[Json]:
    """A table where there can be no table block: columns lined up in preformatted text."""
    cells = [[shortened(" ".join(cell.split()), MONOSPACED_CELL) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells if column < len(row)) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in cells]
    return [
        rich_text({"type": "rich_text_preformatted", "elements": [run(piece)]})
        for piece in in_pieces("\n".join(lines) or "–")
    ]


def _charts(part: Chart) -> bool:
    """Whether Slack can draw this chart: it refuses any that is outside its limits."""
    labels = [*part.categories, *(name for name, _ in part.series)]
    return (
        1 <= len(part.series) <= Limit.CHART_SERIES
        and 1 <= len(part.categories) <= Limit.CHART_CATEGORIES
        and all(label.strip() and len(label) <= Limit.CHART_LABEL for label in labels)
        and len(set(part.categories)) == len(part.categories)
        and len({name for name, _ in part.series}) == len(part.series)
        and all(len(values) == len(part.categories) and all(map(math.isfinite, values)) for _, values in part.series)
    )


def _chart(part: Chart) -> Json:
    series = [
        {
            "name": name,
            "data": [
                {"label": label, "value": _number(value)}
                for label, value in zip(part.categories, values, strict=True)
            ],
        }
        for name, values in part.series
    ]  # fmt: skip
    chart = {"type": "bar", "series": series, "axis_config": {"categories": list(part.categories)}}
    title = shortened(part.title, Limit.CHART_TITLE) if part.title.strip() else "–"
    return {"type": "data_visualization", "title": title, "chart": chart}


def _as_table(part: Chart) -> Table:
    rows = tuple(
        (label, *(f"{values[number]:g}" if number < len(values) else "" for _, values in part.series))
        for number, label in enumerate(part.categories)
    )
    return Table((part.title, *(name for name, _ in part.series)), rows)


def _number(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def _url(url: str) -> str:
    if len(url) > Limit.URL:
        raise TooLarge("an address is too long for Slack")
    return url
