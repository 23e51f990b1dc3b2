"""Everybody answers privately, as often as they like until it closes; afterwards they can read on."""

from bot.chat import Event, FixAnswers, Form, OpenForm, Replace, Reply, Say
from bot.errors import NotYours
from handlers import outcomes
from handlers.outcomes import Answer, results_of
from handlers.reviews import form, outcome, rules, words
from handlers.turn import Turn
from storage import outbox, reviews
from storage.models import Review


def open_answers(turn: Turn, event: Event) -> Reply:
    """The form, with one's own earlier answers in it."""
    review = turn.session.get_one(Review, event.about)
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    return OpenForm(form.filled(_form(turn, review), _own_answers(turn, review)))


def answer(turn: Turn, event: Event) -> Reply:
    """Keep somebody's answers in place of their earlier ones. The reply says nothing of them."""
    review = reviews.held(turn.session, event.about)
    assert review is not None  # the permission found it
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    read = form.read_answers(turn.policy.reviews.questions, event.answers)
    if read.problems:
        return FixAnswers(_form(turn, review).filled(event.answers), read.problems)
    written = outcomes.packed(read.answers)
    if review.anonymous:
        sealed, person_id = turn.keyring.seal_for_organisation(written), None
    else:
        sealed, person_id = turn.seal(written), turn.person.id
    first = reviews.keep(turn.session, review.id, mark_of(turn, review, turn.person.id), sealed, person_id=person_id)
    if first:
        outbox.refresh(turn.session, "reviews.card", review.id, rules.next_count_at(turn.now))
    return Say(words.thanks(review, turn.zone, first=first), private=True)


def quiet(turn: Turn, event: Event) -> Reply:
    """No more reminders of this review for this person."""
    review = turn.session.get_one(Review, event.about)
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    reviews.decline_reminders(turn.session, review.id, turn.person.id)
    return Replace(words.quiet(review, turn.zone))


def read_on(turn: Turn, event: Event) -> Reply:
    """Everything that was written on one question of a closed review, privately."""
    review = turn.session.get_one(Review, event.about)
    if review.state != "closed":
        raise NotYours
    key, _, page = event.value.partition(":")
    result = next((one for one in results_of(turn, review) if one.question.key == key and one.words), None)
    if result is None:
        raise NotYours
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 5 else 1
    return Say(outcome.everything_on(review, result, number), private=True)


def _form(turn: Turn, review: Review) -> Form:
    return form.answers(
        turn.policy.reviews.questions,
        title=review.title,
        who_sees=words.who_sees(review, turn.policy.reviews.shown_from),
        until=words.until(review, turn.zone),
        about=review.id,
    )


def _own_answers(turn: Turn, review: Review) -> dict[str, Answer]:
    given = reviews.marked(turn.session, review.id, mark_of(turn, review, turn.person.id))
    if given is None:
        return {}
    if review.anonymous:
        return outcomes.unpacked(turn.keyring.open_for_organisation(given.answers))
    return outcomes.unpacked(turn.read(turn.person.id, given.answers, "review", review.id))


def mark_of(turn: Turn, review: Review, person_id: int) -> str:
    """The mark under which this person's answers to this review are kept."""
    if not review.anonymous:
        return rules.mark_of_named(person_id)
    assert review.secret is not None  # destroyed only with the closing
    return rules.mark(turn.keyring.open_for_organisation(review.secret), person_id)
