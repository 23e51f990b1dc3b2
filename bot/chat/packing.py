"""Messages kept until they go: as JSON, for the outbox, and back."""

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, cast

from bot.as_json import as_json
from bot.chat.messages import Button, Buttons, Chart, Facts, Link, Message, Option, Quote, Select, Table, Text

_KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (Message, Text, Quote, Facts, Table, Chart, Link, Buttons, Button, Select, Option)
}  # fmt: skip


def pack(message: Message) -> str:
    """A message as JSON, for the outbox. `unpack` gives an equal message back."""
    return as_json(message, _packed).decode()


def unpack(packed: str) -> Message:
    """The message that was packed."""
    return cast(Message, _unpacked(json.loads(packed)))


_DEFAULTS: dict[type, Mapping[str, Any]] = {kind: {f.name: f.default for f in fields(kind)} for kind in _KINDS.values()}


def _packed(part: Any) -> dict[str, Any]:
    kind = cast(type[Any], part.__class__)
    defaults, said = _DEFAULTS[kind], cast(dict[str, Any], vars(part))
    # most of a message is defaults, and every answer is packed: what is not written need not be sealed and stored
    return {"_": kind.__name__, **{name: value for name, value in said.items() if value != defaults[name]}}


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        named = cast(dict[str, Any], value)
        return _KINDS[named["_"]](**{name: _unpacked(item) for name, item in named.items() if name != "_"})
    if isinstance(value, list):
        return tuple(_unpacked(item) for item in cast(list[Any], value))
    return value
