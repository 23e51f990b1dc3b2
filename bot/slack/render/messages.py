"""Message → what Slack shows whole: a posted message, the home tab, or a window that only shows something.

What is more than Slack takes is shortened until it fits, and says so.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from bot.chat import Buttons, Message, Select, Text, plain, small
from bot.slack.render.blocks import Drawer, Surface
from bot.slack.render.limits import Limit, remembered
from bot.slack.render.text import Json, escaped, plain_text

TOO_LONG = small("This is longer than Slack can show in one message, so the end is left out here.")
WEIGHTLESS = frozenset({"type", "block_id", "action_id", "style", "options", "option_groups"})
CUTS = (6_000, 3_000, 1_500, 800, 400, 200)  # how short long words get, tried in turn, when a message is too heavy


def message(shown: Message, *, simple: bool = False) -> Json:
    """`blocks` and `text` of a message. `simple` leaves out what a workspace may not know yet: charts and tables."""
    return {"blocks": _blocks(shown, "message", simple), "text": fallback(shown)}


def home(shown: Message, metadata: str = "") -> Json:
    """The home tab."""
    return {"type": "home", "blocks": _blocks(shown, "view"), "private_metadata": remembered(metadata)}


def note(shown: Message, title: str, metadata: str = "") -> Json:
    """A modal that only shows something."""
    return {
        "type": "modal",
        "title": plain_text(title, Limit.VIEW_TITLE),
        "close": plain_text("Close", Limit.VIEW_SUBMIT),
        "blocks": _blocks(shown, "view"),
        "private_metadata": remembered(metadata),
    }


def fallback(shown: Message) -> str:
    """The message as one escaped text, its summary first: for notifications and for screen readers."""
    whole = plain(shown)
    if not whole.startswith(shown.summary):
        whole = f"{shown.summary}\n{whole}"
    return escaped(whole, Limit.FALLBACK_TEXT) or "…"


def _blocks(shown: Message, surface: Surface, simple: bool = False) -> list[Json]:
    """The blocks of a message, within every limit: shortened and said so when it cannot be helped."""
    draw, parts = Drawer(surface, simple), shown.parts
    blocks = draw.all(parts) or draw.all((Text("{summary}", (("summary", shown.summary or "…"),)),))
    if _fits(blocks, surface):
        return blocks
    if _fits(merged := _merged(blocks), surface):
        return merged
    for longest in CUTS:
        blocks = _merged(Drawer(surface, simple, longest).all((*parts, TOO_LONG)))
        if _fits(blocks, surface):
            return blocks
    controls = tuple(part for part in parts[-1:] if isinstance(part, Buttons | Select))
    for kept in range(len(parts) - 1, -1, -1):
        blocks = _merged(Drawer(surface, simple, CUTS[-1]).all((*parts[:kept], TOO_LONG, *controls)))
        if _fits(blocks, surface):
            return blocks
    return draw.all((TOO_LONG,))


def _fits(blocks: Sequence[Json], surface: Surface) -> bool:
    if surface == "view":
        return len(blocks) <= Limit.VIEW_BLOCKS
    return len(blocks) <= Limit.MESSAGE_BLOCKS and weight(blocks) <= Limit.MESSAGE_WEIGHT


def weight(shown: object) -> int:
    """What a message counts for: the characters it shows, and some for every element that holds them."""
    counted, to_weigh = 0, [shown]
    while to_weigh:
        one = to_weigh.pop()
        if isinstance(one, str):
            counted += len(one)
        elif isinstance(one, dict):
            counted += 30
            to_weigh += [value for name, value in cast(Json, one).items() if name not in WEIGHTLESS]
        elif isinstance(one, list):
            to_weigh += cast(list[object], one)
    return counted


def _merged(blocks: Iterable[Json]) -> list[Json]:
    """Neighbouring rich text in one block: it looks closer together, and there is room for more."""
    merged: list[Json] = []
    for block in blocks:
        if merged and block["type"] == "rich_text" and merged[-1]["type"] == "rich_text":
            merged[-1] = {"type": "rich_text", "elements": [*merged[-1]["elements"], *block["elements"]]}
        else:
            merged.append(block)
    return merged
