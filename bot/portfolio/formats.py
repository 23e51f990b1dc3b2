"""The kinds of file that a portfolio can be made into: those of every document, and those that only take it along."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.documents.formats import FORMATS as DOCUMENTS
from bot.documents.formats import Format, plain_name
from storage.portfolio import document as doc
from storage.portfolio import notation


def _as_document(key: str) -> Format[[doc.Portfolio, ZoneInfo, Mapping[str, str]]]:
    kind = DOCUMENTS[key]

    def write(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
        from bot.portfolio import pages

        return kind.write(pages.pages(portfolio, zone, labels), portfolio.made_at)

    return Format(kind.key, kind.label, kind.good_for, kind.ending, kind.type, write)


def _leap2a(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    from bot.portfolio import leap2a, pages

    return leap2a.write(portfolio, pages.pages(portfolio, zone, labels), zone)


def _csv(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    from bot.portfolio import csv_files

    return csv_files.write(portfolio)


def _json(portfolio: doc.Portfolio, zone: ZoneInfo, labels: Mapping[str, str]) -> bytes:
    return notation.to_json(portfolio)


FORMATS: Mapping[str, Format[[doc.Portfolio, ZoneInfo, Mapping[str, str]]]] = {
    one.key: one
    for one in (
        _as_document("html"),
        _as_document("pdf"),
        _as_document("word"),
        Format("csv", "Tables (CSV)", "for a spreadsheet", "csv.zip", "application/zip", _csv),
        Format("json", "JSON", "to take into another learning bot", "json", "application/json", _json),
        Format("leap2a", "Leap2A", "to take into Mahara", "leap2a.xml", "application/atom+xml", _leap2a),
    )
}
USUAL = ("html", "pdf", "json")


def name_of(owner: str, ending: str) -> str:
    """A file name that every system takes, whatever the person is called."""
    return f"learning-portfolio-{plain_name(owner) or 'mine'}.{ending}"
