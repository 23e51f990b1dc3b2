"""What a person did, who they are and where it happened, whichever the platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.chat.values import numbered

# Two taps that the dispatcher itself understands; both are about a draft of words that were typed earlier.
TYPED_AGAIN = "typed.again"  # treat the words as if they were typed now, where a form can be opened in answer
ANSWERS_TO = "typed.answers"  # the words were an answer to the prompt whose outbox row is `value`

EventKind = Literal["tap", "submit", "say", "edit", "delete", "shortcut", "react", "unreact", "home", "join", "leave"]


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
