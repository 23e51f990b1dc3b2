"""The table of rules, second half, second part: clocks, parts of the day, and how long things last."""

import re
from datetime import date, time, timedelta
from typing import Literal

from scheduling.when.counted_days import FEW_UNITS, OF_AN_APPOINTMENT, count_of
from scheduling.when.pieces import ABOUT_NOW, Clock, Day, Length, Number, Offset, Part, Piece, Trouble
from scheduling.when.rules import Match, Meaning, any_of, compiled, rule
from scheduling.when.words import ORDINALS, number

Half = Literal["am", "pm"]
SPAN = compiled(
    r"(?P<few>{few}|half an|half a|half|a half|1/2|1/4|3/4|½|¼|¾|(?:three[\s-]|an? )?quarters? of an)"
    r"(?P<half0> and an? half)?\s*-?(?:more )?"
    r"(?P<unit>hours|minutes|{h_or_m})(?P<half> and a half)?{w}"
)
FRACTIONS = {"1/2": 0.5, "½": 0.5, "1/4": 0.25, "¼": 0.25, "3/4": 0.75, "¾": 0.75}
PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part("first thing", time(8, 30), time(10)),
        Part("early morning", time(8), time(10)),
        Part("mid morning", time(10), time(11, 30)),
        Part("late morning", time(10, 30), time(12)),
        Part("morning", time(9), time(12)),
        Part("before lunch", time(11), time(12, 30)),
        Part("lunchtime", time(12), time(14)),
        Part("after lunch", time(13), time(15)),
        Part("early afternoon", time(12), time(15)),
        Part("mid afternoon", time(14), time(16)),
        Part("late afternoon", time(15, 30), time(18)),
        Part("afternoon", time(12), time(18)),
        Part("end of the day", time(16), time(18)),
        Part("evening", time(18), time(21)),
        Part("night", time(19), time(22)),
        Part("daytime", time(9), time(17)),
        Part("late", time(16), time(18)),
        Part("early", time(8), time(10)),
    )
}


def _half(match: Match) -> Half | None:
    for name in ("ap", "ap1", "ap2", "ap3"):
        if name in match.re.groupindex and match[name]:
            return "am" if match[name] == "a" else "pm"
    return None


def _clock(hour: int, minute: int, half: Half | None, *, exact: bool = False) -> Piece | None:
    """A clock; "1920pm" is twenty past seven, "13am" is nothing, 24:00 is midnight and so asked about."""
    if hour > 24 or minute > 59:
        return None
    if hour == 24:
        return Trouble("several")
    if half == "am" and hour == 0:
        half = None
    if half is not None and (hour == 0 or (half == "am" and hour > 12)):
        return Trouble("contradiction")
    if hour > 12:
        half = None
    return Clock(hour, minute, half, exact or hour == 0 or hour > 12)


def clock(match: Match, _today: date) -> Piece | None:
    """ "14:30", "2.30pm", "9h30": a leading nought or an hour past twelve is the 24-hour clock."""
    minute = int(match["min"]) if match["min"] else 0
    return _clock(int(match["h"]), minute, _half(match), exact=match["h"].startswith("0"))


def dotted(match: Match, _today: date) -> Piece | None:
    """ "14.30": a clock; where it could be a day and a month as well ("10.11"), what surrounds it decides."""
    one, other = int(match["h"]), int(match["min"])
    could_be_date = 1 <= other <= 12 and 1 <= one <= 31
    if one > 23 or other > 59:
        return Day(day=one, month=other) if could_be_date else None
    return Clock(one, other, None, match["h"].startswith("0") or one > 12 or one == 0, could_be_date)


def run_together(match: Match, _today: date) -> Piece | None:
    """ "0845am", "1430 hours"."""
    digits = match["hm"]
    return _clock(int(digits[:-2]), int(digits[-2:]), _half(match), exact=digits[0] == "0")


def whole_hour(match: Match, _today: date) -> Piece | None:
    return _clock(number(match["h"]), 0, _half(match), exact=match["h"].startswith("0"))


def half_hour(match: Match, _today: date) -> Piece | None:
    """ "half two" is half past two."""
    hour = number(match["h"])
    return _clock(hour, 30, _half(match)) if 1 <= hour <= 12 else None


ABSENT_BEFORE = re.compile(r"\b(?:out|away|off|busy|free|available|unavailable)\s+$")


def past_or_to(match: Match, _today: date) -> Piece | None:
    """ "quarter past two", "ten to 4pm", "twenty to noon".

    "10 to 4" in figures is ten minutes to four, or from ten until four: nobody can tell. "10 to 4pm" is a range.
    """
    many, way = match["many"], match["way"]
    before = way in ("to", "til", "before", "of")
    if many in ("a", "an"):
        return None
    if match["minutes"] is None and many not in ("quarter", "half"):
        before_it = match.string[: match.start()]
        to_noon = many == "15" and match["target"].startswith("noon")
        if number(many) not in ((5, 10, 20, 25) if before else range(1, 31)) and not to_noon:
            return None
        if before and not many.isdigit() and ABSENT_BEFORE.search(before_it):
            return Trouble("several")  # "I'm out five to seven": minutes to, or from until?
        if way in ("to", "til") and re.search(r"\b(?:from|between)\s+$", before_it):
            return None
        if many.isdigit() and way in ("to", "til") and number(many) <= 12:
            said_as_range = _half(match) and not re.search(r"(?:\bat|@)\s*$", before_it)
            return None if said_as_range else Trouble("several")
    minutes = 15 if many == "quarter" else 30 if many == "half" else number(many)
    hour, minute, half, exact = 12, 0, _half(match), False
    if match["target"].startswith("noon"):
        half = "pm"
    else:
        hour = number(match["h2"])
        minute = _spoken_minute(match["min2"] or match["min3"] or "0")
        exact = match["h2"].startswith("0") or hour > 12
    at = hour * 60 + minute + (-minutes if before else minutes)
    if half is not None and hour == 12 and at < 12 * 60:
        half = "am" if half == "pm" else "pm"  # quarter to noon is in the morning
    reached = at // 60 % 24
    if not exact and not 1 <= reached <= 12:
        reached = reached % 12 or 12
    return _clock(reached, at % 60, half, exact=exact)


def _spoken_minute(words: str) -> int:
    return number(re.sub(r"^(?:oh|o|ou|zero)[\s-]+", "", words))


def spoken_clock(match: Match, _today: date) -> Piece | None:
    """ "ten thirty", "twelve oh three", "fifteen thirty pm"; "nine-ten" is ten past nine, or from nine until ten."""
    if match["min"] == "ten" and "-" in match[0]:
        return Trouble("several")
    return _clock(number(match["h"]), _spoken_minute(match["min"]), _half(match))


def about(match: Match, _today: date) -> Piece | None:
    """ "3ish", "150ish"."""
    digits = match["h"]
    if not digits.isdigit():
        return _clock(number(digits), 0, None)
    hour, minute = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    return _clock(hour, minute, None, exact=digits[0] == "0")


# --- parts of the day -------------------------------------------------------------------------------------------------


def the_part(name: str) -> Meaning:
    return lambda _match, _today: PARTS[name]


def part_of_day(match: Match, _today: date) -> Part:
    word = re.sub(r"[\s-]+", "", match["part"])
    stem = {"lunch": "lunchtime", "forenoon": "morning"}.get(word, word)
    return PARTS.get(f"{match['how']} {stem}", PARTS[stem])


def part_of_today(match: Match, today: date) -> tuple[Piece, ...]:
    return Day(on=today), part_of_day(match, today)


def morning_or_afternoon(match: Match, _today: date) -> Piece:
    return PARTS["morning" if match["half"] == "a" else "afternoon"]


# --- lengths ----------------------------------------------------------------------------------------------------------


def length_of(text: str) -> timedelta | None:
    """How long "an hour and a half", "1 hour 30 minutes" or "half an hour" is; None for nothing or over a month."""
    total = timedelta(0)
    for each in SPAN.finditer(text):
        few = " ".join(re.split(r"[\s-]+", each["few"]))
        if few.startswith(("half", "a half")):
            count = 0.5
        elif "quarter" in few:
            count = 0.75 if "three" in few else 0.25
        else:
            count = FRACTIONS[few] if few in FRACTIONS else count_of(few)
        count += 0.5 if each["half"] or each["half0"] else 0
        total += timedelta(hours=count) if each["unit"][0] == "h" else timedelta(minutes=count)
    for each in FEW_UNITS.finditer(text):
        if each["unit"][0] == "d":
            total += timedelta(days=count_of(each["few"]))
    return total if timedelta(0) < total <= timedelta(days=31) else None


def offset(match: Match, _today: date) -> Piece | None:
    span = length_of(match["long"])
    return Offset(span) if span else None


def hours_and_minutes(match: Match, _today: date) -> Piece:
    """ "in 1h30", "1h30 from now"; without these words it is a clock."""
    hours, minutes = match["h"] or match["h2"], match["m"] or match["m2"]
    return Offset(timedelta(hours=int(hours), minutes=int(minutes)))


def hours_later(match: Match, today: date) -> Piece | None:
    """ "two hours later" counts from now, and "make it two hours later" from what was agreed: that is asked."""
    return Trouble("several") if OF_AN_APPOINTMENT.search(match.string) else offset(match, today)


def length(match: Match, _today: date) -> Piece | None:
    """ "for 45 minutes"; "1h15" is an hour and a quarter there, and a clock elsewhere."""
    minutes = match["m"] if "m" in match.re.groupindex else None
    span = timedelta(hours=1, minutes=int(minutes)) if minutes else length_of(match["long"])
    return Length(span) if span else None


def number_left(match: Match, _today: date) -> Piece:
    return Number(number(match[0]), " ".join(re.split(r"[\s-]+", match[0])))


_PART = (
    r"(?P<part>morning|afternoon|evening|night|lunch[\s-]?time|daytime|forenoon"
    r"|(?:(?<=at\s)|(?<=over\s)|(?<=around\s)|(?<=day\s)|(?<=row\s)|(?<![\s\S]))lunch"
    r"(?! (?:was|were|with|club|duty|money|box)\b))"  # "lunch with Sam" is no time
)
OFFSETS = (
    rule(
        "in 1h30",
        r"{b}(?:in (?P<h>[0-9]{1,2})h ?(?P<m>[0-5][0-9])m?"
        r"|(?P<h2>[0-9]{1,2})h ?(?P<m2>[0-5][0-9])m? (?:from now|hence))"
        r"(?![0-9a-z:])",
        hours_and_minutes,
    ),
    rule(
        "in two hours",
        r"{b}in (?:about |around |just |exactly )?(?P<long>{spans})'?(?: time)?(?: from now)?{e}",
        offset,
    ),
    rule("two hours from now", r"{b}(?P<long>{spans}) (?:from now|hence|from today|after now){e}", offset),
    rule("two hours later", r"{b}(?P<long>{spans}) later{e}", hours_later),
    rule(
        "for an hour",
        r"{b}for (?:about |around )?"
        r"(?P<long>(?:1h|(?:an|one|1) hours and) ?(?P<m>[1-5]?[05])m?(?! ?minutes){e}|{spans}){e}",
        length,
    ),
    rule("right now", r"{b}right now{e}", lambda _match, _today: Offset(timedelta(0))),
)
CLOCKS = (
    rule(
        "quarter past two, twenty to four",
        r"(?<![a-z0-9:.])(?<!half\s)(?<!past\s)(?:an? )?(?P<many>quarter|half|{count})(?P<minutes>[\s-]minutes)?[\s-]"
        r"(?P<way>past|after|to|before|til|of)[\s-]"
        r"(?P<target>noon|(?P<h2>{hour})(?:[:.](?P<min2>[0-5][0-9])| (?P<min3>{spoken_minute}))?{ampm}?h?)"
        r"(?![a-z0-9:]| (?:odds|chance|ratio|majority|times|per ?cent|hours|minutes|days?|weeks?"
        r"|months?|years?|people|on\s*$))",
        past_or_to,
    ),
    rule("half two", r"{b}half[\s-](?P<h>{hour}){ampm}?{e}(?! (?:minutes|hours|days?|weeks?))", half_hour),
    rule("noon", r"{b}(?:12 |twelve )?noon(?:[\s-]?ish)?{w}", lambda _match, _today: Clock(12, 0, "pm")),
    rule(
        "ten thirty",
        r"{b}(?P<h>{spoken_hour}|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen)[\s-](?P<min>{spoken_minute})"
        r"{ampm}?{e}(?![\s-](?:minutes|hours|days?|weeks?|people|of))",
        spoken_clock,
    ),
    rule(
        "173000",
        r"{n}(?P<h>[01][0-9]|2[0-3])(?P<min>[0-5][0-9])00{e}(?![.,:/-][0-9])",
        clock,
    ),
    rule(
        "14:30, 2:30pm",
        r"{g}(?P<h>[01]?[0-9]|2[0-4])\s?:\s?(?P<min>[0-5][0-9])(?::[0-5][0-9](?:\.[0-9]+)?)?"
        r"(?:{ampm}|\s(?P<ap3>[ap])(?=\s|$)|\s?(?:h|hours))?(?![a-z0-9]|[:/][0-9])",
        clock,
    ),
    rule("at 3 15", r"(?<=\bat\s)(?P<h>1?[0-9]) (?P<min>[0-5][05])(?=\s*(?:$|[.,!?]|on{e}|tomorrow))", clock),
    rule("14h30, 15h", r"{g}(?P<h>[01]?[0-9]|2[0-3])h(?P<min>[0-5][0-9])?(?![0-9a-z])", clock),
    rule("16.29h", r"{t}(?P<h>[01]?[0-9]|2[0-3])\.(?P<min>[0-5][0-9])\s?(?:h|hours){e}", clock),
    rule("2.30pm", r"{t}(?P<h>[01]?[0-9]|2[0-3])\.(?P<min>[0-5][0-9]){ampm}(?![0-9])", clock),
    rule(
        "14.30",
        r"{t}(?P<h>[0-3]?[0-9])\.(?P<min>[0-9]{2})"
        r"(?![0-9a-z]|[.:/]'?[0-9]|\s?(?:hours|minutes|days?|weeks?))",
        dotted,
    ),
    rule("0930am, 1430 hours", r"{t}(?P<hm>(?:[01]?[0-9]|2[0-3])[0-5][0-9])(?:{ampm}|\s?(?:h|hours)){e}", run_together),
    rule("3pm, seven p.m.", r"{g}(?<![a-z])(?P<h>[01]?[0-9]|2[0-3]|{spoken_hour})\.?{ampm}", whole_hour),
    rule("3 o'clock", r"{b}(?P<h>{hour})\s?(?:o'?clock|o clock){ampm}?{w}", whole_hour),
    rule("3 sharp", r"{t}(?P<h>{hour}) (?:sharp|prompt|on the dot){w}", whole_hour),
    rule(
        "eleven five, which nobody can tell",
        r"(?<=at\s){spoken_hour}[\s-](?:one|two|three|four|five|six|seven|eight|nine){e}(?! (?:minutes|hours))",
        lambda _match, _today: Trouble("unclear"),
    ),
    rule("3ish", r"{t}(?P<h>(?:[01]?[0-9]|2[0-3])(?:[0-5][0-9])?|{spoken_hour})(?:\s?-?ish| or so){w}", about),
)
PARTS_OF_DAY = (
    rule(
        "this time tomorrow, this time on Friday",
        r"{b}this time(?= (?:on )?(?:\x00|(?:(?:next|this) )?{weekday}{w}))",
        lambda _match, _today: ABOUT_NOW,
    ),
    rule("tonight", r"{b}(?:later )?tonight{w}", lambda _match, today: (Day(on=today), PARTS["night"])),
    rule("first thing", r"{b}first thing(?: in the (?:morning|am))?{w}", the_part("first thing")),
    rule("after lunch", r"{b}(?:straight |just |right )?after lunch{w}(?! (?:club|duty))", the_part("after lunch")),
    rule("before lunch", r"{b}(?:just )?before lunch{w}", the_part("before lunch")),
    rule(
        "end of the day",
        r"{b}(?:(?:at |by )?(?:the )?end of (?:the )?(?:working )?day|eod|(?:close|end) of (?:play|business)|cob){w}",
        the_part("end of the day"),
    ),
    rule("this afternoon", rf"{{b}}(?:later )?this (?:(?P<how>early|late|mid)[\s-]?)?{_PART}{{w}}", part_of_today),
    rule(
        "morning, late afternoon",
        rf"{{b}}(?:(?:very )?(?P<how>early|late|mid)[\s-]?)?{_PART}{{w}}"
        r"(?! (?:meeting|coffee|tea|class|session|briefing|break|shift|assembly|staff|prayer|club|school"
        r"|course|duty|activity|lesson)(?:s|es)?{e})",
        part_of_day,
    ),
    rule("Tuesday am", r"(?<=[ \x00])(?<!\bi\s)(?:in the )?(?P<half>[ap])\.?m\.?(?=[\s,!?]|$)", morning_or_afternoon),
    rule(
        "the 5th, late", r"(?<=\x00[ ,.])\s?(?P<name>early|late)(?=\s*[.,!?]*\s*$)", lambda m, _today: PARTS[m["name"]]
    ),
)
LENGTHS = (rule("for 45 minutes", r"{b}(?:for |lasting )?(?:about |around )?(?P<long>{spans}){e}", length),)
NUMBERS_LEFT = (
    rule(
        "1430, 930",
        r"(?:{n}|(?<=[0-9\x00]-))(?:0?[0-9]|1[0-9]|2[0-3])[0-5][0-9](?![0-9a-z]|[.,:/][0-9]|-[0-9]{1,2}-)",
        number_left,
    ),
    rule(
        "a number",
        r"{n}[0-9]{1,2}(?![0-9a-z\x00]|[,:/][0-9]|\.[0-9])|(?<=[0-9\x00]-)(?<![0-9]-[0-9]-)[0-9]{1,2}(?![0-9a-z:/-]|\.[0-9])"
        rf"|{{b}}(?:{{spoken_hour}}|{any_of(list(ORDINALS)[2:])}){{e}}",
        number_left,
    ),
)
