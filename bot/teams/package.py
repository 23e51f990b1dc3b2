"""The app package that an administrator uploads to Teams: a manifest made from what is registered, and two icons."""

import json
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.wording import shortened
from handlers.registry import Registry

Json = dict[str, Any]
Colour = tuple[int, int, int, int]

SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v1.23/MicrosoftTeams.schema.json"
NAME = "Learnbot"
KEEP = "diary.keep"  # the id of the message action; the edge takes any message action as this one
COMMANDS = 10  # that Teams lists for each scope
TITLE, DESCRIPTION = 32, 128  # characters that Teams shows; the schema allows more

ACCENT = "#2F6F62"
_GREEN: Colour = (0x2F, 0x6F, 0x62, 255)
_WHITE: Colour = (255, 255, 255, 255)
_CLEAR: Colour = (255, 255, 255, 0)


def write_package(path: Path, *, client_id: str, base_url: str, registry: Registry) -> None:
    """Write the package, a zip with everything at its top. ValueError when `base_url` is not an https address."""
    written = manifest(client_id=client_id, base_url=base_url, registry=registry)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("manifest.json", json.dumps(written, indent=2, ensure_ascii=False) + "\n")
        package.writestr("color.png", colour_icon())
        package.writestr("outline.png", outline_icon())


def manifest(*, client_id: str, base_url: str, registry: Registry) -> Json:
    """The app's manifest, in the words of the registered commands."""
    address = urlsplit(base_url)
    if address.scheme != "https" or not address.hostname:
        raise ValueError("Teams wants the bot's own address to begin with https://")
    base_url = base_url.rstrip("/")
    commands = _commands(registry)
    scopes = ["personal", "team", "groupChat"]
    return {
        "$schema": SCHEMA,
        "manifestVersion": "1.23",
        "version": version("learnbot"),
        "id": client_id,
        "developer": {
            "name": NAME,
            "websiteUrl": base_url,
            "privacyUrl": f"{base_url}/privacy",
            "termsOfUseUrl": f"{base_url}/terms",
        },
        "name": {"short": NAME, "full": "Learnbot: interviews, courses, diary and team reviews"},
        "description": {
            "short": "Helps your team keep its learning promises.",
            "full": (
                "Learnbot books your learning interviews, asks what you made of your courses, keeps a diary that only "
                "you can read, and runs short reviews of how your team works together. Everything you tell it is for "
                "learning and development, and for nothing else."
            ),
        },
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": ACCENT,
        "bots": [
            {
                "botId": client_id,
                "scopes": scopes,
                "supportsFiles": False,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": [scope], "commands": commands} for scope in scopes],
            }
        ],
        "composeExtensions": [
            {
                "botId": client_id,
                "commands": [
                    {
                        "id": KEEP,
                        "type": "action",
                        "title": "Keep in my learning diary",
                        "description": "Keeps your own words, or somebody else's with your note, for you alone",
                        "context": ["message"],
                        "fetchTask": True,
                    }
                ],
            }
        ],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [address.hostname],
    }


def _commands(registry: Registry) -> list[Json]:
    """A few of each conversation, in turn: Teams has no room for all of them, and `help` has."""
    listed: dict[str, str] = {}
    for round_of_commands in zip_longest(*(conversation.commands for conversation in registry.conversations)):
        for command in round_of_commands:
            if command is not None and command.example:
                says = shortened(command.says or command.example, DESCRIPTION)
                listed.setdefault(shortened(command.example, TITLE), says)
    return [{"title": title, "description": says} for title, says in list(listed.items())[:COMMANDS]]


# -------------------------------------------------------------------------------------------------------------- icons
# A speech bubble in which something grows: a stem with two leaves, drawn from distances so that its edges are smooth.


def colour_icon() -> bytes:
    """192 pixels: white on green."""

    def paint(x: float, y: float) -> Colour:
        return _mixed(_mixed(_GREEN, _WHITE, _inside(_bubble(x, y), 192)), _GREEN, _inside(_sprout(x, y), 192))

    return _png(192, paint)


def outline_icon() -> bytes:
    """32 pixels: white lines on nothing, as Teams wants it."""

    def paint(x: float, y: float) -> Colour:
        ring = abs(_bubble(x, y) + 0.035) - 0.035
        return _mixed(_CLEAR, _WHITE, max(_inside(ring, 32), _inside(_sprout(x, y), 32)))

    return _png(32, paint)


def _bubble(x: float, y: float) -> float:
    """How far a point is outside the speech bubble, in a square of side 1; negative inside."""
    dx, dy, corner = abs(x - 0.5) - 0.34 + 0.14, abs(y - 0.45) - 0.29 + 0.14, 0.14
    box = math.hypot(max(dx, 0.0), max(dy, 0.0)) + min(max(dx, dy), 0.0) - corner
    # the tail: below the box, between two slanting lines
    tail = max(0.70 - y, (y - 0.90) * 0.7 + (x - 0.26) * 0.7, 0.26 - x)
    return min(box, tail)


def _sprout(x: float, y: float) -> float:
    """The same for the stem and its leaves."""
    stem = max(abs(x - 0.5) - 0.024, 0.40 - y, y - 0.64)
    return min(stem, _leaf(x, y, 0.5, 0.50, 0.69, 0.30), _leaf(x, y, 0.5, 0.56, 0.31, 0.38))


def _leaf(x: float, y: float, x1: float, y1: float, x2: float, y2: float) -> float:
    """Where two circles through both ends overlap."""
    middle_x, middle_y = (x1 + x2) / 2, (y1 + y2) / 2
    half = math.hypot(x2 - x1, y2 - y1) / 2
    across_x, across_y = -(y2 - y1) / (2 * half), (x2 - x1) / (2 * half)
    away, radius = half * 0.75, half * 1.25
    return max(
        math.hypot(x - middle_x - side * across_x * away, y - middle_y - side * across_y * away) - radius
        for side in (-1, 1)
    )


def _inside(distance: float, size: int) -> float:
    """How much of a pixel lies inside: its edge is as wide as a pixel."""
    return min(max(0.5 - distance * size, 0.0), 1.0)


def _mixed(under: Colour, over: Colour, share: float) -> Colour:
    red, green, blue, alpha = (round(u + (o - u) * share) for u, o in zip(under, over, strict=True))
    return red, green, blue, alpha


def _png(size: int, paint: Callable[[float, float], Colour]) -> bytes:
    rows = b"".join(
        b"\0" + b"".join(bytes(paint((column + 0.5) / size, (row + 0.5) / size)) for column in range(size))
        for row in range(size)
    )

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)  # 8 bits each of red, green, blue and alpha
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
