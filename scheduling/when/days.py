"""From what is said about a day to the date it means; more than one date where people would disagree."""

from calendar import monthrange
from datetime import date, timedelta

from scheduling.localtime import add_months
from scheduling.when.absolute import disagrees
from scheduling.when.pieces import Day, Doubt

WEEK = timedelta(weeks=1)


def dates(day: Day, today: date) -> list[date] | Doubt:
    """The dates that `day` can mean, likeliest first; or why there is none. Never a date before `today`."""
    try:
        found = _dates(day, today)
    except (ValueError, OverflowError):
        return "impossible"
    if isinstance(found, str):
        return found
    future = [choice for choice in found if choice >= today]
    return future or "past"


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _dates(day: Day, today: date) -> list[date] | Doubt:
    if day.on is not None:
        return _checked(day.on, day)
    if day.month is not None:
        if day.day is None:
            return "vague"
        return _of_month(day, day.month, day.day, today)
    if day.day is not None:
        return _of_any_month(day, day.day, today)
    if day.weekday is not None:
        return [choice + day.later for choice in _weekday(day, day.weekday, today)]
    return "vague"


def _checked(choice: date, day: Day) -> list[date] | Doubt:
    """A weekday or a figure said beside a date must fit it; "Monday, in two weeks" is the Monday of that week."""
    if day.weekday is not None and choice.weekday() != day.weekday:
        of_week = monday_of(choice) + timedelta(days=day.weekday)
        return [of_week] if day.week is not None else "contradiction"
    if day.day is not None and choice.day != day.day:
        return "contradiction"
    if day.month is not None and choice.month != day.month:
        return "contradiction"
    if day.year is not None and choice.year != day.year:
        return "contradiction"
    return [choice]


def _of_month(day: Day, month: int, day_of_month: int, today: date) -> list[date] | Doubt:
    years = [day.year] if day.year is not None else [today.year, today.year + 1]
    for year in years:
        if not 1 <= month <= 12 or not 1 <= day_of_month <= monthrange(year, month)[1]:
            if day.year is None and (month, day_of_month) == (2, 29) and year == today.year:
                continue  # 29 February may be next year; further off it is asked for
            return "impossible"
        choice = date(year, month, day_of_month)
        if choice < today and day.year is None:
            continue
        if day.said and disagrees(day.said, year, choice):
            return "contradiction"
        if day.week is not None and monday_of(choice) != monday_of(today) + day.week * WEEK:
            return "contradiction"
        if day.weekday is not None and day.weekday != choice.weekday():
            return "contradiction"
        return [choice]
    return "impossible"


def _of_any_month(day: Day, day_of_month: int, today: date) -> list[date] | Doubt:
    """ "the 31st" is the next one there is; "Tuesday the 8th" must be a Tuesday when it next comes."""
    if not 1 <= day_of_month <= 31:
        return "impossible"
    choices: list[date] = []
    for ahead in range(4):
        first = add_months(today.replace(day=1), ahead)
        if day_of_month <= monthrange(first.year, first.month)[1]:
            choice = first.replace(day=day_of_month)
            if choice >= today:
                choices.append(choice)
    if day.week is not None:
        choices = [choice for choice in choices if monday_of(choice) == monday_of(today) + day.week * WEEK]
        if not choices:
            return "contradiction"
    if day.weekday is None or choices[0].weekday() == day.weekday:
        return [choices[0]]
    return "contradiction"


def _weekday(day: Day, weekday: int, today: date) -> list[date]:
    coming = today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)  # never today
    if day.week is not None:
        return [monday_of(today) + day.week * WEEK + timedelta(days=weekday)]
    if day.which == "next":
        of_next_week = monday_of(today) + WEEK + timedelta(days=weekday)
        days_off = (coming - today).days
        if coming < of_next_week and days_off <= 2:
            return [coming, of_next_week]  # said on Wednesday, "next Friday" is either
        if coming == of_next_week and days_off == 1:
            return [coming, coming + WEEK]  # and so is "next Monday" on a Sunday
        return [of_next_week]
    if day.which == "coming":
        return [coming]
    if today.weekday() == weekday:
        return [today, coming]
    return [coming]


def nearest(day: Day, today: date) -> list[date]:
    """What somebody may have meant whose weekday and date disagree: the date as said, and the weekday near it."""
    if day.weekday is None:
        return []
    by_date = dates(Day(day=day.day, month=day.month, year=day.year, on=day.on), today)
    if isinstance(by_date, str):
        return []
    offset = (day.weekday - by_date[0].weekday() + 3) % 7 - 3
    by_weekday = by_date[0] + timedelta(days=offset)
    if by_weekday < today:
        by_weekday += WEEK
    return [by_date[0], by_weekday]
