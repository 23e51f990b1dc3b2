"""The lead's buttons: keep the review open longer, close it, cancel it."""

from bot.chat import Event, FixAnswers, OpenForm, Replace, Reply
from handlers.calendars import calendar_of
from handlers.reviews import drafts, leading_words, rules, words
from handlers.reviews import launch_form as form
from handlers.reviews.cards import lead_card, refresh
from handlers.reviews.closing import forget_people, owe_closing, settle, stop
from handlers.reviews.reminding import owe_reminders
from handlers.turn import Turn
from storage import outbox, reviews
from storage.models import Review


def extend(turn: Turn, event: Event) -> Reply:
    """The form for a later closing day."""
    review = _to_change(turn, event)
    day = review.closes_at.astimezone(turn.policy.tzinfo).date()
    return OpenForm(form.extend(review, calendar_of(turn.policy).add_working_days(day, 5)))


def extended(turn: Turn, event: Event) -> Reply:
    """Move the closing day; what is owed before it moves along."""
    review = _to_change(turn, event)
    present = review.closes_at.astimezone(turn.policy.tzinfo).date()
    day = form.read_day(event.answers.get("closes_on", ""), after=present, today=turn.today)
    if isinstance(day, str):
        return FixAnswers(form.extend(review, present).filled(event.answers), {"closes_on": day})
    review.closes_at = rules.closing(day, turn.policy)
    outbox.cancel(turn.session, review.id, "reviews.closing", "reviews.last_day")
    owe_closing(turn, review)
    for person in reviews.everybody_asked(turn.session, review):
        if not reviews.has_declined(turn.session, review.id, person.id):
            owe_reminders(turn, review, person, half_time=False)
    refresh(turn, review)
    return Replace(lead_card(turn, review))


def close(turn: Turn, event: Event) -> Reply:
    """Ask before closing early."""
    return Replace(leading_words.really_close(_to_change(turn, event)))


def closed(turn: Turn, event: Event) -> Reply:
    """Close now."""
    review = _to_change(turn, event)
    review.closes_at = turn.now
    settle(turn, review.id)
    return Replace(lead_card(turn, review))


def cancel(turn: Turn, event: Event) -> Reply:
    """Ask before the answers are destroyed."""
    return Replace(leading_words.really_cancel(_to_change(turn, event)))


def cancelled(turn: Turn, event: Event) -> Reply:
    """Destroy the answers; the card says so."""
    review = _to_change(turn, event)
    forget_people(turn, review)
    reviews.destroy_answers(turn.session, review.id)
    review.state, review.current = "cancelled", None
    drafts.hand_all_back(turn, review)
    stop(turn, review)
    return Replace(lead_card(turn, review))


def leave_open(turn: Turn, event: Event) -> Reply:
    """Thought better of it."""
    return Replace(lead_card(turn, turn.session.get_one(Review, event.about)))


def _to_change(turn: Turn, event: Event) -> Review:
    """The open review that its lead is about to change. Raises a `Refusal` once it is closed or cancelled."""
    review = reviews.held(turn.session, event.about, alone=True)
    assert review is not None  # the permission found it
    if not rules.is_open(review, turn.now):
        raise words.changed_too_late(review)
    return review
