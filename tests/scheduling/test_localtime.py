"""Wall clocks, working days and hours, at the dates where they go wrong."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.localtime import (
    Closure,
    WorkingCalendar,
    add_months,
    at_local,
    bank_holidays,
    local,
    read_hours,
    read_span,
    zone_named,
)

LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
APIA = ZoneInfo("Pacific/Apia")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
SCHOOL = WorkingCalendar(
    closures=(
        Closure(date(2026, 5, 25), date(2026, 5, 29), "May half-term"),
        Closure(date(2026, 6, 12), date(2026, 6, 12), "INSET day"),
    )
)


@pytest.mark.parametrize(
    ("day", "clock", "zone", "instant"),
    [
        pytest.param("2026-01-15", "09:30", LONDON, "2026-01-15T09:30", id="winter in London is UTC"),
        pytest.param("2026-07-15", "09:30", LONDON, "2026-07-15T08:30", id="summer in London is an hour ahead"),
        pytest.param("2026-03-29", "01:30", LONDON, "2026-03-29T01:00", id="01:30 does not exist on 29 March 2026"),
        pytest.param("2026-03-29", "01:00", LONDON, "2026-03-29T01:00", id="nor does 01:00"),
        pytest.param("2026-03-29", "00:59", LONDON, "2026-03-29T00:59", id="the last minute before the gap does"),
        pytest.param("2026-03-29", "02:00", LONDON, "2026-03-29T01:00", id="and 02:00 is the first after it"),
        pytest.param("2027-03-28", "01:30", LONDON, "2027-03-28T01:00", id="01:30 does not exist on 28 March 2027"),
        pytest.param("2026-10-25", "01:30", LONDON, "2026-10-25T00:30", id="01:30 on 25 October means the first"),
        pytest.param("2026-10-25", "02:00", LONDON, "2026-10-25T02:00", id="02:00 on 25 October comes once"),
        pytest.param("2026-03-08", "02:30", NEW_YORK, "2026-03-08T07:00", id="New York changes on another day"),
        pytest.param("2026-10-04", "02:15", LORD_HOWE, "2026-10-03T15:30", id="a gap of half an hour"),
        pytest.param("2011-12-30", "12:00", APIA, "2011-12-30T10:00", id="a whole day that Samoa left out"),
    ],
)
def test_a_wall_clock_is_one_instant_even_when_clocks_change(day, clock, zone, instant):
    assert at_local(date.fromisoformat(day), time.fromisoformat(clock), zone) == datetime.fromisoformat(
        instant
    ).replace(tzinfo=UTC)


@given(
    st.dates(date(1990, 1, 1), date(2050, 1, 1)),
    st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
    st.sampled_from([LONDON, NEW_YORK, LORD_HOWE, APIA]),
)
def test_what_the_clock_showed_is_what_it_shows_again_or_the_end_of_a_gap(day, clock, zone):
    shown = local(at_local(day, clock, zone), zone).replace(tzinfo=None)
    asked = datetime.combine(day, clock)
    assert shown == asked or (shown > asked and shown - asked <= timedelta(days=1))


@given(st.integers(0, 2_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)))
def test_an_instant_survives_the_wall_clock_except_in_a_repeated_hour(instant):
    instant = instant.replace(second=0, microsecond=0)
    wall = local(instant, LONDON)
    again = at_local(wall.date(), wall.time(), LONDON)
    assert again == (instant - timedelta(hours=1) if wall.fold else instant)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        local(datetime(2026, 3, 1, 9, 0), LONDON)  # noqa: DTZ001


@pytest.mark.parametrize("name", ["Europe/Londno", "", "GMT+99", "../etc/passwd", "/etc/passwd", "Europe", "\x00"])
def test_an_unknown_zone_says_what_to_write_instead(name):
    with pytest.raises(ValueError, match="Use a name such as Europe/London"):
        zone_named(name)


def test_a_known_zone_is_found():
    assert zone_named("America/New_York") == NEW_YORK


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-05-31", -3, "2026-02-28"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2028-02-29", 48, "2032-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-01-15", 0, "2026-01-15"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_a_short_month(day, months, then):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_counting_months_lands_in_the_month_counted_to(day, months):
    then = add_months(day, months)
    assert then.year * 12 + then.month == day.year * 12 + day.month + months
    assert then.day <= day.day


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2026-03-03", None),
        ("2026-03-07", None),  # a Saturday is not worked, and needs no reason
        ("2026-04-03", "Good Friday"),
        ("2026-05-27", "May half-term"),
        ("2026-06-12", "INSET day"),
        ("2026-12-25", "Christmas Day"),
    ],
)
def test_why_nobody_works_on_a_day(day, why):
    assert SCHOOL.closed_because(date.fromisoformat(day)) == why


def test_scotland_keeps_other_bank_holidays_than_england():
    second_of_january = date(2026, 1, 2)
    assert WorkingCalendar().is_working_day(second_of_january)
    assert not WorkingCalendar(subdivision="SCT").is_working_day(second_of_january)


def in_a_new_process(begins: str) -> tuple[object, list[str]]:
    """What four countries keep, asked for in a process that begins so; and which countries' modules it then has."""
    program = f"""{begins}
import json, sys
from scheduling.localtime import bank_holidays
asked = [("GB", "SCT"), ("IE", None), ("DE", "BY"), ("US", "PR")]
kept = [sorted((str(day), name) for day, name in bank_holidays(*one, 2026).items()) for one in asked]
print(json.dumps([kept, [name for name in sys.modules if name.startswith("holidays.countries.")]]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    kept, modules = json.loads(done.stdout)
    return kept, modules


def test_a_country_is_asked_for_without_all_the_others_and_keeps_the_same_days():
    kept, modules = in_a_new_process("")
    assert kept == in_a_new_process("import holidays.countries")[0]
    assert len(modules) < 20
    assert "holidays.countries.united_kingdom" in modules


def test_a_country_whose_holidays_are_not_known_says_what_to_write():
    with pytest.raises(ValueError, match="country code such as GB"):
        bank_holidays("Ruritania", None, 2026)
    with pytest.raises(ValueError, match="a part such as ENG"):
        bank_holidays("GB", "Wessex", 2026)


@pytest.mark.parametrize(
    ("day", "count", "then"),
    [
        pytest.param("2026-03-06", 1, "2026-03-09", id="the day after a Friday is Monday"),
        pytest.param("2026-03-06", 2, "2026-03-10", id="two working days after a course on a Friday"),
        pytest.param("2026-04-02", 1, "2026-04-07", id="over Easter"),
        pytest.param("2026-05-22", 1, "2026-06-01", id="over half-term and a bank holiday"),
        pytest.param("2026-06-01", -1, "2026-05-22", id="and back"),
        pytest.param("2026-03-07", 0, "2026-03-09", id="none after a Saturday is the Monday"),
        pytest.param("2026-03-06", 0, "2026-03-06", id="none after a working day is that day"),
    ],
)
def test_working_days_leave_out_weekends_bank_holidays_and_closures(day, count, then):
    assert SCHOOL.add_working_days(date.fromisoformat(day), count) == date.fromisoformat(then)


def test_somebody_who_works_on_tuesdays_next_works_on_tuesday():
    assert WorkingCalendar(working_weekdays=frozenset((1,))).next_working_day(date(2026, 3, 3)) == date(2026, 3, 10)


def test_a_calendar_without_any_working_day_says_so():
    with pytest.raises(ValueError, match="no working day"):
        WorkingCalendar(working_weekdays=frozenset()).next_working_day(date(2026, 3, 3))


@pytest.mark.parametrize(
    ("written", "usual", "part_days"),
    [
        ("", None, ()),
        ("08:30-16:30", (time(8, 30), time(16, 30)), ()),
        ("mon 09:00-13:00, Fri 09:00-12:00", None, ((0, time(9), time(13)), (4, time(9), time(12)))),
        ("09:00-15:00, wed 09:00-12:30", (time(9), time(15)), ((2, time(9), time(12, 30)),)),
    ],
)
def test_hours_are_read_as_the_roster_writes_them(written, usual, part_days):
    assert read_hours(written) == (usual, part_days)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("mornings", "no working time"),
        ("9-5", "no working time"),
        ("abc 09:00-12:00", "no working time"),
        ("25:00-26:00", "no span of time"),
        ("16:00-09:00", "ends before it begins"),
        ("09:00-12:00, 13:00-17:00", "written twice"),
        ("mon 09:00-12:00, mon 13:00-17:00", "written twice"),
        ("٠٩:٠٠-١٢:٠٠", "no working time"),
    ],
)
def test_hours_that_cannot_be_read_are_refused_in_words(written, why):
    with pytest.raises(ValueError, match=why):
        read_hours(written)


def test_lunch_is_a_span_of_time():
    assert read_span(" 12:30-13:00 ") == (time(12, 30), time(13))
    with pytest.raises(ValueError, match="no span of time"):
        read_span("noon")
