"""From words about being away to the time it lasts: its first moment, and the first at which somebody is back."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from scheduling.localtime import at_local
from scheduling.when.answer import BOTH, Asker
from scheduling.when.clauses import Leave
from scheduling.when.pieces import ABOUT_NOW, Whenever
from scheduling.when.reading import Reading, Window, said_choices, said_days, said_time
from scheduling.when.sentence import Proposal, proposed

MIDNIGHT = time(0)
ONE_DAY = timedelta(days=1)


def told_away(leave: Leave, answer: Reading, text: str, asker: Asker) -> Reading:
    """`answer` (what the words say without regard to being away) for somebody who is away then, with when exactly.

    `text` is the plain text with the pieces blotted out.
    """
    away = replace(answer, away=True)
    proposals, doubts = proposed(leave.away, text)
    back, more = proposed(leave.back, text)
    if any(isinstance(item.piece, Whenever) for item in (*leave.away, *leave.back)):
        return away  # "Thursday mornings" come again
    if not leave.own or {*doubts, *more} - {"deadline"}:
        return away
    if back or leave.open == "until":
        return _until(leave, proposals, back, away, asker)
    unended = leave.open == "from" and not all(_ends(proposal) for proposal in proposals)
    if unended or doubts or _choosing(leave, text):
        return away
    readings = [asker.reading(proposal) for proposal in proposals]
    if len(readings) == 1 and readings[0].alternatives and readings[0].doubt == "several":
        return _either(readings[0], proposals[0], leave, away, asker)
    windows = [_lasting(reading, proposal, leave, asker) for reading, proposal in zip(readings, proposals, strict=True)]
    known = sorted(window for window in windows if window is not None)
    if not known or len(known) < len(windows):
        return away
    return _with(_joined(known), replace(away, doubt=None, alternatives=()), asker)


def _ends(proposal: Proposal) -> bool:
    return any((proposal.until, proposal.clock_until, proposal.length, proposal.run))


def _choosing(leave: Leave, text: str) -> bool:
    """Whether it is "Monday or Tuesday", and not both."""
    return re.search(r"\bor\b", text[leave.away[0].begin : leave.away[-1].end]) is not None


def _lasting(reading: Reading, proposal: Proposal, leave: Leave, asker: Asker) -> Window | None:
    """From when until when, in UTC; None where an end is not told."""
    if reading.doubt is not None or (leave.half and proposal.part is None and proposal.clock is None):
        return None
    if proposal.part == ABOUT_NOW:
        return None  # "away this time next week": for how long?
    if reading.start is not None:
        return (reading.start, reading.end) if reading.end is not None else None
    if reading.day is None:
        return None
    last = reading.ends_on or reading.day
    begins, ends = _midnight(reading.day, asker), _midnight(last + ONE_DAY, asker)
    if proposal.open_ended:
        assert reading.window is not None
        return reading.window[0], ends
    if proposal.part is not None:
        part, day = proposal.part, reading.day
        if part.name != "morning":
            begins = at_local(day, part.begins, asker.zone)
        if part.name != "afternoon":
            ends = at_local(day, part.ends, asker.zone)
    return begins, ends


def _either(reading: Reading, proposal: Proposal, leave: Leave, away: Reading, asker: Asker) -> Reading:
    """ "next Tuesday" may be either of two: each choice tells its own absence."""
    choices = tuple(
        _with((window,), replace(choice, away=True), asker)
        for choice in reading.alternatives
        if (window := _lasting(choice, proposal, leave, asker)) is not None
    )
    return replace(away, alternatives=choices) if choices else away


def _until(
    leave: Leave, proposals: tuple[Proposal, ...], back: tuple[Proposal, ...], away: Reading, asker: Asker
) -> Reading:
    """ "away until the 12th", "back on the 12th", "off from Tuesday, back on Thursday"."""
    ends = back or proposals
    if len(ends) != 1 or (back and leave.open == "until"):
        return away
    [end] = ends
    begins: datetime | None = asker.now
    if back and proposals:
        first = asker.reading(proposals[0])
        lasting = _lasting(first, proposals[0], leave, asker)
        begins = lasting[0] if lasting is not None else None
    if begins is None:
        return away
    ending = (asker.at(begins) if begins > asker.now else asker).reading(end)  # back on the 18th of that month
    if ending.doubt is not None:
        return away
    certain = replace(away, understood="", doubt=None, alternatives=())
    if ending.start is not None:
        today = ending.start.astimezone(asker.zone).date() == asker.today
        return _with(((begins, ending.start),), certain, asker) if back or today else away
    if ending.day is None or ending.ends_on is not None or end.part is not None:
        return away
    returns = _midnight(ending.day, asker)
    if back:
        return _with(((begins, returns),), certain, asker) if begins < returns else away
    choices = tuple(
        _with(((begins, until),), Reading(away=True, missing=BOTH), asker)
        for until in (returns, _midnight(ending.day + ONE_DAY, asker))
        if begins < until
    )
    if len(choices) == 1:
        return choices[0]
    return Reading(
        window=choices[-1].window,
        understood=said_choices(choices),
        missing=BOTH,
        alternatives=choices,
        doubt="several",
        away=True,
    )


def _with(absences: tuple[Window, ...], away: Reading, asker: Asker) -> Reading:
    understood = away.understood or _said(absences[0], asker)
    return replace(away, absences=absences, window=(absences[0][0], absences[-1][1]), understood=understood)


def _said(absence: Window, asker: Asker) -> str:
    begins, ends = (instant.astimezone(asker.zone) for instant in absence)
    if ends.time() != MIDNIGHT:
        return said_time(*absence, asker.zone)
    return said_days(begins.date(), ends.date() - ONE_DAY)


def _joined(windows: list[Window]) -> tuple[Window, ...]:
    """The windows, in order, with those that touch made one."""
    joined: list[Window] = []
    for begins, ends in windows:
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    return tuple(joined)


def _midnight(day: date, asker: Asker) -> datetime:
    return at_local(day, MIDNIGHT, asker.zone).astimezone(UTC)
