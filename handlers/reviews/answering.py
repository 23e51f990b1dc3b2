"""Everybody answers privately, as often as they like until it closes; afterwards they can read on."""

from collections.abc import Mapping
from dataclasses import replace

from bot.chat import Event, FixAnswers, Form, Message, OpenForm, Replace, Reply, Say
from bot.errors import NotYours
from handlers.outcomes import Answer, questions_of, results_of, seen
from handlers.quoting import page_of
from handlers.replying import in_place
from handlers.reviews import cards, drafts, form, keys, outcome, rules, words
from handlers.turn import Turn
from storage import outbox, review_drafts, reviews
from storage.models import Review


def open_answers(turn: Turn, event: Event) -> Reply:
    """The form, with one's own earlier answers in it. A card of one's own brings the key to anonymous ones."""
    review = turn.session.get_one(Review, event.about)
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    own = keys.own_answers(turn, review, event.value)
    draft = None if event.value else review_drafts.of(turn.session, review.id, turn.person.id)
    typed = drafts.answers_in(turn, review, draft)
    return OpenForm(form.filled(form_of(turn, review, event.value), {**own, **typed}))


def answer(turn: Turn, event: Event) -> Reply:
    """Keep somebody's answers in place of their earlier ones. The reply says nothing of them."""
    review = to_answer(turn, event)
    read = form.read_answers(questions_of(review, turn.policy), event.answers)
    if read.problems:
        return FixAnswers(form_of(turn, review, event.value).filled(event.answers), read.problems)
    # without a key anonymous answers are first ones, or of an earlier version, which knew no entries
    own = keys.own_answers(turn, review, event.value) if event.value or not review.anonymous else {}
    answers = {**read.answers}
    for key, before in own.items():  # an entry that was released does not stand in the form, and stays
        if before.entry:
            answers[key] = replace(answers.get(key, Answer()), entry=before.entry)
    reply = keep(turn, event, review, answers)
    _put_draft_away(turn, review, answers)
    return reply


def _put_draft_away(turn: Turn, review: Review, answers: Mapping[str, Answer]) -> None:
    """What was answered with the form is not typed any more; what of a draft did not get into it goes to its author."""
    draft = review_drafts.of(turn.session, review.id, turn.person.id)
    if draft is None:
        return
    typed = drafts.answers_in(turn, review, draft)
    left = {key: one for key, one in typed.items() if one.words and one.words != answers.get(key, Answer()).words}
    drafts.hand_back(turn, review, left, f"reviews.unsent/{draft.id}")
    drafts.put_away(turn, review, draft)


def to_answer(turn: Turn, event: Event) -> Review:
    """The open review that somebody answers, held until that is done. Raises a `Refusal` when it is over."""
    review = reviews.held(turn.session, event.about)
    assert review is not None  # the permission found it
    if not rules.is_open(review, turn.now):
        raise words.not_open(review, turn.zone)
    return review


def keep(turn: Turn, event: Event, review: Review, answers: Mapping[str, Answer]) -> Reply:
    """Keep these answers, and thank for them: where they were given, or on the card that holds their key."""
    first, key = keys.keep(turn, review, answers, event.value)
    if first:
        cards.answered(turn, review)
    card = words.own_card(review, turn.zone, first=first, key=key)
    if not review.anonymous:
        return Say(card, private=True)
    if event.value:  # changed, from the card that holds the key
        return in_place(turn, event, card)
    outbox.owe_worded(turn.session, card, to=turn.person.id, now=turn.now, keyring=turn.keyring,
                      key=keys.name_of_card(turn, review, turn.person.id))  # fmt: skip
    return in_place(turn, event, words.thanks(direct=event.place.direct))


def own_card_again(turn: Turn, event: Event) -> Message | None:
    """The card that a form took the place of, where it held a key: nobody else could show it again."""
    review = turn.session.get(Review, event.about) if event.value else None
    if review is None or not keys.opens(turn, review, event.value):
        return None
    return words.own_card(review, turn.zone, first=True, key=event.value)


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
    results = results_of(turn, review)
    result = next((one for one in results if one.question.key == key and one.points), None)
    if result is None:
        raise NotYours
    seen(turn, review, result.points)
    return Say(outcome.everything_on(review, result, page_of(page)), private=True)


def form_of(turn: Turn, review: Review, key: str = "") -> Form:
    """The form of this review, with nothing in it. `key` is what the card of whoever changes their answers holds."""
    return form.answers(
        questions_of(review, turn.policy),
        title=review.title,
        who_sees=words.who_sees(review, turn.policy.reviews.shown_from),
        until=words.until(review, turn.zone),
        about=review.id,
        key=key,
    )
