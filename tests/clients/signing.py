"""What Slack posts to a bot: every payload in Slack's own shape, signed as Slack signs it."""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode

import httpx

Json = dict[str, Any]
Words = str | None

ANSWERS_WITHIN = 10.0  # seconds; Slack itself gives up after three
_numbers = itertools.count(1)


@dataclass(frozen=True)
class SlackUser:
    """Somebody in the workspace."""

    id: str
    name: str
    real_name: str = ""
    email: str = ""
    team_id: str = "T000000001"


@dataclass(frozen=True)
class Signed:
    """One request, ready to be sent, sent again, or spoilt."""

    path: str
    body: bytes
    headers: dict[str, str]

    def post(self, base_url: str, timeout: float = ANSWERS_WITHIN) -> httpx.Response:
        """Send it to the bot at `base_url` and return what the bot answered."""
        return httpx.post(base_url.rstrip("/") + self.path, content=self.body, headers=self.headers, timeout=timeout)

    async def post_async(self, client: httpx.AsyncClient) -> httpx.Response:
        """Send it from the bot's own event loop, where `post` would wait for itself."""
        return await client.post(self.path, content=self.body, headers=self.headers)

    def again(self, number: int, reason: str = "http_timeout") -> "Signed":
        """The same delivery repeated by Slack: same body and signature, with the headers of a retry."""
        return replace(self, headers={**self.headers, "X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason})

    def without(self, *names: str) -> "Signed":
        return replace(self, headers={name: value for name, value in self.headers.items() if name not in names})

    def with_header(self, name: str, value: str) -> "Signed":
        return replace(self, headers={**self.headers, name: value})

    def with_body(self, body: bytes) -> "Signed":
        """Another body under the old signature."""
        return replace(self, body=body)

    def payload(self) -> Json:
        """The JSON inside, whichever way it was wrapped."""
        if self.body.startswith(b"payload="):
            return json.loads(httpx.QueryParams(self.body.decode())["payload"])
        if self.headers["Content-Type"].startswith("application/json"):
            return json.loads(self.body)
        return dict(httpx.QueryParams(self.body.decode()))


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's `v0` signature: HMAC-SHA256 over version, timestamp and the raw body."""
    return "v0=" + hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()


def new_ts() -> str:
    """A message's timestamp, which is also its name within its channel."""
    return f"{int(time.time())}.{next(_numbers) + 500_000:06}"


@dataclass
class Signer:
    """Speaks to the bot as Slack would. Each method builds one request; `.post(url)` sends it.

    `at` is when Slack signed it (seconds since 1970), now unless given. Bolt refuses what is older than five minutes.
    """

    secret: str
    team_id: str = "T000000001"
    team_domain: str = "southampton"
    app_id: str = "A0LEARNBOT"
    bot_user_id: str = "U0LEARNBOT"
    bot_id: str = "B0LEARNBOT"
    enterprise_id: str | None = None
    path: str = "/slack/events"
    response_url: str = "https://hooks.slack.com/actions/T000000001/1/abc"
    trigger: Any = field(default=None, repr=False)  # user, view id -> trigger id which the Web API will honour

    # The three envelopes

    def sign(self, body: bytes, content_type: str, at: float | None = None) -> Signed:
        timestamp = str(int(time.time() if at is None else at))
        return Signed(
            self.path,
            body,
            {
                "Content-Type": content_type,
                "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
                "X-Slack-Request-Timestamp": timestamp,
                "X-Slack-Signature": signature(self.secret, timestamp, body),
            },
        )

    def event(self, event: Json, *, event_id: Words = None, team_id: Words = None, at: float | None = None) -> Signed:
        """Any event in its `event_callback`."""
        team_id = team_id or self.team_id
        envelope = {
            "token": "verification-token-is-deprecated",
            "team_id": team_id,
            "context_team_id": team_id,
            "context_enterprise_id": self.enterprise_id,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": event_id or f"Ev{next(_numbers):09}{int(time.time() * 1000) % 10**6:06}",
            "event_time": int(time.time() if at is None else at),
            "authorizations": [
                {
                    "enterprise_id": self.enterprise_id,
                    "team_id": team_id,
                    "user_id": self.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": "4-eyJldCI6Im1lc3NhZ2UifQ",
        }
        return self.sign(json.dumps(envelope).encode(), "application/json", at)

    def interaction(self, payload: Json, at: float | None = None) -> Signed:
        """Any button, form or shortcut: JSON in a form field."""
        return self.sign(urlencode({"payload": json.dumps(payload)}).encode(), "application/x-www-form-urlencoded", at)

    def url_verification(self, challenge: str = "3eZbrw1aB10FEMAGAZd4FyFQ") -> Signed:
        body = {"token": "verification-token-is-deprecated", "challenge": challenge, "type": "url_verification"}
        return self.sign(json.dumps(body).encode(), "application/json")

    # Events

    def message(
        self,
        user: SlackUser,
        text: str,
        channel: str,
        *,
        channel_type: Literal["im", "channel", "group", "mpim"] = "im",
        ts: Words = None,
        thread_ts: Words = None,
        event_id: Words = None,
        team_id: Words = None,
        at: float | None = None,
        **more: Any,
    ) -> Signed:
        """Something typed: in the direct chat with the bot, or in a channel where the bot is a member."""
        event = {
            **message_of(user, text, ts, thread_ts),
            "channel": channel,
            "channel_type": channel_type,
            **more,
        }
        event["event_ts"] = event["ts"]
        return self.event(event, event_id=event_id, team_id=team_id, at=at)

    def mention(
        self,
        user: SlackUser,
        text: str,
        channel: str,
        *,
        ts: Words = None,
        thread_ts: Words = None,
        event_id: Words = None,
        at: float | None = None,
    ) -> Signed:
        """`app_mention`. Where both are subscribed Slack sends a `message` too, under another event id."""
        event = message_of(user, f"<@{self.bot_user_id}> {text}".strip(), ts, thread_ts)
        event |= {"type": "app_mention", "channel": channel, "event_ts": event["ts"]}
        return self.event(event, event_id=event_id, at=at)

    def own_message(
        self, text: str, channel: str, *, ts: Words = None, channel_type: str = "im", **more: Any
    ) -> Signed:
        """The bot's own message, which Slack delivers to it like any other."""
        ts = ts or new_ts()
        profile = {"id": self.bot_id, "app_id": self.app_id, "name": "learnbot", "team_id": self.team_id}
        event = {
            "type": "message",
            "user": self.bot_user_id,
            "bot_id": self.bot_id,
            "app_id": self.app_id,
            "bot_profile": profile,
            "text": text,
            "ts": ts,
            "team": self.team_id,
            "channel": channel,
            "channel_type": channel_type,
            "event_ts": ts,
            **more,
        }
        return self.event(event)

    def edited(
        self,
        user: SlackUser,
        channel: str,
        ts: str,
        text: str,
        before: str,
        *,
        channel_type: str = "im",
        thread_ts: Words = None,
        event_id: Words = None,
    ) -> Signed:
        """`message_changed`."""
        now = new_ts()
        event = {
            "type": "message",
            "subtype": "message_changed",
            "message": {**message_of(user, text, ts, thread_ts), "edited": {"user": user.id, "ts": now}},
            "previous_message": message_of(user, before, ts, thread_ts),
            "channel": channel,
            "hidden": True,
            "ts": now,
            "event_ts": now,
            "channel_type": channel_type,
        }
        return self.event(event, event_id=event_id)

    def deleted(
        self,
        user: SlackUser,
        channel: str,
        ts: str,
        before: str,
        *,
        channel_type: str = "im",
        thread_ts: Words = None,
        event_id: Words = None,
    ) -> Signed:
        """`message_deleted`."""
        now = new_ts()
        event = {
            "type": "message",
            "subtype": "message_deleted",
            "previous_message": message_of(user, before, ts, thread_ts),
            "channel": channel,
            "hidden": True,
            "deleted_ts": ts,
            "ts": now,
            "event_ts": now,
            "channel_type": channel_type,
        }
        return self.event(event, event_id=event_id)

    def home_opened(
        self, user: SlackUser, channel: str = "D0000000001", *, tab: str = "home", view: Json | None = None
    ):
        event = {"type": "app_home_opened", "user": user.id, "channel": channel, "tab": tab, "event_ts": new_ts()}
        return self.event(event | ({"view": view} if view else {}))

    def team_join(self, user: SlackUser, **more: Any) -> Signed:
        profile = {"real_name": user.real_name, "display_name": user.name, "email": user.email, "team": user.team_id}
        person = {
            "id": user.id,
            "team_id": user.team_id,
            "name": user.name,
            "real_name": user.real_name,
            "deleted": False,
            "is_bot": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_app_user": False,
            "is_email_confirmed": True,
            "tz": "Europe/London",
            "profile": profile,
            **more,
        }
        now = new_ts()
        return self.event({"type": "team_join", "user": person, "cache_ts": int(float(now)), "event_ts": now})

    def joined_channel(self, user: SlackUser, channel: str, inviter: SlackUser | None = None) -> Signed:
        """`member_joined_channel`; the bot's own arrival is `user.id == bot_user_id`."""
        event = {"type": "member_joined_channel", "user": user.id, "channel": channel, "channel_type": "C"}
        event |= {"team": self.team_id, "event_ts": new_ts()} | ({"inviter": inviter.id} if inviter else {})
        return self.event(event)

    def uninstalled(self) -> Signed:
        return self.event({"type": "app_uninstalled", "event_ts": new_ts()})

    def tokens_revoked(self, *, bots: Sequence[str] | None = None, users: Sequence[str] = ()) -> Signed:
        tokens = {"oauth": list(users), "bot": [self.bot_user_id] if bots is None else list(bots)}
        return self.event({"type": "tokens_revoked", "tokens": tokens, "event_ts": new_ts()})

    # Buttons and choices

    def press(
        self,
        user: SlackUser,
        where: Json,
        label: str,
        *,
        channel: Words = None,
        values: Mapping[str, Any] | None = None,
        chosen: Any = None,
        **more: Any,
    ) -> Signed:
        """Press the button called `label`, or choose in the element whose `action_id` it is, in a message or a view.

        `where` is the message (with `channel`) or the view as the Web API gave it back. `values` fills the inputs
        beside the button, as `view_submission` does. A label that is not there raises LookupError, as for a person.
        """
        block, element = find_element(where, label)
        action = {
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "type": element["type"],
            "action_ts": new_ts(),
            **{key: element[key] for key in ("text", "value", "style") if key in element},
            **(element_state(element, chosen) if element["type"] != "button" else {}),
        }
        return self.block_actions(user, [action], where, channel=channel, values=values, **more)

    def block_actions(
        self,
        user: SlackUser,
        actions: list[Json],
        where: Json,
        *,
        channel: Words = None,
        values: Mapping[str, Any] | None = None,
        trigger_id: Words = None,
        response_url: Words = None,
        ephemeral: bool = False,
        at: float | None = None,
    ) -> Signed:
        """Actions in a message (`channel` given), a modal or the home tab (`where` is a view)."""
        payload = self.from_somebody("block_actions", user)
        if "ts" in where:
            payload |= {
                "container": {
                    "type": "message",
                    "message_ts": where["ts"],
                    "channel_id": channel,
                    "is_ephemeral": ephemeral,
                    **({"thread_ts": where["thread_ts"]} if "thread_ts" in where else {}),
                },
                "channel": {"id": channel, "name": "directmessage" if str(channel).startswith("D") else "general"},
                "message": where,
                "response_url": response_url or self.response_url,
            }
            view_id = None
        else:
            payload |= {"container": {"type": "view", "view_id": where["id"]}, "view": self.with_state(where, values)}
            view_id = where["id"] if where["type"] == "modal" else None
        payload |= {
            "trigger_id": trigger_id or self.new_trigger(user, view_id),
            "state": {"values": state_of(where, values or {})},
            "actions": actions,
        }
        return self.interaction(payload, at)

    def submit(
        self,
        user: SlackUser,
        view: Json,
        values: Mapping[str, Any],
        *,
        trigger_id: Words = None,
        at: float | None = None,
    ) -> Signed:
        """`view_submission`: the person filled `values` (by block id, action id or label) into `view` and submitted."""
        payload = self.from_somebody("view_submission", user) | {
            "trigger_id": trigger_id or self.new_trigger(user, view["id"]),
            "view": self.with_state(view, values),
            "response_urls": [],
        }
        return self.interaction(payload, at)

    def close(self, user: SlackUser, view: Json, *, cleared: bool = False) -> Signed:
        """`view_closed`, which Slack sends only for a view that asked for it."""
        payload = self.from_somebody("view_closed", user) | {"view": self.with_state(view, {}), "is_cleared": cleared}
        return self.interaction(payload)

    def suggest(self, user: SlackUser, where: Json, action_id: str, typed: str) -> Signed:
        """`block_suggestion`: somebody types in a select whose options come from the bot."""
        block, _ = find_element(where, action_id)
        payload = self.from_somebody("block_suggestion", user) | {
            "action_id": action_id,
            "block_id": block["block_id"],
            "value": typed,
            **({"view": where} if "id" in where else {"message": where}),
        }
        return self.interaction(payload)

    def message_shortcut(
        self, user: SlackUser, callback_id: str, message: Json, channel: str, *, trigger_id: Words = None
    ) -> Signed:
        """`message_action`: "Keep in my learning diary" in the menu of a message."""
        payload = self.from_somebody("message_action", user) | {
            "action_ts": new_ts(),
            "callback_id": callback_id,
            "trigger_id": trigger_id or self.new_trigger(user),
            "channel": {"id": channel, "name": "general"},
            "message_ts": message["ts"],
            "message": message,
            "response_url": self.response_url,
        }
        return self.interaction(payload)

    def reaction(
        self, user: SlackUser, name: str, channel: str, ts: str, *, author: Words = None, off: bool = False
    ) -> Signed:
        """`reaction_added` or `reaction_removed`: it says which message, by whom, and nothing of what that says."""
        return self.event(
            {
                "type": "reaction_removed" if off else "reaction_added",
                "user": user.id,
                "reaction": name,
                "item": {"type": "message", "channel": channel, "ts": ts},
                "item_user": author or user.id,
                "event_ts": new_ts(),
            }
        )

    def shortcut(self, user: SlackUser, callback_id: str, *, trigger_id: Words = None) -> Signed:
        """A global shortcut."""
        payload = self.from_somebody("shortcut", user) | {"action_ts": new_ts(), "callback_id": callback_id}
        return self.interaction(payload | {"trigger_id": trigger_id or self.new_trigger(user)})

    def command(
        self,
        user: SlackUser,
        text: str = "",
        *,
        command: str = "/learn",
        channel: str = "D0000000001",
        channel_name: str = "directmessage",
        trigger_id: Words = None,
        response_url: Words = None,
        at: float | None = None,
    ) -> Signed:
        """A slash command: a plain form, not JSON."""
        form = {
            "token": "verification-token-is-deprecated",
            "team_id": self.team_id,
            "team_domain": self.team_domain,
            "channel_id": channel,
            "channel_name": channel_name,
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url or self.response_url.replace("/actions/", "/commands/"),
            "trigger_id": trigger_id or self.new_trigger(user),
        }
        return self.sign(urlencode(form).encode(), "application/x-www-form-urlencoded", at)

    # Parts

    def from_somebody(self, kind: str, user: SlackUser) -> Json:
        return {
            "type": kind,
            "token": "verification-token-is-deprecated",
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "team": {"id": self.team_id, "domain": self.team_domain},
            "api_app_id": self.app_id,
            "enterprise": {"id": self.enterprise_id, "name": "org"} if self.enterprise_id else None,
            "is_enterprise_install": False,
        }

    def with_state(self, view: Json, values: Mapping[str, Any] | None) -> Json:
        state = {"values": state_of(view, values or {})}
        return {**view, "state": state, "app_installed_team_id": self.team_id}

    def new_trigger(self, user: SlackUser, view_id: Words = None) -> str:
        if self.trigger is not None:
            return self.trigger(user, view_id)
        return f"{int(time.time())}.{next(_numbers)}.f00dfeed"


def message_of(user: SlackUser, text: str, ts: Words = None, thread_ts: Words = None) -> Json:
    """What somebody typed, as Slack stores it: the plain text, and the same once more as rich text."""
    ts = ts or new_ts()
    words = [{"type": "text", "text": text}]
    return {
        "user": user.id,
        "type": "message",
        "ts": ts,
        "client_msg_id": f"00000000-0000-4000-8000-{ts.replace('.', '')[-12:]}",
        "text": text,
        "team": user.team_id,
        "blocks": [
            {
                "type": "rich_text",
                "block_id": "typed",
                "elements": [{"type": "rich_text_section", "elements": words}],
            }
        ],
        **({"thread_ts": thread_ts} if thread_ts else {}),
    }


def elements_of(where: Json) -> list[tuple[Json, Json]]:
    """Each (block, element) that a person can press, choose in or fill in."""
    found: list[tuple[Json, Json]] = []
    for number, block in enumerate(where.get("blocks") or []):
        # Slack names the blocks that came without a name; the emulator leaves them nameless.
        block.setdefault("block_id", f"block{number}")
        inside = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        found += [(block, element) for element in inside if isinstance(element, dict) and "action_id" in element]
    return found


def find_element(where: Json, wanted: str) -> tuple[Json, Json]:
    """The element with this label or action id."""
    for block, element in elements_of(where):
        if wanted in {element["action_id"], element.get("text", {}).get("text")}:
            return block, element
    there = [element.get("text", {}).get("text") or element["action_id"] for _, element in elements_of(where)]
    raise LookupError(f"{wanted!r} is not there to be pressed; there is {there}")


def state_of(where: Json, values: Mapping[str, Any]) -> Json:
    """`state.values` of a view or message, each input filled from `values` or left as it was shown.

    A key may be a block id, an action id or a label. One that fits no input raises LookupError.
    """
    used: set[str] = set()
    state: Json = {}
    for block, element in elements_of(where):
        if element["type"] in {"button", "overflow"}:
            continue
        names = {block["block_id"], element["action_id"], block.get("label", {}).get("text")}
        key = next((name for name in values if name in names), None)
        if key is not None:
            used.add(key)
            filled = element_state(element, values[key])
        else:
            filled = initial_state(element)
        state.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **filled}
    if unknown := set(values) - used:
        raise LookupError(f"there is no field {sorted(unknown)} to fill in; there is {list(state)}")
    return state


CHOICES = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
}
PLAIN = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
    "file_input": "files",
}


def element_state(element: Json, answer: Any) -> Json:
    """An answer in the words of its kind of element: a choice is given by its value or its label."""
    kind = element["type"]
    if kind not in CHOICES:
        return {PLAIN[kind]: answer}
    if answer is None:
        return {CHOICES[kind]: None if CHOICES[kind] == "selected_option" else []}
    if CHOICES[kind] == "selected_options":
        return {"selected_options": [option_of(element, one) for one in answer]}
    return {"selected_option": option_of(element, answer)}


def option_of(element: Json, wanted: str) -> Json:
    if "external" in element["type"]:
        return {"text": {"type": "plain_text", "text": wanted, "emoji": True}, "value": wanted}
    grouped = [option for group in element.get("option_groups", []) for option in group["options"]]
    options = [*element.get("options", []), *grouped]
    for option in options:
        if wanted in {option["value"], option["text"]["text"]}:
            return option
    raise LookupError(f"{wanted!r} cannot be chosen; there is {[option['text']['text'] for option in options]}")


def initial_state(element: Json) -> Json:
    """What Slack sends for an input that nobody touched: what it was shown with, or nothing."""
    kind = element["type"]
    if kind in CHOICES:
        several = CHOICES[kind] == "selected_options"
        return {CHOICES[kind]: element.get("initial_options", []) if several else element.get("initial_option")}
    name = PLAIN[kind]
    if name == "value":
        return {"value": element.get("initial_value")}
    return {name: element.get("initial_" + name.removeprefix("selected_"), [] if kind.startswith("multi_") else None)}
