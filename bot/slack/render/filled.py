"""A filled in form → answers, and the way back: what Slack would send for answers that are given.

What arrives is what somebody sends, so nothing about it is trusted.
"""

from collections.abc import Mapping
from typing import Any, cast

from bot.chat import Form, joined
from bot.slack.render.forms import ANSWER, CONTINUED, NO_ANSWER, view
from bot.slack.render.text import Json


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
