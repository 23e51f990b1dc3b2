"""When somebody may be asked something of the bot's own accord: in the morning, at work, neither paused nor away."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.meetings.year import ASKS_AT, next_morning
from handlers.turn import Turn
from storage import away, people
from storage.models import Person

MOMENT = timedelta(minutes=1)


def is_away(turn: Turn, person: Person, at: datetime) -> bool:
    """Whether this person said that they are away at that instant."""
    return bool(away.between(turn.session, person.id, at, at + MOMENT))


def may_be_asked(turn: Turn, person: Person, at: datetime | None = None) -> bool:
    """Whether this person may be asked something at that instant, now when none is named.

    They have joined, and neither left, nor asked for a pause, nor are away.
    """
    at = at or turn.now
    return people.may_be_asked(person, at.astimezone(ZoneInfo(person.zone)).date()) and not is_away(turn, person, at)


def morning(turn: Turn, person: Person, earliest: date) -> datetime:
    """The first 09:30 from `earliest` on, and not before now, at which this person works and may be asked (UTC)."""
    zone = ZoneInfo(person.zone)
    day = max(earliest, person.paused_until or earliest, turn.now.astimezone(zone).date())
    at = next_morning(turn.policy, person, day)
    if at < turn.now:
        at = next_morning(turn.policy, person, day + timedelta(days=1))
    while leave := away.between(turn.session, person.id, at, at + MOMENT):
        back = max(ends_at for _, ends_at in leave).astimezone(zone)
        at = next_morning(turn.policy, person, back.date() + timedelta(days=back.time() > ASKS_AT))
    return at
