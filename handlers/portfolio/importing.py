"""Bringing a portfolio from elsewhere: where to put it, what it would bring, and yes or no."""

from bot.chat import Event, Message, Replace, Reply, Say
from handlers.handing_over import address_of
from handlers.portfolio import exporting, words
from handlers.turn import Turn
from storage.models import Portfolio
from storage.portfolio import bringing, making


def begin(turn: Turn, event: Event) -> Reply:
    """Say where to bring it."""
    if not event.place.direct:
        raise words.BringItToMe
    if not turn.base_url and event.place.platform != "console":
        raise words.NoWayIn
    return Say(card(turn, bringing.begin(turn.session, turn.keyring, turn.person, turn.now)), private=True)


def take(turn: Turn, event: Event) -> Reply:
    """Have it taken in."""
    portfolio = turn.session.get_one(Portfolio, event.about, with_for_update=True)
    if portfolio.state != "brought":
        raise words.TooLateToTake
    portfolio.state, portfolio.claimed_by, portfolio.expires_at = "taking", "", None
    return Replace(card(turn, portfolio))


def leave(turn: Turn, event: Event) -> Reply:
    """Take nothing in, and keep nothing of what was brought."""
    portfolio = turn.session.get_one(Portfolio, event.about)
    if portfolio.state not in bringing.BRINGING:
        raise words.TooLateToTake
    making.drop(turn.session, portfolio, turn.now)
    return Replace(card(turn, portfolio))


def card(turn: Turn, portfolio: Portfolio) -> Message:
    """The card of a portfolio that is being brought, as it stands."""
    match portfolio.state:
        case "upload":
            address = address_of(turn, portfolio) if turn.base_url else ""
            assert portfolio.expires_at is not None
            return words.bring(portfolio.id, address, portfolio.expires_at, turn.zone)
        case "brought":
            return words.brought(portfolio.id, _brought(turn, portfolio), turn.person.name, turn.zone)
        case "taking":
            return words.taking(portfolio.id)
        case "left":
            return words.left(portfolio.id)
        case "not_taken":
            return words.not_taken(portfolio.id)
        case _:
            return words.taken(portfolio.id, _brought(turn, portfolio))


def _brought(turn: Turn, portfolio: Portfolio) -> bringing.Brought:
    return bringing.Brought.of(turn.read(portfolio.owner_id, portfolio.choices, "portfolio", portfolio.id))


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """The card where it was posted, of a portfolio that is made or that is brought."""
    portfolio = None if about is None else turn.session.get(Portfolio, about)
    if portfolio is None or turn.reader is None or portfolio.owner_id != turn.reader.id:
        return None
    return card(turn, portfolio) if portfolio.state in bringing.BRINGING else exporting.card(turn, portfolio)
