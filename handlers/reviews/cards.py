"""The two cards of a review, as things are: the one in the channel, and the lead's own with its buttons."""

from bot.chat import Message
from handlers.reviews import words
from handlers.turn import Turn
from storage import outbox, reviews
from storage.models import Review, Team


def card(turn: Turn, about: int | None) -> Message | None:
    """The card in the channel."""
    review = turn.session.get(Review, about)
    if review is None:
        return None
    team = turn.session.get_one(Team, review.team_id)
    answered, asked = counted(turn, review)
    return words.card(review, team, turn.zone, answered, asked, turn.policy.reviews.shown_from)


def leads_card(turn: Turn, about: int | None) -> Message | None:
    """The lead's own card."""
    review = turn.session.get(Review, about)
    return None if review is None else lead_card(turn, review)


def lead_card(turn: Turn, review: Review, *, note: str = "") -> Message:
    """What its lead can do with this review."""
    return words.lead_card(review, turn.session.get_one(Team, review.team_id), turn.zone, note=note)


def counted(turn: Turn, review: Review) -> tuple[int, int]:
    """How many have answered, and how many are asked."""
    return reviews.how_many(turn.session, review.id), len(reviews.taking_part(turn.session, review.team_id))


def refresh(turn: Turn, review: Review) -> None:
    """Both cards are changed in place."""
    for notice in ("reviews.card", "reviews.lead"):
        outbox.refresh(turn.session, notice, review.id, turn.now)
