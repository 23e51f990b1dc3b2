"""Words for Slack: in objects in which it reads no markup, and escaped in the one string that it does read.

People's words stay words. They only ever travel in places where Slack reads no markup: `text` elements of `rich_text`
blocks (no mrkdwn, no emoji names, no mentions, no links) and `plain_text` objects with `emoji` off. The one string that
Slack does read, the `text` of a message, is escaped and sent with all its parsing turned off.
"""

import itertools
from collections.abc import Sequence
from typing import Any

from bot.slack.render.limits import Limit
from bot.wording import shortened

Json = dict[str, Any]


def plain_text(words: str, limit: int) -> Json:
    """A text object, shortened to `limit`."""
    # an empty text object is refused, and so is one of spaces
    return {"type": "plain_text", "text": shortened(words, limit) if words.strip() else "–", "emoji": False}


def rich_text(*elements: Json) -> Json:
    """A block of rich text."""
    return {"type": "rich_text", "elements": list(elements)}


def section(runs: Sequence[Json]) -> Json:
    """Words of rich text that follow one another."""
    return {"type": "rich_text_section", "elements": list(runs)}


def run(words: str, *, bold: bool = False) -> Json:
    """Words of rich text in one style."""
    return {"type": "text", "text": words} | ({"style": {"bold": True}} if bold else {})


def in_pieces(words: str) -> list[str]:
    """`words` in pieces that fit a text object, parted after a line or a word where there is one."""
    pieces: list[str] = []
    while len(words) > Limit.TEXT:
        near = max(words.rfind("\n", Limit.TEXT // 2, Limit.TEXT), words.rfind(" ", Limit.TEXT // 2, Limit.TEXT))
        end = near + 1 if near > 0 else Limit.TEXT
        pieces.append(words[:end])
        words = words[end:]
    return [*pieces, words] if words else pieces


def escaped(words: str, limit: int) -> str:
    """`words` with Slack's three control characters escaped, at most `limit` characters afterwards."""

    def escape(piece: str) -> str:
        return piece.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

    whole = escape(words)
    if len(whole) <= limit:
        return whole
    lengths = itertools.accumulate(len(escape(letter)) for letter in words)
    kept = sum(1 for _ in itertools.takewhile(lambda length: length < limit, lengths))
    return escape(words[:kept]) + "…"
