"""A portfolio as Leap2A, the interchange of e-portfolios that Mahara reads: an Atom feed with an entry for each record.

What Leap2A has words for is said in them: activities with their dates, plans with their tasks, reflections on what they
reflect on, abilities with their evidence, meetings. It has no words for much of the rest, so each entry also carries
its record whole, as our JSON has it, in an element of our own that others pass over: read back here, nothing is lost.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import NAMESPACE_URL, UUID, uuid5
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from bot.documents.content import Chapter, Line, Pages, Record
from storage.portfolio import document as doc
from storage.portfolio import notation

ATOM = "http://www.w3.org/2005/Atom"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
LEAP2 = "http://terms.leapspecs.org/"
CATEGORIES = "http://wiki.leapspecs.org/2A/categories/"
OURS = "urn:x-learnbot:portfolio:1"
LEAP_VERSION = "http://www.leapspecs.org/2010-07/2A/"

TYPES: dict[type, str] = {
    doc.DiaryEntry: "entry",
    doc.Activity: "activity",
    doc.Training: "achievement",
    doc.TimeSpent: "activity",
    doc.PeriodLogged: "entry",
    doc.Target: "plan",
    doc.PlanReviewed: "entry",
    doc.SelfReviewed: "entry",
    doc.InterviewHeld: "meeting",
    doc.LearningSetJoined: "activity",
}
DONE = ("met", "partly", "dropped")


@dataclass(frozen=True)
class Entry:
    """An entry of the feed. `links` are pairs of a relation and an id, `dates` of a point and a day or an instant."""

    id: str
    type: str
    title: str
    updated: datetime
    content: str = ""
    summary: str = ""
    published: datetime | None = None
    links: tuple[tuple[str, str], ...] = ()
    dates: tuple[tuple[str, date | datetime], ...] = ()
    tags: tuple[str, ...] = ()
    categories: tuple[tuple[str, str], ...] = ()
    stage: str = ""
    literals: tuple[tuple[str, str], ...] = ()
    ours: str = ""


def write(portfolio: doc.Portfolio, pages: Pages, zone: ZoneInfo) -> bytes:
    """The feed, as a file named leap2a.xml would have it."""
    return "\n".join(_Feed(portfolio, pages, zone).lines()).encode()


@dataclass(frozen=True)
class _Feed:
    portfolio: doc.Portfolio
    pages: Pages
    zone: ZoneInfo

    def lines(self) -> Iterator[str]:
        name = self.portfolio.owner.name
        yield '<?xml version="1.0" encoding="utf-8"?>'
        yield (
            f'<feed xmlns="{ATOM}" xmlns:rdf="{RDF}" xmlns:leap2="{LEAP2}" xmlns:categories="{CATEGORIES}" '
            f'xmlns:learnbot="{OURS}" xml:lang="en-GB">'
        )
        yield f"<leap2:version>{LEAP_VERSION}</leap2:version>"
        yield f"<id>{self._id}</id>"
        yield f"<title>{_text(self.pages.title)}</title>"
        yield f"<updated>{self.portfolio.made_at.isoformat()}</updated>"
        yield "<generator>learnbot</generator>"
        yield f"<author><name>{_text(name)}</name><uri>{_within(self._id, 'person')}</uri></author>"
        yield f"<learnbot:organisation>{_text(self.portfolio.owner.organisation)}</learnbot:organisation>"
        for entry in self._entries():
            yield from _lines(entry)
        yield "</feed>\n"

    @cached_property
    def _id(self) -> str:
        """The same portfolio is the same feed."""
        whole = hashlib.sha256(notation.to_json(self.portfolio)).hexdigest()
        return uuid5(NAMESPACE_URL, f"{OURS}/{whole}").urn

    def _entries(self) -> Iterator[Entry]:
        made = self.portfolio.made_at
        yield Entry(
            _within(self._id, "person"),
            "person",
            self.portfolio.owner.name,
            made,
            categories=(("person_type", "Self"),),
            literals=(("full_name", self.portfolio.owner.name),),
        )
        records = {item.uid: record for chapter in self.pages.chapters for item, record in self._read(chapter)}
        for section, item in doc.items(self.portfolio):
            yield from self._entries_of(section, item, records[item.uid])
        yield from self._plans()
        yield from self._abilities()
        yield from self._providers()
        if self.portfolio.diary:
            yield Entry(
                _within(self._id, "diary"),
                "selection",
                "Learning diary",
                made,
                links=tuple(("has_part", one.uid) for one in self.portfolio.diary),
                categories=(("selection_type", "Blog"),),
            )

    def _read(self, chapter: Chapter) -> Iterable[tuple[doc.Item, Record]]:
        newest_first: Sequence[doc.Item] = getattr(self.portfolio, chapter.section)[::-1]
        return zip(newest_first, chapter.records, strict=True)

    def _entries_of(self, section: str, item: doc.Item, record: Record) -> Iterator[Entry]:
        made, changed = _times(item)
        links = [("is_evidence_of", _ability(one)) for one in getattr(item, "evidence", ())]
        categories: list[tuple[str, str]] = []
        stage = ""
        parts: list[Entry] = []
        match item:
            case doc.Activity():
                # Mahara takes an activity of this category for a line of the education history
                categories.append(("life_area", "Education"))
                if item.provider:
                    links.append(("is_supported_by", _provider(item.provider)))
                if item.target:
                    links.append(("supports", item.target))
                if item.accredited:
                    gained = _within(item.uid, "accredited")
                    links.append(("supports", gained))
                    supported = (("is_supported_by", item.uid),)
                    parts.append(Entry(gained, "achievement", item.accredited, changed, item.title, links=supported))
                parts += self._reflections(item)
                stage = "completed" if item.state == "attended" else ""
            case doc.Target():
                links.append(("is_part_of", self._plan(item.year)))
                stage = "completed" if item.state in DONE else ""
            case doc.PlanReviewed():
                if any(target.year == item.year for target in self.portfolio.targets):
                    links.append(("reflects_on", self._plan(item.year)))
            case doc.SelfReviewed():
                links += [("reflects_on", _ability_of(item, rating)) for rating in item.ratings]
            case doc.Training():
                if item.course:
                    links.append(("is_supported_by", item.course))
            case doc.DiaryEntry():
                links.append(("is_part_of", _within(self._id, "diary")))
            case _:
                pass
        yield Entry(
            item.uid,
            TYPES[item.__class__],
            record.heading,
            changed,
            _content(record),
            record.facts,
            made,
            (*links, *(("reflected_on_by", part.id) for part in parts if part.type == "entry")),
            _dates(item),
            getattr(item, "tags", ()),
            tuple(categories),
            stage,
            ours=json.dumps({"section": section, "record": notation.to_plain(item)}, ensure_ascii=False),
        )
        yield from parts

    def _reflections(self, course: doc.Activity) -> Iterator[Entry]:
        about = (("reflects_on", course.uid),)
        if course.reflection is not None:
            said = course.reflection
            words = "\n\n".join(part for part in (said.what, said.so_what, said.what_next) if part)
            title = f"Reflection on {course.title}"
            yield Entry(_within(course.uid, "reflection"), "entry", title, said.written_at, words, links=about)
        for change in course.impact:
            words = "\n\n".join(answer.words for answer in change.answers if answer.words)
            if words:
                when = change.written_at or course.made_at
                title = f"What changed after {course.title} ({change.term} term)"
                yield Entry(_within(course.uid, change.term), "entry", title, when, words, links=about)

    def _plans(self) -> Iterator[Entry]:
        for year in sorted({target.year for target in self.portfolio.targets}):
            parts = [target for target in self.portfolio.targets if target.year == year]
            yield Entry(
                self._plan(year),
                "plan",
                f"Learning plan from {year.isoformat()}",
                max(target.changed_at for target in parts),
                published=min(target.made_at for target in parts),
                links=tuple(("has_part", target.uid) for target in parts),
                dates=(("start", year),),
            )

    def _plan(self, year: date) -> str:
        return _within(self._id, f"plan {year.isoformat()}")

    def _abilities(self) -> Iterator[Entry]:
        """The statements that something is evidence for, or that somebody saw themselves against."""
        found: dict[str, tuple[str, str, list[tuple[str, str]]]] = {}
        for _, item in doc.items(self.portfolio):
            for one in getattr(item, "evidence", ()):
                title, of = one.words or one.code, f"{one.title} {one.version}".strip()
                found.setdefault(_ability(one), (title, of, []))[2].append(("has_evidence", item.uid))
        for review in self.portfolio.self_reviews:
            for rating in review.ratings:
                title, of = rating.statement or rating.code, f"{review.title} {review.version}".strip()
                found.setdefault(_ability_of(review, rating), (title, of, []))[2].append(
                    ("reflected_on_by", review.uid)
                )
        for uid, (title, of, links) in found.items():
            yield Entry(uid, "ability", title, self.portfolio.made_at, of, links=tuple(links))

    def _providers(self) -> Iterator[Entry]:
        for name in sorted({course.provider for course in self.portfolio.courses if course.provider}):
            links = tuple(("supports", one.uid) for one in self.portfolio.courses if one.provider == name)
            yield Entry(_provider(name), "organization", name, self.portfolio.made_at, links=links)


def _lines(entry: Entry) -> Iterator[str]:
    yield "<entry>"
    yield f"<id>{entry.id}</id>"
    yield f"<title>{_text(entry.title) or 'Untitled'}</title>"
    yield f"<updated>{entry.updated.isoformat()}</updated>"
    if entry.published is not None:
        yield f"<published>{entry.published.isoformat()}</published>"
    if entry.summary:
        yield f"<summary>{_text(entry.summary)}</summary>"
    yield f'<content type="text">{_text(entry.content)}</content>'
    yield f'<rdf:type rdf:resource="leap2:{entry.type}"/>'
    for scheme, term in entry.categories:
        yield f'<category scheme="categories:{scheme}#" term="{term}"/>'
    for tag in entry.tags:
        yield f"<category term={_quoted(tag)} label={_quoted(tag)}/>"
    for point, when in entry.dates:
        yield f'<leap2:date leap2:point="{point}">{when.isoformat()}</leap2:date>'
    if entry.stage:
        yield f'<leap2:status leap2:stage="{entry.stage}"/>'
    for field, value in entry.literals:
        yield f'<leap2:persondata leap2:field="{field}">{_text(value)}</leap2:persondata>'
    for relation, target in entry.links:
        yield f'<link rel="leap2:{relation}" href="{target}"/>'
    if entry.ours:
        yield f"<learnbot:record>{_text(entry.ours)}</learnbot:record>"
    yield "</entry>"


def _content(record: Record) -> str:
    return "\n".join(_line(line) for line in record.lines).strip()


def _line(line: Line) -> str:
    match line.style:
        case "label":
            return f"\n{line.words}"
        case "item":
            return f"• {line.words}"
        case "quote":
            return f"“{line.words}”"
        case _:
            return line.words


def _times(item: doc.Item) -> tuple[datetime, datetime]:
    """When a record was made, and when it was last changed, as far as it says."""
    match item:
        case doc.DiaryEntry():
            return item.made_at, item.edited_at or item.made_at
        case doc.Target():
            return item.made_at, item.changed_at
        case doc.PeriodLogged() | doc.PlanReviewed():
            first = item.first if isinstance(item, doc.PeriodLogged) else item.year
            when = item.written_at or datetime.fromisoformat(f"{first.isoformat()}T00:00:00+00:00")
            return when, when
        case doc.InterviewHeld():
            return item.starts_at, item.written_at or item.ends_at
        case doc.LearningSetJoined():
            return item.joined_at, item.joined_at
        case doc.SelfReviewed():
            return item.made_at, item.finished_at or item.made_at
        case doc.Activity() | doc.Training() | doc.TimeSpent():
            return item.made_at, item.made_at


def _dates(item: doc.Item) -> tuple[tuple[str, date | datetime], ...]:
    match item:
        case doc.Activity():
            return ("start", item.starts_on), ("end", item.ends_on)
        case doc.Training():
            return (("end", item.done_on),)
        case doc.TimeSpent():
            return ("start", item.on_day), ("end", item.on_day)
        case doc.PeriodLogged():
            return ("start", item.first), ("end", item.last)
        case doc.Target():
            return (("target", item.due_on),) if item.due_on else ()
        case doc.InterviewHeld():
            return ("start", item.starts_at), ("end", item.ends_at)
        case _:
            return ()


def _ability(one: doc.Statement) -> str:
    return uuid5(NAMESPACE_URL, f"{OURS}/{one.standard}/{one.version}/{one.code}").urn


def _ability_of(review: doc.SelfReviewed, rating: doc.Rating) -> str:
    return uuid5(NAMESPACE_URL, f"{OURS}/{review.standard}/{review.version}/{rating.code}").urn


def _provider(name: str) -> str:
    return uuid5(NAMESPACE_URL, f"{OURS}/provider/{name}").urn


def _within(uid: str, part: str) -> str:
    """The id of a part of something that has one."""
    return uuid5(UUID(uid.removeprefix("urn:uuid:")), part).urn


def _text(words: str) -> str:
    return escape(_writable(words))


def _quoted(words: str) -> str:
    return quoteattr(_writable(words))


def _writable(words: str) -> str:
    """Without what XML cannot hold. In JSON none of that stands but two letters, which it can spell out."""
    if words.startswith("{"):
        words = words.replace("\ufffe", "\\ufffe").replace("\uffff", "\\uffff")
    return "".join(one for one in words if one in "\t\n\r" or (one >= " " and one not in "\ufffe\uffff"))
