"""From pieces to proposals: which day goes with which clock, what is offered, corrected, or refused."""

import re
from dataclasses import dataclass, replace
from typing import Literal

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
)

TO = re.compile(
    r"[\s,]*(?:-|to|till?|until|through|thru|up to|and ending|ending)\s*(?:about\s+|around\s+|on\s+|the\s+)*"
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
BOUNDARY = re.compile(
    r"[;.!?\n]|-\s|\b(?:but|however|so|then|how about|what about|could we|can we|let's|instead i|i can(?!')|i could"
    r"|prefer)\b"
)
NEGATIVE = re.compile(
    r"(?<!why )(?<!if )(?<!or )\b(?:not|never|can't|cant|cannot|couldn't|won't|wont|wouldn't|doesn't|didn't|isn't"
    r"|aren't|don't(?= (?:want|do|have|work|like|think|make))|unable|except|anything but|avoid|instead of|rather than"
    r"|apart from|no longer|unavailable|cancel|delete|remove)\b"
    r"(?! (?:sure|bad|problem|mind|forget|wait|hesitate|worry|only))"
)
REFUSED_AFTER = re.compile(
    r"\s*(?:is|'s|are|was|will|would|that|it|on|at|the|for|me|us)*\s*(?:not|no good|no use|bad|difficult"
    r"|impossible|out\b|doesn't|does not|won't|isn't|can't|full|taken|tricky|hard|awkward)"
)
TOLD_AS_PAST = re.compile(
    r"\b(?:(?:we|i|they|he|she) (?:met|had|saw|went|did|spoke|talked)|(?:was|were|happened|took place)(?: held)?"
    r" (?:on|at))\b"
)
AWAY = re.compile(
    r"\b(?:i'm|i am|i'll be|i will be|we are|we're|she's|he's|be|am|ooo)\s+(?:\w+\s+)?"
    r"(?:away|off|out|on leave|on holiday|busy|unavailable|travelling)\b"
    r"|\b(?:out of office|ooo|annual leave|on leave|on holiday|vacation|day off)\b"
)
DEADLINE = re.compile(
    r"\b(?:by|before|no later than|not later than|until|till?|up to|due|deadline)"
    r"\s*(?:the|on|at|about|around|end of)?\s*$"
)
AFTER = re.compile(r"\b(?:after|any ?time (?:after|from)|later than|past|since)\s*(?:about|around|the)?\s*$")
ONWARDS = re.compile(r"\s*(?:onwards?|or later|or after|and after)\b")


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
    open_ended: bool = False
    day_said_last: bool = False
    corrected: bool = False

    @property
    def says_when(self) -> bool:
        return bool(self.day or self.clock or self.part or self.offset)


@dataclass(frozen=True, slots=True)
class Sense:
    """Everything a sentence proposes, what stands in the way, and whether it tells of being away."""

    proposals: tuple[Proposal, ...]
    doubts: tuple[Doubt, ...]
    away: bool


def sense_of(found: list[Found], text: str) -> Sense:
    kept, refused = _without_refused(found, text)
    doubts: list[Doubt] = ["refused"] if refused and not any(_says_when(item) for item in kept) else []
    walk = _Walk(text)
    for item in kept:
        walk.take(item)
    proposals = _completed([proposal for proposal in walk.proposals if proposal.says_when])
    if proposals and TOLD_AS_PAST.search(text):
        doubts.append("past")
    return Sense(tuple(proposals), tuple(doubts + walk.doubts), bool(AWAY.search(text)))


def _says_when(item: Found) -> bool:
    return isinstance(item.piece, Day | Days | Clock | Part | Offset | Trouble)


def _without_refused(found: list[Found], text: str) -> tuple[list[Found], bool]:
    """What is left when times said with "not", "can't" or "instead of" are dropped: they are no offers.

    A "not" reaches to the end of its clause; the comma in "not Monday, Tuesday at 2" ends it too.
    """
    kept: list[Found] = []
    refused = False
    negative_at: int | None = None
    just_not = False
    since = 0
    for item in found:
        gap = text[since : item.begin]
        for mark in re.finditer(f"{BOUNDARY.pattern}|,|{NEGATIVE.pattern}", gap):
            if NEGATIVE.fullmatch(mark[0]):
                negative_at, just_not = since + mark.start(), mark[0] in ("not", "instead of", "rather than")
            elif mark[0] != "," or just_not:
                negative_at = None
        if negative_at is not None:
            refused = True
        else:
            kept.append(item)
        since = item.end
        rest = text[item.end :]
        ahead = REFUSED_AFTER.match(rest)
        if ahead and ahead.end() > 0 and kept and kept[-1] is item and re.search(r"[a-z]", ahead[0]):
            start_of_clause = max((m.end() for m in BOUNDARY.finditer(text, 0, item.begin)), default=0)
            dropped = [other for other in kept if other.begin >= start_of_clause]
            kept = [other for other in kept if other.begin < start_of_clause]
            refused = refused or bool(dropped)
    return kept, refused


class _Walk:
    """Reads the pieces from left to right; every piece finds its place in a proposal or opens another."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.proposals = [Proposal()]
        self.doubts: list[Doubt] = []
        self.since = 0
        self.between = False
        self.moving = bool(MOVE.search(text))  # until its "to" has come: what follows that is the new time

    def take(self, item: Found) -> None:
        gap = self.text[self.since : item.begin]
        self.between = self.between or bool(re.search(r"\bbetween\b", gap))
        how = self._how(gap)
        match item.piece:
            case Trouble(doubt):
                self.doubts.append(doubt)
            case Day() as day:
                self._day(day, gap, how)
            case Days(first, last):
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
                self._set(run=run)
            case _:
                pass
        self.since = item.end

    @property
    def _now(self) -> Proposal:
        return self.proposals[-1]

    def _set(self, **changes: object) -> None:
        self.proposals[-1] = replace(self._now, **changes)  # pyright: ignore[reportArgumentType]

    def _open(self, **changes: object) -> None:
        self.proposals.append(replace(Proposal(), **changes))  # pyright: ignore[reportArgumentType]

    def _how(self, gap: str) -> Literal["range", "choice", "correction", "beside", "apart"]:
        """What the words between two pieces make of them."""
        moved = self.moving and re.search(r"\bto\b", gap) is not None
        self.moving = self.moving and not moved
        if not self.since:
            return "apart"
        if TO.fullmatch(gap) or (self.between and AND.fullmatch(gap)):
            self.between = False
            return "correction" if moved else "range"
        if CORRECTION.search(gap):
            return "correction"
        if OR.search(gap):
            return "choice"
        return "beside" if ADJACENT.fullmatch(gap) else "apart"

    def _day(self, day: Day, gap: str, how: str) -> None:
        now = self._now
        if DEADLINE.search(gap) and how not in ("range", "correction"):
            self.doubts.append("deadline")
        elif AFTER.search(gap):
            self.doubts.append("vague")
        if now.day is None and how == "choice" and now.says_when:
            self._open(day=day)
            return
        if now.day is None:
            self._set(day=day, day_said_last=now.clock is not None or now.part is not None)
            return
        if how == "range":
            self._set(until=day)
            return
        if how == "correction":
            self._correct(day=day)
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
        elif how == "beside" and now.clock is None and now.part is None:
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
            changes["part"] = None
        self._set(corrected=True, **changes)

    def _clock(self, clock: Clock, gap: str, how: str, rest: str) -> None:
        now = self._now
        if DEADLINE.search(gap) and how != "range" and not (now.clock and re.search(r"\b(?:until|till?|to)\s*$", gap)):
            self.doubts.append("deadline")
        open_ended = bool(AFTER.search(gap) or ONWARDS.match(rest))
        if now.clock is None:
            self._set(clock=clock, open_ended=open_ended)
        elif how == "correction" or (now.corrected and how != "range"):
            self._correct(clock=clock)
            self._set(corrected=False)
        elif now.clock_until is None and (how == "range" or (now.clock and TO.fullmatch(gap))):
            self._set(clock_until=clock)
        elif how != "choice" and clock in (now.clock, now.clock_until):
            pass
        else:
            self._open(clock=clock)

    def _part(self, part: Part, gap: str, how: str) -> None:
        now = self._now
        if DEADLINE.search(gap) and how != "range":
            self.doubts.append("deadline")
        if now.part is None or now.part == part:
            self._set(part=part)
        elif how == "correction":
            self._correct(part=part)
        elif how in ("beside", "apart") and now.part.begins < part.ends and part.begins < now.part.ends:
            narrower = replace(part, begins=max(now.part.begins, part.begins), ends=min(now.part.ends, part.ends))
            self._set(part=narrower)
        else:
            self._open(part=part)


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
                proposal = replace(proposal, day=replace(proposal.day, which=before.day.which, week=before.day.week))
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
