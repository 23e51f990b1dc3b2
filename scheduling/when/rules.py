"""The table of rules, first half: how a rule is written, and what only looks like a time or cannot be answered.

A rule says in words what it reads, shows it as a pattern, and names the function that turns a match into a piece. The
first rule that fits a stretch of text owns it, so the order of the tables matters: the particular before the general.
In patterns a space stands for any white space, and a word in braces for one of `WORDS`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from scheduling.when.pieces import Doubt, Ignored, Piece, Trouble, Whenever
from scheduling.when.words import MONTHS, NUMBERS, ORDINALS, WEEKDAYS

Match = re.Match[str]
Meaning = Callable[[Match, date], Piece | tuple[Piece, ...] | None]


@dataclass(frozen=True)
class Rule:
    """`written` is the pattern as it stands in the table; `pattern` the same, ready to be searched for."""

    says: str
    written: str
    means: Meaning

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        # made when it is first wanted: all of them take a sixth of a second, and no start should wait for that
        return compiled(self.written)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first; a gap inside one may be a space or a hyphen."""
    return "|".join(word.replace(" ", r"[\s-]+") for word in sorted(words, key=len, reverse=True))


_TENS_AND_ONES = [word for word in NUMBERS if word.startswith(("twenty ", "thirty "))]
_NUMERAL = r"(?:[0-9]{1,3}(?:\.5)?|an?|" + any_of(NUMBERS)
WORDS = {
    "b": r"(?<![a-z0-9])",  # a word begins here
    "n": r"(?<![a-z0-9.:/$£€#+-])(?<![0-9],)",  # a number begins here
    "t": r"(?<![a-z0-9.:/$£€#+])(?<![0-9],)",  # a clock begins here, perhaps after the dash of a range
    "g": r"(?<![0-9.:/$£€#+])(?<![0-9],)",  # a date or clock begins here, perhaps glued to a word ("from10am")
    "e": r"(?![a-z0-9])",  # a word or number ends here
    "w": r"(?![a-z])",  # a word ends here; figures may be glued to it ("today6pm")
    "weekday": f"(?:{any_of(WEEKDAYS)})",
    "month": f"(?:{any_of(MONTHS)})",
    "count": _NUMERAL + ")",
    "few": _NUMERAL + "|a couple(?: of)?|(?:a )?few|a pair of|another)",
    "unit": r"(?:days?|weeks?|months?|mo|years?|yrs?|fortnights?)",
    "units": r"(?:{few}\s*(?:more )?{unit}{w}(?:[\s,]*(?:and )?{few}\s*{unit}{w}){0,2})",
    "ordinal": rf"(?:[0-3]?[0-9]\s?(?:st|nd|rd|th)(?![a-z])|{any_of(ORDINALS)})",
    "dom": rf"(?:[0-3]?[0-9](?:\s?(?:st|nd|rd|th)(?![a-z]))?|{any_of(ORDINALS)})",
    "spoken_dom": rf"(?:[0-3]?[0-9](?:\s?(?:st|nd|rd|th)(?![a-z]))?|{any_of([*ORDINALS, *_TENS_AND_ONES])})",
    "year": r"(?:(?:19|20)[0-9]{2}(?![0-9:h]|\.[0-9]|\s?[ap]\.?m|\s?hours)"
    r"|two thousand(?: and)?(?: [a-z]+(?:[\s-](?:one|two|three|four|five|six|seven|eight|nine){e})?)?)",
    "hour": rf"(?:[01]?[0-9]|2[0-3]|{any_of(list(NUMBERS)[1:13])})",
    "spoken_hour": f"(?:{any_of(list(NUMBERS)[1:13])})",
    "spoken_minute": rf"(?:(?:oh|o|ou|zero)[\s-]+(?:{any_of(list(NUMBERS)[1:10])})"
    rf"|ten|fifteen|(?:twenty|thirty|forty|fifty)(?:[\s-](?:{any_of(list(NUMBERS)[1:10])}))?)",
    "ampm": r"(?:\s?(?P<ap>[ap])\s?\.?\s?m{w}\.?|(?P<ap1>[ap])(?![a-z.])|\s?(?P<ap2>[ap])(?=\.(?:\s|$))\.)",
    "span": r"(?:(?:{few}(?: and an? half)?|half an|half a|half|a half|1/2|1/4|3/4|½|¼|¾"
    r"|(?:three[\s-]|an? )?quarters? of an)\s*-?(?:more )?(?:hours|minutes|{h_or_m})(?: and a half)?{w})",
    "h_or_m": r"(?:(?<=[0-9])|(?<=[0-9]\s))[hm]",  # "1h", and not "am"
    "spans": r"(?:{span}(?:[\s,]*(?:and )?{span})?|{few} days?[\s,]*(?:and )?{span})",
}


def rule(says: str, pattern: str, means: Meaning) -> Rule:
    return Rule(says, pattern, means)


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern with its words put in and its spaces made wide."""
    while (filled := re.sub(r"\{([a-z_]+)\}", lambda name: WORDS[name[1]], pattern)) != pattern:
        pattern = filled
    return re.compile(pattern.replace(" ?", r"\s?").replace(" ", r"\s+"))


def ignored(_match: Match, _today: date) -> Piece:
    return Ignored()


def trouble(doubt: Doubt) -> Meaning:
    return lambda _match, _today: Trouble(doubt)


_NUMBERED_THINGS = """
    room rooms rm building block floor flat house number chapter page unit module level year yr grade class stage
    ks
    group team item option version part phase step task question q line platform gate bus train flight thai rat section
    point target table zone ward bay lab tier sprint
"""
NOT_A_TIME = (
    rule("an address on the web or by e-mail", r"https?://\S+|www\.\S+|\S+@[a-z]\S*\.[a-z]+", ignored),
    rule(
        "one to one",
        r"{b}(?:1\s?[:-]\s?1s?|1-2-1s?|1 2 1s?|1[\s-]?to[\s-]?1s?|121s?|one[\s-](?:to|on|two)[\s-]one"
        r"|one[\s-]one){e}(?![-/.:][0-9])",
        ignored,
    ),
    rule(
        "24/7 cover, 50/50",
        r"{b}50/50{e}(?!/)|{b}24/7(?= [a-z])"
        r"(?! (?:at|from|between|in|is|or|and|to|until|please|for|on|would|works){e})",
        ignored,
    ),
    rule(
        "telephone numbers and other long figures",
        r"(?<![0-9./])(?![0-3]?[0-9] (?:[01][0-9]|2[0-3])[0-5][0-9] ?- ?(?:[01][0-9]|2[0-3])[0-5][0-9]{e})"
        r"[+]?[0-9]{2,}(?:[\s-][0-9]{3,}){2,}"
        r"|(?!(?:[01][0-9]|2[0-3])[0-5][0-9]-(?:[01][0-9]|2[0-3])[0-5][0-9]{e})(?<![0-9])[0-9]{3,}-[0-9]{4,}(?![0-9])|\+[0-9]{2}[\s0-9-]{6,}|[0-9]{9,}"
        r"|[0-9]+(?:-[0-9]+){3,}",
        ignored,
    ),
    rule(
        "money, percentages and measures",
        r"[$£€#][0-9][0-9.,]*|[0-9][0-9.,]*\s?(?:%|per ?cent|degrees|kg|km|miles|mph|pounds|quid|stars|people){w}",
        ignored,
    ),
    rule(
        "parts of a whole",
        r"{n}(?:1/2|1/3|2/3|1/4|3/4)(?= (?:of|the|my|our|your|their|his|her|a|an|all|each){e})",
        ignored,
    ),
    rule(
        "prices, marks and scores",
        r"{b}(?:costs?|worth|paid|priced?) [0-9]+(?:\.[0-9]{2})?{e}"
        r"|{b}(?:gives?|gave|rate[ds]?|rating|scores?|scored|marks?|marked|got|solid|grade)(?=[\s:]) (?:[a-z']+ ){0,3}"
        r"[0-9]+/[0-9]+(?![/0-9])|{n}(?:1[3-9]|2[0-9]|3[01])/(?:1[3-9]|[2-9][0-9])(?![/0-9])",
        ignored,
    ),
    rule(
        "rooms and references",
        r"{b}(?:rooms?|rms?|order|ref|reference|invoice|ticket|section|chapter|unit)\.? ?#?[0-9]{1,10}(?:\.[0-9]{1,2})?"
        r"{e}(?![:/]|-[0-9]|\s?[ap]\.?m{w}|\s(?:months?|weeks?|days?|hours|minutes){e})",
        ignored,
    ),
    rule(
        "at so many points",
        r"(?<=\bat\s)[0-9]+\.[0-9](?: ?- ?[0-9]+(?:\.[0-9]+)?)?(?![0-9]|\s?[ap]\.?m)",
        ignored,
    ),
    rule("versions", r"version:?\s*[0-9.]+|(?<![a-z0-9.])[0-9]+(?:\.[0-9]+){3,}", ignored),
    rule(
        "numbered things",
        rf"{{b}}(?:{any_of(_NUMBERED_THINGS.split())}|no\.|nr\.)\.? ?#?[0-9]{{1,4}}(?:\.[0-9](?![0-9]))?[a-z]?"
        r"(?![0-9a-z:-]|\.[0-9]|\s?[ap]\.?m|\s(?:months?|weeks?|days?|hours|minutes))",
        ignored,
    ),
    rule(
        "ratios and formulas",
        r"{n}[0-9]{1,2}:[0-9](?![0-9])(?!\s?[ap]\.?m)|[0-9]+/[0-9]+\.[0-9]+|(?<![0-9])(?!20[0-9]{2}/)[0-9]{3,}/[0-9]+"
        r"|[0-9]+/[0-9]{3}(?![0-9])",
        ignored,
    ),
    rule(
        "a greeting",
        r"{b}(?!good friday)(?:good|happy|lovely|nice) (?:morning|afternoon|evening|night|day|weekend|{weekday}){w}"
        r"|^\s*(?:morning|afternoon|evening)(?= (?:all|everyone|everybody|team|folks|both|guys|there|lovely|mate){w}|!"
        r"|, (?:can|could|would|i|i'm|hope|just|how|hi|is|are|do|sorry|please|what){w})"
        r"|{b}thank (?:god|goodness|heavens) it'?s {weekday}{w}",
        ignored,
    ),
    rule(
        "said of other things",
        r"{b}(?:second (?:thoughts?|opinion|time|wave)|day after day|day by day|half[\s-]?way"
        r"|(?:up|awake) all night|at the end of the day(?=,? (?:it|i|we|they|you|what|that|he|she|all)(?:'|{e}))"
        r"|(?:one|two|step|side) (?:by|at) (?:one|two|a time|step|side)|at one point"
        r"|(?<!for\s)(?:one|two|three|per) nights?|in a (?:second|moment|while)"
        r"|be (?:there|with you|along|over) in a minutes"
        r"|at the (?:moment|end)(?! of)|one (?:of|day soon)"
        r"|(?:this|that|which|each|the(?: (?!{weekday}{e})[a-z]+)?|first|second|third|last|next|any|no|some|every) one"
        r"|(?:the )?other day|(?:this|next|last|first) time(?= (?:round|around)))"
        r"{e}(?! (?:in the|o'clock))",
        ignored,
    ),
)

TROUBLES = (
    rule(
        "every week",
        r"{b}(?:every(?: (?:other|second|single))?|each|alternate)"
        r" (?:{weekday}|day|weeks?|fortnight|months?|term|morning|afternoon|evening){w}"
        r"|{b}(?:mon|tues|wednes|thurs|fri|satur|sun)days{e}"
        r"|{b}(?:once|twice|{few} times) (?:an?|per|every|each) (?:day|weeks?|fortnight|month|term)"
        r"(?=,? (?:on|at|every|{weekday}){w})",
        trouble("repeats"),
    ),
    rule(
        "weekly, where a time stands beside it",
        r"{b}(?:every|each|weekly|daily|fortnightly|monthly|termly|bi-?weekly|recurring|alternate){w}",
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
    rule("half a clock", r"{n}[0-9]{1,2}:[0-9]\s?[ap]\.?m{w}", trouble("unclear")),
    rule("today plus an hour", r"{b}(?:today|now|tomorrow) (?:plus|minus) ", trouble("unclear")),
    rule("9-5, hours or a date", r"^\s*(?:1[0-2]|[1-9]) ?- ?(?:1[0-2]|[1-9])\s*[.!?]*\s*$", trouble("several")),
    rule("the one after next", r"{b}(?:{weekday}|weekend|month|year|term) after (?:the )?next{w}", trouble("several")),
    rule("an hour left out", r"{b}(?:quarter|half) (?:past|to){w}(?! (?:{hour}|noon))", trouble("unclear")),
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
        r"[\s-](?:term|year|quarter|spring|summer|autumn|winter){w}|{b}(?:half|(?:spring|summer|autumn|winter))[\s-]term{w}"
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
