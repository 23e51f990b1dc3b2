"""How much CPU time one phrase takes to be read, beside dateparser alone in the same run; and the scorer's way in.

python benchmarks/when.py                                              # CPU time, in milliseconds
PYTHONPATH=. python ../shared/when/score.py benchmarks.when:scored     # how often it is right
"""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import dateparser

from scheduling.when import read, warm

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ROUNDS = 20
PHRASES = """
next tuesday half two
tomorrow at quarter to four
a week on Monday
Monday week at 10
a fortnight on Thursday
the 3rd
3/4
5/3/2026 at 2pm
Thu 5 March 14:00-14:45
Tuesday the 10th, 2–2.45pm
tomorrow first thing
any time Friday afternoon
in three weeks
in an hour and a half
the first Monday of next month
wednsday 10am
Tues, sorry, Weds at 10
not Monday, Tuesday at 2
Tuesday at 2 or Wednesday at 3
could we do Thursday at 2 instead of Wednesday at 3?
I can't do Monday but Tuesday at 2 works
Thursday doesn't work for me, how about the 12th of March between 10 and 12?
every Tuesday at 3
by Friday
31/02
10 to 4 tomorrow
Please schedule a meeting with Barbara about her targets on Wednesday at 1:00 PM.
Can you book two hours for the review tomorrow at 3 pm?
Thanks, that was really useful. I need to think about it.
What do I still have to do this term?
"""
HOSTILE = "9|1 |1.|1-|tuesday at 2 or 12/3 |next |from 2 to 3 |(|three |not |away until |<@U1> |½|٣|\U0001f44d|\u202e|İ"
LONGEST_READ = 600  # characters; the dearest text is the longest that is looked at


def scored(text: str, reference: datetime, tz: str) -> tuple[date | datetime | None, date | datetime | None]:
    """The scorer's form of a reading: (start, end); a date where no clock is known; (None, None) where we would ask."""
    zone = ZoneInfo(tz)
    reading = read(text, reference.replace(tzinfo=zone).astimezone(UTC), zone)
    if reading.start is not None:
        return reading.start, reading.end
    return reading.day, reading.ends_on


def ours(text: str) -> object:
    return read(text, NOW, LONDON)


def dateparser_alone(text: str) -> object:
    return dateparser.parse(
        text,
        languages=["en"],
        settings={"DATE_ORDER": "DMY", "PREFER_DATES_FROM": "future", "RELATIVE_BASE": NOW.replace(tzinfo=None)},
    )


def milliseconds(reader: Callable[[str], object], phrases: list[str]) -> list[float]:
    """The CPU time of each phrase, every phrase `ROUNDS` times, sorted; one round before does not count."""
    for phrase in phrases:
        reader(phrase)
    taken: list[float] = []
    for _ in range(ROUNDS):
        for phrase in phrases:
            begins = time.thread_time()
            reader(phrase)
            taken.append((time.thread_time() - begins) * 1000)
    return sorted(taken)


def main() -> None:
    warm()
    phrases = list[str](PHRASES.strip().splitlines())
    print(f"{len(phrases)} phrases, {ROUNDS} rounds each, CPU time in milliseconds")
    print(f"{'':20}{'median':>8}{'p95':>8}{'most':>8}")
    for name, reader in (("scheduling.when", ours), ("dateparser alone", dateparser_alone)):
        taken = milliseconds(reader, phrases)
        print(f"{name:20}{statistics.median(taken):8.2f}{taken[int(len(taken) * 0.95)]:8.2f}{taken[-1]:8.2f}")
    for size in (10_000, LONGEST_READ):
        anything = [(part * size)[:size] for part in HOSTILE.split("|")]
        print(f"{size:6} characters of anything{milliseconds(ours, anything)[-1]:18.2f}")


if __name__ == "__main__":
    main()
