"""How long something took: "2h", "90 minutes", "an hour and a half", "half a day", "this morning"; and said back."""

import re
from dataclasses import dataclass

from bot import wording

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {"a": 1.0, "an": 1.0, **{word: float(n) for n, word in enumerate(_WORDS, 1)}}
_SIGNS = {"½": 0.5, "¼": 0.25, "¾": 0.75}
_PARTS = {"half": 0.5, "three": 0.75, "quarter": 0.25}

_NUMBER = rf"(?:\d{{1,3}}(?:[.,]\d{{1,2}})?(?:\s?[½¼¾])?|[½¼¾]|an?|{'|'.join(_WORDS)})"
_AMOUNT = re.compile(
    rf"(?<![\w.,£$€])(?:(?P<number>{_NUMBER})(?P<plus>\s+and\s+a\s+(?:half|quarter))?[\s-]*"
    r"|(?P<part>half|three[\s-]quarters(?:\s+of)?|(?:a\s+)?quarter\s+of)[\s-]*(?:an?[\s-]+)?)"
    r"(?P<unit>hours?|hrs?|h|minutes?|mins?|m|days?)(?!['’]?[a-z])"
    r"(?:\s+and\s+a\s+(?P<more>half|quarter)\b|(?P<glued>\d\d)(?!\d)"
    r"|,?\s*(?:and\s+)?(?P<minutes>\d{1,2})\s*(?:minutes?|mins?|m)(?![a-z]))?",
    re.IGNORECASE,
)
_ALL_DAY = re.compile(
    r"\b(?:(?:all|(?:the|a)\s+(?:whole|full|entire))[\s-]+day(?:\s+long)?(?![a-z])|all\s+of\s+(?=today|yesterday)"
    r"|all\s+(?=yesterday))",
    re.IGNORECASE,
)
_PART_OF_DAY = re.compile(
    r"\b(?P<lead>(?:all\s+)?this|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:all\s+|in\s+)?the|an?|all)\s+"
    r"(?P<part>morning|afternoon)(?!['’]?[a-z])(?!\s+(?:routine|meeting|register|registration|assembly|briefing|club|"
    r"duty|session|sessions|lessons?|class|classes|tea)\b)",
    re.IGNORECASE,
)
_KEPT = re.compile(r"yesterday|\w+day", re.IGNORECASE)  # a lead that names a day, and is read as one afterwards

# The same without its names: how a sentence begins that tells of an amount.
BEGINS_WITH_ONE = "(?:" + "|".join(
    re.sub(r"\(\?P<\w+>", "(?:", pattern.pattern) for pattern in (_AMOUNT, _ALL_DAY, _PART_OF_DAY)
) + ")"  # fmt: skip


@dataclass(frozen=True)
class Amount:
    """What was found: how many minutes, and the words without the stretch that said so."""

    minutes: int
    rest: str


def amount_in(words: str, hours_in_a_day: float) -> Amount | None:
    """The first amount that the words name; None when they name none.

    A day counts the policy's hours, a morning or an afternoon half of them.
    """
    for found in _AMOUNT.finditer(words):
        if (minutes := _minutes(found, hours_in_a_day)) is not None:
            return Amount(minutes, _when(_cut(words, found.span())))
    if found := _ALL_DAY.search(words):
        return Amount(days(1, hours_in_a_day), _cut(words, found.span()))
    if found := _PART_OF_DAY.search(words):
        return Amount(days(0.5, hours_in_a_day), _without_part(words, found))
    return None


def amount_of(written: str, hours_in_a_day: float) -> int | None:
    """Minutes, where what was written is an amount and nothing else; "1:30" is one too."""
    written = " ".join(written.split()).rstrip(".")
    if clock := re.fullmatch(r"(\d{1,2}):([0-5]\d)", written):
        return int(clock[1]) * 60 + int(clock[2])
    found = amount_in(re.sub(r"^(?:about|around|for)\s+", "", written, flags=re.IGNORECASE), hours_in_a_day)
    return None if found is None or found.rest else found.minutes


def days(number: float, hours_in_a_day: float) -> int:
    """That many days in minutes."""
    return round(number * hours_in_a_day * 60)


def said(minutes: int, hours_in_a_day: float) -> str:
    """`half a day`, `1 day`, `1.5 days`, `2 hours`, `1 hour 30 minutes`; `amount_of` reads it back."""
    for halves in range(1, 15):
        if minutes == days(halves / 2, hours_in_a_day):
            return "half a day" if halves == 1 else wording.count(halves / 2, "day")
    return wording.length(minutes)


def _minutes(found: re.Match[str], hours_in_a_day: float) -> int | None:
    unit = found["unit"].lower()[0]
    number = found["number"]
    if len(found["unit"]) == 1 and not (number and number[0].isdigit()):
        return None  # "a m" is no minute
    if number is not None:
        value = _value(number) + sum(_PARTS[word] for word in _PARTS if (found["plus"] or "").lower().endswith(word))
    else:
        value = next(part for word, part in _PARTS.items() if word in found["part"].lower())
    value += _PARTS.get((found["more"] or "").lower(), 0)
    if unit == "m":
        return round(value) if found["minutes"] is None and found["glued"] is None else None
    if unit == "d":
        return days(value, hours_in_a_day)
    return round(value * 60) + int(found["minutes"] or found["glued"] or 0)


def _value(number: str) -> float:
    number = number.lower().replace(",", ".")
    if number in _NUMBERS:
        return _NUMBERS[number]
    sign = _SIGNS.get(number[-1], 0.0)
    plain = number.rstrip("½¼¾ ")
    return (float(plain) if plain else 0.0) + sign


def _when(words: str) -> str:
    """Beside an amount, "this morning" only says which day."""
    found = _PART_OF_DAY.search(words)
    if found is None or not re.search(r"this$|day$", found["lead"], re.IGNORECASE):
        return words
    return _without_part(words, found)


def _without_part(words: str, found: re.Match[str]) -> str:
    lead = found["lead"]
    day = lead if _KEPT.fullmatch(lead) else "today" if lead.lower().endswith("this") else ""
    return _cut(words, found.span(), day)


def _cut(words: str, span: tuple[int, int], instead: str = "") -> str:
    return " ".join(f"{words[: span[0]]} {instead} {words[span[1] :]}".split())
