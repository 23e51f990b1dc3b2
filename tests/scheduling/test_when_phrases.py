"""A thousand phrases as staff type them to a booking bot, with the reading a careful colleague would give.

`phrases.txt` holds them by class, on Monday 2 March 2026 at 9:00 in London: `phrase => reading`. A reading is what the
bot would say back, without the present year; "A or B" are choices; "asked" is a question back, "nothing" no time at
all, and "away" has the first moment and the one that ends it.
"""

from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scheduling.localtime import Closure, WorkingCalendar
from scheduling.when import Reading, read

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCHOOL = WorkingCalendar(
    closures=(
        Closure(date(2026, 2, 16), date(2026, 2, 20), "February half-term"),
        Closure(date(2026, 4, 3), date(2026, 4, 17), "Easter holidays"),
        Closure(date(2026, 5, 25), date(2026, 5, 29), "May half-term"),
    )
)


def phrases() -> dict[str, list[tuple[str, str]]]:
    """Every phrase with its reading, by class."""
    found: dict[str, list[tuple[str, str]]] = {}
    lines = (Path(__file__).parent / "phrases.txt").read_text(encoding="utf-8").splitlines()
    for heading, rows in groupby(lines, key=lambda line: line.startswith("## ")):
        if heading:
            name = list(rows)[-1].removeprefix("## ")
        else:
            pairs = (row.rpartition(" => ") for row in rows if row.strip())
            found[name] = [(phrase, expected) for phrase, _, expected in pairs]
    return found


def said(reading: Reading) -> str:
    if reading.away:
        return (
            " and ".join(f"away {moment(begins)} – {moment(ends)}" for begins, ends in reading.absences)
            or "away, asked"
        )
    if reading.empty:
        return "nothing"
    if (reading.doubt == "several" and reading.alternatives) or reading.doubt is None:
        return reading.understood.replace(" 2026", "")
    return "asked"


def moment(instant: datetime) -> str:
    here = instant.astimezone(LONDON)
    return f"{here:%a} {here.day} {here:%b %H:%M}"


PHRASES = phrases()


@pytest.mark.parametrize("kind", PHRASES)
def test_phrases_are_read_as_a_careful_colleague_would(kind):
    rows = PHRASES[kind]
    heard = [(phrase, said(read(phrase, NOW, LONDON, calendar=SCHOOL))) for phrase, _ in rows]
    assert rows
    assert [pair for pair, row in zip(heard, rows, strict=True) if pair != row] == []


ORNAMENTS = ("{}!!", "*{}*", "“{}”", "{} 👍", "{} please", "Hi Ben,\n{}\nThanks, Ana", "   {}   ")


@pytest.mark.parametrize("ornament", ORNAMENTS)
def test_ornaments_and_manners_change_nothing(ornament):
    plain = [(phrase, expected) for phrase, expected in PHRASES["clocks"] if expected != "asked"]
    dressed = [(phrase, said(read(ornament.format(phrase), NOW, LONDON, calendar=SCHOOL))) for phrase, _ in plain]
    assert [pair for pair, row in zip(dressed, plain, strict=True) if pair != row] == []


@pytest.mark.parametrize("change", [str.upper, str.lower, lambda phrase: phrase.replace(" ", "  ")])
def test_capitals_and_blanks_change_nothing(change):
    rows = [row for kind in PHRASES for row in PHRASES[kind]]
    heard = [(phrase, said(read(change(phrase), NOW, LONDON, calendar=SCHOOL))) for phrase, _ in rows]
    assert [pair for pair, row in zip(heard, rows, strict=True) if pair != row] == []


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Sydney", "Asia/Kolkata", "Pacific/Apia"])
def test_the_same_words_mean_the_same_wall_clock_in_every_zone(zone):
    """Nine in the morning of the same Monday, wherever it is."""
    there = ZoneInfo(zone)
    now = NOW.replace(tzinfo=there).astimezone(UTC)
    rows = [row for kind in ("clocks", "days", "from, until and how long") for row in PHRASES[kind]]
    rows = [(phrase, expected) for phrase, expected in rows if not any(word in phrase for word in ("GMT", "UK"))]
    heard = [(phrase, said(read(phrase, now, there, calendar=SCHOOL))) for phrase, _ in rows]
    assert [pair for pair, row in zip(heard, rows, strict=True) if pair != row] == []
