"""A document for Word, with real headings, styles, tables and charts, so that people can go on writing in it."""

import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from bot.documents.content import Pages, Table, leans_right
from bot.documents.palette import BLUE, LINES, QUIET, SHADE
from bot.documents.word_chart import clean, drawing

if TYPE_CHECKING:
    from docx.document import Document


def write(pages: Pages, made_at: datetime) -> bytes:
    """The .docx file."""
    from docx import Document as new

    document = new()
    _prepare(document, pages, made_at)
    body = _Pages(document)
    body.add(pages.title, "Title")
    body.add(pages.subtitle, "Subtitle")
    body.add(pages.about, "Facts")
    for chapter in pages.chapters:
        body.add(chapter.heading, "Heading 1")
        for record in chapter.records:
            body.add(record.heading, "Heading 2")
            if record.facts:
                body.add(record.facts, "Facts")
            for line in record.lines:
                body.add(line.words, _STYLES[line.style])
            for table in record.tables:
                body.add_chart(table)
                body.add_table(table)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


_STYLES: dict[str, str] = {
    "label": "Heading 3",
    "quote": "Quote",
    "item": "List Bullet",
    "facts": "Facts",
    "words": "Normal",
}


def _prepare(document: "Document", pages: Pages, made_at: datetime) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Mm, Pt, RGBColor

    for section in document.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(22)
    styles: Any = document.styles
    styles["Normal"].font.name, styles["Normal"].font.size = "Calibri", Pt(11)
    facts = styles.add_style("Facts", WD_STYLE_TYPE.PARAGRAPH)
    facts.base_style = styles["Normal"]
    facts.paragraph_format.keep_with_next = True
    facts.font.size, facts.font.color.rgb = Pt(9.5), RGBColor.from_string(QUIET)
    styles["Normal"].element.get_or_add_rPr().append(_element("w:lang", val="en-GB", bidi="ar-SA"))
    caption = styles["Caption"]
    caption.font.size, caption.font.color.rgb = Pt(10), RGBColor.from_string(BLUE)
    caption.paragraph_format.keep_with_next = True
    said = document.core_properties
    said.title, said.author, said.language = clean(pages.title), clean(pages.author), "en-GB"
    said.comments, said.created, said.modified = "", made_at.replace(tzinfo=None), made_at.replace(tzinfo=None)


@dataclass(frozen=True)
class _Pages:
    """The body of the document. Paragraphs are XML: making each with the library takes forty times as long."""

    document: Any
    ids: dict[str, str] = field(default_factory=dict[str, str])

    def add(self, words: str, style: str) -> None:
        """A paragraph for each block of lines, from right to left where its first letter is."""
        if style not in self.ids:
            self.ids[style] = str(self.document.styles[style].style_id)
        end = self.document.element.body[-1]  # the last section: what is on a page stands before it
        for part in re.split(r"\n\s*\n", clean(words).replace("\r\n", "\n").strip()):
            end.addprevious(_element("w:p", _paragraph(part, self.ids[style])))

    def add_table(self, table: Table) -> None:
        """A table of Word's own, whose headings stand again on every page it goes over."""
        self.add(table.caption, "Caption")
        end = self.document.element.body[-1]
        end.addprevious(_element("w:tbl", _rows(table)))
        end.addprevious(_element("w:p"))

    def add_chart(self, table: Table) -> None:
        """A chart of Word's own: its numbers can be changed there, and its words say what it shows."""
        if table.chart is not None:
            said = clean(table.caption), clean(table.drawn)
            inside = drawing(self.document, table.chart, *said)
            self.document.element.body[-1].addprevious(_element("w:p", f"<w:pPr><w:keepNext/></w:pPr>{inside}"))


def _rows(table: Table) -> str:
    """What is inside a table: how it looks, its columns, its headings, its rows."""
    marks = ["end" if numeric else "start" for numeric in table.numeric]
    named = escape(clean(table.caption), {'"': "&quot;"})
    edges = "".join(f'<w:{edge} w:val="single" w:sz="4" w:color="{LINES}"/>' for edge in ("top", "bottom", "insideH"))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in _widths(table))
    looks = f'<w:tblW w:w="5000" w:type="pct"/><w:tblBorders>{edges}</w:tblBorders><w:tblCaption w:val="{named}"/>'
    headings = "".join(_cell(heading, mark, bold=True) for heading, mark in zip(table.headings, marks, strict=True))
    rows = "".join(
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(map(_cell, row, marks))}</w:tr>" for row in table.rows
    )
    return (
        f"<w:tblPr>{looks}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{headings}</w:tr>{rows}"
    )


def _widths(table: Table) -> list[int]:
    """What each column takes of the page, in twentieths of a point."""
    longest = [max(len(cell) for cell in column) for column in zip(table.headings, *table.rows, strict=True)]
    parts = [min(max(long, 8), 14 if numeric else 45) for long, numeric in zip(longest, table.numeric, strict=True)]
    return [round(9_400 * part / sum(parts)) for part in parts]


def _cell(words: str, align: str, *, bold: bool = False) -> str:
    words = clean(words)
    rtl = leans_right(words)
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in words.split("\n"))
    looks = f'{"<w:b/>" if bold else ""}<w:sz w:val="19"/><w:szCs w:val="19"/>{"<w:rtl/>" if rtl else ""}'
    shade = f'<w:tcPr><w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/></w:tcPr>' if bold else ""
    around = f'{"<w:bidi/>" if rtl else ""}<w:spacing w:before="40" w:after="40"/><w:jc w:val="{align}"/>'
    return (
        f"<w:tc>{shade}<w:p><w:pPr>{'<w:keepNext/>' if bold else ''}{around}</w:pPr>"
        f"<w:r><w:rPr>{looks}</w:rPr>{lines}</w:r></w:p></w:tc>"
    )


def _paragraph(words: str, style: str) -> str:
    rtl = leans_right(words)
    lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in words.split("\n")]
    return (
        f'<w:pPr><w:pStyle w:val="{style}"/>{"<w:bidi/>" if rtl else ""}</w:pPr>'
        f"<w:r>{'<w:rPr><w:rtl/></w:rPr>' if rtl else ''}{'<w:br/>'.join(lines)}</w:r>"
    )


def _element(name: str, inside: str = "", **attributes: str) -> Any:
    from docx.oxml.parser import parse_xml

    said = "".join(f' w:{key}="{value}"' for key, value in attributes.items())
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return parse_xml(f'<{name} xmlns:w="{namespace}"{said}>{inside}</{name}>')
