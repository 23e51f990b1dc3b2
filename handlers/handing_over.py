"""How a file that was made reaches its owner: in the direct chat where that takes files, else at a one-time address."""

from bot.chat import Event
from handlers.turn import Turn
from storage.models import Portfolio
from storage.portfolio import making

TAKES_FILES = ("console", "slack")  # where a file can be handed over without an address


def can_be_handed_over(turn: Turn, event: Event) -> bool:
    """Whether there is a way to hand a file to whoever acted."""
    return bool(turn.base_url) or event.place.platform in TAKES_FILES


def address_of(turn: Turn, portfolio: Portfolio) -> str:
    """The address at which its owner, the reader, can fetch or bring it once."""
    secret = making.secret(turn.keyring, turn.person, portfolio)
    return f"{turn.base_url}/portfolio/{portfolio.id}/{secret}"
