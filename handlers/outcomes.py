"""What came of a team's review: which questions were asked, what was answered, and what of it may be shown.

For whichever conversation shows it; there is no other way to read what people answered.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, cast

from bot.policy import Policy, Question
from handlers.turn import Turn
from storage import reviews
from storage.models import Person, Review

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
    """Everything that one person answered. `by` is their name, "" in an anonymous review; `id` the answers' own."""

    id: int
    answers: Mapping[str, Answer]
    by: str = ""


@dataclass(frozen=True)
class Result:
    """What may be shown of one question. Empty where too few answered it for an anonymous review."""

    question: Question
    number: int
    ratings: tuple[int, ...]
    words: tuple[tuple[str, str], ...]  # words, and by whom
    ratings_held_back: bool
    words_held_back: bool

    @property
    def average(self) -> float:
        """The mean rating, to one decimal place."""
        return round(sum(self.ratings) / len(self.ratings), 1)

    @property
    def spread(self) -> tuple[int, ...]:
        """How many gave 1, 2, 3, 4 and 5."""
        return tuple(self.ratings.count(value) for value in range(1, 6))


def results(questions: Sequence[Question], given: Sequence[Given], *, anonymous: bool, shown_from: int) -> list[Result]:
    """What may be shown of each question, in the order they were asked.

    In an anonymous review ratings need `shown_from` ratings and words need words of `shown_from` people. Words come by
    name in a named review; in an anonymous one in an order that differs from question to question, so that nobody's
    answers can be lined up, and that has nothing to do with when they came.
    """
    fewest = shown_from if anonymous else 1
    found: list[Result] = []
    for number, question in enumerate(questions, 1):
        answered = [(one, one.answers[question.key]) for one in given if question.key in one.answers]
        ratings = tuple(answer.rating for _, answer in answered if answer.rating is not None)
        wrote = sorted(
            ((one, answer.said) for one, answer in answered if answer.said),
            key=partial(_lot, question.key) if anonymous else _name,
        )
        found.append(
            Result(
                question,
                number,
                ratings if len(ratings) >= fewest else (),
                tuple((words, one.by) for one, words in wrote) if len(wrote) >= fewest else (),
                ratings_held_back=0 < len(ratings) < fewest,
                words_held_back=0 < len(wrote) < fewest,
            )
        )
    return found


def results_of(turn: Turn, review: Review) -> list[Result]:
    """What may be shown. Somebody who was erased takes their named answers with them."""
    given: list[Given] = []
    for one in reviews.answers(turn.session, review.id):
        if one.person_id is None:
            given.append(Given(one.id, unpacked(turn.keyring.open_for_organisation(one.answers))))
            continue
        author = turn.session.get(Person, one.person_id)
        if author is not None and author.key is not None:
            opened = turn.read(author.id, one.answers, "review", review.id)
            given.append(Given(one.id, unpacked(opened), author.name))
    shown_from = turn.policy.reviews.shown_from
    if review.anonymous and len(given) < shown_from:
        return []
    return results(questions_of(review, turn.policy), given, anonymous=review.anonymous, shown_from=shown_from)


def _name(wrote: tuple[Given, str]) -> str:
    return wrote[0].by


def _lot(key: str, wrote: tuple[Given, str]) -> str:
    # the ids were drawn by lot at closing; a hash with the question makes another order of them for each question
    return hashlib.sha256(f"{key}/{wrote[0].id}".encode()).hexdigest()
