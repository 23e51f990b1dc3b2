"""What Mahara's importer makes of a Leap2A file, as its source says: the rules that were looked up, as a program.

Read in `MaharaProject/mahara`: `htdocs/import/leap/lib.php` (the feed, namespaces, CURIEs, types, categories, content,
tags, dates) and `htdocs/artefact/{blog,plans,resume,internal}/import/leap/lib.php` (which entry becomes what). Each
plugin offers strategies with a score; the best one for an entry is taken. Only the rules are here, in our own words.
"""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

ATOM = "{http://www.w3.org/2005/Atom}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LEAP2 = "{http://terms.leapspecs.org/}"
SUPPORTED = ("http://www.leapspecs.org/2010-07/2A/",)
DECLARED = (
    "http://www.w3.org/2005/Atom",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://terms.leapspecs.org/",
    "http://wiki.leapspecs.org/2A/categories/",
)


@dataclass
class Imported:
    """What is in Mahara afterwards: journals with their posts, plans with their tasks, lines of the education."""

    warnings: list[str] = field(default_factory=list)
    author: str = ""
    journals: dict[str, list[str]] = field(default_factory=dict)
    plans: dict[str, list[str]] = field(default_factory=dict)
    completed: list[str] = field(default_factory=list)
    education: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    tags: dict[str, list[str]] = field(default_factory=dict)
    became: dict[str, str] = field(default_factory=dict)


def imported(written: bytes) -> Imported:
    """Import the file as Mahara does. AssertionError where it would give up."""
    feed, found = fromstring(written, forbid_dtd=True), Imported()
    head = written.split(b"<leap2:version>")[0].decode()
    prefixes = {uri: prefix for prefix, uri in _declared(head)}
    found.warnings += [f"{uri} is not declared" for uri in DECLARED if uri not in prefixes]
    version = feed.find(f".//{LEAP2}version")
    assert (version.text if version is not None else "") in SUPPORTED, "this version of Leap2A is not supported"
    entries = {str(one.findtext(f"{ATOM}id")): one for one in feed.iterfind(f"{ATOM}entry")}
    assert len(entries) == len(feed.findall(f"{ATOM}entry")), "two entries have the same id"
    author = feed.find(f"{ATOM}author")
    assert author is not None
    assert author.findtext(f"{ATOM}name"), "the author must have a name"
    person = entries.get(author.findtext(f"{ATOM}uri") or "")
    assert person is not None
    assert _is_type(person, "person")
    assert _category(person, "person_type", "Self")
    found.author = next(
        (one.text or "" for one in person.iterfind(f"{LEAP2}persondata") if one.get(f"{LEAP2}field") == "full_name"), ""
    )
    used: set[str] = set()
    plans = {uid for uid, one in entries.items() if _is_type(one, "plan") and _content_type(one) in ("", "text")}
    for uid, entry in entries.items():
        for needed in ("title", "updated"):
            assert entry.findtext(f"{ATOM}{needed}"), f"{uid} has no {needed}"
        assert _content_type(entry) in ("", "text", "html", "xhtml"), "unrecognised content type"
        tags = [one for one in entry.iterfind(f"{ATOM}category") if not one.get("scheme")]
        found.tags[uid] = [one.get("label") or one.get("term") or "" for one in tags]
        for link in entry.iterfind(f"{ATOM}link"):
            target = link.get("href")
            assert target in entries, f"{uid} refers to {target}, which is not there"
    for uid, entry in entries.items():  # the highest score first: 100, then 90, then the rest
        if entry is person or uid in used:
            continue
        if _is_type(entry, "selection") and _category(entry, "selection_type", "Blog"):
            parts = _links(entry, "has_part")
            found.journals[str(entry.findtext(f"{ATOM}title"))] = [_title(entries[one]) for one in parts]
            used |= {uid, *parts}
            found.became.update({uid: "journal", **dict.fromkeys(parts, "post")})
        elif _is_type(entry, "activity") and _category(entry, "life_area", "Education"):
            found.education.append(_education(entry, entries, used))
            used.add(uid)
            found.became[uid] = "education"
    for uid in plans - used:
        above = _top(uid, entries, plans)
        used.add(uid)
        found.became[uid] = "task" if above else "plan"
        if above:
            found.plans.setdefault(_title(entries[above]), []).append(_title(entries[uid]))
            status = entries[uid].find(f"{LEAP2}status")
            if status is not None and status.get(f"{LEAP2}stage") == "completed":
                found.completed.append(_title(entries[uid]))
        else:
            found.plans.setdefault(_title(entries[uid]), [])
    for uid, entry in entries.items():
        if entry is not person and uid not in used:  # the blog can import anything as a post in a catch-all journal
            found.journals.setdefault("catch-all", []).append(_title(entry))
            found.became[uid] = "post"
    return found


def _education(entry: Element, entries: dict[str, Element], used: set[str]) -> tuple[str, str, str, str, str]:
    start, end = _date(entry, "start"), _date(entry, "end")
    gained = where = ""
    for one in _links(entry, "supports"):
        if not gained and _is_type(entries[one], "achievement"):
            gained = _title(entries[one])
            used.add(one)
    for one in _links(entry, "is_supported_by"):
        if not where and _is_type(entries[one], "organization"):
            where = _title(entries[one])
            used.add(one)
    return start, end, _title(entry), gained, where


def _top(uid: str, entries: dict[str, Element], plans: set[str]) -> str:
    """The topmost plan that this one is part of; "" for one that is part of none."""
    top, seen = "", {uid}
    above = [one for one in _links(entries[uid], "is_part_of") if one in plans]
    while above and above[0] not in seen:
        top = above[0]
        seen.add(top)
        above = [one for one in _links(entries[top], "is_part_of") if one in plans]
    return top


def _declared(head: str) -> list[tuple[str, str]]:
    import re

    return re.findall(r'xmlns(?::(\w+))?="([^"]+)"', head)


def _is_type(entry: Element, name: str) -> bool:
    said = [one.get(f"{RDF}resource", "") for one in entry.iterfind(f"{RDF}type")]
    return any(one in (f"leap2:{name}", f"[leap2:{name}]", f"http://terms.leapspecs.org/{name}") for one in said)


def _category(entry: Element, scheme: str, term: str) -> bool:
    forms = (f"categories:{scheme}#", f"[categories:{scheme}#]", f"http://wiki.leapspecs.org/2A/categories/{scheme}#")
    return any(one.get("scheme") in forms and one.get("term") == term for one in entry.iterfind(f"{ATOM}category"))


def _links(entry: Element, relation: str) -> list[str]:
    forms = (f"leap2:{relation}", f"[leap2:{relation}]", f"http://terms.leapspecs.org/{relation}")
    return [one.get("href", "") for one in entry.iterfind(f"{ATOM}link") if one.get("rel") in forms]


def _date(entry: Element, point: str) -> str:
    dates = [one for one in entry.iterfind(f"{LEAP2}date") if one.get(f"{LEAP2}point") == point]
    return (dates[0].text or "") if len(dates) == 1 else ""


def _content_type(entry: Element) -> str:
    content = entry.find(f"{ATOM}content")
    return "" if content is None else content.get("type", "")


def _title(entry: Element) -> str:
    return str(entry.findtext(f"{ATOM}title"))
