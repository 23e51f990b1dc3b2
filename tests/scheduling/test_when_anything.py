"""Whatever is typed, whenever and wherever: nothing breaks, nothing past is offered, what is written out is read."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.localtime import Closure, WorkingCalendar, local
from scheduling.when import read

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SCHOOL = WorkingCalendar(closures=(Closure(date(2026, 4, 3), date(2026, 4, 17), "Easter holidays"),))


def understood(text: str):
    return read(text, NOW, LONDON)


HOSTILE = [
    "9",
    "tuesday at 2 ",
    "next ",
    "(",
    "\n",
    "<@U1> ",
    "½",
    "٣",
    "\u202e",
    "👍",
    "\x00",
    "1-",
    "not away until ",
    "İ",
]


@pytest.mark.parametrize("text", [(part * 10_000)[:10_000] for part in HOSTILE], ids=range(len(HOSTILE)))
def test_ten_thousand_characters_are_answered_with_a_question(text):
    assert understood(text).start is None


TYPED = """
    tuesday wed sat next this last week on at from to until or and not sorry no by before after the a two half quarter
    past 3 10 12 14.30 1430 9.10 3/4 31/02 5th 29 february march may noon midnight tomorrow today tonight morning lunch
    fortnight days hours in for every am pm ish : - , . 24:00 00:00 2028 two thousand first thing ago day week
    away back leave off i'm until w/c easter half-term monday thursday 9-10 same time weekly not can't met
"""
WORDS = st.sampled_from(TYPED.split())
SENTENCES = st.lists(WORDS, max_size=14).map(" ".join)
ZONES = [LONDON, NEW_YORK, ZoneInfo("Australia/Sydney"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Apia")]
MOMENTS = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), SENTENCES), MOMENTS, st.sampled_from(ZONES), st.booleans())
def test_whatever_is_typed_nothing_breaks_and_nothing_past_is_offered(text, now, zone, day_first):
    reading = read(text, now, zone, day_first=day_first, calendar=SCHOOL)
    for each in (reading, *reading.alternatives):
        assert each.start is None or (each.start >= now - timedelta(minutes=1) and each.start.tzinfo is UTC)
        assert each.end is None or each.start < each.end
        assert each.ends_on is None or each.day <= each.ends_on
        assert each.window is None or each.window[0] <= each.window[1]
        assert each.away or not each.absences
        assert not (each.away and each.certain)
        assert all(begins < ends and ends > now - timedelta(minutes=1) for begins, ends in each.absences)
        assert all(one[1] < other[0] for one, other in pairwise(each.absences))
    assert reading.span is None or 0 <= reading.span[0] < reading.span[1] <= len(text)
    assert not (reading.start and (reading.doubt or reading.missing or reading.alternatives))


@settings(max_examples=300, deadline=None)
@given(
    st.dates(date(2026, 3, 3), date(2027, 3, 1)).filter(lambda day: day != date(2026, 3, 29)),  # has no 01:30
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    st.sampled_from(
        [
            "{0:%a} {0.day} {0:%b} {0.year}, {1:%H:%M}",
            "{0.day}/{0.month}/{0.year} at {1:%H:%M}",
            "{1:%H:%M} on {0.day}/{0.month}",
            "on {0:%A} the {0.day} of {0:%B} at {1:%H.%M}",
            "{0:%B} {0.day}, {0.year} {1:%I:%M %p}",
            "{1:%I.%M%p} on {0.day} {0:%B}",
            "{0:%Y-%m-%d} {1:%H%M}",
            "{0.day}.{0.month}.{0.year} {1:%H:%M}",
            "Let's meet at {1:%H:%M} on {0:%a} {0.day} {0:%b}, please",
        ]
    ),
)
def test_a_day_and_a_clock_written_out_are_read_as_they_were_meant(day, clock, wording):
    reading = understood(wording.format(day, clock))
    assert reading.start is not None, reading
    assert local(reading.start, LONDON).replace(tzinfo=None) == datetime.combine(day, clock)
    assert understood(reading.understood).start == reading.start
