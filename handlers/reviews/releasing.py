"""A diary entry as evidence: its owner chooses one, sees exactly what will be released, and says yes.

Only the words go into the answer. Nothing that is kept leads from there to the entry.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Field,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Option,
    Quote,
    Reply,
    numbered,
    small,
    text,
)
from bot.errors import NotYours, Refusal
from bot.policy import Question
from handlers.outcomes import Answer, questions_of
from handlers.replying import in_place
from handlers.reviews import answering, keys, words
from handlers.turn import Turn
from storage import learning
from storage.models import Entry, Review

LATEST = 25
LONGEST = 3_000  # characters of an entry
TAKE_OUT = "none"
RELEASE = Form(
    "reviews.released",
    "Add a diary entry",
    (
        Field("question", "It shows something about", "choice"),
        Field("entry", "Which of your latest entries?", "choice"),
    ),
    submit="Show me what goes in",
    intro=(text("You see exactly what will be added before it is. Only its words are copied."),),
)  # fmt: skip


class NoEntries(Refusal):
    """Your diary has no entry yet that could go with your answers. Say `diary: …` to keep one."""


class AnswerFirst(Refusal):
    """Answer the review first, with its form or by typing. Then you can add an entry from the card that I send you."""


@dataclass(frozen=True)
class Chosen:
    """An entry for a question, with the words that its owner saw: other words are shown again before they go."""

    key: str
    question: str
    entry: int
    seen: str

    def packed(self) -> str:
        """As the value of a button."""
        return f"{self.key}|{self.question}|{self.entry}|{self.seen}"

    @classmethod
    def unpacked(cls, value: str) -> "Chosen":
        """What a button says. Raises `NotYours`."""
        key, question, entry, seen = (*value.split("|", 3), "", "", "")[:4]
        number = numbered(entry)
        if number is None:
            raise NotYours
        return cls(key, question, number, seen)


def release(turn: Turn, event: Event) -> Reply:
    """The form: to which question, and which entry."""
    review = answering.to_answer(turn, event)
    return OpenForm(_form(turn, review, event.value, _own(turn, review, event.value)))


def released(turn: Turn, event: Event) -> Reply:
    """Show exactly what would be added, or take out what was."""
    review = answering.to_answer(turn, event)
    own = _own(turn, review, event.value)
    question, chosen = event.answers.get("question", ""), event.answers.get("entry", "")
    asked = {one.key: one for one in questions_of(review, turn.policy)}
    if question not in asked:
        return _again(turn, event, review, own, {"question": "Choose a question."})
    if chosen == TAKE_OUT:
        return _put(turn, event, review, own, event.value, question, "")
    entry = _entry(turn, numbered(chosen) or 0)
    said = _words(turn, entry)
    if len(said) > LONGEST:
        problem = "That entry is longer than an answer can be. Choose another, or write what matters of it yourself."
        return _again(turn, event, review, own, {"entry": problem})
    return in_place(turn, event, _preview(review, asked[question], event.value, entry, said))


def confirm(turn: Turn, event: Event) -> Reply:
    """The words that were shown go into the answer; if the entry was changed meanwhile, it is shown again."""
    review = answering.to_answer(turn, event)
    chosen = Chosen.unpacked(event.value)
    own = _own(turn, review, chosen.key)
    question = next((one for one in questions_of(review, turn.policy) if one.key == chosen.question), None)
    if question is None:
        raise NotYours
    entry = _entry(turn, chosen.entry)
    said = _words(turn, entry)
    if _seen(said) != chosen.seen:
        return in_place(turn, event, _preview(review, question, chosen.key, entry, said))
    return _put(turn, event, review, own, chosen.key, question.key, said)


def leave(turn: Turn, event: Event) -> Reply:
    """Thought better of it: the card with the key stands there again."""
    review = answering.to_answer(turn, event)
    _own(turn, review, event.value)
    return in_place(turn, event, words.own_card(review, turn.zone, first=True, key=event.value))


def _put(
    turn: Turn, event: Event, review: Review, own: Mapping[str, Answer], key: str, question: str, said: str
) -> Reply:
    answer = replace(own.get(question, Answer()), entry=said)
    answers = {**own, question: answer}
    if answer == Answer():
        del answers[question]
    keys.keep(turn, review, answers, key)
    card = words.own_card(review, turn.zone, first=False, key=key)
    return in_place(turn, event, card)


def _own(turn: Turn, review: Review, key: str) -> dict[str, Answer]:
    own = keys.own_answers(turn, review, key)
    if not own or (review.anonymous and not key):
        raise AnswerFirst
    return own


def _again(
    turn: Turn, event: Event, review: Review, own: Mapping[str, Answer], problems: Mapping[str, str]
) -> FixAnswers:
    return FixAnswers(_form(turn, review, event.value, own).filled(event.answers), problems)


def _form(turn: Turn, review: Review, key: str, own: Mapping[str, Answer]) -> Form:
    options = [
        Option(wording.shortened(f"{wording.day(_day(turn, one))}: {' '.join(said.split())}", 75), str(one.id))
        for one in learning.entries(turn.session, turn.person.id)[:LATEST]
        if (said := _words(turn, one))
    ]
    if any(answer.entry for answer in own.values()):
        options.append(Option("None: take out what I added", TAKE_OUT))
    if not options:
        raise NoEntries
    asked = tuple(
        Option(wording.shortened(f"{number}. {question.ask}", 75), question.key)
        for number, question in enumerate(questions_of(review, turn.policy), 1)
    )
    question, entry = RELEASE.fields
    fields = (replace(question, options=asked), replace(entry, options=tuple(options)))
    return replace(RELEASE, fields=fields, about=review.id, value=key)


def _preview(review: Review, question: Question, key: str, entry: Entry, said: str) -> Message:
    chosen = Chosen(key, question.key, entry.id, _seen(said))
    return Message(
        "This is what will be added.",
        (
            text("**This is exactly what will be added** to your answer to “{ask}”:", ask=question.ask),
            Quote(said),
            Buttons((
                Button("Yes, add these words", "reviews.confirm", review.id, chosen.packed(), style="primary"),
                Button("No, leave it", "reviews.leave", review.id, key),
            )),
            small("Only these words are copied. It is said that they come from a learning diary; not whose, and which "
                  "entry is kept nowhere." if review.anonymous else
                  "Only these words are copied. Everybody in the team's channel will see them with your name."),
        ),
    )  # fmt: skip


def _entry(turn: Turn, number: int) -> Entry:
    entry = turn.session.get(Entry, number)
    if entry is None or entry.owner_id != turn.person.id:
        raise NotYours
    return entry


def _words(turn: Turn, entry: Entry) -> str:
    return turn.read(entry.owner_id, entry.words, "entry", entry.id).strip()


def _day(turn: Turn, entry: Entry) -> date:
    return entry.made_at.astimezone(turn.zone).date()


def _seen(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:16]
