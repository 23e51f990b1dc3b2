"""The vocabulary: what a person is shown, what they do, and how the bot answers.

Everything here is a frozen value. A conversation is written once in these words; `bot.slack`, `bot.teams` and
`bot.console` each show them and read them back. Words that people wrote never pass through any markup: a renderer
receives them as `Span.words`, `Quote.words` or a plain string and must show them literally.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, cast

from bot.as_json import as_json

# ---------------------------------------------------------------------------------------------------- where and who


@dataclass(frozen=True)
class Account:
    """Who acted, in the platform's own terms. `tenant` is the Slack workspace or Entra tenant that was verified."""

    platform: str
    tenant: str
    user: str


@dataclass(frozen=True)
class Place:
    """A conversation on a platform, and where in it.

    `conversation` is Slack's channel id or Teams' conversation id; `message` the message that was tapped, typed,
    edited or deleted; `thread` the message it answers ("" when it stands by itself). `direct` is true when only this
    person and the bot are there. `service_url` is Teams' address for the conversation, already checked by the edge.
    """

    platform: str
    tenant: str
    conversation: str
    direct: bool
    thread: str = ""
    message: str = ""
    service_url: str = ""
    title: str = ""


# ------------------------------------------------------------------------------------------------ parts of a message


@dataclass(frozen=True)
class Span:
    """A run of words to show exactly as they are, bold or not."""

    words: str
    bold: bool = False


_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_SLOT = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class Text:
    """A sentence of the bot's, with places for values: `text("Booked with **{partner}**", partner="Ben")`.

    `sentence` is ours (and one day the gettext key); only it may hold `**bold**`. Values are other people's words and
    are never read as markup. `small` asks for quieter type.
    """

    sentence: str
    values: tuple[tuple[str, str], ...] = ()
    small: bool = False

    def spans(self) -> tuple[Span, ...]:
        """The sentence with its values in place, in runs of bold and plain words."""
        values = dict(self.values)

        def fill(piece: str) -> str:
            return _SLOT.sub(lambda slot: values[slot[1]], piece)

        runs: list[Span] = []
        end = 0
        for bold in _BOLD.finditer(self.sentence):
            if bold.start() > end:
                runs.append(Span(fill(self.sentence[end : bold.start()])))
            runs.append(Span(fill(bold[1]), bold=True))
            end = bold.end()
        if end < len(self.sentence):
            runs.append(Span(fill(self.sentence[end:])))
        return tuple(runs)

    def plain(self) -> str:
        """The sentence as plain words."""
        return "".join(span.words for span in self.spans())


def text(sentence: str, **values: object) -> Text:
    """A `Text` whose `{places}` are filled with `values`."""
    return Text(sentence, tuple((name, str(value)) for name, value in values.items()))


def small(sentence: str, **values: object) -> Text:
    """The same in quieter type: reasons, who can see it, what else could be done."""
    return replace(text(sentence, **values), small=True)


@dataclass(frozen=True)
class Quote:
    """A person's own words, shown literally and set apart. `by` names whose they are, when that is not obvious."""

    words: str
    by: str = ""


@dataclass(frozen=True)
class Facts:
    """Pairs of a label and a value."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Table:
    """Rows of plain words under headings; every row is as long as `headings`."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A bar chart: a value per category in every series. A `Table` beside it is for those who cannot see it.

    In a `stacked` one the series are the parts of one bar for each category, where the platform can draw that.
    """

    title: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]
    stacked: bool = False


@dataclass(frozen=True)
class Link:
    """A link of the bot's own, or to what somebody kept. `label` is shown as it is, whoever wrote it."""

    label: str
    url: str


@dataclass(frozen=True)
class Button:
    """A tap that becomes `Event(kind="tap", action=action, about=about, value=value)`.

    `opens_form` says that the handler answers with `OpenForm`: Teams needs to know before the tap. Nothing in a button
    is trusted when it comes back: who may do what is decided from the database.
    """

    label: str
    action: str
    about: int | None = None
    value: str = ""
    style: Literal["", "primary", "danger"] = ""
    opens_form: bool = False


@dataclass(frozen=True)
class Buttons:
    """Buttons in one row."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True)
class Option:
    """One of the things that can be chosen."""

    label: str
    value: str


@dataclass(frozen=True)
class Select:
    """A choice from a list outside a form; choosing is a tap whose `value` is the option's."""

    label: str
    action: str
    options: tuple[Option, ...]
    about: int | None = None


Part = Text | Quote | Facts | Table | Chart | Link | Buttons | Select


@dataclass(frozen=True)
class Message:
    """What is shown. `summary` is the plain line of notifications and of clients that can show nothing else.

    `notice` and `about` name the builder that can build this message again from the rows, so that it can be changed
    in place later. `awaits` is the action that a typed answer to this message goes to (with `about`).
    """

    summary: str
    parts: tuple[Part, ...] = ()
    notice: str = ""
    about: int | None = None
    awaits: str = ""


# Two taps that the dispatcher itself understands; both are about a draft of words that were typed earlier.
TYPED_AGAIN = "typed.again"  # treat the words as if they were typed now, where a form can be opened in answer
ANSWERS_TO = "typed.answers"  # the words were an answer to the prompt whose outbox row is `value`

# A form that stands in a chat like a message is closed unsent: what stood there before is shown again. The tap brings
# what the form was about and its value along: what stood there may have held it, and nobody else.
PUT_AWAY = "forms.put_away"

# ------------------------------------------------------------------------------------------------------------- forms

FieldKind = Literal["line", "paragraph", "choice", "choices", "date", "time", "rating", "yesno"]

_BETWEEN = "\n"  # what joins the values of several choices into one answer


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
        if self.kind == "choices" and any("," in option.value or _BETWEEN in option.value for option in self.options):
            raise ValueError(f"{self.name}: a value among several can hold neither a comma nor a new line")


def joined(values: Iterable[str]) -> str:
    """Several chosen values as one answer."""
    return _BETWEEN.join(values)


def several(answer: str) -> tuple[str, ...]:
    """The values in an answer to several choices, each once and in the order given: the inverse of `joined`."""
    return tuple(dict.fromkeys(value for value in answer.split(_BETWEEN) if value))


def numbered(value: str) -> int | None:
    """The number of a record, as buttons, lists and forms carry one in their value; None of anything else."""
    return int(value) if value.isdecimal() and len(value) < 10 else None


def numbers(value: str) -> tuple[int, ...]:
    """The numbers of several records, with commas between them; whatever else is there is left out."""
    return tuple(number for one in value.split(",") if (number := numbered(one)) is not None)


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


# ------------------------------------------------------------------------------------------------------------ events

EventKind = Literal["tap", "submit", "say", "edit", "delete", "shortcut", "react", "unreact", "home", "join", "leave"]


@dataclass(frozen=True)
class File:
    """A file that a message refers to: opened at `address` on its platform by whoever may. `type` is its media type."""

    name: str
    address: str
    type: str = ""


@dataclass(frozen=True)
class Event:
    """One thing that a person did.

    `key` is the same however often the platform delivers it. `kind`:
    `tap` a button or select · `submit` a form · `say` typed words (a message, a slash command, a mention: `text`) ·
    `edit`/`delete` a message changed or went (`place.message`, new words in `text`) · `shortcut` "keep this message"
    (`text`, `author` the account that wrote it, `author_name` what the platform calls them) · `react`/`unreact` a
    notebook was put on a message of one's own or taken off (`place.message`, its words in `text`) · `home` the home
    screen was opened · `join`/`leave` a person arrived or left, the app was installed or removed.
    `link` leads to the message that was kept or reacted to, where the platform says how; `files` are what it refers to.
    `words` are the named parts of a matched command. `email` and `name` come from the platform's own verified
    directory, never from the person; they are "" until the dispatcher asks who this is. `addressed` is false for
    channel talk that merely happens where the bot can hear it; `can_open` is false when the platform cannot answer this
    event with a form.
    """

    key: str
    account: Account
    place: Place
    kind: EventKind
    action: str = ""
    about: int | None = None
    value: str = ""
    text: str = ""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    author: str = ""
    author_name: str = ""
    link: str = ""
    files: tuple[File, ...] = ()
    email: str = ""
    name: str = ""
    addressed: bool = True
    can_open: bool = True

    @property
    def number(self) -> int | None:
        """The number in its value, of what was chosen from a list; None where there is none."""
        return numbered(self.value)

    @property
    def subject(self) -> int | None:
        """The number of what it is about, whether its button says so or it was chosen from a list."""
        return self.number if self.about is None else self.about


# ----------------------------------------------------------------------------------------------------------- replies


@dataclass(frozen=True)
class Say:
    """A message of its own. `private` keeps it between the bot and this person even in a channel."""

    message: Message
    private: bool = False


@dataclass(frozen=True)
class Replace:
    """The message that was tapped becomes this one (or, where there is none, it is said)."""

    message: Message


@dataclass(frozen=True)
class Show:
    """The home screen, or anything else that is drawn afresh each time and remembered by nobody."""

    message: Message


@dataclass(frozen=True)
class OpenForm:
    """A form to fill in. In answer to typed words Slack shows a button that opens it."""

    form: Form


@dataclass(frozen=True)
class FixAnswers:
    """The same form, what was typed still in it, with a kind sentence beside each field that needs another look."""

    form: Form
    problems: Mapping[str, str]


@dataclass(frozen=True)
class Nothing:
    """No answer is needed."""


Reply = Say | Replace | Show | OpenForm | FixAnswers | Nothing


# -------------------------------------------------------------------------------------- messages kept until they go

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (Message, Text, Quote, Facts, Table, Chart, Link, Buttons, Button, Select, Option)
}  # fmt: skip


def pack(message: Message) -> str:
    """A message as JSON, for the outbox. `unpack` gives an equal message back."""
    return as_json(message, _packed).decode()


def unpack(packed: str) -> Message:
    """The message that was packed."""
    return cast(Message, _unpacked(json.loads(packed)))


_DEFAULTS: dict[type, Mapping[str, Any]] = {kind: {f.name: f.default for f in fields(kind)} for kind in _KINDS.values()}


def _packed(part: Any) -> dict[str, Any]:
    kind = cast(type[Any], part.__class__)
    defaults, said = _DEFAULTS[kind], cast(dict[str, Any], vars(part))
    # most of a message is defaults, and every answer is packed: what is not written need not be sealed and stored
    return {"_": kind.__name__, **{name: value for name, value in said.items() if value != defaults[name]}}


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        named = cast(dict[str, Any], value)
        return _KINDS[named["_"]](**{name: _unpacked(item) for name, item in named.items() if name != "_"})
    if isinstance(value, list):
        return tuple(_unpacked(item) for item in cast(list[Any], value))
    return value


# --------------------------------------------------------------------------------------------------------- plainly


def plain(message: Message) -> str:
    """The whole message as plain words: for fallbacks, logs of the simulated year, and the terminal."""
    lines: list[str] = []
    for part in message.parts:
        match part:
            case Text():
                lines.append(part.plain())
            case Quote(words, by):
                lines.append(
                    "\n".join(f"> {line}" for line in words.splitlines() or [""]) + (f"\n— {by}" if by else "")
                )
            case Facts(pairs):
                lines.extend(f"{label}: {value}" for label, value in pairs)
            case Table(headings, rows):
                lines.extend(" | ".join(row) for row in (headings, *rows))
            case Link(label, url):
                lines.append(f"{label}: {url}")
            case Chart() | Buttons() | Select():
                continue  # the table beside a chart says the same; a control says nothing in plain words
    return "\n".join(lines) or message.summary
