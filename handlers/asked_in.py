"""The channel in which something was asked for, with a proof that it was: what follows may be tapped elsewhere.

Without the proof somebody could have a card posted into any conversation by sending its number.
"""

from bot.chat import Event
from handlers.turn import Turn


def asked_in(turn: Turn, event: Event, purpose: str) -> str:
    """The proof that the event brings for this purpose, or a new one of the channel it happened in; "" for none."""
    place_id, _, proof = event.value.partition(".")
    if proof and turn.keyring.is_mark(proof, purpose, place_id, turn.person.id):
        return event.value
    return "" if event.place.direct else proved(turn, purpose)


def proved(turn: Turn, purpose: str) -> str:
    """The place of this turn, with the proof that this person was there."""
    if turn.place_id is None:
        return ""
    return f"{turn.place_id}.{turn.keyring.mark(purpose, turn.place_id, turn.person.id)}"


def place_in(proof: str) -> int:
    """The number of the place that a proof is of."""
    return int(proof.partition(".")[0])
