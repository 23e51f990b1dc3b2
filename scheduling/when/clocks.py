"""From what is said about a clock to the time it means: working hours and the part of the day settle am and pm."""

from dataclasses import dataclass
from datetime import time

from scheduling.localtime import WorkingCalendar
from scheduling.when.pieces import Clock, Doubt, Part
from scheduling.when.sentence import Proposal

NOON = 12 * 60
A_LITTLE = 60  # minutes outside the working day in which a bare hour may still lie
WHOLE_DAY = 24 * 60
# Which hours each part of the day may hold, in minutes of the day, wider than the range in which times are offered.
HOURS_OF_PARTS = (
    ("morning", 1 * 60, 12 * 60),
    ("first thing", 5 * 60, 11 * 60),
    ("afternoon", 12 * 60, 18 * 60 + 59),
    ("lunch", 11 * 60, 15 * 60),
    ("evening", 16 * 60, 23 * 60 + 59),
    ("night", 18 * 60, 23 * 60 + 59),
    ("end of the day", 15 * 60, 19 * 60),
    ("daytime", 7 * 60, 19 * 60),
    ("late", 15 * 60, 23 * 60 + 59),
    ("early", 5 * 60, 10 * 60),
)


@dataclass(frozen=True, slots=True)
class Span:
    begins: time
    ends: time | None = None
    overnight: bool = False


@dataclass(frozen=True, slots=True)
class Spans:
    """What the clocks of a proposal can mean; with a doubt, even one of them is asked about."""

    found: tuple[Span, ...] = ()
    doubt: Doubt | None = None


def spans(proposal: Proposal, hours: WorkingCalendar) -> Spans:
    first, last, part = proposal.clock, proposal.clock_until, proposal.part
    assert first is not None
    if last is not None:
        return _stretch(first, last, part, hours)
    readings = _readings(first, part)
    if not readings:
        return Spans(doubt="contradiction")
    if not _bare(first, part):
        return Spans(tuple(Span(_time(minutes)) for minutes in readings))
    working = [minutes for minutes in readings if _working(minutes, hours)]
    if not working:  # "half six", "quarter to eight": nobody means the one in the night
        working = [minutes for minutes in readings if _off_hours(minutes, hours) < A_LITTLE]
    if len(working) == 1:
        return Spans((Span(_time(working[0])),))
    return Spans(tuple(Span(_time(minutes)) for minutes in (working or readings)), "several")


def _stretch(first: Clock, last: Clock, part: Part | None, hours: WorkingCalendar) -> Spans:
    """ "2 to 4pm", "11-4", "from 11pm to 3": am or pm said once counts for both, and the end comes next."""
    starts, ends = _readings(first, part), _readings(last, part)
    if part is not None and not starts:
        starts = _readings(first, None)
    if part is not None and not ends:
        ends = _readings(last, None)
    if not starts or not ends:
        return Spans(doubt="contradiction")
    doubt: Doubt | None = None
    if _bare(first, part):
        if not _bare(last, part):
            before = [start for start in starts if start < ends[0]]
            starts = [max(before)] if before else starts
            doubt = None if before else "several"
        else:
            working = [start for start in starts if _working(start, hours)]
            doubt = None if len(working) == 1 else "several"
            starts = working or starts
    found: list[Span] = []
    for start in starts:
        after = min((end - start) % WHOLE_DAY or WHOLE_DAY for end in ends)
        said_outright = not _bare(first, part) and not _bare(last, part) and start + after < WHOLE_DAY
        end = start + after
        both_bare = _bare(first, part) and _bare(last, part)
        if (after > NOON and not said_outright) or (both_bare and end >= WHOLE_DAY):
            doubt = "several"  # "3-2" is a slip, and not the whole night
            continue
        if both_bare and _off_hours(end, hours) > A_LITTLE:
            doubt = "several"
        found.append(Span(_time(start), _time(end % WHOLE_DAY), end >= WHOLE_DAY))
    return Spans(tuple(found), doubt)


def _bare(clock: Clock, part: Part | None) -> bool:
    return clock.half is None and not clock.exact and part is None


def _readings(clock: Clock, part: Part | None) -> list[int]:
    """Every time of day the clock can stand for, in minutes, inside the part of the day when one is said."""
    if clock.half is not None:
        choices = [(clock.hour % 12 + (12 if clock.half == "pm" else 0)) * 60 + clock.minute]
    elif clock.exact:
        choices = [clock.hour * 60 + clock.minute]
    else:
        choices = [(clock.hour % 12) * 60 + clock.minute, (clock.hour % 12 + 12) * 60 + clock.minute]
    if part is None:
        return choices
    for word, begins, ends in HOURS_OF_PARTS:
        if word in part.name:
            return [choice for choice in choices if begins <= choice <= ends]
    return choices


def _working(minutes: int, hours: WorkingCalendar) -> bool:
    return _minutes(hours.opens) <= minutes <= _minutes(hours.closes)


def _off_hours(minutes: int, hours: WorkingCalendar) -> int:
    """How long before the working day begins or after it ends, in minutes."""
    return max(_minutes(hours.opens) - minutes, minutes - _minutes(hours.closes), 0)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _time(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)
