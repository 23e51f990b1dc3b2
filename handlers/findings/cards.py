"""The cards of making sense, as things are, and where they stand."""

from bot.chat import Event, Message, Reply
from handlers.findings import words
from handlers.findings.reading import sense_of
from handlers.replying import in_place
from handlers.turn import Turn
from storage import findings, outbox, reviews, team_channel
from storage.models import Review
from storage.numbers import in_steps


def marking(turn: Turn, about: int | None) -> Message | None:
    """The card in the thread on which points are marked."""
    review = _closed(turn, about)
    if review is None:
        return None
    return words.marking(sense_of(turn, review), step(turn, review), turn.policy.reviews.shown_from)


def listed(turn: Turn, about: int | None) -> Message | None:
    """The card in the thread with what was found."""
    review = _closed(turn, about)
    return None if review is None else words.findings(sense_of(turn, review))


def leads_card(turn: Turn, about: int | None) -> Message | None:
    """The card of whoever runs the review."""
    review = _closed(turn, about)
    return None if review is None else desk(turn, review)


def desk(turn: Turn, review: Review, *, note: str = "") -> Message:
    """What whoever runs the review can do next."""
    again = review.sense == "finding" and can_mark(turn, review)
    fewest = turn.policy.reviews.shown_from
    return words.desk(sense_of(turn, review), can_mark_again=again, counted_from=fewest, note=note)


def can_mark(turn: Turn, review: Review) -> bool:
    """Whether marks could ever be shown: there are points, and enough people who may mark them."""
    enough = len(reviews.everybody_asked(turn.session, review)) >= turn.policy.reviews.shown_from
    return enough and bool(findings.points(turn.session, review.id))


def step(turn: Turn, review: Review) -> int:
    """How many have marked, as it may be told."""
    return in_steps(findings.markers(turn.session, review.id))


def post(turn: Turn, review: Review, notice: str) -> None:
    """The card is put into the review's thread, once, and before those whom the channel does not reach."""
    team_channel.post(turn.session, notice, about=review.id, place=review.place_id, team=review.team_id, at=turn.now,
                      thread=reviews.thread_of(turn.session, review), key=f"{notice}/{review.id}")  # fmt: skip


def show_afresh(turn: Turn, review: Review) -> None:
    """Every card of it is changed in place."""
    turn.session.flush()
    for notice in ("findings.marking", "findings.list", "findings.desk"):
        outbox.refresh(turn.session, notice, review.id, turn.now)


def answered(turn: Turn, event: Event, review: Review, *, note: str = "") -> Reply:
    """After a step: the cards in the thread change, and whoever took it sees what they can do next."""
    show_afresh(turn, review)
    return in_place(turn, event, desk(turn, review, note=note))


def _closed(turn: Turn, about: int | None) -> Review | None:
    review = turn.session.get(Review, about)
    return review if review is not None and review.state == "closed" else None
