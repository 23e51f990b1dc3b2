"""What people type for a time, and what is understood, on Monday 2 March 2026 at 9:00 in London."""

from dataclasses import fields
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduling.localtime import Closure, WorkingCalendar, local
from scheduling.when import Reading, read

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BOTH = {"day", "time"}
SCHOOL = WorkingCalendar(
    closures=(
        Closure(date(2026, 2, 16), date(2026, 2, 20), "February half-term"),
        Closure(date(2026, 4, 3), date(2026, 4, 17), "Easter holidays"),
        Closure(date(2026, 5, 25), date(2026, 5, 29), "May half-term"),
    )
)


def understood(text: str, now: datetime = NOW, zone: ZoneInfo = LONDON, **options) -> Reading:
    return read(text, now, zone, **options)


def saying(text: str, expected: str):
    return pytest.param(text, expected, id=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # clocks as people say them
        saying("tomorrow at quarter to four", "Tue 3 Mar 2026, 15:45"),
        saying("half two tomorrow", "Tue 3 Mar 2026, 14:30"),
        saying("half past one on Friday", "Fri 6 Mar 2026, 13:30"),
        saying("ten to four tomorrow", "Tue 3 Mar 2026, 15:50"),
        saying("twenty to 3 tomorrow", "Tue 3 Mar 2026, 14:40"),
        saying("quarter to noon on Friday", "Fri 6 Mar 2026, 11:45"),
        saying("Thursday 14.30", "Thu 5 Mar 2026, 14:30"),
        saying("Thu 1430", "Thu 5 Mar 2026, 14:30"),
        saying("tomorrow 0915", "Tue 3 Mar 2026, 09:15"),
        saying("3ish on Wednesday", "Wed 4 Mar 2026, 15:00"),
        saying("eleven o'clock on Friday", "Fri 6 Mar 2026, 11:00"),
        saying("noon on Friday", "Fri 6 Mar 2026, 12:00"),
        saying("12 on Friday", "Fri 6 Mar 2026, 12:00"),
        saying("tomorrow at ten thirty", "Tue 3 Mar 2026, 10:30"),
        saying("8 in the morning on Thursday", "Thu 5 Mar 2026, 08:00"),
        saying("tonight at 8", "Mon 2 Mar 2026, 20:00"),
        # an hour without am or pm lies in the working day
        saying("Friday at 8", "Fri 6 Mar 2026, 08:00"),
        saying("Friday at 6", "Fri 6 Mar 2026, 18:00"),
        # days
        saying("Thu 5 March 14:00-14:45", "Thu 5 Mar 2026, 14:00–14:45"),
        saying("5/3/26 at 2pm", "Thu 5 Mar 2026, 14:00"),
        saying("3/4 at 10", "Fri 3 Apr 2026, 10:00"),
        saying("2026-03-05 14:00", "Thu 5 Mar 2026, 14:00"),
        saying("5th March 2026, 2.15pm", "Thu 5 Mar 2026, 14:15"),
        saying("Friday the 13th at 11", "Fri 13 Mar 2026, 11:00"),
        saying("Fri 6 at 2", "Fri 6 Mar 2026, 14:00"),
        saying("on the tenth of March at half ten", "Tue 10 Mar 2026, 10:30"),
        saying("the day after tomorrow at 11", "Wed 4 Mar 2026, 11:00"),
        saying("Wednesday week at 10", "Wed 11 Mar 2026, 10:00"),
        saying("two weeks on Wednesday at 10", "Wed 18 Mar 2026, 10:00"),
        saying("Weds next week, 10am", "Wed 11 Mar 2026, 10:00"),
        saying("next Friday at 2", "Fri 13 Mar 2026, 14:00"),
        saying("a week today at 2", "Mon 9 Mar 2026, 14:00"),
        saying("the last Friday of this month at 9", "Fri 27 Mar 2026, 09:00"),
        saying("29 February 2028 at 10", "Tue 29 Feb 2028, 10:00"),
        saying("in an hour and a half", "Mon 2 Mar 2026, 10:30"),
        # slips of the keyboard
        saying("tommorow at 2", "Tue 3 Mar 2026, 14:00"),
        saying("wednsday 10am", "Wed 4 Mar 2026, 10:00"),
        saying("thrusday 3pm", "Thu 5 Mar 2026, 15:00"),
        saying("2moro 3pm", "Tue 3 Mar 2026, 15:00"),
        # from, until, and how long
        saying("Wed 2pm for an hour and a half", "Wed 4 Mar 2026, 14:00–15:30"),
        saying("a quick 15 minute chat tomorrow at 11", "Tue 3 Mar 2026, 11:00–11:15"),
        saying("tomorrow 11.30-1", "Tue 3 Mar 2026, 11:30–13:00"),
        saying("between 2 and 4pm on Tuesday", "Tue 3 Mar 2026, 14:00–16:00"),
        saying("from ten to twelve tomorrow", "Tue 3 Mar 2026, 10:00–12:00"),
        saying("5 to 6pm tomorrow", "Tue 3 Mar 2026, 17:00–18:00"),
        saying("5 April 12-1", "Sun 5 Apr 2026, 12:00–13:00"),
        saying("move it to Tuesday 2 to 3", "Tue 3 Mar 2026, 14:00–15:00"),
        saying("push my 2pm on Tuesday to 3", "Tue 3 Mar 2026, 15:00"),
        saying("Friday 9-5", "Fri 6 Mar 2026, 09:00–17:00"),
        saying("half two to half three on Thursday", "Thu 5 Mar 2026, 14:30–15:30"),
        saying("Tuesday the 10th, 2–2.45pm", "Tue 10 Mar 2026, 14:00–14:45"),
        # what is corrected, moved or refused is not what is meant
        saying("Tues, sorry, Weds at 10", "Wed 4 Mar 2026, 10:00"),
        saying("Tuesday at 10, no wait, 11", "Tue 3 Mar 2026, 11:00"),
        saying("not Monday, Tuesday at 2", "Tue 3 Mar 2026, 14:00"),
        saying("I can't do Monday but Tuesday at 2 works", "Tue 3 Mar 2026, 14:00"),
        saying("Tuesday doesn't work for me, how about Wednesday at 10?", "Wed 4 Mar 2026, 10:00"),
        saying("could we do 4pm on Wednesday instead of 3?", "Wed 4 Mar 2026, 16:00"),
        saying("can we move it from Tuesday to Thursday at 2?", "Thu 5 Mar 2026, 14:00"),
        saying("Could we change Tuesday at 2 to Wednesday at 10?", "Wed 4 Mar 2026, 10:00"),
        # other figures and names in the sentence are no times
        saying("room 12 at 3 tomorrow", "Tue 3 Mar 2026, 15:00"),
        saying("Let's do our 1:1 on Tuesday at 10", "Tue 3 Mar 2026, 10:00"),
        saying("call me on 07700 900123 tomorrow at 4", "Tue 3 Mar 2026, 16:00"),
        saying("I have 2 children and can do Thursday at 10", "Thu 5 Mar 2026, 10:00"),
        saying("Could June and I meet in Year 9's room on Thursday at 1?", "Thu 5 Mar 2026, 13:00"),
    ],
)
def test_one_meaning_is_understood(text, expected):
    reading = understood(text)
    assert reading.understood == expected
    assert reading.certain
    assert reading.missing == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        saying("tomorrow", "Tue 3 Mar 2026"),
        saying("the 3rd", "Tue 3 Mar 2026"),
        saying("3/4", "Fri 3 Apr 2026"),
        saying("Weds 4", "Wed 4 Mar 2026"),
        saying("in three weeks", "Mon 23 Mar 2026"),
        saying("a fortnight on Thursday", "Thu 19 Mar 2026"),
        saying("the first Monday of next month", "Mon 6 Apr 2026"),
        saying("the first of the month", "Wed 1 Apr 2026"),
        saying("could we do Thursday instead?", "Thu 5 Mar 2026"),
        saying("tomorrow first thing", "Tue 3 Mar 2026, first thing (08:30–10:00)"),
        saying("Thursday morning", "Thu 5 Mar 2026, morning (09:00–12:00)"),
        saying("after lunch tomorrow", "Tue 3 Mar 2026, after lunch (13:00–15:00)"),
        saying("any time Friday afternoon", "Fri 6 Mar 2026, afternoon (12:00–18:00)"),
        saying("close of play Friday", "Fri 6 Mar 2026, end of the day (16:00–18:00)"),
        saying("Thursday after 3", "Thu 5 Mar 2026, after 15:00"),
    ],
)
def test_a_day_without_a_clock_is_known_and_the_time_is_asked_for(text, expected):
    reading = understood(text)
    assert reading.understood == expected
    assert reading.missing == {"time"}
    assert not reading.certain
    assert reading.window is not None
    assert local(reading.window[0], LONDON).date() == reading.day


def test_friday_afternoon_is_a_range_to_offer_times_in():
    assert understood("Friday afternoon").window == (
        datetime(2026, 3, 6, 12, 0, tzinfo=UTC),
        datetime(2026, 3, 6, 18, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("next week", "2026-03-09", "2026-03-15"),
        ("this week", "2026-03-02", "2026-03-08"),
        ("w/c 16 March", "2026-03-16", "2026-03-22"),
        ("3rd to 5th", "2026-03-03", "2026-03-05"),
        ("10-12 March", "2026-03-10", "2026-03-12"),
        ("Monday to Wednesday next week", "2026-03-09", "2026-03-11"),
        ("28 March to the 3rd", "2026-03-28", "2026-04-03"),
    ],
)
def test_several_days_are_a_range_of_which_one_is_asked_for(text, first, last):
    reading = understood(text)
    assert (reading.day, reading.ends_on) == (date.fromisoformat(first), date.fromisoformat(last))
    assert reading.missing == BOTH


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("next Tuesday at 10", ["Tue 3 Mar 2026, 10:00", "Tue 10 Mar 2026, 10:00"]),
        ("Monday at 3", ["Mon 2 Mar 2026, 15:00", "Mon 9 Mar 2026, 15:00"]),
        ("Friday at 7", ["Fri 6 Mar 2026, 07:00", "Fri 6 Mar 2026, 19:00"]),
        ("Tuesday at 2 or Wednesday at 3", ["Tue 3 Mar 2026, 14:00", "Wed 4 Mar 2026, 15:00"]),
        ("Tuesday or Wednesday at 2", ["Tue 3 Mar 2026, 14:00", "Wed 4 Mar 2026, 14:00"]),
        ("2 or 3 tomorrow", ["Tue 3 Mar 2026, 14:00", "Tue 3 Mar 2026, 15:00"]),
        ("Thursday/Friday at 10", ["Thu 5 Mar 2026, 10:00", "Fri 6 Mar 2026, 10:00"]),
        ("Tuesday 11 March at 3", ["Wed 11 Mar 2026, 15:00", "Tue 10 Mar 2026, 15:00"]),
        (
            "6pm to 1am tomorrow",
            ["Tue 3 Mar 2026, 18:00 – Wed 4 Mar 2026, 01:00", "Mon 2 Mar 2026, 18:00 – Tue 3 Mar 2026, 01:00"],
        ),
    ],
)
def test_two_meanings_are_two_choices(text, choices):
    reading = understood(text)
    assert [choice.understood for choice in reading.alternatives] == choices
    assert all(choice.certain for choice in reading.alternatives)
    assert not reading.certain
    assert reading.doubt in ("several", "contradiction")


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("every Tuesday at 3", "repeats"),
        ("Tuesdays at 2", "repeats"),
        ("by Friday", "deadline"),
        ("Tuesday before 12", "deadline"),
        ("31 February", "impossible"),
        ("31/02", "impossible"),
        ("29 Feb at 10", "impossible"),
        ("12/13/2026", "impossible"),
        ("yesterday at 3", "past"),
        ("we met on Thursday at 4", "past"),
        ("today at 8am", "past"),
        ("5 March 2025 at 10", "past"),
        ("I can't do Monday, Tuesday or Wednesday", "refused"),
        ("Thursday at 4 won't work", "refused"),
        ("in April", "vague"),
        ("early April", "vague"),
        ("midnight on Friday", "several"),
        ("10 to 4 tomorrow", "several"),
        ("nine-ten tomorrow", "several"),
        ("Thursday 10.10", "several"),
        ("bank holiday Monday at 10", "unclear"),
        ("2pm New York time tomorrow", "unclear"),
        ("tomorrow at 25:00", "unclear"),
        ("1) Tue 10am 2) Wed 2pm", "unclear"),
        ("2", "several"),
    ],
)
def test_what_cannot_be_booked_is_asked_back(text, doubt):
    reading = understood(text)
    assert reading.doubt == doubt
    assert reading.start is None
    assert not reading.certain
    assert not reading.empty


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yes please",
        "We have 3 children in year 4",
        "May I bring a colleague?",
        "Ask June or April about it",
        "I sat with the head in the sun",
        "the second one",
        "Give me a second",
        "It took 45 minutes",
        "80% attendance, 5 out of 10",
        "see section 3.2, page 12",
        "It costs £12.50",
        "my 1-2-1 went well",
        "There were 25 of us",
        "between 5 and 10 learners",
        "the other day someone said",
        "Good morning",
        "version 2.10.30",
        "👍",
    ],
)
def test_words_without_a_time_are_left_alone(text):
    assert understood(text).empty


@pytest.mark.parametrize("text", ["I'm away 3-10 April", "I'm on leave next week", "busy Tuesday, I'm out at 2"])
def test_when_somebody_is_away_is_no_time_to_meet(text):
    reading = understood(text)
    assert reading.away
    assert not reading.certain


def test_leave_is_understood_from_its_first_to_its_last_day():
    reading = understood("I'm away 3-10 April")
    assert (reading.day, reading.ends_on) == (date(2026, 4, 3), date(2026, 4, 10))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-02T08:00", "Mon 2 Mar 2026, 09:00"),
        ("2026-03-02T09:00", "Mon 2 Mar 2026, 09:00"),
        ("2026-03-02T09:01", "Tue 3 Mar 2026, 09:00"),
    ],
)
def test_a_clock_without_a_day_is_the_next_one_and_said_to_be_assumed(now, expected):
    reading = understood("at 9", datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert reading.understood == expected
    assert reading.assumed == {"day"}


def test_on_a_friday_evening_a_clock_alone_is_not_taken_for_saturday_when_the_working_week_is_known():
    friday_evening = datetime(2026, 3, 6, 19, 0, tzinfo=UTC)
    assert understood("at 9", friday_evening, calendar=SCHOOL).start is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the day before half-term ends", "Thu 28 May 2026"),
        ("the day before half term", "Fri 22 May 2026"),
        ("the Monday after half-term", "Mon 1 Jun 2026"),
        ("the first day of half-term", "Mon 25 May 2026"),
        ("the day after the Easter holidays", "Mon 20 Apr 2026"),
    ],
)
def test_days_told_by_the_schools_closures(text, expected):
    assert understood(text, calendar=SCHOOL).understood == expected


def test_a_closure_whose_name_is_a_number_is_no_way_to_tell_a_day():
    closed = WorkingCalendar(closures=(*SCHOOL.closures, Closure(date(2026, 7, 20), date(2026, 8, 28), "2026")))
    assert understood("the day before half-term", calendar=closed).understood == "Fri 22 May 2026"
    assert understood("5 March 2026 at 10", calendar=closed).understood == "Thu 5 Mar 2026, 10:00"
    assert understood("the day before the", calendar=closed).understood == ""


def test_a_week_that_is_over_is_past():
    sunday_evening = datetime(2026, 3, 8, 20, 0, tzinfo=UTC)
    assert understood("this week", sunday_evening).doubt == "past"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("half six tomorrow", "Tue 3 Mar 2026, 18:30"),
        ("quarter to eight on Friday", "Fri 6 Mar 2026, 07:45"),
        ("Friday 6-7", "Fri 6 Mar 2026, 18:00–19:00"),
    ],
)
def test_hours_may_lie_a_little_outside_it(text, expected):
    assert understood(text).understood == expected


def test_hours_lie_inside_the_working_day_of_the_pair():
    early = WorkingCalendar(opens=time(7), closes=time(15))
    assert understood("tomorrow at 7", calendar=early).understood == "Tue 3 Mar 2026, 07:00"
    late = WorkingCalendar(opens=time(7), closes=time(20))
    assert [choice.understood for choice in understood("tomorrow at 7", calendar=late).alternatives] == [
        "Tue 3 Mar 2026, 07:00",
        "Tue 3 Mar 2026, 19:00",
    ]


def test_americans_may_put_the_month_first():
    assert understood("3/4 at 10", day_first=False).understood == "Wed 4 Mar 2026, 10:00"
    assert understood("12/24/2026 at 10", day_first=False).understood == "Thu 24 Dec 2026, 10:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/5/26 at 2pm", "Thu 5 Mar 2026, 14:00"),
        ("3/16-3/18", "Mon 16 – Wed 18 Mar 2026"),
        ("March 16th at 9:30am", "Mon 16 Mar 2026, 09:30"),
        ("2026-03-16 09:30", "Mon 16 Mar 2026, 09:30"),
        ("week of 3/16", "Mon 16 – Sun 22 Mar 2026"),
    ],
)
def test_american_forms(text, expected):
    assert understood(text, day_first=False).understood == expected


def test_a_weekday_that_may_be_either_of_two_is_asked_and_never_dropped():
    assert [choice.understood for choice in understood("tursday at 10").alternatives] == [
        "Tue 3 Mar 2026, 10:00",
        "Thu 5 Mar 2026, 10:00",
    ]


def test_a_time_without_its_day_is_not_taken_for_today_when_a_day_was_refused():
    reading = understood("I am off tomorrow so the afternoon works")
    assert (reading.day, reading.doubt) == (None, "unclear")


def test_a_time_is_read_in_the_zone_of_whoever_types_it():
    assert understood("tomorrow at 2", zone=NEW_YORK).start == datetime(2026, 3, 3, 19, 0, tzinfo=UTC)


def test_tomorrow_is_the_day_after_today_where_the_person_is():
    late_in_london = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # still Monday in New York
    assert understood("tomorrow at 2", late_in_london, NEW_YORK).understood == "Tue 3 Mar 2026, 14:00"
    assert understood("tomorrow at 2", late_in_london, LONDON).understood == "Wed 4 Mar 2026, 14:00"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        pytest.param("29 March 2026 at 01:30", "2026-03-29T01:00", id="does not exist: the first minute after"),
        pytest.param("28 March 2027 at 01:30", "2027-03-28T01:00", id="nor in 2027"),
        pytest.param("25 October 2026 at 01:30", "2026-10-25T00:30", id="comes twice: the first"),
        pytest.param("30 March 2026 at 9", "2026-03-30T08:00", id="summer time"),
    ],
)
def test_times_around_the_clock_changes(text, start):
    assert understood(text).start == datetime.fromisoformat(start).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "text", "expected"),
    [
        ("2026-03-31T09:00", "a month today", "Thu 30 Apr 2026"),
        ("2026-04-15T09:00", "the 31st", "Sun 31 May 2026"),
        ("2027-12-01T09:00", "29 February", "Tue 29 Feb 2028"),
        ("2026-12-30T09:00", "tomorrow", "Thu 31 Dec 2026"),
        ("2026-12-31T09:00", "3 January", "Sun 3 Jan 2027"),
    ],
)
def test_short_months_leap_years_and_new_years(now, text, expected):
    assert understood(text, datetime.fromisoformat(now).replace(tzinfo=UTC)).understood == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Hello Ben, tomorrow at 3 would be lovely", "tomorrow at 3"),
        ("Shall we say WEDNSDAY at ten?", "WEDNSDAY at ten"),
        ("midday on Thursday, please", "midday on Thursday"),
        ("at 3pm “tomorrow”", "3pm “tomorrow"),
    ],
)
def test_the_part_of_the_sentence_that_was_the_time_is_known(text, part):
    begin, end = understood(text).span
    assert text[begin:end] == part


def test_a_reading_can_be_compared_and_kept_in_a_set():
    assert len({understood("tomorrow at 2"), understood("2pm tomorrow")}) == 2  # they stand elsewhere in the text
    assert {field.name for field in fields(Reading)} >= {"start", "end", "day", "understood", "missing", "span"}
