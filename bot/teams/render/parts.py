"""Parts → elements of a card: the words, quotes, facts, tables, charts and controls of a message or above a form.

Each part is held to its own limits here; that all of them together are not too many bytes is for who shows them.
"""

from typing import assert_never

from bot.chat import Buttons, Chart, Facts, Link, Part, Quote, Select, Span, Table, Text
from bot.teams.render.controls import action_sets, button_action, select_elements, title_of
from bot.teams.render.limits import LIMITS, TooLarge
from bot.teams.render.text import Json, literal, rich_text
from bot.wording import shortened


def elements(part: Part, number: int, direct: bool, longest: int | None, *, alone: bool) -> list[Json]:
    """What shows the `number`th part of a card, its quotes no longer than `longest`.

    `direct` says that only one person sees the card, `alone` that no other menu stands on it.
    """
    match part:
        case Text():
            return [rich_text(part.spans(), small=part.small)]
        case Quote(words, by):
            return [_quote(words if longest is None else shortened(words, longest), by)]
        case Facts(pairs):
            return [_fact(label, value) for label, value in pairs]
        case Table(headings, rows):
            return [_table(headings, rows)]
        case Chart():
            return [_chart(part)]
        case Link(label, url):
            return action_sets([{"type": "Action.OpenUrl", "title": title_of(label), "url": url}])
        case Buttons(buttons):
            return action_sets([button_action(button, direct) for button in buttons])
        case Select():
            return select_elements(part, f"choice{number}", required=alone)
        case _:
            assert_never(part)


def _quote(words: str, by: str) -> Json:
    items = [rich_text([Span(words)])]
    if by:
        items.append(rich_text([Span(f"— {by}")], small=True))
    return {"type": "Container", "style": "emphasis", "items": items}


def _fact(label: str, value: str) -> Json:
    columns = [(1, rich_text([Span(label, bold=True)])), (2, rich_text([Span(value)]))]
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [{"type": "Column", "width": str(width), "items": [item]} for width, item in columns],
    }


def _table(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Json:
    if len(rows) > LIMITS["table rows"]:
        raise TooLarge

    def row(cells: tuple[str, ...], *, bold: bool = False) -> Json:
        said = [{"type": "TableCell", "items": [rich_text([Span(cell, bold=bold)])]} for cell in cells]
        return {"type": "TableRow", "cells": said}

    return {
        "type": "Table",
        "firstRowAsHeader": True,
        "columns": [{"width": _share([heading, *cells])} for heading, *cells in zip(headings, *rows, strict=True)],
        "rows": [row(headings, bold=True), *(row(cells) for cells in rows)],
    }


def _share(cells: list[str]) -> int:
    """How wide a column is beside the others: its longest word stays whole, and sentences get some room more.

    The first cell is the heading, whose bold words are wider.
    """
    bold = max((len(word) + 2 for word in cells[0].split()), default=0)
    longest_word = max((len(word) for cell in cells[1:] for word in cell.split()), default=bold)
    longest_word = max(longest_word, bold)
    return max(min(longest_word, 24), min(max(map(len, cells)), 20)) + 3  # and what stands around the words


def _chart(chart: Chart) -> Json:
    """Teams' native chart. Clients without it drop it: the table beside it says the same."""
    categories = [literal(category) for category in chart.categories[: LIMITS["chart categories"]]]
    shown: Json = {"title": literal(chart.title), "showTitle": True, "showBarValues": True, "fallback": "drop"}
    if chart.stacked:
        return {"type": "Chart.HorizontalBar.Stacked", **shown, "colorSet": "diverging", "data": _bars(chart)}
    if len(chart.series) == 1:
        values = chart.series[0][1]
        data = [{"x": x, "y": y} for x, y in zip(categories, values, strict=False)]
        return {"type": "Chart.VerticalBar", **shown, "data": data}
    data = [
        {"legend": literal(legend), "values": [{"x": x, "y": y} for x, y in zip(categories, values, strict=False)]}
        for legend, values in chart.series[: LIMITS["chart series"]]
    ]
    # colours that differ in more than how dark they are: a few series have to be told apart
    return {"type": "Chart.VerticalBar.Grouped", **shown, "colorSet": "categorical", "data": data}


def _bars(chart: Chart) -> list[Json]:
    """A bar for each category, whose parts are the series: every one of them, so that they keep order and colour."""
    series = chart.series[: LIMITS["chart series"]]
    return [
        {
            "title": literal(category),
            "data": [
                {"legend": literal(legend), "value": values[number]}
                for legend, values in series
                if number < len(values)
            ],
        }
        for number, category in enumerate(chart.categories[: LIMITS["chart categories"]])
    ]
