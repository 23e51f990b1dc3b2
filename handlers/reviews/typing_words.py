"""What is said while somebody answers a review by typing: a question at a time, what stands, what was not sent."""

from collections.abc import Mapping, Sequence

from bot import wording
from bot.chat import Button, Buttons, Message, Part, Quote, Text, small, text
from bot.errors import Refusal
from bot.policy import Question
from handlers.outcomes import Answer
from storage.models import Review

QUESTION, DRAFT = "reviews.question", "reviews.draft"
SHOWN = 1_000  # characters of what was typed to one question, beside the question
TOO_MUCH = (
    "That is more than I can take for one question: 3,000 characters. It is still above; send me the heart of it."
)
MOST = 7_000  # bytes of a whole draft in one message


class NothingTyped(Refusal):
    """There is nothing here that you typed and have not sent. Say `review` to answer your team's review."""


def prompt(
    review: Review, question: Question, number: int, of: int, answer: Answer, who_sees: Text, *, note: str = ""
) -> Message:
    """One question, with what was said to it so far and the ways on."""
    parts: list[Part] = [text("{note}", note=note)] if note else []
    parts.append(text("**{number} of {of}. {ask}**", number=number, of=of, ask=question.ask))
    if question.gloss:
        parts.append(small("{gloss}", gloss=question.gloss))
    if answer.words:
        parts += [small("So far you wrote:"), Quote(wording.shortened(answer.words, SHOWN))]
    if answer.rating is not None:
        parts.append(small("Your rating is {rating}, where {scale}.", rating=answer.rating, scale=_scale(question)))
    parts.append(Buttons(tuple(_rate(review, question, rating) for rating in range(1, 6))))
    go_on = "Next" if answer != Answer() else "Skip"
    ways = [Button(go_on, "reviews.step", review.id, f"next:{question.key}")]
    if number > 1:
        ways.append(Button("Back", "reviews.step", review.id, f"back:{question.key}"))
    ways.append(Button("That's all", "reviews.step", review.id, "end"))
    parts.append(Buttons(tuple(ways)))
    if number == 1 and answer == Answer():
        parts += [
            small("Type your answer here, in as many messages as you like, and tap a number, or leave either out. "
                  "Nothing counts, and nobody else sees it, until you send it at the end."),
            who_sees,
        ]  # fmt: skip
    return Message(question.ask, tuple(parts), QUESTION, review.id, awaits="reviews.typed")


def in_our_chat() -> Message:
    """The questions come where nobody else is."""
    line = "I've asked you the first question in our direct chat."
    return Message(line, (text(line),))


def overview(review: Review, questions: Sequence[Question], answers: Mapping[str, Answer], until: str) -> Message:
    """Everything that was typed, before it is sent."""
    if not answers:
        parts: list[Part] = [
            text("You have not answered a question of **{title}** yet.", title=review.title),
            Buttons((Button("Begin again", "reviews.step", review.id, "first"),)),
        ]
        return Message("Nothing typed yet.", tuple(parts), DRAFT, review.id)
    parts = [text("**This is what you would send** to **{title}**. It doesn't count yet.", title=review.title)]
    room = MOST // len(answers)
    for number, question in enumerate(questions, 1):
        answer = answers.get(question.key)
        if answer is None:
            continue
        rated = "" if answer.rating is None else f" · {answer.rating} of 5"
        parts.append(text("**{number}. {ask}**{rated}", number=number, ask=question.ask, rated=rated))
        if answer.said:
            parts.append(Quote(_fitting(answer.said, room)))
    parts += [
        Buttons((
            Button("Send my answers", "reviews.send", review.id, style="primary"),
            Button("Change something", "reviews.step", review.id, "first"),
            Button("See it as a form", "reviews.open", review.id, opens_form=True),
            Button("Throw it away", "reviews.discard", review.id, style="danger"),
        )),
        small("The review is open until {until}. What you haven't sent by then comes back to you alone.", until=until),
    ]  # fmt: skip
    return Message("This is what you would send.", tuple(parts), DRAFT, review.id)


def unsent(review: Review, until: str) -> Message:
    """The last reminder of somebody who typed answers and has not sent them."""
    return Message(
        f"You have typed answers that you have not sent: {review.title}",
        (
            text("**{title}** closes on **{until}**, and you have typed answers that you have not sent.",
                 title=review.title, until=until),
            Buttons((
                Button("See what I typed", "reviews.draft", review.id),
                Button("Send my answers", "reviews.send", review.id),
            )),
            small("I say this once, because nothing of it counts until you send it. Nobody else knows of it."),
        ),
    )  # fmt: skip


def handed_back(review: Review, whole: str, aside: int) -> Message:
    """The review is over, or was answered otherwise: what was not sent goes back to whoever typed it."""
    over = {"closed": "is closed", "cancelled": "was cancelled"}.get(review.state, "has your answers from the form")
    return Message(
        "Here is what you typed and did not send.",
        (
            text("**{title}** {over}. What you had typed and not sent was never part of it, and I don't keep it there. "
                 "Here it is:", title=review.title, over=over),
            Quote(whole),
            Buttons((
                Button("Keep it in my diary", "diary.keep_draft", aside, style="primary"),
                Button("Forget it", "diary.forget", aside),
            )),
            small("Only you see this. If you do nothing, it is forgotten within a week."),
        ),
    )  # fmt: skip


def thrown_away(review: Review) -> Message:
    """Somebody wants to send nothing of it."""
    return Message(
        "That's gone.",
        (
            text("What you typed for **{title}** is gone, and was never part of it.", title=review.title),
            Buttons((Button("Answer with a form", "reviews.open", review.id, style="primary", opens_form=True),)),
        ),
    )


def followed(question: Question, words: str) -> Message:
    """A message was changed or deleted, and the draft with it."""
    said = "I've changed it in your answer to “{ask}”, too." if words else "I've taken it out of “{ask}”, too."
    line = text(said, ask=question.ask)
    return Message(line.plain(), (line, small("You have not sent that answer yet.")))


def as_words(questions: Sequence[Question], answers: Mapping[str, Answer]) -> str:
    """Answers as plain words, each under its question."""
    told: list[str] = []
    for question in questions:
        answer = answers.get(question.key)
        if answer is not None:
            rated = "" if answer.rating is None else f" ({answer.rating} of 5)"
            told.append(f"{question.ask}{rated}" + (f"\n{answer.said}" if answer.said else ""))
    return "\n\n".join(told)


def _rate(review: Review, question: Question, rating: int) -> Button:
    meant = {1: f"1: {question.low}", 5: f"5: {question.high}"}.get(rating, str(rating))
    return Button(wording.shortened(meant, 75), "reviews.rate", review.id, f"{question.key}:{rating}")


def _scale(question: Question) -> str:
    return f"1 is “{question.low}” and 5 is “{question.high}”"


def _fitting(words: str, room: int) -> str:
    """As much of the words as takes no more bytes than that."""
    limit = max(60, min(len(words), room))
    while limit > 60 and len(words[:limit].encode()) > room:
        limit = limit * 3 // 4
    return wording.shortened(words, limit)
