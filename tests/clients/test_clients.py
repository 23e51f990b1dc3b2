"""The clients themselves: that they start, say what the real ones say, and break when they are told to break."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import sqlalchemy
from aiohttp import web
from microsoft_teams.api import ActivityTypeAdapter
from microsoft_teams.apps import App
from microsoft_teams.apps.auth import InboundActivityTokenValidator
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot import playground as launcher
from tests.clients.browser import BOT, CHANNEL, GROUP, PERSONAL, Browser, BrowserError
from tests.clients.entra import APP_ID, OTHER_TENANT, SERVICE_URL, Issuer
from tests.clients.node import ROOT, free_port
from tests.clients.playground import AMINA, BEN, CAPTURED, TEAM, Person, captured, two_windows
from tests.clients.postgres import Desk, Postgres
from tests.clients.signing import Signed, Signer, SlackUser
from tests.clients.slack import SlackServer

pytest_plugins = ("tests.clients.fixtures",)

Json = dict[str, Any]


# Slack


@pytest.fixture
def client(slack: SlackServer) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.base_url, retry_handlers=[])


@pytest.mark.clients
def test_a_message_can_be_found_again_by_its_metadata(slack: SlackServer, client: WebClient) -> None:
    channel = client.conversations_open(users=slack.users["amina"].id)["channel"]["id"]
    metadata = {"event_type": "learnbot", "event_payload": {"key": "outbox-17"}}
    posted = client.chat_postMessage(channel=channel, text="Hello Amina", metadata=metadata)

    told = client.conversations_history(channel=channel, include_all_metadata=True)["messages"]
    assert [one["metadata"] for one in told] == [metadata]
    assert "metadata" not in client.conversations_history(channel=channel)["messages"][0]
    assert client.conversations_history(channel=channel, oldest=posted["ts"])["messages"] == []
    assert len(client.conversations_history(channel=channel, oldest=posted["ts"], inclusive=True)["messages"]) == 1
    assert [one["text"] for one in slack.dm_messages(slack.users["amina"], from_bot=True)] == ["Hello Amina"]


@pytest.mark.clients
def test_a_person_is_known_by_a_confirmed_address_and_a_guest_is_a_guest(slack: SlackServer, client: WebClient) -> None:
    amina = client.users_info(user=slack.users["amina"].id)["user"]
    assert amina["profile"]["email"] == "amina.khan@southampton.example"
    assert (amina["is_email_confirmed"], amina["is_restricted"]) == (True, False)
    assert client.users_info(user=slack.users["gwen"].id)["user"]["is_ultra_restricted"]
    assert "users:read.email" in client.auth_test().headers["x-oauth-scopes"]


@pytest.mark.clients
@pytest.mark.parametrize(
    ("does", "raised", "posted"),
    [
        ("accept_then_reset", ConnectionResetError, 1),
        ("accept_then_error", SlackApiError, 1),
        ("reset", ConnectionResetError, 0),
        ("rate_limited", SlackApiError, 0),
        ("server_error", SlackApiError, 0),
        ("refusal", SlackApiError, 0),
    ],
)
def test_a_fault_happens_once_and_only_where_it_was_asked_for(
    slack: SlackServer, client: WebClient, does: str, raised: type[Exception], posted: int
) -> None:
    amina = slack.users["amina"]
    slack.proxy.fail("chat.postMessage", does)
    channel = client.conversations_open(users=amina.id)["channel"]["id"]
    with pytest.raises(raised):
        client.chat_postMessage(channel=channel, text="Did it arrive?")
    assert len(slack.dm_messages(amina)) == posted
    assert [(call.fault, call.accepted) for call in slack.proxy.made("chat.postMessage")] == [(does, bool(posted))]
    assert client.chat_postMessage(channel=channel, text="This one does")["ok"]


@pytest.mark.clients
def test_nobody_listens_and_then_somebody_does_again(slack: SlackServer, client: WebClient) -> None:
    assert client.auth_test()["ok"]
    with slack.unreachable(), pytest.raises(OSError, match="refused"):
        client.auth_test()
    assert client.auth_test()["ok"]


@pytest.mark.clients
def test_history_can_lag_behind_what_was_posted(slack: SlackServer, client: WebClient) -> None:
    channel = slack.dm(slack.users["amina"])
    client.chat_postMessage(channel=channel, text="before")
    slack.proxy.history_lags(calls=1)
    client.chat_postMessage(channel=channel, text="after")
    first, second = (client.conversations_history(channel=channel)["messages"] for _ in range(2))
    assert [one["text"] for one in first] == ["before"]
    assert [one["text"] for one in second] == ["after", "before"]


@pytest.mark.clients
def test_a_form_is_opened_by_a_button_filled_by_its_labels_and_submitted(slack: SlackServer, client: WebClient) -> None:
    amina = slack.users["amina"]
    channel = slack.dm(amina)
    button = {"type": "button", "action_id": "book", "text": {"type": "plain_text", "text": "Book"}, "value": "17"}
    client.chat_postMessage(channel=channel, text="Book?", blocks=[{"type": "actions", "elements": [button]}])
    pressed = slack.signer.press(amina, slack.dm_messages(amina)[0], "Book", channel=channel).payload()
    assert (pressed["actions"][0]["value"], pressed["channel"]["id"]) == ("17", channel)

    options = [{"text": {"type": "plain_text", "text": name}, "value": name[0]} for name in ("Ben", "Chloe")]
    fields = {
        "When": {"type": "plain_text_input", "action_id": "when"},
        "Who": {"type": "static_select", "action_id": "who", "options": options},
        "Notes": {"type": "plain_text_input", "action_id": "notes", "initial_value": "as before"},
    }
    blocks = [
        {"type": "input", "block_id": name, "label": {"type": "plain_text", "text": name}, "element": element}
        for name, element in fields.items()
    ]
    view = {"type": "modal", "callback_id": "f", "title": {"type": "plain_text", "text": "Book"}, "blocks": blocks}
    client.views_open(trigger_id=pressed["trigger_id"], view=view)
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        client.views_open(trigger_id=pressed["trigger_id"], view=view)

    state = slack.signer.submit(amina, slack.view(amina), {"When": "Tuesday", "who": "Chloe"}).payload()["view"][
        "state"
    ]
    assert state["values"]["When"]["when"]["value"] == "Tuesday"
    assert state["values"]["Who"]["who"]["selected_option"]["value"] == "C"
    assert state["values"]["Notes"]["notes"]["value"] == "as before"
    with pytest.raises(LookupError, match="Where"):
        slack.signer.submit(amina, slack.view(amina), {"Where": "here"})


WHO = SlackUser("U0AMINA", "amina", "Amina Khan", "amina.khan@southampton.example")
SECRET = "signing-secret-of-the-tests"
MESSAGE = {
    "ts": "1795337332.000001",
    "type": "message",
    "user": "U0LEARNBOT",
    "text": "Book?",
    "blocks": [{"type": "actions", "elements": [{"type": "button", "action_id": "book", "value": "17"}]}],
}
VIEW: Json = {"id": "V1", "type": "modal", "callback_id": "form", "blocks": [], "title": {"type": "plain_text"}}
POSTED_BY_SLACK: dict[str, Callable[[Signer], Signed]] = {
    "event:message": lambda s: s.message(WHO, "diary: I listened", "D1"),
    "event:message in channel": lambda s: s.message(WHO, "hello", "C1", channel_type="channel", thread_ts="1.2"),
    "event:message from the bot": lambda s: s.own_message("hello", "D1"),
    "event:message changed": lambda s: s.edited(WHO, "D1", "1795337332.000001", "new", "old"),
    "event:message deleted": lambda s: s.deleted(WHO, "D1", "1795337332.000001", "old"),
    "event:app_mention": lambda s: s.mention(WHO, "help", "C1"),
    "event:app_home_opened": lambda s: s.home_opened(WHO),
    "event:team_join": lambda s: s.team_join(WHO),
    "event:member_joined_channel": lambda s: s.joined_channel(WHO, "C1"),
    "event:app_uninstalled": lambda s: s.uninstalled(),
    "event:tokens_revoked": lambda s: s.tokens_revoked(),
    "action in a message": lambda s: s.press(WHO, MESSAGE, "book", channel="D1"),
    "action in a modal": lambda s: s.press(WHO, {**VIEW, "blocks": MESSAGE["blocks"]}, "book"),
    "action in the home tab": lambda s: s.press(WHO, {**VIEW, "type": "home", "blocks": MESSAGE["blocks"]}, "book"),
    "view_submission": lambda s: s.submit(WHO, VIEW, {}),
    "view_closed": lambda s: s.close(WHO, VIEW),
    "message shortcut": lambda s: s.message_shortcut(WHO, "keep", MESSAGE, "C1"),
    "global shortcut": lambda s: s.shortcut(WHO, "home"),
    "command": lambda s: s.command(WHO, "help"),
}


async def heard_by_bolt(request: Signed) -> tuple[int, list[str]]:
    """What real Bolt answers, and which listener heard it."""
    heard: list[str] = []

    async def authorize(**_: object) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T000000001", bot_token="xoxb-1", bot_user_id="U0LEARNBOT")

    app = AsyncApp(
        signing_secret=SECRET, authorize=authorize, process_before_response=True, ignoring_self_events_enabled=False
    )

    def listener(kind: str) -> Callable[..., Any]:
        async def hear(ack: Any) -> None:
            heard.append(kind)
            await ack()

        return hear

    for kind in POSTED_BY_SLACK:
        if kind.startswith("event:") and " " not in kind and kind != "event:message":
            app.event(kind.removeprefix("event:"))(listener(kind))
    app.event({"type": "message", "subtype": None})(listener("event:message"))
    app.event({"type": "message", "subtype": "message_changed"})(listener("event:message changed"))
    app.event({"type": "message", "subtype": "message_deleted"})(listener("event:message deleted"))
    app.action("book")(listener("action"))
    app.view_submission("form")(listener("view_submission"))
    app.view_closed("form")(listener("view_closed"))
    app.message_shortcut("keep")(listener("message shortcut"))
    app.global_shortcut("home")(listener("global shortcut"))
    app.command("/learn")(listener("command"))
    headers = {name: [value] for name, value in request.headers.items()}
    answer = await app.async_dispatch(AsyncBoltRequest(body=request.body.decode(), headers=headers))
    return answer.status, heard


@pytest.mark.parametrize("kind", POSTED_BY_SLACK)
def test_bolt_accepts_and_understands_what_we_post_as_slack(kind: str) -> None:
    status, heard = asyncio.run(heard_by_bolt(POSTED_BY_SLACK[kind](Signer(SECRET))))
    assert status == 200
    assert len(heard) == 1
    assert kind.startswith(heard[0])


@pytest.mark.parametrize(
    "request_",
    [
        Signer("another-secret").message(WHO, "hello", "D1"),
        Signer(SECRET).message(WHO, "hello", "D1", at=time.time() - 301),
        Signer(SECRET).message(WHO, "hello", "D1").with_body(b'{"type": "event_callback"}'),
        Signer(SECRET).message(WHO, "hello", "D1").without("X-Slack-Signature"),
    ],
    ids=["wrong secret", "too old", "another body", "unsigned"],
)
def test_bolt_refuses_what_slack_did_not_sign(request_: Signed) -> None:
    assert asyncio.run(heard_by_bolt(request_)) == (401, [])


def test_a_retry_is_the_same_delivery_with_two_headers_more() -> None:
    first = Signer(SECRET).message(WHO, "hello", "D1")
    again = first.again(1)
    assert (again.body, again.payload()["event_id"]) == (first.body, first.payload()["event_id"])
    assert again.headers["X-Slack-Retry-Num"] == "1"
    assert asyncio.run(heard_by_bolt(again)) == (200, ["event:message"])


# Teams: the Playground


class EchoBot:
    """Enough of a bot to answer: it echoes, shows a form which must be filled, and tells the other person."""

    def __init__(self) -> None:
        self.received: list[Json] = []
        self.port = free_port()
        self.rooms: dict[str, Json] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/messages"

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = web.Application()
        app.router.add_post("/api/messages", self._receive)
        runner = web.AppRunner(app, access_log=None)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    async def _receive(self, request: web.Request) -> web.Response:
        activity = await request.json()
        self.received.append(activity)
        self.rooms[activity["from"]["id"]] = activity
        if activity["type"] == "invoke":
            return web.json_response(self.answer(activity))
        if activity["type"] == "message":
            await asyncio.to_thread(self.react, activity)
        return web.Response()

    def answer(self, invoke: Json) -> Json:
        if invoke["name"] == "composeExtension/fetchTask":
            words = invoke["value"]["messagePayload"]["body"]["content"]
            keep = {"type": "Action.Submit", "title": "Keep it"}  # in a dialog Action.Execute does nothing
            card = {**form(words), "actions": [keep]}
            return {"task": {"type": "continue", "value": {"title": "Keep", "card": attached(card)}}}
        if invoke["name"] == "composeExtension/submitAction":
            return {"task": {"type": "message", "value": "Kept in your diary"}}
        given = invoke["value"]["action"]["data"]
        shown = note(f"Booked for {given['when']}") if given.get("when") else form(given.get("notes", ""), "Say when.")
        return {"statusCode": 200, "type": "application/vnd.microsoft.card.adaptive", "value": shown}

    def react(self, activity: Json) -> None:
        words = activity["text"].replace("<at>Learnbot</at>", "").strip()
        if words == "form":
            post(activity, {"attachments": [attached(form(""))]})
        elif words == "tell ben":
            post(self.rooms[BEN.id], {"text": "Amina says hello"})
        elif words == "change":
            first = post(activity, {"attachments": [attached(note("before"))]})
            post(activity, {"attachments": [attached(note("afterwards"))]}, replacing=first)
        else:
            post(activity, {"text": f"echo: {words}"})

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


def note(text: str) -> Json:
    return {"type": "AdaptiveCard", "version": "1.5", "body": [{"type": "TextBlock", "text": text, "wrap": True}]}


def form(notes: str, wrong: str = "Fill it in.") -> Json:
    who = [{"title": "Ben", "value": "7"}, {"title": "Chloe", "value": "8"}]
    fields = [
        {"type": "Input.Text", "id": "when", "label": "When"},
        {"type": "Input.Text", "id": "notes", "label": "Notes", "isMultiline": True, "value": notes},
        {"type": "Input.ChoiceSet", "id": "who", "label": "Who", "choices": who},
        {"type": "Input.ChoiceSet", "id": "rating", "label": "Rating", "choices": who, "style": "expanded"},
        {"type": "Input.Date", "id": "day", "label": "Day"},
        {"type": "Input.Time", "id": "clock", "label": "Clock"},
        {"type": "Input.Number", "id": "days", "label": "Days"},
        {"type": "Input.Toggle", "id": "share", "title": "Share it", "label": "Sharing"},
    ]
    actions = [{"type": "Action.Execute", "title": "Book it", "verb": "book", "data": {"about": 17}}]
    return {**note(wrong), "body": [{"type": "TextBlock", "text": wrong}, *fields], "actions": actions}


def attached(card: Json) -> Json:
    return {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}


def post(activity: Json, message: Json, replacing: str = "") -> str:
    room = activity["conversation"]["id"]
    url = f"{activity['serviceUrl']}/v3/conversations/{room}/activities/{replacing}".rstrip("/")
    answered = httpx.request("PUT" if replacing else "POST", url, json={"type": "message", **message})
    answered.raise_for_status()
    return answered.json()["id"]


@pytest.fixture(scope="module")
def echo() -> Iterator[EchoBot]:
    bot = EchoBot()
    yield bot
    bot.stop()


@pytest.fixture(scope="module")
def amina_and_ben(echo: EchoBot) -> Iterator[tuple[launcher.Playground, launcher.Playground]]:
    with two_windows(echo.endpoint) as windows:
        yield windows


Windows = tuple[launcher.Playground, launcher.Playground]


@pytest.mark.clients
def test_two_people_talk_to_one_bot_and_it_to_either(amina_and_ben: Windows, echo: EchoBot) -> None:
    with Person(amina_and_ben[0]) as amina, Person(amina_and_ben[1]) as ben:
        ben.arrive().say("hello from Ben")
        ben.wait_for("echo: hello from Ben")
        amina.say("tell ben")
        ben.wait_for("Amina says hello")
        room = amina.say("change", amina.channel, mention=True)
        assert room.startswith(f"{TEAM.channel_id};messageid=")
        amina.wait_for("afterwards", room)
        assert len(amina.messages(room)) == 1
    named = [one for one in echo.received if one["type"] == "message"]
    assert {one["from"]["aadObjectId"] for one in named} == {AMINA.aad_object_id, BEN.aad_object_id}


@pytest.mark.clients
def test_a_form_in_a_card_keeps_what_was_typed_when_something_is_wrong(amina_and_ben: Windows) -> None:
    with Person(amina_and_ben[0]) as amina:
        amina.say("form")
        card = amina.wait_for("Fill it in.")
        amina.press(card, "Book it", notes="all of it", when="")
        again = amina.wait_for("Say when.")
        assert again["messageId"] == card["messageId"]
        assert "all of it" in json.dumps(again)
        amina.press(again, "Book it", when="Tuesday")
        amina.wait_for("Booked for Tuesday")
        with pytest.raises(LookupError, match="not there"):
            amina.press(again, "Book it")


@pytest.mark.clients
def test_the_playground_is_reached_from_this_machine_only(amina_and_ben: Windows) -> None:
    port = int(amina_and_ben[0].url.rpartition(":")[2])
    listening = subprocess.run(["ss", "-ltnH", f"sport = :{port}"], capture_output=True, text=True).stdout
    assert f"127.0.0.1:{port}" in listening
    assert listening.count("LISTEN") == 1


@pytest.mark.clients
def test_a_busy_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(launcher.PlaygroundError, match=f"^Port {port} is already in use: "):
            launcher.start(port, "http://127.0.0.1:9/api/messages", AMINA, [BEN], TEAM, tmp_path)


def test_a_missing_playground_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(launcher.PlaygroundError, match="not installed here: run `make clients`"):
        launcher.start(free_port(), "http://127.0.0.1:9/x", AMINA, [BEN], TEAM, tmp_path, root=tmp_path)


@pytest.mark.clients
def test_a_killed_test_leaves_no_server_behind() -> None:
    """kill -9 of whoever started it: the window and the emulator end by themselves, and free their ports."""
    script = (
        "import time; from tests.clients.slack import SlackServer; from tests.clients.playground import window\n"
        "with SlackServer() as slack, window('http://127.0.0.1:9/api/messages') as teams:\n"
        "    print(slack.proxy.target, teams.url, flush=True); time.sleep(60)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    starter = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment)
    assert starter.stdout is not None
    addresses = starter.stdout.readline().split()
    starter.kill()
    starter.wait()
    starter.stdout.close()
    ports = [int(address.rpartition(":")[2]) for address in addresses]
    assert len(ports) == 2
    deadline = time.monotonic() + 10
    while not all(map(launcher.is_free, ports)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert all(map(launcher.is_free, ports))


@pytest.mark.parametrize("name", sorted(path.stem for path in CAPTURED.glob("*.json")))
def test_the_teams_sdk_reads_every_captured_activity(name: str) -> None:
    activity = ActivityTypeAdapter.validate_python(captured(name))
    assert activity.channel_data is not None
    assert activity.channel_data.tenant is not None
    assert activity.from_.aad_object_id == AMINA.aad_object_id


@pytest.mark.browser
@pytest.mark.clients
def test_a_person_fills_in_a_card_in_a_real_browser(amina_and_ben: Windows, browser: Browser, tmp_path: Path) -> None:
    page = browser.open(amina_and_ben[0].url)
    page.say("form").wait_for("Fill it in.")
    page.fill("Notes", "one\ntwo").fill("Who", "Chloe").fill("Rating", "Ben").fill("Day", "2027-02-03")
    page.fill("Clock", "15:30").fill("Days", "3").fill("Share it", True)
    filled = page.answers()
    assert filled == {
        "When": "",
        "Notes": "one\ntwo",
        "Who": "Chloe",
        "Rating": "Ben",
        "Day": "3 February 2027",
        "Clock": "15:30",
        "Days": "3",
        "Sharing": True,
    }
    page.press("Book it").wait_for("Say when.")
    assert page.answers()["Notes"] == "one\ntwo"
    page.fill("When", "Tuesday").press("Book it").wait_for("Booked for Tuesday")
    assert [one.author for one in page.messages()] == ["", "Learnbot"]
    assert page.screenshot(tmp_path / "card.png").stat().st_size > 10_000
    with pytest.raises(BrowserError, match="Nonsense"):
        page.press("Nonsense", within=0.5)
    page.close()


@pytest.mark.browser
@pytest.mark.clients
def test_a_person_talks_in_a_group_and_in_a_channel_and_uses_a_message_action(
    amina_and_ben: Windows, browser: Browser
) -> None:
    page = browser.open(amina_and_ben[0].url)
    page.choose(GROUP).say("hello all", mention=BOT).wait_for("echo: hello all")
    page.choose(CHANNEL).say("form", mention=BOT).wait_for("Fill it in.")
    page.fill("When", "Friday").press("Book it").wait_for("Booked for Friday")
    page.reply("Booked for Friday", "thank you", mention=BOT).wait_for("echo: thank you")
    assert [one.author for one in page.messages()] == ["Amina Khan", "Learnbot", "Amina Khan", "Learnbot"]
    page.choose(PERSONAL).say("I listened first").wait_for("echo: I listened first")
    page.message_action("echo: I listened first", "diary.keep")
    assert page.answers()["Notes"] == "<p>echo: I listened first</p>"
    page.press("Keep it").wait_for("Kept in your diary")
    page.close_dialog().close()


# Teams: signed traffic


def sdk_says(issuer: Issuer, token: str, service_url: str | None = SERVICE_URL) -> bool:
    """Whether the SDK's own check lets this token in."""
    validator = InboundActivityTokenValidator(APP_ID, cloud=issuer.cloud())
    try:
        asyncio.run(validator.validate_token(token, service_url))
    except Exception:
        return False
    return True


@pytest.mark.parametrize(
    ("spoil", "let_in"),
    [
        ({}, True),
        ({"expired_for": 400}, False),
        ({"iss": None}, False),
        ({"aud": None}, False),
        ({"iss": "https://elsewhere.example"}, False),
        ({"aud": "another-bot"}, False),
        ({"serviceurl": "https://elsewhere.example/"}, False),
        # What follows passes the SDK, so our own edge has to refuse it. A change here is good news: read it.
        ({"exp": None}, True),
        ({"expired_for": 200}, True),
        ({"tid": OTHER_TENANT}, True),
        ({"aud": f"api://{APP_ID}"}, True),
    ],
    ids=str,
)
def test_which_claims_the_sdk_itself_checks(issuer: Issuer, spoil: Json, let_in: bool) -> None:
    if "expired_for" in spoil:
        spoil = {"exp": int(time.time()) - spoil["expired_for"]}
    assert sdk_says(issuer, issuer.token(**spoil)) is let_in


def test_what_else_the_sdk_lets_pass(issuer: Issuer) -> None:
    assert sdk_says(issuer, issuer.token(serviceurl="https://elsewhere.example/"), service_url=None)
    other = {"tid": OTHER_TENANT, "iss": f"{issuer.url}/{OTHER_TENANT}/v2.0"}
    assert sdk_says(issuer, issuer.entra_token(**other))
    assert sdk_says(issuer, issuer.entra_token(), service_url="https://elsewhere.example/")


def test_the_sdk_refuses_forged_signatures(issuer: Issuer) -> None:
    for token in (issuer.unsigned_token(), issuer.confused_token(), issuer.forged_token(), issuer.token(kid="unknown")):
        assert not sdk_says(issuer, token)


def test_the_whole_sdk_can_be_pointed_at_our_issuer(issuer: Issuer) -> None:
    class NoServer:
        def register_route(self, method: str, path: str, handler: Any) -> None:
            self.handle = handler

    async def ask() -> list[int]:
        server = NoServer()
        app = App(client_id=APP_ID, token=lambda *_: "unused", http_server_adapter=server, cloud=issuer.cloud())

        @app.on_message
        async def hear(_: Any) -> None: ...

        await app.initialize()
        good = issuer.request(captured("message_personal"))
        bad = good.without("Authorization"), issuer.request(good.payload(), issuer.forged_token())
        asked = [{"body": one.payload(), "headers": one.headers} for one in (good, *bad)]
        return [(await server.handle(one))["status"] for one in asked]

    assert asyncio.run(ask()) == [200, 401, 401]
    assert issuer.fetches == ["/v1/.well-known/keys"]


# PostgreSQL


def test_every_test_has_an_empty_database_of_its_own(postgres_url: str, postgres: Postgres) -> None:
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.begin() as connection:
        assert str(connection.scalar(sqlalchemy.text("SHOW server_version"))).startswith("18.")
        connection.execute(sqlalchemy.text("CREATE TABLE here (x int)"))
    engine.dispose()
    other = postgres.new_database()
    assert sqlalchemy.inspect(sqlalchemy.create_engine(other)).get_table_names() == []
    postgres.drop_database(other)


def test_a_desk_is_cleared_between_two_tests(postgres: Postgres) -> None:
    def make_tables(url: str) -> None:
        engine = sqlalchemy.create_engine(url)
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE one (id serial PRIMARY KEY)"))
            connection.execute(sqlalchemy.text("CREATE TABLE two (one int REFERENCES one)"))
        engine.dispose()

    with Desk(postgres, make_tables) as desk:
        first = desk.cleared()
        forgotten = sqlalchemy.create_engine(first).connect()
        forgotten.execute(sqlalchemy.text("INSERT INTO two SELECT id FROM one"))
        forgotten.execute(sqlalchemy.text("INSERT INTO one DEFAULT VALUES"))
        forgotten.commit()
        forgotten.execute(sqlalchemy.text("LOCK TABLE one"))
        assert desk.cleared() == first
        engine = sqlalchemy.create_engine(first)
        with engine.begin() as connection:
            assert connection.scalar(sqlalchemy.text("SELECT count(*) FROM one")) == 0
            assert connection.scalar(sqlalchemy.text("INSERT INTO one DEFAULT VALUES RETURNING id")) == 1
            connection.execute(sqlalchemy.text("CREATE TABLE three (x int)"))
        engine.dispose()
        with pytest.raises(sqlalchemy.exc.OperationalError):
            forgotten.execute(sqlalchemy.text("SELECT 1"))
        assert desk.cleared() != first


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes as Linux shows them")
def test_a_killed_test_leaves_no_database_server_behind() -> None:
    script = (
        "import time\nfrom tests.clients.postgres import Desk, Postgres\n"
        "server = Postgres()\nprint(server.pid, server.folder, flush=True)\ntime.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    pid, folder = starter.stdout.readline().split()
    assert Path(f"/proc/{pid}").exists()
    starter.kill()
    starter.communicate()
    deadline = time.monotonic() + 30
    while (Path(f"/proc/{pid}").exists() or Path(folder).exists()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    assert not Path(folder).exists()


def test_a_server_that_lost_its_power_has_what_it_acknowledged() -> None:
    with Postgres() as server:
        address = server.url().set(drivername="postgresql").render_as_string(hide_password=False)
        connection = psycopg.connect(address)
        connection.execute("CREATE TABLE kept (x int)")
        connection.commit()
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
        server.start()
        with psycopg.connect(address) as again:
            assert again.execute("SELECT count(*) FROM kept").fetchone() == (0,)
