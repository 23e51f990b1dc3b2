"""The days that a sentence speaks of, and the sentence without them: of courses, and of time that somebody logs."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduling.when import Reading, read

HALF_DAY = timedelta(hours=4, minutes=30)  # what takes no longer than that is half a day
YEAR = re.compile(r"\b20\d\d\b")


@dataclass(frozen=True)
class Days:
    """From which to which local day, where the words say so, and whether they name hours of half a day at most."""

    first: date
    last: date
    span: tuple[int, int]
    short: bool = False


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LATELY = re.compile(
    r"\b(?:(?P<before>(?:the )?day before yesterday)|(?P<yesterday>yesterday)|"
    r"(?P<today>today|this (?:morning|afternoon))"
    r"|(?:last|on|this)? ?(?P<weekday>(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?))\b",
    re.IGNORECASE,
)
_LINKING = r"(?:on|from|at|for|this|starting|,|;|:|-|–|\(|\)|\s)+"


def days_of(reading: Reading, zone: ZoneInfo) -> Days | None:
    """The days of a reading that has one meaning; None when it has none, or leaves a doubt."""
    if reading.doubt is not None or reading.away or reading.span is None:
        return None
    if reading.start is not None:
        day = reading.start.astimezone(zone).date()
        short = reading.end is not None and reading.end - reading.start <= HALF_DAY
        return None if "day" in reading.assumed else Days(day, day, reading.span, short)
    if reading.day is None:
        return None
    last = reading.ends_on or reading.day
    if reading.ends_on is not None and reading.ends_on.weekday() == 6 and last - reading.day >= timedelta(days=4):
        return None  # "next week" is a week and not yet a day
    return Days(reading.day, last, reading.span)


def lately(words: str, now: datetime, zone: ZoneInfo) -> Days | None:
    """The latest days, today included, that the words can mean."""
    today = now.astimezone(zone).date()
    # "26 February" read by somebody who has most of a year still to come is the one that has just been
    long_ago = datetime.combine(today - timedelta(days=720 if YEAR.search(words) else 350), datetime.min.time(), zone)
    reading = read(words, long_ago, zone)
    said = _LATELY.search(words)
    if reading.span is not None and (said is None or re.search(r"\d", words[slice(*reading.span)])):
        dated = days_of(reading, zone)
        return dated if dated is not None and dated.last <= today else None
    if said is None:
        return None
    if said["before"]:
        day = today - timedelta(days=2)
    elif said["yesterday"]:
        day = today - timedelta(days=1)
    elif said["today"]:
        day = today
    else:
        wanted = next(n for n, name in enumerate(_WEEKDAYS) if name.startswith(said["weekday"].lower()[:3]))
        day = today - timedelta(days=(today.weekday() - wanted) % 7 or 7)
    return Days(day, day, said.span())


def without(words: str, span: tuple[int, int] = (0, 0)) -> str:
    """The words without the stretch that said when, and without what tied the two together."""
    before = re.sub(rf"(?:^|\s+|(?<=[,;:(])){_LINKING}$", "", words[: span[0]] + " ", flags=re.IGNORECASE)
    after = words[span[1] :]
    title = f"{before.strip()} {after.strip(' ,;:-–()')}" if after.strip(" ,;:-–()") else before
    title = re.sub(rf"^{_LINKING}\s", "", f"{title} ", flags=re.IGNORECASE)
    return " ".join(title.split()).strip(" ,;:-–")
