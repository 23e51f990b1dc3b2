"""Who is kept out of Teams' door, and how early."""

import asyncio
import contextlib
import json
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
import structlog
import uvicorn

from bot.chat import Account, Message, Place
from bot.platforms import Address, NotAccepted
from bot.teams.app import TeamsEdge
from bot.teams.guard import BODY_BYTES, ServiceUrls
from bot.teams.platform import TeamsPlatform
from tests.clients.entra import APP_ID, OTHER_TENANT, TENANT, Issuer, encoded
from tests.clients.signing import Signed
from tests.teams.world import CANARY, World

TokenOf = Callable[[Issuer, World], str]


def ours(world: World, **claims: Any) -> dict[str, Any]:
    return {"serviceurl": world.connector.url, **claims}


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(lambda i, w: "", id="none at all"),
        pytest.param(lambda i, w: "x", id="not a token"),
        pytest.param(lambda i, w: "é.é.é", id="not even ASCII"),
        pytest.param(lambda i, w: "a" * 100_000, id="endless"),
        pytest.param(lambda i, w: f"{'W1tb' * 3000}.e30.x", id="a header of brackets"),
        pytest.param(lambda i, w: i.unsigned_token(**ours(w)), id="alg none"),
        pytest.param(lambda i, w: i.confused_token(**ours(w)), id="HS256 with the public key"),
        pytest.param(lambda i, w: i.forged_token(**ours(w)), id="signed by a stranger"),
        pytest.param(lambda i, w: i.token(**ours(w, exp=None)), id="no exp"),
        pytest.param(lambda i, w: i.token(**ours(w, exp=1_700_000_000)), id="expired"),
        pytest.param(lambda i, w: i.token(**ours(w, nbf=32_000_000_000)), id="not yet"),
        pytest.param(lambda i, w: i.token(**ours(w, iss=None)), id="no iss"),
        pytest.param(lambda i, w: i.token(**ours(w, iss="https://evil.example")), id="another issuer"),
        pytest.param(lambda i, w: i.token(**ours(w, aud=None)), id="no aud"),
        pytest.param(lambda i, w: i.token(**ours(w, aud="another-bot")), id="another audience"),
        pytest.param(lambda i, w: i.token(**ours(w, aud=[APP_ID, "another-bot"])), id="several audiences"),
        pytest.param(lambda i, w: i.token(**ours(w, tid=OTHER_TENANT)), id="tid of another tenant"),
        pytest.param(lambda i, w: i.token(serviceurl=None), id="no service url"),
        pytest.param(lambda i, w: i.token(serviceurl="https://smba.trafficmanager.net/uk/"), id="another service url"),
        pytest.param(lambda i, w: i.token(serviceurl=w.connector.url + "/more"), id="a longer service url"),
        pytest.param(lambda i, w: i.entra_token(serviceurl=w.connector.url), id="Entra, not the connector"),
        pytest.param(lambda i, w: i.token(kid="k" * 300, **ours(w)), id="an endless key id"),
    ],
)
def test_a_wrong_token_ends_at_the_door(world: World, token: TokenOf) -> None:
    bearer = token(world.issuer, world)
    request = world.issuer.request(world.activity(text=CANARY), "")
    if bearer:
        request = Signed(request.path, request.body, {**request.headers, "Authorization": f"Bearer {bearer}".encode()})
    assert world.send(request).status_code == 401
    assert world.heard.events == []
    assert world.handled() == []
    assert world.connector.asked == []


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_only_a_bearer_token_counts(world: World, scheme: str) -> None:
    request = world.issuer.request(world.activity(text="x"))
    spoilt = request.with_header("Authorization", request.headers["Authorization"].replace("Bearer", scheme).strip())
    assert world.send(spoilt).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"channelData": {"tenant": {"id": OTHER_TENANT}}},
        {"conversation": {"conversationType": "personal", "tenantId": OTHER_TENANT, "id": "a:amina"}},
        {"channelData": {}, "conversation": {"conversationType": "personal", "id": "a:amina"}},
        {"channelData": {"tenant": {"id": [TENANT]}}},
        {"channelId": "directline"},
        {"serviceUrl": None},
        {"serviceUrl": 17},
    ],
)
def test_a_good_token_of_another_tenant_or_channel_is_refused(world: World, changes: dict[str, Any]) -> None:
    token = world.issuer.token(serviceurl=world.connector.url)
    assert world.post(world.activity(text=CANARY, **changes), token).status_code == 401
    assert world.heard.events == []


@pytest.mark.parametrize("url", ["https://evil.example/teams", "http://smba.trafficmanager.net/uk/"])
def test_a_signed_service_url_that_is_not_teams_is_refused(world: World, url: str) -> None:
    token = world.issuer.token(serviceurl=url)
    assert world.post(world.activity(text="x", serviceUrl=url), token).status_code == 401


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/uk/", True),
        ("https://smba.trafficmanager.net:443/uk/", True),
        ("https://SMBA.trafficmanager.net/uk/", True),
        ("https://smba.infra.gcc.teams.microsoft.com/teams", True),
        ("http://smba.trafficmanager.net/uk/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://evil.example/smba.trafficmanager.net", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://smba.trafficmanager.net\\@evil.example/", False),
        ("https://user:word@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net:8443/", False),
        ("https://127.0.0.1/", False),
        ("http://127.0.0.1:3978/", False),
        ("ftp://smba.trafficmanager.net/", False),
        ("https://[smba", False),
        ("//smba.trafficmanager.net/", False),
        ("", False),
    ],
)
def test_where_teams_may_be_answered(url: str, *, allowed: bool) -> None:
    assert ServiceUrls.of(()).allow(url) is allowed


def test_more_addresses_can_be_allowed_but_never_plain_http_elsewhere() -> None:
    more = ServiceUrls.of(["https://smba.infra.gov.teams.microsoft.us/teams", "http://127.0.0.1:9/x"])
    assert more.allow("https://smba.infra.gov.teams.microsoft.us/other")
    assert more.allow("http://127.0.0.1:9/y")
    assert not more.allow("http://127.0.0.1:10/y")
    with pytest.raises(ValueError, match="not an address"):
        ServiceUrls.of(["http://evil.example"])


def test_a_stored_address_is_checked_again_before_anything_is_sent(world: World) -> None:
    place = Place("teams", TENANT, "a:amina", direct=True, service_url="https://evil.example/")
    with pytest.raises(NotAccepted) as refused:
        world.runner.run(world.platform.send(Address(None, place), Message("hello"), "key"))
    assert (refused.value.reason, refused.value.final) == ("refused", True)


def test_a_stored_conversation_of_another_tenant_is_not_written_to(world: World) -> None:
    place = Place("teams", OTHER_TENANT, "a:amina", direct=True, service_url=world.connector.url)
    with pytest.raises(NotAccepted, match="wrong_tenant"):
        world.runner.run(world.platform.send(Address(None, place), Message("hello"), "key"))
    with pytest.raises(NotAccepted, match="wrong_tenant"):
        world.runner.run(world.platform.send(Address(Account("teams", OTHER_TENANT, "x"), None), Message("hello"), "k"))
    assert world.connector.asked == []


# --------------------------------------------------------------------------------------------------------------- keys


def test_a_thousand_unknown_key_ids_cost_one_fetch(world: World) -> None:
    activity = world.activity(text="x")
    for number in range(1000):
        token = world.issuer.token(kid=f"unknown-{number}", serviceurl=world.connector.url)
        assert world.post(activity, token).status_code == 401
    assert world.issuer.key_fetches == 1
    world.wait(seconds=31)
    for number in range(20):
        token = world.issuer.token(kid=f"unknown-{number}", serviceurl=world.connector.url)
        assert world.post(activity, token).status_code == 401
    assert world.issuer.key_fetches == 2


def test_a_known_key_is_fetched_once_a_day(world: World) -> None:
    for number in range(5):
        assert world.say("x", id=str(number)).status_code == 200
    assert world.issuer.key_fetches == 1
    world.wait(hours=25)
    assert world.say("x", id="next day").status_code == 200
    assert world.issuer.key_fetches == 2


def test_rolled_keys_are_picked_up_and_the_old_ones_forgotten(world: World) -> None:
    assert world.say("x", id="1").status_code == 200
    old = world.issuer.key
    world.issuer.roll()
    world.wait(seconds=31)
    assert world.say("x", id="2").status_code == 200
    stale = world.issuer.token(key=old, serviceurl=world.connector.url)
    assert world.post(world.activity(text="x", id="3"), stale).status_code == 401


def test_while_microsoft_cannot_be_asked_known_keys_hold_for_days_and_no_longer(world: World) -> None:
    assert world.say("x", id="1").status_code == 200
    world.issuer.broken = True
    world.wait(days=4)
    assert world.say("x", id="2").status_code == 200
    world.wait(days=2)
    assert world.say("x", id="3").status_code == 503
    fetched = world.issuer.key_fetches
    for _ in range(10):
        assert world.say("x", id="3").status_code == 503
    assert world.issuer.key_fetches == fetched
    world.issuer.broken = False
    world.wait(seconds=31)
    assert world.say("x", id="3").status_code == 200


def test_a_key_that_is_not_endorsed_for_teams_does_not_speak_for_it(world: World) -> None:
    published = {**world.issuer.key.published(), "endorsements": ["webchat"]}
    world.issuer.key.published = lambda: published  # type: ignore[method-assign]
    assert world.say("x").status_code == 401


def test_a_published_secret_is_no_key(world: World) -> None:
    secret = jwt.utils.base64url_encode(b"s" * 32).decode()
    symmetric = {"kty": "oct", "k": secret, "kid": world.issuer.key.id, "use": "sig"}
    world.issuer.key.published = lambda: symmetric  # type: ignore[method-assign]
    assert world.say("x").status_code in (401, 503)
    assert world.heard.events == []


# ------------------------------------------------------------------------------------------------------------- bodies


def test_deep_json_without_a_token_is_never_parsed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    monkeypatch.setattr("bot.teams.guard.parse", lambda body: parsed.append(len(body)))
    deep = Signed("/api/messages", b"[" * 200_000, {"Content-Type": "application/json"})
    assert world.send(deep).status_code == 401
    assert parsed == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 200_000, id="deep"),
        pytest.param(b'{"type":' + b'{"a":' * 100_000, id="deep objects"),
        pytest.param(b"9" * 100_000, id="a long number"),
        pytest.param(b"\xff\xfe", id="not UTF-8"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"type": 17}', id="no type"),
    ],
)
def test_a_signed_body_that_is_no_activity_is_refused(world: World, body: bytes) -> None:
    good = world.issuer.request(world.activity())
    assert world.send(good.with_body(body)).status_code == 400


def test_half_a_surrogate_pair_and_nul_become_words_that_can_be_kept(world: World) -> None:
    good = world.issuer.request(world.activity(text="x"))
    assert world.send(good.with_body(good.body.replace(b'"x"', b'"a\\ud800b\\u0000c"'))).status_code == 200
    assert world.heard.last.text == "a\ufffdbc"


def test_a_body_announced_too_large_is_not_read(world: World) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("read")
        yield b""

    request = world.issuer.request(world.activity()).with_header("Content-Length", str(10 * BODY_BYTES))
    assert world.send(request, never()).status_code == 413


def test_endless_chunks_end_early(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 65_536

    assert world.send(world.issuer.request(world.activity()), endless()).status_code == 413
    assert sent <= BODY_BYTES // 65_536 + 2


@contextlib.contextmanager
def served(world: World) -> Any:
    """The door behind the real web server."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(world.app, log_config=None, access_log=False))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        while not server.started:
            thread.join(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()


def test_behind_the_real_server_too_much_and_too_deep_are_turned_away(world: World) -> None:
    def endless() -> Any:
        while True:
            yield b" " * 65_536

    headers = {"Content-Type": "application/json"}
    with served(world) as url:
        assert httpx.post(f"{url}/api/messages", content=b"[" * 200_000, headers=headers).status_code == 401
        try:
            status = httpx.post(f"{url}/api/messages", content=endless(), headers=headers).status_code
        except httpx.TransportError:
            status = 413  # it hung up while we were still sending: early enough
        assert status == 413
        assert httpx.post(f"{url}/api/messages", content=b"[]", headers=headers).status_code == 401


# -------------------------------------------------------------------------------------------------- the local mode


def test_unsigned_traffic_is_taken_on_loopback_only(local: World) -> None:
    for host in ("0.0.0.0", "", "192.168.0.7", "learn.example", "::", "127.0.0.1.evil.example"):
        with pytest.raises(ValueError, match="loopback"):
            TeamsEdge(
                local.reception,
                TeamsPlatform(),
                client_id="x",
                client_secret=None,
                tenant_id="y",
                clock=lambda: local.now,
                local=True,
                host=host,
            )
    assert local.post(local.activity(text="hello"), token="").status_code == 200
    assert local.connector.posted()[0].authorization == ""


def test_a_page_in_a_browser_cannot_speak_for_somebody(local: World) -> None:
    request = local.issuer.request(local.activity(text="hello"), "")
    assert local.send(request.with_header("Content-Type", "text/plain")).status_code == 415
    assert local.send(request.with_header("Host", "evil.example")).status_code == 403
    assert local.heard.events == []


def test_without_a_secret_nothing_starts(world: World) -> None:
    with pytest.raises(ValueError, match="secret"):
        TeamsEdge(
            world.reception,
            TeamsPlatform(),
            client_id="x",
            client_secret=None,
            tenant_id="y",
            clock=lambda: world.now,
        )


def test_the_environment_decides_nothing(local: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in {
        "CLIENT_ID": "evil",
        "CLIENT_SECRET": "evil",
        "TENANT_ID": "evil",
        "CLOUD": "China",
        "SERVICE_URL": "https://evil.example",
        "MANAGED_IDENTITY_CLIENT_ID": "evil",
        "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS": "true",
    }.items():
        monkeypatch.setenv(name, value)
    edge = TeamsEdge(
        local.reception,
        TeamsPlatform(),
        client_id="our-id",
        client_secret="our-secret",
        tenant_id="our-tenant",
        clock=lambda: local.now,
    )
    shown = repr(edge.app.credentials)
    assert "evil" not in shown
    assert edge.app.id == "our-id"
    assert edge.app.cloud.token_issuer == "https://api.botframework.com"
    assert not edge.app.options.dangerously_allow_unauthenticated_requests
    assert edge.tokens is not None
    local.runner.run(edge.stop())


# --------------------------------------------------------------------------------------------------------------- logs


def test_nothing_of_a_body_or_a_token_is_logged(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as ours_logged:
        good = world.issuer.request(world.activity(text=CANARY, value={"x": CANARY}))
        token = good.headers["Authorization"].removeprefix("Bearer ")
        assert world.send(good).status_code == 200
        world.say(CANARY, **{"from": {"id": CANARY, "aadObjectId": CANARY, "type": CANARY}})
        world.press({"learnbot": {"action": "small.filled", "form": "small.filled", "fields": ["what", "when"]}},
                    what=CANARY, when=CANARY)  # fmt: skip
        world.say("fail", id="2")
        world.send(good.with_header("Authorization", f"Bearer {encoded({'alg': CANARY})}.{CANARY}.x"))
        world.post(world.activity(text=CANARY), world.issuer.token(kid=CANARY, iss=CANARY, aud=CANARY))
        world.send(good.with_body(json.dumps({"type": CANARY, "text": CANARY}).encode()))
        world.send(good.with_body(f'{{"{CANARY}": '.encode()))
    logged = caplog.text + repr([record.__dict__ for record in caplog.records]) + repr(ours_logged)
    assert CANARY not in logged
    assert token not in logged
    assert token.rsplit(".", 1)[1] not in logged


def test_clock_skew_is_what_microsoft_allows(world: World) -> None:
    import time

    late = world.issuer.token(serviceurl=world.connector.url, exp=int(time.time()) - 60)
    assert world.post(world.activity(text="x"), late).status_code == 200
    later = world.issuer.token(
        serviceurl=world.connector.url, exp=int(time.time() - timedelta(minutes=6).total_seconds())
    )
    assert world.post(world.activity(text="x"), later).status_code == 401
