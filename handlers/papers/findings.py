"""The part of a review's paper that says what the team found, and on what each finding rests."""

from collections.abc import Iterator

from bot import wording
from bot.documents.content import Line, Record
from handlers.outcomes import questions_of
from handlers.turn import Turn
from storage.models import Person, Review, ReviewPoint
from storage.papers import findings


def records(turn: Turn, review: Review, *, names: bool) -> Iterator[Record]:
    """Every finding with its sources. Without `names` what people wrote under theirs is not quoted."""
    found = findings.of_review(turn.session, review.id)
    if not found:
        words = "The team has put nothing into words yet."
        yield Record("No findings so far", "", (Line("words", words),))
    asked = {one.key: f"{number}. {one.ask}" for number, one in enumerate(questions_of(review, turn.policy), 1)}
    for number, one in enumerate(found, 1):
        words = turn.keyring.open_for_organisation(one.finding.words)
        heading = wording.shortened(words.strip().partition("\n")[0], 160)
        lines = [] if heading == words.strip() else [Line("words", words)]
        if one.points or one.questions:
            lines.append(Line("label", "It rests on"))
        lines += [Line("item", f"the ratings of “{asked.get(key, key)}”") for key in one.questions]
        lines += [Line("item", _said(turn, point, asked, names=names)) for point in one.points]
        yield Record(f"{number}. {heading}", "", tuple(lines))


def _said(turn: Turn, point: ReviewPoint, asked: dict[str, str], *, names: bool) -> str:
    question = asked.get(point.question, point.question)
    marks = f", marked by {wording.count(point.marks, 'person', 'people')}" if point.marks else ""
    if point.person_id is None:
        return f"“{turn.keyring.open_for_organisation(point.words)}” (to “{question}”{marks})"
    author = turn.session.get(Person, point.person_id)
    if not names or author is None or author.key is None:
        return f"something that was written to “{question}”{marks}"
    words = turn.read(author.id, point.words, "review", point.review_id)
    return f"“{words}”, {author.name} (to “{question}”{marks})"
