"""The table of rules: days told by counting from another day."""

import re
from datetime import date, timedelta

from scheduling.localtime import add_months
from scheduling.when.pieces import ABOUT_NOW, Day, Days, Piece, Run, Shift, Trouble
from scheduling.when.rules import Match, Meaning, compiled, rule
from scheduling.when.words import MONTHS, WEEKDAYS, number
from scheduling.when.written_dates import month_said, year_in

YEARS_AHEAD = 9  # nobody agrees on a day further off by counting years
FEW_UNITS = compiled(r"(?P<few>{few})\s*(?:more )?(?P<unit>{unit}){w}")


OF_AN_APPOINTMENT = re.compile(
    r"\b(?:please|make|do (?:it|this|that)|have it|move|push|shift|start|begin|put|bring|reschedul\w+|postpone\w*"
    r"|change)\b"
)


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


def in_days(days: int) -> Meaning:
    return lambda _match, today: Day(on=today + timedelta(days=days))


def from_now(match: Match, today: date) -> Piece:
    """ "in three weeks", "two days from now", "a fortnight today", "three weeks from tomorrow"."""
    if match["later"] and OF_AN_APPOINTMENT.search(match.string):
        return Trouble("several")  # "make it a day later": later than what was agreed
    total: date | None = today + timedelta(days=1) if "tomorrow" in match[0] else today
    in_weeks = 0
    words = match[0] if FEW_UNITS.search(match[0]) else f"a {'fortnight' if 'fortnight' in match[0] else 'week'}"
    for each in FEW_UNITS.finditer(words):
        count, unit = count_of(each["few"]), each["unit"]
        if unit[0] == "y" and (count > YEARS_AHEAD or re.search(r"couple|few", each["few"])):
            return Trouble("vague")
        total = None if total is None else _later(total, count, unit)
        in_weeks = int(count) * (2 if unit[0] == "f" else 1) if unit[0] in "wf" else 0
    return Trouble("impossible") if total is None else Day(on=total, week=in_weeks or None)


def weeks_on_weekday(match: Match, _today: date) -> Piece:
    """ "a week on Monday", "a fortnight on Thursday": the coming one, and so many weeks."""
    few = match["few"] or match["few2"]
    count = int(count_of(few)) if few else 1
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
    names = ("few", "unit") if match["few"] else ("few2", "unit2")
    count, unit = (match[name] for name in names)
    return Run(int(count_of(count)) * {"d": 1, "w": 7, "f": 14}[unit[0]])


def coming_stretch(match: Match, today: date) -> Piece:
    """ "the next two weeks", "the next few days": from tomorrow."""
    count = 1.0 if match["unit3"] else count_of(match["few"] or match["few2"])
    last = _later(today, count, match["unit"] or match["unit2"] or match["unit3"])
    return Trouble("vague") if last is None else Days(Day(on=today + timedelta(days=1)), Day(on=last))


def nth_weekday(match: Match, today: date) -> Piece:
    """ "the first Monday of next month", "3rd Thursday this September", "the last day of May 2027"."""
    nth = -1 if match["nth"] == "last" else number(match["nth"])
    if match["month"]:
        year = year_in(match["year"])
        choices = [(each, MONTHS[match["month"]]) for each in ([year] if year else [today.year, today.year + 1])]
    else:
        ahead = month_said(match, today)
        choices = [(ahead.year, ahead.month)]
    for year, month in choices:
        weekday = 5 if match["day"].startswith("week") else WEEKDAYS.get(match["day"])
        day = _nth_of(year, month, weekday, nth)
        if day is None:
            return Trouble("impossible")
        if day >= today:
            return Day(on=day)
    return Trouble("past")


def nth_weekend(match: Match, today: date) -> Piece:
    """ "the last weekend of October": that Saturday and the day after it."""
    saturday = nth_weekday(match, today)
    if not isinstance(saturday, Day) or saturday.on is None:
        return saturday
    return Days(saturday, Day(on=saturday.on + timedelta(days=1)))


def _nth_of(year: int, month: int, weekday: int | None, nth: int) -> date | None:
    first = date(year, month, 1)
    length = (add_months(first, 1) - first).days
    days = [first + timedelta(days=step) for step in range(length)]
    days = [day for day in days if weekday is None or day.weekday() == weekday]
    if nth == -1:
        return days[-1]
    return days[nth - 1] if 0 < nth <= len(days) else None


_OF_A_MONTH = (
    r"(?:(?:of|in) (?:the )?)?(?:(?:this |next )?(?P<month>{month})(?:,? (?P<year>{year}))?"
    r"|(?P<rel>next|this|the) month|(?<=of\s)month){w}"
)
NUMBERED_WEEKDAYS = (
    rule(
        "three Fridays from now",
        r"{b}(?:in )?(?P<few>{count}) (?P<day>{weekday})s?'? (?:from now|time){w}",
        weekdays_from_now,
    ),
    rule(
        "the first Monday of next month",
        r"{b}(?<!second\sto\s)(?<!second-to-)(?<!second\s)(?<!second-)(?:the )?(?P<nth>{ordinal}|last)"
        rf" (?P<day>{{weekday}}|day) {_OF_A_MONTH}",
        nth_weekday,
    ),
    rule(
        "the last weekend of October",
        rf"{{b}}(?:the )?(?P<nth>{{ordinal}}|last) (?P<day>week[\s-]?end) {_OF_A_MONTH}",
        nth_weekend,
    ),
)
COUNTED_DAYS = (
    rule(
        "a week on Monday",
        r"{b}(?:(?<!for\s)(?P<few>{count}) (?:weeks?|fortnights?) (?:on|from|after)"
        r"|(?<!in\s)(?P<few2>{count}) (?:weeks?|fortnight)"
        r"|(?<!this\s)(?<!next\s)(?<!ing\s)(?<!the\s)week on|^\s*week) (?:next |this |coming )?(?P<day>{weekday}){w}",
        weeks_on_weekday,
    ),
    rule(
        "Monday week",
        r"{b}(?P<day>{weekday})(?:'s)? (?:weeks?|fortnight){w}"
        r"(?! (?:on|from|after|of|commencing|beginning|starting){e})",
        weekday_week,
    ),
    rule(
        "in three weeks; three weeks from today; a week tomorrow",
        r"{b}(?:in (?:about |around )?{units}'?(?: time)?(?: from (?:(?:right )?now|today|tomorrow))?"
        r"|{units}'? time"
        r"|{units} (?:from|after) (?:(?:right )?now|today|tomorrow)"
        r"|(?P<later>{units} later)(?! than)|{units} hence|{units} (?:today|tomorrow)"
        r"|(?:weeks?|fortnight) (?:today|tomorrow)|(?:today|tomorrow) (?:weeks?|fortnight)){w}(?! ago)",
        from_now,
    ),
    rule(
        "this time next week",
        r"{b}this time next week{w}",
        lambda _match, today: (Day(on=today + timedelta(days=7)), ABOUT_NOW),
    ),
    rule("this day next week", r"{b}this day next week{w}", in_days(7)),
    rule("the day after tomorrow", r"{b}(?:the )?day after tom(?:orrow)?{w}|{b}overmorrow{w}", in_days(2)),
    rule(
        "a week starting tomorrow",
        r"{b}(?:for )?(?P<few>{count}) (?P<unit>days?|weeks?|fortnights?) (?:starting|beginning)(?: from| on)?(?= )"
        r"|{b}for (?P<few2>{count}) (?P<unit2>days?|weeks?|fortnights?) from(?= )",
        run_of_days,
    ),
    rule(
        "three days after 12 January",
        r"{b}(?<!next\s)(?<!this\s)(?:the )?(?:(?P<few>{count}) )?(?P<unit>days?|weeks?) (?:after|before|from)(?= )"
        r"(?! next(?! {weekday}))",
        days_before_or_after,
    ),
    rule(
        "week commencing 9 March",
        r"{b}(?:(?:the )?(?<!this\s)(?<!next\s)"
        r"weeks? (?:commencing|beg|beginning|starting(?: on)?|of|from)|w/?[cb]){e}",
        lambda _match, _today: Run(None),
    ),
)
