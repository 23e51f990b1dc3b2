"""The vocabulary: what a person is shown, what they do, and how the bot answers.

Everything here is a frozen value. A conversation is written once in these words; `bot.slack`, `bot.teams` and
`bot.console` each show them and read them back. Words that people wrote never pass through any markup: a renderer
receives them as `Span.words`, `Quote.words` or a plain string and must show them literally.

`messages` and `forms` are what is shown, `events` what is done, `replies` how it is answered, `values` what a value can
stand for. A conversation imports all of them from here. `packing` is for whoever keeps a message.
"""

from bot.chat.events import ANSWERS_TO, TYPED_AGAIN, Account, Event, EventKind, File, Place
from bot.chat.forms import PUT_AWAY, Field, FieldKind, Form
from bot.chat.messages import (
    Button,
    Buttons,
    Chart,
    Facts,
    Link,
    Message,
    Option,
    Part,
    Quote,
    Select,
    Span,
    Table,
    Text,
    plain,
    small,
    text,
)
from bot.chat.replies import FixAnswers, Nothing, OpenForm, Replace, Reply, Say, Show
from bot.chat.values import joined, numbered, numbers, several

__all__ = [
    "ANSWERS_TO",
    "PUT_AWAY",
    "TYPED_AGAIN",
    "Account",
    "Button",
    "Buttons",
    "Chart",
    "Event",
    "EventKind",
    "Facts",
    "Field",
    "FieldKind",
    "File",
    "FixAnswers",
    "Form",
    "Link",
    "Message",
    "Nothing",
    "OpenForm",
    "Option",
    "Part",
    "Place",
    "Quote",
    "Replace",
    "Reply",
    "Say",
    "Select",
    "Show",
    "Span",
    "Table",
    "Text",
    "joined",
    "numbered",
    "numbers",
    "plain",
    "several",
    "small",
    "text",
]
