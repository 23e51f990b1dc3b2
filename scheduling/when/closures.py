"""Days told by the organisation's own closures: "the day before half-term ends", "the Monday after half-term"."""

import re
from datetime import date, timedelta
from functools import lru_cache

from scheduling.localtime import WorkingCalendar
from scheduling.when.pieces import Day, Found, Piece, Trouble
from scheduling.when.rules import any_of, compiled
from scheduling.when.words import WEEKDAYS

ONE_DAY = timedelta(days=1)
_NAMED = re.compile("[a-z]")  # nobody can mean a closure by a name that is "2026" and nothing else
BLOTTED = "\x00"
_STARTS = r"(?:starts?|begins?|starting|beginning)"
_ENDS = r"(?:ends?|finish(?:es)?|is over|ending)"
_SMALL_WORDS = frozenset(("the", "of", "and", "a", "day", "days", "holiday", "holidays", "break", "week", "school"))


def with_closures(words: str, today: date, calendar: WorkingCalendar) -> tuple[str, list[Found]]:
    """The days that `words` tells by a closure still to come, and the words with those blotted out."""
    named = {
        plain: (first, last)
        for first, last, name in sorted(calendar.closures, reverse=True)
        if last >= today and _NAMED.search(plain := _plain(name))
    }
    if not named:
        return words, []
    found: list[Found] = []
    for match in _pattern(tuple(named)).finditer(words):
        first, last = named[_plain(match["name"])]
        found.append(Found(_meant(match, first, last, calendar.working_weekdays), match.start(), match.end()))
        words = words[: match.start()] + BLOTTED * len(match[0]) + words[match.end() :]
    return words, found


@lru_cache(maxsize=64)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return compiled(
        rf"{{b}}(?:the )?(?:(?P<which>day|first day|last day|(?P<weekday>{any_of(WEEKDAYS)})) )?"
        rf"(?:(?P<side>before|after|of|in) )?(?:the )?(?P<name>{any_of(names)})(?! (?:{any_of(WEEKDAYS)}|day|eve){{w}})"
        rf"(?: (?P<edge>{_STARTS}|{_ENDS}))?{{w}}"
    )


def _plain(name: str) -> str:
    """The name as people type it: "October half-term 2026" is "half term"."""
    spaced = " ".join(re.findall(r"[a-z']+", name.lower()))
    if "half term" in spaced:
        return "half term"
    kept = [word for word in spaced.split() if word not in _SMALL_WORDS]
    return " ".join(kept) or spaced


def _meant(match: re.Match[str], first: date, last: date, working_weekdays: frozenset[int]) -> Piece:
    """The day beside the closure's first or last: a working weekday, or the weekday that is named."""
    which, side, edge = match["which"], match["side"], match["edge"] or ""
    if which is None and side is None and edge:
        return Day(on=first if re.match(_STARTS, edge) else last)
    if side in ("of", "in") and which in ("first day", "last day"):
        return Day(on=first if which == "first day" else last)
    if side not in ("before", "after") or which in (None, "first day", "last day"):
        return Trouble("vague")
    near = first if re.match(_STARTS, edge) or (not edge and side == "before") else last
    step = -ONE_DAY if side == "before" else ONE_DAY
    wanted = frozenset((WEEKDAYS[match["weekday"]],)) if match["weekday"] else working_weekdays
    return Day(on=next(day for day in (near + step * count for count in range(1, 8)) if day.weekday() in wanted))
