"""Asking for a paper: see what it would hold, choose, have it made, fetch it."""

from bot.chat import Event, Message, OpenForm, Replace, Reply, Say
from bot.documents.formats import USUAL
from handlers.handing_over import address_of, begun, can_be_handed_over, chosen, draft_of, keep, order
from handlers.papers import words, writing
from handlers.papers.report import last_year, titled
from handlers.papers.words import Paper
from handlers.turn import Turn
from storage import outbox
from storage.models import Portfolio, Review
from storage.papers import rights
from storage.portfolio import making
from storage.portfolio.making import Choices

THIS, LAST = "this", "last"  # learning year


def export_review(turn: Turn, event: Event) -> Reply:
    """Show what the paper of a review would hold: of the one that is named, else of the latest that closed."""
    number = event.subject
    if number is None:
        latest = rights.reviews_for(turn.session, turn.person, 1)
        if not latest:
            raise words.NoReviewYet
        number = latest[0][0].id
    if turn.session.get_one(Review, number).state != "closed":
        raise words.NotClosed
    return _shown(turn, event, begun(turn, Choices(USUAL), "review", about=number))


def report(turn: Turn, event: Event) -> Reply:
    """Show what the yearly report would hold: of the present learning year, or of the last."""
    last = event.value == LAST or bool({"last", "before"} & event.words.keys())
    year = last_year(turn) if last else turn.policy.year_of(turn.today)
    return _shown(turn, event, begun(turn, Choices(USUAL), "report", year=year))


def make(turn: Turn, event: Event) -> Reply:
    """Have it made."""
    paper = draft_of(turn, event, words.TooLate)
    if not can_be_handed_over(turn, event):
        raise words.NoWay
    order(turn, paper)
    return Replace(card(turn, paper))


def again(turn: Turn, event: Event) -> Reply:
    """Begin another with the same choices."""
    earlier = turn.session.get_one(Portfolio, event.about)
    paper = begun(turn, chosen(turn, earlier), earlier.kind, about=earlier.about, year=earlier.year)
    return Say(card(turn, paper), private=True)


def stop(turn: Turn, event: Event) -> Reply:
    """Make it no more, or delete what was made."""
    paper = turn.session.get_one(Portfolio, event.about)
    making.drop(turn.session, paper, turn.now)
    return Replace(card(turn, paper))


def choose(turn: Turn, event: Event) -> Reply:
    """Choose the sections and the kinds of file."""
    return OpenForm(words.choose(described(turn, draft_of(turn, event, words.TooLate))))


def chose(turn: Turn, event: Event) -> Reply:
    """Keep what was chosen."""
    paper = draft_of(turn, event, words.TooLate)
    return keep(turn, event, paper, words.choose(described(turn, paper))) or Replace(card(turn, paper))


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """The card where it was posted."""
    paper = None if about is None else turn.session.get(Portfolio, about)
    if paper is None or paper.kind == "portfolio" or turn.reader is None or paper.owner_id != turn.reader.id:
        return None
    return card(turn, paper)


def card(turn: Turn, paper: Portfolio) -> Message:
    """The card of a paper as it stands."""
    if not rights.may_have(turn.session, turn.person, paper.kind, paper.about):
        return words.not_yours(paper.id)
    shown = described(turn, paper)
    match paper.state:
        case "draft":
            return words.preview(shown, _others(turn, paper))
        case "ordered" | "writing":
            return words.making(shown, paper.done)
        case "ready":
            assert paper.expires_at is not None
            return words.ready(shown, address_of(turn, paper), paper.expires_at, turn.zone)
        case "fetched":
            return words.fetched(shown)
        case "failed":
            return words.failed(shown)
        case _:
            return words.gone(shown)


def described(turn: Turn, paper: Portfolio) -> Paper:
    """A paper as its card speaks of it."""
    title, of = writing.titled(turn, paper.kind, paper.about, paper.year)
    named = False
    if paper.kind == "review":
        review = turn.session.get_one(Review, paper.about)
        named = not review.anonymous and rights.sees_the_channel(turn.session, turn.person, review)
    return Paper(paper.id, title, of, writing.SECTIONS[paper.kind], chosen(turn, paper), named)


def _others(turn: Turn, paper: Portfolio) -> list[tuple[str, str, str]]:
    """What it could be made of instead."""
    if paper.kind == "report":
        this, last = turn.policy.year_of(turn.today), last_year(turn)
        other, value = (this, THIS) if paper.year == last else (last, LAST)
        return [("papers.report", titled(turn, other)[1], value)]
    return [
        ("papers.export_review", f"{team.name}: {review.title}", str(review.id))
        for review, team in rights.reviews_for(turn.session, turn.person, words.MOST)
        if review.id != paper.about
    ]


def _shown(turn: Turn, event: Event, paper: Portfolio) -> Reply:
    """The card, where only whoever asked sees it."""
    if event.place.direct:
        return Say(card(turn, paper), private=True)
    outbox.owe(turn.session, words.CARD, about=paper.id, to=turn.person.id, at=turn.now)
    return Say(words.in_our_chat(), private=True)
