"""The two cards of a review, as things are: the one in the channel, and the lead's own with its buttons."""

from bot.chat import Message
from handlers.reviews import leading_words, rules, words
from handlers.reviews.due import last_plan, plan_button
from handlers.turn import Turn
from storage import outbox, review_guests, reviews
from storage.models import Review, Team
from storage.numbers import in_steps
from storage.suppression import SHOWN_FROM


def card(turn: Turn, about: int | None) -> Message | None:
    """The card in the channel."""
    review = turn.session.get(Review, about)
    if review is None:
        return None
    team = turn.session.get_one(Team, review.team_id)
    answered, asked = counted(turn, review)
    shown_from = turn.policy.reviews.shown_from
    plan = plan_button(last_plan(turn, team.id))
    return words.card(review, team, turn.zone, answered, asked, shown_from, plan=plan)


def leads_card(turn: Turn, about: int | None) -> Message | None:
    """The lead's own card."""
    review = turn.session.get(Review, about)
    return None if review is None else lead_card(turn, review)


def lead_card(turn: Turn, review: Review, *, note: str = "") -> Message:
    """What its lead can do with this review."""
    team = turn.session.get_one(Team, review.team_id)
    guests = [guest.name for guest in review_guests.of(turn.session, review.id)]
    plan = plan_button(last_plan(turn, team.id))
    return leading_words.lead_card(review, team, turn.zone, guests=guests, plan=plan, note=note)


def counted(turn: Turn, review: Review) -> tuple[int, int]:
    """How many have answered, and how many are asked."""
    if review.answered is not None and review.asked is not None:
        return review.answered, review.asked
    return reviews.how_many(turn.session, review.id), len(reviews.everybody_asked(turn.session, review))


def answered(turn: Turn, review: Review) -> None:
    """Somebody answered for the first time: the card in the channel says how many have, in an anonymous review only
    when that reaches the next step. The card of an anonymous review never changes in between."""
    if not review.anonymous:
        outbox.refresh(turn.session, "reviews.card", review.id, rules.next_count_at(turn.now))
    elif (many := reviews.how_many(turn.session, review.id)) % SHOWN_FROM == 0:
        tell_step(turn, review, many)


def tell_step(turn: Turn, review: Review, many: int) -> None:
    """The card of an anonymous review is changed for each step, once: however many answers are on their way."""
    if step := in_steps(many):
        outbox.owe(turn.session, "reviews.counted", about=review.id, place=review.place_id,
                   at=rules.next_count_at(turn.now), key=f"reviews.counted/{review.id}/{step}")  # fmt: skip


def counted_on(turn: Turn, about: int | None) -> Message | None:
    """A step was reached: the card is changed in place. This says nothing itself."""
    if about is not None:
        outbox.refresh(turn.session, "reviews.card", about, turn.now)
    return None


def refresh(turn: Turn, review: Review) -> None:
    """Both cards are changed in place."""
    for notice in ("reviews.card", "reviews.lead"):
        outbox.refresh(turn.session, notice, review.id, turn.now)
