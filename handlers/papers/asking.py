"""Asking for a paper: see what it would hold, choose, have it made, fetch it."""

from datetime import date

from bot.chat import Event, FixAnswers, Message, OpenForm, Replace, Reply, Say, several
from bot.documents.formats import FORMATS, USUAL
from handlers.handing_over import address_of, can_be_handed_over
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
    number = event.about if event.about is not None else _number(event.value)
    if number is None:
        latest = rights.reviews_for(turn.session, turn.person, 1)
        if not latest:
            raise words.NoReviewYet
        number = latest[0][0].id
    if turn.session.get_one(Review, number).state != "closed":
        raise words.NotClosed
    paper = _begun(turn, Choices(USUAL), "review", about=number)
    return _shown(turn, event, paper)


def report(turn: Turn, event: Event) -> Reply:
    """Show what the yearly report would hold: of the present learning year, or of the last."""
    last = event.value == LAST or bool({"last", "before"} & event.words.keys())
    year = last_year(turn) if last else turn.policy.year_of(turn.today)
    return _shown(turn, event, _begun(turn, Choices(USUAL), "report", year=year))


def make(turn: Turn, event: Event) -> Reply:
    """Have it made."""
    paper = _draft(turn, event)
    if not can_be_handed_over(turn, event):
        raise words.NoWay
    making.want(paper)
    making.put_away(turn.session, paper, turn.now)
    return Replace(card(turn, paper))


def again(turn: Turn, event: Event) -> Reply:
    """Begin another with the same choices."""
    earlier = turn.session.get_one(Portfolio, event.about)
    paper = _begun(turn, chosen(turn, earlier), earlier.kind, about=earlier.about, year=earlier.year)
    return Say(card(turn, paper), private=True)


def stop(turn: Turn, event: Event) -> Reply:
    """Make it no more, or delete what was made."""
    paper = turn.session.get_one(Portfolio, event.about)
    making.drop(turn.session, paper, turn.now)
    return Replace(card(turn, paper))


def choose(turn: Turn, event: Event) -> Reply:
    """Choose the sections and the kinds of file."""
    return OpenForm(words.choose(described(turn, _draft(turn, event))))


def chose(turn: Turn, event: Event) -> Reply:
    """Keep what was chosen; a paper without anything in it, or of no kind, is asked about again."""
    paper = _draft(turn, event)
    shown = described(turn, paper)
    kept, formats = several(event.answers.get("sections", "")), several(event.answers.get("formats", ""))
    formats = tuple(key for key in FORMATS if key in formats)
    without = tuple(section for section in shown.sections if section not in kept)
    problems: dict[str, str] = {}
    if len(without) == len(shown.sections):
        problems["sections"] = "Choose at least one: an empty paper is no use to you."
    if not formats:
        problems["formats"] = "Choose at least one kind of file."
    if problems:
        return FixAnswers(words.choose(shown).filled(event.answers), problems)
    paper.choices = turn.seal(Choices(formats, without).packed())
    return Replace(card(turn, paper))


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


def chosen(turn: Turn, paper: Portfolio) -> Choices:
    """What was chosen for it."""
    return Choices.of(turn.read(paper.owner_id, paper.choices, "portfolio", paper.id))


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


def _begun(turn: Turn, choices: Choices, kind: str, *, about: int | None = None, year: date | None = None) -> Portfolio:
    paper = Portfolio(
        owner_id=turn.person.id,
        made_at=turn.now,
        choices=turn.seal(choices.packed()),
        kind=kind,
        about=about,
        year=year,
    )
    turn.session.add(paper)
    turn.session.flush()
    return paper


def _draft(turn: Turn, event: Event) -> Portfolio:
    paper = turn.session.get_one(Portfolio, event.about, with_for_update=True)
    if paper.state != "draft":
        raise words.TooLate
    return paper


def _number(value: str) -> int | None:
    return int(value) if value.isdecimal() and len(value) < 10 else None
