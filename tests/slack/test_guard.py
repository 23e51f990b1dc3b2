"""The raw-byte guard: what Slack did not sign, lately and in good shape, is refused before anything reads it."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.guard import LARGEST_BODY, Guard, Refused, is_slacks

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TIMESTAMP = str(int(NOW.timestamp()))
SECRET, PREVIOUS = "the present secret", "the secret before it"
BODY = b'{"type":"event_callback","text":"a canary"}'


def signed(body: bytes, secret: str = SECRET, at: str = TIMESTAMP) -> dict[str, str]:
    mark = hmac.new(secret.encode(), b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={mark}"}


def ask(body: Any, headers: Any, secrets: tuple[str, ...] = (SECRET,)) -> httpx.Response:
    """Post to a door with nothing but the guard behind it; what it lets through is echoed."""
    guard = Guard(secrets, lambda: NOW)

    async def door(request: Request) -> Response:
        try:
            return PlainTextResponse(await guard.body(request))
        except Refused as refused:
            return Response(status_code=refused.status)

    async def post() -> httpx.Response:
        app = Starlette(routes=[Route("/", door, methods=["POST"])])
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
            return await client.post("/", content=body, headers=headers)

    return asyncio.run(post())


def test_what_slack_signed_comes_through_untouched() -> None:
    answer = ask(BODY, signed(BODY))
    assert (answer.status_code, answer.content) == (200, BODY)


def test_the_previous_secret_is_accepted_only_while_it_is_configured() -> None:
    assert ask(BODY, signed(BODY, PREVIOUS)).status_code == 401
    assert ask(BODY, signed(BODY, PREVIOUS), (SECRET, PREVIOUS)).status_code == 200
    assert ask(BODY, signed(BODY), (SECRET, PREVIOUS)).status_code == 200


@pytest.mark.parametrize("secrets", [(), ("",), ("  ",), (SECRET, "")])
def test_without_a_secret_there_is_no_guard(secrets: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="missing"):
        Guard(secrets, lambda: NOW)


@pytest.mark.parametrize(
    ("seconds", "status"),
    [(0, 200), (-299, 200), (-300, 200), (-301, 401), (300, 200), (301, 401), (-86400, 401), (-6 * 86400, 401)],
)
def test_a_signature_is_good_for_five_minutes(seconds: int, status: int) -> None:
    assert ask(BODY, signed(BODY, at=str(int(TIMESTAMP) + seconds))).status_code == status


def spoilt(**changed: Any) -> list[tuple[bytes, bytes]]:
    headers: dict[str, Any] = {**signed(BODY), **{name.replace("_", "-"): value for name, value in changed.items()}}
    return [
        (name.encode(), one if isinstance(one, bytes) else one.encode())
        for name, value in headers.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]


GOOD = signed(BODY)["x-slack-signature"]


@pytest.mark.parametrize(
    "headers",
    [
        spoilt(x_slack_request_timestamp=None),
        spoilt(x_slack_signature=None),
        spoilt(x_slack_request_timestamp="yesterday"),
        spoilt(x_slack_request_timestamp=TIMESTAMP + ".5"),
        spoilt(x_slack_request_timestamp="-" + TIMESTAMP),
        spoilt(x_slack_request_timestamp="9" * 400),
        spoilt(x_slack_request_timestamp="١٧٧٢٤٤٢٠٠٠".encode()),
        spoilt(x_slack_request_timestamp=""),
        spoilt(x_slack_signature="v0="),
        spoilt(x_slack_signature="v1=" + "0" * 64),
        spoilt(x_slack_signature="v0=" + "g" * 64),
        spoilt(x_slack_signature="v0=" + "é" * 64),
        spoilt(x_slack_signature=b"v0=\xff\xfe" + b"0" * 62),
        spoilt(x_slack_signature=GOOD[:-1]),
        spoilt(x_slack_signature=GOOD + "0"),
        spoilt(x_slack_signature=GOOD.upper()),
        spoilt(x_slack_signature="v0=" + "0" * 64),
        spoilt(x_slack_signature=[GOOD, GOOD]),
        spoilt(x_slack_request_timestamp=[TIMESTAMP, TIMESTAMP]),
    ],
)
def test_headers_out_of_shape_are_refused_and_never_an_error(headers: list[tuple[bytes, bytes]]) -> None:
    assert ask(BODY, headers).status_code == 401


def test_one_byte_more_or_less_and_the_signature_is_wrong() -> None:
    assert ask(BODY + b" ", signed(BODY)).status_code == 401
    assert ask(BODY[:-1], signed(BODY)).status_code == 401
    assert ask(b"", signed(BODY)).status_code == 401


def test_deep_json_that_nobody_signed_is_refused_unread() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    assert ask(deep, signed(deep, "guessed")).status_code == 401


def test_a_body_that_is_no_text_is_refused() -> None:
    body = b"payload=\xff\xfe"
    assert ask(body, signed(body)).status_code == 400


def test_a_body_too_large_is_refused_by_what_it_announces() -> None:
    taken = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(10):
            taken += 1
            yield b"x" * LARGEST_BODY

    headers = {**signed(b""), "content-length": str(10 * LARGEST_BODY)}
    assert ask(chunks(), headers).status_code == 413
    assert ask(b"", {**signed(b""), "content-length": "9" * 60}).status_code == 413


def test_endless_chunks_are_refused_as_soon_as_they_are_too_many() -> None:
    """Read straight from ASGI: the door must answer while the sender is still sending."""
    asked = 0

    async def receive() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 65_536, "more_body": True}

    headers = [(name.encode(), value.encode()) for name, value in signed(b"").items()]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)
    with pytest.raises(Refused) as refused:
        asyncio.run(Guard((SECRET,), lambda: NOW).body(request))
    assert refused.value.status == 413
    assert asked == LARGEST_BODY // 65_536 + 1


def test_a_sender_who_hangs_up_is_no_error() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    headers = [(name.encode(), value.encode()) for name, value in signed(BODY).items()]
    request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)
    with pytest.raises(Refused) as refused:
        asyncio.run(Guard((SECRET,), lambda: NOW).body(request))
    assert refused.value.status == 400


def test_the_largest_body_that_is_allowed_is_allowed() -> None:
    body = json.dumps("x" * (LARGEST_BODY - 2)).encode()
    assert len(body) == LARGEST_BODY
    assert ask(body, signed(body)).status_code == 200


def test_nothing_of_a_refused_body_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert ask(BODY, signed(BODY, "wrong")).status_code == 401
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    ("address", "fine"),
    [
        ("https://hooks.slack.com/actions/T1/2/abc", True),
        ("http://hooks.slack.com/actions/T1/2/abc", False),
        ("https://hooks.slack.com.evil.example/actions", False),
        ("https://hooks.slack.com@evil.example/actions", False),
        ("https://hooks.slack.com:8443/actions", False),
        ("https://evil.example/hooks.slack.com", False),
        ("https://slack.com/api/chat.postMessage", False),
        ("http://127.0.0.1:8080/x", False),
        ("https://[broken", False),
        ("//hooks.slack.com/actions", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_a_response_url_is_called_only_where_it_is_slacks(address: str, fine: bool) -> None:
    assert is_slacks(address, "https://slack.com/api/") is fine


def test_where_the_api_was_moved_to_for_tests_response_urls_may_lead_too() -> None:
    assert is_slacks("http://127.0.0.1:4003/response/1", "http://127.0.0.1:4003/api/")
    assert not is_slacks("http://127.0.0.1:4004/response/1", "http://127.0.0.1:4003/api/")
    assert not is_slacks("https://127.0.0.1:4003/response/1", "http://127.0.0.1:4003/api/")
