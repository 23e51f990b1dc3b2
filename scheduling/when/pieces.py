"""What a phrase for a time is made of: days, clocks, parts of the day, lengths, and what stands against an answer."""

from dataclasses import dataclass, fields, replace
from datetime import date, time, timedelta
from typing import Literal, NamedTuple

Doubt = Literal[
    "several",  # it can mean more than one time
    "past",
    "repeats",  # "every Tuesday"
    "deadline",  # "by Friday"
    "impossible",  # 31 February
    "contradiction",  # "Tuesday 11 March", which is a Wednesday
    "refused",  # "not Monday"
    "vague",  # "in March", "after Tuesday"
    "unclear",  # something that looks like a time is left over
    "long",  # more text than a time needs
]


@dataclass(frozen=True, slots=True)
class Day:
    """What is said about one day; pieces that fit together are joined ("Tuesday" and "the 10th")."""

    on: date | None = None
    weekday: int | None = None  # Monday is 0
    which: Literal["this", "next", "coming"] | None = None
    week: int | None = None  # weeks after the present one, Monday to Sunday
    day: int | None = None
    month: int | None = None
    year: int | None = None
    later: timedelta = timedelta(0)  # "a week on"
    said: str = ""  # a date written out, for a second reader: "5 march {year}"

    def joined(self, other: "Day") -> "Day | None":
        """Both together; None when they cannot speak of the same day."""
        known: dict[str, object] = {}
        for item in fields(self):
            mine, theirs = getattr(self, item.name), getattr(other, item.name)
            empty = item.default
            if mine != empty and theirs != empty and mine != theirs:
                return None
            known[item.name] = mine if mine != empty else theirs
        both = replace(self, **known)  # pyright: ignore[reportArgumentType]  # the values are this class's own
        if both.on and both.weekday is not None and both.week is None and both.on.weekday() != both.weekday:
            return None
        return both

    @property
    def complete(self) -> bool:
        """Whether this names a day, and not just a week or a month."""
        return self.on is not None or self.weekday is not None or self.day is not None


@dataclass(frozen=True, slots=True)
class Days:
    """From one day to another, both included."""

    first: Day
    last: Day


@dataclass(frozen=True, slots=True)
class Clock:
    """A time on the clock; `half` is None where neither am nor pm was said, `exact` where none is needed."""

    hour: int
    minute: int = 0
    half: Literal["am", "pm"] | None = None
    exact: bool = False
    dotted: bool = False  # "10.11": a date as well as a clock


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day, on the local clock."""

    name: str
    begins: time
    ends: time


ABOUT_NOW = Part("about this time", time(0), time(23, 59))  # "this time next week": when exactly, the clock tells


@dataclass(frozen=True, slots=True)
class Length:
    span: timedelta


@dataclass(frozen=True, slots=True)
class Offset:
    """So long from now: "in two hours"."""

    span: timedelta


@dataclass(frozen=True, slots=True)
class Shift:
    """So many days before or after the day that follows: "three days after 12 January"."""

    days: int


@dataclass(frozen=True, slots=True)
class Run:
    """So many days from the one that follows; None for the week that holds it: "week commencing 9 March"."""

    days: int | None


@dataclass(frozen=True, slots=True)
class Number:
    """A number that may be an hour, a day of the month, or nothing to do with time."""

    value: int
    text: str

    @property
    def figures(self) -> bool:
        return self.text.isdigit()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Looks like a time and is none: "1:1", "room 4", a telephone number."""


@dataclass(frozen=True, slots=True)
class Whenever:
    """No time in particular ("sometime", "mornings"): asked about where nothing better is said."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What stands against an answer; a slight one ("weekly") only where there is a time beside it."""

    doubt: Doubt
    slight: bool = False


Piece = Day | Days | Clock | Part | Length | Offset | Shift | Run | Number | Ignored | Whenever | Trouble


class Found(NamedTuple):
    """A piece and where it stands in the plain text."""

    piece: Piece
    begin: int
    end: int
