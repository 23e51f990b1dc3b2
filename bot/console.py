"""The same conversations without a chat platform: a screen that remembers what it shows, and somebody who uses it.

The terminal chat, the simulated year and the tests all stand on these two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from bot.chat import (
    Account,
    Button,
    Buttons,
    Event,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Place,
    Replace,
    Reply,
    Select,
    Show,
    plain,
)
from bot.platforms import Address, Sent
from bot.reception import Known, Reception

NAME = "console"
TENANT = "here"


@dataclass
class Posted:
    """A message on a screen, as it stands now."""

    id: str
    message: Message
    key: str
    seen_by: str = ""  # one user only, in a conversation of several
    thread: str = ""  # the message it answers


@dataclass(frozen=True)
class Given:
    """A file that was put into a conversation."""

    conversation: str
    name: str
    content: bytes


@dataclass
class Screen:
    """A platform that keeps what it shows: conversations of messages, in order. Direct chats are `dm:<user>`."""

    name: str = NAME
    conversations: dict[str, list[Posted]] = field(default_factory=dict[str, list[Posted]])
    files: list[Given] = field(default_factory=list[Given])
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        """Put a message on the screen."""
        place = to.place
        if place is None:
            assert to.account is not None
            place = direct_chat(to.account.user)
        only = to.account.user if to.private and to.account and not place.direct else ""
        posted = Posted(str(next(self._ids)), message, key, only, place.thread)
        self.conversations.setdefault(place.conversation, []).append(posted)
        return Sent(replace(place, message=posted.id), posted.id)

    async def update(self, sent: Sent, message: Message) -> None:
        """Change a message where it stands."""
        for posted in self.conversations.get(sent.place.conversation, []):
            if posted.id == sent.message:
                posted.message = message

    async def find(self, to: Address, key: str) -> Sent | None:
        """The message that was put up with `key`."""
        place = to.place or direct_chat(to.account.user if to.account else "")
        for posted in self.conversations.get(place.conversation, []):
            if posted.key == key:
                return Sent(replace(place, message=posted.id), posted.id)
        return None

    async def give(self, to: Address, name: str, type_: str, content: bytes, key: str) -> None:
        """Keep a file for whoever sits at the screen."""
        place = to.place or direct_chat(to.account.user if to.account else "")
        self.files.append(Given(place.conversation, name, content))

    def seen(self, user: str, conversation: str = "") -> list[Posted]:
        """What `user` sees in a conversation, their direct chat unless another is named; oldest first."""
        everything = self.conversations.get(conversation or f"dm:{user}", [])
        return [posted for posted in everything if posted.seen_by in ("", user)]


def direct_chat(user: str) -> Place:
    """The direct chat between `user` and the bot."""
    return Place(NAME, TENANT, f"dm:{user}", direct=True)


def channel(name: str) -> Place:
    """A conversation of several people."""
    return Place(NAME, TENANT, f"channel:{name}", direct=False, title=name)


class NothingThere(LookupError):
    """No such button, choice or form is on the screen."""


@dataclass
class Visitor:
    """Somebody at a screen: types, taps, fills in forms. `user` is their e-mail address."""

    user: str
    screen: Screen
    reception: Reception
    form: Form | None = None
    problems: Mapping[str, str] = field(default_factory=dict[str, str])
    home: Message | None = None
    _opened_from: Place | None = None
    _events: "count[int]" = field(default_factory=lambda: count(1))
    process: str = "0"

    @property
    def account(self) -> Account:
        """The account they use."""
        return Account(NAME, TENANT, self.user)

    async def say(self, words: str, *, place: Place | None = None, thread: str = "", message: str = "",
                  addressed: bool = True) -> Reply:  # fmt: skip
        """Type a message, in the direct chat unless another place is named."""
        place = replace(place or direct_chat(self.user), thread=thread, message=message or self._key("typed"))
        return await self._act(Event(self._key("say"), self.account, place, "say", text=words, addressed=addressed))

    async def edit(self, message: str, words: str, place: Place | None = None) -> Reply:
        """Change a message typed earlier."""
        place = replace(place or direct_chat(self.user), message=message)
        return await self._act(Event(self._key("edit"), self.account, place, "edit", text=words))

    async def delete(self, message: str, place: Place | None = None) -> Reply:
        """Delete a message typed earlier."""
        place = replace(place or direct_chat(self.user), message=message)
        return await self._act(Event(self._key("delete"), self.account, place, "delete"))

    async def keep(self, words: str, *, place: Place | None = None, message: str = "", **more: Any) -> Reply:
        """Choose “Keep in learning diary” from the menu of a message; `more` is what else the event says of it."""
        place = replace(place or direct_chat(self.user), message=message or self._key("message"))
        return await self._act(Event(self._key("keep"), self.account, place, "shortcut", text=words, **more))

    async def react(self, message: str, words: str = "", *, off: bool = False, place: Place | None = None) -> Reply:
        """Put a notebook on a message of one's own, or take it off."""
        place = replace(place or direct_chat(self.user), message=message)
        kind = "unreact" if off else "react"
        return await self._act(Event(self._key(kind), self.account, place, kind, text=words, addressed=False))

    async def open_home(self) -> Reply:
        """Look at the home screen."""
        return await self._act(Event(self._key("home"), self.account, direct_chat(self.user), "home"))

    async def press(self, label: str, *, place: Place | None = None) -> Reply:
        """Tap the latest button whose label begins with `label`. Raises `NothingThere`."""
        place = place or direct_chat(self.user)
        for posted in reversed(self.screen.seen(self.user, place.conversation)):
            for button in buttons_of(posted.message):
                if button.label.lower().startswith(label.lower()):
                    return await self.tap(button, replace(place, message=posted.id))
        for button in buttons_of(self.home) if self.home else ():
            if button.label.lower().startswith(label.lower()):
                return await self.tap(button, place)
        raise NothingThere(f"{self.user} sees no button {label!r}")

    async def choose(self, option: str, *, place: Place | None = None) -> Reply:
        """Choose from the latest list that offers an option beginning with `option`. Raises `NothingThere`."""
        place = place or direct_chat(self.user)
        for posted in reversed(self.screen.seen(self.user, place.conversation)):
            for part in posted.message.parts:
                for offered in part.options if isinstance(part, Select) else ():
                    if isinstance(part, Select) and offered.label.lower().startswith(option.lower()):
                        tapped = Button(offered.label, part.action, part.about, offered.value)
                        return await self.tap(tapped, replace(place, message=posted.id))
        raise NothingThere(f"{self.user} sees no choice {option!r}")

    async def tap(self, button: Button, place: Place, *, key: str = "") -> Reply:
        """Tap a button that stands on the message `place.message`."""
        event = Event(key or self._key("tap"), self.account, place, "tap", button.action, button.about, button.value)
        return await self._act(event)

    async def submit(self, answers: Mapping[str, str]) -> Reply:
        """Fill in the open form (what is not named keeps its value) and send it. Raises `NothingThere`."""
        if self.form is None:
            raise NothingThere(f"{self.user} has no form open")
        form = self.form
        filled = {one.name: answers.get(one.name, one.value) for one in form.fields}
        event = Event(
            self._key("submit"), self.account, self._opened_from or direct_chat(self.user), "submit", form.name,
            form.about, form.value, answers=filled,
        )  # fmt: skip
        return await self._act(event)

    async def _act(self, event: Event) -> Reply:
        reply = await self.reception.answer(event, self.screen, self._directory)
        self.problems = {}
        match reply:
            case OpenForm(form):
                # typed words have no message of ours above the form: what comes of it is said, not put in its place
                self.form = form
                self._opened_from = replace(event.place, message="") if event.kind == "say" else event.place
            case FixAnswers(form, problems):
                self.form, self.problems = form, problems
            case Replace(message):
                self.form = None
                await self.screen.update(Sent(event.place, event.place.message), message)
            case Show(message):
                self.home = message
            case _:
                if event.kind == "submit":
                    self.form = None
        return reply

    async def _directory(self, account: Account) -> Known:
        return Known(account.user, "")

    def _key(self, kind: str) -> str:
        return f"console/{self.process}/{self.user}/{kind}/{next(self._events)}"


def buttons_of(message: Message) -> list[Button]:
    """Every button of a message, in order."""
    return [button for part in message.parts if isinstance(part, Buttons) for button in part.buttons]


def in_words(message: Message) -> str:
    """A message as the terminal shows it: plain words, then its buttons and choices in brackets."""
    lines = [plain(message)]
    lines.extend(f"[{button.label}]" for button in buttons_of(message))
    lines.extend(
        f"[{part.label}: {' / '.join(option.label for option in part.options)}]"
        for part in message.parts
        if isinstance(part, Select)
    )
    return "\n".join(lines)
