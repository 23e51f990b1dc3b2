"""Whose answers are whose: by name in a named review; in an anonymous one by a key that only their own card holds.

The database keeps a hash of that key beside the answers, and, apart from it, a mark that says who has answered.
"""

from collections.abc import Mapping

from bot.errors import Refusal
from handlers import outcomes
from handlers.outcomes import Answer
from handlers.reviews import rules
from handlers.turn import Turn
from storage import people, reviews
from storage.models import Review


class HaveAnswered(Refusal):
    """You have answered this review, and it counts. To change it, use the card I sent to our direct chat then: it holds
    the only key to your answers. I keep none, so that nobody can find out which are yours."""


def has_answered(turn: Turn, review: Review, person_id: int) -> bool:
    """Whether this person has answered; of an anonymous review that is all that is known."""
    if not review.anonymous:
        return reviews.marked(turn.session, review.id, rules.mark_of_named(person_id)) is not None
    if _has_taken(turn, review, person_id):
        return True
    return reviews.marked(turn.session, review.id, rules.mark(_secret(turn, review), person_id)) is not None


def opens(turn: Turn, review: Review, key: str) -> bool:
    """Whether this key opens answers to this anonymous review, as long as it is open."""
    mark = rules.mark_of_key(review.id, key)
    return rules.is_open(review, turn.now) and reviews.marked(turn.session, review.id, mark) is not None


def own_answers(turn: Turn, review: Review, key: str) -> dict[str, Answer]:
    """What this person has answered. Raises `HaveAnswered` where only the key that they did not bring can tell."""
    if not review.anonymous:
        mark = rules.mark_of_named(turn.person.id)
    elif key:
        mark = rules.mark_of_key(review.id, key)
    else:
        mark = rules.mark(_secret(turn, review), turn.person.id)  # of an earlier version
    given = reviews.marked(turn.session, review.id, mark)
    if given is None:
        if review.anonymous and (key or _has_taken(turn, review, turn.person.id)):
            raise HaveAnswered
        return {}
    if review.anonymous:
        return outcomes.unpacked(turn.keyring.open_for_organisation(given.answers))
    return outcomes.unpacked(turn.read(turn.person.id, given.answers, "review", review.id))


def keep(turn: Turn, review: Review, answers: Mapping[str, Answer], key: str) -> tuple[bool, str]:
    """Keep this person's answers in place of their earlier ones: whether there were none, and the key to them.

    Raises `HaveAnswered` for anonymous ones that come without the key to those that are there.
    """
    written = outcomes.packed(answers)
    if not review.anonymous:
        mark = rules.mark_of_named(turn.person.id)
        return reviews.keep(turn.session, review.id, mark, turn.seal(written), person_id=turn.person.id), ""
    sealed = turn.keyring.seal_for_organisation(written)
    if key:
        if not reviews.change(turn.session, review.id, rules.mark_of_key(review.id, key), sealed):
            raise HaveAnswered
        return False, key
    secret, key = _secret(turn, review), rules.new_key()
    if not reviews.take(turn.session, review.id, rules.mark_of_having_answered(secret, turn.person.id)):
        raise HaveAnswered
    mark, earlier = rules.mark_of_key(review.id, key), rules.mark(secret, turn.person.id)
    if reviews.change(turn.session, review.id, earlier, sealed, mark=mark):
        return False, key  # given to an earlier version of the bot
    return reviews.keep(turn.session, review.id, mark, sealed, person_id=None), key


def name_of_card(turn: Turn, review: Review, person_id: int) -> str:
    """The key in the outbox of the card that holds this person's key."""
    return rules.name_of_card(_secret(turn, review), person_id)


def names_of_cards(turn: Turn, review: Review) -> list[str]:
    """The same of everybody who can have answered; none once the secret is destroyed."""
    if review.secret is None:
        return []
    secret = _secret(turn, review)
    return [rules.name_of_card(secret, person_id) for person_id in people.everybody(turn.session)]


def _has_taken(turn: Turn, review: Review, person_id: int) -> bool:
    mark = rules.mark_of_having_answered(_secret(turn, review), person_id)
    return reviews.has_taken(turn.session, review.id, mark)


def _secret(turn: Turn, review: Review) -> str:
    assert review.secret is not None  # destroyed only with the closing
    return turn.keyring.open_for_organisation(review.secret)
