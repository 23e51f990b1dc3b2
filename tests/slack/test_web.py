"""How Slack's Web API is called: what goes over the wire, and what an answer that is no yes means."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.slack.platform import SaidNo, Web, new_session, web_client

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def called(answer: Answer, call: Callable[[Web], Awaitable[Any]], *, through_a_proxy: bool = False) -> Any:
    """What comes of a call that is answered so."""

    async def all_of_it() -> Any:
        application = web.Application()
        application.router.add_route("*", "/{where:.*}", answer)
        async with TestServer(application) as server:
            with pytest.MonkeyPatch.context() as environment:
                if through_a_proxy:
                    environment.setenv("HTTPS_PROXY", str(server.make_url("")))
                address = "http://slack.example/api/" if through_a_proxy else str(server.make_url("/api/"))
                client = web_client("xoxb-1", address)
            client.session = new_session()
            async with client.session:
                return await call(Web(client))

    return asyncio.run(all_of_it())


async def echo(request: web.Request) -> web.Response:
    headers = {name: request.headers.get(name) for name in ("Authorization", "Content-Type", "Host")}
    said = (await request.text()) or "null"
    return web.json_response({"ok": True, "path": request.path, "query": dict(request.query), "said": json.loads(said),
                              "agent": request.headers["User-Agent"], **headers})  # fmt: skip


def test_what_changes_something_goes_as_json_with_the_token() -> None:
    heard = called(echo, lambda api: api.post("chat.postMessage", {"channel": "D1", "text": "é", "mrkdwn": False}))
    assert heard["path"] == "/api/chat.postMessage"
    assert heard["said"] == {"channel": "D1", "text": "é", "mrkdwn": False}
    assert heard["Authorization"] == "Bearer xoxb-1"
    assert heard["Content-Type"] == "application/json;charset=utf-8"
    assert "slackclient" in heard["agent"]


def test_what_only_reads_goes_as_a_query() -> None:
    heard = called(echo, lambda api: api.get("conversations.history", {"channel": "D1", "limit": 200}))
    assert (heard["query"], heard["said"]) == ({"channel": "D1", "limit": "200"}, None)
    assert heard["Authorization"] == "Bearer xoxb-1"


def test_it_goes_through_the_proxy_of_the_environment() -> None:
    heard = called(echo, lambda api: api.post("auth.test", {}), through_a_proxy=True)
    assert heard["Host"] == "slack.example"


@pytest.mark.parametrize(
    ("status", "body", "headers", "meant"),
    [
        (200, '{"ok": false, "error": "is_archived"}', {}, ("is_archived", 200, None)),
        (200, "<html>Something else answers here</html>", {}, ("", 200, None)),
        (200, '["no", "object"]', {}, ("", 200, None)),
        (200, "\xff", {}, ("", 200, None)),
        (429, '{"ok": false, "error": "ratelimited"}', {"Retry-After": "30"}, ("ratelimited", 429, 30.0)),
        (429, "", {"Retry-After": "soon"}, ("", 429, None)),
        (503, '{"ok": true}', {}, ("", 503, None)),
        (302, "", {"Location": "/elsewhere"}, ("", 302, None)),
    ],
)
def test_anything_but_a_yes_of_slacks_is_a_no(
    status: int, body: str, headers: dict[str, str], meant: tuple[str, int, float | None]
) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=status, body=body.encode("latin-1"), headers=headers)

    with pytest.raises(SaidNo) as no:
        called(answer, lambda api: api.post("chat.postMessage", {"text": "a canary"}))
    assert (no.value.code, no.value.status, no.value.retry_after) == meant
    assert asked == ["/api/chat.postMessage"]  # a token follows nobody elsewhere, and nothing is posted twice
    assert "canary" not in str(no.value)
