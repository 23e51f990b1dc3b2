"""What people write for money and for time: £120, 120.50, free; 2h, 90 minutes, half a day."""

import re

from bot import wording

MOST_POUNDS = 1_000_000
MOST_HOURS = 2_000

_MONEY = re.compile(
    r"(?:about |around |~)?(?:£|gbp)?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?\s*(?:pounds?|quid|gbp|£)?",
    re.IGNORECASE,
)
_FREE = re.compile(r"(?:free(?: of charge)?|nothing|none|no (?:cost|charge)|it(?:'|’)?s free|£?0)", re.IGNORECASE)
_CLOCKED = re.compile(r"(\d{1,4})\s*h(?:ou)?r?s?\s*(?:and\s*)?(\d{1,2})\s*(?:m(?:in(?:ute)?s?)?)?", re.IGNORECASE)
_HOURS = re.compile(r"(\d{1,4}(?:\.\d{1,2})?|\d{0,4}½)\s*(?:h|hrs?|hours?)?", re.IGNORECASE)
_MINUTES = re.compile(r"(\d{1,4})\s*(?:m|mins?|minutes?)", re.IGNORECASE)
_DAYS = re.compile(r"(?:(half a|half|an?|one|\d{1,3}(?:\.\d{1,2})?|\d{0,3}½)\s*-?\s*days?)", re.IGNORECASE)
_WORDS = {"half a": 0.5, "half": 0.5, "a": 1.0, "an": 1.0, "one": 1.0}


def read_cost(written: str) -> int | None:
    """Pence, of an amount in pounds; None when it is not clear."""
    said = " ".join(written.split()).rstrip(".")
    if _FREE.fullmatch(said):
        return 0
    found = _MONEY.fullmatch(said)
    if found is None:
        return None
    pounds = int(found[1].replace(",", ""))
    return None if pounds > MOST_POUNDS else pounds * 100 + int((found[2] or "").ljust(2, "0") or 0)


def cost_in_words(pence: int) -> str:
    """`£120`, `£1,200.50`, `free`."""
    if not pence:
        return "free"
    return f"£{pence // 100:,}" if pence % 100 == 0 else f"£{pence // 100:,}.{pence % 100:02d}"


def read_length(written: str, hours_in_a_day: float) -> float | None:
    """Days, of a length in hours, minutes or days; None when it is not clear. A bare number is hours."""
    said = " ".join(written.split()).rstrip(".")
    if found := _DAYS.fullmatch(said):
        days = _WORDS[found[1].lower()] if found[1].lower() in _WORDS else _number(found[1])
    elif found := _CLOCKED.fullmatch(said):
        days = (int(found[1]) + int(found[2]) / 60) / hours_in_a_day
    elif found := _MINUTES.fullmatch(said):
        days = int(found[1]) / 60 / hours_in_a_day
    elif found := _HOURS.fullmatch(said):
        days = _number(found[1]) / hours_in_a_day
    else:
        return None
    return days if 0 < days * hours_in_a_day <= MOST_HOURS else None


def length_in_words(days: float, hours_in_a_day: float) -> str:
    """`half a day`, `1 day`, `2 days`; what is no number of half days is worded in hours: `3 hours`, `45 minutes`."""
    if days == 0.5:
        return "half a day"
    if days * 2 == round(days * 2):
        return wording.count(days, "day")
    minutes = round(days * hours_in_a_day * 60)
    if minutes < 60:
        return wording.count(minutes, "minute")
    return wording.count(round(minutes / 60, 2), "hour")


def _number(written: str) -> float:
    if written.endswith("½"):
        return float(written[:-1] or 0) + 0.5
    return float(written)
