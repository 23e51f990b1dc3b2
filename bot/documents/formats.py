"""The kinds of file that a document can be made into, and how several become one."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, ParamSpec

from bot.documents.content import Pages
from bot.documents.zips import put

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
From = ParamSpec("From")


@dataclass(frozen=True)
class File:
    """A file, whole."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Format(Generic[From]):
    """A kind of file: what people call it, what it is good for, how it ends, and how it is written."""

    key: str
    label: str
    good_for: str
    ending: str
    type: str
    write: Callable[From, bytes]


def _html(pages: Pages, made_at: datetime) -> bytes:
    from bot.documents import html_page

    return html_page.write(pages)


def _pdf(pages: Pages, made_at: datetime) -> bytes:
    from bot.documents import pdf_file

    return pdf_file.write(pages, made_at)


def _word(pages: Pages, made_at: datetime) -> bytes:
    from bot.documents import word_file

    return word_file.write(pages, made_at)


def _csv(pages: Pages, made_at: datetime) -> bytes:
    from bot.documents import tables

    return tables.write(pages)


FORMATS: Mapping[str, Format[[Pages, datetime]]] = {
    one.key: one
    for one in (
        Format("word", "Word", "to go on writing in", "docx", WORD, _word),
        Format("pdf", "PDF", "to print or send", "pdf", "application/pdf", _pdf),
        Format("html", "Web page", "opens anywhere", "html", "text/html; charset=utf-8", _html),
        Format("csv", "Tables (CSV)", "for a spreadsheet", "csv.zip", "application/zip", _csv),
    )
}
USUAL = ("word", "pdf")


def plain_name(words: str) -> str:
    """Words as a file name that every system takes; "" when nothing is left of them."""
    return re.sub(r"[^\w-]+", "-", words).strip("-_")[:60].strip("-_")


def together(files: Sequence[File], name: str) -> File:
    """One file: itself when it is alone, a zip of that name of them all otherwise."""
    if len(files) == 1:
        return files[0]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in files:
            put(archive, one.name, one.content)
    return File(name, "application/zip", packed.getvalue())
