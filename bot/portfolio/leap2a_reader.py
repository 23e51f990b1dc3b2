"""Reads Leap2A: ours whole, and what others made of it as far as the diary, activities and plans here can hold it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element

from bot.portfolio.leap2a import ATOM, LEAP2, LEAP_VERSION, OURS, RDF
from storage.portfolio import document as doc
from storage.portfolio import notation
from storage.portfolio.notation import NotAPortfolio

_ENTRY = f"{{{ATOM}}}entry"
_UID = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_BLOCKS = frozenset(("p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote", "pre"))


def read(written: bytes) -> doc.Portfolio:
    """The portfolio that this feed is. Raises `NotAPortfolio`."""
    feed = _parsed(written)
    if feed.tag != f"{{{ATOM}}}feed":
        raise NotAPortfolio("it is XML, but not Leap2A")
    version = feed.find(f"{{{LEAP2}}}version")
    if version is None or (version.text or "").strip() != LEAP_VERSION:
        raise NotAPortfolio("it is a feed, but not Leap2A of the version 2010-07")
    made_at = _moment(feed.findtext(f"{{{ATOM}}}updated"))
    if made_at is None:
        raise NotAPortfolio("it does not say when it was made")
    name = (feed.findtext(f"{{{ATOM}}}author/{{{ATOM}}}name") or "").strip()
    organisation = feed.findtext(f"{{{OURS}}}organisation") or ""
    ours = [one.text or "" for one in feed.iterfind(f"{_ENTRY}/{{{OURS}}}record")]
    sections = _ours(ours) if ours else _theirs(feed)
    plain = {
        "format": doc.FORMAT,
        "version": doc.VERSION,
        "made_at": made_at,
        "owner": {"name": name, "organisation": organisation},
        **sections,
    }
    return cast(doc.Portfolio, notation.from_plain(doc.Portfolio, plain))


def _parsed(written: bytes) -> Element:
    """The feed. Nothing that it names elsewhere is fetched, and nothing in it grows when it is read."""
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        return fromstring(written, forbid_dtd=True)
    except DefusedXmlException:
        raise NotAPortfolio("it holds a DTD, which a portfolio never does") from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise NotAPortfolio("it is not XML that can be read: it may have been cut off on its way") from None


def _ours(records: list[str]) -> dict[str, list[Any]]:
    sections: dict[str, list[Any]] = {}
    for record in records:
        said = notation.plain_json(record.encode())
        if not isinstance(said, dict) or cast(dict[str, Any], said).get("section") not in doc.SECTIONS:
            raise NotAPortfolio("one of its records is of a kind that is not known here")
        known = cast(dict[str, Any], said)
        sections.setdefault(known["section"], []).append(known.get("record"))
    return sections


# ------------------------------------------------------------------------------------------------------- by others


def _theirs(feed: Element) -> dict[str, list[Any]]:
    entries = list(feed.iterfind(_ENTRY))
    wholes = {_link(one) for entry in entries for one in entry.iterfind(f"{{{ATOM}}}link") if _is(one, "is_part_of")}
    sections: dict[str, list[Any]] = {"diary": [], "courses": [], "targets": []}
    for entry in entries:
        kind = _type(entry)
        if kind in ("person", "organization"):
            continue
        if kind == "selection" and any(_is(one, "has_part") for one in entry.iterfind(f"{{{ATOM}}}link")):
            continue  # what it selects comes by itself
        when = _moment(entry.findtext(f"{{{ATOM}}}published")) or _moment(entry.findtext(f"{{{ATOM}}}updated"))
        if when is None:
            raise NotAPortfolio("one of its entries does not say when it was made")
        if kind == "plan" and entry.findtext(f"{{{ATOM}}}id", "") in wholes:
            continue  # a plan whose parts are the targets
        if kind == "plan":
            sections["targets"].append(_target(entry, when))
        elif kind == "activity" and _day(entry, "start", "end") is not None:
            sections["courses"].append(_activity(entry, when))
        else:
            sections["diary"].append(_diary(entry, kind, when))
    return sections


def _target(entry: Element, when: datetime) -> dict[str, Any]:
    status = entry.find(f"{{{LEAP2}}}status")
    done = status is not None and status.get(f"{{{LEAP2}}}stage") == "completed"
    changed = _moment(entry.findtext(f"{{{ATOM}}}updated")) or when
    return {
        "uid": _uid(entry),
        "made_at": when,
        "changed_at": changed,
        "year": date(when.year if when.month >= 9 else when.year - 1, 9, 1),
        "words": _title(entry) or _content(entry),
        "strategy": _content(entry) if _title(entry) else "",
        "due_on": _day(entry, "target"),
        "state": "met" if done else "open",
    }


def _activity(entry: Element, when: datetime) -> dict[str, Any]:
    first = _day(entry, "start", "end")
    assert first is not None
    last = _day(entry, "end", "start") or first
    content = _content(entry)
    return {
        "uid": _uid(entry),
        "made_at": when,
        "title": _title(entry)[:2000] or "Activity",
        "starts_on": first,
        "ends_on": max(first, last),
        "state": "attended",
        "nothing_to_add": True,
        "reflection": {"written_at": when, "what": content} if content else None,
    }


def _diary(entry: Element, kind: str, when: datetime) -> dict[str, Any]:
    title, content = _title(entry), _content(entry)
    words = content if content.startswith(title) else f"{title}\n\n{content}".strip()
    tags = [kind] if kind not in ("", "entry") else []
    categories = [one for one in entry.iterfind(f"{{{ATOM}}}category") if not one.get("scheme")]
    tags += [" ".join((one.get("label") or one.get("term") or "").split()) for one in categories]
    edited = _moment(entry.findtext(f"{{{ATOM}}}updated"))
    return {
        "uid": _uid(entry),
        "made_at": when,
        "words": words or "(an entry without words)",
        "edited_at": edited if edited != when else None,
        "tags": list(dict.fromkeys(tag for tag in tags if tag)),
    }


def _uid(entry: Element) -> str:
    named = (entry.findtext(f"{{{ATOM}}}id") or "").strip()
    if not named:
        raise NotAPortfolio("one of its entries has no id")
    return named.lower() if _UID.fullmatch(named) else uuid5(NAMESPACE_URL, named).urn


def _type(entry: Element) -> str:
    said = entry.find(f"{{{RDF}}}type")
    named = "" if said is None else said.get(f"{{{RDF}}}resource", "").strip("[]")
    return named.removeprefix(LEAP2).removeprefix("leap2:").removeprefix("leap:")


def _is(link: Element, relation: str) -> bool:
    return link.get("rel", "").strip("[]") in (f"leap2:{relation}", f"leap:{relation}", LEAP2 + relation)


def _link(link: Element) -> str:
    return link.get("href", "")


def _title(entry: Element) -> str:
    return " ".join((entry.findtext(f"{{{ATOM}}}title") or "").split())


def _content(entry: Element) -> str:
    content = entry.find(f"{{{ATOM}}}content")
    if content is None:
        content = entry.find(f"{{{ATOM}}}summary")
    if content is None:
        return ""
    kind = content.get("type", "text")
    if kind == "xhtml":
        return _tidy("".join(_worded(content)))
    if kind == "html":
        stripped = _Stripped()
        stripped.feed(content.text or "")
        return _tidy("".join(stripped.words))
    return (content.text or "").strip() if kind == "text" else ""


def _worded(element: Element) -> Iterator[str]:
    if element.tag.rpartition("}")[2] in _BLOCKS:
        yield "\n"
    yield _run(element.text)
    for inner in element:
        yield from _worded(inner)
        yield _run(inner.tail)


def _run(words: str | None) -> str:
    """A run of text as a browser shows it: where the source begins a line means nothing."""
    return re.sub(r"\s+", " ", words or "")


class _Stripped(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        self.words.append(_run(data))


def _tidy(words: str) -> str:
    lines = [" ".join(line.split()) for line in words.splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _day(entry: Element, *points: str) -> date | None:
    for point in points:
        for said in entry.iterfind(f"{{{LEAP2}}}date"):
            if said.get(f"{{{LEAP2}}}point") == point and (moment := _moment(said.text)) is not None:
                return moment.date()
    return None


def _moment(said: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((said or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
