"""A portfolio written down: as JSON, with the schema of it, and read again. What is wrong with one is said kindly."""

import json
from functools import cache
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from storage.portfolio.document import FORMAT, VERSION, Portfolio


class NotAPortfolio(ValueError):
    """This cannot be read as a portfolio; the text says why, for the person who brought it."""


@cache
def _adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def to_plain(value: Any) -> dict[str, Any]:
    """A part of a portfolio as JSON has it; what says nothing is left out."""
    said = _adapter(cast(type, value.__class__)).dump_python(value, mode="json", exclude_defaults=True)
    return cast(dict[str, Any], said)


def whole(value: Any) -> dict[str, Any]:
    """The same with all that it says, and with what it does not."""
    return cast(dict[str, Any], _adapter(cast(type, value.__class__)).dump_python(value, mode="json"))


def from_plain(kind: type, said: Any) -> Any:
    """The part that was written. Raises `NotAPortfolio`, naming what is wrong with it."""
    try:
        return _adapter(kind).validate_python(said, strict=False)
    except ValidationError as error:
        raise NotAPortfolio(_mistakes(error)) from None


def to_json(portfolio: Portfolio) -> bytes:
    """The portfolio as JSON."""
    plain = {"format": FORMAT, "version": VERSION, **to_plain(portfolio)}
    return json.dumps(plain, ensure_ascii=False, indent=1).encode() + b"\n"


def from_json(written: bytes) -> Portfolio:
    """The portfolio that this JSON is. Raises `NotAPortfolio`."""
    said = plain_json(written)
    if not isinstance(said, dict) or cast(dict[str, Any], said).get("format") != FORMAT:
        raise NotAPortfolio("it is JSON, but not a portfolio")
    if cast(dict[str, Any], said).get("version") != VERSION:
        raise NotAPortfolio("it was made by a newer version of the learning bot than this one")
    return cast(Portfolio, from_plain(Portfolio, said))


def plain_json(written: bytes) -> Any:
    """What this JSON says. Raises `NotAPortfolio`."""
    try:
        return json.loads(_whole(written.decode("utf-8-sig")))
    except (ValueError, RecursionError):
        raise NotAPortfolio("it is not JSON that can be read: it may have been cut off on its way") from None


def _whole(written: str) -> str:
    """JSON whose words can be stored: half of a surrogate pair, which JSON can name, becomes a question mark."""
    if "\\ud" not in written.lower():
        return written
    return json.dumps(json.loads(written), ensure_ascii=False).encode(errors="replace").decode()


def schema() -> dict[str, Any]:
    """The JSON Schema of a portfolio."""
    made = _adapter(Portfolio).json_schema(mode="validation")
    made["required"] = ["format", "version", *made["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://learnbot.invalid/portfolio-1.schema.json",
        **made,
    }


def _mistakes(error: ValidationError) -> str:
    """What is wrong and where, without quoting anything that somebody wrote."""
    said = [
        f"{'.'.join(str(step) for step in mistake['loc'])}: {_kindly(mistake['type'], mistake['msg'])}"
        for mistake in error.errors(include_input=False, include_url=False)
    ]
    more = f", and {len(said) - 5} more" if len(said) > 5 else ""
    return "; ".join(said[:5]) + more


def _kindly(kind: str, message: str) -> str:
    return {
        "missing": "is missing",
        "extra_forbidden": "is not known here",
        "unexpected_keyword_argument": "is not known here",
        "string_too_long": "is too long",
        "string_pattern_mismatch": "is not written as it should be",
    }.get(kind, message[:1].lower() + message[1:])
