"""How a conversation answers an event: one of six, and each platform shows all of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.chat.forms import Form
from bot.chat.messages import Message


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
