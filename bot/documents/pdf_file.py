"""A document as a PDF: with an outline, every script shaped, from right to left where that is how it is written."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import combining, normalize

from bot.documents import palette
from bot.documents.bars import groups, height
from bot.documents.content import Chapter, Line, Pages, Record, Table, leans_right
from bot.documents.palette import colour_of, rgb

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
INK, QUIET, BLUE = map(rgb, (palette.INK, palette.QUIET, palette.BLUE))
LINES, SHADE = rgb(palette.LINES), rgb(palette.SHADE)
MARGIN = 20.0  # mm
BAR, NAMES, VALUES, LETTERS = 5.0, 62.0, 20.0, 36  # of a chart, in mm: a bar, what names and values take of its width
LONGEST = 600  # letters that a cell can hold and still stand on one page
UNKNOWN = "\ufffd"  # shown for what no font here has


def write(pages: Pages, made_at: datetime) -> bytes:
    """The PDF file."""
    pdf = _blank(pages, made_at)
    _title(pdf, pages)
    for chapter in pages.chapters:
        _chapter(pdf, chapter)
    return bytes(pdf.output())


def _blank(pages: Pages, made_at: datetime) -> "FPDF":
    from fpdf import FPDF

    class Numbered(FPDF):
        def footer(self) -> None:
            self.set_y(-15)
            self.set_font(FAMILY, size=8)
            self.set_text_color(*QUIET)
            self.cell(0, 8, f"{self.page_no()}", align="C")

    pdf = Numbered(format="A4")
    pdf.set_margins(MARGIN, MARGIN, MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    pdf.add_font(FAMILY, "", FONTS / "DejaVuSans.ttf")
    pdf.add_font(FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
    pdf.set_text_shaping(True)
    pdf.set_title(_shown(pages.title))
    pdf.set_author(_shown(pages.author))
    pdf.set_lang("en-GB")
    pdf.set_creator("learnbot")
    pdf.set_creation_date(made_at)
    pdf.add_page()
    return pdf


def _title(pdf: "FPDF", pages: Pages) -> None:
    _paragraph(pdf, pages.title, size=20, bold=True, after=1)
    _paragraph(pdf, pages.subtitle, size=11, colour=QUIET, after=3)
    _paragraph(pdf, pages.about, size=9, colour=QUIET, after=6)
    for chapter, counted in pages.contents():
        _paragraph(pdf, f"{chapter.heading}{counted}", size=10, after=0.5)


def _chapter(pdf: "FPDF", chapter: Chapter) -> None:
    _keep_together(pdf, max(45, 22 + _needed(chapter.records[0]) if chapter.records else 0))
    pdf.ln(8)
    pdf.start_section(_shown(chapter.heading), level=0)
    _paragraph(pdf, chapter.heading, size=15, bold=True, after=1)
    pdf.set_draw_color(*BLUE)
    pdf.line(MARGIN, pdf.get_y(), pdf.w - MARGIN, pdf.get_y())
    pdf.ln(2)
    for record in chapter.records:
        _record(pdf, record)


def _needed(record: Record) -> float:
    """What the beginning of a record takes of a page, in mm: its heading, and what must not stand apart from it."""
    return 24 + (0 if record.lines or not record.tables else _height(record.tables[0]))


def _record(pdf: "FPDF", record: Record) -> None:
    _keep_together(pdf, _needed(record))
    pdf.ln(3)
    _paragraph(pdf, record.heading, size=11, bold=True, after=0.5)
    if record.facts:
        _paragraph(pdf, record.facts, size=8.5, colour=QUIET, after=1)
    for line in record.lines:
        _line(pdf, line)
    for table in record.tables:
        _keep_together(pdf, _height(table))
        _chart(pdf, table)
        _table(pdf, table)


def _line(pdf: "FPDF", line: Line) -> None:
    match line.style:
        case "label":
            _keep_together(pdf, 14)
            _paragraph(pdf, line.words, size=9, bold=True, colour=BLUE, after=0.3, before=1)
        case "quote":
            _paragraph(pdf, line.words, size=10, colour=QUIET, indent=6, after=1.5)
        case "item":
            _paragraph(pdf, f"• {line.words}", size=10, indent=3, after=0.5)
        case "facts":
            _paragraph(pdf, line.words, size=8.5, colour=QUIET, after=1)
        case "words":
            _paragraph(pdf, line.words, size=10, after=1.5)


def _height(table: Table) -> float:
    """About how much of a page a chart and its table take, in mm; of a long table as much as shall stand together."""
    drawn = 0 if table.chart is None else height(table.chart, LETTERS) * BAR + 14
    return drawn + 14 + 6.6 * min(len(table.rows) + 1, 14)


def _table(pdf: "FPDF", table: Table) -> None:
    """A table whose headings are repeated on every page; one that is too long for that, cell by cell."""
    _paragraph(pdf, table.caption, size=9, bold=True, colour=BLUE, before=1, after=1)
    if any(len(cell) > LONGEST for row in table.rows for cell in row):
        for first, *cells in table.rows:
            _paragraph(pdf, first, size=9, bold=True, after=0.5)
            for heading, cell in zip(table.headings[1:], cells, strict=True):
                _paragraph(pdf, f"{heading}: {cell}", size=9, indent=4, after=0.5)
        return
    from fpdf.fonts import FontFace

    pdf.set_font(FAMILY, "", 8.5)
    pdf.set_text_color(*INK)
    pdf.set_draw_color(*LINES)
    pdf.set_fill_color(255)
    rows = [[_shown(cell) for cell in row] for row in (table.headings, *table.rows)]
    pdf.set_text_shaping(any(_is_shaped(cell) for row in rows for cell in row))
    aligned = tuple("RIGHT" if numeric else "LEFT" for numeric in table.numeric)
    with pdf.table(
        rows, col_widths=_widths(table), text_align=aligned, borders_layout="HORIZONTAL_LINES", line_height=4.2,
        padding=(1, 1.5, 1, 0), v_align="TOP", headings_style=FontFace(emphasis="BOLD", fill_color=SHADE),
    ):  # fmt: skip
        pass
    pdf.ln(4)


def _widths(table: Table) -> tuple[int, ...]:
    """What each column takes of the width, by what is in it: a column of numbers as much as its heading needs."""
    longest = [max(len(cell) for cell in column) for column in zip(table.headings, *table.rows, strict=True)]
    words = [max(len(word) for word in heading.split() or [""]) for heading in table.headings]
    return tuple(
        max(word + 3, 8) if numeric else min(max(long, word + 3, 10), 45)
        for long, word, numeric in zip(longest, words, table.numeric, strict=True)
    )


def _chart(pdf: "FPDF", table: Table) -> None:
    """The table drawn, where its scale begins at nothing; what it says is in the table."""
    chart = table.chart
    if chart is None:
        return
    with_names = len(chart.series) > 1
    pdf.ln(2)
    top, left, wide = pdf.get_y(), MARGIN + NAMES, pdf.epw - NAMES - VALUES
    for group in groups(chart, LETTERS):
        middle = top + (group.top + group.height / 2) * BAR
        for number, line in enumerate(group.name):
            _label(pdf, line, MARGIN, middle - 2 * len(group.name) + 4 * number, NAMES - 2, "R")
        for bar in group.bars:
            y = top + bar.top * BAR
            pdf.set_fill_color(*rgb(colour_of(bar.series)))
            if bar.length:
                pdf.rect(left, y + 0.3, bar.length * wide, BAR - 0.6, style="F")
            _label(pdf, bar.said, left + bar.length * wide + 0.5, y + BAR / 2 - 2, VALUES, "L")
    below = top + height(chart, LETTERS) * BAR
    pdf.set_draw_color(*LINES)
    pdf.line(left, top - 1, left, below + 1)
    for number, (name, _) in enumerate(chart.series if with_names else ()):
        pdf.set_fill_color(*rgb(colour_of(number)))
        pdf.rect(left + 48 * number, below + 3.2, 3, 3, style="F")
        _label(pdf, name, left + 48 * number + 3.5, below + 2.7, 44, "L")
    pdf.set_y(below + (9 if with_names else 4))


def _label(pdf: "FPDF", words: str, x: float, y: float, width: float, align: str) -> None:
    shown = _shown(words)
    pdf.set_font(FAMILY, "", 8)
    pdf.set_text_color(*INK)
    pdf.set_text_shaping(_is_shaped(shown), direction="rtl" if leans_right(shown) else "ltr")
    pdf.set_xy(x, y)
    pdf.cell(width, 4, shown, align=align)


def _paragraph(
    pdf: "FPDF",
    words: str,
    *,
    size: float,
    bold: bool = False,
    colour: tuple[int, int, int] = INK,
    indent: float = 0,
    before: float = 0,
    after: float = 0,
) -> None:
    if before:
        pdf.ln(before)
    pdf.set_font(FAMILY, "B" if bold else "", size)
    pdf.set_text_color(*colour)
    for part in words.replace("\r\n", "\n").split("\n"):
        shown = _shown(part)
        if not shown.strip():
            pdf.ln(size * 0.25)
            continue
        to_the_right = leans_right(shown)
        pdf.set_x(MARGIN + (0 if to_the_right else indent))
        width = pdf.w - 2 * MARGIN - indent
        # Shaping looks at every letter by itself and takes most of the time: only scripts that need it are shaped.
        # Each paragraph has a base direction of its own: an English one that quotes Arabic stays on the left.
        pdf.set_text_shaping(_is_shaped(shown), direction="rtl" if to_the_right else "ltr")
        pdf.multi_cell(width, size * 0.5, shown, align="R" if to_the_right else "L", new_x="LMARGIN", new_y="NEXT")
    if after:
        pdf.ln(after)


def _keep_together(pdf: "FPDF", needed: float) -> None:
    if pdf.will_page_break(min(needed, pdf.eph)) and pdf.get_y() > MARGIN:
        pdf.add_page()


def _is_shaped(words: str) -> bool:
    """Whether letters join, change with their neighbours, or go from right to left."""
    if words.isascii():
        return False
    return any(combining(one) or "\u0590" <= one < "\u1e00" or "\u2c00" <= one < "\ufe00" for one in words)


def _shown(words: str) -> str:
    """The words with what the font does not have shown as one mark, and what joins or modifies it left out."""
    has = _letters()
    shown: list[str] = []
    for letter in normalize("NFC", words):
        number = ord(letter)
        if number in has:
            shown.append(letter)
        elif letter == "\t":
            shown.append("    ")
        elif number < 32 or number in (0x200D, 0xFE0F, 0xFE0E) or 0x1F3FB <= number <= 0x1F3FF or number >= 0xE0000:
            continue
        else:
            shown.append(UNKNOWN)
    return "".join(shown)


@cache
def _letters() -> frozenset[int]:
    from fontTools.ttLib import TTFont

    font: Any = TTFont(FONTS / "DejaVuSans.ttf")
    regular = frozenset(font.getBestCmap())
    bold: Any = TTFont(FONTS / "DejaVuSans-Bold.ttf")
    return regular & frozenset(bold.getBestCmap())
