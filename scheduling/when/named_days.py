"""The table of rules: days by their name, weeks, and days of a month."""

import re
from datetime import date, timedelta
from typing import Literal

from scheduling.when.counted_days import coming_stretch, in_days, run_of_days
from scheduling.when.numbers import NO_NOUN_FOLLOWS
from scheduling.when.pieces import Day, Days, Piece, Trouble
from scheduling.when.rules import Match, any_of, rule
from scheduling.when.words import MONTHS, NUMBERS, ORDINALS, WEEKDAYS, number
from scheduling.when.written_dates import month_said, year_in


def week(match: Match, _today: date) -> Piece:
    return Day(week=2 if "after next" in match[0] else 0 if match["rel"] == "this" else 1)


def edge_of_week(match: Match, today: date) -> Piece:
    """ "early next week": Monday and Tuesday; the middle is Tuesday to Thursday, the end Thursday and Friday."""
    said = match["edge"]
    if said == "later" and match["rel"] == "this":
        first, last = today.weekday() + 1, max(today.weekday() + 1, 4)
    elif said.startswith(("early", "start", "begin", "first")):
        first, last = 0, 1
    else:
        first, last = (1, 3) if said.startswith("mid") else (3, 4)
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=0 if match["rel"] in ("this", None) else 1)
    begins, ends = (monday + timedelta(days=step) for step in (first, last))
    return Days(Day(on=max(begins, today)), Day(on=ends)) if ends >= today else Trouble("past")


def weekend(match: Match, today: date) -> Piece:
    saturday = today + timedelta(days=(5 - today.weekday()) % 7)
    if match["rel"] == "next":
        saturday = today + timedelta(days=12 - today.weekday())
    return Days(Day(on=saturday), Day(on=saturday + timedelta(days=1)))


def relative_month(match: Match, today: date) -> Piece:
    ahead = month_said(match, today)
    return Day(month=ahead.month, year=ahead.year)


ORDINAL_STANDS_ALONE = re.compile(
    rf"(?!\s+of (?:us|them|you|my|our|the)\b)(?:{NO_NOUN_FOLLOWS.pattern}"
    r"|\s*(?:[0-9]|(?:early|late|do|does|sometime|anytime|start\w*|begin\w*|end\w*|inst)\b))"
)


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


def day_of_month(match: Match, _today: date) -> Piece | None:
    """ "the 3rd"; in "the 2nd lesson" it is a lesson and no day."""
    [(name, said)] = ((name, said) for name, said in match.groupdict().items() if said)
    if name not in ("before_clock", "after_weekday", "at_the_end", "from_the_tenth") and not ORDINAL_STANDS_ALONE.match(
        match.string, match.end()
    ):
        return None
    return Day(day=number(said))


def only_month(match: Match, _today: date) -> Piece:
    return Day(month=MONTHS[match["month"] or match["month2"]], year=year_in(match["year"]))


def days_off(match: Match, today: date) -> Piece | None:
    """ "for two weeks" after a day tells how long somebody is away; an appointment does not last so long."""
    return run_of_days(match, today) if re.search(r"\b(?:away|off|leave|holiday|vacation)\b", match.string) else None


TEENS = [*list(NUMBERS)[13:20], "twenty", "thirty"]  # "Friday the eighteen"
PLAIN_DAYS = (
    rule(
        "between now and the 3rd",
        r"{b}(?<=between\s)now(?= and )|(?<=from\s)now(?= (?:to|until|till?) )",
        in_days(0),
    ),
    rule("tomorrow", r"{b}tomorrow(?:'s)?{w}", in_days(1)),
    rule("today", r"{b}(?:(?:later (?:on )?)?today(?:'s)?|this day(?! next)){w}", in_days(0)),
)
NAMED_DAYS = (
    rule(
        "the rest of the week, all week",
        r"{b}(?:the )?(?:rest|remainder|remaining) of (?:the|this) week{w}"
        r"|{b}all week(?! (?:next|this|of|long|on|in){e}){w}"
        r"|{b}(?:the )?current week{w}",
        lambda _m, _t: Day(week=0),
    ),
    rule(
        "the next two weeks",
        r"{b}(?:(?:over |in |within |during )?(?:the )?(?:next|coming|upcoming)|within) (?P<few>{few})"
        r" (?P<unit>days?|weeks?|fortnights?){w}"
        r"|{b}next (?P<few2>couple(?: of)?|few) (?P<unit2>days|weeks){w}"
        r"|{b}(?:over|in|within|during) the next (?P<unit3>week|fortnight|month){w}",
        coming_stretch,
    ),
    rule(
        "early next week, the end of the week",
        r"{b}(?:the )?(?P<edge>early|start of|beginning of|first half of|middle of|mid|late|later|end of|second half of"
        r"|latter part of|back end of)[\s-](?:in )?(?:(?P<rel>this|next|the following) week|the week{w}(?! of))",
        edge_of_week,
    ),
    rule(
        "this week and next",
        r"{b}this week (?:and|or) (?:the )?(?:next|following)(?: (?:one|week))?{w}(?! {weekday})",
        lambda _match, today: Days(Day(on=today), Day(on=today + timedelta(days=13 - today.weekday()))),
    ),
    rule(
        "next week",
        r"{b}(?:the )?(?:(?P<rel>this|next|following|coming) (?:(?:working|school) |work-?)?weeks?(?:'s)?"
        r"|week after next){w}",
        week,
    ),
    rule("this weekend", r"{b}(?:(?P<rel>this|next|the|at the)(?: coming)? )?weekend{w}", weekend),
    rule("next month", r"{b}(?P<rel>next|this) month{w}", relative_month),
    rule(
        "next Tuesday",
        r"{b}(?P<which>(?:this coming|this next|(?:the )?(?:next|coming|following(?! {weekday}'s))|this|upcoming) )?"
        r"(?P<day>{weekday})(?:'s)?{w}(?:(?<!day)\.)?(?P<after> next(?=\s*(?:$|[.,!?]|at |@)))?",
        weekday,
    ),
    rule(
        "the 3rd",
        r"{b}(?:(?:on|the) )*(?P<dom>[0-3]?[0-9]\s?(?:st|nd|rd|th)){w}"
        r"|(?<=\x00\s)on (?P<dom5>[0-3]?[0-9])(?![0-9:a-z/]|\.[0-9]|\s?[ap]\.?m|-)"
        r"|{b}(?:on the|the) (?P<dom2>[0-3]?[0-9])(?![0-9:a-z]|\.[0-9]|\s?[ap]\.?m|-)|{b}on the (?P<dom3>{ordinal}){w}"
        rf"|(?<=\x00\s)the (?P<after_weekday>{any_of(TEENS)}){{w}}(?!\s[a-z]+(?:st|nd|rd|th){{w}})"
        r"|(?<=\x00\s)the (?P<at_the_end>first|second)(?=\s*(?:$|[.,!?]))"
        rf"|(?<=\bfor\s)the (?P<from_the_tenth>{any_of(list(ORDINALS)[9:])})(?=\s*(?:$|[.,!?])){{w}}"
        r"|{b}the (?P<before_clock>{ordinal}){w}"
        r"(?=\s*(?:at|@|from|between|,)\s*(?:[0-9\x00]|{spoken_hour}|half|quarter))",
        day_of_month,
    ),
    rule(
        "in November",
        r"(?:{b}(?:(?:in|during|for|until|till?|before|after)|(?:from|by)(?! (?:may|april|june|jan)(?![a-z])))"
        r" (?P<month>{month})|^\s*(?P<month2>{month})(?=[\s0-9.!?]*$)){w}"
        r"(?:,? (?P<year>{year}))?",
        only_month,
    ),
    rule(
        "away from the 9th for two weeks",
        r"(?<=\x00\s)for (?P<few>{count}) (?P<unit>days?|weeks?|fortnights?){w}",
        days_off,
    ),
)
