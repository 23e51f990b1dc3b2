"""A portfolio as a Word document, with real headings and styles, so that its owner can go on writing in it."""

import io
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

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
    _add(document, pages.title, "Title")
    _add(document, pages.subtitle, "Subtitle")
    _add(document, pages.about, "Facts")
    for chapter in pages.chapters:
        _add(document, chapter.heading, "Heading 1")
        for record in chapter.records:
            _add(document, record.heading, "Heading 2")
            if record.facts:
                _add(document, record.facts, "Facts")
            for line in record.lines:
                _add(document, line.words, _STYLES[line.style])
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


def _add(document: "Document", words: str, style: str) -> None:
    """A paragraph for each block of lines, from right to left where its first letter is."""
    for part in re.split(r"\n\s*\n", _clean(words).replace("\r\n", "\n").strip()):
        paragraph: Any = document.add_paragraph(style=style)
        run = paragraph.add_run(part)  # where a line ends in it, one ends in Word
        if _is_rtl(part):
            paragraph._p.get_or_add_pPr().append(_element("w:bidi"))
            run._r.get_or_add_rPr().append(_element("w:rtl"))


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml.parser import parse_xml

    said = "".join(f' w:{key}="{value}"' for key, value in attributes.items())
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return parse_xml(f'<{name} xmlns:w="{namespace}"{said}/>')


def _clean(words: str) -> str:
    return _FORBIDDEN.sub("", words)


def _is_rtl(words: str) -> bool:
    for letter in words:
        way = bidirectional(letter)
        if way in ("R", "AL", "L"):
            return way != "L"
    return False
