"""The app manifest: valid, made of what is heard, and asking for nothing more."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bot.slack import manifest as made
from handlers.registry import Registry
from tests.slack.conftest import MAY, TALK, Town

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "slack-manifest-2.0.0.schema.json"
REGISTRY = Registry((TALK,), MAY)


@pytest.mark.parametrize("socket_mode", [False, True])
def test_the_manifest_is_valid_against_slacks_schema(socket_mode: bool) -> None:
    if not SCHEMA.is_file():
        pytest.skip("Slack's manifest schema is not beside the project: nothing to check against")
    manifest = made.manifest(REGISTRY, "https://learn.example", socket_mode)
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text()))


def test_over_http_slack_is_told_one_address_and_in_socket_mode_none() -> None:
    manifest: Any = made.manifest(REGISTRY, "https://learn.example/", False)
    address = "https://learn.example/slack/events"
    assert manifest["settings"]["event_subscriptions"]["request_url"] == address
    assert manifest["settings"]["interactivity"]["request_url"] == address
    assert manifest["features"]["slash_commands"][0]["url"] == address
    assert "https://" not in json.dumps(made.manifest(REGISTRY, "", True))
    assert made.manifest(REGISTRY, "", True)["settings"]["socket_mode_enabled"] is True
    for nowhere in ("", "http://learn.example", "learn.example"):
        with pytest.raises(ValueError, match="https"):
            made.manifest(REGISTRY, nowhere, False)


def test_printed_it_says_the_same_with_a_reason_beside_every_scope_and_event() -> None:
    printed = made.as_yaml(REGISTRY, "https://learn.example", False)
    manifest = made.manifest(REGISTRY, "https://learn.example", False)
    assert yaml.safe_load(printed) == manifest
    for name in (
        *manifest["oauth_config"]["scopes"]["bot"],
        *manifest["settings"]["event_subscriptions"]["bot_events"],
    ):
        [line] = [line for line in printed.splitlines() if line.split("#")[0].strip() == f"- {name}"]
        assert len(line.split("# ")[1].split()) > 3


def test_the_scopes_are_few_and_known_by_heart() -> None:
    """A new scope is a new promise to the workspace's owners: it has to be added here by hand."""
    assert list(made.SCOPES) == [
        "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "files:write",
        "groups:history", "groups:read", "im:history", "im:write", "reactions:read", "users:read", "users:read.email",
    ]  # fmt: skip


def test_nothing_that_the_bot_did_needed_another_scope(town: Town) -> None:
    """The emulator refuses a call whose scope is missing: here the token has those of the manifest and no more."""
    town.slack.proxy.tokens[town.slack.bot_token] = tuple(made.SCOPES)
    amina, channel = town.user("amina"), town.slack.channels["general"]
    town.says("amina", "diary: asked first")
    town.bot.post(town.sign.mention(amina, "ask me", channel))
    town.bot.post(town.sign.press(amina, town.seen("amina")[0], "Edit", channel=town.slack.dm(amina)))
    town.bot.post(town.sign.home_opened(amina, town.slack.dm(amina)))
    assert {call.answer.get("error") for call in town.slack.proxy.calls} == {None}


def test_the_hint_of_the_command_comes_from_what_can_be_said() -> None:
    manifest = made.manifest(REGISTRY, "https://learn.example", False)
    assert manifest["features"]["slash_commands"][0]["usage_hint"] == "diary: … · home · course"
