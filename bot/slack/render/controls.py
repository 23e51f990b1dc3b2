"""Buttons, menus and their options; and the action ids that say what a tap on one of them means."""

from collections.abc import Iterable, Iterator, Sequence

from bot.chat import Button, Option, Select
from bot.slack.render.limits import Limit, TooLarge
from bot.slack.render.text import Json, plain_text


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


def actions(elements: Iterable[Json]) -> Iterator[Json]:
    """Controls beside one another, in as many rows as they need."""
    row = list(elements)
    for start in range(0, len(row), Limit.ACTIONS):
        yield {"type": "actions", "elements": row[start : start + Limit.ACTIONS]}


def button_element(button: Button, number: int) -> Json:
    """A button, the `number`th control of what is shown."""
    if len(button.value) > Limit.BUTTON_VALUE:
        raise TooLarge("a button's value is too long for Slack")
    return {
        "type": "button",
        "text": plain_text(button.label, Limit.BUTTON_TEXT),
        "action_id": control_id(button.action, number, button.about),
        **({"value": button.value} if button.value else {}),
        **({"style": button.style} if button.style else {}),
    }


def select_element(part: Select, number: int) -> Json:
    """A menu, the `number`th control of what is shown."""
    return {
        "type": "static_select",
        "placeholder": plain_text(part.label, Limit.PLACEHOLDER),
        "action_id": control_id(part.action, number, part.about),
        **choices(part.options),
    }


def choices(options: Sequence[Option]) -> Json:
    """`options`, or `option_groups` when there are more than fit one list."""
    drawn = [option_object(option) for option in options]
    if len(drawn) <= Limit.OPTIONS:
        return {"options": drawn}
    groups = [drawn[start : start + Limit.OPTIONS] for start in range(0, len(drawn), Limit.OPTIONS)]
    if len(groups) > Limit.OPTION_GROUPS:
        raise TooLarge("there are more options than Slack can show")
    return {
        "option_groups": [
            {
                "label": plain_text(
                    f"{number * Limit.OPTIONS + 1}–{number * Limit.OPTIONS + len(group)}", Limit.OPTION_TEXT
                ),
                "options": group,
            }
            for number, group in enumerate(groups)
        ]
    }


def option_object(option: Option) -> Json:
    """One option of a menu, of radio buttons or of boxes."""
    if not 1 <= len(option.value) <= Limit.OPTION_VALUE:
        raise TooLarge("an option's value is empty or too long for Slack")
    return {"text": plain_text(option.label, Limit.OPTION_TEXT), "value": option.value}
