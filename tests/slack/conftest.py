"""The real edge on a real server, with a small conversation behind it and the emulated workspace before it."""

import asyncio
import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy import select
from starlette.applications import Starlette

from bot.chat import (
    Button,
    Buttons,
    Event,
    Field,
    FixAnswers,
    Form,
    Message,
    Nothing,
    OpenForm,
    Option,
    Quote,
    Replace,
    Reply,
    Say,
    Select,
    Show,
    text,
)
from bot.clock import utc_now
from bot.dispatch import Dispatcher
from bot.errors import Refusal
from bot.policy import load
from bot.reception import Reception
from bot.slack.app import SlackEdge
from handlers.permissions.rules import anybody
from handlers.registry import Conversation, Registry, command
from handlers.turn import Turn
from scheduling.delivery import Delivery
from scheduling.pacing import Pacer
from storage.database import Database, Record
from storage.models import Entry, Person
from storage.sealed import Keyring
from tests.clients.fixtures import slack, slack_server  # noqa: F401 - fixtures of these tests
from tests.clients.signing import Signed, SlackUser
from tests.clients.slack import SlackServer

KEYRING = Keyring([b"k" * 32])

# ------------------------------------------------------------------------------------- a conversation to talk to


def keep(turn: Turn, event: Event) -> Reply:
    kept = event.words.get("words", event.text)
    if kept == "nothing":
        raise Refusal("There is nothing to keep.")
    if kept == "crash":
        raise RuntimeError("a bug, with the words " + kept)
    entry = Entry(
        owner_id=turn.person.id,
        words=turn.seal(kept),
        made_at=turn.now,
        platform=event.place.platform,
        conversation=event.place.conversation,
        message=event.place.message or None,
    )
    turn.session.add(entry)
    turn.session.flush()
    return Say(kept_message(entry.id, kept), private=True)


def kept_message(entry: int, kept: str) -> Message:
    buttons = Buttons((Button("Undo", "t.undo", entry), Button("Edit", "t.edit", entry, opens_form=True)))
    return Message("Kept.", (text("**Kept** in your diary."), Quote(kept), buttons))


def undo(turn: Turn, event: Event) -> Reply:
    if event.about is None:
        raise Refusal("I can't find that any more.")
    entry = turn.session.get(Entry, event.about)
    if entry is not None:
        turn.session.delete(entry)
    return Replace(Message("Taken out.", (text("Taken out again."),)))


EDIT = Form("t.edited", "Change the entry", (Field("words", "What you learned", "paragraph"),))
COURSE = Form(
    "t.course",
    "A course you are going to",
    (
        Field("title", "Which course?"),
        Field("on", "When?", "date"),
        Field("rating", "How much do you look forward to it?", "rating", required=False),
        Field("where", "Where?", "choice", options=(Option("Here", "here"), Option("Elsewhere", "else"))),
    ),
)


def edit(turn: Turn, event: Event) -> Reply:
    entry = turn.session.get_one(Entry, event.about)
    words = turn.read(entry.owner_id, entry.words, "entry", entry.id)
    return OpenForm(Form(EDIT.name, EDIT.title, EDIT.filled({"words": words}).fields, about=entry.id))


def edited(turn: Turn, event: Event) -> Reply:
    words = event.answers["words"]
    if words == "crash":
        raise RuntimeError(words)
    if len(words) < 5:
        return FixAnswers(EDIT, {"words": "Please write a few more words."})
    turn.session.get_one(Entry, event.about).words = turn.seal(words)
    return Replace(kept_message(event.about or 0, words))


def course(turn: Turn, event: Event) -> Reply:
    return OpenForm(COURSE)


def course_said(turn: Turn, event: Event) -> Reply:
    answers = "; ".join(f"{name}={answer}" for name, answer in sorted(event.answers.items()))
    return Say(Message("Noted.", (text("Noted: {answers}", answers=answers),)))


def ask(turn: Turn, event: Event) -> Reply:
    shown = Message("What did you learn?", (text("What did you learn?"),), awaits="t.reflect", about=7)
    return Say(shown)


def reflect(turn: Turn, event: Event) -> Reply:
    return Say(Message("Thank you.", (text("Thank you for:"), Quote(event.text))), private=not event.place.thread)


def home(turn: Turn, event: Event) -> Reply:
    buttons = Buttons((Button("A course", "t.course_open", opens_form=True), Button("Count", "t.count")))
    entries = len(turn.session.scalars(select(Entry).where(Entry.owner_id == turn.person.id)).all())
    return Show(Message("Your learning", (text("You kept {entries}.", entries=entries), buttons)))


def count(turn: Turn, event: Event) -> Reply:
    keep(turn, Event(event.key, event.account, event.place, "say", text="counted"))
    return Nothing()


def follow_edit(turn: Turn, event: Event) -> Reply:
    entry = turn.session.scalar(select(Entry).where(Entry.message == event.place.message))
    if entry is not None:
        entry.words = turn.seal(event.text)
    return Nothing()


def follow_delete(turn: Turn, event: Event) -> Reply:
    entry = turn.session.scalar(select(Entry).where(Entry.message == event.place.message))
    if entry is not None:
        turn.session.delete(entry)
    return Nothing()


def choose(turn: Turn, event: Event) -> Reply:
    options = (Option("Monday", "mon"), Option("Tuesday", "tue"))
    return Say(Message("Which day?", (text("Which day?"), Select("A day", "t.chosen", options, about=3))))


def chosen(turn: Turn, event: Event) -> Reply:
    return Replace(Message("Chosen.", (text("{value} for {about}", value=event.value, about=event.about),)))


def welcome(turn: Turn, event: Event) -> Reply:
    return Say(Message("Welcome.", (text("Welcome, {name}.", name=turn.person.name),)), private=True)


TALK = Conversation(
    "t",
    actions={
        "t.keep": keep,
        "t.undo": undo,
        "t.edit": edit,
        "t.edited": edited,
        "t.course_open": course,
        "t.course": course_said,
        "t.ask": ask,
        "t.reflect": reflect,
        "t.home": home,
        "t.count": count,
        "t.follow_edit": follow_edit,
        "t.follow_delete": follow_delete,
        "t.choose": choose,
        "t.chosen": chosen,
        "t.welcome": welcome,
    },
    forms=(EDIT, COURSE),
    commands=(
        command(r"diary:\s*(?P<words>.+)", "t.keep", "diary: …", "keep a line"),
        command(r"home", "t.home", "home"),
        command(r"course", "t.course_open", "course"),
        command(r"ask me", "t.ask"),
        command(r"choose", "t.choose"),
    ),
    hears={
        "say": "t.keep",
        "home": "t.home",
        "edit": "t.follow_edit",
        "delete": "t.follow_delete",
        "shortcut": "t.keep",
        "join": "t.welcome",
    },
)
MAY = dict.fromkeys(TALK.actions, anybody)


# ------------------------------------------------------------------------------------------- the bot, listening


@dataclass
class Worker:
    """One process of the bot, in a thread of its own: the real edge behind the real web server."""

    workspace: SlackServer
    database: Database
    process: str = "one"
    ahead: float = 0.0  # seconds by which its clock is fast
    options: dict[str, Any] = field(default_factory=dict)
    pacer: Pacer = field(default_factory=lambda: Pacer(now=map(float, itertools.count(0, 100)).__next__))  # never waits
    registry: Registry = field(default_factory=lambda: Registry((TALK,), MAY))

    def __post_init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.run(self._begin())

    async def _begin(self) -> None:
        registry, policy = self.registry, load("southampton")
        self.platforms: dict[str, Any] = {}
        dispatcher = Dispatcher(self.database, registry, policy, KEYRING, process=self.process)
        self.delivery = Delivery(
            self.database, registry, policy, KEYRING, self.platforms, self.now, self.process, pacer=self.pacer
        )
        self.reception = Reception(dispatcher, self.delivery, self.now)
        settings: dict[str, Any] = {
            "bot_token": self.workspace.bot_token,
            "signing_secrets": (self.workspace.signing_secret,),
            "app_token": None,
            "api_url": self.workspace.base_url,
        } | self.options
        self.edge = SlackEdge(self.reception, clock=self.now, **settings)
        self.platforms["slack"] = self.edge.platform
        await self.edge.start()
        config = uvicorn.Config(Starlette(routes=self.edge.routes()), port=0, log_config=None, lifespan="off")
        self.server = uvicorn.Server(config)
        self._serving = asyncio.ensure_future(self.server.serve())
        while not self.server.started:
            await asyncio.sleep(0.01)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def now(self) -> datetime:
        return utc_now() + timedelta(seconds=self.ahead)

    def run(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return future.result(30)

    def post(self, signed: Signed, *, settle: bool = True) -> httpx.Response:
        """Slack posts this; when the answer is here, wait for what the bot does afterwards."""
        answer = signed.post(self.url)
        if settle:
            self.settle()
        return answer

    def settle(self) -> None:
        self.run(self.reception.settled())

    def stop(self) -> None:
        async def end() -> None:
            self.server.should_exit = True
            await self._serving
            await self.edge.stop()

        self.run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


@dataclass
class Town:
    """The workspace, the bot, and what is in its database."""

    slack: SlackServer
    database: Database
    bot: Worker

    @property
    def sign(self) -> Any:
        return self.slack.signer

    def user(self, name: str) -> SlackUser:
        return self.slack.users[name]

    def person(self, name: str) -> Person:
        email = self.user(name).email
        return self.database.run(lambda session: session.scalars(select(Person).where(Person.email == email)).one())

    def rows(self, query: Any) -> list[Any]:
        return self.database.run(lambda session: list(session.scalars(query).all()))

    def kept(self, name: str = "amina") -> list[str]:
        """The diary of somebody, opened."""
        person = self.person(name)
        entries = self.rows(select(Entry).where(Entry.owner_id == person.id).order_by(Entry.id))
        return [KEYRING.open(person.id, person.key, entry.words) for entry in entries]

    def says(self, name: str, words: str, **more: Any) -> httpx.Response:
        """Somebody types in the direct chat, and Slack tells the bot."""
        user = self.user(name)
        said = self.slack.says(user, words)
        return self.bot.post(self.sign.message(user, words, said["channel"], ts=said["ts"], **more))

    def seen(self, name: str) -> list[dict[str, Any]]:
        """What the bot said to somebody in their direct chat."""
        return self.slack.dm_messages(self.user(name), from_bot=True)


def enrol(database: Database, workspace: SlackServer) -> None:
    def work(session: Any) -> None:
        for name in ("amina", "ben", "gwen"):
            user = workspace.users[name]
            session.add(Person(name=user.real_name, email=user.email, key=KEYRING.new_person_key()))

    database.run(work)


@contextmanager
def a_worker(workspace: SlackServer, database: Database, **more: Any) -> Iterator[Worker]:
    worker = Worker(workspace, database, **more)
    try:
        yield worker
    finally:
        worker.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/learnbot.db")
    Record.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def town(slack: SlackServer, store: Database) -> Iterator[Town]:  # noqa: F811 - a fixture asks for another by its name
    """A workspace whose Amina, Ben and Gwen (a guest) are on the roster; Chloe and Dan are not."""
    enrol(store, slack)
    with a_worker(slack, store) as worker:
        yield Town(slack, store, worker)


def words_of(shown: Any) -> str:
    """Every word that a person can read in blocks or a view."""
    if isinstance(shown, dict):
        mine = shown.get("text")
        inside = " ".join(words_of(value) for value in shown.values() if not isinstance(value, str))
        return " ".join(part for part in (mine if isinstance(mine, str) else "", inside) if part)
    if isinstance(shown, list):
        return " ".join(filter(None, (words_of(item) for item in shown)))
    return ""
