"""From text to pieces: every rule of the table in turn takes what it owns, and no stretch of text is used twice."""

import re
from datetime import date

from scheduling.localtime import bank_holidays
from scheduling.when import clock_rules, counted_days, feasts, named_days, rules, troubles, written_dates
from scheduling.when.absolute import second_reading
from scheduling.when.numbers import settled
from scheduling.when.pieces import Day, Found, Ignored, Trouble
from scheduling.when.words import MONTHS, ORDINALS, WEEKDAYS

TAKEN = "\x00"
MOST_PIECES = 24  # nobody proposes so many times at once, and reading them would take long
_TABLES = {
    day_first: (
        *feasts.FEAST_DAYS,
        *counted_days.NUMBERED_WEEKDAYS,
        *rules.NOT_A_TIME,
        *troubles.TROUBLES,
        *counted_days.COUNTED_DAYS,
        *written_dates.WRITTEN_DATES,
        *(written_dates.IN_FIGURES_DAY_FIRST if day_first else written_dates.IN_FIGURES_MONTH_FIRST),
        *clock_rules.OFFSETS,
        *named_days.PLAIN_DAYS,
        *clock_rules.CLOCKS,
        *clock_rules.PARTS_OF_DAY,
        *clock_rules.LENGTHS,
        *named_days.NAMED_DAYS,
        *clock_rules.NUMBERS_LEFT,
    )
    for day_first in (True, False)
}
_HINT = re.compile(
    r"[0-9]|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|tod|tom|ton|day|week|fortn|month"
    r"|year|term|spring|summer|autumn|winter|easter|christmas|xmas|hallow|pentecost|noon|night|morning|evening|lunch|clock|half|quarter|past"
    r"|hour|minute|first thing|end of|eod|cob|close of|right now|daily|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|eleven|twelve|teen|twenty|thirty|ago|each|every|termly|first|second|third|fifth|ninth|twelf|tieth"
)
_SHORT_FOR_OTHER_WORDS = frozenset(("sat", "sun", "wed", "mon"))
SHORT = re.compile(r"(?<![a-z0-9])(?:sat|sun|wed|mon)(?![a-z])")
_SURE_NAMES = {*WEEKDAYS, *(name for name in MONTHS if len(name) > 4 and name != "march")} - _SHORT_FOR_OTHER_WORDS
ORDINAL = re.compile(
    rf"(?<![a-z0-9])(?:[0-3]?[0-9](?:st|nd|rd|th)|the (?:{rules.any_of(list(ORDINALS)[3:])}))(?![a-z])"
)
STRONG = re.compile(  # surely a time; left over, it makes everything else doubtful
    rf"(?<![a-z0-9])(?:(?:{rules.any_of(_SURE_NAMES)})(?![a-z])|[0-9]{{1,2}}:[0-9]{{2}}|[0-9]{{1,2}}\s?[ap]m(?![a-z])"
    r"|[0-9]{1,2}/[0-9]{1,2}/[0-9]|o'clock|midnight)"
)
MONTH_BESIDE = re.compile(  # a month needs its day: "feb" in "feb half two"
    r"(?<![a-z0-9])(?:jan|feb|mar|march|apr|june?|july?|aug|sept?|oct|nov|dec)\.?\s*\x00"
    r"|\x00\s*(?:jan|feb|mar|march|apr|june?|july?|aug|sept?|oct|nov|dec)(?![a-z])"
)


def warm() -> None:
    """Make ready what the first reading would have to wait for."""
    for rule in (*_TABLES[True], *_TABLES[False]):
        assert rule.pattern
    second_reading("1 january 2001")
    bank_holidays("GB", "ENG", 2001)  # any year: reading in the package is what takes long


def pieces_of(text: str, today: date, *, day_first: bool) -> tuple[list[Found], str]:
    """The pieces in `text` (already plain) from left to right, and the text with everything used blotted out."""
    if not _HINT.search(text):
        return [], text
    found: list[Found] = []
    for rule in _TABLES[day_first]:
        for match in rule.pattern.finditer(text):
            if TAKEN in match[0] or not match[0].strip():
                continue
            meaning = rule.means(match, today)
            if meaning is None or not _stands_for_a_day(meaning, match):
                continue
            pieces = meaning if isinstance(meaning, tuple) else (meaning,)
            found.extend(Found(piece, *match.span()) for piece in pieces if not isinstance(piece, Ignored))
            text = text[: match.start()] + TAKEN * len(match[0]) + text[match.end() :]
        if len(found) > MOST_PIECES:
            return [Found(Trouble("long"), 0, len(text))], text
    found.sort(key=lambda item: item.begin)
    return settled(found, text, today), text


_DAY_BEFORE = re.compile(
    r"(?:^|[\x00,;:(/-]|[0-9]\s|\b(?:on|or|and|to|for|till?|until|from|by|this|next|of|about|at|away|off|out|leave|back"
    r"|sorry|say|maybe|do"
    r"|make|can|could|either|prefer|free|meet|book|chat|call|ok|okay|think|sure|yes|hi"
    r"|hello|session|interview|see you)\s)\s*$"
)
_SURELY_DAY_BEFORE = re.compile(r"(?:\b(?:on|next|this)|[0-9](?:st|nd|rd|th))\s+$")
_DAY_AFTER = re.compile(
    r"\s*(?:$|[^a-z\s]|(?:at|from|between|morning|afternoon|evening|night|the|or|and|to|of|in|is|works|around|if|please"
    r"|with|next|instead|so|but|then|unless|would|because|maybe|when)\b)"
)
_CLOCK_AFTER = re.compile(r"[\s,]*(?:(?:at|from|between|around|@)\s*)?[0-9\x00]")
_SITTING = re.compile(r"\b(?:i|we|they|he|she|who|all|have|had|has|be|was|were|just)\s+$")


def _stands_for_a_day(meaning: object, match: re.Match[str]) -> bool:
    """ "sat", "sun", "wed" and "mon" are weekdays only where a day can stand, and not in "we sat in the sun"."""
    if not isinstance(meaning, Day) or match[0].strip(" .") not in _SHORT_FOR_OTHER_WORDS:
        return True
    before, after = match.string[: match.start()], match.string[match.end() :]
    if _SURELY_DAY_BEFORE.search(before):
        return True
    if _CLOCK_AFTER.match(after):
        return not _SITTING.search(before)
    return bool(_DAY_BEFORE.search(before) and _DAY_AFTER.match(after))
