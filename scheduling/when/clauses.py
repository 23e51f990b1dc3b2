"""Which times in a sentence are offers: not those refused, told as past, or named as time away."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from scheduling.when.pieces import Clock, Day, Days, Doubt, Found, Offset, Part, Trouble, Whenever

BOUNDARY = re.compile(
    r"[;.!?\n()]|-\s(?![\x00\s])|\b(?:and (?:re-?schedule|re-?book|move|book|put|make|set)|but"
    r"|however|so|then|(?:that|those) (?:days?|weeks?|times?)|how about|what about"
    r"|(?:could|can|shall|should|would) (?:we|you|i)|let's|see you|instead i|i can(?!')|i could|prefer)\b"
)
NEGATIVE = re.compile(
    r"(?<!why )(?<!if )(?<!or )\b(?:not|never|can't|cant|cannot|couldn't|won't|wont|wouldn't|doesn't|didn't|isn't"
    r"|aren't|don't(?= (?:want|do|have|work|like|think|make|book|put|schedule|arrange|plan|meet|use|choose|pick|give"
    r"|get|offer|fancy)\b)|unable|except|anything but|avoid|instead of|rather than|apart from|no longer|unavailable"
    r"|cancel|delete|remove|clash(?:es|ing)?|scrap(?! that)|ditch|no (?:chance|way)"
    r"|(?:i'm|i am|i'll be|i will be) (?:teaching|in (?:a )?(?:lessons?|meetings?)))"
    r"\b(?! (?:sure|bad|problem|mind|forget|wait|hesitate|worry|only|before|after|until|till|later|earlier|away|off"
    r"|on leave|out|busy)\b)"
)
REFUSED_AFTER = re.compile(
    r"\s*(?:is|'s|are|was|will|would|that|it|on|at|the|for|me|us)*\s*"
    r"(?:not(?! (?:before|after|until|till|later|earlier)\b|\s*(?:(?:at|on|the) )*\x00)|no good|no longer|no use|bad"
    r"|difficult|impossible|out\b|doesn't|does not|won't|isn't|can't|full|taken|tricky|hard|awkward|clash"
    r"|(?:start |slot )?(?:is |'s )?too (?:early|late|soon)\b)"
)
_WISHED = (
    "want|wonder|hop|prefer|lik|offer|ask|intend|tri|promis|us|decid|figur|assum|expect|notic|check|confirm|mark|block"
    "|mov|chang|reschedul|push|shift|swapp|switch|book|arrang|schedul|plann|suggest|propos|mention|receiv|look"
)
TOLD_AS_PAST = re.compile(
    r"\b(?:(?:we|i|they|he|she) (?:just |also |already |only |both )?"
    r"(?:met|had|saw(?! (?:you|that|there))|went|did|spoke|talked|sent|gave|took|came|got|made|taught|sat|left|held"
    rf"|found|wrote|ran|(?!(?:{_WISHED})ed\b)[a-z]+[^\W_e]ed)"
    r"|(?:we|i) had (?:an?|my|our|the|lunch|dinner)"
    r"|(?:was|were|happened|took place)(?: held)? (?:on|at)"
    r"|(?:was|were) (?:working|teaching|talking|sitting|having|staying|away|there)"
    r"|(?:where|who|why|how|what) (?:was|were|did|had)|did you (?:get|see|receive|manage|enjoy|hear|go))\b"
)
POINTS_BACK = re.compile(  # "as discussed on Monday", "thanks for Tuesday", "following our chat": to the comma
    r"\b(?:following (?:on from )?(?:our|your|my|the|\x00)"
    r"|as (?:we |you |i )?(?:discussed|agreed|said|mentioned|promised|planned|arranged|suggested) (?:on|at|in)"
    r"|thank(?:s| you)(?: so much| very much| again)? for (?:\x00|your time|your help|(?:the|our|your) (?:chat|meeting"
    r"|session|lesson|help|call|talk|visit)|(?:meeting|seeing|coming|visiting|helping|having))"
    r"|(?:since|further to) (?:our|your|my|the)"
    r"|was (?:really |so |very )?(?:good|great|lovely|nice) to (?:see|meet|talk|speak|chat))[^,.;!?]*"
)
_LEAVE = r"(?:annual|sick|study|maternity|paternity|parental|compassionate|unpaid|special|family) leave|a/l"
_ABSENT = (
    rf"away(?! day)|off(?! to\b| ?sites?\b| topic\b| the\b)|out(?= of (?:the )?(?:office|school|town|country)\b)"
    r"|out(?! of\b| and\b| there\b| for\b)"
    rf"|(?:{_LEAVE})|(?:on|taking|got|having) (?:leave|holiday|vacation|a day off)|busy|unavailable|travelling"
    r"|not (?:in|around|here|available|working|at (?:work|school))(?=\s*(?:[\x00,.;!]|$|on\b|at\b|until\b|from\b|the\b"
    r"|between\b|for the\b|all\b|after\b|before\b))"
)
AWAY = re.compile(
    r"(?<!not )(?<!n't )(?<!never )(?:"
    rf"\b(?:i'm|im|i am|i'll be|ill be|i will be|i shall be|we're|we are|we'll be|be|am)\s+(?:(?!not\b)[a-z]+\s+)?"
    rf"(?:{_ABSENT})"
    rf"|(?:^|[,.;!?]|\b(?:but|so|and|sorry|because|as|hi|hello)\b)[\s\x00]*(?:{_ABSENT}|off\b)"
    rf"|\b(?:out of (?:the )?office|ooo|{_LEAVE}|on leave|on holiday|vacation|days? off|half day off|off (?:sick|work))"
    r"|\b(?:i|we)(?: will| am going to)? (?:won't|will not) be (?:in|around|here|available|working|at (?:work|school))"
    r"|\bi (?:don't|do not) work(?! for| with)"
    r"|\bhalf[\s-]day(?= (?:on|this|next|\x00|leave))"
    r")(?![a-z-])"
    r"|(?P<other>\b(?:she's|he's|they're|(?!that|it|what|there|here|let)[a-z]+'s"
    r"|(?!i\b|we\b)[a-z]+ (?:is|are|will be))\s+(?:[a-z]+\s+)?"
    r"(?:away|off (?:sick|work|on\b|\x00)|on (?:leave|holiday|vacation)|not in\b|unavailable))(?![a-z-])"
)
BACK = re.compile(
    r"(?:\b(?:i'm|i am|i'll be|i will be|we're|we'll be|be|am)\s+|(?:^|[,.;!?(]|\band\b|\bbut\b)\s*)(?:only )?"
    r"(?:back|returning)\b(?! (?:end|half)\b| to (?!work|school))|\breturn(?:ing)? to (?:work|school)\b"
    r"|\b(?:i'll|will|shall|and) return(?:ing)?"
    r"(?= (?:to the office |to work |to school )?(?:(?:on|in|from) )?(?:the )?\x00)"
)
OFFERED = re.compile(r"\b(?:works?|fine|good|great|ok|okay|free|suits?|possible|better|perfect|instead|please)\b")
_MARK = re.compile(f"{BOUNDARY.pattern}|,|(?P<no>{NEGATIVE.pattern})")
_TOLD_NEXT = re.compile(  # "On Thursday I ran …", "Tuesday's lesson went well"
    rf"[\s,]*(?!\S+ had\b(?! (?:an?|my|our|the|lunch|dinner) (?!free\b)[a-z]))(?:{TOLD_AS_PAST.pattern})"
    r"|\s+(?!(?:i|we|it)\b)(?:[a-z]+ ){0,2}(?:was|were|went) (?!held)"
)
_UNTIL = re.compile(r"\b(?:until|till?|up to|through|thru)\s*(?:the|on|about)?\s*$")
_FROM = re.compile(r"\b(?:from|since|starting|beginning|as of)\s*(?:the|on|about)?\s*$")


@dataclass(frozen=True, slots=True)
class Leave:
    """The times in the words that tell of being away: when it is, and, where that is said, when somebody is back.

    `open` is "from" or "until" where only that one end is told; `own` is false where the words speak of another person.
    """

    away: list[Found]
    back: list[Found]
    open: Literal["from", "until"] | None
    own: bool
    half: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """The times that are offered, or else why there are none; `leave` only where nothing else is offered.

    Where a day was refused and what is left names none ("Thursday at 10 clashes, 11 is better"), it is unclear.
    """

    offered: list[Found]
    doubts: list[Doubt]
    leave: Leave | None = None


def says_when(item: Found) -> bool:
    return isinstance(item.piece, Day | Days | Clock | Part | Offset | Trouble | Whenever)


def _names_day(item: Found) -> bool:
    return isinstance(item.piece, Day | Days | Offset)


def heard(found: list[Found], text: str) -> Heard:
    """`found` without what is no offer."""
    leave = _leave(found, text)
    rest = [item for item in found if leave is None or (item not in leave.away and item not in leave.back)]
    if leave is not None and not any(says_when(item) for item in rest):
        return Heard([*leave.away, *leave.back], [], leave)
    kept, refused = _without_refused(rest, text)
    if refused and not any(says_when(item) for item in kept):
        return Heard(kept, ["refused"])
    lasting = _without_past(kept, text)
    if kept and not any(says_when(item) for item in lasting):
        return Heard(kept, ["past"] if len(lasting) < len(kept) else [])
    lost_its_day = any(_names_day(item) for item in found) and not any(_names_day(item) for item in lasting)
    return Heard(lasting, ["unclear"] if lost_its_day else [])


def _clauses(text: str) -> list[int]:
    return [0, *(mark.end() for mark in BOUNDARY.finditer(text))]


def _clause_of(position: int, starts: list[int]) -> int:
    return starts[bisect_right(starts, position) - 1]


def _leave(found: list[Found], text: str) -> Leave | None:
    """The times in clauses that tell of being away; a comma ends such a clause where an offer follows it."""
    away: list[Found] = []
    back: list[Found] = []
    own = True
    starts = _clauses(text)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        said, returns = AWAY.search(text, start, end), BACK.search(text, start, end)
        if said is None and returns is None:
            continue
        first = min((match for match in (said, returns) if match), key=lambda match: match.start())
        start, end = _start_of_leave(text, first, found, start, end), _end_of_leave(text, first.end(), end)
        for item in found:
            if start <= item.begin < end:
                (back if returns and item.begin >= returns.end() else away).append(item)
        own = own and (said is None or said["other"] is None)
    if not away and not back:
        return None
    return Leave(away, back, _open_end(away, text), own, bool(re.search(r"\bhalf[\s-]day\b", text)))


def _start_of_leave(text: str, said: re.Match[str], found: list[Found], start: int, end: int) -> int:
    """Where they begin: at the comma in "see you on the 9th, I'm away on the 10th", not in "Thursday, I'm off"."""
    more_follows = any(said.end() <= item.begin < end for item in found)
    comma = said[0].startswith(",") or text[start : said.start()].rstrip().endswith(",")
    return said.start() if more_follows and comma else start


def _end_of_leave(text: str, begin: int, end: int) -> int:
    """Where the words about being away end: "I'm off Thursday, Friday at 2 is fine" goes on with an offer."""
    offer = OFFERED.search(text, begin, end)
    comma = text.rfind(",", begin, offer.start()) if offer else -1
    return comma if comma >= 0 else end


def _open_end(away: list[Found], text: str) -> Literal["from", "until"] | None:
    before = text[: away[0].begin] if away else ""
    return "until" if _UNTIL.search(before) else "from" if _FROM.search(before) else None


def _without_refused(found: list[Found], text: str) -> tuple[list[Found], bool]:
    """What is left when times said with "not", "can't" or "instead of" are dropped: they are no offers.

    A "not" reaches to the end of its clause; the comma in "not Monday, Tuesday at 2" ends it too.
    """
    kept: list[Found] = []
    refused = False
    negative_at: int | None = None
    just_not = swapped = clock_dropped = told_after = False
    since = 0
    for item in found:
        gap = text[since : item.begin]
        for mark in _MARK.finditer(gap):
            if mark["no"]:
                negative_at, swapped = since + mark.start(), mark[0] in ("instead of", "rather than")
                just_not = swapped or mark[0] in ("not", "scrap", "ditch")
            elif mark[0] != "," or just_not or told_after:
                negative_at = None
        if negative_at is not None and not (swapped and isinstance(item.piece, Day) and clock_dropped):
            refused, clock_dropped = True, isinstance(item.piece, Clock)
        else:
            kept.append(item)  # the day in "3 instead of 2 on Friday" is that of both
        since = item.end
        ahead = REFUSED_AFTER.match(text[item.end :])
        told_after = bool(ahead and kept and kept[-1] is item and re.search(r"[a-z]", ahead[0]))
        if told_after:
            start_of_clause = max((m.end() for m in BOUNDARY.finditer(text, 0, item.begin)), default=0)
            dropped = [other for other in kept if other.begin >= start_of_clause]
            kept = [other for other in kept if other.begin < start_of_clause]
            refused = refused or bool(dropped)
    return kept, refused


def _without_past(found: list[Found], text: str) -> list[Found]:
    """What is left when times told with a verb of the past ("we met on Thursday") are dropped, clause by clause."""
    found = [item for item in found if not (says_when(item) and _TOLD_NEXT.match(text, item.end))]
    back = [match.span() for match in POINTS_BACK.finditer(text)]
    found = [item for item in found if not any(begin <= item.begin < end for begin, end in back)]
    told = [match.end() for match in TOLD_AS_PAST.finditer(text)]
    if not told:
        return found
    starts = _clauses(text)
    return [
        item
        for item in found
        if not any(end <= item.begin and _clause_of(end, starts) == _clause_of(item.begin, starts) for end in told)
    ]
