"""What a conversation consists of, and the one list of everything that can be said, tapped, filled in and owed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache

import regex

from bot.chat import Event, EventKind, Form, Message, Part, Reply
from handlers.permissions import Rule
from handlers.turn import Turn
from scheduling.calendars.contract import Appointment, Changed
from storage.sharing import TABLES

Handler = Callable[[Turn, Event], Reply]
Notice = Callable[[Turn, int | None], Message | None]
Recurring = Callable[[Turn, datetime], None]

WORDS, LONGEST_WORD = 2_000, 24  # first words of messages that are remembered, and how much of each


@dataclass(frozen=True)
class InCalendars:
    """How a conversation deals with what it keeps in people's calendars, by the record's number.

    `described` is the appointment as its host, the turn's reader, should see it (its key is not looked at). `placed`
    is called when it stands with another address to meet at, `follow` when a person changed it in their calendar:
    the turn's reader is then whose calendar that is.
    """

    described: Callable[[Turn, int], Appointment]
    placed: Callable[[Turn, int], None]
    follow: Callable[[Turn, int, Changed], None]


@dataclass(frozen=True)
class Belonging:
    """A kind of record that belongs to one person, who can let others read one of them, and can forget it.

    `what` names one ("a diary entry") and `title` this one, for its owner ("what came of First aid"). `shown` is
    exactly what somebody sees whom the owner lets read it. `card` is the notice that shows it to its owner, `open` the
    action that does. `forget` removes it with all that follows from it. Its table is in `storage.sharing.TABLES`, under
    the same name.
    """

    what: str
    title: Callable[[Turn, int], str]
    shown: Callable[[Turn, int], tuple[Part, ...]]
    card: str
    open: str
    forget: Callable[[Turn, int], None]


@dataclass(frozen=True)
class Command:
    """Something that can be typed. `grammar` is a regular expression for the whole message.

    Its named groups reach the handler as `words`. `example` is what help shows and what the platforms list; `says` is
    the half-sentence beside it. An empty example keeps a command out of those lists. One that `yields` is a sentence
    people also write in answer to a question: where one was just asked in a direct chat, it is the answer. `chosen` is
    asked, where there is one, whether this person wants such words to be taken for the command.
    """

    grammar: str
    action: str
    example: str = ""
    says: str = ""
    yields: bool = False
    chosen: Callable[[Turn], bool] | None = None

    @cached_property
    def pattern(self) -> regex.Pattern[str]:
        """The grammar made ready, which takes a thousandth of a second and more: no start has to wait for it."""
        return regex.compile(self.grammar, regex.IGNORECASE | regex.DOTALL)


def command(
    pattern: str,
    action: str,
    example: str = "",
    says: str = "",
    *,
    yields: bool = False,
    chosen: Callable[[Turn], bool] | None = None,
) -> Command:
    """A command whose `pattern` ignores case and spacing at the ends."""
    return Command(rf"\s*(?:{pattern})\s*", action, example, says, yields, chosen)


@dataclass(frozen=True)
class Conversation:
    """One conversation.

    `actions`: what each tap, select, submitted form and typed answer does (a form's name is its action). `forms`: the
    forms as constants. `notices`: builders of messages owed, called when they go; they may settle rows, and answer
    None when there is nothing left to say. `replies`: what a typed answer in the thread of such a message does, or one
    that quotes it, though the message awaits none. `hears`: the action for each kind of event that names none.
    `recurring`: called every hour to owe what falls due until an instant; safe to call any number of times. `follows`:
    what it keeps in calendars, "interview", "meeting" or "seminar". `keeps`: the kinds of record of a person's own, by
    name ("entry").
    """

    name: str
    actions: Mapping[str, Handler]
    forms: Sequence[Form] = ()
    notices: Mapping[str, Notice] = field(default_factory=dict[str, Notice])
    replies: Mapping[str, str] = field(default_factory=dict[str, str])
    commands: Sequence[Command] = ()
    hears: Mapping[EventKind, str] = field(default_factory=dict[EventKind, str])
    recurring: Sequence[Recurring] = ()
    follows: Mapping[str, InCalendars] = field(default_factory=dict[str, InCalendars])
    keeps: Mapping[str, Belonging] = field(default_factory=dict[str, Belonging])


class Registry:
    """All conversations together. ValueError, naming every clash at once, when two claim the same thing."""

    def __init__(self, conversations: Sequence[Conversation], may: Mapping[str, Rule]) -> None:
        self.conversations = tuple(conversations)
        self.may = may
        self.actions: dict[str, Handler] = {}
        self.forms: dict[str, Form] = {}
        self.notices: dict[str, Notice] = {}
        self.replies: dict[str, str] = {}
        self.hears: dict[EventKind, str] = {}
        self.follows: dict[str, InCalendars] = {}
        self.keeps: dict[str, Belonging] = {}
        self.commands: list[Command] = []
        # words are few and patterns many: passing all of those by, for every message, took a twelfth of its CPU
        self._beginning_with = lru_cache(WORDS)(self._that_may_begin_with)
        wrong: list[str] = []
        for conversation in conversations:
            for kind, taken, new in (
                ("action", self.actions, conversation.actions),
                ("notice", self.notices, conversation.notices),
                ("reply", self.replies, conversation.replies),
                ("kind of event", self.hears, conversation.hears),
                ("kind of appointment", self.follows, conversation.follows),
                ("kind of record", self.keeps, conversation.keeps),
                ("form", self.forms, {form.name: form for form in conversation.forms}),
            ):
                wrong.extend(f"the {kind} {name} is claimed twice" for name in new if name in taken)
                taken.update(new)  # type: ignore[arg-type]  # pyright: ignore[reportCallIssue, reportArgumentType, reportUnknownMemberType]
            self.commands.extend(conversation.commands)
        wrong.extend(f"the form {name} has no handler" for name in self.forms if name not in self.actions)
        unnamed = [action for action in self.actions if action not in may]
        wrong.extend(f"{action} has no row in handlers/permissions/table.py" for action in unnamed)
        wrong.extend(f"permissions name {action}, which nothing does" for action in may if action not in self.actions)
        named = (*self.hears.values(), *self.replies.values())
        wrong.extend(f"no handler for {action}" for action in named if action not in self.actions)
        wrong.extend(f"no handler for {typed.action}" for typed in self.commands if typed.action not in self.actions)
        wrong.extend(f"{kind} has no table in storage/sharing.py" for kind in self.keeps if kind not in TABLES)
        if wrong:
            raise ValueError("; ".join(wrong))

    def warm(self) -> None:
        """Make every command ready, before somebody types one and waits for it."""
        for one in self.commands:
            _ = one.pattern

    def match(self, typed: str, turn: Turn | None = None) -> tuple[Command, dict[str, str]] | None:
        """The command that `typed` is, with its words; without a `turn`, none that somebody has to choose."""
        for typed_command in self._beginning_with("".join(typed.split(None, 1)[:1])[:LONGEST_WORD]):
            found = typed_command.pattern.fullmatch(typed)
            if found and (typed_command.chosen is None or (turn is not None and typed_command.chosen(turn))):
                return typed_command, {name: words for name, words in found.groupdict().items() if words is not None}
        return None

    def _that_may_begin_with(self, word: str) -> tuple[Command, ...]:
        """The commands of which a message that begins so may be one, in their order."""
        return tuple(one for one in self.commands if one.pattern.fullmatch(word, partial=True))
