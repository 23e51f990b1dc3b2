"""A Slack workspace on this machine: the emulator, with a proxy before it which behaves, and misbehaves, like Slack.

The proxy repairs what the emulator lacks (see docs/test-clients.md), keeps a record of every call, and breaks the
calls it is told to break, at the HTTP boundary, so that slack_sdk and everything above it are the real ones.
"""

import asyncio
import contextlib
import json
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp
import httpx
from aiohttp import web

from tests.clients.node import NODE, ROOT, ensure_node_modules
from tests.clients.signing import Json, Signed, Signer, SlackUser

SESSION = web.AppKey("session", aiohttp.ClientSession)
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT_TOKEN = "xoxb-learnbot-test-token"
SCOPES = (
    *("app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "files:write"),
    *("groups:history", "groups:read", "im:history", "im:read", "im:write", "mpim:history", "reactions:read"),
    *("reactions:write", "team:read", "users:read", "users:read.email"),
)
PEOPLE = {
    "amina": ("Amina Khan", "amina.khan@southampton.example"),
    "ben": ("Ben Carter", "ben.carter@southampton.example"),
    "chloe": ("Chloe Davies", "chloe.davies@southampton.example"),
    "dan": ("Dan Evans", "dan.evans@southampton.example"),
    "gwen": ("Gwen Guest", "gwen@elsewhere.example"),
}
GUESTS = frozenset({"gwen"})
CHANNELS = ("general", "children-services")


@dataclass(frozen=True)
class Fault:
    """One call going wrong. `does` says how; the rest belongs to some of them.

    accept_then_reset   Slack does it, and the connection is reset before its answer: nobody knows
    accept_then_timeout Slack does it, and is silent for `seconds`, then resets
    accept_then_error   Slack does it, and answers `status`
    reset               the connection is reset and nothing was done
    rate_limited        429 with `Retry-After: seconds`; nothing was done
    server_error        `status` (503); nothing was done
    refusal             200 with `ok: false` and `error`, Slack's documented "no"
    slow                done properly, after `seconds`
    """

    does: str
    seconds: float = 30
    status: int = 503
    error: str = "internal_error"


@dataclass(frozen=True)
class Call:
    """One call of the Web API as it arrived, and what was answered (None where the connection was reset)."""

    method: str
    body: Json
    token: str
    at: float
    status: int | None
    answer: Json
    fault: str | None = None
    accepted: bool = True  # whether Slack did it


@dataclass
class Proxy:
    """What the bot talks to. Change its attributes at any time; every test sets its own."""

    target: str
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    calls: list[Call] = field(default_factory=list)
    tokens: dict[str, tuple[str, ...]] = field(default_factory=dict)  # token -> scopes
    revoked: set[str] = field(default_factory=set)
    people: dict[str, Json] = field(default_factory=dict)  # user id -> what users.info says beside
    scopes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    seconds_between_posts: float = 0  # per channel; Slack documents one. More often: 429
    lag: int = 0  # how many history calls more see only what was there when `history_lags` was called
    on_call: Callable[[str, Json], None] | None = None  # told before a call is forwarded, in the proxy's own thread
    port: int = 0
    posted: list[Json] = field(default_factory=list)  # what came to a response_url
    _seen_before_lag: set[str] = field(default_factory=set)
    _last_post: dict[str, float] = field(default_factory=dict)

    def fail(self, method: str, does: str, times: int = 1, **details: Any) -> None:
        """Break the next `times` calls of `method` ("*": of any)."""
        self.faults[method].extend(Fault(does, **details) for _ in range(times))

    def heal(self) -> None:
        """Forget every fault that has not happened yet."""
        self.faults.clear()
        self.lag = 0
        self.revoked.clear()
        self.seconds_between_posts = 0

    def history_lags(self, calls: int = 1) -> None:
        """For so many calls, history shows no message posted from now on."""
        self._seen_before_lag = {call.answer.get("ts", "") for call in self.calls if call.method == "chat.postMessage"}
        self.lag = calls

    def made(self, method: str) -> list[Call]:
        """The calls of one method so far, oldest first."""
        return [call for call in self.calls if call.method == method]

    # The server

    async def answer(self, request: web.Request) -> web.StreamResponse:
        method = request.path.removeprefix("/api/")
        body = await body_of(request)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or str(body.pop("token", ""))
        fault = self.next_fault(method)
        if self.on_call:
            self.on_call(method, body)

        def note(status: int | None, answer: Json, accepted: bool = True) -> None:
            did = fault.does if fault else None
            self.calls.append(Call(method, body, token, time.time(), status, answer, did, accepted))

        refused = self.refused(method, body, token, fault)
        if refused is not None:
            note(refused.status, json.loads(refused.body), accepted=False)  # type: ignore[arg-type]
            return refused
        if fault and fault.does == "reset":
            note(None, {}, accepted=False)
            return reset(request)
        if fault and fault.does == "slow":
            await asyncio.sleep(fault.seconds)
        answer = await self.forward(request, method, body, token)
        match fault.does if fault else None:
            case "accept_then_reset":
                note(None, answer)
                return reset(request)
            case "accept_then_timeout":
                note(None, answer)
                await asyncio.sleep(fault.seconds)  # type: ignore[union-attr]
                return reset(request)
            case "accept_then_error":
                note(fault.status, answer)  # type: ignore[union-attr]
                return web.Response(status=fault.status, text="upstream timed out")  # type: ignore[union-attr]
            case _:
                note(200, answer)
                return web.json_response(answer, headers={"x-oauth-scopes": ",".join(self.tokens.get(token, ()))})

    def next_fault(self, method: str) -> Fault | None:
        for name in (method, "*"):
            if self.faults.get(name):
                return self.faults[name].popleft()
        return None

    def refused(self, method: str, body: Json, token: str, fault: Fault | None) -> web.Response | None:
        """What Slack answers without doing it."""
        if fault and fault.does == "rate_limited":
            return rate_limited(fault.seconds)
        if fault and fault.does == "server_error":
            return web.Response(status=fault.status, body=b"{}")
        if fault and fault.does == "refusal":
            return no(fault.error)
        if token in self.revoked:
            return no("token_revoked")
        if method != "api.test" and token not in self.tokens:
            return no("invalid_auth" if token else "not_authed")
        if self.seconds_between_posts and method == "chat.postMessage":
            channel, now = str(body.get("channel")), time.monotonic()
            if now - self._last_post.get(channel, -1e9) < self.seconds_between_posts:
                return rate_limited(self.seconds_between_posts)
            self._last_post[channel] = now
        return None

    async def forward(self, request: web.Request, method: str, body: Json, token: str) -> Json:
        if method == "chat.postMessage" and token == BOT_TOKEN:
            # The emulator forgets that a bot's message carries the bot; Slack shows it, and the bot knows itself by it.
            body = {**body, "bot_id": Signer("").bot_id, "app_id": Signer("").app_id}
        asked = body
        if method == "conversations.history" and {"oldest", "latest"} & body.keys():
            body = {**body, "limit": 1000}  # the emulator would count before `repaired` has left out the rest
        session = request.app[SESSION]
        async with session.post(
            f"{self.target}/api/{method}", json=body, headers={"Authorization": f"Bearer {token}"}
        ) as answered:
            if answered.status == 404:
                return {"ok": False, "error": "unknown_method", "req_method": method}
            answer: Json = await answered.json(content_type=None)
        return self.repaired(method, asked, answer)

    def repaired(self, method: str, body: Json, answer: Json) -> Json:
        """The emulator's answer with what Slack would have said and the emulator left out."""
        if method in {"conversations.history", "conversations.replies"} and answer.get("ok"):
            found = within(body, answer["messages"])
            messages = found[: int(body.get("limit") or 100)]
            if self.lag:
                self.lag -= 1
                messages = [one for one in messages if "bot_id" not in one or one["ts"] in self._seen_before_lag]
            if not truthy(body.get("include_all_metadata")):
                messages = [{key: value for key, value in one.items() if key != "metadata"} for one in messages]
            return {**answer, "messages": messages, "has_more": answer["has_more"] or len(found) > len(messages)}
        if method in {"users.info", "users.lookupByEmail"} and answer.get("ok"):
            return {**answer, "user": self.described(answer["user"])}
        if method == "users.list" and answer.get("ok"):
            return {**answer, "members": [self.described(user) for user in answer["members"]]}
        return answer

    def described(self, user: Json) -> Json:
        usual = {"tz": "Europe/London", "tz_offset": 0, "is_restricted": False, "is_ultra_restricted": False}
        usual |= {"is_email_confirmed": True, "is_stranger": False, "is_app_user": False}
        more = self.people.get(user["id"], {})
        return {**user, **usual, **more, "profile": {**user["profile"], **more.get("profile", {})}}

    async def note_response(self, request: web.Request) -> web.Response:
        """A response_url. Slack answers `ok` and shows the message; here it is kept for the test to read."""
        self.posted.append({"path": request.path, **await request.json()})
        return web.Response(text="ok")


async def body_of(request: web.Request) -> Json:
    """Everything the caller said: slack_sdk puts reads, and some writes, in the query, where the emulator looks not."""
    said: Json = dict(request.query)
    if request.content_type == "application/json":
        said |= json.loads(await request.read() or b"{}")
    else:
        said |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    return said


def reset(request: web.Request) -> web.StreamResponse:
    """Break the connection with a RST, as a failing load balancer does, instead of closing it politely."""
    if request.transport is not None:
        connection: socket.socket | None = request.transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


def rate_limited(seconds: float) -> web.Response:
    headers = {"Retry-After": f"{seconds:g}"}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def no(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})


def truthy(value: object) -> bool:
    return str(value).lower() in {"1", "true"}


def within(body: Json, messages: list[Json]) -> list[Json]:
    """`oldest`, `latest` and `inclusive`, which the emulator ignores."""
    oldest, latest = float(body.get("oldest") or 0), float(body.get("latest") or "inf")
    if truthy(body.get("inclusive")):
        return [one for one in messages if oldest <= float(one["ts"]) <= latest]
    return [one for one in messages if oldest < float(one["ts"]) < latest]


class SlackServer:
    """A workspace with people, channels and our bot. Use it in a `with` block; `reset()` gives a new empty one."""

    def __init__(
        self,
        people: Mapping[str, tuple[str, str]] = PEOPLE,
        channels: tuple[str, ...] = CHANNELS,
        scopes: tuple[str, ...] = SCOPES,
        strict_scopes: bool = True,
    ) -> None:
        self.people, self.channel_names, self.scopes, self.strict_scopes = people, channels, scopes, strict_scopes
        self.bot_token, self.signing_secret = BOT_TOKEN, SIGNING_SECRET
        self.signer = Signer(SIGNING_SECRET, trigger=self.new_trigger)
        self.users: dict[str, SlackUser] = {}
        self.channels: dict[str, str] = {}
        self.proxy = Proxy("")
        self._emulator: subprocess.Popen[str] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="learnbot-slack-")
        self._triggers: dict[str, str] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="slack-proxy", daemon=True)
        self._runner: web.AppRunner | None = None
        self._site: web.TCPSite | None = None
        self._http = httpx.Client(timeout=10)

    @property
    def base_url(self) -> str:
        """What slack_sdk takes as `base_url`."""
        return f"http://127.0.0.1:{self.proxy.port}/api/"

    @property
    def inspector_url(self) -> str:
        """The emulator's own page, which shows every message and view to a person who looks."""
        return self.proxy.target + "/"

    # Starting and stopping

    def start(self) -> Self:
        ensure_node_modules()
        self._new_workspace()
        self._thread.start()
        self._run(self._serve())
        self.signer.response_url = f"http://127.0.0.1:{self.proxy.port}/response/1/abc"
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._run(self._close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        self._loop.close()
        self._stop_emulator()
        self._http.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_: object) -> None:
        self.stop()

    def reset(self) -> None:
        """A new workspace behind the same address: nothing posted, no views, no faults."""
        proxy = self.proxy
        proxy.heal()
        for kept in (proxy.calls, proxy.posted, proxy.people, proxy._last_post, self._triggers):
            kept.clear()
        proxy.on_call = None
        self._new_workspace()

    @contextlib.contextmanager
    def unreachable(self) -> Iterator[None]:
        """Nobody listens: every new connection is refused before its first byte."""
        self._run(self._close_door())
        try:
            yield
        finally:
            self._run(self._open_door())

    # Reading back what the bot did, straight from the emulator: faults and the record of calls are not touched

    def api(self, method: str, token: str | None = None, **body: Any) -> Json:
        """Any call of the Web API, with the bot's token unless another is given. Raises when Slack says no."""
        headers = {"Authorization": f"Bearer {token or self.bot_token}"}
        answered = self._http.post(f"{self.proxy.target}/api/{method}", json=body, headers=headers)
        answer: Json = answered.json()
        if not answer.get("ok"):
            raise RuntimeError(f"{method}: {answer.get('error')}")
        return answer

    def dm(self, user: SlackUser) -> str:
        """The direct conversation of this person and the bot."""
        return self.api("conversations.open", users=user.id)["channel"]["id"]

    def messages(self, channel: str) -> list[Json]:
        """All messages of a channel, oldest first, without the answers in threads."""
        return list(reversed(self.api("conversations.history", channel=channel, limit=1000)["messages"]))

    def dm_messages(self, user: SlackUser, *, from_bot: bool = False) -> list[Json]:
        """The direct conversation, oldest first; `from_bot` leaves out what the person said."""
        said = self.messages(self.dm(user))
        return [one for one in said if one["user"] == self.signer.bot_user_id] if from_bot else said

    def thread(self, channel: str, ts: str) -> list[Json]:
        return self.api("conversations.replies", channel=channel, ts=ts)["messages"]

    def ephemerals(self, user: SlackUser) -> list[Json]:
        """What only this person saw in a channel."""
        posted = [call for call in self.proxy.made("chat.postEphemeral") if call.answer.get("ok")]
        return [call.body for call in posted if call.body.get("user") == user.id]

    def views(self, user: SlackUser | None = None) -> list[Json]:
        """The modals opened so far as they are now, oldest first. Each carries `user`: whose screen it is on."""
        now: dict[str, Json] = {}
        for call in self.proxy.calls:
            view = call.answer.get("view")
            if call.method in {"views.open", "views.push"} and view:
                now[view["id"]] = {**view, "user": self._triggers.get(str(call.body.get("trigger_id")))}
            elif call.method == "views.update" and view:
                now[view["id"]] = {**now.get(view["id"], {}), **view}
        return [view for view in now.values() if user is None or view["user"] == user.id]

    def view(self, user: SlackUser) -> Json:
        """The modal on top of this person's screen."""
        views = self.views(user)
        if not views:
            raise LookupError(f"{user.name} has no form open")
        return views[-1]

    def home(self, user: SlackUser) -> Json:
        """This person's home tab."""
        published = [call for call in self.proxy.made("views.publish") if call.body.get("user_id") == user.id]
        if not published:
            raise LookupError(f"nothing was published to the home tab of {user.name}")
        return published[-1].answer["view"]

    def wait_for(self, look: Callable[[], Any], within: float = 10.0) -> Any:
        """Look until there is something, or `within` seconds have passed; return what was seen last."""
        deadline = time.monotonic() + within
        while not (seen := look()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return seen

    # People doing something in Slack itself. The bot hears of it only when the test posts the event.

    def says(self, user: SlackUser, text: str, channel: str | None = None, thread_ts: str | None = None) -> Json:
        """Type a message, in the direct conversation unless a channel is given; returns it with its `channel`."""
        channel = channel or self.dm(user)
        more = {"thread_ts": thread_ts} if thread_ts else {}
        posted = self.api("chat.postMessage", self.token_of(user), channel=channel, text=text, **more)
        return {**posted["message"], "channel": channel}

    def typed(self, user: SlackUser, text: str, channel: str | None = None, thread_ts: str | None = None) -> Signed:
        """Type a message, and return the event by which Slack tells the bot of it."""
        said = self.says(user, text, channel, thread_ts)
        kind: Any = "im" if said["channel"].startswith("D") else "channel"
        return self.signer.message(
            user, text, said["channel"], channel_type=kind, ts=said["ts"], thread_ts=thread_ts, team_id=user.team_id
        )

    def token_of(self, user: SlackUser) -> str:
        return f"xoxp-{user.name}"

    def new_trigger(self, user: SlackUser, view_id: str | None = None) -> str:
        """A trigger id which views.open (or views.push, on `view_id`) will honour once."""
        more = {"view_id": view_id} if view_id and view_id in {view["id"] for view in self.views()} else {}
        trigger: str = self.api("views.generateTriggerId", user_id=user.id, **more)["trigger_id"]
        self._triggers[trigger] = user.id
        return trigger

    # Inside

    def _new_workspace(self) -> None:
        """One in which nothing has happened, in the emulator that runs: starting it takes ten times as long."""
        if self._emulator is None:
            script = Path(__file__).with_name("emulator.mjs")
            with self._log.open("wb") as log:
                self._emulator = subprocess.Popen(
                    [str(NODE), str(script)], cwd=ROOT, text=True,
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                )  # fmt: skip
        assert self._emulator.stdin is not None
        assert self._emulator.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._emulator.stdin.write(json.dumps(self._seed()) + "\n")
            self._emulator.stdin.flush()
        self.proxy.target = self._emulator.stdout.readline().strip()
        if not self.proxy.target:
            raise RuntimeError(f"the Slack emulator did not start: {self._log.read_text()}")
        self._meet_everybody()

    def _stop_emulator(self) -> None:
        if self._emulator is not None:
            self._emulator.communicate()  # with its standard input closed it ends
            self._emulator = None

    @property
    def _log(self) -> Path:
        return Path(self._folder.name) / "emulator.log"

    def _seed(self) -> Json:
        bot = {"app_id": self.signer.app_id, "bot_id": self.signer.bot_id, "bot_user_id": self.signer.bot_user_id}
        client = {"client_id": "12345.67890", "client_secret": "client-secret-of-the-tests"}
        tokens = [
            {"token": BOT_TOKEN, "type": "bot", "user": self.signer.bot_user_id, "scopes": list(self.scopes)}
            | {"app_id": bot["app_id"], "bot_id": bot["bot_id"], "bot_user_id": bot["bot_user_id"]}
            | {"client_id": client["client_id"]},
            *({"token": f"xoxp-{name}", "type": "user", "user": name} for name in (*self.people, "admin")),
        ]
        redirect = ["http://127.0.0.1:3978/slack/oauth_redirect"]
        app = {**client, **bot, "name": "Learnbot", "bot_name": "learnbot", "redirect_uris": redirect}
        return {
            "slack": {
                "team": {"name": "Southampton", "domain": self.signer.team_domain},
                "users": [
                    {"name": name, "real_name": real_name, "email": email}
                    for name, (real_name, email) in self.people.items()
                ],
                "channels": [{"name": name} for name in self.channel_names],
                "oauth_apps": [{**app, "scopes": list(self.scopes)}],
                "tokens": tokens,
                "signing_secret": SIGNING_SECRET,
                "strict_scopes": self.strict_scopes,
            }
        }

    def _meet_everybody(self) -> None:
        """Learn the ids which the emulator gave out, and let everybody into every channel."""
        found = {one["name"]: one for one in self.api("users.list", "xoxp-admin", limit=1000)["members"]}
        self.users = {
            name: SlackUser(found[name]["id"], name, *self.people[name], found[name]["team_id"]) for name in self.people
        }
        listed = self.api("conversations.list", "xoxp-admin", limit=1000)["channels"]
        self.channels = {one["name"]: one["id"] for one in listed if one["name"] in self.channel_names}
        everybody = {*(user.id for user in self.users.values()), self.signer.bot_user_id}
        for channel in self.channels.values():
            missing = everybody - set(self.api("conversations.members", "xoxp-admin", channel=channel)["members"])
            if missing:
                self.api("conversations.invite", "xoxp-admin", channel=channel, users=",".join(sorted(missing)))
        self.proxy.people = {
            user.id: {"is_restricted": True, "is_ultra_restricted": True}
            for name, user in self.users.items()
            if name in GUESTS
        }
        self.proxy.tokens = {BOT_TOKEN: self.scopes, **{f"xoxp-{name}": () for name in (*self.people, "admin")}}

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _serve(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app[SESSION] = aiohttp.ClientSession()
        app.router.add_route("*", "/api/{method}", self.proxy.answer)
        app.router.add_post("/response/{tail:.*}", self.proxy.note_response)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await self._open_door()

    async def _open_door(self) -> None:
        assert self._runner is not None
        # The same port each time: the bot was told the address once.
        self._site = web.TCPSite(self._runner, "127.0.0.1", self.proxy.port, reuse_address=True)
        await self._site.start()
        if not self.proxy.port:
            self.proxy.port = self._runner.addresses[0][1]

    async def _close_door(self) -> None:
        assert self._runner is not None
        assert self._site is not None
        await self._site.stop()
        server = self._runner.server
        for connection in list(server.connections) if server else []:
            if connection.transport is not None:
                connection.transport.abort()

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.app[SESSION].close()
            await self._runner.cleanup()
