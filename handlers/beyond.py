"""Who of a team cannot see its channel, because they are on another platform: told privately what stands there."""

from collections.abc import Iterable

from handlers.turn import Turn
from storage import outbox, people
from storage.models import Person


def tell(turn: Turn, notice: str, about: int, place_id: int, team: Iterable[Person], *, key: str) -> None:
    """Owe this notice, which goes into the channel, to those of the team whom the channel does not reach as well.

    What they are sent is built by the same builder and changes in place with what stands in the channel.
    """
    for person in people.beyond(turn.session, place_id, [one.id for one in team]):
        outbox.owe(turn.session, notice, about=about, to=person, at=turn.now, key=f"{key}/person {person}")
