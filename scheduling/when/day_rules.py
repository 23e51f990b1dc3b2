"""The table of rules, second half, first part: days by name, by figure, and by counting."""

import re
from datetime import date, timedelta
from typing import Literal

from scheduling.localtime import add_months
from scheduling.when.pieces import Day, Days, Piece, Run, Shift, Trouble
from scheduling.when.rules import Match, Meaning, any_of, compiled, rule
from scheduling.when.words import MONTHS, NUMBERS, WEEKDAYS, number

FEW_UNITS = compiled(r"(?P<few>{few})\s*(?:more )?(?P<unit>{unit}){w}")
FEASTS = {
    "christmas eve": (12, 24),
    "christmas day": (12, 25),
    "boxing day": (12, 26),
    "new year's eve": (12, 31),
    "new years eve": (12, 31),
    "new year's day": (1, 1),
    "new years day": (1, 1),
    "valentine's day": (2, 14),
    "valentines day": (2, 14),
    "halloween": (10, 31),
    "ides of march": (3, 15),
}


def count_of(text: str) -> float:
    """How many "a", "a couple of", "three" or "1.5" are."""
    text = " ".join(text.split())
    if text in ("a", "an", "another"):
        return 1
    if text.startswith(("a couple", "couple", "a pair")):
        return 2
    if text in ("a few", "few"):
        return 3
    return float(text) if text[0].isdigit() else number(text)


def year_in(text: str | None) -> int | None:
    """The year in "2027", "27" or "two thousand and twenty seven"."""
    if not text:
        return None
    if text[0].isdigit():
        return int(text) if len(text) > 2 else 2000 + int(text)
    words = re.sub(r"two\s+thousand(?:\s+and)?\s*", "", text).strip()
    return 2000 + (NUMBERS.get(" ".join(re.split(r"[\s-]+", words)), 0) if words else 0)


def _later(day: date, count: float, unit: str) -> date | None:
    """`day` and so many days, weeks, fortnights, months or years; None when that is no date."""
    try:
        match unit[0]:
            case "d":
                return day + timedelta(days=int(count))
            case "w":
                return day + timedelta(weeks=int(count))
            case "f":
                return day + timedelta(weeks=2 * int(count))
            case "m":
                return add_months(day, int(count))
            case _:
                return add_months(day, 12 * int(count))
    except (ValueError, OverflowError):
        return None


# --- by counting ------------------------------------------------------------------------------------------------------


def in_days(days: int) -> Meaning:
    return lambda _match, today: Day(on=today + timedelta(days=days))


def from_now(match: Match, today: date) -> Piece:
    """ "in three weeks", "two days from now", "a fortnight today", "three weeks from tomorrow"."""
    total: date | None = today + timedelta(days=1) if "tomorrow" in match[0] else today
    in_weeks = 0
    words = match[0] if FEW_UNITS.search(match[0]) else f"a {'fortnight' if 'fortnight' in match[0] else 'week'}"
    for each in FEW_UNITS.finditer(words):
        count, unit = count_of(each["few"]), each["unit"]
        total = None if total is None else _later(total, count, unit)
        in_weeks = int(count) * (2 if unit[0] == "f" else 1) if unit[0] in "wf" else 0
    return Trouble("impossible") if total is None else Day(on=total, week=in_weeks or None)


def weeks_on_weekday(match: Match, _today: date) -> Piece:
    """ "a week on Monday", "a fortnight on Thursday": the coming one, and so many weeks."""
    count = int(count_of(match["few"])) if match["few"] else 1
    return Day(weekday=WEEKDAYS[match["day"]], later=timedelta(weeks=count * (2 if "fortnight" in match[0] else 1)))


def weekday_week(match: Match, _today: date) -> Piece:
    return Day(weekday=WEEKDAYS[match["day"]], later=timedelta(weeks=2 if "fortnight" in match[0] else 1))


def weekdays_from_now(match: Match, _today: date) -> Piece:
    """ "three Fridays from now": this coming one is the first."""
    weeks = timedelta(weeks=int(count_of(match["few"])) - 1)
    return Day(weekday=WEEKDAYS[match["day"]], which="coming", later=weeks)


def days_before_or_after(match: Match, _today: date) -> Piece:
    """ "three days after …", "the day before …"."""
    count = int(count_of(match["few"])) if match["few"] else 1
    days = count * (7 if match["unit"].startswith("w") else 1)
    return Shift(-days if "before" in match[0] else days)


def run_of_days(match: Match, _today: date) -> Piece:
    """ "three days starting …": the first of them follows."""
    return Run(int(count_of(match["few"])) * {"d": 1, "w": 7, "f": 14}[match["unit"][0]])


def coming_stretch(match: Match, today: date) -> Piece:
    """ "the next two weeks", "the next few days": from tomorrow."""
    count = 1.0 if match["unit3"] else count_of(match["few"] or match["few2"])
    last = _later(today, count, match["unit"] or match["unit2"] or match["unit3"])
    return Trouble("vague") if last is None else Days(Day(on=today + timedelta(days=1)), Day(on=last))


def week(match: Match, _today: date) -> Piece:
    return Day(week=2 if "after next" in match[0] else 0 if match["rel"] == "this" else 1)


def weekend(match: Match, today: date) -> Piece:
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    if match["rel"] == "next":
        saturday = today + timedelta(days=12 - today.weekday())
    return Days(Day(on=saturday), Day(on=saturday + timedelta(days=1)))


def _month_said(match: Match, today: date) -> date:
    return add_months(today.replace(day=1), 1 if match["rel"] == "next" else 0)


def relative_month(match: Match, today: date) -> Piece:
    ahead = _month_said(match, today)
    return Day(month=ahead.month, year=ahead.year)


def day_of_relative_month(match: Match, today: date) -> Piece:
    """ "the 20th of next month"; of "the month" is the next 20th there is."""
    if match["rel"] == "the":
        return Day(day=number(match["dom"]))
    ahead = _month_said(match, today)
    return Day(day=number(match["dom"]), month=ahead.month, year=ahead.year)


def nth_weekday(match: Match, today: date) -> Piece:
    """ "the first Monday of next month", "3rd Thursday this September", "the last day of May 2027"."""
    nth = -1 if match["nth"] == "last" else number(match["nth"])
    if match["month"]:
        year = year_in(match["year"])
        choices = [(each, MONTHS[match["month"]]) for each in ([year] if year else [today.year, today.year + 1])]
    else:
        ahead = _month_said(match, today)
        choices = [(ahead.year, ahead.month)]
    for year, month in choices:
        day = _nth_of(year, month, WEEKDAYS.get(match["day"]), nth)
        if day is None:
            return Trouble("impossible")
        if day >= today:
            return Day(on=day)
    return Trouble("past")


def _nth_of(year: int, month: int, weekday: int | None, nth: int) -> date | None:
    first = date(year, month, 1)
    length = (add_months(first, 1) - first).days
    days = [first + timedelta(days=step) for step in range(length)]
    days = [day for day in days if weekday is None or day.weekday() == weekday]
    if nth == -1:
        return days[-1]
    return days[nth - 1] if 0 < nth <= len(days) else None


# --- by name ----------------------------------------------------------------------------------------------------------


def weekday(match: Match, _today: date) -> Piece:
    said = match["which"] or ""
    which: Literal["this", "next", "coming"] | None = None
    if "coming" in said:
        which = "coming"
    elif match["after"] or "next" in said or "following" in said:
        which = "next"
    elif "this" in said:
        which = "this"
    return Day(weekday=WEEKDAYS[match["day"]], which=which)


def feast(match: Match, _today: date) -> Piece:
    month, day = FEASTS[" ".join(match["feast"].split())]
    return Day(day=day, month=month)


def _written(day: str, month: str, year: str | None) -> Day:
    value = number(day)
    return Day(day=value, month=MONTHS[month], year=year_in(year), said=f"{value} {month} {{year}}")


def written_date(match: Match, _today: date) -> Piece:
    """ "5 March", "the 5th of March 2027", "March 5th", "15Sep"."""
    return _written(match["dom"], match["month"], match["year"])


def short_year(match: Match, today: date) -> Piece | None:
    """ "5 Mar 27": two figures are a year only when that year is near; otherwise they are likely to be an hour."""
    return written_date(match, today) if 0 <= 2000 + int(match["year"]) - today.year <= 9 else None


def written_range(match: Match, _today: date) -> Piece:
    """ "10 to 22 August 2027", "July 13-15"; "April 27 to the 3rd" ends in the month after."""
    first, last = (_written(match[dom], match["month"], match["year"]) for dom in ("dom", "dom2"))
    if number(match["dom2"]) < number(match["dom"]):
        last = Day(day=last.day)
    return Days(first, last)


def day_of_month(match: Match, _today: date) -> Piece:
    return Day(day=number(match["dom"] or match["dom2"] or match["dom3"] or match["dom4"]))


def only_month(match: Match, _today: date) -> Piece:
    return Day(month=MONTHS[match["month"] or match["month2"]], year=year_in(match["year"]))


# --- in figures -------------------------------------------------------------------------------------------------------


def year_first(match: Match, _today: date) -> Piece:
    return Day(day=int(match["d"]), month=int(match["m"]), year=int(match["y"]))


def in_figures(day_first: bool) -> Meaning:
    """ "5/3/2027", "5.3.27", "5/3": day first unless the reader is told otherwise."""

    def means(match: Match, _today: date) -> Piece:
        day, month = (int(match["d"]), int(match["m"])) if day_first else (int(match["m"]), int(match["d"]))
        year = year_in(match["y"]) if "y" in match.re.groupindex else None
        return Day(day=day, month=month, year=year, said=f"{day}/{month}/{{year}}")

    return means


def range_in_figures(match: Match, _today: date) -> Piece:
    """ "05-06.10.27", "07.-10.08.2027"."""
    month, year = int(match["m"]), year_in(match["y"])
    return Days(Day(day=int(match["d"]), month=month, year=year), Day(day=int(match["d2"]), month=month, year=year))


NUMBERED_WEEKDAYS = (
    rule(
        "three Fridays from now",
        r"{b}(?:in )?(?P<few>{count}) (?P<day>{weekday})s?'? (?:from now|time){w}",
        weekdays_from_now,
    ),
    rule(
        "the first Monday of next month",
        r"{b}(?:the )?(?P<nth>{ordinal}|last) (?P<day>{weekday}|day) (?:(?:of|in) (?:the )?)?"
        r"(?:(?:this |next )?(?P<month>{month})(?:,? (?P<year>{year}))?|(?P<rel>next|this|the) month){w}",
        nth_weekday,
    ),
)
COUNTED_DAYS = (
    rule(
        "a week on Monday",
        r"{b}(?:(?P<few>{count}) (?:weeks?|fortnights?) (?:on|from|after)"
        r"|(?<!this\s)(?<!next\s)(?<!ing\s)(?<!the\s)week on) (?:next |this |coming )?(?P<day>{weekday}){w}",
        weeks_on_weekday,
    ),
    rule(
        "Monday week",
        r"{b}(?P<day>{weekday})(?:'s)? (?:week|fortnight){w}(?! (?:on|from|after|of|commencing|beginning|starting){e})",
        weekday_week,
    ),
    rule(
        "in three weeks; three weeks from today; a week tomorrow",
        r"{b}(?:in (?:about |around )?{units}'?(?: time)?(?: from (?:now|today|tomorrow))?"
        r"|{units} (?:from|after) (?:now|today|tomorrow)|{units} (?:later|hence)|{units} (?:today|tomorrow)"
        r"|weeks? (?:today|tomorrow)|(?:today|tomorrow) (?:weeks?|fortnight)){w}(?! ago)",
        from_now,
    ),
    rule("the day after tomorrow", r"{b}(?:the )?day after tomorrow{w}|{b}overmorrow{w}", in_days(2)),
    rule(
        "three days after 12 January",
        r"{b}(?<!next\s)(?<!this\s)(?:the )?(?:(?P<few>{count}) )?(?P<unit>days?|weeks?) (?:after|before|from)(?= )"
        r"(?! next)",
        days_before_or_after,
    ),
    rule(
        "a week starting tomorrow",
        r"{b}(?:for )?(?P<few>{count}) (?P<unit>days?|weeks?|fortnights?) (?:starting|beginning)(?: from| on)?(?= )",
        run_of_days,
    ),
    rule(
        "week commencing 9 March",
        r"{b}(?:(?:the )?week (?:commencing|beginning|starting(?: on)?|of|from)|w/?c){e}",
        lambda _match, _today: Run(None),
    ),
)
WRITTEN_DATES = (
    rule(
        "10 to 22 August",
        r"{n}(?:the )?(?P<dom>{dom})\s?(?:-|to|till?|until|through|and)\s?(?:the )?(?P<dom2>{dom})(?: of)?[\s,]*"
        r"(?P<month>{month}){w}\.?(?:,?(?: in)? (?P<year>{year}))?",
        written_range,
    ),
    rule(
        "August 10 to 22",
        r"{b}(?<![0-9]\s)(?<!(?:st|nd|rd|th|of)\s)(?P<month>{month})\.?"
        r" (?:the )?(?P<dom>{dom})\s?(?:-|to|till?|until|through)\s?(?:the )?(?P<dom2>{dom})"
        r"(?:,? (?P<year>{year}))?(?![a-z0-9:]|\.[0-9]|\s?[ap]\.?m|\s{month})",
        written_range,
    ),
    rule(
        "2027-03-05",
        r"{n}(?P<y>20[0-9]{2})(?P<sep>[-/.])(?P<m>[01]?[0-9])(?P=sep)(?P<d>[0-3]?[0-9])(?![0-9])(?:t(?=[0-9]))?",
        year_first,
    ),
    rule(
        "20270305",
        r"{t}(?P<y>20[0-9]{2})(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12][0-9]|3[01])(?![0-9])",
        year_first,
    ),
    rule(
        "2027/Mar/5",
        r"{n}(?P<year>20[0-9]{2})[/-](?P<month>{month})[/-](?P<dom>[0-3]?[0-9]){e}",
        written_date,
    ),
    rule(
        "2027/5/Mar",
        r"{n}(?P<year>20[0-9]{2})[/-](?P<dom>[0-3]?[0-9])[/-](?P<month>{month}){e}",
        written_date,
    ),
    rule("Mar-2027-5", r"{b}(?P<month>{month})-(?P<year>20[0-9]{2})-(?P<dom>[0-3]?[0-9]){e}", written_date),
    rule(
        "5 Mar 27",
        r"{g}(?:the )?(?P<dom>{dom})(?:\s*|[./-])(?:of )?(?P<month>{month}){w}[\s./,'-]+"
        r"(?P<year>[0-9]{2})(?![0-9:.a-z]|\s?[ap]\.?m|\s?-)",
        short_year,
    ),
    rule(
        "5 March 2027",
        r"{g}(?:the )?(?P<dom>{dom})(?:\.?\s*|[./-])(?:of )?(?:the )?(?P<month>{month}){w}\.?"
        r"(?:[\s,/-]+(?:in )?(?P<year>{year}))?",
        written_date,
    ),
    rule(
        "March 5th 2027",
        r"{b}(?P<month>{month})(?:\.?\s*|[./-])(?:the )?(?P<dom>{spoken_dom})"
        r"(?![0-9:]|\.[0-9]|\s?[ap]\.?m|h[0-9]|\s?o'?clock)(?:,?\s?(?P<year>{year}))?",
        written_date,
    ),
    rule(
        "the 20th of next month",
        r"{b}(?:the )?(?P<dom>{dom})(?: of)? (?P<rel>next|this|the) month{w}",
        day_of_relative_month,
    ),
    rule("Christmas Eve", rf"{{b}}(?:the )?(?P<feast>{any_of(FEASTS)}){{w}}", feast),
)
IN_FIGURES_DAY_FIRST, IN_FIGURES_MONTH_FIRST = (
    (
        rule(
            "5-6.10.27",
            r"{n}(?P<d>[0-3]?[0-9])\.?-(?P<d2>[0-3]?[0-9])\.(?P<m>[01]?[0-9])\.(?P<y>20[0-9]{2}|[0-9]{2})?(?![0-9])",
            range_in_figures,
        ),
        rule(
            "5/3/2027",
            r"{t}(?P<d>[0-3]?[0-9])(?P<sep>[/.-])(?P<m>[0-3]?[0-9])(?P=sep)"
            r"(?P<y>20[0-9]{2}|[0-9]{2})(?![0-9]|[.:/-][0-9])",
            in_figures(day_first),
        ),
        rule(
            "5/3",
            r"{n}(?P<d>[0-3]?[0-9])\s?/\s?(?P<m>[0-3]?[0-9])(?![0-9]|[/:.-][0-9]|\s?(?:hours|minutes|h{w}|of ))",
            in_figures(day_first),
        ),
        rule(
            "8.5.",
            r"{n}(?P<d>[0-3]?[0-9])\.(?P<m>1[0-2]|0?[1-9])\.(?![0-9])(?=\s*[a-z0-9,-]|\s*$)",
            in_figures(day_first),
        ),
        rule(
            "13.1",
            r"(?:^|(?<=\bon\s)|(?<=\bthe\s)|(?<=(?:day|mon|tue|wed|thu|fri|sat|sun)\s))(?P<d>[0-3]?[0-9])\.(?P<m>[1-9])"
            r"(?![0-9.*/%])(?!\s?-?(?:hours?|minutes|h|days?|weeks?|months?|years?|per|out|stars?|million|x){e})",
            in_figures(day_first),
        ),
    )
    for day_first in (True, False)
)
PLAIN_DAYS = (
    rule("tomorrow", r"{b}tomorrow(?:'s)?{w}", in_days(1)),
    rule("today", r"{b}(?:later (?:on )?)?today(?:'s)?{w}", in_days(0)),
)
NAMED_DAYS = (
    rule(
        "the rest of the week",
        r"{b}(?:the )?(?:rest|remainder|remaining) of (?:the|this) week{w}",
        lambda _m, _t: Day(week=0),
    ),
    rule(
        "the next two weeks",
        r"{b}(?:over |in |within |during )?(?:the )?(?:next|coming|upcoming) (?P<few>{few}) (?P<unit>days|weeks){w}"
        r"|{b}next (?P<few2>couple(?: of)?|few) (?P<unit2>days|weeks){w}"
        r"|{b}(?:over|in|within|during) the next (?P<unit3>week|fortnight|month){w}",
        coming_stretch,
    ),
    rule("next week", r"{b}(?:the )?(?:(?P<rel>this|next|following|coming) weeks?(?:'s)?|week after next){w}", week),
    rule("this weekend", r"{b}(?:(?P<rel>this|next|the|at the)(?: coming)? )?weekend{w}", weekend),
    rule("next month", r"{b}(?P<rel>next|this) month{w}", relative_month),
    rule(
        "next Tuesday",
        r"{b}(?P<which>(?:this coming|this next|(?:the )?(?:next|coming|following)|this|upcoming) )?"
        r"(?P<day>{weekday})(?:'s)?{w}\.?(?P<after> next(?=\s*(?:$|[.,!?]|at |@)))?",
        weekday,
    ),
    rule(
        "the 3rd",
        r"{b}(?:(?:on|the) )*(?P<dom>[0-3]?[0-9]\s?(?:st|nd|rd|th)){w}"
        r"|{b}(?:on the|the) (?P<dom2>[0-3]?[0-9])(?![0-9:a-z]|\.[0-9]|\s?[ap]\.?m|-)|{b}on the (?P<dom3>{ordinal}){w}"
        r"|{b}the (?P<dom4>{ordinal}){w}(?=\s*(?:at|@|from|between)\s*(?:[0-9\x00]|{spoken_hour}|half|quarter))",
        day_of_month,
    ),
    rule(
        "in November",
        r"(?:{b}(?:in|during|for) (?P<month>{month})|^\s*(?P<month2>{month})(?=[\s0-9.!?]*$)){w}"
        r"(?:,? (?P<year>{year}))?",
        only_month,
    ),
)
