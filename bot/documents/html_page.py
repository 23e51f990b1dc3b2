"""A document as one HTML file that opens anywhere: no script, nothing fetched, readable on paper and by ear."""

from collections.abc import Iterator, Sequence
from html import escape
from string import Template

from bot.documents.bars import groups, height
from bot.documents.content import Chapter, Line, Pages, Record, Table
from bot.documents.palette import BLUE, IN_THE_DARK, INK, LINES, QUIET, SERIES


def _bars(colours: Sequence[str]) -> str:
    return " ".join(f".bar{series} {{ fill: #{colour}; }}" for series, colour in enumerate(colours))


STYLE = Template("""
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; max-width: 44rem; margin: 0 auto;
  padding: 1.5rem; color: #$ink; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 1rem; padding-bottom: .25rem; border-bottom: 2px solid #$blue; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .15rem; }
h4 { font-size: .95rem; margin: .8rem 0 .1rem; color: #$blue; }
p { margin: .2rem 0 .5rem; white-space: pre-wrap; }
.facts, .about, .subtitle { color: #$quiet; }
.facts { font-size: .9rem; }
blockquote { margin: .2rem 0 .6rem; padding-inline-start: .8rem; border-inline-start: 3px solid #$lines; }
ul { margin: .2rem 0 .6rem; padding-inline-start: 1.3rem; }
li { white-space: pre-wrap; }
a { color: #1f5a8f; }
.table { overflow-x: auto; margin: .6rem 0 1.2rem; }
table { border-collapse: collapse; font-size: .92rem; min-width: 60%; }
caption { text-align: start; font-weight: 600; padding-bottom: .3rem; }
th, td { text-align: start; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d0d7de; }
thead th { border-bottom: 2px solid #$blue; } tbody th { font-weight: 400; }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
svg { display: block; width: 100%; height: auto; margin: .6rem 0; font: 13px system-ui, "Noto Sans", sans-serif; }
svg text { fill: #$ink; } svg .axis { stroke: #$lines; }
$bars
.skip { position: absolute; inset-inline-start: -99rem; }
.skip:focus { position: static; }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117; } h2 { border-color: #6cb0e8; } h4, a { color: #8cc4f2; }
  .facts, .about, .subtitle { color: #9da7b1; } blockquote { border-color: #444c56; }
  th, td { border-color: #30363d; } thead th { border-color: #6cb0e8; } svg text { fill: #e6edf3; }
  $dark_bars
}
@media print {
  :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 10.5pt; color: #000; background: #fff; }
  nav, .skip { display: none; } h2, h3, h4 { break-after: avoid; } article { break-inside: avoid-page; }
  svg, tr { break-inside: avoid; } thead { display: table-header-group; }
}
@page { margin: 18mm; }
""").substitute(ink=INK, quiet=QUIET, blue=BLUE, lines=LINES, bars=_bars(SERIES), dark_bars=_bars(IN_THE_DARK))

# Said again inside the file, for whoever opens it: it asks nothing of anybody and tells nobody that it was opened.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

WIDE, NAMES, VALUES, BAR, LETTERS = 640, 240, 70, 20, 32  # of a chart: its width, what its names and values take of it


def write(pages: Pages) -> bytes:
    """The HTML file."""
    return "\n".join(_document(pages)).encode()


def _document(pages: Pages) -> Iterator[str]:
    yield '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{escape(pages.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>"
    yield '<a class="skip" href="#record">To the record</a>'
    yield f'<header>\n<h1 dir="auto">{escape(pages.title)}</h1>'
    yield f'<p class="subtitle" dir="auto">{escape(pages.subtitle)}</p>\n<p class="about">{escape(pages.about)}</p>'
    yield "</header>"
    if pages.chapters:
        yield '<nav aria-label="Contents">\n<ul>'
        for chapter, counted in pages.contents():
            yield f'<li><a href="#{chapter.section}">{escape(chapter.heading)}</a>{counted}</li>'
        yield "</ul>\n</nav>"
    yield '<main id="record">'
    for chapter in pages.chapters:
        yield from _chapter(chapter)
    yield "</main>\n</body>\n</html>\n"


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield f'<section id="{chapter.section}" aria-labelledby="{chapter.section}-heading">'
    yield f'<h2 id="{chapter.section}-heading">{escape(chapter.heading)}</h2>'
    for record in chapter.records:
        yield from _record(record)
    yield "</section>"


def _record(record: Record) -> Iterator[str]:
    yield f'<article>\n<h3 dir="auto">{escape(record.heading)}</h3>'
    if record.facts:
        yield f'<p class="facts" dir="auto">{escape(record.facts)}</p>'
    listed = False
    for line in record.lines:
        if (line.style == "item") != listed:
            listed = not listed
            yield "<ul>" if listed else "</ul>"
        yield _line(line)
    if listed:
        yield "</ul>"
    for table in record.tables:
        yield from _chart(table)
        yield from _table(table)
    yield "</article>"


def _line(line: Line) -> str:
    words = escape(line.words)
    match line.style:
        case "label":
            return f'<h4 dir="auto">{words}</h4>'
        case "quote":
            return f'<blockquote dir="auto"><p>{words}</p></blockquote>'
        case "item":
            return f'<li dir="auto">{words}</li>'
        case "facts":
            return f'<p class="facts" dir="auto">{words}</p>'
        case "words":
            return f'<p dir="auto">{words}</p>'


def _table(table: Table) -> Iterator[str]:
    """A table whose headings are named to whoever hears it; one that is too wide can be scrolled with the keyboard."""
    caption = escape(table.caption)
    marks = [' class="number"' if numeric else "" for numeric in table.numeric]
    yield f'<div class="table" role="region" tabindex="0" aria-label="{caption}">\n<table>'
    yield f'<caption dir="auto">{caption}</caption>\n<thead><tr>'
    for heading, mark in zip(table.headings, marks, strict=True):
        yield f'<th scope="col"{mark}>{escape(heading)}</th>'
    yield "</tr></thead>\n<tbody>"
    for first, *cells in table.rows:
        told = "".join(f'<td dir="auto"{mark}>{escape(cell)}</td>' for cell, mark in zip(cells, marks[1:], strict=True))
        yield f'<tr><th scope="row" dir="auto">{escape(first)}</th>{told}</tr>'
    yield "</tbody>\n</table>\n</div>"


def _chart(table: Table) -> Iterator[str]:
    """The table drawn: a picture whose words say the same."""
    chart = table.chart
    if chart is None:
        return
    below = 30 * (len(chart.series) > 1)
    deep = height(chart, LETTERS) * BAR + below + 10
    yield f'<svg viewBox="0 0 {WIDE} {deep:.0f}" role="img" aria-label="{escape(table.drawn)}">'
    yield f'<line class="axis" x1="{NAMES}" y1="0" x2="{NAMES}" y2="{deep - below - 6:.0f}"/>'
    for group in groups(chart, LETTERS):
        first = (group.top + group.height / 2) * BAR + 5 - 8 * (len(group.name) - 1)
        for number, line in enumerate(group.name):
            yield f'<text x="{NAMES - 8}" y="{first + 16 * number:.1f}" text-anchor="end">{escape(line)}</text>'
        for bar in group.bars:
            long, y = bar.length * (WIDE - NAMES - VALUES), bar.top * BAR
            colour = f"bar{bar.series % len(SERIES)}"
            yield f'<rect class="{colour}" x="{NAMES}" y="{y + 1:.1f}" width="{long:.1f}" height="{BAR - 2}"/>'
            yield f'<text x="{NAMES + long + 6:.1f}" y="{y + BAR / 2 + 5:.1f}">{escape(bar.said)}</text>'
    for number, (name, _) in enumerate(chart.series if below else ()):
        x = NAMES + 170 * number
        yield f'<rect class="bar{number % len(SERIES)}" x="{x}" y="{deep - 20:.0f}" width="12" height="12"/>'
        yield f'<text x="{x + 18}" y="{deep - 9:.0f}">{escape(name)}</text>'
    yield "</svg>"
