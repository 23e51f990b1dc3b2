"""What recurs: owe the coming fortnight's prompts. Safe to run any number of times, by any number of processes."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.policy import Policy
from handlers.registry import Registry
from handlers.turn import Turn
from storage.sealed import Keyring

AHEAD = timedelta(days=14)


def owe_what_recurs(
    session: Session,
    registry: Registry,
    policy: Policy,
    keyring: Keyring,
    now: datetime,
    calendars: tuple[str, ...] = (),
) -> None:
    """Every conversation owes what falls due in the coming fortnight; each promise has its own key in the outbox."""
    turn = Turn(session, now, policy, keyring, calendars=calendars)
    for conversation in registry.conversations:
        for recurring in conversation.recurring:
            recurring(turn, now + AHEAD)
    session.flush()
