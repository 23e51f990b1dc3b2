"""A review closes, once: an anonymous one forgets whose answers are whose, and the channel sees what came of it."""

from bot.chat import Message
from handlers.outcomes import results_of
from handlers.reviews import keys, outcome
from handlers.reviews.cards import counted, refresh
from handlers.turn import Turn
from storage import outbox, reviews
from storage.models import Review, Team


def settle(turn: Turn, review_id: int) -> None:
    """Close the review: once, whoever comes first. An anonymous one forgets whose answers are whose."""
    review = reviews.held(turn.session, review_id, alone=True)
    if review is None or review.state != "open":
        return
    review.state, review.current = "closed", None
    if review.anonymous:
        forget_people(turn, review)
        reviews.unlink(turn.session, review.id, turn.keyring.resealed_for_organisation)
    stop(turn, review)
    for notice in ("reviews.summary", "reviews.words"):
        outbox.owe(turn.session, notice, about=review.id, place=review.place_id, at=turn.now,
                   key=f"{notice}/{review.id}")  # fmt: skip


def forget_people(turn: Turn, review: Review) -> None:
    """Who has answered an anonymous review is forgotten, and the secret that it was known by; so are their cards."""
    outbox.forget(turn.session, keys.names_of_cards(turn, review))
    reviews.forget_who_answered(turn.session, review.id)
    review.secret = None


def stop(turn: Turn, review: Review) -> None:
    """Nobody is asked any more, and the cards say that it is over."""
    turn.session.flush()
    outbox.cancel(turn.session, review.id, "reviews.closing", *reviews.ASKING)
    if review.anonymous:
        # a reminder that was sent says who had not answered by then, and one that was not sent says who had
        reviews.forget_reminders(turn.session, review.id)
    refresh(turn, review)


def closing(turn: Turn, about: int | None) -> Message | None:
    """Its time has come: settle it. This says nothing itself; what came of it is owed by the settling."""
    review = turn.session.get(Review, about)
    if review is not None and turn.now >= review.closes_at:
        settle(turn, review.id)
    return None


def summary(turn: Turn, about: int | None) -> Message | None:
    """What came of it, in the channel."""
    review = turn.session.get(Review, about)
    if review is None or review.state != "closed":
        return None
    team = turn.session.get_one(Team, review.team_id)
    answered, asked = counted(turn, review)
    shown_from = turn.policy.reviews.shown_from
    return outcome.summary(review, team, answered, asked, results_of(turn, review), shown_from)


def what_people_wrote(turn: Turn, about: int | None) -> Message | None:
    """The words, in the channel; nothing when there are none to show."""
    review = turn.session.get(Review, about)
    if review is None or review.state != "closed":
        return None
    return outcome.what_people_wrote(review, results_of(turn, review))


def owe_closing(turn: Turn, review: Review) -> None:
    """It closes by itself when its time has come."""
    outbox.owe(turn.session, "reviews.closing", about=review.id, place=review.place_id, at=review.closes_at)
