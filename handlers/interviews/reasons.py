"""Who moved or cancelled an interview, and why if they said.

A reason without `changed_by_id` belongs to the suggestion that waits; whose it is, its seal tells: it opens with the
key of whoever made that suggestion, or it is not shown.
"""

from bot import wording
from bot.chat import Part, Quote, small
from handlers.interviews import words
from handlers.interviews.remembered import opened
from handlers.turn import Turn
from storage.models import Interview, Person

LONGEST = 2_000  # characters


def suggest(turn: Turn, interview: Interview, said: str) -> None:
    """The reader is about to suggest another time, and says why, or does not."""
    interview.reason = sealed(turn, said)
    interview.changed_by_id = None
    turn.session.flush()


def sealed(turn: Turn, said: str) -> bytes | None:
    """What the reader wrote; None for nothing."""
    return turn.seal(wording.shortened(said.strip(), LONGEST)) if said.strip() else None


def agreed(interview: Interview) -> None:
    """The suggested move is about to be made: who had it made, and why."""
    if interview.changed_by_id is not None:  # the reason is that of an earlier move
        interview.reason = None
    interview.changed_by_id = interview.proposed_by_id


def dropped(interview: Interview) -> None:
    """The suggestion waits no more, nor does its reason."""
    if interview.changed_by_id is None:
        interview.reason = None


def why_asked(turn: Turn, interview: Interview) -> tuple[Part, ...]:
    """Why the suggested time would suit better."""
    return () if interview.changed_by_id is not None else _quoted(turn, interview, interview.proposed_by_id)


def why_moved(turn: Turn, interview: Interview) -> tuple[Part, ...]:
    """Who had the booked time moved, and why."""
    if interview.changed_by_id is None:
        return ()
    mover = turn.session.get_one(Person, interview.changed_by_id)
    who = "you" if mover.id == turn.person.id else words.first(mover)
    return (small("Moved, as {who} suggested.", who=who), *_quoted(turn, interview, mover.id))


def why_cancelled(turn: Turn, interview: Interview) -> tuple[Part, ...]:
    """Why it was cancelled."""
    return () if interview.changed_by_id is None else _quoted(turn, interview, interview.changed_by_id)


def _quoted(turn: Turn, interview: Interview, owner_id: int) -> tuple[Part, ...]:
    said = "" if interview.reason is None else opened(turn, owner_id, interview.reason, interview.id)
    return (Quote(said),) if said else ()
