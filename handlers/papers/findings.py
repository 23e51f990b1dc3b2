"""The part of a review's paper that says what the team found, and on what each finding rests."""

from collections.abc import Iterator, Sequence

from bot import wording
from bot.documents.content import Line, Record
from handlers.outcomes import Point, Result
from handlers.turn import Turn
from storage import findings
from storage.models import FindingSource, Review


def records(turn: Turn, review: Review, results: Sequence[Result]) -> Iterator[Record]:
    """Every finding with its sources. What somebody wrote is quoted only where `results` have it."""
    found = findings.of_review(turn.session, review.id)
    if not found:
        words = "The team has put nothing into words yet."
        yield Record("No findings so far", "", (Line("words", words),))
    asked = {one.question.key: one.asked for one in results}
    points = {point.id: (asked[one.question.key], point) for one in results for point in one.points}
    sources = findings.sources(turn.session, review.id)
    for number, one in enumerate(found, 1):
        words = turn.opened(one.words)
        heading = wording.shortened(words.strip().partition("\n")[0], 160)
        lines = [] if heading == words.strip() else [Line("words", words)]
        rests = [source for source in sources if source.finding_id == one.id]
        lines += [Line("label", "It rests on")] if rests else []
        lines += [Line("item", _source(source, asked, points)) for source in rests]
        yield Record(f"{number}. {heading}", "", tuple(lines))


def _source(source: FindingSource, asked: dict[str, str], points: dict[int, tuple[str, Point]]) -> str:
    if source.point_id is None:
        return f"the ratings of “{asked.get(source.question, source.question)}”"
    if source.point_id not in points:
        return "something that somebody wrote"
    question, point = points[source.point_id]
    by = f", {point.by}" if point.by else ""
    marks = f", marked by {wording.count(point.marks, 'person', 'people')}" if point.marks else ""
    return f"“{point.words}”{by} (to “{question}”{marks})"
