"""When somebody may be asked something of the bot's own accord: in the morning, at work, neither paused nor away."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.interviews import rules
from handlers.turn import Turn
from storage import away, people
from storage.models import Person

MOMENT = timedelta(minutes=1)


def may_be_asked(turn: Turn, person: Person) -> bool:
    """Whether this person may be asked something now: they have joined, and neither left, nor paused, nor are away."""
    today = turn.now.astimezone(ZoneInfo(person.zone)).date()
    here = not away.between(turn.session, person.id, turn.now, turn.now + MOMENT)
    return here and people.may_be_asked(person, today)


def morning(turn: Turn, person: Person, earliest: date) -> datetime:
    """The first 09:30 from `earliest` on, and not before now, at which this person works and may be asked (UTC)."""
    zone = ZoneInfo(person.zone)
    at = rules.next_morning(turn.policy, person, max(earliest, person.paused_until or earliest))
    if at < turn.now:
        today = turn.now.astimezone(zone).date()
        at = rules.next_morning(turn.policy, person, today)
        if at < turn.now:
            at = rules.next_morning(turn.policy, person, today + timedelta(days=1))
    while leave := away.between(turn.session, person.id, at, at + MOMENT):
        back = max(ends_at for _, ends_at in leave).astimezone(zone)
        at = rules.next_morning(turn.policy, person, back.date() + timedelta(days=back.time() > rules.ASKS_AT))
    return at
