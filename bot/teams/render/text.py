"""Words for Teams: where a client reads no markup, and shielded where some client would read it.

Words are shown only through `TextRun`, which knows no markup at all; a `TextBlock` or `FactSet` would read Markdown in
them. One thing still happens inside a `TextRun`: `{{DATE(…)}}` and `{{TIME(…)}}` are computed, so they are broken up
with an invisible character.
"""

import re
from collections.abc import Iterable
from typing import Any

from bot.chat import Span

Json = dict[str, Any]

_COMPUTED = re.compile(r"\{\{(?=\s*(?:DATE|TIME)\s*\()", re.IGNORECASE)
_MARKS = re.compile(r"[\\`*_\[\]<>#~|!&]")
_LEADING = re.compile(r"^\s*(?=[-+=])|^\s*\d+(?=[.)](?:\s|$))")


def literal(words: str) -> str:
    """Words as a client shows them: nothing in them is computed."""
    return _COMPUTED.sub("{\N{WORD JOINER}{", words)


def unmarked(words: str) -> str:
    """Words beside a box to tick, where a client reads Markdown: none of it is left to be read.

    A number that would begin a list is kept from it by a joiner: some clients show a backslash before its full stop.
    """
    return _LEADING.sub("\\g<0>\N{WORD JOINER}", _MARKS.sub(r"\\\g<0>", words))


def unlinked(words: str) -> str:
    """Words in a menu, which shows them as they are: none is a link in a client that reads Markdown even there."""
    return words.replace("](", "]\N{WORD JOINER}(").replace("<", "<\N{WORD JOINER}")


def rich_text(
    spans: Iterable[Span], *, small: bool = False, colour: str = "", bold: bool = False, size: str = ""
) -> Json:
    """Words that follow one another, read as no markup; in quieter type, another colour or another size."""
    runs: list[Json] = []
    for span in spans:
        run: Json = {"type": "TextRun", "text": literal(span.words)}
        if span.bold or bold:
            run["weight"] = "Bolder"
        if small:
            run |= {"size": "Small", "isSubtle": True}
        if size:
            run["size"] = size
        if colour:
            run["color"] = colour
        runs.append(run)
    return {"type": "RichTextBlock", "inlines": runs or [{"type": "TextRun", "text": ""}]}
