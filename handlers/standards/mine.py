"""Somebody's standard with all that is theirs about it: evidence, and how they see themselves, now and last time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import NotYours, Refusal
from handlers.standards.fitting import Statement
from handlers.turn import Turn
from storage import evidence, self_reviews, standards
from storage.models import SelfRating, SelfReview, Standard, StandardItem
from storage.standards import Area, Difference

LEVELS: Mapping[str, str] = {"strength": "A strength", "growing": "Growing", "need": "A need"}


class NoStandard(Refusal):
    """No standard is set for your post yet. Your learning coordinator can import one and say which post you hold."""


@dataclass(frozen=True)
class Said:
    """How somebody sees themselves in a statement. `level` is one of `LEVELS`, "" while they have not said."""

    level: str = ""
    words: str = ""

    def packed(self) -> str:
        """As JSON, to be sealed."""
        return json.dumps({"level": self.level, "words": self.words}, ensure_ascii=False)


@dataclass(frozen=True)
class Mine:
    """A version of a standard as its reader stands with it. `counts` is how many records count, by code.

    `review` is the self-review that is open or, when none is, the last one; `said` is by statement.
    """

    standard: Standard
    areas: tuple[Area, ...]
    counts: Mapping[str, int]
    review: SelfReview | None
    said: Mapping[int, Said]
    replaced: Standard | None
    difference: Difference

    @property
    def statements(self) -> tuple[StandardItem, ...]:
        """All statements, in order."""
        return tuple(statement for area in self.areas for statement in area.statements)

    def searched(self) -> list[Statement]:
        """The statements as they are looked through."""
        return [Statement(one.id, one.code, one.words, one.gloss) for one in self.statements]

    def mark(self, item: StandardItem) -> str:
        """“new” or “reworded” since the version before; "" for most."""
        if any(one.id == item.id for one in self.difference.new):
            return "new"
        return "reworded" if any(one.id == item.id for one in self.difference.changed) else ""


def mine(turn: Turn) -> Mine:
    """The reader's own standard, in the version that is in force. Raises `NoStandard`."""
    standard = standards.of_person(turn.session, turn.person)
    if standard is None:
        raise NoStandard
    review = self_reviews.open_of(turn.session, turn.person.id, standard.id)
    if review is None:
        review = self_reviews.latest_finished(turn.session, turn.person.id, standard.key)
    return of_standard(turn, standard, review)


def of_review(turn: Turn, review: SelfReview) -> Mine:
    """The standard that a self-review of the reader's is against, in its version."""
    return of_standard(turn, turn.session.get_one(Standard, review.standard_id), review)


def of_standard(turn: Turn, standard: Standard, review: SelfReview | None) -> Mine:
    """A version of a standard with what is the reader's own about it."""
    replaced = standards.before(turn.session, standard)
    return Mine(
        standard=standard,
        areas=tuple(standards.areas(turn.session, standard.id)),
        counts=evidence.counts(turn.session, turn.person.id, standard.key),
        review=review,
        said={} if review is None or review.standard_id != standard.id else said_in(turn, review),
        replaced=replaced,
        difference=Difference() if replaced is None else standards.difference(turn.session, replaced, standard),
    )


def said_in(turn: Turn, review: SelfReview) -> Mapping[int, Said]:
    """What the reader said in a self-review of theirs, by statement."""
    found = self_reviews.ratings(turn.session, review.id)
    return {item_id: said_of(turn, rating) for item_id, rating in found.items()}


def said_of(turn: Turn, rating: SelfRating) -> Said:
    """One answer, opened."""
    opened = json.loads(turn.read(rating.owner_id, rating.answer, "self_review", rating.review_id))
    return Said(str(opened.get("level", "")), str(opened.get("words", "")))


def statement(turn: Turn, item_id: int | None) -> StandardItem:
    """A statement of any version. Raises `NotYours` when there is none."""
    item = None if item_id is None else turn.session.get(StandardItem, item_id)
    if item is None or not any(one.id == item.id for one in standards.statements(turn.session, item.standard_id)):
        raise NotYours
    return item
