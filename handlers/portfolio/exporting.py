"""Making a portfolio: see what it would hold, choose, have it made, fetch it."""

from bot.chat import Event, Message, Replace, Reply, Say
from bot.portfolio.formats import USUAL
from handlers.portfolio import words
from handlers.turn import Turn
from storage.models import Portfolio
from storage.portfolio import making
from storage.portfolio.gathering import counts
from storage.portfolio.making import Choices

TAKES_FILES = ("console",)  # where a file can be handed over without an address


def export(turn: Turn, event: Event) -> Reply:
    """Show what a portfolio would hold."""
    if not event.place.direct:
        raise words.NotHere
    if not any(counts(turn.session, turn.person.id).values()):
        raise words.NothingYet
    return Say(card(turn, _begun(turn, Choices(USUAL))), private=True)


def again(turn: Turn, event: Event) -> Reply:
    """Begin another with the same choices."""
    earlier = turn.session.get_one(Portfolio, event.about)
    return Say(card(turn, _begun(turn, chosen(turn, earlier))), private=True)


def make(turn: Turn, event: Event) -> Reply:
    """Have it made."""
    portfolio = turn.session.get_one(Portfolio, event.about, with_for_update=True)
    if portfolio.state != "draft":
        raise words.TooLate
    if not turn.base_url and event.place.platform not in TAKES_FILES:
        raise words.NoWay
    choices = chosen(turn, portfolio)
    held = counts(turn.session, turn.person.id)
    if not any(number for section, number in held.items() if section not in choices.without):
        raise words.Chosen
    portfolio.state = "wanted"
    making.put_away(turn.session, turn.person.id, turn.now, besides=portfolio.id)
    return Replace(card(turn, portfolio))


def stop(turn: Turn, event: Event) -> Reply:
    """Make it no more, or delete what was made."""
    portfolio = turn.session.get_one(Portfolio, event.about)
    making.drop(turn.session, portfolio, turn.now)
    return Replace(card(turn, portfolio))


def card(turn: Turn, portfolio: Portfolio) -> Message:
    """The card of a portfolio as it stands."""
    match portfolio.state:
        case "draft":
            return words.preview(portfolio.id, counts(turn.session, turn.person.id), chosen(turn, portfolio))
        case "wanted" | "making":
            return words.making(portfolio.id, portfolio.done)
        case "ready":
            assert portfolio.expires_at is not None
            secret = making.secret(turn.keyring, turn.person, portfolio)
            address = f"{turn.base_url}/portfolio/{portfolio.id}/{secret}"
            return words.ready(portfolio.id, address, portfolio.expires_at, turn.zone)
        case "fetched":
            return words.fetched(portfolio.id)
        case "failed":
            return words.failed(portfolio.id)
        case _:
            return words.gone(portfolio.id)


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """The card where it was posted."""
    portfolio = None if about is None else turn.session.get(Portfolio, about)
    if portfolio is None or turn.reader is None or portfolio.owner_id != turn.reader.id:
        return None
    return card(turn, portfolio)


def chosen(turn: Turn, portfolio: Portfolio) -> Choices:
    """What was chosen for it."""
    return Choices.of(turn.read(portfolio.owner_id, portfolio.choices, "portfolio", portfolio.id))


def _begun(turn: Turn, choices: Choices) -> Portfolio:
    portfolio = Portfolio(owner_id=turn.person.id, made_at=turn.now, choices=turn.seal(choices.packed()))
    turn.session.add(portfolio)
    turn.session.flush()
    return portfolio
