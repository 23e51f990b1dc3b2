"""How Slack shows things: Message → blocks, Form → view, view state → answers; and Slack's limits, all in one table.

People's words stay words. They only ever travel in places where Slack reads no markup: `text` elements of `rich_text`
blocks (no mrkdwn, no emoji names, no mentions, no links) and `plain_text` objects with `emoji` off. The one string that
Slack does read, the `text` of a message, is escaped and sent with all its parsing turned off.
"""

import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final, Literal, assert_never, cast

from bot.chat import (
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
    plain,
    several,
    small,
)
from bot.wording import shortened

Json = dict[str, Any]
Surface = Literal["message", "view"]


class Limit:
    """Slack's limits, from its Block Kit reference. What is not documented is named as such, and kept well inside."""

    MESSAGE_BLOCKS: Final = 50
    VIEW_BLOCKS: Final = 100
    MESSAGE_WEIGHT: Final = 12_000  # undocumented: about 13,200 characters, some for each block, were seen refused
    FALLBACK_TEXT: Final = 4_000  # the `text` of a message; past 40,000 Slack cuts it
    TEXT: Final = 3_000  # a text object; rich text has no documented limit and is held to the same
    CONTEXT_ELEMENTS: Final = 10
    ACTIONS: Final = 25
    BUTTON_TEXT: Final = 75
    BUTTON_VALUE: Final = 2_000
    OPTIONS: Final = 100
    OPTION_GROUPS: Final = 100
    RADIO_BUTTONS: Final = 10
    CHECKBOXES: Final = 10
    OPTION_TEXT: Final = 75
    OPTION_VALUE: Final = 150
    PLACEHOLDER: Final = 150
    ACTION_ID: Final = 255
    BLOCK_ID: Final = 255
    LABEL: Final = 2_000
    HINT: Final = 2_000
    INPUT: Final = 3_000
    VIEW_TITLE: Final = 24
    VIEW_SUBMIT: Final = 24
    PRIVATE_METADATA: Final = 3_000
    CALLBACK_ID: Final = 255
    URL: Final = 3_000
    TABLES: Final = 1  # in a message
    TABLE_ROWS: Final = 100  # the headings too
    TABLE_COLUMNS: Final = 20
    CHARTS: Final = 2  # in a message
    CHART_TITLE: Final = 50
    CHART_SERIES: Final = 6
    CHART_CATEGORIES: Final = 20
    CHART_LABEL: Final = 20


class TooLarge(ValueError):
    """Something of our own making that Slack would refuse and that cannot be shortened without changing its meaning."""


TOO_LONG = small("This is longer than Slack can show in one message, so the end is left out here.")
WEIGHTLESS = frozenset({"type", "block_id", "action_id", "style", "options", "option_groups"})
CUTS = (6_000, 3_000, 1_500, 800, 400, 200)  # how short long words get, tried in turn, when a message is too heavy
MONOSPACED_CELL = 40
ANSWER = "answer"
NO_ANSWER = "(none)"
CONTINUED = re.compile(r"(?P<name>[^~]+)~(?P<number>\d+)(?P<newline>n?)")


# --------------------------------------------------------------------------------------------------------- messages


def message(shown: Message, *, simple: bool = False) -> Json:
    """`blocks` and `text` of a message. `simple` leaves out what a workspace may not know yet: charts and tables."""
    return {"blocks": _blocks(shown, "message", simple), "text": fallback(shown)}


def home(shown: Message, metadata: str = "") -> Json:
    """The home tab."""
    return {"type": "home", "blocks": _blocks(shown, "view"), "private_metadata": _metadata(metadata)}


def note(shown: Message, title: str, metadata: str = "") -> Json:
    """A modal that only shows something."""
    return {
        "type": "modal",
        "title": _plain(title, Limit.VIEW_TITLE),
        "close": _plain("Close", Limit.VIEW_SUBMIT),
        "blocks": _blocks(shown, "view"),
        "private_metadata": _metadata(metadata),
    }


def fallback(shown: Message) -> str:
    """The message as one escaped text, its summary first: for notifications and for screen readers."""
    whole = plain(shown)
    if not whole.startswith(shown.summary):
        whole = f"{shown.summary}\n{whole}"
    return escaped(whole, Limit.FALLBACK_TEXT) or "…"


def escaped(words: str, limit: int) -> str:
    """`words` with Slack's three control characters escaped, at most `limit` characters afterwards."""

    def escape(piece: str) -> str:
        return piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    whole = escape(words)
    if len(whole) <= limit:
        return whole
    lengths = itertools.accumulate(len(escape(letter)) for letter in words)
    kept = sum(1 for _ in itertools.takewhile(lambda length: length < limit, lengths))
    return escape(words[:kept]) + "…"


def _blocks(shown: Message, surface: Surface, simple: bool = False) -> list[Json]:
    """The blocks of a message, within every limit: shortened and said so when it cannot be helped."""
    draw, parts = _Drawer(surface, simple), shown.parts
    blocks = draw.all(parts) or draw.all((Text("{summary}", (("summary", shown.summary or "…"),)),))
    if _fits(blocks, surface):
        return blocks
    if _fits(merged := _merged(blocks), surface):
        return merged
    for longest in CUTS:
        blocks = _merged(_Drawer(surface, simple, longest).all((*parts, TOO_LONG)))
        if _fits(blocks, surface):
            return blocks
    controls = tuple(part for part in parts[-1:] if isinstance(part, Buttons | Select))
    for kept in range(len(parts) - 1, -1, -1):
        blocks = _merged(_Drawer(surface, simple, CUTS[-1]).all((*parts[:kept], TOO_LONG, *controls)))
        if _fits(blocks, surface):
            return blocks
    return draw.all((TOO_LONG,))


def _fits(blocks: Sequence[Json], surface: Surface) -> bool:
    if surface == "view":
        return len(blocks) <= Limit.VIEW_BLOCKS
    return len(blocks) <= Limit.MESSAGE_BLOCKS and weight(blocks) <= Limit.MESSAGE_WEIGHT


def weight(shown: object) -> int:
    """What a message counts for: the characters it shows, and some for every element that holds them."""
    if isinstance(shown, str):
        return len(shown)
    if isinstance(shown, dict):
        held = cast(Json, shown)
        counted = [value for name, value in held.items() if name not in WEIGHTLESS]
        return 30 + sum([len(value) if isinstance(value, str) else weight(value) for value in counted])
    if isinstance(shown, list):
        return sum(map(weight, cast(list[object], shown)))
    return 0


def _merged(blocks: Iterable[Json]) -> list[Json]:
    """Neighbouring rich text in one block: it looks closer together, and there is room for more."""
    merged: list[Json] = []
    for block in blocks:
        if merged and block["type"] == "rich_text" and merged[-1]["type"] == "rich_text":
            merged[-1] = {"type": "rich_text", "elements": [*merged[-1]["elements"], *block["elements"]]}
        else:
            merged.append(block)
    return merged


@dataclass
class _Drawer:
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
                    blocks.append(_rich(_section([{"type": "link", "url": _url(url), "text": label or url}])))
                case Buttons(buttons):
                    blocks += _actions(_button(button, next(numbers)) for button in buttons)
                case Select():
                    if part.options:
                        blocks += _actions([_select(part, next(numbers))])
                case _:
                    assert_never(part)
        return blocks

    def _cut(self, words: str) -> str:
        return shortened(words, self.longest) if self.longest else words

    def _text(self, part: Text) -> list[Json]:
        if part.small:
            pieces = [_plain(piece, Limit.TEXT) for piece in _pieces(self._cut(part.plain()))]
            return [
                {"type": "context", "elements": pieces[start : start + Limit.CONTEXT_ELEMENTS]}
                for start in range(0, len(pieces), Limit.CONTEXT_ELEMENTS)
            ]
        runs = [
            _run(piece, bold=span.bold)
            for span in (Span(self._cut(span.words), span.bold) for span in part.spans())
            for piece in _pieces(span.words)
        ]
        return [_rich(_section(runs))] if runs else []

    def _quote(self, part: Quote) -> list[Json]:
        words = self._cut(part.words)
        quotes = [{"type": "rich_text_quote", "elements": [_run(piece)]} for piece in _pieces(words)]
        if part.by:
            quotes.append(_section([_run(piece) for piece in _pieces(self._cut(f"— {part.by}"))]))
        return [_rich(*quotes)] if quotes else []

    def _facts(self, part: Facts) -> list[Json]:
        runs: list[Json] = []
        for label, value in part.pairs:
            runs += [_run(piece, bold=True) for piece in _pieces(self._cut(label) + ": ")]
            runs += [_run(piece) for piece in _pieces(self._cut(value))]
            runs.append(_run("\n"))
        return [_rich(_section(runs[:-1]))] if runs else []

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


def _rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def _section(runs: Sequence[Json]) -> Json:
    return {"type": "rich_text_section", "elements": list(runs)}


def _run(words: str, *, bold: bool = False) -> Json:
    return {"type": "text", "text": words} | ({"style": {"bold": True}} if bold else {})


def _plain(words: str, limit: int) -> Json:
    # an empty text object is refused, and so is one of spaces
    return {"type": "plain_text", "text": shortened(words, limit) if words.strip() else "–", "emoji": False}


def _pieces(words: str) -> list[str]:
    """`words` in pieces that fit a text object, parted after a line or a word where there is one."""
    pieces: list[str] = []
    while len(words) > Limit.TEXT:
        near = max(words.rfind("\n", Limit.TEXT // 2, Limit.TEXT), words.rfind(" ", Limit.TEXT // 2, Limit.TEXT))
        end = near + 1 if near > 0 else Limit.TEXT
        pieces.append(words[:end])
        words = words[end:]
    return [*pieces, words] if words else pieces


def _cell(words: str, *, bold: bool) -> Json:
    # rich text, not raw_text: Slack failed on its own example of the latter, and an empty cell is refused
    return _rich(_section([_run(words[: Limit.TEXT] if words.strip() else "–", bold=bold)]))


def _monospaced(rows: Sequence[Sequence[str]]) -> list[Json]:
    """A table where there can be no table block: columns lined up in preformatted text."""
    cells = [[shortened(" ".join(cell.split()), MONOSPACED_CELL) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells if column < len(row)) for column in range(len(cells[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in cells]
    return [
        _rich({"type": "rich_text_preformatted", "elements": [_run(piece)]})
        for piece in _pieces("\n".join(lines) or "–")
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


# ---------------------------------------------------------------------------------------------------------- controls


def control_id(action: str, number: int, about: int | None) -> str:
    """An action id: Slack wants it different for every control of a block, so the control's number is in it."""
    made = f"{action}|{number}|{'' if about is None else about}"
    if len(made) > Limit.ACTION_ID:
        raise TooLarge("an action's name is too long for Slack")
    return made


def control(action_id: str) -> tuple[str, int | None]:
    """The action and its subject, from an action id. They are what somebody sends: nothing about them is trusted."""
    action, _, rest = action_id.partition("|")
    about = rest.partition("|")[2]
    return action, int(about) if about.isascii() and about.isdecimal() and len(about) < 19 else None


def _actions(elements: Iterable[Json]) -> Iterator[Json]:
    row = list(elements)
    for start in range(0, len(row), Limit.ACTIONS):
        yield {"type": "actions", "elements": row[start : start + Limit.ACTIONS]}


def _button(button: Button, number: int) -> Json:
    if len(button.value) > Limit.BUTTON_VALUE:
        raise TooLarge("a button's value is too long for Slack")
    return {
        "type": "button",
        "text": _plain(button.label, Limit.BUTTON_TEXT),
        "action_id": control_id(button.action, number, button.about),
        **({"value": button.value} if button.value else {}),
        **({"style": button.style} if button.style else {}),
    }


def _select(part: Select, number: int) -> Json:
    return {
        "type": "static_select",
        "placeholder": _plain(part.label, Limit.PLACEHOLDER),
        "action_id": control_id(part.action, number, part.about),
        **_choices(part.options),
    }


def _choices(options: Sequence[Option]) -> Json:
    """`options`, or `option_groups` when there are more than fit one list."""
    drawn = [_option(option) for option in options]
    if len(drawn) <= Limit.OPTIONS:
        return {"options": drawn}
    groups = [drawn[start : start + Limit.OPTIONS] for start in range(0, len(drawn), Limit.OPTIONS)]
    if len(groups) > Limit.OPTION_GROUPS:
        raise TooLarge("there are more options than Slack can show")
    return {
        "option_groups": [
            {"label": _plain(f"{number * Limit.OPTIONS + 1}–{number * Limit.OPTIONS + len(group)}", Limit.OPTION_TEXT),
             "options": group}
            for number, group in enumerate(groups)
        ]
    }  # fmt: skip


def _option(option: Option) -> Json:
    if not 1 <= len(option.value) <= Limit.OPTION_VALUE:
        raise TooLarge("an option's value is empty or too long for Slack")
    return {"text": _plain(option.label, Limit.OPTION_TEXT), "value": option.value}


def _url(url: str) -> str:
    if len(url) > Limit.URL:
        raise TooLarge("an address is too long for Slack")
    return url


# ------------------------------------------------------------------------------------------------------------- forms


def view(form: Form, metadata: str = "", problems: Mapping[str, str] | None = None) -> Json:
    """The modal of a form. `problems` are kind sentences, each shown above its field."""
    problems = problems or {}
    blocks: list[Json] = _Drawer("view").all(form.intro)
    for field in form.fields:
        if field.name in problems:
            blocks += _Drawer("view").all([Text("**{problem}**", (("problem", problems[field.name]),))])
        blocks += _inputs(field)
    if len(blocks) > Limit.VIEW_BLOCKS:
        raise TooLarge("a form has more fields than Slack can show")
    return {
        "type": "modal",
        "callback_id": form.name[: Limit.CALLBACK_ID],
        "title": _plain(form.title, Limit.VIEW_TITLE),
        "submit": _plain(form.submit, Limit.VIEW_SUBMIT),
        "close": _plain("Cancel", Limit.VIEW_SUBMIT),
        "blocks": blocks,
        "private_metadata": _metadata(metadata),
    }


def read(values: Mapping[str, Any]) -> dict[str, str]:
    """The answers in a submitted view's `state.values`: what somebody sends, so nothing about it is trusted."""
    answers: dict[str, str] = {}
    more: list[tuple[str, int, str, str]] = []
    for block_id, block in values.items():
        element: Any = block.get(ANSWER) if isinstance(block, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if not isinstance(element, Mapping):
            continue
        answer = _answer(cast(Mapping[str, Any], element))
        if found := CONTINUED.fullmatch(block_id):
            more.append((found["name"], int(found["number"][:4]), found["newline"] and "\n", answer))
        else:
            answers[block_id] = answer
    for name, _, newline, answer in sorted(more):
        if answer:
            answers[name] = answers.get(name, "") + newline + answer
    return answers


def fill(form: Form, answers: Mapping[str, str]) -> Json:
    """The `state.values` that Slack would send if somebody filled in `form` with `answers`: the inverse of `read`."""
    values: Json = {}
    for block in view(form.filled(answers))["blocks"]:
        if block["type"] == "input":
            values[block["block_id"]] = {ANSWER: _untouched(block["element"])}
    return values


def input_of(name: str, shown: Mapping[str, Any]) -> str | None:
    """The block of a view in which `name` is asked, or any input when it is not; None when the view asks nothing."""
    inputs: list[str] = [
        block["block_id"] for block in cast(list[Json], shown.get("blocks") or []) if block.get("type") == "input"
    ]
    return name if name in inputs else inputs[0] if inputs else None


def _metadata(metadata: str) -> str:
    if len(metadata) > Limit.PRIVATE_METADATA:
        raise TooLarge("what a view has to remember is too long for Slack")
    return metadata


def _inputs(field: Field) -> Iterator[Json]:
    """The input of a field; several, one after the other, for words that are longer than one can hold."""
    if len(field.name) > Limit.BLOCK_ID or "~" in field.name:
        raise TooLarge("a field's name is too long for Slack")
    if field.kind in ("line", "paragraph") and len(field.value) > Limit.INPUT:
        for number, (newline, piece) in enumerate(_long(field.value)):
            first = number == 0
            yield _input(
                field.name if first else f"{field.name}~{number:04}{newline}",
                field.label if first else f"{field.label} (continued)",
                _typed(piece, multiline=True),
                hint=field.hint if first else "",
                optional=not (first and field.required),
            )
        return
    yield _input(field.name, field.label, _element(field), hint=field.hint, optional=not field.required)


def _long(words: str) -> Iterator[tuple[str, str]]:
    """Long words in pieces for inputs. Slack may trim what is typed, so they are parted where nothing is lost by it."""
    newline = ""
    while len(words) > Limit.INPUT:
        line = words.rfind("\n", 1, Limit.INPUT)
        end = line if line > 0 else Limit.INPUT
        while line <= 0 and end > 1 and (words[end - 1].isspace() or words[end].isspace()):
            end -= 1
        yield newline, words[:end]
        words, newline = (words[end + 1 :], "n") if line > 0 else (words[end:], "")
    yield newline, words


def _input(block_id: str, label: str, element: Json, *, hint: str, optional: bool) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label, Limit.LABEL),
        "element": element,
        "optional": optional,
        **({"hint": _plain(hint, Limit.HINT)} if hint else {}),
    }


def _element(field: Field) -> Json:
    match field.kind:
        case "line" | "paragraph":
            return _typed(field.value, multiline=field.kind == "paragraph" or "\n" in field.value)
        case "choice":
            # options are found when the form is built; without any, an answer can still be typed
            return _chosen("static_select", field, field.options) if field.options else _typed(field.value)
        case "choices":
            return _ticked(field) if field.options else _typed(field.value)
        case "rating":
            options = field.options or tuple(Option(str(number), str(number)) for number in range(1, 6))
            return _chosen("radio_buttons", field, options)
        case "yesno":
            return _chosen("radio_buttons", field, field.options or (Option("Yes", "yes"), Option("No", "no")))
        case "date":
            return _picked("datepicker", "initial_date", field.value, date.fromisoformat)
        case "time":
            return _picked("timepicker", "initial_time", field.value, _clock)
        case _:
            assert_never(field.kind)


def _typed(value: str, *, multiline: bool = False) -> Json:
    return {
        "type": "plain_text_input",
        "action_id": ANSWER,
        "multiline": multiline,
        "max_length": Limit.INPUT,
        **({"initial_value": value} if value else {}),
    }


def _chosen(kind: Literal["static_select", "radio_buttons"], field: Field, options: Sequence[Option]) -> Json:
    if not field.required:  # Slack cannot take back a choice, so not answering has to be one
        options = (*options, Option("No answer", NO_ANSWER))
    if len(options) > Limit.RADIO_BUTTONS:
        kind = "static_select"
    drawn = _choices(options)
    chosen = next((option for option in options if field.value and option.value == field.value), None)
    return {
        "type": kind,
        "action_id": ANSWER,
        **({"placeholder": _plain("Choose one", Limit.PLACEHOLDER)} if kind == "static_select" else {}),
        **drawn,
        **({"initial_option": _option(chosen)} if chosen else {}),
    }


def _ticked(field: Field) -> Json:
    """Boxes to tick; a menu when there are more of them than Slack shows as boxes."""
    menu = len(field.options) > Limit.CHECKBOXES
    wanted = several(field.value)
    chosen = [_option(option) for option in field.options if option.value in wanted]
    return {
        "type": "multi_static_select" if menu else "checkboxes",
        "action_id": ANSWER,
        **({"placeholder": _plain("Choose any", Limit.PLACEHOLDER)} if menu else {}),
        **_choices(field.options),
        **({"initial_options": chosen} if chosen else {}),
    }


def _picked(kind: str, initial: str, value: str, parse: Callable[[str], object]) -> Json:
    """A picker; what was typed elsewhere and is no date or time is left out, as Slack would refuse the whole form."""
    try:
        fits = bool(value) and parse(value) is not None
    except ValueError:
        fits = False
    return {"type": kind, "action_id": ANSWER} | ({initial: value} if fits else {})


def _clock(value: str) -> time:
    if not re.fullmatch(r"\d\d:\d\d", value):
        raise ValueError(value)
    return time.fromisoformat(value)


def _answer(element: Mapping[str, Any]) -> str:
    if element.get("type") in ("static_select", "radio_buttons"):
        option: Any = element.get("selected_option") or {}
        chosen = str(option.get("value") or "")
        return "" if chosen == NO_ANSWER else chosen
    if element.get("type") in ("multi_static_select", "checkboxes"):
        options: Any = element.get("selected_options")
        ticked = cast(list[Any], options) if isinstance(options, list) else []
        return joined(str(cast(Json, one).get("value") or "") for one in ticked if isinstance(one, dict))
    for name in ("value", "selected_date", "selected_time"):
        if isinstance(element.get(name), str):
            return cast(str, element[name]).replace("\r\n", "\n")
    return ""


def _untouched(element: Json) -> Json:
    """What Slack sends for an input that is left as it was shown."""
    match element["type"]:
        case "plain_text_input":
            state = {"value": element.get("initial_value")}
        case "static_select" | "radio_buttons":
            state = {"selected_option": element.get("initial_option")}
        case "multi_static_select" | "checkboxes":
            state = {"selected_options": element.get("initial_options", [])}
        case "datepicker":
            state = {"selected_date": element.get("initial_date")}
        case _:
            state = {"selected_time": element.get("initial_time")}
    return {"type": element["type"], **state}


def packed(remembered: Mapping[str, object]) -> str:
    """What a view has to remember, small; "" values are left out."""
    return json.dumps({name: value for name, value in remembered.items() if value}, separators=(",", ":"))
