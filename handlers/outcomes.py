"""What came of a team's review: which questions were asked, what was answered, and what of it may be shown.

For whichever conversation shows it; there is no other way to read what people answered. While a review is open nothing
may be shown. When it closes, `settle` fixes what may, once: how often each rating was given, and each piece of words as
a point by itself. All that is shown later is built from these, so that no two views of it differ by one person.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, cast

from bot.policy import Policy, Question
from handlers.turn import Turn
from storage import findings, reviews
from storage.models import Look, Person, Review

PADDED_TO = 2048  # characters: a short answer and a long one look alike once sealed
KEPT_OF_A_QUESTION = {"key", "ask", "gloss", "low", "high"}

# --------------------------------------------------------------------------------------------------------- questions


def kept_questions(questions: Sequence[Question]) -> str:
    """Questions as a review keeps them, in order: the policy may have changed by the time they are read."""
    return json.dumps([question.model_dump(include=KEPT_OF_A_QUESTION) for question in questions], ensure_ascii=False)


def questions_of(review: Review, policy: Policy) -> tuple[Question, ...]:
    """The questions that a review asks, in order: its own, or the policy's where it kept none."""
    if not review.questions:
        return policy.reviews.questions
    # not checked again: they were when they were kept, and what was asked stays what was asked
    return tuple(Question.model_construct(**kept) for kept in json.loads(review.questions))


# ----------------------------------------------------------------------------------------------------------- answers


@dataclass(frozen=True)
class Answer:
    """One person's answer to one question.

    `evidence` is a link or a figure, as it was typed; `entry` the words of a diary entry that its owner released.
    """

    rating: int | None = None
    words: str = ""
    evidence: str = ""
    entry: str = ""

    @property
    def said(self) -> str:
        """Everything that was written, with what it rests on."""
        evidence = f"Evidence: {self.evidence}" if self.evidence else ""
        entry = f"From a learning diary: {self.entry}" if self.entry else ""
        return "\n".join(filter(None, (self.words, evidence, entry)))


def packed(answers: Mapping[str, Answer]) -> str:
    """Answers as JSON, padded with spaces to a few lengths, so that sealed answers cannot be told apart by size."""
    written = json.dumps({key: asdict(answer) for key, answer in answers.items()})
    length = PADDED_TO
    while length < len(written):
        length *= 2
    return written.ljust(length)


def unpacked(written: str) -> dict[str, Answer]:
    """The answers that were packed."""
    kept = cast(dict[str, dict[str, Any]], json.loads(written))
    return {key: Answer(**answer) for key, answer in kept.items()}


# ------------------------------------------------------------------------------------------------- what may be shown


@dataclass(frozen=True)
class Given:
    """Everything that one person answered. `by` and `author_id` say who; "" and None in an anonymous review."""

    answers: Mapping[str, Answer]
    by: str = ""
    author_id: int | None = None


@dataclass(frozen=True)
class Point:
    """One piece of words: what one answer to one question says. `id` is its `ReviewPoint`, 0 before there is one."""

    words: str
    by: str = ""
    author_id: int | None = None
    id: int = 0
    marks: int = 0


@dataclass(frozen=True)
class Result:
    """What may be shown of one question. Empty where too few answered it for an anonymous review."""

    question: Question
    number: int
    ratings: tuple[int, ...]  # from low to high
    points: tuple[Point, ...]
    ratings_held_back: bool
    words_held_back: bool

    @property
    def asked(self) -> str:
        """The question as it heads what was answered."""
        return f"{self.number}. {self.question.ask}"

    @property
    def average(self) -> float:
        """The mean rating, to one decimal place."""
        return round(sum(self.ratings) / len(self.ratings), 1)

    @property
    def spread(self) -> tuple[int, ...]:
        """How many gave 1, 2, 3, 4 and 5."""
        return tuple(self.ratings.count(value) for value in range(1, 6))

    @property
    def words(self) -> tuple[tuple[str, str], ...]:
        """The words, and by whom."""
        return tuple((point.words, point.by) for point in self.points)


def results(questions: Sequence[Question], given: Sequence[Given], *, anonymous: bool, shown_from: int) -> list[Result]:
    """What may be shown of each question, in the order they were asked.

    In an anonymous review nothing is shown of fewer than `shown_from` people, ratings need as many ratings and words
    need words of as many people. Words come by name in a named review. In an anonymous one they have no order yet: they
    get one by the numbers that their points draw, another for each question, so that nobody's can be lined up.
    """
    fewest = shown_from if anonymous else 1
    if len(given) < fewest:
        return []
    found: list[Result] = []
    for number, question in enumerate(questions, 1):
        answered = [(one, one.answers[question.key]) for one in given if question.key in one.answers]
        ratings = tuple(sorted(answer.rating for _, answer in answered if answer.rating is not None))
        points = [Point(answer.said, one.by, one.author_id) for one, answer in answered if answer.said]
        found.append(
            Result(
                question,
                number,
                ratings if len(ratings) >= fewest else (),
                tuple(sorted(points, key=_name)) if len(points) >= fewest else (),
                ratings_held_back=0 < len(ratings) < fewest,
                words_held_back=0 < len(points) < fewest,
            )
        )
    return found


def settle(turn: Turn, review: Review, answered: int, asked: int) -> None:
    """Fix what may be shown of a review that has just closed, once. Nothing else is left of an anonymous one.

    `answered` of `asked` people took part. What too few rated or wrote is destroyed with the answers, and with them all
    that says which ratings and which points are of one hand.
    """
    nobody = replace(turn, reader=None)  # the answers are put together, and nobody reads them: no look is noted
    shown_from = turn.policy.reviews.shown_from
    found = results(
        questions_of(review, turn.policy), _given(nobody, review), anonymous=review.anonymous, shown_from=shown_from
    )
    points = [(result.question.key, point) for result in found for point in result.points]
    findings.keep_points(
        turn.session, review.id, [(key, _sealed(turn, point), point.author_id) for key, point in points]
    )
    came = {result.question.key: _fixed(result) for result in found}
    review.came = turn.keyring.seal_for_organisation(json.dumps(came).ljust(PADDED_TO))
    review.answered, review.asked, review.settled_at = answered, max(asked, answered), turn.now
    if review.anonymous:
        reviews.destroy_answers(turn.session, review.id)
    turn.session.flush()


def settle_late(turn: Turn, review: Review) -> None:
    """The same for a review that closed before this was fixed at closing."""
    if review.settled_at is not None:
        return
    held = reviews.held(turn.session, review.id, alone=True)
    if held is not None and held.settled_at is None:
        answered, asked = reviews.how_many(turn.session, held.id), reviews.everybody_asked(turn.session, held)
        settle(turn, held, answered, len(asked))


def results_of(turn: Turn, review: Review, *, words: bool = True) -> list[Result]:
    """What may be shown of a closed review. Somebody who was erased takes their named words with them.

    Nobody has looked at named words by this: whoever shows some of them says what was `seen`.
    """
    if review.state != "closed":
        return []
    turn = replace(turn, reader=None)
    settle_late(turn, review)
    assert review.came is not None
    questions = questions_of(review, turn.policy)
    came = cast(dict[str, dict[str, Any]], json.loads(turn.keyring.open_for_organisation(review.came)))
    points = _points(turn, review) if words else {}
    return [
        Result(
            question,
            number,
            tuple(rating for rating, many in enumerate(fixed["spread"], 1) for _ in range(many)),
            tuple(points.get(question.key, ())),
            ratings_held_back=fixed["ratings_held_back"],
            words_held_back=fixed["words_held_back"],
        )
        for number, question in enumerate(questions, 1)
        if (fixed := came.get(question.key)) is not None
    ]


@dataclass(frozen=True)
class Before:
    """How a question was rated the last time its team asked it in a yearly review, which closed on `closed_on`."""

    average: float
    title: str
    closed_on: date


def last_time(turn: Turn, review: Review) -> dict[str, Before]:
    """How the questions of this review were rated the last time, by their keys: only those whose rating may be shown.

    A question that a lead asked in their own words counts as the same only where the words are the same.
    """
    usual = {question.key for question in turn.policy.reviews.questions}
    sought = {question.key: question for question in questions_of(review, turn.policy)}
    found: dict[str, Before] = {}
    for earlier in reviews.yearly_before(turn.session, review):
        asked = [
            question.key
            for question in questions_of(earlier, turn.policy)
            if question.key in sought and (question.key in usual or question.ask == sought[question.key].ask)
        ]
        for key in asked:
            del sought[key]
        closed_on = earlier.closes_at.astimezone(turn.policy.tzinfo).date()
        for result in results_of(turn, earlier, words=False) if asked else ():
            if result.question.key in asked and result.ratings:
                found[result.question.key] = Before(result.average, earlier.title, closed_on)
    return found


def _given(turn: Turn, review: Review) -> list[Given]:
    given: list[Given] = []
    for one in reviews.answers(turn.session, review.id):
        if one.person_id is None:
            given.append(Given(unpacked(turn.keyring.open_for_organisation(one.answers))))
            continue
        author = turn.session.get(Person, one.person_id)
        if author is not None and author.key is not None:
            opened = turn.read(author.id, one.answers, "review", review.id)
            given.append(Given(unpacked(opened), author.name, author.id))
    return given


def seen(turn: Turn, review: Review, points: Iterable[Point]) -> None:
    """The turn's reader is shown these points whole: each author of named ones can see that, once."""
    if turn.reader is None:
        return
    authors = dict.fromkeys(point.author_id for point in points if point.author_id not in (None, turn.reader.id))
    for author_id in authors:
        turn.session.add(
            Look(owner_id=author_id, reader_id=turn.reader.id, kind="review", about=review.id, at=turn.now)
        )


def _points(turn: Turn, review: Review) -> dict[str, list[Point]]:
    """The points of a settled review by question: by name, or by the numbers they drew."""
    found: dict[str, list[Point]] = {}
    for row in findings.points(turn.session, review.id):
        if row.person_id is None:
            point = Point(turn.keyring.open_for_organisation(row.words), id=row.id, marks=row.marks)
        else:
            author = turn.session.get_one(Person, row.person_id)
            words = turn.read(author.id, row.words, "review", review.id)
            point = Point(words, author.name, author.id, row.id, row.marks)
        found.setdefault(row.question, []).append(point)
    return {key: sorted(points, key=_name) for key, points in found.items()}


def _sealed(turn: Turn, point: Point) -> bytes:
    if point.author_id is None:
        return turn.keyring.seal_for_organisation(point.words)
    return turn.seal(point.words, turn.session.get_one(Person, point.author_id))


def _fixed(result: Result) -> dict[str, Any]:
    return {
        "spread": result.spread,
        "ratings_held_back": result.ratings_held_back,
        "words_held_back": result.words_held_back,
    }


def _name(point: Point) -> str:
    return point.by
