"""A portfolio as one HTML file that opens anywhere: no script, nothing fetched, readable on paper and by ear."""

from collections.abc import Iterator
from html import escape

from bot.portfolio.pages import Chapter, Line, Pages, Record

STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.55 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; max-width: 44rem; margin: 0 auto;
  padding: 1.5rem; color: #1b1f24; background: #fff; overflow-wrap: anywhere; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 1rem; padding-bottom: .25rem; border-bottom: 2px solid #2b5d8a; }
h3 { font-size: 1.05rem; margin: 1.5rem 0 .15rem; }
h4 { font-size: .95rem; margin: .8rem 0 .1rem; color: #2b5d8a; }
p { margin: .2rem 0 .5rem; white-space: pre-wrap; }
.facts, .about, .subtitle { color: #57606a; }
.facts { font-size: .9rem; }
blockquote { margin: .2rem 0 .6rem; padding-inline-start: .8rem; border-inline-start: 3px solid #b6c2cf; }
ul { margin: .2rem 0 .6rem; padding-inline-start: 1.3rem; }
li { white-space: pre-wrap; }
a { color: #1f5a8f; }
.skip { position: absolute; inset-inline-start: -99rem; }
.skip:focus { position: static; }
@media (prefers-color-scheme: dark) {
  body { color: #e6edf3; background: #0d1117; } h2 { border-color: #6cb0e8; } h4, a { color: #8cc4f2; }
  .facts, .about, .subtitle { color: #9da7b1; } blockquote { border-color: #444c56; }
}
@media print {
  :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 10.5pt; color: #000; background: #fff; }
  nav, .skip { display: none; } h2, h3, h4 { break-after: avoid; } article { break-inside: avoid-page; }
}
@page { margin: 18mm; }
"""

# Said again inside the file, for whoever opens it: it asks nothing of anybody and tells nobody that it was opened.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


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
        for chapter in pages.chapters:
            yield f'<li><a href="#{chapter.section}">{escape(chapter.heading)}</a> ({len(chapter.records)})</li>'
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
