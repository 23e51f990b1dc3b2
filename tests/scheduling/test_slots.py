"""Times that suit two people, whatever their hours, zones and diaries."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.localtime import Closure, WorkingCalendar, at_local, local
from scheduling.slots import Side, free_slots, suits_both

LONDON, NEW_YORK, TOKYO = ZoneInfo("Europe/London"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
THIS_FORTNIGHT = (NOW, NOW + timedelta(days=14))
AMINA = BEN = Side(LONDON)
LENGTH = timedelta(minutes=45)


def london(day: str, clock: str) -> datetime:
    return at_local(date.fromisoformat(day), time.fromisoformat(clock), LONDON)


def days_of(slots):
    return [local(slot.starts_at, LONDON).date().isoformat() for slot in slots]


def test_two_free_people_are_offered_five_times_on_five_days_and_at_different_times_of_day():
    slots = free_slots(AMINA, BEN, THIS_FORTNIGHT, NOW)
    assert len(slots) == 5
    assert len(set(days_of(slots))) == 5
    hours = {local(slot.starts_at, LONDON).hour for slot in slots}
    assert len(hours) >= 3
    assert min(hours) < 12 < max(hours)


def test_no_time_is_offered_sooner_than_the_notice_people_need():
    slots = free_slots(AMINA, BEN, THIS_FORTNIGHT, NOW, notice=timedelta(days=3))
    assert all(slot.starts_at >= NOW + timedelta(days=3) for slot in slots)


def test_a_meeting_ends_within_the_window_that_is_due():
    window = (london("2026-03-05", "14:00"), london("2026-03-05", "15:00"))
    assert [slot.starts_at for slot in free_slots(AMINA, BEN, window, NOW)] == [london("2026-03-05", "14:00")]


def test_nobody_is_offered_lunch_when_the_afternoon_is_free():
    (best,) = free_slots(AMINA, BEN, (london("2026-03-05", "12:00"), london("2026-03-05", "16:00")), NOW, at_most=1)
    assert best.starts_at >= london("2026-03-05", "13:00")


def test_lunch_that_is_kept_free_is_never_offered():
    lunching = replace(AMINA, calendar=WorkingCalendar(lunch=(time(12), time(13))))
    assert free_slots(lunching, BEN, (london("2026-03-05", "11:30"), london("2026-03-05", "13:30")), NOW) == []


def test_what_either_has_in_the_diary_is_left_alone():
    busy_amina = replace(AMINA, busy=((london("2026-03-05", "09:00"), london("2026-03-05", "12:00")),))
    busy_ben = replace(BEN, busy=((london("2026-03-05", "13:00"), london("2026-03-05", "17:00")),))
    window = (london("2026-03-05", "00:00"), london("2026-03-06", "00:00"))
    assert [slot.starts_at for slot in free_slots(busy_amina, busy_ben, window, NOW)] == [london("2026-03-05", "12:00")]


def test_a_meeting_may_begin_the_minute_another_ends_when_nothing_better_is_free():
    busy = replace(AMINA, busy=((london("2026-03-05", "09:00"), london("2026-03-05", "14:00")),))
    window = (london("2026-03-05", "09:00"), london("2026-03-05", "14:45"))
    assert [slot.starts_at for slot in free_slots(busy, BEN, window, NOW)] == [london("2026-03-05", "14:00")]


def test_bank_holidays_closures_and_leave_are_nobodys_working_days():
    school = WorkingCalendar(closures=(Closure(date(2026, 4, 7), date(2026, 4, 8), "INSET days"),))
    away = ((london("2026-04-09", "00:00"), london("2026-04-10", "00:00")),)
    week_of_easter = (london("2026-04-03", "00:00"), london("2026-04-11", "00:00"))
    slots = free_slots(Side(LONDON, school), Side(LONDON, busy=away), week_of_easter, NOW)
    assert set(days_of(slots)) == {"2026-04-10"}


def test_somebody_part_time_is_offered_only_their_days_and_hours():
    mornings = WorkingCalendar(working_weekdays=frozenset((1, 3)), part_days=((1, time(9), time(12)),))
    slots = free_slots(Side(LONDON, mornings), BEN, THIS_FORTNIGHT, NOW)
    assert {local(slot.starts_at, LONDON).weekday() for slot in slots} == {1, 3}
    tuesdays = [local(slot.ends_at, LONDON).time() for slot in slots if local(slot.starts_at, LONDON).weekday() == 1]
    assert all(ends <= time(12) for ends in tuesdays)


def test_london_and_new_york_meet_in_the_london_afternoon():
    slots = free_slots(AMINA, Side(NEW_YORK, WorkingCalendar(country="US", subdivision=None)), THIS_FORTNIGHT, NOW)
    assert slots
    for slot in slots:
        assert time(9) <= local(slot.starts_at, NEW_YORK).time()
        assert local(slot.ends_at, LONDON).time() <= time(17)


def test_the_fortnight_in_which_only_new_york_has_changed_its_clocks_keeps_both_in_their_hours():
    window = (london("2026-03-09", "00:00"), london("2026-03-28", "00:00"))
    slots = free_slots(AMINA, Side(NEW_YORK, WorkingCalendar(country=None)), window, NOW, at_most=50)
    assert {local(slot.starts_at, NEW_YORK).hour for slot in slots} >= {9}
    assert min(local(slot.starts_at, LONDON).time() for slot in slots) == time(13)


def test_london_and_tokyo_share_no_working_hour_and_are_offered_nothing():
    assert free_slots(AMINA, Side(TOKYO, WorkingCalendar(country=None)), THIS_FORTNIGHT, NOW) == []


def test_more_times_are_times_not_shown_before():
    first = free_slots(AMINA, BEN, THIS_FORTNIGHT, NOW)
    more = free_slots(AMINA, BEN, THIS_FORTNIGHT, NOW, excluding=[slot.starts_at for slot in first])
    assert len(more) == 5
    assert not set(first) & set(more)


def test_later_times_come_after_the_last_one_shown():
    after = london("2026-03-10", "10:00")
    assert all(slot.starts_at > after for slot in free_slots(AMINA, BEN, THIS_FORTNIGHT, NOW, after=after))


@pytest.mark.parametrize("window", [(NOW, NOW), (NOW, NOW - timedelta(days=1)), (NOW - timedelta(days=9), NOW)])
def test_a_window_that_has_closed_offers_nothing(window):
    assert free_slots(AMINA, BEN, window, NOW) == []


@pytest.mark.parametrize("wrong", [{"length": timedelta(0)}, {"step": timedelta(0)}])
def test_a_meeting_of_no_length_is_refused(wrong):
    with pytest.raises(ValueError, match="more than nothing"):
        free_slots(AMINA, BEN, THIS_FORTNIGHT, NOW, **wrong)


def test_a_time_that_was_taken_meanwhile_no_longer_suits_both():
    slot = free_slots(AMINA, BEN, THIS_FORTNIGHT, NOW)[0]
    assert suits_both(AMINA, BEN, slot)
    assert not suits_both(replace(AMINA, busy=(slot,)), BEN, slot)


moments = st.integers(0, 14 * 24 * 4).map(lambda quarters: NOW + timedelta(minutes=15 * quarters))
diaries = st.lists(
    st.tuples(moments, st.integers(1, 40)).map(lambda made: (made[0], made[0] + timedelta(minutes=15 * made[1]))),
    max_size=8,
).map(tuple)
hours = st.tuples(st.integers(6, 11), st.integers(13, 20), st.sets(st.integers(0, 6), min_size=1)).map(
    lambda made: WorkingCalendar(
        working_weekdays=frozenset(made[2]), offers_from=time(made[0]), offers_until=time(made[1])
    )
)
people = st.builds(Side, st.sampled_from([LONDON, NEW_YORK, ZoneInfo("Europe/Berlin")]), hours, diaries)


@settings(max_examples=60, deadline=None)
@given(people, people)
def test_no_time_ever_lies_outside_the_hours_or_inside_the_diary_of_either(one, other):
    slots = free_slots(one, other, THIS_FORTNIGHT, NOW)
    assert len(slots) == len(set(slots)) <= 5
    for slot in slots:
        assert slot.ends_at - slot.starts_at == LENGTH
        assert NOW + timedelta(days=1) <= slot.starts_at
        assert slot.ends_at <= THIS_FORTNIGHT[1]
        for side in (one, other):
            begins, ends = local(slot.starts_at, side.zone), local(slot.ends_at, side.zone)
            assert side.calendar.is_working_day(begins.date())
            assert side.calendar.offers_from <= begins.time()
            assert ends.time() <= side.calendar.offers_until
            assert all(slot.ends_at <= busy[0] or busy[1] <= slot.starts_at for busy in side.busy)
