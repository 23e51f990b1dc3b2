"""The app package: valid, and made from what is registered."""

import json
import struct
import zipfile
import zlib
from pathlib import Path

import jsonschema
import pytest

from bot.teams.package import colour_icon, manifest, outline_icon, write_package
from handlers.registry import Conversation, Registry, command
from tests.clients.entra import APP_ID
from tests.teams.world import Heard, conversation

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "teams-manifest-1.23.schema.json"


@pytest.fixture
def registry() -> Registry:
    small = conversation(Heard())
    many = Conversation(
        "many",
        actions={"many.do": lambda turn, event: small.actions["small.note"](turn, event)},
        commands=[command(f"do {n}", "many.do", f"do {n} " + "x" * n * 9, "y" * n * 40) for n in range(12)],
    )
    actions = {**small.actions, **many.actions}
    return Registry((small, many), dict.fromkeys(actions, lambda turn, event: True))


def test_the_manifest_is_valid(registry: Registry) -> None:
    if not SCHEMA.exists():
        pytest.skip("the published schema of Teams' manifest is not here")
    made = manifest(client_id=APP_ID, base_url="https://learn.example/", registry=registry)
    # it has patterns that only other engines know, so it is used without being checked first
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert [error.message for error in jsonschema.Draft4Validator(schema).iter_errors(made)] == []


def test_it_lists_what_can_be_said_within_what_teams_shows(registry: Registry) -> None:
    made = manifest(client_id=APP_ID, base_url="https://learn.example/", registry=registry)
    lists = made["bots"][0]["commandLists"]
    assert [entry["scopes"] for entry in lists] == [["personal"], ["team"], ["groupChat"]]
    for entry in lists:
        assert entry["commands"][0] == {"title": "card", "description": "shows a card"}
        assert len(entry["commands"]) == 10
        assert all(len(one["title"]) <= 32 and len(one["description"]) <= 128 for one in entry["commands"])
    assert made["validDomains"] == ["learn.example"]


@pytest.mark.parametrize("url", ["", "http://learn.example", "learn.example", "https://"])
def test_an_address_that_teams_would_not_take_is_refused(registry: Registry, url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        manifest(client_id=APP_ID, base_url=url, registry=registry)


def test_the_package_has_everything_at_its_top(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "learnbot.zip"
    write_package(path, client_id=APP_ID, base_url="https://learn.example", registry=registry)
    with zipfile.ZipFile(path) as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "outline.png"]
        made = json.loads(package.read("manifest.json"))
        assert made["id"] == APP_ID
        assert {made["icons"]["color"], made["icons"]["outline"]} == {"color.png", "outline.png"}


@pytest.mark.parametrize(("icon", "size"), [(colour_icon, 192), (outline_icon, 32)])
def test_the_icons_are_pictures_of_the_right_size(icon: object, size: int) -> None:
    picture = icon()  # type: ignore[operator]
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (size, size)
    at, pixels = 8, b""
    while at < len(picture):
        length, kind = struct.unpack(">I4s", picture[at : at + 8])
        content = picture[at + 8 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + content)
        pixels += content if kind == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(pixels)) == size * (size * 4 + 1)


def test_the_outline_is_white_on_nothing() -> None:
    picture = outline_icon()
    rows = zlib.decompress(picture[41 : 41 + struct.unpack(">I", picture[33:37])[0]])
    colours = {rows[row * 129 + 1 + x * 4 : row * 129 + 4 + x * 4] for row in range(32) for x in range(32)}
    assert colours == {b"\xff\xff\xff"}
    alphas = {rows[row * 129 + 4 + x * 4] for row in range(32) for x in range(32)}
    assert {0, 255} <= alphas
