"""What a person fills in: a form, one field for each question, and how it is put away unsent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bot.chat.messages import Facts, Option, Quote, Text
from bot.chat.values import BETWEEN

# A form that stands in a chat like a message is closed unsent: what stood there before is shown again. The tap brings
# what the form was about and its value along: what stood there may have held it, and nobody else.
PUT_AWAY = "forms.put_away"

FieldKind = Literal["line", "paragraph", "choice", "choices", "date", "time", "rating", "yesno"]


@dataclass(frozen=True)
class Field:
    """One question of a form.

    Answers are strings: a date is `2026-03-05`, a time `14:30`, a rating `1` to `5`, yesno `yes` or `no`, a choice the
    option's value, several choices their values joined by a newline (`joined` and `several`). An optional field left
    empty is answered "". `label` and `hint` are constant sentences of ours.
    """

    name: str
    label: str
    kind: FieldKind = "line"
    hint: str = ""
    options: tuple[Option, ...] = ()
    required: bool = True
    value: str = ""

    def __post_init__(self) -> None:
        if self.kind == "choices" and any("," in option.value or BETWEEN in option.value for option in self.options):
            raise ValueError(f"{self.name}: a value among several can hold neither a comma nor a new line")


@dataclass(frozen=True)
class Form:
    """A form; submitting it becomes `Event(kind="submit", action=name, about=about, value=value, answers=…)`."""

    name: str
    title: str
    fields: tuple[Field, ...]
    submit: str = "Save"
    intro: tuple[Text | Quote | Facts, ...] = ()
    about: int | None = None
    value: str = ""

    def filled(self, answers: Mapping[str, str]) -> "Form":
        """The same form with what was typed still in it."""
        return replace(self, fields=tuple(replace(f, value=answers.get(f.name, f.value)) for f in self.fields))
