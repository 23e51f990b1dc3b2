"""The table of rules: the days of Christmas, Easter and the rest, on the date they have each year."""

from datetime import date, timedelta

from scheduling.when.pieces import Day, Piece, Trouble
from scheduling.when.rules import Match, any_of, rule
from scheduling.when.written_dates import year_in

FEASTS = {
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "xmas eve": (12, 24),
    "xmas day": (12, 25),
    "valentine's day": (2, 14),
    "valentine day": (2, 14),
    "valentines day": (2, 14),
    "halloween": (10, 31),
    "ides of march": (3, 15),
}
DAYS_FROM_EASTER = {
    "pancake day": -47,
    "shrove tuesday": -47,
    "ash wednesday": -46,
    "palm sunday": -7,
    "maundy thursday": -3,
    "good friday": -2,
    "easter saturday": -1,
    "easter sunday": 0,
    "easter day": 0,
    "easter monday": 1,
    "whit sunday": 49,
}


def feast(match: Match, _today: date) -> Piece:
    month, day = FEASTS[" ".join(match["feast"].split())]
    return Day(day=day, month=month)


def easter(year: int) -> date:
    """Easter Sunday of the western churches. Source: the anonymous Gregorian rule (Meeus, Astronomical Algorithms)."""
    century, year_of_century = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (year_of_century // 4) - moon - year_of_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def by_easter(match: Match, today: date) -> Piece:
    """ "Good Friday" is the next one, unless its year is said."""
    after = timedelta(days=DAYS_FROM_EASTER[" ".join(match["feast"].split())])
    said = year_in(match["year"])
    choices = [easter(year) + after for year in ([said] if said else [today.year, today.year + 1])]
    to_come = [choice for choice in choices if choice >= today]
    return Day(on=to_come[0]) if to_come else Trouble("past")


FEAST_DAYS = (
    rule("Christmas Eve", rf"{{b}}(?:the )?(?P<feast>{any_of(FEASTS)}){{w}}", feast),
    rule("on Christmas", r"(?<=\bon\s)(?:christmas|xmas){w}", lambda _match, _today: Day(day=25, month=12)),
    rule(
        "Good Friday",
        rf"{{b}}(?:the )?(?P<feast>{any_of(DAYS_FROM_EASTER)}){{w}}(?:,? (?P<year>{{year}}))?",
        by_easter,
    ),
)
