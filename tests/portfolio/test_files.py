"""The kinds of file: what is in them, what is safe about them, and that they open."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from jsonschema import Draft202012Validator

from bot.documents.tables import safe
from bot.portfolio.formats import FORMATS, USUAL
from bot.portfolio.leap2a_reader import read as read_leap2a
from bot.portfolio.pages import pages
from storage.portfolio import document as doc
from storage.portfolio import notation
from tests.portfolio.mahara import imported
from tests.portfolio.test_import import year
from tests.records import SAID, texts

__all__ = ["year"]
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def files(year: doc.Portfolio) -> Mapping[str, bytes]:
    """The year as every kind of file."""
    return {key: kind.write(year, LONDON, {}) for key, kind in FORMATS.items()}


def test_what_is_usual_can_be_read_and_taken_along() -> None:
    assert set(USUAL) <= set(FORMATS)
    assert "json" in USUAL


def test_every_text_of_the_record_is_in_the_json(year: doc.Portfolio, files: Mapping[str, bytes]) -> None:
    written = set(texts(json.loads(files["json"])))
    assert set(SAID) <= written
    assert notation.from_json(files["json"]) == year


def test_the_published_schema_is_the_one_that_is_used_and_says_yes_to_what_is_written(
    files: Mapping[str, bytes],
) -> None:
    published = json.loads((Path(__file__).parents[2] / "docs" / "portfolio.schema.json").read_text())
    assert published == notation.schema(), "run: learnbot portfolio schema > docs/portfolio.schema.json"
    Draft202012Validator.check_schema(published)
    assert list(Draft202012Validator(published).iter_errors(json.loads(files["json"]))) == []
    wrong = {**json.loads(files["json"]), "payroll": 1}
    assert len(list(Draft202012Validator(published).iter_errors(wrong))) == 1


def test_a_criterion_that_was_only_chosen_is_named_among_what_a_course_changed(year: doc.Portfolio) -> None:
    changed = doc.Changed(term="short", answers=(doc.Answer(key="skills"), doc.Answer(key="", words="The same day")))
    course = replace(year.courses[0], impact=(changed,))
    labels = {"criterion skills": "Skills, knowledge and understanding"}
    written = FORMATS["html"].write(replace(year, courses=(course,)), LONDON, labels).decode()
    assert "Skills, knowledge and understanding" in written
    assert "The same day" in written


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", " =", "\n=", "＝", "\u00a0@", "\ufeff-"])
def test_a_cell_that_a_spreadsheet_would_calculate_is_neutral(begins: str) -> None:
    assert safe(f"{begins}HYPERLINK()") == f"'{begins}HYPERLINK()"


@pytest.mark.parametrize("harmless", ["", "words", "5 = 4 + 1", "'=x", "2026-03-02"])
def test_a_cell_that_is_only_words_stays_as_it_is(harmless: str) -> None:
    assert safe(harmless) == harmless


def test_tables_have_every_record_and_nothing_that_runs(year: doc.Portfolio, files: Mapping[str, bytes]) -> None:
    tables: dict[str, list[list[str]]] = {}
    with zipfile.ZipFile(io.BytesIO(files["csv"])) as packed:
        for name in packed.namelist():
            tables[name] = list(csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig"), newline="")))
    for section in doc.SECTIONS:
        assert len(tables[f"{section}.csv"]) == len(getattr(year, section)) + 1
    cells = [cell for rows in tables.values() for row in rows for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    words = {row[tables["diary.csv"][0].index("words")].removeprefix("'") for row in tables["diary.csv"][1:]}
    assert words == {entry.words for entry in year.diary}
    assert all(len(row) == len(rows[0]) for rows in tables.values() for row in rows)


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_web_page_stands_by_itself_and_runs_nothing(files: Mapping[str, bytes]) -> None:
    page = Page(files["html"].decode())
    assert page.open == []
    names = {tag for tag, _ in page.tags}
    assert names.isdisjoint({"script", "img", "link", "iframe", "object", "form", "base"})
    assert not any(name in ("src", "style") or name.startswith("on") for _, given in page.tags for name in given)
    assert all((given.get("href") or "#").startswith("#") for _, given in page.tags)
    assert "url(" not in files["html"].decode()
    assert any("default-src 'none'" in (given.get("content") or "") for _, given in page.tags)


def test_the_web_page_can_be_heard_and_read_from_right_to_left(year: doc.Portfolio, files: Mapping[str, bytes]) -> None:
    page = Page(files["html"].decode())
    assert ("html", {"lang": "en-GB"}) in page.tags
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert [levels[0], levels.count(1)] == [1, 1]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(given.get("dir") == "auto" for tag, given in page.tags if tag in ("h1", "h3", "h4", "blockquote"))
    ids = {given["id"] for _, given in page.tags if "id" in given}
    assert {given["href"][1:] for tag, given in page.tags if tag == "a" and given.get("href")} <= ids
    said = "".join(page.words)
    assert all(line in said for entry in year.diary for line in entry.words.splitlines())


def test_the_word_document_has_it_under_real_headings(year: doc.Portfolio, files: Mapping[str, bytes]) -> None:
    document = Document(io.BytesIO(files["word"]))
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 1"]
    assert headings == [doc.SECTIONS[section][0] for section in doc.SECTIONS if getattr(year, section)]
    everything = "\n".join(one.text for one in document.paragraphs)
    assert all(line in everything for entry in year.diary for line in entry.words.splitlines())
    arabic = next(one for one in document.paragraphs if one.text.startswith("تعلمت"))
    assert arabic._p.pPr.find("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}bidi") is not None


def test_the_pdf_is_one_with_a_title_an_outline_and_its_own_fonts(files: Mapping[str, bytes]) -> None:
    written = files["pdf"]
    assert written.startswith(b"%PDF-")
    assert b"/Outlines" in written
    assert b"/Lang (en-GB)" in written
    assert written.count(b"/FontFile2") == 2
    assert b"/URI" not in written
    assert b"/JavaScript" not in written


STRANGE = ("👩‍🏫👍🏽🎉", "漢字かな", "\x00\x07\x1b", "a" * 5000, "\u202eevil\u202c", "\t", "", "नमस्ते", "ỽ𝔘")


@pytest.mark.parametrize("words", STRANGE)
def test_whatever_is_written_every_file_can_be_made(year: doc.Portfolio, words: str) -> None:
    entry = replace(year.diary[0], words=words, tags=(words[:20],))
    small = doc.Portfolio(made_at=year.made_at, owner=doc.Owner(name=words[:50] or "x"), diary=(entry,))
    for kind in FORMATS.values():
        assert kind.write(small, LONDON, {})
    assert read_leap2a(FORMATS["leap2a"].write(small, LONDON, {})).diary == (entry,)


def test_mahara_takes_every_entry_and_knows_what_it_is(year: doc.Portfolio, files: Mapping[str, bytes]) -> None:
    found = imported(files["leap2a"])
    assert found.warnings == []
    assert found.author == year.owner.name
    assert len(found.journals["Learning diary"]) == len(year.diary)
    (plan,) = [name for name in found.plans if name.startswith("Learning plan from")]
    assert len(found.plans[plan]) == len(year.targets)
    assert len(found.completed) == 2
    assert len(found.education) == len(year.courses)
    start, end, title, gained, where = found.education[0]
    assert (title, gained, where) == (year.courses[0].title, "Level 2", "Hampshire CPD")
    assert (start, end) == (year.courses[0].starts_on.isoformat(), year.courses[0].ends_on.isoformat())
    tagged = next(entry for entry in year.diary if entry.tags)
    assert found.tags[tagged.uid] == list(tagged.tags)
    posts = found.journals["catch-all"]
    assert f"Reflection on {year.courses[0].title}" in posts
    for section, item in doc.items(year):
        assert found.became[item.uid] == {
            "diary": "post", "courses": "education", "targets": "task"
        }.get(section, "post")  # fmt: skip


def test_leap2a_made_by_mahara_comes_in_as_diary_activities_and_targets() -> None:
    """As Mahara's exporter writes it: XHTML content, its own ids, a plan with a task, a selection, a person."""
    written = (Path(__file__).parent / "from_mahara.xml").read_bytes()
    found = read_leap2a(written)
    assert found.owner.name == "Siân Evans"
    assert [(entry.words, entry.tags) for entry in found.diary] == [
        ("My first post\n\nI asked before I answered.\nSecond paragraph with a link.", ("coaching", "listening")),
        ("First aid at work\n\nHeld for three years.", ("achievement",)),
    ]
    (course,) = found.courses
    assert (course.title, course.starts_on.isoformat(), course.ends_on.isoformat()) == (
        "PGCE", "2019-09-01", "2020-07-15",
    )  # fmt: skip
    (target,) = found.targets
    assert (target.words, target.strategy, target.state) == ("Wait three seconds", "Count them.", "met")
    assert target.due_on == date(2025, 12, 1)
    assert read_leap2a(written) == found  # the same names each time: nothing comes in twice


def test_the_same_portfolio_is_the_same_file(year: doc.Portfolio, files: Mapping[str, bytes]) -> None:
    for key in ("html", "csv", "json", "leap2a"):
        assert FORMATS[key].write(year, LONDON, {}) == files[key]


def test_a_policys_words_for_its_keys_are_used(year: doc.Portfolio) -> None:
    read = pages(year, LONDON, {"activity shadowing": "Watching a colleague"})
    assert any("Watching a colleague" in one.facts for chapter in read.chapters for one in chapter.records)
