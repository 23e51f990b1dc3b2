"""Teams around the real program: a connector that records what is posted to it, and activities as Teams sends them."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import unquote

import httpx
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
    Quote,
    Replace,
    Reply,
    Say,
    Show,
    text,
)
from bot.dispatch import Dispatcher
from bot.policy import load
from bot.reception import Reception
from bot.teams.app import TeamsEdge
from bot.teams.platform import TeamsPlatform
from handlers.registry import Conversation, Registry, command
from handlers.turn import Turn
from scheduling.delivery import Delivery
from storage.database import Database, Record
from storage.models import HandledEvent, Owed, Person
from storage.sealed import Keyring
from tests.clients.entra import APP_ID, TENANT, Issuer
from tests.clients.signing import Signed

Json = dict[str, Any]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYRING = Keyring([b"k" * 32])
AMINA = {"id": "29:amina", "name": "Amina Khan", "aadObjectId": "00000000-0000-4000-8000-0000000000a1"}
BEN = {"id": "29:ben", "name": "Ben Carter", "aadObjectId": "00000000-0000-4000-8000-0000000000b2"}
EVE, FARID, HANA, IRIS = (
    {"id": f"29:{name.lower()}", "name": f"{name} {rest}", "aadObjectId": f"00000000-0000-4000-8000-0000000000{end}"}
    for name, rest, end in (
        ("Eve", "Fox", "e5"),
        ("Farid", "Gill", "f6"),
        ("Hana", "Ito", "a7"),
        ("Iris", "Jones", "b8"),
    )
)
STRANGER = {"id": "29:guest", "name": "A Guest", "aadObjectId": "00000000-0000-4000-8000-0000000000cc"}
BOT = {"id": f"28:{APP_ID}", "name": "Learnbot"}
CHANNEL = "19:duty-desk@thread.tacv2"
CANARY = "canary-7f3a91"

# ------------------------------------------------------------------------------------------------- a conversation

FORM = Form(
    "small.filled",
    "A small form",
    (
        Field("what", "What did you learn?", "paragraph"),
        Field("when", "When?", "line", hint="A day, like 5 March"),
        Field("more", "Anything else?", required=False),
    ),
    submit="Keep it",
)


def card(words: str) -> Message:
    """A message with every sort of button."""
    return Message(
        words,
        (
            text("**{words}**", words=words),
            Buttons(
                (
                    Button("Change it", "small.change", 7),
                    Button("Fill it in", "small.open", 7, opens_form=True),
                    Button("Fail", "small.fail"),
                )
            ),
        ),
    )


@dataclass
class Heard:
    """What the conversation's handlers were given, in order."""

    events: list[Event] = field(default_factory=list)

    @property
    def last(self) -> Event:
        return self.events[-1]


def conversation(heard: Heard) -> Conversation:
    """A conversation with one of every reply."""

    def hears(reply: Callable[[Event], Reply]) -> Callable[[Turn, Event], Reply]:
        def handler(turn: Turn, event: Event) -> Reply:
            heard.events.append(event)
            return reply(event)

        return handler

    def filled(event: Event) -> Reply:
        if not event.answers["when"].startswith("5"):
            return FixAnswers(FORM.filled(event.answers), {"when": "I can't read that as a day."})
        if event.value == "replace":
            return Replace(Message("Kept", (text("Kept:"), Quote(event.answers["what"]))))
        return Say(Message("Kept", (Quote(event.answers["what"]),)), private=True)

    def fail(event: Event) -> Reply:
        raise RuntimeError(CANARY)

    say = hears(lambda event: Say(Message("You said", (Quote(event.text),)), private=event.text == "secret"))
    return Conversation(
        "small",
        actions={
            "small.say": say,
            "small.card": hears(lambda _: Say(card("A card"))),
            "small.change": hears(lambda _: Replace(card("Changed"))),
            "small.open": hears(lambda _: OpenForm(FORM)),
            "small.replaces": hears(lambda _: OpenForm(replace(FORM, value="replace"))),
            "small.filled": hears(filled),
            "small.fail": hears(fail),
            "small.show": hears(lambda _: Show(Message("Home", (text("What is next"),)))),
            "small.note": hears(lambda _: Nothing()),
            "small.welcome": hears(lambda event: Say(Message(f"Hello {event.name}"), private=True)),
        },
        forms=(FORM,),
        commands=(
            command("card", "small.card", "card", "shows a card"),
            command("form", "small.open", "form", "opens a form"),
            command("form that replaces", "small.replaces"),
            command("fail", "small.fail"),
            command("home", "small.show", "home", "what is next"),
            command("change", "small.change"),
        ),
        hears={
            "say": "small.say",
            "edit": "small.note",
            "delete": "small.note",
            "join": "small.welcome",
            "leave": "small.note",
            "shortcut": "small.say",
        },
    )


# ------------------------------------------------------------------------------------------------------ a connector


@dataclass(frozen=True)
class Asked:
    """One request that the bot made."""

    method: str
    path: str
    body: Json
    authorization: str

    @property
    def card(self) -> Json:
        return self.body["attachments"][0]["content"]

    @property
    def words(self) -> str:
        """Everything readable in the card."""
        return words_of(self.card)


def words_of(shown: Any) -> str:
    """Everything readable in a card, in order."""
    if isinstance(shown, list):
        return "\n".join(filter(None, map(words_of, shown)))
    if not isinstance(shown, dict):
        return ""
    found = [str(shown[name]) for name in ("label", "text", "title") if name in shown]
    nested = [words_of(shown.get(name)) for name in ("body", "items", "columns", "rows", "cells", "actions")]
    if "inlines" in shown:
        found.append("".join(run["text"] for run in shown["inlines"]))
    return "\n".join(filter(None, [*found, *nested]))


class Connector:
    """Teams' own side, on this machine. `next` holds what becomes of the next requests: a status, or "reset"."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.next: list[tuple[int | str, dict[str, str], Json]] = []
        self.members: dict[str, Json] = {
            "29:amina": {"email": "Amina@Example.org", "name": "Amina Khan", "tenantId": TENANT},
            "29:ben": {"userPrincipalName": "ben@example.org", "name": "Ben Carter"},
            "29:guest": {"email": "guest@elsewhere.example", "name": "A Guest", "tenantId": "another"},
        }
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}/teams"

    def answers(self, status: int | str, code: str = "", **headers: str) -> None:
        """Answer the next request so."""
        body = {"error": {"code": code, "message": "no"}} if code else {}
        self.next.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, body))

    def posted(self, method: str = "POST") -> list[Asked]:
        """The messages that were posted (or changed)."""
        return [asked for asked in self.asked if asked.method == method and "/activities" in asked.path]

    def __enter__(self) -> Self:
        connector = self

        class Handler(BaseHTTPRequestHandler):
            def take(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else {}
                path = unquote(self.path).removeprefix("/teams/v3")
                connector.asked.append(Asked(self.command, path, body, self.headers.get("Authorization") or ""))
                status, headers, answer = connector.next.pop(0) if connector.next else (200, {}, {})
                if status == "reset":
                    self.close_connection = True
                    self.connection.close()
                    return
                if status == 200:
                    answer = self.found(path)
                    status = 404 if answer is None else 200
                said = json.dumps(answer or {}).encode()
                self.send_response(int(status))
                for name, value in {**headers, "Content-Length": str(len(said))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def found(self, path: str) -> Json | None:
                if "/members/" in path:
                    return connector.members.get(path.rsplit("/", 1)[1])
                if path == "/conversations":
                    return {"id": "a:opened"}
                return {"id": f"17000000{len(connector.asked):05}"}

            do_POST = do_PUT = do_GET = take

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: `asked` keeps what came."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()


# -------------------------------------------------------------------------------------------------------- the world


class World:
    """The real program behind the real SDK; Teams and Microsoft's issuer are servers on this machine."""

    def __init__(
        self,
        database: Database,
        issuer: Issuer,
        connector: Connector,
        *,
        local: bool = False,
        registry: Registry | None = None,
    ) -> None:
        self.database, self.issuer, self.connector = database, issuer, connector
        self.now = NOW
        self.heard = Heard()
        small = conversation(self.heard)
        registry = registry or Registry((small,), dict.fromkeys(small.actions, lambda turn, event: True))
        policy = load("southampton")
        self.dispatcher = Dispatcher(database, registry, policy, KEYRING, process="test")
        self.platform = TeamsPlatform()
        self.delivery = Delivery(
            database, registry, policy, KEYRING, {"teams": self.platform}, lambda: self.now, "test", alone=True
        )
        self.reception = Reception(self.dispatcher, self.delivery, lambda: self.now)
        self.runner = asyncio.Runner()
        self.edge = self.runner.run(self._edge(local))
        self.app = Starlette(routes=self.edge.routes())
        self.registry = registry

    async def _edge(self, local: bool) -> TeamsEdge:
        edge = TeamsEdge(
            self.reception,
            self.platform,
            client_id=APP_ID,
            client_secret=None,
            tenant_id=TENANT,
            clock=lambda: self.now,
            local=local,
            host="127.0.0.1",
            service_urls=(self.connector.url,),
            cloud=self.issuer.cloud(),
            token=lambda scope, tenant: self.issuer.token(),
        )
        await edge.start()
        return edge

    def close(self) -> None:
        self.runner.run(self.edge.stop())
        self.runner.close()

    # -- Teams speaks

    def post(self, activity: Json, token: str | None = None) -> httpx.Response:
        """Post an activity as Teams does, and let everything that follows from it happen."""
        return self.send(self.issuer.request(activity, token))

    def send(self, request: Signed, content: AsyncIterator[bytes] | None = None) -> httpx.Response:
        async def through() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                body = request.body if content is None else content
                response = await client.post(request.path, content=body, headers=request.headers)
            await self.reception.settled()
            await self.delivery.run_until_idle()
            return response

        return self.runner.run(through())

    def activity(self, kind: str = "message", /, **changes: Any) -> Json:
        """An activity in Amina's own chat with the bot, as Teams sends it."""
        usual: Json = {
            "type": kind,
            "id": "1700000000001",
            "timestamp": "2026-03-02T09:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.connector.url,
            "from": AMINA,
            "recipient": BOT,
            "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": "a:amina"},
            "channelData": {"tenant": {"id": TENANT}},
            "locale": "en-GB",
        }
        return usual | changes

    def in_channel(self, kind: str = "message", /, root: str = "1699999999999", **changes: Any) -> Json:
        """The same in a thread of a channel, mentioning the bot."""
        conversation = {
            "isGroup": True, "conversationType": "channel", "tenantId": TENANT, "id": f"{CHANNEL};messageid={root}",
        }  # fmt: skip
        mention = {"type": "mention", "mentioned": BOT, "text": "<at>Learnbot</at>"}
        return self.activity(kind, **{"conversation": conversation, "entities": [mention]} | changes)

    def say(self, words: str, **changes: Any) -> httpx.Response:
        """Words typed in Amina's own chat."""
        return self.post(self.activity(text=words, textFormat="plain", **changes))

    def invoke(self, name: str, value: Json, *, channel: bool = False, **changes: Any) -> Json:
        """What the bot answers to an invoke (its body)."""
        make = self.in_channel if channel else self.activity
        self._invokes = getattr(self, "_invokes", 0) + 1
        usual: Json = {"id": f"f:invoke-{self._invokes}", "replyToId": "1700000000900"}
        response = self.post(make("invoke", **usual | {"name": name, "value": value} | changes))
        assert response.status_code == 200, response.status_code
        return response.json() if response.content else {}

    def press(self, data: Json, **typed: Any) -> Json:
        """Press a button of Action.Execute: its data with what was typed, as Teams merges them."""
        channel = bool(typed.pop("channel", False))
        value = {"action": {"type": "Action.Execute", "verb": "v", "data": {**typed, **data}}, "trigger": "manual"}
        return self.invoke("adaptiveCard/action", value, channel=channel)

    # -- what is remembered

    def handled(self) -> list[str]:
        return self.database.run(lambda session: sorted(session.scalars(select(HandledEvent.key))))

    def owed(self) -> list[tuple[str, str]]:
        def work(session: Any) -> list[tuple[str, str]]:
            return [(row.state, row.reason) for row in session.scalars(select(Owed).order_by(Owed.id))]

        return self.database.run(work)

    def wait(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def database(path: Any) -> Database:
    """Amina and Ben on the roster."""
    made = Database(f"sqlite:///{path}/learnbot.db")
    Record.metadata.create_all(made.engine)

    def work(session: Any) -> None:
        for name, email in (("Amina Khan", "amina@example.org"), ("Ben Carter", "ben@example.org")):
            session.add(Person(name=name, email=email, key=KEYRING.new_person_key()))

    made.run(work)
    return made


def buttons(shown: Json) -> dict[str, Json]:
    """The actions of a card by their label."""
    return {
        action["title"]: action for item in shown["body"] if item["type"] == "ActionSet" for action in item["actions"]
    }
