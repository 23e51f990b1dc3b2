"""The rules of logged time: what a typed sentence says of it, and what is asked about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from handlers.days import days_of, lately, without
from handlers.learning_time.amounts import amount_in
from scheduling.when import read

LONGEST = 2_000  # characters: what was done, in a sentence or two; a diary takes more
LONGEST_DAY = 12 * 60  # minutes that one day can hold
FURTHEST_BACK = timedelta(days=366)
BY_ACCIDENT = timedelta(minutes=1)  # the same thing again so soon is likelier a slip than a second stretch
_LOOKED_AT = 300  # characters of a sentence in which it says how long and when

Doubt = Literal["amount", "day", "ahead", "several", "words"]


@dataclass(frozen=True)
class Told:
    """What a sentence says of time spent learning. `day` is None where that is doubtful, `minutes` where it is missing.

    `doubt` is the first thing that has to be asked; None when nothing has. `off_the_job` is None when it is not said.
    """

    words: str
    minutes: int | None = None
    day: date | None = None
    off_the_job: bool | None = None
    doubt: Doubt | None = None


_JOB = re.compile(r"[(,]?\s*\b(?P<which>on|off)[\s-]+the[\s-]+job\b\s*\)?", re.IGNORECASE)
_COLON = re.compile(r"(?<!\d):|:(?!\d)")
_AHEAD = re.compile(
    r"\b(?:tomorrow|tonight|next|coming|following|in\s+\w+\s+(?:days?|weeks?)|this\s+(?:mon|tue|wed|thu|fri|sat|sun))",
    re.IGNORECASE,
)
_WEEKDAY = re.compile(r"\b(?P<lead>last\s+)?(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?\b", re.I)
_GLUE = re.compile(r"^(?:(?:of|on|for|doing|and|to)\b\s*|[:,;–-]\s*)+", re.IGNORECASE)


def told(words: str, now: datetime, zone: ZoneInfo, hours_in_a_day: float) -> Told:
    """What `words` (what followed "log" or "I spent") say: how long, on which day, doing what, on the job or off it.

    Where no day is named, today is meant. What follows a colon is never read for days or amounts.
    """
    head, tail = _parted(words.strip(), hours_in_a_day)
    job = _JOB.search(head)
    off_the_job = None if job is None else job["which"].lower() == "off"
    head = head if job is None else f"{head[: job.start()]} {head[job.end() :]}"
    amount = amount_in(" ".join(head.split()), hours_in_a_day)
    rest = " ".join(head.split()) if amount is None else amount.rest
    day, doubt, rest = _day(rest, now, zone)
    said = _joined(_GLUE.sub("", rest), tail)
    minutes = None if amount is None else amount.minutes
    if minutes is None:
        doubt = doubt or "amount"
    elif not said:
        doubt = doubt or "words"
    return Told(said, minutes, day, off_the_job, doubt)


def _parted(words: str, hours_in_a_day: float) -> tuple[str, str]:
    """What is read for an amount and a day, and what is not: what follows a colon, another line, or comes late."""
    colon = _COLON.search(words[:_LOOKED_AT])
    if colon is not None and amount_in(words[: colon.start()], hours_in_a_day):
        return words[: colon.start()], words[colon.end() :].strip()
    first, _, more = words.partition("\n")
    if len(first) > _LOOKED_AT:
        cut = first.rfind(" ", 0, _LOOKED_AT) + 1 or _LOOKED_AT
        return first[:cut], words[cut:]
    return first, more.strip()


def _joined(head: str, tail: str) -> str:
    return f"{head}: {tail}" if head and tail and not tail[0].islower() else f"{head} {tail}".strip()


def _day(words: str, now: datetime, zone: ZoneInfo) -> tuple[date | None, Doubt | None, str]:
    """The day that the words name, what is to be asked about it, and the words without it."""
    today = now.astimezone(zone).date()
    coming = read(words, now, zone)
    if coming.empty or coming.span is None:
        return today, None, without(words)
    when = words[slice(*coming.span)]
    if _AHEAD.search(when):
        return None, "ahead", without(words, coming.span)
    known = days_of(coming, zone)
    if known is not None and known.first == known.last == today:
        return today, None, without(words, coming.span)
    if coming.start is not None and "day" in coming.assumed:
        return today, None, without(words)  # an hour, and no day
    weekday = _WEEKDAY.search(when)
    if weekday and not weekday["lead"] and weekday["day"].lower() == f"{today:%a}".lower() and not _digit(when):
        return None, "day", without(words, coming.span)  # "on Monday", said on a Monday
    found = lately(words, now, zone)
    if found is None:
        ahead = known is not None and known.first > today
        return None, "ahead" if ahead else "day", without(words, coming.span)
    if found.first != found.last:
        return None, "several", without(words, found.span)
    if today - found.first > FURTHEST_BACK:
        return None, "day", without(words, found.span)
    return found.first, None, without(words, found.span)


def _digit(words: str) -> bool:
    return any(letter.isdigit() for letter in words)


# ------------------------------------------------------------------------------------------------------- what is asked


def unlikely_day(day: date, today: date) -> str:
    """What to ask about a day that was given; "" when it can be."""
    if day > today:
        return "That day is still to come. Log it once it has been."
    if today - day > FURTHEST_BACK:
        return "That is more than a year ago. Which day do you mean?"
    return ""


def unlikely_amount(minutes: int, that_day: Sequence[int]) -> str:
    """What to ask about an amount, when the stretches of `that_day` were logged already; "" when it can be."""
    if minutes <= 0:
        return "Write how long it was: 2h, 90 minutes or half a day."
    if minutes > LONGEST_DAY:
        return "That is more than twelve hours. Log each day by itself; a course of several days counts as a course."
    if minutes + sum(that_day) > LONGEST_DAY:
        return "With what you logged for that day already, it would be more than twelve hours. Was it another day?"
    return ""


def same(one: str, other: str) -> bool:
    """Whether two wordings name the same thing: without case, spacing, an article or a word like "course"."""
    return _bare(one) == _bare(other) != ""


def _bare(words: str) -> str:
    return " ".join(word for word in re.findall(r"\w+", words.casefold()) if word not in _NO_NAME)


_NO_NAME = frozenset(("a", "an", "the", "at", "on", "in", "my", "course", "training", "workshop", "session", "day"))
