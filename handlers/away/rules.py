"""The rules of being away: when exactly words or a form say it."""

from collections.abc import Sequence
from datetime import date, time, timedelta

from handlers.calendars import calendar_of
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval
from scheduling.when import Reading, read

NOON = time(12)
SURE_UP_TO = timedelta(days=366)  # a longer leave, or one that begins later than that, is asked about once more


def understood(turn: Turn, said: str, when: str) -> Reading:
    """What the words say of being away; `when` is the part that names the time, "" where that is not known."""
    working = calendar_of(turn.policy, turn.person)
    reading = read(said, turn.now, turn.zone, calendar=working)
    if reading.away or not when:
        return reading
    return read(f"I’m away {when}", turn.now, turn.zone, calendar=working)  # "leave 3–10 April", "I have Friday off"


def choices(reading: Reading) -> list[tuple[Interval, ...]]:
    """Each complete meaning that the words may have."""
    return [one.absences for one in reading.alternatives if one.absences]


def halves(turn: Turn, day: date) -> list[tuple[Interval, ...]]:
    """The morning and the afternoon of that day."""
    return [(stretch(turn, day, day, "morning"),), (stretch(turn, day, day, "afternoon"),)]


def stretch(turn: Turn, first: date, last: date, part: str = "all") -> Interval:
    """From the first moment away to the first moment back, where the person is (UTC)."""
    begins, ends = time(0), last + timedelta(days=1)
    if part == "afternoon":
        begins = NOON
    until = at_local(last, NOON, turn.zone) if part == "morning" else at_local(ends, time(0), turn.zone)
    return at_local(first, begins, turn.zone), until


def is_sure(turn: Turn, absences: Sequence[Interval]) -> bool:
    """Whether nothing about it is so unusual that a slip is likelier than leave."""
    return all(
        ends - starts <= SURE_UP_TO and starts - turn.now <= SURE_UP_TO for starts, ends in absences
    )  # fmt: skip
