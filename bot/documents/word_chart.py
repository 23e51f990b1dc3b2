"""Charts of Word's own: a part of the file that says how to draw one, with the sheet that holds its numbers.

python-docx makes no charts, but its packages take parts: these are the two that Word itself would add.
"""

import io
import re
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from bot.documents.bars import height
from bot.documents.content import Chart
from bot.documents.palette import colour_of
from bot.documents.zips import put

if TYPE_CHECKING:
    from docx.document import Document

CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
ITS_SHEET = "rId1"  # by which a chart knows the sheet with its numbers
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWN = "http://schemas.openxmlformats.org/drawingml/2006"
CALC = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKED = "http://schemas.openxmlformats.org/package/2006"
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
WIDE, BAR, AROUND = 5_900_000, 165_000, 620_000  # a millimetre is 36,000


def drawing(document: "Document", chart: Chart, title: str, said: str) -> str:
    """Add the chart to the package; the run that shows it. `said` is read to whoever does not see it."""
    from docx.opc.constants import RELATIONSHIP_TYPE as LINKS
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    main = document.part
    assert main.package is not None
    number = sum(one.reltype == LINKS.CHART for one in main.rels.values()) + 1
    part = Part(PackURI(f"/word/charts/chart{number}.xml"), CHART, _chart(chart).encode(), main.package)
    sheet = Part(PackURI(f"/word/embeddings/sheet{number}.xlsx"), f"{SHEET}.sheet", _sheet(chart), main.package)
    assert part.relate_to(sheet, LINKS.PACKAGE) == ITS_SHEET
    deep = round(height(chart, 36) * BAR) + AROUND
    named = {'"': "&quot;", "\n": " "}
    return (
        f'<w:r><w:drawing><wp:inline xmlns:wp="{DRAWN}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{WIDE}" cy="{deep}"/>'
        f'<wp:docPr id="{number}" name="{escape(title, named)}" descr="{escape(said, named)}"/>'
        f'<a:graphic xmlns:a="{DRAWN}/main"><a:graphicData uri="{DRAWN}/chart"><c:chart xmlns:c="{DRAWN}/chart" '
        f'xmlns:r="{OFFICE}" r:id="{main.relate_to(part, LINKS.CHART)}"/></a:graphicData></a:graphic></wp:inline>'
        "</w:drawing></w:r>"
    )


def _chart(chart: Chart) -> str:
    last = len(chart.categories) + 1
    names = "".join(f'<c:pt idx="{at}"><c:v>{_words(one)}</c:v></c:pt>' for at, one in enumerate(chart.categories))
    series = "".join(
        f'<c:ser><c:idx val="{at}"/><c:order val="{at}"/>'
        f'<c:tx><c:strRef><c:f>Sheet1!${_column(at)}$1</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0">'
        f"<c:v>{_words(name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>"
        f'<c:spPr><a:solidFill><a:srgbClr val="{colour_of(at)}"/></a:solidFill></c:spPr>'
        f'<c:invertIfNegative val="0"/>'
        f"<c:cat><c:strRef><c:f>Sheet1!$A$2:$A${last}</c:f><c:strCache>"
        f'<c:ptCount val="{len(chart.categories)}"/>{names}</c:strCache></c:strRef></c:cat>'
        f"<c:val><c:numRef><c:f>Sheet1!${_column(at)}$2:${_column(at)}${last}</c:f><c:numCache>"
        f"<c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(chart.categories)}"/>{_values(values)}</c:numCache></c:numRef></c:val></c:ser>'
        for at, (name, values) in enumerate(chart.series)
    )
    shape = f"{chart.unit}#,##0" if chart.whole else f"{chart.unit}#,##0.0"
    font = '<a:defRPr sz="900"><a:latin typeface="Calibri"/></a:defRPr>'
    small = f'<c:txPr><a:bodyPr/><a:p><a:pPr>{font}</a:pPr><a:endParaRPr lang="en-GB"/></a:p></c:txPr>'
    legend = f'<c:legend><c:legendPos val="b"/><c:overlay val="0"/>{small}</c:legend>' if len(chart.series) > 1 else ""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<c:chartSpace xmlns:c="{DRAWN}/chart" xmlns:a="{DRAWN}/main" xmlns:r="{OFFICE}"><c:roundedCorners val="0"/>'
        '<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/><c:barChart><c:barDir val="bar"/>'
        f'<c:grouping val="clustered"/><c:varyColors val="0"/>{series}'
        f'<c:dLbls><c:numFmt formatCode="{shape}" sourceLinked="0"/>{small}<c:showLegendKey val="0"/>'
        '<c:showVal val="1"/><c:showCatName val="0"/><c:showSerName val="0"/><c:showPercent val="0"/>'
        '<c:showBubbleSize val="0"/></c:dLbls><c:gapWidth val="70"/><c:axId val="1"/><c:axId val="2"/></c:barChart>'
        '<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="maxMin"/></c:scaling><c:delete val="0"/>'
        '<c:axPos val="l"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        f'{small}<c:crossAx val="2"/></c:catAx>'
        f'<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:max val="{chart.scale:g}"/>'
        '<c:min val="0"/></c:scaling><c:delete val="1"/><c:axPos val="t"/>'
        '<c:crossAx val="1"/></c:valAx></c:plotArea>'
        f'{legend}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        "<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>"
        f'<c:externalData r:id="{ITS_SHEET}"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def _values(values: tuple[float | None, ...]) -> str:
    told = ((at, value) for at, value in enumerate(values) if value is not None)
    return "".join(f'<c:pt idx="{at}"><c:v>{value:.10g}</c:v></c:pt>' for at, value in told)


def _sheet(chart: Chart) -> bytes:
    """The smallest workbook with these numbers: what opens when somebody edits the chart."""
    headings = ("", *(name for name, _ in chart.series))
    rows = [_row(1, [_text(f"{_letter(at)}1", name) for at, name in enumerate(headings) if name])]
    for number, category in enumerate(chart.categories):
        values = [(at, shown[number]) for at, (_, shown) in enumerate(chart.series)]
        cells = [_text(f"A{number + 2}", category)]
        cells += [
            f'<c r="{_column(at)}{number + 2}"><v>{value:.10g}</v></c>' for at, value in values if value is not None
        ]
        rows.append(_row(number + 2, cells))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in (
            (
                "[Content_Types].xml",
                f'<Types xmlns="{PACKED}/content-types"><Default Extension="rels" '
                'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET}.sheet.main+xml"/>'
                f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET}.worksheet+xml"/></Types>',
            ),
            ("_rels/.rels", _link(f"{OFFICE}/officeDocument", "xl/workbook.xml")),
            (
                "xl/workbook.xml",
                f'<workbook xmlns="{CALC}" xmlns:r="{OFFICE}"><sheets>'
                '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
            ),
            ("xl/_rels/workbook.xml.rels", _link(f"{OFFICE}/worksheet", "worksheets/sheet1.xml")),
            (
                "xl/worksheets/sheet1.xml",
                f'<worksheet xmlns="{CALC}"><sheetData>{"".join(rows)}</sheetData></worksheet>',
            ),
        ):
            put(files, name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{content}')
    return packed.getvalue()


def _link(kind: str, target: str) -> str:
    inside = f'<Relationship Id="rId1" Type="{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKED}/relationships">{inside}</Relationships>'


def _row(number: int, cells: list[str]) -> str:
    return f'<row r="{number}">{"".join(cells)}</row>'


def _text(cell: str, words: str) -> str:
    return f'<c r="{cell}" t="inlineStr"><is><t>{_words(words)}</t></is></c>'


def _column(series: int) -> str:
    return _letter(series + 1)


def _letter(number: int) -> str:
    return "ABCDEFGH"[number]


def _words(words: str) -> str:
    return escape(clean(words))


def clean(words: str) -> str:
    """The words without what XML cannot hold."""
    return _FORBIDDEN.sub("", words)
