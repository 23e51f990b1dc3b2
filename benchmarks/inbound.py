"""A signed diary message through the whole program, beside the bare SDKs on the same machine in the same run.

`python -m benchmarks.inbound [--requests 2000] [--together 32] [--database URL]` prints CPU per request and p50/p99 of
the acknowledgement. The whole program verifies the signature, takes the event's key, seals and stores the entry, owes
the answer, commits with full durability and posts the answer to a local server. Bare, an SDK does nothing; one that
"answers" also posts one message to that server, by itself, and stores nothing. Every server is a process of its own
under the same uvicorn; the CPU is the server's alone, all its threads, until it is at rest again.
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import os
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
from rich.console import Console
from rich.table import Table

from benchmarks.processes import Running, free_port, percentile, running

SECRET = "benchmark-signing-secret"
TENANT = "00000000-0000-4000-8000-00000000007e"
CLIENT = "00000000-0000-4000-8000-0000000000b0"
PEOPLE = 200
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "Kept in your diary."}}]


# ----------------------------------------------------------------------------------------------- what is measured


def serve_app(app: Any, port: int) -> None:
    import uvicorn

    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


def bare_bolt(port: int, slack_port: int = 0) -> None:
    """Bolt with one listener that does nothing, acknowledging after it as the bot does; with `slack_port` it answers.

    It posts as well as the SDK can: after the acknowledgement, with one session that is kept.
    """
    from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
    from slack_bolt.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_sdk.web.async_client import AsyncWebClient
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.routing import Route

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="UBOT")

    app = AsyncApp(signing_secret=SECRET, authorize=authorize, process_before_response=True)
    client = AsyncWebClient("xoxb-1", base_url=f"http://127.0.0.1:{slack_port}/api/")
    untyped: Any = client
    under_way: set[asyncio.Task[Any]] = set()

    async def heard(event: dict[str, Any]) -> None:
        if slack_port:
            client.session = client.session or aiohttp.ClientSession()
            task = asyncio.get_running_loop().create_task(
                untyped.chat_postMessage(channel=event["channel"], text="Kept in your diary.", blocks=BLOCKS)
            )
            under_way.add(task)
            task.add_done_callback(under_way.discard)

    untyped_app: Any = app
    untyped_app.event("message")(heard)

    handler = AsyncSlackRequestHandler(app)

    async def endpoint(request: Request) -> Any:
        return await handler.handle(request)

    serve_app(Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])]), port)


def bare_teams(port: int, answers: bool = False) -> None:
    """teams-apps with one handler that does nothing, or posts one message as the SDK does."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own previews
        from microsoft_teams.apps import App
        from microsoft_teams.apps.http import FastAPIAdapter

    adapter = FastAPIAdapter()
    app = App(
        client_id=CLIENT,
        token=lambda scope, tenant: "eyJhbGciOiJub25lIn0.e30.",
        http_server_adapter=adapter,
        dangerously_allow_unauthenticated_requests=True,
    )

    @app.on_message
    async def heard(context: Any) -> None:
        if answers:
            await context.send("Kept in your diary.")

    asyncio.run(app.initialize())
    serve_app(adapter.app, port)


def whole_program(port: int, slack_port: int, folder: str, database: str) -> None:
    """The bot with a roster that is known on both platforms."""
    from storage.models import KnownAccount, Person
    from storage.sealed import Keyring

    keyring = Keyring([b"k" * 32])

    def enrol(session: Any) -> None:
        for number in range(PEOPLE):
            person = Person(name=f"Person {number}", email=f"p{number}@example.org", key=keyring.new_person_key())
            session.add(person)
            session.flush()
            session.add(KnownAccount(platform="slack", tenant="T1", user=f"U{number}", person_id=person.id))
            aad = f"00000000-0000-4000-8000-{number:012d}"
            session.add(KnownAccount(platform="teams", tenant=TENANT, user=aad, person_id=person.id))

    serve_bot(port, slack_port, database or f"sqlite:///{folder}/learnbot.db", keyring, enrol)


def serve_bot(port: int, slack_port: int, database: str, keyring: Any, enrol: Callable[[Any], None]) -> None:
    """The bot as `learnbot serve` runs it, with local addresses and an unhurried pacer lifted."""
    import uvicorn

    from bot import logs
    from bot.app import build, web
    from bot.config import Settings, Slack, Teams
    from bot.policy import load
    from bot.server import spare_the_collector
    from scheduling.pacing import Pacer

    logs.set_up("WARNING")
    settings = Settings(
        database_url=database,
        keyring=keyring,
        policy=load("southampton"),
        port=port,
        slack=Slack("xoxb-1", (SECRET,), None, f"http://127.0.0.1:{slack_port}/api/"),
        teams=Teams(CLIENT, TENANT, None, local=True),
    )
    bot = build(settings)
    bot.delivery.pacer = Pacer(conversation={}, overall={})  # what Slack would slow down is not what is measured
    bot.database.run(enrol)
    spare_the_collector()
    uvicorn.run(web(bot), host="127.0.0.1", port=port, log_config=None, access_log=False)


def fake_slack(port: int) -> None:
    """A server that takes whatever is posted to Slack or to Teams' connector."""
    from aiohttp import web

    async def answer(request: web.Request) -> web.Response:
        asked = await request.text()
        stamp = f"{time.time():.6f}"
        body: dict[str, Any] = {
            "ok": True, "ts": stamp, "channel": "D1", "team_id": "T1", "user_id": "UBOT", "bot_id": "B1", "id": stamp,
            "messages": [], "team": "bench", "user": "bot",
        }  # fmt: skip
        if request.path.endswith("conversations.open"):
            body["channel"] = {"id": f"D{zlib.crc32(asked.encode())}"}
        return web.json_response(body)

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", answer)
    web.run_app(app, host="127.0.0.1", port=port, print=lambda *_: None)


# ------------------------------------------------------------------------------------------------------- the load


def slack_request(number: int) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(
        {
            "type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": f"Ev{number}",
            "event_time": int(time.time()),
            "authorizations": [{"enterprise_id": None, "team_id": "T1", "user_id": "UBOT", "is_bot": True,
                                "is_enterprise_install": False}],
            "event": {"type": "message", "channel_type": "im", "channel": f"D{number % PEOPLE}",
                      "user": f"U{number % PEOPLE}", "text": f"diary: today I learned thing number {number}",
                      "ts": f"{time.time():.4f}{number:06d}", "team": "T1"},
        }
    ).encode()  # fmt: skip
    stamp = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return body, {
        "content-type": "application/json",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={signature}",
    }


def teams_request(number: int, connector: int) -> tuple[bytes, dict[str, str]]:
    who = number % PEOPLE
    body = json.dumps(
        {
            "type": "message", "id": f"m{number}", "channelId": "msteams", "timestamp": "2026-03-02T09:00:00Z",
            "serviceUrl": f"http://localhost:{connector}/_connector",
            "from": {"id": f"29:p{who}", "name": f"Person {who}", "aadObjectId": f"00000000-0000-4000-8000-{who:012d}"},
            "conversation": {"id": f"a:chat-p{who}", "conversationType": "personal", "tenantId": TENANT},
            "recipient": {"id": f"28:{CLIENT}", "name": "bot"},
            "channelData": {"tenant": {"id": TENANT}},
            "text": f"diary: today I learned thing number {number}", "textFormat": "plain",
        }
    ).encode()  # fmt: skip
    return body, {"content-type": "application/json"}


async def load(server: Running, path: str, requests: list[tuple[bytes, dict[str, str]]], together: int) -> list[float]:
    """Send every request, `together` of them at a time; the seconds each waited for its 200."""
    waiting = iter(requests)
    times: list[float] = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=together)) as session:

        async def worker() -> None:
            for body, headers in waiting:
                began = time.perf_counter()
                async with session.post(f"http://127.0.0.1:{server.port}{path}", data=body, headers=headers) as answer:
                    await answer.read()
                    if answer.status != 200:
                        raise RuntimeError(f"{path} answered {answer.status}")
                times.append(time.perf_counter() - began)

        await asyncio.gather(*(worker() for _ in range(together)))
    return times


def measure(
    server: Running, path: str, make: Any, count: int, together: int, *, first: int
) -> tuple[float, float, float]:
    """CPU per request in ms, and p50 and p99 of the wait in ms.

    The work that follows a request is counted too; what the server does anyway, its ticks for instance, is not.
    """
    asyncio.run(load(server, path, [make(first + n) for n in range(2 * PEOPLE)], together))  # everybody twice
    at_rest(server, 0.05)
    began, before = time.monotonic(), server.cpu()
    time.sleep(3.0)
    idle = (server.cpu() - before) / (time.monotonic() - began)
    began, before = time.monotonic(), server.cpu()
    times = asyncio.run(load(server, path, [make(first + 1000 + n) for n in range(count)], together))
    at_rest(server, 0.02 + idle)
    spent = server.cpu() - before - idle * (time.monotonic() - began)
    return spent / count * 1000, percentile(times, 0.5) * 1000, percentile(times, 0.99) * 1000


def at_rest(server: Running, share: float) -> None:
    """Wait until the server uses no more than `share` of a second's CPU in a second."""
    used = server.cpu()
    while True:
        time.sleep(1.0)
        if server.cpu() - used <= share:
            return
        used = server.cpu()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--together", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", default="", help="a PostgreSQL URL instead of SQLite")
    parser.add_argument("--role", nargs="*", default=[])
    given = parser.parse_args()
    if given.role:
        role, *arguments = given.role
        {
            "bolt": lambda: bare_bolt(*map(int, arguments)),
            "teams": lambda: bare_teams(int(arguments[0]), bool(arguments[1:])),
            "slack": lambda: fake_slack(int(arguments[0])),
            "whole": lambda: whole_program(int(arguments[0]), int(arguments[1]), arguments[2], given.database),
        }[role]()
        return
    me = ["-m", "benchmarks.inbound"]
    fake, bolt, bolt_answers, teams, teams_answers, whole = (free_port() for _ in range(6))

    def from_teams(number: int) -> tuple[bytes, dict[str, str]]:
        return teams_request(number, fake)

    found: dict[str, list[tuple[float, float, float]]] = {}
    with (
        tempfile.TemporaryDirectory(dir="var" if Path("var").exists() else None) as folder,
        running([*me, "--role", "slack", str(fake)], fake),
        running([*me, "--role", "bolt", str(bolt)], bolt) as bare_slack,
        running([*me, "--role", "bolt", str(bolt_answers), str(fake)], bolt_answers) as answering_slack,
        running([*me, "--role", "teams", str(teams)], teams) as bare_teams_apps,
        running([*me, "--role", "teams", str(teams_answers), "answers"], teams_answers) as answering_teams,
        running([*me, "--database", given.database, "--role", "whole", str(whole), str(fake), folder], whole) as bot,
    ):
        for repeat in range(given.rounds):  # in turn, so that a machine that drifts drifts for all
            for name, server, path, make in (
                ("bare Bolt", bare_slack, "/slack/events", slack_request),
                ("Bolt that answers", answering_slack, "/slack/events", slack_request),
                ("learnbot, Slack", bot, "/slack/events", slack_request),
                ("bare teams-apps", bare_teams_apps, "/api/messages", from_teams),
                ("teams-apps that answers", answering_teams, "/api/messages", from_teams),
                ("learnbot, Teams", bot, "/api/messages", from_teams),
            ):
                one = measure(server, path, make, given.requests, given.together, first=repeat * 1_000_000)
                found.setdefault(name, []).append(one)
        memory = bot.memory()
    table = Table("", "CPU each", "p50", "p99", "to bare", "to answering")
    bare: list[list[float]] = [[], []]
    for number, (name, rounds) in enumerate(found.items()):
        used = [cpu for cpu, _, _ in rounds]
        if number % 3 < 2:
            bare[number % 3] = used
        # a ratio is of two measurements of the same round; the median of those is shown
        ratios = [
            f"{statistics.median(own / other for own, other in zip(used, others, strict=True)):.2f}"
            if number % 3 >= place else ""
            for place, others in enumerate(bare)
        ]  # fmt: skip
        cpu, p50, p99 = (statistics.median(values) for values in zip(*rounds, strict=True))
        table.add_row(name, f"{cpu:.2f} ms", f"{p50:.1f} ms", f"{p99:.1f} ms", *ratios)
    console = Console()
    console.print(f"medians of {given.rounds} rounds; {given.requests} requests, {given.together} at a time, "
                  f"{'PostgreSQL' if given.database else 'SQLite'}; Python {sys.version.split()[0]}, "
                  f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")  # fmt: skip
    console.print(table)
    console.print(f"learnbot with both platforms: {memory:.0f} MB resident")


if __name__ == "__main__":
    main()
