"""A small world for the tests of the foundation: one conversation of the tests' own, and a platform that fails as told.

The program around them is the real one: dispatcher, outbox, delivery, database.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.chat import (
    Account,
    Button,
    Buttons,
    Event,
    Field,
    Form,
    Message,
    Nothing,
    OpenForm,
    Place,
    Replace,
    Reply,
    Say,
    plain,
    text,
)
from bot.dispatch import Dispatcher, Outcome
from bot.errors import Refusal
from bot.platforms import Address, CannotTell, NotAccepted, Sent
from bot.policy import load
from bot.reception import Known, Reception
from handlers.registry import Conversation, Registry, command
from handlers.turn import Turn
from scheduling.delivery import Delivery
from scheduling.pacing import Pacer
from storage import outbox, people
from storage.database import Database
from storage.models import Entry, KnownAccount, Owed, Person
from tests.conftest import KEYRING, NOW

# --------------------------------------------------------------------------------------------------- a conversation


class NotToday(Refusal):
    """Not today. Try again tomorrow."""


def keep(turn: Turn, event: Event) -> Reply:
    words = event.words.get("words", "") or event.answers.get("words", "") or event.text
    turn.session.add(Entry(owner_id=turn.person.id, words=turn.seal(words), made_at=turn.now))
    return Say(Message("Kept.", (text("Kept."),)), private=True)


def refuse(turn: Turn, event: Event) -> Reply:
    keep(turn, event)
    turn.session.flush()
    raise NotToday


def fail(turn: Turn, event: Event) -> Reply:
    words = event.words.get("words", "")
    keep(turn, event)
    turn.session.flush()
    if FAILING:
        raise RuntimeError(f"what was said was {words} {event.text}")
    return Nothing()


FAILING: list[bool] = []  # truthy while `fail` is broken


def answer(turn: Turn, event: Event) -> Reply:
    turn.session.add(Entry(owner_id=turn.person.id, words=turn.seal(f"answer to {event.about}: {event.text}"),
                           made_at=turn.now))  # fmt: skip
    return Say(Message("Thank you.", (text("Thank you."),)))


def show(turn: Turn, event: Event) -> Reply:
    entry = turn.session.get_one(Entry, event.about)
    return Replace(Message("Yours.", (text("{words}", words=turn.read(entry.owner_id, entry.words, "entry", entry.id)),
                                      Buttons((Button("Again", "notes.show", entry.id),))),
                           notice="notes.card", about=entry.id))  # fmt: skip


def ask_form(turn: Turn, event: Event) -> Reply:
    return OpenForm(replace(FORM, about=event.about))


def unknown(turn: Turn, event: Event) -> Reply:
    return Say(Message("What?", (text("What?"), Buttons((Button("x", "notes.draft", turn.set_aside(event)),)))))


def prompt(turn: Turn, about: int | None) -> Message | None:
    return Message(f"Prompt {about}", (text("How was it, {about}?", about=about),), "notes.prompt", about,
                   awaits="notes.answer")  # fmt: skip


def card(turn: Turn, about: int | None) -> Message | None:
    entry = turn.session.get(Entry, about)
    if entry is None:
        return None
    words = turn.read(entry.owner_id, entry.words, "entry", entry.id)
    BUILT.append(words)
    return Message("Card", (text("{words}", words=words),), "notes.card", about)


BUILT: list[str] = []


def broken(turn: Turn, about: int | None) -> Message | None:
    raise RuntimeError("a builder with a bug")


def gone(turn: Turn, about: int | None) -> Message | None:
    return None


def owns(turn: Turn, event: Event) -> bool:
    entry = None if event.about is None else turn.session.get(Entry, event.about)
    return entry is not None and entry.owner_id == turn.person.id


def coordinates(turn: Turn, event: Event) -> bool:
    return turn.person.role == "coordinator"


def anybody(turn: Turn, event: Event) -> bool:
    return True


FORM = Form("notes.save", "A note", (Field("words", "Words", "paragraph"), Field("short", "Short", required=False)))
NOTES = Conversation(
    name="notes",
    actions={
        "notes.keep": keep,
        "notes.refuse": refuse,
        "notes.fail": fail,
        "notes.answer": answer,
        "notes.show": show,
        "notes.form": ask_form,
        "notes.save": keep,
        "notes.lead": keep,
        "notes.unknown": unknown,
    },
    forms=(FORM,),
    notices={"notes.prompt": prompt, "notes.card": card, "notes.broken": broken, "notes.gone": gone},
    commands=(
        command(r"keep (?P<words>.+)", "notes.keep"),
        command(r"refuse (?P<words>.+)", "notes.refuse"),
        command(r"fail (?P<words>.+)", "notes.fail"),
        command(r"form", "notes.form"),
    ),
    hears={"say": "notes.unknown"},
)
MAY = {
    "notes.keep": anybody,
    "notes.refuse": anybody,
    "notes.fail": anybody,
    "notes.answer": anybody,
    "notes.show": owns,
    "notes.form": anybody,
    "notes.save": owns,
    "notes.lead": coordinates,
    "notes.unknown": anybody,
}

# ------------------------------------------------------------------------------------------------------- a platform


@dataclass
class Fault:
    """What happens to one request. `accepted`: the platform has the message all the same."""

    error: Exception
    accepted: bool = False


RESET = ConnectionResetError("reset by peer")
BEFORE_THE_FIRST_BYTE = Fault(NotAccepted("unreachable"))
ACCEPTED_THEN_RESET = Fault(RESET, accepted=True)
RESET_WITHOUT_ACCEPTING = Fault(RESET)


def refused(reason: str, *, final: bool = True) -> Fault:
    return Fault(NotAccepted(reason, final=final))


@dataclass
class Post:
    """A chat platform's API as it behaves at the other end of a wire; requests fail as told, then go well again."""

    name: str = "post"
    can_find: bool = True
    faults: deque[Fault | None] = field(default_factory=deque)
    down: Fault | None = None  # happens to every request
    posted: list[tuple[str, Message, str]] = field(default_factory=list)
    requests: list[tuple[datetime, str]] = field(default_factory=list)  # when, and the key
    updates: list[tuple[str, Message]] = field(default_factory=list)
    finds: list[str] = field(default_factory=list)
    now: Callable[[], datetime] = lambda: NOW
    before_answering: Callable[[], Awaitable[None]] | None = None
    hides: bool = False  # its history does not show yet what was accepted

    async def send(self, to: Address, message: Message, key: str) -> Sent:
        self.requests.append((self.now(), key))
        if self.before_answering:
            await self.before_answering()
        fault = self._fault()
        if fault and not fault.accepted:
            raise fault.error
        conversation = to.place.conversation if to.place else f"dm:{to.account.user if to.account else ''}"
        self.posted.append((conversation, message, key))
        if fault:
            raise fault.error
        return Sent(self._place(conversation), str(len(self.posted)))

    async def update(self, sent: Sent, message: Message) -> None:
        if self.before_answering:
            await self.before_answering()
        if fault := self._fault():
            raise fault.error
        self.updates.append((sent.message, message))

    async def find(self, to: Address, key: str) -> Sent | None:
        self.finds.append(key)
        if not self.can_find:
            raise CannotTell
        if self.down:
            raise self.down.error
        for number, (conversation, _, posted_key) in enumerate(self.posted, 1):
            if posted_key == key and not self.hides:
                return Sent(self._place(conversation), str(number))
        return None

    def said(self) -> list[str]:
        return [plain(message) for _, message, _ in self.posted]

    def times_sent(self, key: str) -> int:
        return sum(1 for _, _, posted in self.posted if posted == key)

    def _fault(self) -> Fault | None:
        if self.down is not None:
            return self.down
        return self.faults.popleft() if self.faults else None

    def _place(self, conversation: str) -> Place:
        return Place(self.name, "T", conversation, conversation.startswith("dm:"))


def direct(user: str, platform: str = "post") -> Place:
    return Place(platform, "T", f"dm:{user}", direct=True)


def room(name: str, platform: str = "post") -> Place:
    return Place(platform, "T", name, direct=False, title=name)


# ---------------------------------------------------------------------------------------------------------- a world


@dataclass
class World:
    """The real program with `NOTES`, on a database, with Ana, Bo and Cy (coordinator) known to `Post`."""

    database: Database
    post: Post = field(default_factory=Post)
    others: dict[str, Post] = field(default_factory=dict)
    now: datetime = NOW
    process: str = "one"
    alone: bool = False
    pace: bool = False

    def __post_init__(self) -> None:
        self.registry = Registry([NOTES], MAY)
        self.policy = load("southampton")
        self.post.now = lambda: self.now
        self.pacer = Pacer(now=lambda: self.now.timestamp(), sleep=self._sleep)
        if not self.pace:
            self.pacer.conversation, self.pacer.overall = {}, {}
        self.dispatcher = Dispatcher(self.database, self.registry, self.policy, KEYRING, process=self.process)
        self.delivery = self.another_delivery(self.process, self.pacer)
        self.reception = Reception(self.dispatcher, self.delivery, lambda: self.now)
        self.runner = asyncio.Runner()

    def another_delivery(self, process: str, pacer: Pacer | None = None) -> Delivery:
        """The delivery of another process on the same database."""
        pacer = pacer or Pacer({}, {}, now=lambda: self.now.timestamp(), sleep=self._sleep)
        platforms = {self.post.name: self.post, **self.others}
        return Delivery(self.database, self.registry, self.policy, KEYRING, platforms, lambda: self.now, process,
                        pacer=pacer, alone=self.alone)  # fmt: skip

    async def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def enrol(self) -> None:
        def work(session: Session) -> None:
            for name, role in (("Ana", "member"), ("Bo", "member"), ("Cy", "coordinator")):
                person = Person(name=name, email=f"{name.lower()}@example.org", key=KEYRING.new_person_key(), role=role)
                session.add(person)
                session.flush()
                session.add(KnownAccount(platform="post", tenant="T", user=name.lower(), person_id=person.id))
                person.prefers = "post"

        self.database.run(work)

    # -- events

    def event(self, key: str, who: str, kind: Any = "say", words: str = "", *, action: str = "",
              about: int | None = None, place: Place | None = None, **more: Any) -> Event:  # fmt: skip
        account = Account("post", "T", who.lower())
        return Event(key, account, place or direct(who.lower()), kind, action=action, about=about, text=words, **more)

    def handle(self, event: Event) -> Outcome:
        return self.dispatcher.handle(event, self.now)

    def answer(self, event: Event, known: Known = Known("", "")) -> Reply:  # noqa: B008 - frozen
        async def directory(_: Account) -> Known:
            return known

        async def through() -> Reply:
            reply = await self.reception.answer(event, self.post, directory)
            await self.reception.settled()
            return reply

        return self.run(through())

    # -- the outbox

    def owe(self, who: str, notice: str = "notes.prompt", about: int | None = 1, *, at: datetime | None = None,
            key: str = "") -> int:  # fmt: skip
        def work(session: Session) -> int:
            person = people.by_email(session, f"{who.lower()}@example.org")
            assert person is not None
            outbox.owe(session, notice, about=about, at=at or self.now, to=person.id, key=key)
            return session.scalars(select(Owed.id).order_by(Owed.id.desc())).first() or 0

        return self.database.run(work)

    def row(self, number: int) -> Owed:
        return self.database.run(lambda session: session.get_one(Owed, number))

    def rows(self) -> list[Owed]:
        """What is owed to anybody, but for what coordinators are told of people who cannot be reached."""
        owed = select(Owed).where(Owed.notice.not_like("people.%")).order_by(Owed.id)
        return self.database.run(lambda session: list(session.scalars(owed)))

    def states(self) -> list[str]:
        return [row.state for row in self.rows()]

    def tick(self) -> int:
        return self.run(self.delivery.tick())

    def reconcile(self) -> int:
        return self.run(self.delivery.reconcile())

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def entries(self) -> list[str]:
        def work(session: Session) -> list[str]:
            found = session.execute(select(Entry, Person).join(Person, Person.id == Entry.owner_id).order_by(Entry.id))
            return [KEYRING.open(person.id, person.key, entry.words) for entry, person in found]

        return self.database.run(work)

    def count(self, table: Any) -> int:
        return self.database.run(lambda session: session.scalar(select(func.count()).select_from(table)) or 0)

    def account(self, who: str) -> KnownAccount:
        return self.database.run(
            lambda session: session.scalars(select(KnownAccount).where(KnownAccount.user == who.lower())).one()
        )

    def run(self, doing: Any) -> Any:
        return self.runner.run(doing)
