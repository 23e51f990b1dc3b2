"""What Slack sends, read: payloads and their text turned into the vocabulary. Nothing here talks to anybody."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Any, cast

from yarl import query_to_pairs

from bot.chat import File, Place

Json = dict[str, Any]

# Messages that a person typed. Every other subtype is Slack talking about itself, or a bot.
TYPED = frozenset({"", "file_share", "thread_broadcast", "me_message"})
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|([^>]*))?>")
_MARK = re.compile(r"<([^<>]*)>")


def mentioned(text: str) -> set[str]:
    """The users named in a text of Slack's."""
    return {found[1] for found in _USER.finditer(text)}


def readable(text: str, names: Mapping[str, str], me: str = "") -> str:
    """A text of Slack's as its author saw it: mentions by name, links as words, and nothing escaped.

    `me` is the bot's own user id: its mention is how a message is addressed, not something that was said.
    """

    def word(mark: re.Match[str]) -> str:
        inside = mark[1]
        target, _, label = inside.partition("|")
        if target.startswith("@"):
            return "" if target[1:] == me else "@" + (names.get(target[1:]) or label or "somebody")
        if target.startswith("#"):
            return f"#{label}" if label else "a channel"
        if target.startswith("!"):
            return label or "@" + target[1:].partition("^")[0]
        address = target.removeprefix("mailto:")
        same = not label or label in (address, re.sub(r"^https?://", "", address).rstrip("/"))
        return (label or address) if same else f"{label} ({address})"

    # only now are there no more of Slack's own brackets: what people typed as < or & comes escaped
    return _unescaped(_MARK.sub(word, text)).strip()


def _unescaped(text: str) -> str:
    return re.sub(r"&(?:lt|gt|amp);", lambda escaped: unescape(escaped[0]), text)


@dataclass(frozen=True)
class Origin:
    """Where a form was opened from: kept in the view while it is filled in, so that the answer goes to the right place.

    `response_url` leads back to a message that only one person sees; `home` says that it was opened from the home tab.
    """

    place: Place
    about: int | None = None
    value: str = ""
    response_url: str = ""
    home: bool = False

    def pack(self) -> str:
        """As `private_metadata`."""
        place = self.place
        return _packed(
            {
                "c": place.conversation,
                "m": place.message,
                "t": place.thread,
                "d": place.direct,
                "n": place.title,
                "a": "" if self.about is None else str(self.about),
                "v": self.value,
                "u": self.response_url,
                "h": self.home,
            }
        )

    @classmethod
    def unpack(cls, metadata: str, tenant: str) -> "Origin":
        """From `private_metadata`; one that cannot be read is nowhere in particular."""
        try:
            kept = json.loads(metadata or "{}")
        except ValueError:
            kept = {}
        kept = a_dict(kept)
        words = {name: str(kept.get(name) or "") for name in "cmtnavu"}
        place = Place("slack", tenant, words["c"], bool(kept.get("d")), words["t"], words["m"], title=words["n"])
        about = int(words["a"]) if words["a"].isdecimal() else None
        return cls(place, about, words["v"], words["u"], bool(kept.get("h")))


def _packed(remembered: Mapping[str, object]) -> str:
    """What a view has to remember, small; "" values are left out."""
    return json.dumps({name: value for name, value in remembered.items() if value}, separators=(",", ":"))


def files_of(message: Mapping[str, Any]) -> tuple[File, ...]:
    """The files of a message, by where Slack shows them to whoever may see them. Their content is never asked for."""
    found: list[File] = []
    for shared in cast(list[Any], message.get("files") or []):
        file = a_dict(shared)
        address = str(file.get("permalink") or "")
        if address.startswith("https://"):  # without one it was deleted, or is not for this workspace to know
            name = str(file.get("title") or file.get("name") or "a file")
            found.append(File(name, address, str(file.get("mimetype") or "")))
    return tuple(found)


def link_to(domain: str, channel: str, ts: str, thread: str = "") -> str:
    """Where Slack shows a message: the address that `chat.getPermalink` gives. "" without the workspace's domain."""
    if not re.fullmatch(r"[a-z0-9.-]+", domain) or not (channel.isalnum() and re.fullmatch(r"\d+\.\d+", ts)):
        return ""
    inside = f"?thread_ts={thread}&cid={channel}" if thread else ""
    return f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}{inside}"


def whose(payload: Mapping[str, Any]) -> set[str]:
    """The workspaces and organisations that Slack says this payload is for."""
    found: set[str] = {str(payload.get("team_id") or ""), str(payload.get("enterprise_id") or "")}
    for name in ("team", "enterprise"):
        inside = payload.get(name)
        found.add(str(a_dict(inside).get("id") or "") if isinstance(inside, dict) else str(inside or ""))
    found.add(str(a_dict(payload.get("view")).get("app_installed_team_id") or ""))
    for authorization in cast(list[Any], payload.get("authorizations") or []):
        found |= {str(a_dict(authorization).get(name) or "") for name in ("team_id", "enterprise_id")}
    return found - {""}


def told(body: str) -> Json:
    """What a body says: a JSON object by itself, or one in a form's `payload`, or, of a command, the form's own fields.

    Raises whatever `json` makes of a body that only begins like one. Forms arrive escaped to twice their length, and
    Bolt would take more than a millisecond to read one.
    """
    if body.startswith("{"):
        return a_dict(json.loads(body))
    fields = dict(query_to_pairs(body))
    return a_dict(json.loads(fields["payload"])) if "payload" in fields else fields


def key_of(payload: Mapping[str, Any], *words: object) -> str:
    """A key for an interaction: Slack gives each a trigger of its own; one without is known by all that it holds."""
    trigger = str(payload.get("trigger_id") or "")
    if not trigger:
        whole = json.dumps(payload, sort_keys=True, ensure_ascii=True, default=str)
        trigger = hashlib.sha256(whole.encode()).hexdigest()
    return "/".join(["slack", *(str(word) for word in words), trigger])


def a_dict(found: Any) -> Json:
    """`found`, or an empty dict when Slack put something else there."""
    return cast(Json, found) if isinstance(found, dict) else {}
