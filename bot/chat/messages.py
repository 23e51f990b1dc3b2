"""What a person is shown: a message and its parts. Values only; it imports nothing of ours.

Words that people wrote never pass through any markup: they are `Span.words`, `Quote.words` or a plain string.
"""

import re
from dataclasses import dataclass, replace
from typing import Literal


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
