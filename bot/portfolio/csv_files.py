"""A portfolio as tables: a CSV file for each kind of record, in a zip, that spreadsheets open without running anything.

A cell that a spreadsheet would take for a formula begins with an apostrophe here. The JSON has every word as it is.
"""

import io
import zipfile
from collections.abc import Mapping
from typing import Any, cast

from bot.documents.tables import add
from storage.portfolio import document as doc


def write(portfolio: doc.Portfolio) -> bytes:
    """The zip."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for section, (_, _, kind) in doc.SECTIONS.items():
            items = cast(tuple[Any, ...], getattr(portfolio, section))
            if items:
                names = doc.names_of(kind)
                add(files, section, names, ([_cell(getattr(item, name)) for name in names] for item in items))
        for name, (headings, rows) in _inner(portfolio).items():
            if rows:
                add(files, name, headings, rows)
    return packed.getvalue()


def _cell(value: Any) -> str:
    """One cell: parts that are tables of their own are only counted here."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case tuple():
            some = cast(tuple[Any, ...], value)
            if all(isinstance(one, str) for one in some):
                return ", ".join(some)
            return str(len(some))
        case doc.Quoted(by=by, words=words):
            return f"{by}: {words}" if by else words
        case doc.Reflected():
            return "\n".join(part for part in (value.what, value.so_what, value.what_next) if part)
        case doc.Effect(rating=rating, why=why):
            return f"{rating}: {why}" if rating else why
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _inner(portfolio: doc.Portfolio) -> Mapping[str, tuple[tuple[str, ...], list[list[str]]]]:
    """The tables of what stands inside a record, each row with the uid of the record that it belongs to."""
    answered: list[tuple[str, str, tuple[doc.Answer, ...]]] = [
        *((course.uid, change.term, change.answers) for course in portfolio.courses for change in course.impact),
        *((log.uid, "log", log.answers) for log in portfolio.logs),
        *((review.uid, "review", review.answers) for review in portfolio.plan_reviews),
    ]
    reflected = [(course.uid, course.reflection) for course in portfolio.courses if course.reflection is not None]
    counted = [*portfolio.diary, *portfolio.courses, *portfolio.time]
    return {
        "reflections": (
            ("uid", "written_at", "what", "so_what", "what_next"),
            [[uid, _cell(one.written_at), one.what, one.so_what, one.what_next] for uid, one in reflected],
        ),
        "answers": (
            ("uid", "of", "question", "rating", "words"),
            [[uid, of, one.key, _cell(one.rating), one.words] for uid, of, some in answered for one in some],
        ),
        "evidence": (
            ("uid", "standard", "version", "code", "title", "words"),
            [
                [item.uid, one.standard, one.version, one.code, one.title, one.words]
                for item in counted
                for one in item.evidence
            ],
        ),
        "attachments": (
            ("uid", "name", "address", "type"),
            [[item.uid, one.name, one.address, one.type] for item in portfolio.diary for one in item.attachments],
        ),
        "target_versions": (
            ("uid", "number", "made_at", "field", "was"),
            [
                [target.uid, str(one.number), _cell(one.made_at), name, was or ""]
                for target in portfolio.targets
                for one in target.history
                for name, was in one.was.items()
            ],
        ),
        "self_ratings": (
            ("uid", "code", "area", "statement", "level", "words"),
            [
                [review.uid, one.code, one.area, one.statement, one.level, one.words]
                for review in portfolio.self_reviews
                for one in review.ratings
            ],
        ),
        "next_steps": (
            ("uid", "made_at", "due_on", "state", "words"),
            [
                [held.uid, _cell(one.made_at), _cell(one.due_on), one.state, one.words]
                for held in portfolio.interviews
                for one in held.steps
            ],
        ),
        "set_meetings": (
            ("uid", "met_at"),
            [[joined.uid, _cell(when)] for joined in portfolio.sets for when in joined.met_at],
        ),
    }
