"""Answering by typing, a question at a time, in one's own chat: a draft that counts once it is sent, and not before."""

import re
from dataclasses import replace

from bot.chat import Event, Message, Nothing, Reply, Say, text
from bot.policy import Question
from handlers.outcomes import Answer, questions_of
from handlers.replying import in_place
from handlers.reviews import answering, drafts, form, keys, rules, typing_words, words
from handlers.reviews.drafts import Typed
from handlers.reviews.typing_words import QUESTION, TOO_MUCH, NothingTyped
from handlers.turn import Turn
from storage import learning, outbox, review_drafts
from storage.models import Review, ReviewDraft

_ON = re.compile(r"\W*(?:skip|next|go on|pass)(?: (?:it|this one|this|one))?\W*", re.IGNORECASE)
_BACK = re.compile(r"\W*(?:go )?back\W*", re.IGNORECASE)
_END = re.compile(r"\W*(?:that['’]?s (?:all|it)|that is (?:all|it)|i['’]?m done|done|finish(?:ed)?)\W*", re.IGNORECASE)
_RATING = re.compile(r"\s*([1-5])(?:\s*(?:of|/|out of)\s*5)?\s*[.!]?\s*")


def begin(turn: Turn, event: Event) -> Reply:
    """Ask the first question that is still open, in the direct chat."""
    review = answering.to_answer(turn, event)
    draft = review_drafts.of(turn.session, review.id, turn.person.id)
    if draft is None:
        draft = drafts.begun(turn, review, keys.own_answers(turn, review, ""))
    questions, known = questions_of(review, turn.policy), drafts.answers_in(turn, review, draft)
    draft.asking = next((question.key for question in questions if question.key not in known), questions[0].key)
    if event.place.direct:
        return Say(_prompt(turn, review, draft), private=True)
    outbox.owe(turn.session, QUESTION, about=review.id, to=turn.person.id, at=turn.now)
    return Say(typing_words.in_our_chat(), private=True)


def typed(turn: Turn, event: Event) -> Reply:
    """What was typed in answer to the question that was asked: words, a number, or where to go."""
    review, draft = _drafting(turn, event)
    key, said = draft.asking, event.text.strip()
    if all(question.key != key for question in questions_of(review, turn.policy)):
        return Say(_overview(turn, review, draft), private=True)
    for pattern, where in ((_ON, "next"), (_BACK, "back"), (_END, "end")):
        if pattern.fullmatch(said):
            return Say(_go(turn, review, draft, where, key), private=True)
    kept = drafts.read(turn, draft)
    if rated := _RATING.fullmatch(said):
        kept = {**kept, key: replace(kept.get(key, Typed()), rating=int(rated[1]))}
        drafts.write(turn, draft, kept)
        return Say(_after_rating(turn, review, draft, kept[key]), private=True)
    kept, part = drafts.add(kept, key, said)
    if len(kept[key].answer.words) > form.LONGEST_WORDS:
        return Say(_prompt(turn, review, draft, TOO_MUCH), private=True)
    drafts.write(turn, draft, kept)
    learning.note_source(turn.session, event, review_drafts.KIND, draft.id, part, draft.person_id)
    if kept[key].rating is None:
        return Say(_prompt(turn, review, draft, "Kept. How far along, from 1 to 5?"), private=True)
    return Say(_go(turn, review, draft, "next", key, "Kept."), private=True)


def rate(turn: Turn, event: Event) -> Reply:
    """A number was tapped."""
    review, draft = _drafting(turn, event)
    key, _, rating = event.value.partition(":")
    if rating not in ("1", "2", "3", "4", "5") or all(one.key != key for one in questions_of(review, turn.policy)):
        raise NothingTyped
    kept = drafts.read(turn, draft)
    kept = {**kept, key: replace(kept.get(key, Typed()), rating=int(rating))}
    drafts.write(turn, draft, kept)
    draft.asking = key
    return in_place(turn, event, _after_rating(turn, review, draft, kept[key]))


def step(turn: Turn, event: Event) -> Reply:
    """To the next question, back to the one before, or to the end."""
    review, draft = _drafting(turn, event)
    where, _, key = event.value.partition(":")
    return in_place(turn, event, _go(turn, review, draft, where, key))


def show(turn: Turn, event: Event) -> Reply:
    """Everything that was typed so far."""
    review, draft = _drafting(turn, event)
    draft.asking = ""
    return in_place(turn, event, _overview(turn, review, draft))


def send(turn: Turn, event: Event) -> Reply:
    """The draft becomes this person's answers, and is destroyed."""
    review, draft = _drafting(turn, event)
    answers = drafts.answers_in(turn, review, draft)
    if not answers:
        raise NothingTyped
    reply = answering.keep(turn, replace(event, value=""), review, answers)
    drafts.put_away(turn, review, draft)
    return reply


def discard(turn: Turn, event: Event) -> Reply:
    """The draft goes, unsent."""
    review, draft = _drafting(turn, event)
    drafts.put_away(turn, review, draft)
    return in_place(turn, event, typing_words.thrown_away(review))


def standing(turn: Turn, about: int | None) -> Message | None:
    """Where this person is, in their direct chat: the question that is open, else all that they typed so far."""
    review = turn.session.get(Review, about)
    draft = None if review is None else review_drafts.of(turn.session, review.id, turn.person.id)
    if review is None or draft is None or not rules.is_open(review, turn.now):
        return None
    return _prompt(turn, review, draft) if draft.asking else _overview(turn, review, draft)


def follow_edit(turn: Turn, event: Event) -> Reply:
    """The message that an answer was typed in was changed: so is the draft."""
    return _follow(turn, event, event.text.strip()) if event.text.strip() else Nothing()


def follow_delete(turn: Turn, event: Event) -> Reply:
    """The message that an answer was typed in was deleted: its words go from the draft."""
    return _follow(turn, event, "")


def _follow(turn: Turn, event: Event, changed: str) -> Reply:
    place = event.place
    found = review_drafts.from_message(turn.session, place.platform, place.conversation, place.message)
    if found is None or found[0].person_id != turn.person.id:
        return Nothing()
    draft, source = found
    review = turn.session.get_one(Review, draft.review_id)
    key = source.part.partition("/")[0]
    question = next((one for one in questions_of(review, turn.policy) if one.key == key), None)
    if question is None or not rules.is_open(review, turn.now):
        return Nothing()
    kept = drafts.put(drafts.read(turn, draft), source.part, changed)
    if len(kept[key].answer.words) > form.LONGEST_WORDS:
        return Say(Message(TOO_MUCH, (text("{note}", note=TOO_MUCH),)), private=True)
    drafts.write(turn, draft, kept)
    if not changed:
        turn.session.delete(source)
    told = typing_words.followed(question, changed)
    if draft.asking:  # what is typed next still answers the question that is open
        asked = _prompt(turn, review, draft)
        told = replace(asked, parts=(*told.parts, *asked.parts))
    return Say(told, private=True)


def _drafting(turn: Turn, event: Event) -> tuple[Review, ReviewDraft]:
    review = answering.to_answer(turn, event)
    draft = review_drafts.of(turn.session, review.id, turn.person.id)
    if draft is None:
        raise NothingTyped
    return review, draft


def _after_rating(turn: Turn, review: Review, draft: ReviewDraft, kept: Typed) -> Message:
    if kept.answer.words:
        return _go(turn, review, draft, "next", draft.asking, "Noted.")
    return _prompt(turn, review, draft, "Noted. Say why, if you like: type it here.")


def _go(turn: Turn, review: Review, draft: ReviewDraft, where: str, key: str, note: str = "") -> Message:
    """Move to another question, or to the end of them."""
    keys_in_order = [question.key for question in questions_of(review, turn.policy)]
    here = keys_in_order.index(key) if key in keys_in_order else -1
    to = {"next": here + 1, "back": max(here - 1, 0), "first": 0}.get(where, len(keys_in_order))
    draft.asking = keys_in_order[to] if to < len(keys_in_order) else ""
    return _prompt(turn, review, draft, note) if draft.asking else _overview(turn, review, draft)


def _prompt(turn: Turn, review: Review, draft: ReviewDraft, note: str = "") -> Message:
    questions = questions_of(review, turn.policy)
    number, question = _at(questions, draft.asking)
    answer = drafts.read(turn, draft).get(question.key, Typed()).answer
    who_sees = replace(words.who_sees(review, turn.policy.reviews.shown_from), small=True)
    return typing_words.prompt(review, question, number, len(questions), answer, who_sees, note=note)


def _at(questions: tuple[Question, ...], key: str) -> tuple[int, Question]:
    return next(((number, one) for number, one in enumerate(questions, 1) if one.key == key), (1, questions[0]))


def _overview(turn: Turn, review: Review, draft: ReviewDraft) -> Message:
    answers: dict[str, Answer] = drafts.answers_in(turn, review, draft)
    return typing_words.overview(review, questions_of(review, turn.policy), answers, words.until(review, turn.zone))
