"""Form → the window in which it is filled in, one input for each field. What is filled in is read by `filled`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time
from typing import Literal, assert_never

from bot.chat import Field, Form, Option, Text, several
from bot.slack.render.blocks import Drawer
from bot.slack.render.controls import choices, option_object
from bot.slack.render.limits import Limit, TooLarge, remembered
from bot.slack.render.text import Json, plain_text

ANSWER = "answer"
NO_ANSWER = "(none)"
CONTINUED = re.compile(r"(?P<name>[^~]+)~(?P<number>\d+)(?P<newline>n?)")


def view(form: Form, metadata: str = "", problems: Mapping[str, str] | None = None) -> Json:
    """The modal of a form. `problems` are kind sentences, each shown above its field."""
    problems = problems or {}
    blocks: list[Json] = Drawer("view").all(form.intro)
    for field in form.fields:
        if field.name in problems:
            blocks += Drawer("view").all([Text("**{problem}**", (("problem", problems[field.name]),))])
        blocks += _inputs(field)
    if len(blocks) > Limit.VIEW_BLOCKS:
        raise TooLarge("a form has more fields than Slack can show")
    return {
        "type": "modal",
        "callback_id": form.name[: Limit.CALLBACK_ID],
        "title": plain_text(form.title, Limit.VIEW_TITLE),
        "submit": plain_text(form.submit, Limit.VIEW_SUBMIT),
        "close": plain_text("Cancel", Limit.VIEW_SUBMIT),
        "blocks": blocks,
        "private_metadata": remembered(metadata),
    }


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
        "label": plain_text(label, Limit.LABEL),
        "element": element,
        "optional": optional,
        **({"hint": plain_text(hint, Limit.HINT)} if hint else {}),
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
    drawn = choices(options)
    chosen = next((option for option in options if field.value and option.value == field.value), None)
    return {
        "type": kind,
        "action_id": ANSWER,
        **({"placeholder": plain_text("Choose one", Limit.PLACEHOLDER)} if kind == "static_select" else {}),
        **drawn,
        **({"initial_option": option_object(chosen)} if chosen else {}),
    }


def _ticked(field: Field) -> Json:
    """Boxes to tick; a menu when there are more of them than Slack shows as boxes."""
    menu = len(field.options) > Limit.CHECKBOXES
    wanted = several(field.value)
    chosen = [option_object(option) for option in field.options if option.value in wanted]
    return {
        "type": "multi_static_select" if menu else "checkboxes",
        "action_id": ANSWER,
        **({"placeholder": plain_text("Choose any", Limit.PLACEHOLDER)} if menu else {}),
        **choices(field.options),
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
