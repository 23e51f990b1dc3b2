"""The table of rules, first part: how a rule is written, and what only looks like a time.

A rule says in words what it reads, shows it as a pattern, and names the function that turns a match into a piece. The
first rule that fits a stretch of text owns it, so the order of the tables matters: the particular before the general.
In patterns a space stands for any white space, and a word in braces for one of `WORDS`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from scheduling.when.pieces import Ignored, Piece
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


_NUMBERED_THINGS = """
    room rooms rm building block floor flat house number chapter page unit module level year yr grade class stage
    ks
    group team item option version part phase step task question q line platform gate bus train flight thai rat section
    point target table zone ward bay lab tier sprint
"""
NOT_A_TIME = (
    rule("a channel or a tag", r"(?<![a-z0-9&])#[a-z][a-z0-9_-]*|<#[^>]*>", ignored),
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
        "parts of a whole, from 1 to 10",
        r"{b}(?:from )?(?:0|1|one) to (?:10|ten|100){e}(?!:|\.[0-9]|\s?[ap]\.?m)"
        r"|{n}(?:1/2|1/3|2/3|1/4|3/4)(?= (?:of|the|my|our|your|their|his|her|a|an|all|each){e})",
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
        r"(?<=\bat\s)[0-9]+\.[0-9](?: ?- ?[0-9]+(?:\.[0-9]+)?)?(?![0-9]|\s?[ap]\.?m)"
        r"|(?<=\bat\s)[0-9]+ ?- ?[0-9]+\.[0-9](?![0-9]|\s?[ap]\.?m)"
        r"|(?:(?<=\bi'm\sat\s)|(?<=\bwe're\sat\s)|(?<=\bi\sam\sat\s)|(?<=\bwe\sare\sat\s)){hour}"
        r"(?=\s*(?:$|[.!?]|already|now|so far|points?))",
        ignored,
    ),
    rule("versions", r"version:?\s*[0-9.]+|(?<![a-z0-9.])[0-9]+(?:\.[0-9]+){3,}", ignored),
    rule(
        "numbered things",
        r"{b}(?!years? 20[0-9]{2}{e})"
        rf"(?:{any_of(_NUMBERED_THINGS.split())}|no\.|nr\.)\.? ?#?[0-9]{{1,4}}(?:\.[0-9](?![0-9]))?[a-z]?"
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
        r"|(?:the )?other (?:day|night|morning|afternoon|evening|week)"
        r"|(?:this|next|last|first) time(?= (?:round|around))"
        r"|the first thing)"
        r"{e}(?! (?:in the|o'clock))",
        ignored,
    ),
)
