"""Tables as CSV files in a zip, that spreadsheets open without running anything.

A cell that a spreadsheet would take for a formula begins with an apostrophe here.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence

from bot.documents.content import Chapter, Pages, Record, Table
from bot.documents.zips import put

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def write(pages: Pages) -> bytes:
    """The zip: a file for every table, and one for the records of each chapter."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        front = [("Title", pages.title), ("Of", pages.subtitle), ("About it", pages.about)]
        add(files, "about", ("What", "Words"), front)
        for chapter in pages.chapters:
            if chapter.sheet is not None:
                add(files, chapter.section, chapter.sheet.headings, chapter.sheet.rows)
            name = chapter.section if chapter.sheet is None else f"{chapter.section}-words"
            add(files, name, ("Heading", "What", "Words"), _said(chapter))
            for name, table in _named(chapter):
                add(files, name, table.headings, table.rows)
    return packed.getvalue()


def add(files: zipfile.ZipFile, name: str, headings: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """One table, as a file of that name in the zip."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(headings)
    table.writerows([safe(cell) for cell in row] for row in rows)
    # the mark at the beginning tells Excel that it is Unicode
    put(files, f"{name}.csv", written.getvalue().encode("utf-8-sig"))


def safe(cell: str) -> str:
    """The cell with an apostrophe before what a spreadsheet would calculate."""
    begins = cell.lstrip(" \n\u00a0\ufeff\u200b")
    return f"'{cell}" if begins.startswith(FORMULA) or cell.startswith(FORMULA) else cell


def _said(chapter: Chapter) -> Iterator[tuple[str, str, str]]:
    """The words of a chapter: the heading that they stand under, the label above them, the words."""
    for record in chapter.records:
        if record.facts or not record.lines:
            yield record.heading, "", record.facts
        yield from _lines(record)


def _lines(record: Record) -> Iterator[tuple[str, str, str]]:
    label, used = "", True
    for line in record.lines:
        if line.style == "label":
            if not used:
                yield record.heading, label, ""
            label, used = line.words, False
        else:
            yield record.heading, label, line.words
            used = True
    if not used:
        yield record.heading, label, ""


def _named(chapter: Chapter) -> Sequence[tuple[str, Table]]:
    """Every table of a chapter, with a file name of its own."""
    tables = [table for record in chapter.records for table in record.tables]
    return [(f"{chapter.section}-{number}-{_plain(one.caption)}", one) for number, one in enumerate(tables, 1)]


def _plain(words: str) -> str:
    """Words as part of a file name that every system takes."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:40].strip("-") or "table"
