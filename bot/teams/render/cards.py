"""Message → the Adaptive Card that shows it, and the activity that posts a card.

Everything goes out as a card, however short, because the text of an activity is markup too.
"""

import json

from bot.chat import Buttons, Link, Message, Select, Span
from bot.teams.render.limits import LIMITS, TooLarge
from bot.teams.render.parts import elements
from bot.teams.render.text import Json, literal, rich_text
from bot.wording import shortened

CARD = "application/vnd.microsoft.card.adaptive"


def activity(message: Message, *, direct: bool) -> Json:
    """The message as it is posted. Raises `TooLarge`. `summary` is the line of the notification, which is plain."""
    return posted(card(message, direct=direct), message.summary)


def posted(content: Json, summary: str) -> Json:
    """A card as it is posted."""
    return {
        "type": "message",
        "summary": shortened(" ".join(summary.split()), LIMITS["summary"]),
        "attachments": [{"contentType": CARD, "content": content}],
    }


def card(message: Message, *, direct: bool) -> Json:
    """The message as a card. Long quotes are shortened until it fits; raises `TooLarge` when that is not enough."""
    for longest in (None, 10_000, 4_000, 1_500, 500, 150):
        shown = framed(_body(message, direct, longest), message.summary)
        if size(shown) <= LIMITS["card bytes"]:
            return shown
    raise TooLarge


def note(words: str) -> Json:
    """A card that says one thing quietly: what became of a form."""
    return framed([rich_text([Span(words)], small=True)], words)


def size(shown: Json) -> int:
    """How many bytes a card takes."""
    return len(json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"))


def framed(body: list[Json], summary: str) -> Json:
    """A card of these elements; `summary` is for clients that can show none of them."""
    return {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.5",
        "fallbackText": shortened(literal(summary), LIMITS["summary"]),
        "body": body,
    }


def _body(message: Message, direct: bool, longest: int | None) -> list[Json]:
    if not message.parts:
        return [rich_text([Span(message.summary)])]
    selects = sum(isinstance(part, Select) for part in message.parts)
    body: list[Json] = []
    for number, part in enumerate(message.parts):
        blocks = elements(part, number, direct, longest, alone=selects == 1)
        before = message.parts[number - 1] if number else None
        if isinstance(before, Link) and isinstance(part, Buttons) and len(part.buttons) < LIMITS["actions in a set"]:
            body[-1]["actions"] += blocks[0]["actions"]  # a link is one thing more to do here: not a row by itself
        else:
            body.extend(blocks)
    return body
