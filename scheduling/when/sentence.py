"""From pieces to proposals: which day goes with which clock, what is offered, corrected, or refused."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from scheduling.when.clauses import Leave, heard
from scheduling.when.pieces import (
    Clock,
    Day,
    Days,
    Doubt,
    Found,
    Length,
    Offset,
    Part,
    Run,
    Shift,
    Trouble,
    Whenever,
)

TO = re.compile(
    r"[\s,]*(?:-|to|till?|until|through|thru|up to|(?:and )?(?:goes|runs|lasts) (?:on )?(?:until|till?|to)"
    r"|(?:and )?(?:end(?:s|ing)?|finish(?:es|ing)?)(?: (?:by|at))?)"
    r"\s*(?:about\s+|around\s+|on\s+|the\s+)*"
)
AND = re.compile(r"\s*(?:and|to|-|or)\s*(?:about\s+|around\s+|on\s+|the\s+)*")
OR = re.compile(r"\b(?:or|alternatively|otherwise|failing that|if not|and|also|plus)\b|/|;|&")
CORRECTION = re.compile(
    r"\b(?:sorry|no wait|wait|i mean|i meant|meant|actually|rather|correction|make (?:it|that)|(?:scratch|scrap) that"
    r"|oops|whoops|no)\b"
)
ADJACENT = re.compile(r"[\s,.(]*(?:(?:the|on|of|in|for|at|and|i\.?e\.?|that is)\s+)*")
MOVE = re.compile(
    r"\b(?:mov(?:e|ed|ing)|reschedul\w+|chang(?:e|ed|ing)|push(?:ed|ing)?|bring|shift|swap|switch|postpone\w*)\b"
)
_MOVED_ELSEWHERE = re.compile(r"(?:\b(?:meeting|appointment|session|chat|call|one|interview|it|slot)\b|^)\s*to\s")
MOVED_TO = re.compile(r"\bto\s+(?:(?:the|on|at|about|around)\s+)*$")
DEADLINE = re.compile(
    r"\b(?:by|before|(?:no|not) later than|(?:on or )?earlier than|not after|until|till?|through|thru|up to|due"
    r"|deadline)"
    r"(?:\s+(?:or|the|on|at|about|around|(?:the )?(?:end|close) of))*\s*$"
)
DUE = re.compile(  # "the deadline is Friday noon", and not "about the deadline on Friday at noon"
    r"\b(?:deadline\s+(?:is|will be)\s+(?:(?:on|at)\s+)*|deadline:?\s*|due(?:\s+(?:in|on|by|at|back))*\s*)\x00[^.!?;]*$"
)
BUT_BEFORE = re.compile(r"[\s,]*(?:but|and)\s+(?:before|by|no later than)\s+")
AFTER = re.compile(
    r"\b(?:(?<!not )after|any ?time (?:after|from)|(?<!no )(?<!not )later than|past|since"
    r"|not (?:before|until|till?|earlier than)|no earlier than)(?:\s+or\s+(?:at|on|in))?\s*(?:about|around|the)?\s*$"
)
ONWARDS = re.compile(r"\s*(?:onwards?|or later|or after|and after)\b|[^.;!?]*\b(?:any ?time )?after (?:that|then)\b")
BEFORE_THEN = re.compile(r"[^.;!?]*\bbefore (?:that|then)\b")


@dataclass(frozen=True, slots=True)
class Proposal:
    """One time as said: what may be missing is filled in from the proposal beside it."""

    day: Day | None = None
    until: Day | None = None
    clock: Clock | None = None
    clock_until: Clock | None = None
    part: Part | None = None
    length: Length | None = None
    offset: Offset | None = None
    shift: int = 0
    run: Run | None = None
    weekday_of_run: int | None = None  # "w/c 16 March, Thursday"
    open_ended: bool = False
    day_said_last: bool = False
    corrected: bool = False

    @property
    def says_when(self) -> bool:
        return bool(self.day or self.clock or self.part or self.offset)


@dataclass(frozen=True, slots=True)
class Sense:
    """Everything a sentence proposes, what stands in the way, and what it tells of being away."""

    proposals: tuple[Proposal, ...]
    doubts: tuple[Doubt, ...]
    leave: Leave | None


def sense_of(found: list[Found], text: str) -> Sense:
    said = heard(found, text)
    proposals, doubts = proposed(said.offered, text)
    if not proposals and not doubts and any(isinstance(item.piece, Whenever) for item in said.offered):
        doubts = ("vague",)
    return Sense(proposals, (*said.doubts, *doubts), said.leave)


def proposed(found: list[Found], text: str) -> tuple[tuple[Proposal, ...], tuple[Doubt, ...]]:
    """The times that these pieces make together, and what there is to ask about them."""
    walk = _Walk(text)
    for item in found:
        walk.take(item)
    if found and walk.moving and _MOVED_ELSEWHERE.search(text, found[-1].end):
        walk.doubts.append("unclear")  # "change the 10am appointment to twenty six": what was read is the old time
    proposals = _completed([proposal for proposal in walk.proposals if proposal.says_when])
    return tuple(proposals), (*walk.doubts, *(walk.slight if proposals else ()))


class _Walk:
    """Reads the pieces from left to right; every piece finds its place in a proposal or opens another."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.proposals = [Proposal()]
        self.doubts: list[Doubt] = []
        self.slight: list[Doubt] = []  # of those that count only beside a time
        self.since = 0
        self.comparing = bool(re.search(r"\bprefer\b", text))  # "I'd prefer Thursday to Friday"
        self.between = False
        self.kinds: list[type] = []  # of the pieces so far
        self.moving = MOVE.search(text)  # until its "to" has come: what follows that is the new time

    def take(self, item: Found) -> None:
        gap = self.text[self.since : item.begin]
        self.between = self.between or bool(re.search(r"\bbetween\b", gap))
        how = self._how(gap, item.begin)
        match item.piece:
            case Trouble(doubt, slight):
                (self.slight if slight else self.doubts).append(doubt)
            case Day() as day:
                self._day(day, gap, how)
            case Days(first, last):
                if DEADLINE.search(gap):
                    self.doubts.append("deadline")
                if self._now.day is not None or self._now.until is not None:
                    self._open(day=first, until=last)
                else:
                    self._set(day=first, until=last)
            case Clock() as clock:
                self._clock(clock, gap, how, self.text[item.end :])
            case Part() as part:
                self._part(part, gap, how)
            case Length() as length:
                if self._now.length is None:
                    self._set(length=length)
                elif self._now.length != length:
                    self.doubts.append("unclear")
            case Offset() as offset:
                if self._now.offset is None:
                    self._set(offset=offset)
                else:
                    self._open(offset=offset)
            case Shift(days):
                self._set(shift=self._now.shift + days)
            case Run() as run:
                self._run(run)
            case _:
                pass
        self.kinds.append(type(item.piece))
        self.since = item.end

    @property
    def _now(self) -> Proposal:
        return self.proposals[-1]

    def _set(self, **changes: object) -> None:
        self.proposals[-1] = replace(self._now, **changes)  # pyright: ignore[reportArgumentType]

    def _open(self, **changes: object) -> None:
        self.proposals.append(replace(Proposal(), **changes))  # pyright: ignore[reportArgumentType]

    def _run(self, run: Run) -> None:
        """A week or so many days; in "Thursday w/c 16 March" the weekday before it lies in that week."""
        day = self._now.day
        if run.days is None and day is not None and day.weekday is not None and day == Day(weekday=day.weekday):
            self._set(run=run, day=None, weekday_of_run=day.weekday)
        else:
            self._set(run=run)

    def _how(self, gap: str, begin: int) -> Literal["range", "choice", "correction", "beside", "apart"]:
        """What the words between two pieces make of them."""
        verb = self.moving
        moved = verb is not None and re.search(r"\bto\b", self.text[max(self.since, verb.end()) : begin]) is not None
        self.moving = None if moved else self.moving
        if not self.since:
            return "apart"
        if gap.strip() == "to" and self.comparing:
            return "choice"
        if TO.fullmatch(gap) or (self.between and AND.fullmatch(gap)):
            self.between = False
            return "correction" if moved else "range"
        if moved and MOVED_TO.search(gap):
            return "correction"  # "move the 3pm meeting to 4"
        if CORRECTION.search(gap):
            return "correction"
        if OR.search(gap):
            return "choice"
        return "beside" if ADJACENT.fullmatch(gap) else "apart"

    def _day(self, day: Day, gap: str, how: str) -> None:
        now = self._now
        if AFTER.search(gap):
            self.doubts.append("vague")
        elif DEADLINE.search(gap) and how not in ("range", "correction"):
            self.doubts.append("deadline")
        if (
            now.day is None and how == "choice" and now.says_when and gap.strip() not in ("/", ";")
        ):  # "10.30 / Fri 6th" is one
            self._open(day=day)
            return
        if now.day is None:
            self._set(day=day, day_said_last=now.clock is not None or now.part is not None)
            return
        if how == "range" or (how == "beside" and self.kinds[-3:] == [Clock, Day, Clock] and now.clock_until):
            self._set(until=day)  # "2 to 5 March", "4pm today to 5pm tomorrow"
            return
        if how == "correction":
            self._correct(day=day)
            return
        if now.run == Run(None) and now.day.complete and day == Day(weekday=day.weekday):
            self._set(weekday_of_run=day.weekday)
            return
        if now.until is not None:
            joined = now.until.joined(day)
            if joined is not None and how in ("beside", "apart"):
                self._set(until=joined)
            else:
                self._open(day=day)
            return
        joined = now.day.joined(day) if how != "choice" else None
        if joined is not None:
            self._set(day=joined)
        elif how == "beside" and "," not in gap and now.clock is None and now.part is None:
            self._set(day=day)
            self.doubts.append("contradiction")
        else:
            self._open(day=day)

    def _correct(self, **changes: object) -> None:
        """The corrected piece takes the place of the one before it; what was not corrected stays."""
        if "day" in changes:
            changes["until"] = None
        if "clock" in changes:
            changes["clock_until"] = None
            changes.setdefault("part", None)
        self._set(**{"corrected": True, **changes})

    def _clock(self, clock: Clock, gap: str, how: str, rest: str) -> None:
        now = self._now
        open_ended = bool(AFTER.search(gap) or ONWARDS.match(rest))
        closed = now.open_ended and now.clock_until is None and BUT_BEFORE.fullmatch(gap) is not None
        until = now.clock is not None and (closed or how == "range" or re.search(r"\b(?:until|till?|to)\s*$", gap))
        due = DUE.search(self.text, 0, len(self.text) - len(rest)) is not None  # "the deadline is Friday noon"
        if due or BEFORE_THEN.match(rest) or (DEADLINE.search(gap) and not until and not open_ended):
            self.doubts.append("deadline")
        if now.until is not None and now.clock is None:
            self.doubts.append("several")  # "12 to 14 March, 2 to 4": on each day, or from the first to the last?
        if now.clock is None and now.part is not None and how == "choice":
            self._open(clock=clock)  # "morning or noon"
        elif now.clock is None:
            self._set(clock=clock, open_ended=open_ended, corrected=False)
        elif closed:
            self._set(clock_until=clock, open_ended=False)
        elif how == "correction" or (now.corrected and how != "range"):
            self._correct(clock=clock)
            self._set(corrected=False)
        elif now.clock_until is None and (how == "range" or (now.clock and TO.fullmatch(gap))):
            self._set(clock_until=clock)
        elif how == "beside" and now.until is not None and now.clock_until is None:
            self._set(clock_until=clock)  # "Thursday 2pm to Friday noon"
        elif how != "choice" and clock in (now.clock, now.clock_until):
            pass
        else:
            self._open(clock=clock)

    def _part(self, part: Part, gap: str, how: str) -> None:
        now = self._now
        if DEADLINE.search(gap) and how != "range":
            self.doubts.append("deadline")
        if now.corrected and now.clock is not None and now.part is None:
            self._correct(part=part, clock=None, corrected=False)  # "move tomorrow's 10am to Tuesday afternoon"
        elif now.part is None or now.part == part:
            self._set(part=part)
        elif how == "correction":
            self._correct(part=part)
        elif how in ("beside", "apart") and now.part.begins < part.ends and part.begins < now.part.ends:
            self._set(part=min(part, now.part, key=_length))  # "first thing in the morning" is first thing
        else:
            self._open(part=part)


def _length(part: Part) -> int:
    return (part.ends.hour - part.begins.hour) * 60 + part.ends.minute - part.begins.minute


def _completed(proposals: list[Proposal]) -> list[Proposal]:
    """Each proposal whole: what it leaves out, another beside it lends.

    "Tuesday at 2 or 3" says the day once, and so does "2 or 3 on Tuesday"; "Tuesday or Wednesday at 2" says the clock
    once; and in "next Monday or Tuesday" both are next week.
    """
    done: list[Proposal] = []
    for proposal in proposals:
        before = done[-1] if done else None
        if before is not None and proposal.offset is None:
            if proposal.day is None:
                proposal = replace(proposal, day=before.day, until=before.until, shift=before.shift)
            elif before.day is not None and proposal.day == Day(weekday=proposal.day.weekday):
                week = 1 if before.day.which == "next" else before.day.week  # "next Monday or Tuesday"
                proposal = replace(proposal, day=replace(proposal.day, week=week))
        done.append(proposal)
    for index in range(len(done) - 2, -1, -1):
        now, lender = done[index], done[index + 1]
        if now.clock is None and now.part is None and now.offset is None:
            now = replace(
                now, clock=lender.clock, clock_until=lender.clock_until, part=lender.part, length=lender.length
            )
        if now.day is None and now.offset is None and lender.day_said_last:
            now = replace(now, day=lender.day, until=lender.until, shift=lender.shift)
        done[index] = now
    return done
