"""What a record of somebody's own counts for, on its card: for whichever conversation shows the card."""

from bot import wording
from bot.chat import Button, Part, small
from handlers.turn import Turn
from storage import evidence

MOST = 6  # statements named on a card


def line(turn: Turn, kind: str, about: int) -> tuple[Part, ...]:
    """Which statements its owner, the turn's reader, counts this record for; nothing when none."""
    counted = evidence.of_record(turn.session, turn.person.id, kind, about)
    codes = list(dict.fromkeys(one.item.code for one in counted))
    if not codes:
        return ()
    named = codes if len(codes) <= MOST else [*codes[: MOST - 1], f"{len(codes) - MOST + 1} more"]
    return (small("Evidence for {codes}.", codes=wording.listed(named)),)


def button(turn: Turn, kind: str, about: int) -> tuple[Button, ...]:
    """The button that counts it for statements, for whoever holds a post."""
    if turn.person.post_id is None:
        return ()
    return (Button("Evidence for …", "standards.tag", about, kind, opens_form=True),)
