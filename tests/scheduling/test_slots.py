"""Times that suit two people, whatever their hours, zones and diaries."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.localtime import Closure, WorkingCalendar, at_local, local
from scheduling.slots import Objection, Side, Wanted, free_slots, objection

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
    slots = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW)
    assert len(slots) == 5
    assert len(set(days_of(slots))) == 5
    hours = {local(slot.starts_at, LONDON).hour for slot in slots}
    assert len(hours) >= 3
    assert min(hours) < 12 < max(hours)


def test_no_time_is_offered_sooner_than_the_notice_people_need():
    slots = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW, notice=timedelta(days=3))
    assert all(slot.starts_at >= NOW + timedelta(days=3) for slot in slots)


def test_a_meeting_ends_within_the_window_that_is_due():
    window = (london("2026-03-05", "14:00"), london("2026-03-05", "15:00"))
    assert [slot.starts_at for slot in free_slots((AMINA, BEN), window, NOW)] == [london("2026-03-05", "14:00")]


def test_nobody_is_offered_lunch_when_the_afternoon_is_free():
    (best,) = free_slots((AMINA, BEN), (london("2026-03-05", "12:00"), london("2026-03-05", "16:00")), NOW, at_most=1)
    assert best.starts_at >= london("2026-03-05", "13:00")


def test_lunch_that_is_kept_free_is_never_offered():
    lunching = replace(AMINA, calendar=WorkingCalendar(lunch=(time(12), time(13))))
    assert free_slots((lunching, BEN), (london("2026-03-05", "11:30"), london("2026-03-05", "13:30")), NOW) == []


def test_what_either_has_in_the_diary_is_left_alone():
    busy_amina = replace(AMINA, busy=((london("2026-03-05", "09:00"), london("2026-03-05", "12:00")),))
    busy_ben = replace(BEN, busy=((london("2026-03-05", "13:00"), london("2026-03-05", "17:00")),))
    window = (london("2026-03-05", "00:00"), london("2026-03-06", "00:00"))
    assert [slot.starts_at for slot in free_slots((busy_amina, busy_ben), window, NOW)] == [
        london("2026-03-05", "12:00")
    ]


def test_a_meeting_may_begin_the_minute_another_ends_when_nothing_better_is_free():
    busy = replace(AMINA, busy=((london("2026-03-05", "09:00"), london("2026-03-05", "14:00")),))
    window = (london("2026-03-05", "09:00"), london("2026-03-05", "14:45"))
    assert [slot.starts_at for slot in free_slots((busy, BEN), window, NOW)] == [london("2026-03-05", "14:00")]


def test_bank_holidays_closures_and_leave_are_nobodys_working_days():
    school = WorkingCalendar(closures=(Closure(date(2026, 4, 7), date(2026, 4, 8), "INSET days"),))
    away = ((london("2026-04-09", "00:00"), london("2026-04-10", "00:00")),)
    week_of_easter = (london("2026-04-03", "00:00"), london("2026-04-11", "00:00"))
    slots = free_slots((Side(LONDON, school), Side(LONDON, busy=away)), week_of_easter, NOW)
    assert set(days_of(slots)) == {"2026-04-10"}


def test_somebody_part_time_is_offered_only_their_days_and_hours():
    mornings = WorkingCalendar(working_weekdays=frozenset((1, 3)), part_days=((1, time(9), time(12)),))
    slots = free_slots((Side(LONDON, mornings), BEN), THIS_FORTNIGHT, NOW)
    assert {local(slot.starts_at, LONDON).weekday() for slot in slots} == {1, 3}
    tuesdays = [local(slot.ends_at, LONDON).time() for slot in slots if local(slot.starts_at, LONDON).weekday() == 1]
    assert all(ends <= time(12) for ends in tuesdays)


def test_london_and_new_york_meet_in_the_london_afternoon():
    slots = free_slots((AMINA, Side(NEW_YORK, WorkingCalendar(country="US", subdivision=None))), THIS_FORTNIGHT, NOW)
    assert slots
    for slot in slots:
        assert time(9) <= local(slot.starts_at, NEW_YORK).time()
        assert local(slot.ends_at, LONDON).time() <= time(17)


def test_the_fortnight_in_which_only_new_york_has_changed_its_clocks_keeps_both_in_their_hours():
    window = (london("2026-03-09", "00:00"), london("2026-03-28", "00:00"))
    slots = free_slots((AMINA, Side(NEW_YORK, WorkingCalendar(country=None))), window, NOW, at_most=50)
    assert {local(slot.starts_at, NEW_YORK).hour for slot in slots} >= {9}
    assert min(local(slot.starts_at, LONDON).time() for slot in slots) == time(13)


def test_london_and_tokyo_share_no_working_hour_and_are_offered_nothing():
    assert free_slots((AMINA, Side(TOKYO, WorkingCalendar(country=None))), THIS_FORTNIGHT, NOW) == []


def test_page_after_page_goes_through_every_time_once_and_always_in_the_same_order():
    everything = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW, at_most=1000)
    pages = [free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW, page=page) for page in range(1, len(everything) // 5 + 3)]
    assert [slot for page in pages for slot in page] == everything
    assert len(set(everything)) == len(everything) > 50
    assert pages[-1] == []
    assert [len(set(days_of(page))) for page in pages[:2]] == [5, 5]


def test_a_time_that_is_not_to_be_offered_is_left_out():
    first = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW)
    again = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW, excluding=[first[0].starts_at])
    assert first[0] not in again
    assert len(again) == 5


def test_the_window_that_is_due_comes_first_and_the_days_after_it_only_when_it_is_full():
    within = (london("2026-03-05", "00:00"), london("2026-03-07", "00:00"))
    wanted = Wanted(within)
    slots = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW, wanted=wanted)
    assert set(days_of(slots[:3])) == {"2026-03-05", "2026-03-06"}
    full = replace(AMINA, busy=(within,))
    assert len(free_slots((full, BEN), THIS_FORTNIGHT, NOW, wanted=wanted)) == 5


def test_there_is_time_to_act_on_the_last_interview_where_there_is_a_choice():
    not_before = london("2026-03-10", "00:00")
    slots = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW, wanted=Wanted(not_before=not_before))
    assert all(slot.starts_at >= not_before for slot in slots)
    this_week = (NOW, london("2026-03-07", "00:00"))
    assert len(free_slots((AMINA, BEN), this_week, NOW, wanted=Wanted(not_before=not_before))) == 5


def test_a_set_of_seven_meets_when_all_of_them_work_and_nobody_eats():
    hours = WorkingCalendar(lunch=(time(12, 30), time(13, 30)))
    mornings = replace(hours, part_days=tuple((day, time(9), time(12, 30)) for day in range(5)))
    tuesdays_off = replace(hours, working_weekdays=frozenset((0, 2, 3, 4)))
    berlin = ZoneInfo("Europe/Berlin")
    six = (Side(LONDON, mornings), Side(LONDON, tuesdays_off), Side(berlin, WorkingCalendar(country=None)))
    taken = Side(LONDON, hours, busy=((london("2026-03-05", "00:00"), london("2026-03-07", "00:00")),))
    slots = free_slots((AMINA, BEN, *six, taken, Side(LONDON, hours)), THIS_FORTNIGHT, NOW, length=timedelta(hours=2))
    assert slots
    for slot in slots:
        starts, ends = local(slot.starts_at, LONDON), local(slot.ends_at, LONDON)
        assert starts.weekday() != 1
        assert time(9) <= starts.time() < ends.time() <= time(12, 30)
        assert starts.date() not in (date(2026, 3, 5), date(2026, 3, 6))


@pytest.mark.parametrize("window", [(NOW, NOW), (NOW, NOW - timedelta(days=1)), (NOW - timedelta(days=9), NOW)])
def test_a_window_that_has_closed_offers_nothing(window):
    assert free_slots((AMINA, BEN), window, NOW) == []


def test_who_leaves_is_offered_nothing_after_their_last_day():
    leaving = replace(AMINA, leaves_on=date(2026, 3, 6))
    slots = free_slots((leaving, BEN), THIS_FORTNIGHT, NOW)
    assert set(days_of(slots)) <= {"2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"}


@pytest.mark.parametrize("wrong", [{"length": timedelta(0)}, {"step": timedelta(0)}, {"page": 0}, {"at_most": 0}])
def test_a_meeting_of_no_length_is_refused(wrong):
    with pytest.raises(ValueError, match="more than nothing"):
        free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW, **wrong)


def test_a_meeting_of_nobody_is_refused():
    with pytest.raises(ValueError, match="somebody"):
        free_slots((), THIS_FORTNIGHT, NOW)


# ------------------------------------------------------------------------------------------------ what stands against

LUNCHING = Side(LONDON, WorkingCalendar(lunch=(time(12), time(13))))


@pytest.mark.parametrize(
    ("day", "clock", "sides", "against"),
    [
        ("2026-03-05", "10:00", (AMINA, BEN), None),
        ("2026-03-05", "16:15", (AMINA, BEN), None),
        ("2026-03-02", "08:00", (AMINA, BEN), Objection("past")),
        ("2026-03-02", "14:00", (AMINA, BEN), Objection("soon")),
        ("2028-03-02", "14:00", (AMINA, BEN), Objection("far")),
        ("2026-03-05", "16:30", (AMINA, BEN), Objection("hours", 0)),
        ("2026-03-05", "08:59", (AMINA, BEN), Objection("hours", 0)),
        ("2026-03-05", "10:00", (AMINA, Side(NEW_YORK, WorkingCalendar(country=None))), Objection("hours", 1)),
        ("2026-03-05", "20:00", (Side(TOKYO, WorkingCalendar(country=None)), AMINA), Objection("hours", 0)),
        ("2026-03-07", "10:00", (AMINA, BEN), Objection("weekday", 0)),
        ("2026-04-03", "10:00", (AMINA, BEN), Objection("closed", 0)),
        ("2026-03-05", "11:30", (AMINA, LUNCHING), Objection("lunch", 1)),
        ("2026-03-05", "11:15", (AMINA, LUNCHING), None),
        ("2026-03-05", "13:00", (LUNCHING, BEN), None),
        ("2026-03-06", "10:00", (AMINA, replace(BEN, leaves_on=date(2026, 3, 5))), Objection("left", 1)),
        ("2026-03-05", "10:00", (AMINA, replace(BEN, leaves_on=date(2026, 3, 5))), None),
    ],
)
def test_what_stands_against_a_time_and_for_whom(day, clock, sides, against):
    starts_at = london(day, clock)
    assert objection(sides, (starts_at, starts_at + LENGTH), NOW) == against


def test_a_time_that_was_taken_meanwhile_no_longer_suits():
    slot = free_slots((AMINA, BEN), THIS_FORTNIGHT, NOW)[0]
    assert objection((AMINA, BEN), slot, NOW) is None
    assert objection((AMINA, replace(BEN, busy=(slot,))), slot, NOW) == Objection("busy", 1)


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
lunches = st.sampled_from([None, (time(12), time(13)), (time(12, 30), time(13, 15))])
parts = st.sampled_from([(), ((1, time(9), time(12)),), ((0, time(10, 30), time(15)), (2, time(13), time(16)))])
calendars = st.tuples(hours, lunches, parts).map(lambda made: replace(made[0], lunch=made[1], part_days=made[2]))
last_days = st.none() | st.dates(date(2026, 3, 2), date(2026, 3, 20))
people = st.builds(Side, st.sampled_from([LONDON, NEW_YORK, ZoneInfo("Europe/Berlin")]), calendars, diaries, last_days)
groups = st.lists(people, min_size=1, max_size=7)


@settings(max_examples=60, deadline=None)
@given(groups)
def test_no_time_ever_lies_outside_the_hours_or_inside_the_diary_of_anybody(sides):
    slots = free_slots(sides, THIS_FORTNIGHT, NOW)
    assert len(slots) == len(set(slots)) <= 5
    for slot in slots:
        assert slot.ends_at - slot.starts_at == LENGTH
        assert NOW + timedelta(days=1) <= slot.starts_at
        assert slot.ends_at <= THIS_FORTNIGHT[1]
        for side in sides:
            begins, ends = local(slot.starts_at, side.zone), local(slot.ends_at, side.zone)
            assert side.calendar.is_working_day(begins.date())
            opens, closes = side.calendar.offered_hours(begins.date())
            assert opens <= begins.time()
            assert ends.time() <= closes
            lunch = side.calendar.lunch
            assert lunch is None or ends.time() <= lunch[0] or lunch[1] <= begins.time()
            assert side.leaves_on is None or begins.date() <= side.leaves_on
            assert all(slot.ends_at <= busy[0] or busy[1] <= slot.starts_at for busy in side.busy)


@settings(max_examples=60, deadline=None)
@given(st.lists(people, min_size=1, max_size=3), st.integers(0, 12))
def test_the_search_offers_exactly_the_times_that_nothing_stands_against(sides, day):
    window = (NOW + timedelta(days=day), NOW + timedelta(days=day + 2))
    offered = free_slots(sides, window, NOW, step=timedelta(minutes=15), at_most=1000)
    assert all(objection(sides, slot, NOW) is None for slot in offered)
    typed = [
        (starts_at, starts_at + LENGTH)
        for starts_at in (window[0] + timedelta(minutes=15 * quarter) for quarter in range(2 * 24 * 4))
        if starts_at + LENGTH <= window[1]
    ]
    assert {slot for slot in typed if objection(sides, slot, NOW) is None} == set(offered)


@settings(max_examples=40, deadline=None)
@given(groups)
def test_whose_list_it_is_changes_no_verdict(sides):
    for slot in free_slots(sides, THIS_FORTNIGHT, NOW):
        assert objection(sides[::-1], slot, NOW) is None
