"""The table of rules: what tells of a time and cannot be answered, so that it is asked back."""

import re
from datetime import date

from scheduling.when.pieces import Doubt, Piece, Trouble, Whenever
from scheduling.when.rules import Match, Meaning, any_of, rule
from scheduling.when.words import WEEKDAYS


def trouble(doubt: Doubt) -> Meaning:
    return lambda _match, _today: Trouble(doubt)


_SPEAKS_OF_A_TIME = re.compile(
    r"(?:^|[.!?;,]|\b(?:in|on|for|during|all|off|away|out|leave|busy|any ?time|some ?time|of|do|make|until|by|not"
    rf"|{any_of(WEEKDAYS)}))\s*$"
)
_TIME_OFF = re.compile(r"\b(?:on|off|away|out)\s*$")


def told_before(match: Match, _today: date) -> Piece | None:
    """ "I'm away that week", "on that day": which one was said before; "could you do that Tuesday" is plain Tuesday."""
    where = _TIME_OFF if match["weekday"] else _SPEAKS_OF_A_TIME
    return Trouble("vague") if where.search(match.string[: match.start()]) else None


TROUBLES = (
    rule(
        "every week",
        r"{b}(?:every(?: (?:other|second|single))?|each|alternate)"
        r" (?:{weekday}|day|weeks?|fortnight|months?|term|morning|afternoon|evening){w}|{b}everyday{w}"
        r"|{b}(?:mon|tues|wednes|thurs|fri|satur|sun|week)days{e}|{b}weekends{e}"
        r"|{b}(?:once|twice|{few} times) (?:an?|per|every|each) (?:day|weeks?|fortnight|month|term|year)"
        r"(?=,? (?:on|at|every|{weekday}){w})",
        trouble("repeats"),
    ),
    rule(
        "weekly, where a time stands beside it",
        r"{b}(?:every|each|weekly|daily|hourly|fortnightly|monthly|termly|yearly|annually|bi-?weekly|recurring|repeating"
        r"|alternate|{few} days (?:a|per) week){w}",
        lambda _match, _today: Trouble("repeats", slight=True),
    ),
    rule(
        "two or three weeks; two weeks on the 12th; week ending",
        r"{b}(?:in )?(?:about )?(?!(?:twenty|thirty|forty|fifty)-){count} ?(?:-|to|or) ?{count} {unit}(?:'? time)?{w}"
        r"|{b}(?:within|(?:less|more) than) {units} (?=from|after|before|of)"
        r"|{b}{count} (?:days?|weeks?|fortnights?) on (?=the [0-9]|[0-9]|{month})|{b}(?:w/e|week ending){e}"
        r"|{b}(?:penultimate|second[\s-](?:to[\s-])?last|last but one) (?:{weekday}|day){w}"
        r"|{b}{count} (?:months?|years?) on {weekday}{w}"
        r"|{b}(?:the )?(?:{ordinal}|last) week (?:of|in) (?:{month}|(?:next|this|the) month){w}",
        trouble("vague"),
    ),
    rule(
        "the second week, beside a day that it counts from",
        r"{b}(?:the )?(?:{ordinal}) (?:week|fortnight|month)s?{w}",
        lambda _match, _today: Trouble("vague", slight=True),
    ),
    rule(
        "gone by",
        r"{b}(?:yesterday|(?:last|previous|past) (?:{weekday}|week[\s-]?ends?|weeks?|month|night|year|term|time)"
        r"|(?:previous|past) (?:{few}|several)? ?(?:hours|minutes|days)"
        r"|{weekday} (?:last|gone|past|before last)(?=\s*(?:$|[.,!?]))"
        r"|(?:the )?(?:night|day|week|month) before last"
        r"|{units} (?:prior|earlier|before)(?: to)? (?:today|now)|{few} {unit} ago"
        r"|{spans} ago|ago|earlier(?: today)?(?=\s*$|[.,!?])){w}",
        trouble("past"),
    ),
    rule(
        "named days that move",
        r"{b}(?:(?:black|whit|bank holiday|cyber|super) {weekday}|easter|bank holiday|mother'?s day|mothers day"
        r"|father'?s day|ramadan|eid|diwali|thanksgiving|solstice){w}",
        trouble("unclear"),
    ),
    rule(
        "that week, told by what was said before",
        r"{b}that (?:same )?(?:weekend|week|day|date|month|morning|afternoon|evening|night|half[\s-]term|term){w}"
        r"(?!'| (?:was|were|went|is when|that|when|i|we|they|it){e})|{b}that (?P<weekday>{weekday}){w}",
        told_before,
    ),
    rule(
        "some Tuesday or other",
        r"(?<!at\s)(?<!around\s){b}(?:(?:one|some|another|any) {weekday}{w}(?! (?:week|fortnight|[0-9]))"
        r"|an? (?:(?:different|later) )?{weekday}{w}(?=\s*(?:$|[.,!?])| (?:would|in|or|is|works?|please|if|sometime"
        r"|some time|morning|afternoon|evening|when){e}))",
        trouble("vague"),
    ),
    rule(
        "no week or day in particular",
        r"{b}(?:(?<!day\s)(?<!next\s)(?<!this\s)week ?[0-9]{1,2}(?![:.][0-9]|\s?[ap]\.?m|\s?o'?clock)"
        r"|week[\s-]?days?|working days?|business days?|school days?"
        r"|(?:the )?(?:next|following|previous) (?:morning|afternoon|evening|night|day)"
        r"|any ?day(?= (?:but|except|bar|other|apart))|(?:the )?same (?:day|date|week)){e}"
        r"(?! (?:next|this|on|in|tomorrow|today|{weekday}|{month}))",
        trouble("vague"),
    ),
    rule(
        "no time in particular",
        r"{b}(?:some ?time|whenever|any ?day|any (?:morning|afternoon|evening)(?! (?:on|of){e})"
        r"|mornings|afternoons|evenings|lunch[\s-]?times){e}",
        lambda _match, _today: Whenever(),
    ),
    rule(
        "the clock as it is now, or as it was said before",
        r"{b}same time (?:next|the following) week{w}|{b}(?:this|same) time (?:after|before){w}",
        trouble("vague"),
    ),
    rule(
        "or next",
        r"{b}or (?:the )?(?:next|following|other|one after|day after|week after)(?=\s*(?:[.,!?]|$))",
        trouble("several"),
    ),
    rule("said to be moved to 4.3", r"(?<=to\s)[0-9]{1,2}\.[0-9](?=\s*[.!?]?\s*$)", trouble("unclear")),
    rule("asked of something else", r"^\s*how (?:many|long|much)(?= .*[0-9])", trouble("unclear")),
    rule(
        "the Friday after the trip",
        r"{b}the {weekday} (?:after|before) (?=(?!next{e})[a-z])"
        r"|{b}{weekday} (?:after|before) the (?=(?:last|first|next){e})",
        trouble("vague"),
    ),
    rule(
        "eight hundred pm, which we cannot tell",
        r"{b}(?:hundred|thousand)(?: and)?(?: [a-z]+)? ?[ap]\.?m{w}",
        trouble("unclear"),
    ),
    rule(
        "ten too six, as somebody heard it",
        r"(?<=\bat\s)(?:five|ten|twenty|quarter) (?:too|two|pass|passed) {spoken_hour}{w}",
        trouble("unclear"),
    ),
    rule("half a clock", r"{n}[0-9]{1,2}:[0-9]\s?[ap]\.?m{w}", trouble("unclear")),
    rule("today plus an hour", r"{b}(?:today|now|tomorrow) (?:plus|minus) ", trouble("unclear")),
    rule("9-5, hours or a date", r"^\s*(?:1[0-2]|[1-9]) ?- ?(?:1[0-2]|[1-9])\s*[.!?]*\s*$", trouble("several")),
    rule(
        "the one after next",
        r"{b}(?:{weekday}|weekend|day|month|year|term) after (?:the )?next{w}(?! {weekday})",
        trouble("several"),
    ),
    rule("an hour left out", r"{b}(?:quarter|half) (?:past|to){w}(?! (?:{hour}|noon))", trouble("unclear")),
    rule(
        "midnight tonight, which is tomorrow already",
        r"{b}mid[\s-]?night tonight{w}|{b}tonight,? (?:at )?mid[\s-]?night{w}",
        trouble("unclear"),
    ),
    rule("midnight ends one day and starts another", r"{b}(?:12 |twelve )?mid[\s-]?night{w}", trouble("several")),
    rule(
        "so long before or after a clock",
        r"{b}{spans} (?:after|before) (?={hour}[:.]?[0-9]*\s?(?:[ap]\.?m|o'?clock|$))"
        r"|{b}{spans} from (?={hour}[:.]?[0-9]*\s?[ap]\.?m)",
        trouble("several"),
    ),
    rule(
        "terms, quarters and seasons",
        r"{b}(?:next|this|(?:the )?(?:start|end|beginning) of(?: the| this| next)?|early|late|mid|in(?: the)?)"
        r"[\s-](?:term|year(?! 20[0-9]{2})|quarter|spring|summer|autumn|winter){w}"
        r"|{b}(?:half|(?:spring|summer|autumn|winter))[\s-]term{w}"
        r"|{b}(?:first|last) (?:day|week) (?:of|in)(?: the| this| next)? (?:term|year){w}",
        trouble("vague"),
    ),
    rule(
        "some time in a month",
        r"{b}(?:early|late|mid|(?:the )?(?:start|end|beginning|middle) of)(?: in)?[\s-]"
        r"(?:{month}|(?:next|this|the) month)"
        r"{w}(?! ?[0-9])",
        trouble("vague"),
    ),
)
