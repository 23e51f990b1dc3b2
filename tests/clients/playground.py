"""People in Teams: windows of the Agents Playground for the tests, and hands and eyes that need no browser for it."""

import asyncio
import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import aiohttp
import httpx

from bot.playground import Organisation, Playground, PlaygroundError, Someone, Team, start
from tests.clients.node import NODE, ensure_node_modules, free_port

Json = dict[str, Any]

AMINA = Someone("Amina Khan", "amina.khan@southampton.example", "29:amina", "00000000-0000-4000-8000-0000000000a1")
BEN = Someone("Ben Carter", "ben.carter@southampton.example", "29:ben", "00000000-0000-4000-8000-0000000000b1")
CHLOE = Someone("Chloe Davies", "chloe.davies@southampton.example", "29:chloe", "00000000-0000-4000-8000-0000000000c1")
DAN = Someone("Dan Evans", "dan.evans@southampton.example", "29:dan", "00000000-0000-4000-8000-0000000000d1")
EVERYBODY = (AMINA, BEN, CHLOE, DAN)
TEAM, ORGANISATION = Team(), Organisation()
CAPTURED = Path(__file__).with_name("captured")
TRIES = 5  # somebody else may take a port between our finding it and the Playground's binding it


def captured(name: str, **changes: Any) -> Json:
    """An activity as the Playground really sent it (see the folder `captured`), with some of its fields changed."""
    return {**json.loads((CAPTURED / f"{name}.json").read_text("utf-8")), **changes}


@contextlib.contextmanager
def window(endpoint: str, me: Someone = AMINA, others: Sequence[Someone] = EVERYBODY) -> Iterator[Playground]:
    """One person's window on a free port, talking to the bot's `/api/messages` at `endpoint`."""
    ensure_node_modules()
    folder = tempfile.TemporaryDirectory(prefix="learnbot-teams-", ignore_cleanup_errors=True)
    with folder as path, started(endpoint, me, others, Path(path)) as playground:
        yield playground


def started(endpoint: str, me: Someone, others: Sequence[Someone], folder: Path) -> Playground:
    for attempt in range(TRIES):
        try:
            return start(free_port(), endpoint, me, others, TEAM, folder, organisation=ORGANISATION, node=NODE)
        except PlaygroundError as error:
            if "already in use" not in str(error) or attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


@contextlib.contextmanager
def two_windows(endpoint: str) -> Iterator[tuple[Playground, Playground]]:
    """Amina's and Ben's windows on one bot, as in the demo."""
    with window(endpoint, AMINA) as amina, window(endpoint, BEN) as ben:
        yield amina, ben


class Person:
    """Whoever sits at this window, over its own HTTP and WebSocket: quick, and no browser needed.

    Everything goes through the real Playground. What a person would see must be tested with `browser.py`.
    """

    def __init__(self, playground: Playground) -> None:
        self.playground = playground
        self.me = playground.me
        self._http = httpx.Client(base_url=playground.url, timeout=30)
        self._seen: dict[str, list[Json]] = {}
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._listen(),), daemon=True)
        self._stopping = asyncio.Event()
        self._thread.start()
        if not self._listening.wait(10):
            raise PlaygroundError("The Playground did not accept a WebSocket.")

    @property
    def personal(self) -> str:
        return self.playground.personal_chat_id

    @property
    def group(self) -> str:
        return self.playground.organisation.group_chat_id

    @property
    def channel(self) -> str:
        return self.playground.team.channel_id

    def arrive(self, conversation: str | None = None) -> Self:
        """Tell the bot what opening this conversation in the page tells it: installed, and members added."""
        self.mock("install", conversation)
        return self.mock("botAdded", conversation)

    def mock(self, kind: str, conversation: str | None = None, **changes: Any) -> Self:
        """Send what "Mock an Activity" offers: install, uninstall, botAdded, userAdded, botRemoved, userRemoved,
        channelCreated, channelRenamed, channelDeleted, teamRenamed, teamDeleted; the last five in a channel."""
        query = {"conversationId": conversation or self.personal, "type": kind}
        template = self._ok(self._http.get("/_internal/v1/customActivities/template", params=query)).json()
        self._ok(self._http.post("/_internal/v1/customActivities", json={**template, **changes}))
        return self

    def say(self, text: str, conversation: str | None = None, *, mention: bool = False) -> str:
        """Type a message; returns the conversation to listen in, which for a new post in a channel is a new one."""
        conversation = conversation or self.personal
        body: Json = {"from": {"id": self.me.id}, "text": text, "textFormat": "plain"}
        if mention:
            at = f"<at>{self.playground.organisation.bot_name}</at>"
            mentioned = {"mentioned": {"id": self.playground.organisation.bot_id}, "text": at}
            body |= {"text": f"{at} {text}", "mentions": [mentioned]}
        path = f"/_conversation/v1/conversations/{quote(conversation, safe='')}/messages"
        answered = self._ok(self._http.post(path, json=body)).json()
        return answered.get("postConversationId") or conversation

    def press(self, message: Json, label: str, **inputs: str) -> Json:
        """Press a button of a card from `messages`, with `inputs` by id; returns the bot's answer.

        As in the page an input left empty is not sent, and an answer with a card takes the card's place.
        """
        action = find_action(card_of(message), label)
        data = {**action.get("data", {}), **{name: value for name, value in inputs.items() if value != ""}}
        # In a channel a message is shown under its post; the invoke names the post's conversation.
        conversation = message["conversation"]
        body = {
            "name": "adaptiveCard/action",
            "value": {"action": {**{k: action[k] for k in ("type", "title", "verb") if k in action}, "data": data}},
            "from": {"id": self.me.id},
            "conversation": {"id": conversation},
            "replyToId": message["messageId"],
        }
        answer: Json = self._ok(self._http.post("/_conversation/v1/invoke", json=body)).json()
        if answer.get("type") == "application/vnd.microsoft.card.adaptive":
            message["attachments"][0]["content"] = answer["value"]
        return answer

    def messages(self, conversation: str | None = None) -> list[Json]:
        """What the bot has posted since this person sat down, as it stands now, oldest first."""
        return self._seen.get(conversation or self.personal, [])

    def wait_for(self, text: str, conversation: str | None = None, within: float = 10.0) -> Json:
        """The newest message of the bot which contains these words, in its text or in its card."""
        deadline = time.monotonic() + within
        while True:
            for message in reversed(self.messages(conversation)):
                if text in (message.get("text") or "") or text in json.dumps(
                    message["attachments"], ensure_ascii=False
                ):
                    return message
            if time.monotonic() > deadline:
                shown = json.dumps(self.messages(conversation)[-3:], ensure_ascii=False)[:2000]
                raise AssertionError(f"{text!r} did not come within {within:g} seconds; the last were {shown}")
            time.sleep(0.02)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(5)
        self._loop.close()
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ok(self, answered: httpx.Response) -> httpx.Response:
        if answered.is_error:
            raise AssertionError(f"the Playground refused {answered.request.url}: {answered.text[:500]}")
        return answered

    async def _listen(self) -> None:
        async with aiohttp.ClientSession() as session:
            url = f"{self.playground.url}/_ws_conversation/v1/conversations/stream"
            async with session.ws_connect(url) as stream:
                self._listening.set()
                reading = asyncio.ensure_future(self._read(stream))
                stopping = asyncio.ensure_future(self._stopping.wait())
                await asyncio.wait({reading, stopping}, return_when=asyncio.FIRST_COMPLETED)
                for task in (reading, stopping):
                    task.cancel()
                    with contextlib.suppress(asyncio.CancelledError):
                        await task

    async def _read(self, stream: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in stream:
            event = frame.json()
            message = event.get("message")
            if message is None:
                continue
            conversation = message.get("postConversationId") or event["actionConversationId"]
            message["conversation"] = conversation
            # A new post is heard of in its channel too, as a person would see it there.
            for place in {conversation, event["actionConversationId"]}:
                said = self._seen.setdefault(place, [])
                old = next((one for one in said if one["messageId"] == message["messageId"]), None)
                if old is None:
                    said.append(message)
                else:
                    old.update(message)


def card_of(message: Json) -> Json:
    """The Adaptive Card in a message."""
    for attachment in message["attachments"]:
        if attachment["contentType"] == "application/vnd.microsoft.card.adaptive":
            return attachment["content"]
    raise LookupError(f"there is no card in {message}")


def find_action(part: Any, label: str) -> Json:
    """The action with this title or verb, wherever in the card it is."""
    found = list(actions_of(part))
    for action in found:
        if label in {action.get("title"), action.get("verb")}:
            return action
    raise LookupError(f"{label!r} is not there to be pressed; there is {[one.get('title') for one in found]}")


def actions_of(part: Any) -> Iterator[Json]:
    if isinstance(part, dict):
        if str(part.get("type", "")).startswith("Action."):
            yield part
        for inside in part.values():
            yield from actions_of(inside)
    elif isinstance(part, list):
        for inside in part:
            yield from actions_of(inside)
