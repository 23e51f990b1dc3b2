"""What Teams tells: an activity, already verified, as the events that it is. Pure functions of its JSON."""

import hashlib
import html
import json
import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from typing import Any, Literal, cast

from bot.chat import Account, Event, File, Place
from bot.teams.render.filled import clean, read

Json = Mapping[str, Any]

Way = Literal["message", "execute", "fetch", "submit", "extension"]
WAYS: Mapping[str, Way] = {
    "adaptiveCard/action": "execute",
    "task/fetch": "fetch",
    "task/submit": "submit",
    "composeExtension/fetchTask": "extension",
    "composeExtension/submitAction": "extension",
}
HEARD = frozenset({"message", "messageUpdate", "messageDelete", "conversationUpdate", "installationUpdate", "invoke"})
THREADED = ("@thread.tacv2", "@thread.skype")  # channels: their conversation ids name a thread after `;messageid=`


@dataclass(frozen=True)
class Heard:
    """An event with the way its answer goes back, and `member`: how its person is called in that conversation.

    `over` says that a form stands where another card was.
    """

    event: Event
    way: Way
    member: str
    over: bool = False


def heard(activity: Json, tenant_id: str, *, local: bool = False) -> list[Heard]:
    """The events in an activity: none when it is the bot's own or of no interest, several when several people join.

    `local` takes people who have no Entra id by the id of the chat window.
    """
    if activity.get("type") not in HEARD or _is_the_bot(activity, _at(activity, "from")):
        return []
    place = place_of(activity, tenant_id)
    if place is None:
        return []
    match activity.get("type"):
        case "message" | "messageUpdate" | "messageDelete":
            found = _message(activity, place)
        case "invoke":
            found = _invoke(activity, place)
        case "installationUpdate":
            found = _installed(activity, place)
        case _:
            return _joined(activity, place, tenant_id, local)
    person = _account(_at(activity, "from"), tenant_id, local)
    if found is None or person is None:
        return []
    member = _words(_at(activity, "from", "id"))
    event = replace(found.event, account=person, name=_words(_at(activity, "from", "name")))
    if event.author == member:  # a person may be named by either of their ids
        event = replace(event, author=person.user)
    return [replace(found, event=event, member=member)]


def place_of(activity: Json, tenant_id: str) -> Place | None:
    """Where it happened. A thread of a channel is kept apart from the channel."""
    whole = _words(_at(activity, "conversation", "id"))
    conversation, _, root = whole.partition(";messageid=")
    if not conversation:
        return None
    kind = _at(activity, "conversation", "conversationType")
    title = (
        _at(activity, "channelData", "channel", "name")
        or _at(activity, "conversation", "name")
        or _at(activity, "channelData", "team", "name")
    )
    # A chat of two people, seen through a message action, is called personal too; the bot's own begin with `a:`.
    direct = kind == "personal" and not conversation.endswith("@unq.gbl.spaces")
    return Place(
        "teams",
        tenant_id,
        conversation,
        direct,
        thread=root,
        service_url=_words(activity.get("serviceUrl")),
        title="" if direct else _words(title),
    )


def address(place: Place) -> str:
    """The conversation id to post to: in a channel, that of the thread."""
    if place.thread and place.conversation.endswith(THREADED):
        return f"{place.conversation};messageid={place.thread}"
    return place.conversation


# ----------------------------------------------------------------------------------------------------------- messages


def _message(activity: Json, place: Place) -> Heard | None:
    message = _words(activity.get("id"))
    if not message:
        return None
    submitted = read(activity.get("value"))
    if activity.get("type") == "message" and submitted is not None:
        return _pressed(activity, place, "message")  # a client without Action.Execute or dialogs posts the data instead
    kind = {"message": "say", "messageUpdate": "edit", "messageDelete": "delete"}[str(activity.get("type"))]
    text, quoted = ("", "") if kind == "delete" else typed_words(activity)
    if place.direct:
        place = replace(place, thread=quoted or _words(activity.get("replyToId")))
    # An edit has the id of its message, so the time tells one edit from the next and from its redelivery.
    key = f"teams/{place.conversation}/{message}"
    if kind != "say":
        key += f"/{kind}/{_words(activity.get('timestamp'))}"
    event = Event(
        key,
        _NOBODY,
        replace(place, message=message),
        "say" if kind == "say" else "edit" if kind == "edit" else "delete",
        text=text,
        files=files_of(activity),
        addressed=place.direct or _mentions_bot(activity),
        can_open=place.direct,  # in a channel, words cannot open a dialog: only a button can
    )
    return Heard(event, "message", "")


def typed_words(activity: Json) -> tuple[str, str]:
    """What somebody typed, readable, without the bot's own mention; and the message they quoted, "" when none."""
    text, quoted = clean(activity.get("text")), ""
    for entity in _entities(activity, "quotedReply"):
        quoted = quoted or _words(_at(entity, "quotedReply", "messageId"))
    text = re.sub(r"<quoted\b[^>]*/?>(?:</quoted>)?", "", text)
    for attachment in _listed(activity.get("attachments")):
        content = attachment.get("content")
        if (
            attachment.get("contentType") == "text/html"
            and isinstance(content, str)
            and "schema.skype.com/Reply" in content
        ):
            found = re.search(r'<blockquote\b[^>]*\bitemid="([^"]+)"', content)
            quoted = quoted or (found[1] if found else "")
            text = content
    for mention in _entities(activity, "mention"):
        if _at(mention, "mentioned", "id") == _at(activity, "recipient", "id"):
            own = _words(mention.get("text"))
            text = text.replace(own, " ") if own else text
    text = re.sub(r"<at\b[^>]*>(.*?)</at>", r"\1", text, flags=re.DOTALL | re.IGNORECASE)
    readable = words_of_html(text) if _is_html(activity, text) else html.unescape(text)
    return _tidy(readable), quoted


def _is_html(activity: Json, text: str) -> bool:
    return activity.get("textFormat") in ("xhtml", "html") or "schema.skype.com/Reply" in text


def _tidy(words: str) -> str:
    lines = words.replace("\xa0", " ").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


def _mentions_bot(activity: Json) -> bool:
    bot = _at(activity, "recipient", "id")
    return any(_at(mention, "mentioned", "id") == bot for mention in _entities(activity, "mention"))


# ------------------------------------------------------------------------------------------------------------ invokes


def _invoke(activity: Json, place: Place) -> Heard | None:
    way = WAYS.get(_words(activity.get("name")))
    if way is None:
        return None
    return _pressed(activity, place, way) or (_kept(activity, place) if way == "extension" else None)


def _pressed(activity: Json, place: Place, way: Way) -> Heard | None:
    value = activity.get("value")
    data = value if way == "message" else _at(value, "action", "data") if way == "execute" else _at(value, "data")
    said = read(data)
    if said is None:
        return None
    message = _words(activity.get("replyToId")) or said.origin
    event = Event(
        key_of(activity, place),
        _NOBODY,
        replace(place, message=message),
        said.kind,
        action=said.action,
        about=said.about,
        value=said.value,
        answers=said.answers,
        can_open=way in ("fetch", "submit", "extension") or place.direct,
    )
    return Heard(event, way, "", said.over)


def _kept(activity: Json, place: Place) -> Heard | None:
    """The message action: keep this message."""
    payload = _mapping(_at(activity, "value", "messagePayload"))
    if payload is None:
        return None
    content = clean(_at(payload, "body", "content"))
    if _at(payload, "body", "contentType") != "text":
        content = words_of_html(content)
    link = _words(_at(payload, "linkToMessage"))
    event = Event(
        key_of(activity, place),
        _NOBODY,
        replace(place, message=_words(_at(payload, "id"))),
        "shortcut",
        text=_tidy(content),
        author=_words(_at(payload, "from", "user", "id")) or "an app",
        author_name=_words(_at(payload, "from", "user", "displayName"))
        or _words(_at(payload, "from", "application", "displayName")),
        link=link if link.startswith("https://") else "",
        files=files_of(payload),
        can_open=True,
    )
    return Heard(event, "extension", "")


FILE = "application/vnd.microsoft.teams.file.download.info"  # a file that was sent to the bot itself


def files_of(message: object) -> tuple[File, ...]:
    """The files of a message, by where they are opened by whoever may: in SharePoint. Their content is never fetched.

    A picture pasted into a message has no address that a person could open: the message itself leads to it.
    """
    found: list[File] = []
    for attachment in _listed(_at(message, "attachments")):
        address = _words(attachment.get("contentUrl"))
        if attachment.get("contentType") in ("reference", FILE) and address.startswith("https://"):
            name = _words(attachment.get("name")) or "a file"
            found.append(File(name, address, mimetypes.guess_type(name)[0] or ""))
    return tuple(found)


def key_of(activity: Json, place: Place) -> str:
    """The same however often it is delivered. An invoke without an id is known by who did what, to which, and when."""
    own = _words(activity.get("id"))
    if not own:
        said = [
            _at(activity, "from", "id"),
            activity.get("replyToId"),
            activity.get("value"),
            activity.get("timestamp"),
        ]
        own = hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()
    return f"teams/{place.conversation}/{own}"


# -------------------------------------------------------------------------------------------------- coming and going


def _installed(activity: Json, place: Place) -> Heard | None:
    action = _words(activity.get("action"))
    if not action.startswith(("add", "remove")):
        return None
    kind = "join" if action.startswith("add") else "leave"
    event = Event(key_of(activity, place), _NOBODY, place, kind, addressed=place.direct, can_open=False)
    return Heard(event, "message", "")


def _joined(activity: Json, place: Place, tenant_id: str, local: bool) -> list[Heard]:
    """People who were added where the bot already is. Its own arrival comes as an installation too, and counts once."""
    found: list[Heard] = []
    for member in _listed(activity.get("membersAdded")):
        person = _account(member, tenant_id, local)
        if place.direct or person is None or _is_the_bot(activity, member):
            continue
        key = f"{key_of(activity, place)}/{person.user}"
        event = Event(key, person, place, "join", name=_words(member.get("name")), addressed=False, can_open=False)
        found.append(Heard(event, "message", _words(member.get("id"))))
    return found


# ------------------------------------------------------------------------------------------------------------- pieces

_NOBODY = Account("teams", "", "")


def _account(who: object, tenant_id: str, local: bool) -> Account | None:
    user = _words(_at(who, "aadObjectId")) or (_words(_at(who, "id")) if local else "")
    return Account("teams", tenant_id, user) if user else None


def _is_the_bot(activity: Json, who: object) -> bool:
    return _at(who, "role") == "bot" or _at(who, "id") == _at(activity, "recipient", "id")


def _entities(activity: Json, kind: str) -> list[Json]:
    return [entity for entity in _listed(activity.get("entities")) if entity.get("type") == kind]


def _listed(value: object) -> list[Json]:
    items = cast(Sequence[object], value) if isinstance(value, list) else ()
    return [named for named in map(_mapping, items) if named is not None]


def _at(value: object, *path: str) -> Any:
    for name in path:
        named = _mapping(value)
        if named is None:
            return None
        value = named.get(name)
    return value


def _mapping(value: object) -> Json | None:
    return cast(Json, value) if isinstance(value, Mapping) else None


def _words(value: object) -> str:
    return clean(value)


class _Readable(HTMLParser):
    """The words of a message's HTML, in lines; what it quotes is left out."""

    BREAKS = frozenset({"br", "p", "div", "li", "ul", "ol", "tr", "blockquote", "h1", "h2", "h3", "pre", "hr"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._quoting = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "blockquote" and (self._quoting or "schema.skype.com/Reply" in (given.get("itemtype") or "")):
            self._quoting += 1
        elif tag in ("img", "emoji"):
            self.handle_data(given.get("alt") or "")
        elif tag in self.BREAKS:
            self.handle_data("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote" and self._quoting:
            self._quoting -= 1
        elif tag in self.BREAKS and tag != "br":
            self.handle_data("\n")

    def handle_data(self, data: str) -> None:
        if not self._quoting:
            self.words.append(data)


def words_of_html(text: str) -> str:
    """The readable words of HTML."""
    readable = _Readable()
    readable.feed(text)
    readable.close()
    return _tidy("".join(readable.words))
