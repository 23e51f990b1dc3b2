"""The rules of being away: when exactly words or a form say it, and how a button carries it."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from handlers.calendars import calendar_of
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval
from scheduling.when import Reading, read

NOON = time(12)
SURE_UP_TO = timedelta(days=366)  # a longer leave, or one that begins later than that, is asked about once more
FURTHEST = timedelta(days=3 * 366)
MOST = 10  # stretches in one message


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


def overlap(one: Interval, other: Interval) -> bool:
    """Whether the two share a moment."""
    return one[0] < other[1] and other[0] < one[1]


def stamp(absences: Sequence[Interval]) -> str:
    """Stretches of time as a button carries them."""
    return ",".join("-".join(f"{instant.astimezone(UTC):%Y%m%dT%H%M}" for instant in one) for one in absences[:MOST])


def stamped(value: str) -> list[Interval]:
    """The stretches of time that a button carries; none when any of it is no such thing."""
    found: list[Interval] = []
    for one in value.split(",", MOST):
        ends = re.fullmatch(r"(\d{8}T\d{4})-(\d{8}T\d{4})", one, re.ASCII)
        if ends is None:
            return []
        try:
            starts_at, ends_at = (datetime.strptime(end, "%Y%m%dT%H%M").replace(tzinfo=UTC) for end in ends.groups())
        except ValueError:
            return []
        if ends_at <= starts_at or ends_at - starts_at > FURTHEST:
            return []
        found.append((starts_at, ends_at))
    return found
