"""What Teams shows: messages and forms as Adaptive Cards, and what comes back from them as answers.

Words are shown only through `TextRun`, which knows no markup at all; a `TextBlock` or `FactSet` would read Markdown in
them. One thing still happens inside a `TextRun`: `{{DATE(…)}}` and `{{TIME(…)}}` are computed, so they are broken up
with an invisible character. Everything goes out as a card, however short, because the text of a message is markup too.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, assert_never, cast

from bot.chat import (
    PUT_AWAY,
    Button,
    Buttons,
    Chart,
    Facts,
    Field,
    Form,
    Link,
    Message,
    Option,
    Part,
    Quote,
    Select,
    Span,
    Table,
    Text,
    joined,
    several,
)
from bot.wording import shortened

Json = dict[str, Any]

CARD = "application/vnd.microsoft.card.adaptive"
OURS = "learnbot"  # where our own data stands among what was typed: a field may not be called that

LIMITS = {
    "card bytes": 28 * 1024,  # an Adaptive Card in a message
    "form bytes": 80 * 1024,  # a form with its answers still in it; Teams takes 100 KB altogether
    "actions in a set": 6,  # what is shown of one; the rest goes into a set of its own
    "button": 80,  # characters of a button's label
    "summary": 200,
    "dialog title": 64,
    "choices": 200,
    "choice": 128,
    "boxes": 10,  # to tick, below one another
    "line": 500,
    "paragraph": 12_000,
    "chart categories": 20,
    "chart series": 12,
    "table rows": 60,
}

_COMPUTED = re.compile(r"\{\{(?=\s*(?:DATE|TIME)\s*\()", re.IGNORECASE)
_MARKS = re.compile(r"[\\`*_\[\]<>#~|!&]")
_LEADING = re.compile(r"^\s*(?=[-+=])|^\s*\d+(?=[.)](?:\s|$))")
_AMONG = ","  # what Teams puts between several choices
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{2}:\d{2}")
_RATINGS = tuple(Option(str(n), str(n)) for n in range(1, 6))
_YES_NO = (Option("Yes", "yes"), Option("No", "no"))


class TooLarge(Exception):
    """More than a card can hold, even with its quotes shortened."""


def unmarked(words: str) -> str:
    """Words beside a box to tick, where a client reads Markdown: none of it is left to be read.

    A number that would begin a list is kept from it by a joiner: some clients show a backslash before its full stop.
    """
    return _LEADING.sub("\\g<0>\N{WORD JOINER}", _MARKS.sub(r"\\\g<0>", words))


def unlinked(words: str) -> str:
    """Words in a menu, which shows them as they are: none is a link in a client that reads Markdown even there."""
    return words.replace("](", "]\N{WORD JOINER}(").replace("<", "<\N{WORD JOINER}")


def literal(words: str) -> str:
    """Words as a client shows them: nothing in them is computed."""
    return _COMPUTED.sub("{\N{WORD JOINER}{", words)


# ---------------------------------------------------------------------------------------------------------- messages


def activity(message: Message, *, direct: bool) -> Json:
    """The message as it is posted. Raises `TooLarge`. `summary` is the line of the notification, which is plain."""
    return posted(card(message, direct=direct), message.summary)


def posted(content: Json, summary: str) -> Json:
    """A card as it is posted."""
    return {
        "type": "message",
        "summary": shortened(" ".join(summary.split()), LIMITS["summary"]),
        "attachments": [{"contentType": CARD, "content": content}],
    }


def card(message: Message, *, direct: bool) -> Json:
    """The message as a card. Long quotes are shortened until it fits; raises `TooLarge` when that is not enough."""
    for longest in (None, 10_000, 4_000, 1_500, 500, 150):
        shown = _card(_body(message, direct, longest), message.summary)
        if size(shown) <= LIMITS["card bytes"]:
            return shown
    raise TooLarge


def note(words: str) -> Json:
    """A card that says one thing quietly: what became of a form."""
    return _card([_said([Span(words)], small=True)], words)


def size(shown: Json) -> int:
    """How many bytes a card takes."""
    return len(json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def _card(body: list[Json], summary: str) -> Json:
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": shortened(literal(summary), LIMITS["summary"]),
        "body": body,
    }


def _body(message: Message, direct: bool, longest: int | None) -> list[Json]:
    if not message.parts:
        return [_said([Span(message.summary)])]
    selects = sum(isinstance(part, Select) for part in message.parts)
    body: list[Json] = []
    for number, part in enumerate(message.parts):
        blocks = _part(part, number, direct, longest, alone=selects == 1)
        before = message.parts[number - 1] if number else None
        if isinstance(before, Link) and isinstance(part, Buttons) and len(part.buttons) < LIMITS["actions in a set"]:
            body[-1]["actions"] += blocks[0]["actions"]  # a link is one thing more to do here: not a row by itself
        else:
            body.extend(blocks)
    return body


def _part(part: Part, number: int, direct: bool, longest: int | None, *, alone: bool) -> list[Json]:
    match part:
        case Text():
            return [_said(part.spans(), small=part.small)]
        case Quote(words, by):
            return [_quote(words if longest is None else shortened(words, longest), by)]
        case Facts(pairs):
            return [_fact(label, value) for label, value in pairs]
        case Table(headings, rows):
            return [_table(headings, rows)]
        case Chart():
            return [_chart(part)]
        case Link(label, url):
            return _actions([{"type": "Action.OpenUrl", "title": _label(label), "url": url}])
        case Buttons(buttons):
            return _actions([_button(button, direct) for button in buttons])
        case Select():
            return _select(part, f"choice{number}", required=alone)
        case _:
            assert_never(part)


def _said(spans: Iterable[Span], *, small: bool = False, colour: str = "", bold: bool = False, size: str = "") -> Json:
    runs: list[Json] = []
    for span in spans:
        run: Json = {"type": "TextRun", "text": literal(span.words)}
        if span.bold or bold:
            run["weight"] = "Bolder"
        if small:
            run |= {"size": "Small", "isSubtle": True}
        if size:
            run["size"] = size
        if colour:
            run["color"] = colour
        runs.append(run)
    return {"type": "RichTextBlock", "inlines": runs or [{"type": "TextRun", "text": ""}]}


def _quote(words: str, by: str) -> Json:
    items = [_said([Span(words)])]
    if by:
        items.append(_said([Span(f"— {by}")], small=True))
    return {"type": "Container", "style": "emphasis", "items": items}


def _fact(label: str, value: str) -> Json:
    columns = [(1, _said([Span(label, bold=True)])), (2, _said([Span(value)]))]
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [{"type": "Column", "width": str(width), "items": [item]} for width, item in columns],
    }


def _table(headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> Json:
    if len(rows) > LIMITS["table rows"]:
        raise TooLarge

    def row(cells: tuple[str, ...], *, bold: bool = False) -> Json:
        said = [{"type": "TableCell", "items": [_said([Span(cell, bold=bold)])]} for cell in cells]
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


def _actions(actions: list[Json]) -> list[Json]:
    most = LIMITS["actions in a set"]
    return [
        {"type": "ActionSet", "actions": actions[start : start + most], **({"spacing": "Small"} if start else {})}
        for start in range(0, len(actions), most)
    ]


_STYLES: dict[str, Json] = {"": {}, "primary": {"style": "positive"}, "danger": {"style": "destructive"}}


def _button(button: Button, direct: bool) -> Json:
    data: Json = {OURS: {"action": button.action, "about": button.about, "value": button.value}}
    shown: Json = {"title": _label(button.label), "associatedInputs": "none", **_STYLES[button.style]}
    if button.opens_form and not direct:
        # A dialog is opened by asking for it; where everybody sees the card, a form may not take its place.
        return {"type": "Action.Submit", **shown, "data": {"msteams": {"type": "task/fetch"}, **data}}
    return {"type": "Action.Execute", **shown, "verb": button.action, "data": data}


def _select(select: Select, name: str, *, required: bool) -> list[Json]:
    # Options stay in a menu: beside radio buttons a label is read as Markdown.
    choice: Json = {"type": "Input.ChoiceSet", "id": name, "label": literal(select.label), "style": "compact"}
    choice["choices"] = _choices(select.options)
    if required:
        choice |= {"isRequired": True, "errorMessage": "Choose one first."}
    data = {OURS: {"action": select.action, "about": select.about, "choice": name}}
    return [choice, *_actions([{"type": "Action.Execute", "title": "Choose", "verb": select.action, "data": data}])]


def _label(words: str) -> str:
    return shortened(literal(words), LIMITS["button"])


def _choices(options: Iterable[Option]) -> list[Json]:
    choices = [{"title": shortened(literal(o.label), LIMITS["choice"]), "value": o.value} for o in options]
    if len(choices) > LIMITS["choices"]:
        raise TooLarge
    return choices


# ------------------------------------------------------------------------------------------------------------- forms


def form_card(
    form: Form,
    problems: Mapping[str, str] | None = None,
    *,
    dialog: bool = False,
    over: bool = False,
    origin: str = "",
) -> Json:
    """A form as a card, with `problems` beside the fields they are about.

    In a `dialog` the title stands above the card and the answer is a submit. `over` says that it took the place of
    another card, and `origin` names the message whose button opened the dialog: both come back with the answers.
    """
    wrong = dict(problems or {})
    names = {question.name for question in form.fields}
    assert OURS not in names, "that name is taken"
    body: list[Json] = [] if dialog else [_said([Span(form.title, bold=True)], size="Medium")]
    for part in form.intro:
        body.extend(_part(part, 0, True, 4_000, alone=False))
    body.extend(_problem(problem) for name, problem in wrong.items() if name not in names)
    some_needed = any(question.required for question in form.fields)
    for question in form.fields:
        body.extend(_question(question, wrong.get(question.name, ""), some_needed=some_needed))
    ours: Json = {
        "form": form.name,
        "about": form.about,
        "value": form.value,
        "fields": [question.name for question in form.fields],
    }
    if among := [question.name for question in form.fields if question.kind == "choices"]:
        ours["several"] = among
    if over:
        ours["over"] = True
    if origin:
        ours["origin"] = origin
    send: Json = {"title": _label(form.submit), "style": "positive", "data": {OURS: ours}}
    kind: Json = {"type": "Action.Submit"} if dialog else {"type": "Action.Execute", "verb": form.name}
    # A dialog has its own way out; a form among the messages needs one.
    ways_out = [] if dialog else [_button(Button("Never mind", PUT_AWAY, form.about, form.value), direct=True)]
    shown = _card([*body, *_actions([kind | send, *ways_out])], form.title)
    if size(shown) > LIMITS["form bytes"]:
        raise TooLarge
    return shown


def _question(question: Field, problem: str, *, some_needed: bool) -> list[Json]:
    # Where nothing is needed, saying so at every field is noise.
    label = question.label if question.required or not some_needed else f"{question.label} (optional)"
    shown: Json = {"id": question.name, "label": literal(label)}
    if question.required:
        shown |= {"isRequired": True, "errorMessage": "This one is needed."}
    block = [_input(question, shown)]
    if problem:
        block.append(_problem(problem))
    if question.hint:
        block.append(_said([Span(question.hint)], small=True) | {"spacing": "Small"})
    return block


def _input(question: Field, shown: Json) -> Json:
    match question.kind:
        case "line" | "paragraph":
            longest = max(LIMITS[question.kind], len(question.value))
            kind: Json = {"type": "Input.Text", "isMultiline": question.kind == "paragraph", "maxLength": longest}
        case "choice":
            kind = {"type": "Input.ChoiceSet", "style": "compact", "choices": _choices(question.options)}
        case "choices":
            # Boxes that can be seen at once, a menu when there are many: only beside boxes is a label read as Markdown.
            boxes, choices = len(question.options) <= LIMITS["boxes"], _choices(question.options)
            shield = unmarked if boxes else unlinked
            kind = {"type": "Input.ChoiceSet", "style": "expanded" if boxes else "compact", "isMultiSelect": True}
            kind |= {"wrap": True, "choices": [one | {"title": shield(one["title"])} for one in choices]}
        case "rating":
            # A menu: five buttons below one another, six times over, are more than anybody wants to scroll through.
            kind = {"type": "Input.ChoiceSet", "style": "compact", "placeholder": "1 to 5"}
            kind["choices"] = _choices(_RATINGS)
        case "yesno":
            kind = {"type": "Input.ChoiceSet", "style": "expanded", "choices": _choices(_YES_NO)}
        case "date":
            kind = {"type": "Input.Date"}
        case "time":
            kind = {"type": "Input.Time"}
        case _:
            assert_never(question.kind)
    value = question.value if question.kind != "choices" else _AMONG.join(several(question.value))
    return kind | shown | ({"value": value} if _fits(question) else {})


def _fits(question: Field) -> bool:
    """Whether the input can show the value: what is not a date would make the card invalid."""
    match question.kind:
        case "date":
            return bool(_DATE.fullmatch(question.value))
        case "time":
            return bool(_TIME.fullmatch(question.value))
        case _:
            return bool(question.value)


def _problem(words: str) -> Json:
    return _said([Span(words)], colour="Attention") | {"spacing": "Small"}


# ------------------------------------------------------------------------------------------------------ what comes back


@dataclass(frozen=True)
class Submitted:
    """What a tap or a filled-in form says. Nothing in it is trusted: who may do what is decided from the database."""

    kind: Literal["tap", "submit"]
    action: str
    about: int | None = None
    value: str = ""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    over: bool = False
    origin: str = ""


def read(data: object) -> Submitted | None:
    """What the data of an action says; None when it is not from a card of ours."""
    if not isinstance(data, dict):
        return None
    typed = cast(Json, data)
    ours = typed.get(OURS)
    if not isinstance(ours, dict):
        return None
    about, value = cast(Json, ours).get("about"), cast(Json, ours).get("value")
    said = Submitted("tap", "", about if type(about) is int else None, value if isinstance(value, str) else "")
    match cast(Json, ours):
        case {"form": str(name), "fields": list()}:
            names = [str(asked) for asked in cast(Json, ours)["fields"]]
            among = cast(Json, ours).get("several")
            lists = {str(name) for name in cast(list[Any], among)} if isinstance(among, list) else set[str]()
            origin = cast(Json, ours).get("origin")
            return replace(
                said,
                kind="submit",
                action=name,
                answers={
                    asked: joined(words.split(_AMONG)) if asked in lists else words
                    for asked, words in ((asked, clean(typed.get(asked))) for asked in names)
                },
                over=cast(Json, ours).get("over") is True,
                origin=origin if isinstance(origin, str) else "",
            )
        case {"action": str(action), "choice": str(choice)}:
            return replace(said, action=action, value=clean(typed.get(choice)))
        case {"action": str(action)}:
            return replace(said, action=action)
        case _:
            return None


def clean(words: object) -> str:
    """Words as they can be stored: no NUL, no half of a surrogate pair. "" for anything that is not words."""
    if not isinstance(words, str):
        return ""
    return words.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def fill(form: Form, answers: Mapping[str, str]) -> Json:
    """What Teams sends when somebody fills the form in and submits it: the inverse of showing it, for tests."""
    shown = form_card(form)
    body = cast(list[Json], shown["body"])
    typed = {
        item["id"]: _AMONG.join(several(answer)) if item.get("isMultiSelect") else answer
        for item in body
        if item["type"].startswith("Input.")
        for answer in (answers.get(item["id"], ""),)
    }
    return typed | cast(Json, body[-1]["actions"][0]["data"])
