"""A portfolio as a Word document, with real headings and styles, so that its owner can go on writing in it."""

import io
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional
from xml.sax.saxutils import escape

from bot.portfolio.pages import Pages

if TYPE_CHECKING:
    from docx.document import Document

# what XML cannot hold
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


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
    facts.font.size, facts.font.color.rgb = Pt(9.5), RGBColor(0x57, 0x60, 0x6A)
    styles["Normal"].element.get_or_add_rPr().append(_element("w:lang", val="en-GB", bidi="ar-SA"))
    said = document.core_properties
    said.title, said.author, said.language = _clean(pages.title), "", "en-GB"
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
        for part in re.split(r"\n\s*\n", _clean(words).replace("\r\n", "\n").strip()):
            end.addprevious(_element("w:p", _paragraph(part, self.ids[style])))


def _paragraph(words: str, style: str) -> str:
    leans_right = _is_rtl(words)
    lines = [f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in words.split("\n")]
    return (
        f'<w:pPr><w:pStyle w:val="{style}"/>{"<w:bidi/>" if leans_right else ""}</w:pPr>'
        f"<w:r>{'<w:rPr><w:rtl/></w:rPr>' if leans_right else ''}{'<w:br/>'.join(lines)}</w:r>"
    )


def _element(name: str, inside: str = "", **attributes: str) -> Any:
    from docx.oxml.parser import parse_xml

    said = "".join(f' w:{key}="{value}"' for key, value in attributes.items())
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return parse_xml(f'<{name} xmlns:w="{namespace}"{said}>{inside}</{name}>')


def _clean(words: str) -> str:
    return _FORBIDDEN.sub("", words)


def _is_rtl(words: str) -> bool:
    for letter in words:
        way = bidirectional(letter)
        if way in ("R", "AL", "L"):
            return way != "L"
    return False
