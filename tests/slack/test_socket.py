"""Socket Mode: the same events over a connection that the bot opens itself, acknowledged after the commit."""

import asyncio
import json
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from storage.database import Database
from tests.clients.slack import SlackServer
from tests.slack.conftest import Town, a_worker, enrol, words_of

APP_TOKEN = "xapp-1-A0LEARNBOT-test"
ENVELOPES = {"event_callback": "events_api", None: "slash_commands"}


class SocketServer:
    """Slack's side of Socket Mode; every other call goes on to the emulated workspace."""

    def __init__(self, api: str) -> None:
        self.api = api
        self.sockets: list[web.WebSocketResponse] = []
        self.answers: dict[str, asyncio.Queue[Any]] = {}
        self.opened: list[str] = []
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.run(self._start())

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/socket", self._socket)
        app.router.add_route("*", "/api/{method}", self._call)
        self.session = aiohttp.ClientSession()
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        self.port = self.runner.addresses[0][1]

    async def _call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "apps.connections.open":
            self.opened.append(request.headers.get("Authorization", ""))
            return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{self.port}/socket"})
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with self.session.request(
            request.method, self.api + method, params=request.query, data=await request.read(), headers=headers
        ) as answer:
            return web.Response(body=await answer.read(), status=answer.status, content_type="application/json")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1})
        async for said in socket:
            if said.type == aiohttp.WSMsgType.TEXT:
                answer = json.loads(said.data)
                if answer.get("envelope_id") in self.answers:
                    self.answers[answer["envelope_id"]].put_nowait(answer)
        return socket

    def deliver(self, payload: dict[str, Any], within: float = 10.0) -> Any:
        """Send an envelope; what the bot acknowledged it with, or None when it did not."""

        async def through() -> Any:
            while not self.sockets:
                await asyncio.sleep(0.01)
            envelope = str(uuid.uuid4())
            self.answers[envelope] = asyncio.Queue()
            kind = ENVELOPES.get(payload.get("type"), "interactive")
            sent = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": True}
            await self.sockets[-1].send_json(sent)
            try:
                return await asyncio.wait_for(self.answers[envelope].get(), within)
            except TimeoutError:
                return None

        return self.run(through())

    def hang_up(self) -> None:
        """Slack replaces the connection, as it does every few hours."""

        async def through() -> None:
            number = len(self.sockets)
            await self.sockets[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})
            while len(self.sockets) == number:
                await asyncio.sleep(0.01)

        self.run(through())

    def stop(self) -> None:
        async def end() -> None:
            await self.session.close()
            await self.runner.cleanup()

        self.run(end())
        self.loop.call_soon_threadsafe(self.loop.stop)


@pytest.fixture
def connected(slack: SlackServer, store: Database) -> Iterator[tuple[Town, SocketServer]]:
    enrol(store, slack)
    server = SocketServer(slack.base_url)
    options = {"api_url": f"http://127.0.0.1:{server.port}/api/", "app_token": APP_TOKEN, "signing_secrets": ()}
    with a_worker(slack, store, options=options) as worker:
        yield Town(slack, store, worker), server
    server.stop()


def test_what_arrives_over_the_socket_is_kept_and_then_acknowledged(connected: tuple[Town, SocketServer]) -> None:
    town, server = connected
    amina = town.user("amina")
    payload = town.sign.message(amina, "diary: asked first", town.slack.dm(amina)).payload()
    answer = server.deliver(payload)
    assert "payload" not in answer
    assert town.kept() == ["asked first"]
    server.deliver(payload)
    town.bot.settle()
    assert town.kept() == ["asked first"]
    assert len(town.seen("amina")) == 1
    assert server.opened == [f"Bearer {APP_TOKEN}"]


def test_a_form_is_corrected_over_the_socket(connected: tuple[Town, SocketServer]) -> None:
    town, server = connected
    amina = town.user("amina")
    server.deliver(town.sign.command(amina, "diary: asked first").payload())
    town.bot.settle()
    message = town.seen("amina")[0]
    server.deliver(town.sign.press(amina, message, "Edit", channel=town.slack.dm(amina)).payload())
    view = town.slack.view(amina)
    answer = server.deliver(town.sign.submit(amina, view, {"words": "hm"}).payload())
    assert answer["payload"]["errors"] == {"words": "Please write a few more words."}
    assert "payload" not in server.deliver(town.sign.submit(amina, view, {"words": "asked, then listened"}).payload())
    town.bot.settle()
    assert town.kept() == ["asked, then listened"]
    assert "asked, then listened" in words_of(town.seen("amina")[0]["blocks"])


def test_a_new_connection_takes_over_and_what_was_not_saved_is_not_acknowledged(
    connected: tuple[Town, SocketServer],
) -> None:
    town, server = connected
    amina = town.user("amina")
    server.deliver(town.sign.message(amina, "diary: one", town.slack.dm(amina)).payload())
    server.hang_up()
    server.deliver(town.sign.message(amina, "diary: two", town.slack.dm(amina)).payload())
    assert town.kept() == ["one", "two"]
    town.bot.reception.stopping = True
    assert server.deliver(town.sign.message(amina, "diary: three", town.slack.dm(amina)).payload(), within=0.5) is None


def test_in_socket_mode_there_is_no_address(connected: tuple[Town, SocketServer]) -> None:
    town, _ = connected
    assert town.bot.edge.routes() == []
