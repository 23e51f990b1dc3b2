"""Away: when exactly, to the minute, on Monday 2 March 2026 at 9:00 in London; and when only that can be said."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduling.when import Reading, read

LONDON, SYDNEY = ZoneInfo("Europe/London"), ZoneInfo("Australia/Sydney")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def told(text: str, zone: ZoneInfo = LONDON) -> Reading:
    return read(text, NOW, zone)


def absences(text: str, zone: ZoneInfo = LONDON) -> list[tuple[str, str]]:
    return [(begins.isoformat()[:16], ends.isoformat()[:16]) for begins, ends in told(text, zone).absences]


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("I'm away 9–11 March", "2026-03-09T00:00", "2026-03-12T00:00"),
        ("off Thursday morning", "2026-03-05T00:00", "2026-03-05T12:00"),
        ("off Thursday afternoon", "2026-03-05T12:00", "2026-03-06T00:00"),
        ("I'm out from 2 to 4 on Thursday", "2026-03-05T14:00", "2026-03-05T16:00"),
        ("away Thursday 2pm to Friday noon", "2026-03-05T14:00", "2026-03-06T12:00"),
        ("I'm not in after 3 on Thursday", "2026-03-05T15:00", "2026-03-06T00:00"),
        ("back on the 12th", "2026-03-02T09:00", "2026-03-12T00:00"),
        ("I'll be back at 2 today", "2026-03-02T09:00", "2026-03-02T14:00"),
        ("off from Tuesday, back on Thursday", "2026-03-03T00:00", "2026-03-05T00:00"),
        ("annual leave for two weeks from 9 March", "2026-03-09T00:00", "2026-03-23T00:00"),
        ("I'm off work for 2 weeks from Monday 9th", "2026-03-09T00:00", "2026-03-23T00:00"),
        ("off sick today", "2026-03-02T00:00", "2026-03-03T00:00"),
        ("away from 9 March for two weeks", "2026-03-09T00:00", "2026-03-23T00:00"),
        ("I'm on holiday 3 to 17 August, back on the 18th", "2026-08-02T23:00", "2026-08-17T23:00"),
    ],
)
def test_the_first_moment_away_and_the_first_moment_back(text, begins, ends):
    assert absences(text) == [(begins, ends)]
    assert told(text).window == told(text).absences[0]


def test_days_that_touch_are_one_absence_and_others_are_two():
    assert absences("I'm away on the 9th, 10th and 12th") == [
        ("2026-03-09T00:00", "2026-03-11T00:00"),
        ("2026-03-12T00:00", "2026-03-13T00:00"),
    ]


def test_a_day_away_is_as_long_as_the_clocks_make_it():
    assert absences("I'm away on 29 March") == [("2026-03-29T00:00", "2026-03-29T23:00")]
    assert absences("I'm away on 25 October") == [("2026-10-24T23:00", "2026-10-26T00:00")]


def test_a_day_away_is_a_day_where_the_person_is():
    assert absences("I'm away on 10 March", SYDNEY) == [("2026-03-09T13:00", "2026-03-10T13:00")]


@pytest.mark.parametrize(
    "text",
    [
        "on leave from Thursday",  # no end
        "I'm out on Thursday at 2",
        "half day leave on Friday",  # which half?
        "not in on Fridays until Easter",
        "I don't work Mondays",
        "I'm away on the 9th or the 10th",
        "I'm unavailable on Thursday mornings",
        "Ben is away next week",  # somebody else
        "Ben's off Thursday",
        "I was away last week, on leave",
    ],
)
def test_an_absence_that_is_not_told_completely_is_asked_about(text):
    reading = told(text)
    assert reading.away
    assert reading.absences == ()


def test_until_a_day_may_or_may_not_include_it():
    reading = told("away until the 12th")
    assert [choice.understood for choice in reading.alternatives] == [
        "Mon 2 – Wed 11 Mar 2026",
        "Mon 2 – Thu 12 Mar 2026",
    ]
    assert [choice.absences[0][1].day for choice in reading.alternatives] == [12, 13]
    assert reading.doubt == "several"


def test_next_tuesday_away_is_either_of_two():
    reading = told("I'm off next Tuesday")
    assert [choice.absences[0][0].day for choice in reading.alternatives] == [3, 10]
    assert reading.absences == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm away Thursday, how about Friday at 2?", "Fri 6 Mar 2026, 14:00"),
        ("I'm on leave next week but the 17th at 10 is fine", "Tue 17 Mar 2026, 10:00"),
        ("not away on Thursday, so Thursday at 2", "Thu 5 Mar 2026, 14:00"),
        ("let's meet on the 9th at 2, I'm away from the 10th to the 12th", "Mon 9 Mar 2026, 14:00"),
        ("Thursday at 2, I'm busy at 3", "Thu 5 Mar 2026, 14:00"),
        ("I'm off now, see you Thursday at 2", "Thu 5 Mar 2026, 14:00"),
        ("push it back to Thursday at 2", "Thu 5 Mar 2026, 14:00"),
        ("I'm off to a lesson now, Thursday at 2?", "Thu 5 Mar 2026, 14:00"),
    ],
)
def test_an_offer_beside_it_is_what_counts(text, expected):
    reading = told(text)
    assert reading.understood == expected
    assert reading.certain
    assert reading.absences == ()
