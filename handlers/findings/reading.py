"""What a team has to make sense of: the points and ratings of its closed review, and what it has found so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.chat import Quote
from bot.errors import NotYours, Refusal
from handlers.outcomes import Point, Result, results_of
from handlers.turn import Turn
from storage import findings, reviews
from storage.models import Finding, Review, Team


class NotClosedYet(Refusal):
    """There is nothing to make sense of yet: the review is not closed."""


@dataclass(frozen=True)
class Numbered:
    """A point with the number that it has on every card: that of its question, and its own among the question's."""

    number: str
    point: Point

    @property
    def quote(self) -> Quote:
        """The words with their number, and whose they are in a named review."""
        return Quote(self.point.words, f"{self.number} · {self.point.by}" if self.point.by else self.number)


@dataclass(frozen=True)
class Found:
    """A finding, and what it rests on: points, and the ratings of questions."""

    id: int
    number: int
    words: str
    points: tuple[Numbered, ...]
    ratings: tuple[Result, ...]


@dataclass(frozen=True)
class Sense:
    """A closed review as its team makes sense of it."""

    review: Review
    team: Team
    results: Sequence[Result]
    found: Sequence[Found]

    @property
    def points(self) -> list[Numbered]:
        """Every point, by its question."""
        return [one for result in self.results for one in numbered(result)]

    @property
    def unused(self) -> list[tuple[Result, list[Numbered]]]:
        """The points that no finding rests on yet, by their questions."""
        used = {one.point.id for finding in self.found for one in finding.points}
        left = [(result, [one for one in numbered(result) if one.point.id not in used]) for result in self.results]
        return [(result, points) for result, points in left if points]


def numbered(result: Result) -> list[Numbered]:
    """The points of a question with their numbers."""
    return [Numbered(f"{result.number}.{number}", point) for number, point in enumerate(result.points, 1)]


def sense_of(turn: Turn, review: Review) -> Sense:
    """What this team has to make sense of. Nobody's look at named words is noted: they stand in the channel already."""
    results = results_of(turn, review)
    team = turn.session.get_one(Team, review.team_id)
    points = {one.point.id: one for result in results for one in numbered(result)}
    rated = {result.question.key: result for result in results if result.ratings}
    rests: dict[int, list[int | str]] = {}
    for source in findings.sources(turn.session, review.id):
        rests.setdefault(source.finding_id, []).append(source.question if source.point_id is None else source.point_id)
    found = [
        _found(turn, finding, number, rests.get(finding.id, []), points, rated)
        for number, finding in enumerate(findings.of_review(turn.session, review.id), 1)
    ]
    return Sense(review, team, results, found)


def to_change(turn: Turn, review_id: int | None) -> Review:
    """The closed review, held alone until this transaction ends. Raises a `Refusal` when it is not closed."""
    review = reviews.held(turn.session, review_id, alone=True)
    if review is None:
        raise NotYours
    if review.state != "closed":
        raise NotClosedYet
    return review


def _found(
    turn: Turn,
    finding: Finding,
    number: int,
    rests: Sequence[int | str],
    points: Mapping[int, Numbered],
    rated: Mapping[str, Result],
) -> Found:
    return Found(
        finding.id,
        number,
        turn.opened(finding.words),
        tuple(one for key, one in points.items() if key in rests),
        tuple(result for key, result in rated.items() if key in rests),
    )
