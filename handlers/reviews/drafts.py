"""What somebody types for a review before they send it: theirs alone, no answer yet, and never lost."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from handlers import asking
from handlers.outcomes import Answer, questions_of
from handlers.reviews import keys, typing_words
from handlers.turn import Turn
from storage import outbox, review_drafts
from storage.models import Draft, Person, Review, ReviewDraft


@dataclass(frozen=True)
class Typed:
    """What was typed in answer to one question, message by message: one that is edited changes its own piece."""

    rating: int | None = None
    pieces: tuple[str, ...] = ()
    evidence: str = ""
    entry: str = ""

    @property
    def answer(self) -> Answer:
        """The same as it would be sent."""
        return Answer(self.rating, "\n".join(filter(None, self.pieces)), self.evidence, self.entry)


def typed_from(answer: Answer) -> Typed:
    """An answer that was given before, to go on from."""
    return Typed(answer.rating, (answer.words,) if answer.words else (), answer.evidence, answer.entry)


def read(turn: Turn, draft: ReviewDraft) -> dict[str, Typed]:
    """What is in a draft, by question. Only its author's turn can open it."""
    opened = turn.read(draft.person_id, draft.answers, "review draft", draft.id)
    kept = cast(dict[str, dict[str, Any]], json.loads(opened))
    return {key: Typed(one["rating"], tuple(one["pieces"]), one["evidence"], one["entry"]) for key, one in kept.items()}


def write(turn: Turn, draft: ReviewDraft, typed: Mapping[str, Typed]) -> None:
    """Keep this in the draft."""
    draft.answers = turn.seal(_packed(typed))
    turn.session.flush()


def begun(turn: Turn, review: Review, answers: Mapping[str, Answer]) -> ReviewDraft:
    """This person's draft; a new one goes on from what they answered before."""
    start = _packed({key: typed_from(answer) for key, answer in answers.items()})
    review_drafts.begin(turn.session, review.id, turn.person.id, turn.seal(start))
    draft = review_drafts.of(turn.session, review.id, turn.person.id)
    assert draft is not None
    return draft


def answers_in(turn: Turn, review: Review, draft: ReviewDraft | None) -> dict[str, Answer]:
    """What the draft would answer, question by question, leaving out what says nothing."""
    if draft is None:
        return {}
    asked = {question.key for question in questions_of(review, turn.policy)}
    found = {key: one.answer for key, one in read(turn, draft).items() if key in asked}
    return {key: answer for key, answer in found.items() if answer != Answer()}


def unsent(turn: Turn, review: Review, draft: ReviewDraft | None) -> dict[str, Answer]:
    """What of the draft this person has not sent: all of it, but for what they sent before by name."""
    typed = answers_in(turn, review, draft)
    sent = {} if review.anonymous or not typed else keys.own_answers(turn, review, "")
    return {key: answer for key, answer in typed.items() if answer != sent.get(key)}


def add(typed: Mapping[str, Typed], key: str, words: str) -> tuple[dict[str, Typed], str]:
    """The same with these words added to that question, and the part that they are."""
    known = typed.get(key, Typed())
    return {**typed, key: replace(known, pieces=(*known.pieces, words))}, f"{key}/{len(known.pieces)}"


def put(typed: Mapping[str, Typed], part: str, words: str) -> dict[str, Typed]:
    """The same with other words in that part."""
    key, _, number = part.partition("/")
    known = typed.get(key, Typed())
    pieces = tuple(words if str(place) == number else piece for place, piece in enumerate(known.pieces))
    return {**typed, key: replace(known, pieces=pieces)}


def put_away(turn: Turn, review: Review, draft: ReviewDraft) -> None:
    """The reader's draft goes, and nothing that they type answers the review any more."""
    review_drafts.forget(turn.session, draft)
    outbox.answered(turn.session, "reviews.typed", review.id, turn.person.id, turn.now)


def hand_all_back(turn: Turn, review: Review) -> None:
    """The review is over: what was not sent was never part of it. It goes back to its author, and is destroyed."""
    for draft in review_drafts.of_review(turn.session, review.id):
        author = turn.session.get(Person, draft.person_id)
        if author is not None and author.key is not None and author.left_at is None:
            authors_own = replace(turn, reader=author)
            hand_back(authors_own, review, unsent(authors_own, review, draft), f"reviews.unsent/{draft.id}")
        review_drafts.forget(turn.session, draft)


def hand_back(turn: Turn, review: Review, answers: Mapping[str, Answer], key: str) -> None:
    """Send these words to their author alone, with the offer to keep them in the diary. `key` names the promise."""
    if not answers:
        return
    at = turn.now if asking.may_be_asked(turn, turn.person) else asking.morning(turn, turn.person, turn.today)
    whole = typing_words.as_words(questions_of(review, turn.policy), answers)
    aside = Draft(owner_id=turn.person.id, words=turn.seal(whole), made_at=at, message="")
    turn.session.add(aside)
    turn.session.flush()
    message = typing_words.handed_back(review, whole, aside.id)
    outbox.owe_worded(turn.session, message, to=turn.person.id, now=at, keyring=turn.keyring, key=key)


def _packed(typed: Mapping[str, Typed]) -> str:
    return json.dumps({key: asdict(one) for key, one in typed.items()})
