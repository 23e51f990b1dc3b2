"""A table reads the same in every kind of file, and so does the chart that draws it."""

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from docx import Document
from pypdf import PdfReader

from bot.documents import pdf_file
from bot.documents.content import Chapter, Chart, Line, Pages, Record, Table
from bot.documents.formats import FORMATS
from bot.documents.palette import SERIES, rgb
from tests.portfolio.test_files import Page

MADE = datetime(2026, 3, 2, 9, tzinfo=UTC)
WORDS = (
    "Why are we here?",
    "How the organisation works, and its climate, and much more besides",
    "تعلمت اليوم",
    "=1+1",
)
TABLE = Table(
    "Average rating",
    ("Question", "This year", "Last year"),
    tuple((words, f"{number}.5", "–" if number == 2 else f"{number}.0") for number, words in enumerate(WORDS, 1)),
    Chart(WORDS, (("This year", (1.5, 2.5, 3.5, 4.5)), ("Last year", (1, None, 3, 4))), most=5),
)
WIDE = Table("Costs", ("What", "Cost"), (("Coaching", "£1,200"), ("A day <b>&</b> more", "£99.50")))
PAGES = Pages(
    "A review", "Inclusion", "For learning",
    (Chapter("ratings", "Ratings", (
        Record("Together", "five people", (Line("label", "Note"), Line("words", "Read it kindly.")), (TABLE, WIDE)),
    )),), counted=False,
)  # fmt: skip


def made(key: str, pages: Pages = PAGES) -> bytes:
    return FORMATS[key].write(pages, MADE)


def in_pdf(written: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(written)).pages)


def test_a_page_names_the_headings_of_its_tables_to_whoever_hears_it() -> None:
    page = Page(made("html").decode())
    assert page.open == []
    scopes = [given.get("scope") for tag, given in page.tags if tag == "th"]
    assert scopes == ["col"] * 3 + ["row"] * 4 + ["col"] * 2 + ["row"] * 2
    assert [tag for tag, _ in page.tags].count("caption") == 2
    regions = [given for _, given in page.tags if given.get("role") == "region"]
    assert [(one["aria-label"], one["tabindex"]) for one in regions] == [("Average rating", "0"), ("Costs", "0")]
    assert "<b>" not in made("html").decode()


def test_a_drawn_chart_says_in_words_what_it_shows() -> None:
    page = Page(made("html").decode())
    (drawn,) = [given for tag, given in page.tags if tag == "svg"]
    assert drawn["role"] == "img"
    assert "Why are we here?: This year 1.5, Last year 1.0" in (drawn["aria-label"] or "")
    assert "besides: This year 2.5;" in (drawn["aria-label"] or "")
    bars = [float(given["width"] or 0) for tag, given in page.tags if tag == "rect" and given["class"] == "bar0"]
    assert bars[0] < bars[1] < bars[2] < bars[3]


def test_word_has_the_table_and_the_chart_as_its_own() -> None:
    written = made("word")
    document = Document(io.BytesIO(written))
    first, second = document.tables
    assert [cell.text for cell in first.rows[0].cells] == list(TABLE.headings)
    assert [tuple(cell.text for cell in row.cells) for row in first.rows][1:] == list(TABLE.rows)
    assert second.rows[2].cells[0].text == "A day <b>&</b> more"
    assert first.rows[0]._tr.trPr.find(f"{{{document.element.nsmap['w']}}}tblHeader") is not None
    with zipfile.ZipFile(io.BytesIO(written)) as files:
        chart = files.read("word/charts/chart1.xml").decode()
        sheet = zipfile.ZipFile(io.BytesIO(files.read("word/embeddings/sheet1.xlsx")))
        drawn = files.read("word/document.xml").decode()
    assert re.findall(r"<c:v>([\d.]+)</c:v>", chart) == ["1.5", "2.5", "3.5", "4.5", "1", "3", "4"]
    assert "<v>4.5</v>" in sheet.read("xl/worksheets/sheet1.xml").decode()
    assert f'descr="{TABLE.drawn}"' in drawn


def test_several_charts_in_one_word_file_are_each_their_own() -> None:
    twice = replace(PAGES.chapters[0].records[0], tables=(TABLE, replace(TABLE, chart=Chart(("x",), (("y", (2,)),)))))
    written = made("word", replace(PAGES, chapters=(Chapter("a", "A", (twice,)),)))
    with zipfile.ZipFile(io.BytesIO(written)) as files:
        assert [name for name in files.namelist() if "/charts/chart" in name and name.endswith("xml")] == [
            "word/charts/chart1.xml",
            "word/charts/chart2.xml",
        ]
        assert files.read("word/charts/_rels/chart2.xml.rels").decode().count("sheet2.xlsx") == 1


def test_the_words_of_a_pdf_can_be_read_out() -> None:
    read = in_pdf(made("pdf"))
    for words in ("Why are we here?", "Average rating", "Last year", "£99.50", "A day <b>&</b> more", "4.5"):
        assert words in read


def test_the_headings_of_a_long_table_stand_on_every_page_of_a_pdf() -> None:
    long = replace(WIDE, rows=WIDE.rows * 60)
    pages = replace(PAGES, chapters=(Chapter("a", "A", (Record("R", "", (), (long,)),)),))
    read = PdfReader(io.BytesIO(made("pdf", pages)))
    assert len(read.pages) > 2
    assert all("What Cost" in page.extract_text() for page in read.pages)


@pytest.mark.parametrize("words", ["x" * 20_000, "word " * 4_000, "\x00", "", "👩‍🏫", "नमस्ते", "a\nb"])
def test_whatever_stands_in_a_table_every_file_can_be_made(words: str) -> None:
    table = Table("T", ("A", "B"), ((words, "1"), ("a", words)), Chart((words, "a"), (("B", (1, 0)),)))
    pages = replace(PAGES, chapters=(Chapter("a", "A", (Record("R", "", (), (table,)),)),))
    assert all(made(key, pages) for key in FORMATS)


def test_every_table_is_a_csv_file_and_every_word_is_in_one() -> None:
    with zipfile.ZipFile(io.BytesIO(made("csv"))) as files:
        read = {name: list(csv.reader(io.StringIO(files.read(name).decode("utf-8-sig")))) for name in files.namelist()}
    assert list(read) == ["about.csv", "ratings.csv", "ratings-1-average-rating.csv", "ratings-2-costs.csv"]
    assert read["ratings.csv"] == [
        ["Heading", "What", "Words"], ["Together", "", "five people"], ["Together", "Note", "Read it kindly."],
    ]  # fmt: skip
    assert read["ratings-1-average-rating.csv"][4] == ["'=1+1", "4.5", "4.0"]


@pytest.mark.parametrize(
    ("values", "scale"), [((4.1, 3), 5), ((0,), 1), ((12, None), 20), ((1234,), 2000), ((100,), 100)]
)
def test_no_bar_is_longer_than_its_scale(values: tuple[float | None, ...], scale: float) -> None:
    assert Chart(("a",) * len(values), (("s", values),)).scale == scale


def test_a_pdf_draws_one_bar_for_each_value_that_is_shown() -> None:
    drawn = PdfReader(io.BytesIO(pdf_file.write(PAGES, MADE))).pages[0].get_contents()
    assert drawn is not None
    colour = rgb(SERIES[1])
    filled = " ".join(f"{part / 255:.4f}".rstrip("0") for part in colour)
    assert drawn.get_data().decode("latin-1").count(f"{filled} rg") >= 3
