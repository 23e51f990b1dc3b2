"""A review is over: what people were sent so that they answer it changes in place, and notifies nobody."""

from datetime import datetime, timedelta

from bot.chat import Message
from handlers.reviews import rules, words
from handlers.turn import Turn
from storage import outbox, people, review_prompts, reviews
from storage.models import Review, Team
from storage.review_prompts import OVER

LET_GO = "reviews.let_go"
KNOWN_FOR = timedelta(minutes=10)  # where the cards of an anonymous review stand, so that they can be changed there


def end(turn: Turn, review: Review) -> None:
    """Nobody is asked any more, and the cards that asked say that it is over.

    Of an anonymous review it is known for `KNOWN_FOR` whom a card was sent, and no longer: who was reminded had not
    answered by then, and who was not may have.
    """
    outbox.cancel(turn.session, review.id, *reviews.ASKING)
    _change(turn, review)
    if review.anonymous:
        reviews.forget_reminders(turn.session, review.id)
    _let_go_later(turn, review)


def let_go(turn: Turn, about: int | None) -> Message | None:
    """Whose cards were changed is forgotten; what was on its way at the closing is changed now. This says nothing."""
    review = turn.session.get(Review, about)
    if review is None or rules.is_open(review, turn.now):
        return None
    if review.anonymous:
        review_prompts.forget(turn.session, review.id)
    if _change(turn, review):
        _let_go_later(turn, review)
    return None


def let_go_of_all(turn: Turn, until: datetime) -> None:
    """The same where the outbox could not do it in time: nothing goes out to a platform that asked for a rest."""
    for review_id in review_prompts.kept_too_long(turn.session, turn.now - KNOWN_FOR):
        let_go(turn, review_id)


def over(turn: Turn, about: int | None) -> Message | None:
    """What stands where somebody was asked: the same to everybody of the team, whether they answered or not."""
    review = turn.session.get(Review, about)
    if review is None or rules.is_open(review, turn.now):
        return None
    team = turn.session.get_one(Team, review.team_id)
    return words.over(review, team, of_the_team=people.is_of(turn.session, turn.person, team.id))


def _change(turn: Turn, review: Review) -> bool:
    found = review_prompts.put_aside(turn.session, review.id, turn.now)
    if found:
        outbox.refresh(turn.session, OVER, review.id, turn.now)
    return found


def _let_go_later(turn: Turn, review: Review) -> None:
    outbox.owe(turn.session, LET_GO, about=review.id, place=review.place_id, at=turn.now + KNOWN_FOR)
