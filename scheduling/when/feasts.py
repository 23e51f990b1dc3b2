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
    "burns night": (1, 25),
    "st david's day": (3, 1),
    "st patrick's day": (3, 17),
    "april fools": (4, 1),
    "april fools' day": (4, 1),
    "april fool's day": (4, 1),
    "st george's day": (4, 23),
    "guy fawkes day": (11, 5),
    "guy fawkes night": (11, 5),
    "bonfire night": (11, 5),
    "st andrew's day": (11, 30),
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
    "easter mon": 1,
    "ascension day": 39,
    "whit sunday": 49,
    "pentecost": 49,
    "whit monday": 50,
    "trinity sunday": 56,
}


def feast(match: Match, _today: date) -> Piece:
    month, day = FEASTS[" ".join(match["feast"].split())]
    return Day(day=day, month=month, year=year_in(match["year"]))


def christmas(match: Match, _today: date) -> Piece:
    return Day(day=25, month=12, year=year_in(match["year"]))


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
    rule(
        "feasts of another calendar",
        r"{b}orthodox (?:good |palm |holy |clean )?[a-z]+{w}",
        lambda _match, _today: Trouble("unclear"),
    ),
    rule(
        "Christmas Eve, next Halloween, Halloween 2027",
        rf"{{b}}(?:the |(?:next|this) )?(?P<feast>{any_of(FEASTS)}){{w}}(?:,? (?P<year>{{year}}))?",
        feast,
    ),
    rule(
        "the day of Christmas, where a day is told by it",
        r"(?:(?<=\bon\s)|(?<=\bafter\s)|(?<=\bbefore\s)|(?<=(?:morning|evening)\sof\s)|(?<=noon\sof\s)|^\s*)(?:this )?"
        r"(?:christmas|xmas){w}(?:,? (?P<year>{year}))?(?=\s*(?:$|[.!?0-9]|at{e}|@|morning|afternoon|evening|lunch))",
        christmas,
    ),
    rule(
        "Good Friday",
        rf"{{b}}(?:the )?(?P<feast>{any_of(DAYS_FROM_EASTER)}){{w}}(?:,? (?P<year>{{year}}))?",
        by_easter,
    ),
)
