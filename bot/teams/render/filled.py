"""A tap or a filled in form → what it says, and the way back: what Teams would send for answers that are given.

What arrives is what somebody sends, so nothing about it is trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from bot.chat import Form, joined, several
from bot.teams.render.controls import OURS
from bot.teams.render.forms import AMONG, form_card
from bot.teams.render.text import Json


@dataclass(frozen=True)
class Submitted:
    """What a tap or a filled-in form says. Nothing in it is trusted: who may do what is decided from the database."""

    kind: Literal["tap", "submit"]
    action: str
    about: int | None = None
    value: str = ""
    answers: Mapping[str, str] = field(default_factory=dict[str, str])
    over: bool = False
    origin: str = ""


def read(data: object) -> Submitted | None:
    """What the data of an action says; None when it is not from a card of ours."""
    if not isinstance(data, dict):
        return None
    typed = cast(Json, data)
    ours = typed.get(OURS)
    if not isinstance(ours, dict):
        return None
    about, value = cast(Json, ours).get("about"), cast(Json, ours).get("value")
    said = Submitted("tap", "", about if type(about) is int else None, value if isinstance(value, str) else "")
    match cast(Json, ours):
        case {"form": str(name), "fields": list()}:
            names = [str(asked) for asked in cast(Json, ours)["fields"]]
            among = cast(Json, ours).get("several")
            lists = {str(name) for name in cast(list[Any], among)} if isinstance(among, list) else set[str]()
            origin = cast(Json, ours).get("origin")
            return replace(
                said,
                kind="submit",
                action=name,
                answers={
                    asked: joined(words.split(AMONG)) if asked in lists else words
                    for asked, words in ((asked, clean(typed.get(asked))) for asked in names)
                },
                over=cast(Json, ours).get("over") is True,
                origin=origin if isinstance(origin, str) else "",
            )
        case {"action": str(action), "choice": str(choice)}:
            return replace(said, action=action, value=clean(typed.get(choice)))
        case {"action": str(action)}:
            return replace(said, action=action)
        case _:
            return None


def clean(words: object) -> str:
    """Words as they can be stored: no NUL, no half of a surrogate pair. "" for anything that is not words."""
    if not isinstance(words, str):
        return ""
    return words.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def fill(form: Form, answers: Mapping[str, str]) -> Json:
    """What Teams sends when somebody fills the form in and submits it: the inverse of showing it, for tests."""
    shown = form_card(form)
    body = cast(list[Json], shown["body"])
    typed = {
        item["id"]: AMONG.join(several(answer)) if item.get("isMultiSelect") else answer
        for item in body
        if item["type"].startswith("Input.")
        for answer in (answers.get(item["id"], ""),)
    }
    return typed | cast(Json, body[-1]["actions"][0]["data"])
