"""A second reader for dates written out in full: dateparser, given one isolated date and nothing else.

Left alone with a sentence dateparser guesses: it takes the clock for a day, and a part for the whole. Given only a day
and a month, with the year filled in, it is sound; where it and our own table disagree we ask.
"""

from datetime import date, datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dateparser.date import DateDataParser

SETTINGS = {
    "DATE_ORDER": "DMY",
    "REQUIRE_PARTS": ["day", "month", "year"],
    "RELATIVE_BASE": datetime(2001, 1, 1),  # noqa: DTZ001  # fixed, so that an answer never depends on today
    "PARSERS": ["absolute-time"],
    "RETURN_AS_TIMEZONE_AWARE": False,
}


_ONE_AT_A_TIME = Lock()  # it keeps what it has read in itself, and does not say that threads may share it


@lru_cache(maxsize=1)
def _reader() -> "DateDataParser":
    # imported on first use, with its language files: together a fifth of a second, which `warm` spends beforehand
    from dateparser.date import DateDataParser

    return DateDataParser(languages=["en"], settings=SETTINGS)


@lru_cache(maxsize=4096)
def second_reading(words: str) -> date | None:
    """What dateparser takes `words`, a single date with its year, to mean; None when it cannot tell."""
    with _ONE_AT_A_TIME:
        found = _reader().get_date_data(words).date_obj
    return found.date() if found is not None else None


def disagrees(words: str, year: int, choice: date) -> bool:
    """Whether dateparser reads the date `words` (its year to be put in) as another day than `choice`."""
    second = second_reading(words.format(year=year))
    return second is not None and second != choice
