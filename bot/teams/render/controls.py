"""Buttons, menus and their choices; and the data in them that says what a tap on one of them means."""

from collections.abc import Iterable

from bot.chat import Button, Option, Select
from bot.teams.render.limits import LIMITS, TooLarge
from bot.teams.render.text import Json, literal
from bot.wording import shortened

OURS = "learnbot"  # where our own data stands among what was typed: a field may not be called that
_STYLES: dict[str, Json] = {"": {}, "primary": {"style": "positive"}, "danger": {"style": "destructive"}}


def action_sets(actions: list[Json]) -> list[Json]:
    """Actions beside one another, in as many sets as they need."""
    most = LIMITS["actions in a set"]
    return [
        {"type": "ActionSet", "actions": actions[start : start + most], **({"spacing": "Small"} if start else {})}
        for start in range(0, len(actions), most)
    ]


def button_action(button: Button, direct: bool) -> Json:
    """A button. `direct` says that only one person sees the card that it stands on."""
    data: Json = {OURS: {"action": button.action, "about": button.about, "value": button.value}}
    shown: Json = {"title": title_of(button.label), "associatedInputs": "none", **_STYLES[button.style]}
    if button.opens_form and not direct:
        # A dialog is opened by asking for it; where everybody sees the card, a form may not take its place.
        return {"type": "Action.Submit", **shown, "data": {"msteams": {"type": "task/fetch"}, **data}}
    return {"type": "Action.Execute", **shown, "verb": button.action, "data": data}


def select_elements(select: Select, name: str, *, required: bool) -> list[Json]:
    """A menu whose choice comes back as `name`, and the button that sends it."""
    # Options stay in a menu: beside radio buttons a label is read as Markdown.
    choice: Json = {"type": "Input.ChoiceSet", "id": name, "label": literal(select.label), "style": "compact"}
    choice["choices"] = choices_of(select.options)
    if required:
        choice |= {"isRequired": True, "errorMessage": "Choose one first."}
    data = {OURS: {"action": select.action, "about": select.about, "choice": name}}
    return [choice, *action_sets([{"type": "Action.Execute", "title": "Choose", "verb": select.action, "data": data}])]


def title_of(words: str) -> str:
    """The label of something to tap."""
    return shortened(literal(words), LIMITS["button"])


def choices_of(options: Iterable[Option]) -> list[Json]:
    """What can be chosen from. Raises `TooLarge` when it is more than a list can hold."""
    choices = [{"title": shortened(literal(o.label), LIMITS["choice"]), "value": o.value} for o in options]
    if len(choices) > LIMITS["choices"]:
        raise TooLarge
    return choices
