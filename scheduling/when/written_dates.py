"""The table of rules: dates written out, in words and in figures."""

import re
from datetime import date

from scheduling.localtime import add_months
from scheduling.when.pieces import Day, Days, Piece, Trouble
from scheduling.when.rules import Match, Meaning, rule
from scheduling.when.words import MONTHS, NUMBERS, number


def year_in(text: str | None) -> int | None:
    """The year in "2027", "27" or "two thousand and twenty seven"."""
    if not text:
        return None
    if text[0].isdigit():
        return int(text) if len(text) > 2 else 2000 + int(text)
    words = re.sub(r"two\s+thousand(?:\s+and)?\s*", "", text).strip()
    return 2000 + (NUMBERS.get(" ".join(re.split(r"[\s-]+", words)), 0) if words else 0)


def _written(day: str, month: str, year: str | None) -> Day:
    value = number(day)
    return Day(day=value, month=MONTHS[month], year=year_in(year), said=f"{value} {month} {{year}}")


_MAY_THE_VERB = re.compile(
    r"\s+(?:be|have|not|also|need|well|arrive|come|take|want|go|do|make|get|know|find|say|see|feel|still|never|even|just"
    r"|only|seem|help|lead|cause)\b"
)


def written_date(match: Match, _today: date) -> Piece | None:
    """ "5 March", "the 5th of March 2027", "March 5th", "15Sep"; "buy 3, may be enough" is no date."""
    if match["month"] == "may" and match["year"] is None and _MAY_THE_VERB.match(match.string, match.end()):
        return None
    return _written(match["dom"], match["month"], match["year"])


def near_year(match: Match, today: date) -> Piece | None:
    """ "2027 May 22nd"; a year further off may as well be a clock."""
    return written_date(match, today) if 0 <= int(match["year"]) - today.year <= 9 else Trouble("several")


def of_the(match: Match, today: date) -> Piece | None:
    """ "the 4th of the 3rd" is 4 March, with or without its year."""
    month, year = number(match["m"]), year_in(match["year"])
    if month > 12 or (year is not None and not 0 <= year - today.year <= 9):
        return None
    return Day(day=number(match["dom"]), month=month, year=year)


def short_year(match: Match, today: date) -> Piece | None:
    """ "5 Mar 27": two figures are a year only when that year is near; otherwise they are likely to be an hour."""
    return written_date(match, today) if 0 <= 2000 + int(match["year"]) - today.year <= 9 else None


def written_range(match: Match, _today: date) -> Piece:
    """ "10 to 22 August 2027", "July 13-15"; "April 27 to the 3rd" ends in the month after."""
    first, last = (_written(match[dom], match["month"], match["year"]) for dom in ("dom", "dom2"))
    if number(match["dom2"]) < number(match["dom"]):
        last = Day(day=last.day)
    return Days(first, last)


def month_said(match: Match, today: date) -> date:
    return add_months(today.replace(day=1), 1 if match["rel"] == "next" else 0)


def day_of_relative_month(match: Match, today: date) -> Piece:
    """ "the 20th of next month"; of "the month" is the next 20th there is."""
    if match["rel"] == "the":
        return Day(day=number(match["dom"]))
    ahead = month_said(match, today)
    return Day(day=number(match["dom"]), month=ahead.month, year=ahead.year)


# --- in figures ------------------------------------------------------------------------------------------------------


def year_first(match: Match, _today: date) -> Piece:
    return Day(day=int(match["d"]), month=int(match["m"]), year=int(match["y"]))


def in_figures(day_first: bool) -> Meaning:
    """ "5/3/2027", "5.3.27", "5/3": day first unless the reader is told otherwise."""

    def means(match: Match, today: date) -> Piece:
        day, month = (int(match["d"]), int(match["m"])) if day_first else (int(match["m"]), int(match["d"]))
        year = year_in(match["y"]) if "y" in match.re.groupindex else None
        if year is not None and len(match["y"]) == 2 and year - today.year > 9:
            return Trouble("past")  # "1/1/95" is long ago
        return Day(day=day, month=month, year=year, said=f"{day}/{month}/{{year}}")

    return means


def between_figures(day_first: bool) -> Meaning:
    """ "1/6-5/6"."""

    def means(match: Match, _today: date) -> Piece:
        first, last = (
            Day(
                day=int(match[one] if day_first else match[other]),
                month=int(match[other] if day_first else match[one]),
                year=year_in(match[year] or match["y2"]),
            )
            for one, other, year in (("d", "m", "y"), ("d2", "m2", "y2"))
        )
        return Days(first, last)

    return means


def range_in_figures(match: Match, _today: date) -> Piece:
    """ "05-06.10.27", "07.-10.08.2027"."""
    month, year = int(match["m"]), year_in(match["y"])
    return Days(Day(day=int(match["d"]), month=month, year=year), Day(day=int(match["d2"]), month=month, year=year))


WRITTEN_DATES = (
    rule(
        "10 to 22 August",
        r"{n}(?:the )?(?P<dom>{dom})\s?(?:-|to|till?|until|through|thru|and)\s?(?:the )?(?P<dom2>{dom})(?: of)?[\s,]*"
        r"(?P<month>{month}){w}\.?(?:,?(?: in)? (?P<year>{year}))?",
        written_range,
    ),
    rule(
        "August 10 to 22",
        r"{b}(?<![0-9]\s)(?<!(?:st|nd|rd|th|of)\s)(?P<month>{month})\.?"
        r" (?:the )?(?P<dom>{dom})\s?(?:-|to|till?|until|through|thru)\s?(?:the )?(?P<dom2>{dom})"
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
    rule(
        "2027 May 22nd",
        r"{n}(?P<year>20[0-9]{2})[\s,]+(?P<month>{month}) (?P<dom>[0-3]?[0-9](?:st|nd|rd|th)){w}",
        near_year,
    ),
    rule("Mar-2027-5", r"{b}(?P<month>{month})-(?P<year>20[0-9]{2})-(?P<dom>[0-3]?[0-9]){e}", written_date),
    rule(
        "5 Mar 27",
        r"{g}(?:the )?(?P<dom>{dom})(?:\s*|[./-])(?:of )?(?P<month>{month}){w}[\s./,'-]+"
        r"(?P<year>[0-9]{2})(?![0-9:.a-z]|\s?[ap]\.?m|\s?-|\s*(?:of )?{month})",
        short_year,
    ),
    rule(
        "Mar 5 27",
        r"{b}(?P<month>{month})\.? (?P<dom>[0-3]?[0-9](?:st|nd|rd|th)?),? '?"
        r"(?P<year>[0-9]{2})(?![0-9:.a-z/]|\s?[ap]\.?m|\s?-|\s?o'?clock|\s*(?:of )?{month})",
        short_year,
    ),
    rule(
        "5 March 2027",
        r"(?:{g}|(?<=(?:st|nd|rd|th)/))(?:the )?(?P<dom>{dom})(?:\.?\s*|[./-])(?:of )?(?:the )?(?P<month>{month}){w}\.?"
        r"(?:[\s,/-]+(?:in (?:the year )?|of )?(?P<year>{year}))?",
        written_date,
    ),
    rule(
        "March 5th 2027",
        r"{b}(?:(?:next|this|coming) )?(?P<month>{month})(?:\.?\s*|[./-]|, (?=[0-3]?[0-9](?:st|nd|rd|th)))"
        r"(?:the )?(?P<dom>{spoken_dom})"
        r"(?![0-9:]|\.[0-9]|[ap]\.?m|h[0-9]|\s?o'?clock)(?:,?\s?(?P<year>{year}))?",
        written_date,
    ),
    rule(
        "the 4th of the 3rd",
        r"{b}(?:the )?(?P<dom>{ordinal}) of the (?P<m>{ordinal})"
        r"(?: (?P<year>20[0-9]{2}|[0-9]{2})(?=\s*(?:$|[,.@]|at )))?{w}",
        of_the,
    ),
    rule(
        "the 20th of next month",
        r"{b}(?:the )?(?P<dom>{dom})(?: of)? (?P<rel>next|this|the) month{w}",
        day_of_relative_month,
    ),
)
IN_FIGURES_DAY_FIRST, IN_FIGURES_MONTH_FIRST = (
    (
        rule(
            "5-6.10.27",
            r"{n}(?P<d>[0-3]?[0-9])\.?-(?P<d2>[0-3]?[0-9])\.(?P<m>[01]?[0-9])\.(?P<y>20[0-9]{2}|[0-9]{2})?(?![0-9])",
            range_in_figures,
        ),
        rule(
            "1.6.-5.6.",
            r"{n}(?P<d>[0-3]?[0-9])\.(?P<m>[01]?[0-9])\.(?P<y>20[0-9]{2}|[0-9]{2})?\s?-\s?"
            r"(?P<d2>[0-3]?[0-9])\.(?P<m2>[01]?[0-9])\.(?P<y2>20[0-9]{2}|[0-9]{2})?(?![0-9/])",
            between_figures(day_first),
        ),
        rule(
            "1/6-5/6",
            r"{n}(?P<d>[0-3]?[0-9])/(?P<m>[0-3]?[0-9])(?:/(?P<y>20[0-9]{2}|[0-9]{2}))?\s?-\s?"
            r"(?P<d2>[0-3]?[0-9])/(?P<m2>[0-3]?[0-9])(?:/(?P<y2>20[0-9]{2}|[0-9]{2}))?(?![0-9/])",
            between_figures(day_first),
        ),
        rule(
            "5/3/2027",
            r"{t}(?P<d>[0-3]?[0-9])(?P<sep>[/.-])(?P<m>[0-3]?[0-9])(?:(?P=sep)|,\s)"
            r"(?P<y>20[0-9]{2}|(?<!\s)[0-9]{2})(?![0-9]|[.:/-][0-9])",
            in_figures(day_first),
        ),
        rule(
            "5/3",
            r"{n}(?P<d>[0-3]?[0-9])\s?/\s?(?P<m>[0-3]?[0-9])(?![0-9]|[/:.-][0-9]|\s?(?:hours|minutes|h{w}|of ))",
            in_figures(day_first),
        ),
        rule(
            "8.5.",
            r"{n}(?P<d>[0-3]?[0-9])\.(?P<m>1[0-2]|0?[1-9])\.(?![0-9])",
            in_figures(day_first),
        ),
        rule(
            "13.1",
            r"(?:^|(?<=\bon\s)|(?<=\bthe\s)|(?<=[0-9][ap]m\s)|(?<=(?:day|mon|tue|wed|thu|fri|sat|sun)\s))(?P<d>[0-3]?[0-9])\.(?P<m>[1-9])"
            r"(?![0-9.*/%])(?!\s?-?(?:hours?|minutes|h|days?|weeks?|months?|years?|per|out|stars?|million|x){e})",
            in_figures(day_first),
        ),
    )
    for day_first in (True, False)
)
