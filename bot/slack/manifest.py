"""What Slack has to be told about the app, made from what the app really hears, so that the two cannot drift apart."""

from dataclasses import dataclass
from typing import Any, Final

import yaml

from handlers.registry import Registry

PATH: Final = "/slack/events"
COMMAND: Final = "/learn"
KEEP: Final = "keep"
LEARN: Final = "learn"
DESCRIPTION: Final = "Learning interviews, reflection after courses, a learning diary and team reviews, in chat."


@dataclass(frozen=True)
class Heard:
    """An event that the app hears, the scopes without which Slack would not send it, and what it is for."""

    name: str
    scopes: tuple[str, ...]
    reason: str


EVENTS: Final = (
    Heard("message.im", ("im:history",), "what people type in their direct chat with the bot, edits and deletions too"),
    Heard("message.channels", ("channels:history",), "answers in the thread of its questions; edits of what was kept"),
    Heard("message.groups", ("groups:history",), "the same in private channels that the bot was invited to"),
    Heard("app_mention", ("app_mentions:read",), "what is said to the bot by name in a channel"),
    Heard("reaction_added", ("reactions:read",), "keeps a message its author puts a notebook on; reads no other"),
    Heard("reaction_removed", ("reactions:read",), "asks whether it goes when the notebook is taken off"),
    Heard("app_home_opened", (), "draws the home tab when somebody looks at it"),
    Heard("team_join", ("users:read",), "welcomes a new colleague who is on the roster"),
    Heard("member_joined_channel", ("channels:read", "groups:read"), "notices that the bot was invited to a channel"),
    Heard("channel_left", ("channels:read",), "notices that the bot was removed from a channel"),
    Heard("group_left", ("groups:read",), "notices that the bot was removed from a private channel"),
    Heard("app_uninstalled", (), "stops writing when the app is removed"),
    Heard("tokens_revoked", (), "stops writing when its token is taken away"),
)  # fmt: skip

_BESIDE_HEARING: Final = {
    "chat:write": "answers, asks, reminds, and changes its own messages in place",
    "files:write": "puts the portfolio that somebody asked for into their direct chat; reads no files",
    "im:write": "opens the direct chat in which it asks and reminds",
    "commands": f"{COMMAND} and the two shortcuts",
    "users:read": "looks up the name of who writes to it, and whether that is a person of this workspace",
    "users:read.email": "finds who somebody is on the roster by the address that Slack has verified",
}


def _scopes() -> dict[str, str]:
    found = {scope: [reason] for scope, reason in _BESIDE_HEARING.items()}
    for event in EVENTS:
        for scope in event.scopes:
            found.setdefault(scope, []).append(event.reason)
    return {scope: "; ".join(reasons) for scope, reasons in sorted(found.items())}


SCOPES: Final = _scopes()  # every scope of the bot's token, and what it is for


def manifest(registry: Registry, base_url: str, socket_mode: bool) -> dict[str, Any]:
    """The app's manifest. `base_url` is where Slack reaches the bot; in Socket Mode it does not have to."""
    if not socket_mode and not base_url.startswith("https://"):
        raise ValueError("Slack needs the public https address of the bot, unless Socket Mode is used")
    address = {} if socket_mode else {"url": base_url.rstrip("/") + PATH}
    request = {} if socket_mode else {"request_url": base_url.rstrip("/") + PATH}
    examples = [typed.example for typed in registry.commands if typed.example]
    hint = " · ".join(examples[:3]) or "home"
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {"name": "learnbot", "description": DESCRIPTION, "background_color": "#1f4e5f"},
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "learnbot", "always_online": True},
            "shortcuts": [
                {
                    "name": "Keep in learning diary",  # Slack shows at most 24 characters
                    "type": "message",
                    "callback_id": KEEP,
                    "description": "Keep your own words, or somebody else's with your note, where only you read them",
                },
                {
                    "name": "My learning",
                    "type": "global",
                    "callback_id": LEARN,
                    "description": "What is next, and what is owed to you",
                },
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    **address,
                    "description": "Talk to the learning bot from wherever you are",
                    "usage_hint": hint[:1000],
                    "should_escape": True,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": sorted(event.name for event in EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket_mode,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(registry: Registry, base_url: str, socket_mode: bool) -> str:
    """The manifest to paste into Slack, with a reason beside every scope and every event."""
    why = SCOPES | {event.name: event.reason for event in EVENTS}
    lines: list[str] = []
    dumped = yaml.safe_dump(manifest(registry, base_url, socket_mode), sort_keys=False, allow_unicode=True, width=1000)
    for line in dumped.splitlines():
        named = line.strip().removeprefix("- ")
        lines.append(f"{line}  # {why[named]}" if line.strip().startswith("- ") and named in why else line)
    return "\n".join(lines) + "\n"
