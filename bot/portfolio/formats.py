"""The kinds of file that a portfolio can be made into, and how several become one."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from storage.portfolio import document as doc

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
STAMP = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class File:
    """A file, whole."""

    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Format:
    """A kind of file: what people call it, what it is good for, how it ends, and how it is written."""

    key: str
    label: str
    good_for: str
    ending: str
    type: str
    write: Callable[[doc.Portfolio, ZoneInfo, Mapping[str, str]], bytes]


def _html(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    from bot.portfolio import html_page, pages

    return html_page.write(pages.pages(portfolio, zone, labels))


def _pdf(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    from bot.portfolio import pages, pdf_file

    return pdf_file.write(pages.pages(portfolio, zone, labels), portfolio.made_at)


def _word(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    from bot.portfolio import pages, word_file

    return word_file.write(pages.pages(portfolio, zone, labels), portfolio.made_at)


def _leap2a(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    from bot.portfolio import leap2a, pages

    return leap2a.write(portfolio, pages.pages(portfolio, zone, labels), zone)


def _csv(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    from bot.portfolio import csv_files

    return csv_files.write(portfolio)


def _json(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    return doc.to_json(portfolio)


FORMATS: Mapping[str, Format] = {
    one.key: one
    for one in (
        Format("html", "Web page", "opens anywhere", "html", "text/html; charset=utf-8", _html),
        Format("pdf", "PDF", "to print or send", "pdf", "application/pdf", _pdf),
        Format("word", "Word", "to go on writing in", "docx", WORD, _word),
        Format("csv", "Tables (CSV)", "for a spreadsheet", "csv.zip", "application/zip", _csv),
        Format("json", "JSON", "to take into another learning bot", "json", "application/json", _json),
        Format("leap2a", "Leap2A", "to take into Mahara", "leap2a.xml", "application/atom+xml", _leap2a),
    )
}
USUAL = ("html", "pdf", "json")


def name_of(owner: str, ending: str) -> str:
    """A file name that every system takes, whatever the person is called."""
    plain = re.sub(r"[^\w-]+", "-", owner).strip("-_")[:60]
    return f"learning-portfolio-{plain or 'mine'}.{ending}"


def together(files: Sequence[File], owner: str) -> File:
    """One file: itself when it is alone, a zip of them all otherwise."""
    if len(files) == 1:
        return files[0]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in files:
            entry = zipfile.ZipInfo(one.name, STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, one.content)
    return File(name_of(owner, "zip"), "application/zip", packed.getvalue())
