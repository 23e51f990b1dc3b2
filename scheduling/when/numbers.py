"""Figures that may be an hour, a day of the month, or nothing to do with time: what stands beside them decides."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from scheduling.when.days import dates
from scheduling.when.pieces import Clock, Day, Found, Ignored, Number, Part, Piece, Trouble
from scheduling.when.words import ORDINALS

TIME_FOLLOWS = re.compile(
    r"(?:^|[\s\x00(;])(?:at|@|(?:bang|dead) on|sharp|exactly|precisely"
    r"|(?:can|could)(?: you| u| we| i)? do|(?:later|earlier|rather) than"
    r"|instead of|around|about|approximately|approx|from|between|until|till?|after|before|by|circa|say|like"
    r"|make (?:it|that)|for|(?:sorry|no|wait|actually|rather|mean|meant)[,.]?|or|starting|starts|begins|beginning|~"
    r"|(?:move|push|change|shift|bring|put|switch|swap)[^.!?]{0,60}\sto)\s*$|@\s*$"
)
NO_NOUN_FOLLOWS = re.compile(  # what can stand after a time; in "at 3 Privet Drive" it cannot
    r"\s*(?:$|[\x00.,;!?()\[/&\"'@-]|w/(?!c)|(?:on|at|in|with|please|pls|plz|to|till?|until|and|or|for|the|this|if|is|works?|would"
    r"|will|ok|okay|then|instead|but|sharp|thanks?|suits?|good|fine|latest|onwards?|we|i|you|can|could|cheers|of|from|next"
    r"|called|as|my|it|so|because|since|when|though|also|x|xx|best|regards|perfect|great|ideal|possible|maybe|perhaps"
    r"|either|both|isn't|won't|doesn't|can't|cannot|isnt|wont|was|are|might|may|should|seems|sounds|looks|still|free"
    r"|available|call|ring|text|email|pick|send|remind|discuss|any|too|again|sorry|than|after|before|not|no|yes|rather|instead|by|just|only|about|around|between)\b)"
)
MOVED_TO_NUMBER = re.compile(r"\b(?:move|push|change|shift|bring|put|switch|swap)[^.!?]{0,60}\sto\s+$")
AT_OR_AROUND = re.compile(r"(?:\b(?:at|around|about|circa)|@|\x00)\s*$")
FOR = re.compile(r"\bfor\s+$")
CLOCK_TO_COME = re.compile(
    r"(?!\s*-)(?:(?!\b(?:or|and|to|till?|until|not|instead|rather)\b)[^.!?;,])*(?:\b(?:at|from)\s|@)\s*\x00"
)
AT = re.compile(r"(?:\b(?:at|around|approximately|approx|circa|until|till?|from|between|by|before|after)|@|~)\s*$")
MAY_PRECEDE_A_TIME = re.compile(  # before "2.30"; any other word names what has that number
    r"(?:^|[^a-z\s]|\b(?:at|by|on|from|to|till?|until|before|after|around|about|circa|for|the|say|like|is|be|was|will|would"
    r"|could|can|shall|should|do|does|make|meet|book|it|that|this|you|u|we|i|me|us|how|what|when|and|or|not|but|then|so|ok"
    r"|okay|yes|no|hi|hello|hey|thanks|please|pls|sorry|between|past|than|prefer|maybe|perhaps|free|available|meeting"
    r"|chat|call|session|interview|time|slot|start|starting|starts|actually|instead|wait|again|possible|think|suggest|suppose|guess|hope))\s*$"
)
AND_ANOTHER = re.compile(r"\s*(?:-|to|till?|until|and|or|rather than|instead of)\s*(?:the\s+|about\s+|around\s+)?")
FREE_FROM = re.compile(r"\b(?:free|available|in|here|around|works?) (?:from|between) (?:about |around )?$")
MEET_FROM = re.compile(
    r"\b(?:meet(?:ing)?|call|chat|session|interview|slot|talk|appointment) (?:from|between) (?:about |around )?$"
)
NUMBER_THEN_NO_NOUN = re.compile(rf"{AND_ANOTHER.pattern}\x00{{1,4}}(?!\x00|[0-9a-z]){NO_NOUN_FOLLOWS.pattern}")
COUNTED_TOGETHER = re.compile(rf"{AND_ANOTHER.pattern}(?=\x00)")
COMMA = re.compile(r"[\s,:]*")


def settled(found: list[Found], text: str, today: date) -> list[Found]:
    """The pieces with every number turned into an hour or a day of the month, or left out.

    One number may settle the one before it ("10 - 11 at night"), so they are gone through from the right until nothing
    changes. A number that touches a time and stays unexplained is a doubt.
    """
    found = [_undotted(item, found, text, today) for item in found]
    found = [item for item in found if not isinstance(item.piece, Ignored)]
    for _ in found:
        before = list(found)
        for index in reversed(range(len(found))):
            if isinstance(found[index].piece, Number):
                meaning = _Place.of(found, index, text, today).meaning()
                if meaning is not None:
                    found[index] = found[index]._replace(piece=meaning)
        if found == before:
            break
    known: list[Found] = []
    for index, item in enumerate(found):
        if not isinstance(item.piece, Number):
            known.append(item)
        elif _Place.of(found, index, text, today).unexplained:
            known.append(item._replace(piece=Trouble("unclear")))
    return known


def _undotted(item: Found, found: list[Found], text: str, today: date) -> Found:
    """ "10.11" as the clock or the date it is: a time is at something, and a date has a clock beside it."""
    piece = item.piece
    if not isinstance(piece, Clock) or not piece.dotted:
        return item
    as_clock, as_date = Clock(piece.hour, piece.minute, None, piece.exact), Day(day=piece.hour, month=piece.minute)
    if any(_dash_between(item, other, text) and _dated(other.piece) for other in found):
        return item._replace(piece=as_date)  # "13.12 - 17.12."
    others = [other.piece for other in found if other is not item]
    before = text[: item.begin]
    ranged = [other.piece for other in found if _dash_between(item, other, text)]
    if any(isinstance(other, Clock) and not other.dotted for other in ranged):
        return item._replace(piece=as_clock)  # "7 June 17.05-18.15"
    if not others and not MAY_PRECEDE_A_TIME.search(before):
        return item._replace(piece=Ignored())  # "Python 3.11"
    dotted = [other for other in others if isinstance(other, Clock) and other.dotted]
    if TIME_FOLLOWS.search(before) and (AT.search(before) or not piece.minute % 5):
        return item._replace(piece=as_clock)
    if any(isinstance(other, Clock | Part) and other not in dotted for other in others):
        weekdays = {other.weekday for other in others if isinstance(other, Day) and other.weekday is not None}
        agree = not weekdays or any(_falls_on(as_date, weekday, today) for weekday in weekdays)
        return item._replace(piece=as_date if agree else Trouble("several"))
    if any(isinstance(other, Day) and (other.on is not None or other.day is not None) for other in others):
        return item._replace(piece=as_clock)
    if any(each.minute % 5 for each in (piece, *dotted)):  # nobody books for eleven minutes past
        return item._replace(piece=as_date)
    return item._replace(piece=Trouble("several"))


def _clock_beside_day(found: list[Found], index: int) -> bool:
    """Whether the day before this number has a clock of its own: in "Weds 10 / Thurs 2" neither has."""
    for step in (1, -1):
        at = index + step if step > 0 else index - 2
        while 0 <= at < len(found) and not isinstance(found[at].piece, Day):
            if isinstance(found[at].piece, Clock):
                return True
            at += step
    return False


def _dash_between(one: Found, other: Found, text: str) -> bool:
    return text[one.end : other.begin].strip() == "-" or text[other.end : one.begin].strip() == "-"


def _falls_on(day: Day, weekday: int, today: date) -> bool:
    found = dates(replace(day, weekday=weekday), today)
    return not isinstance(found, str)


def _dated(piece: Piece) -> bool:
    return isinstance(piece, Day) and piece.day is not None and piece.month is not None


@dataclass(frozen=True, slots=True)
class _Place:
    """A number, and the pieces and words on either side of it; "?" stands for words where there is no piece."""

    number: Number
    alone: bool
    before: str
    gap: str
    last: Piece | None
    ahead: str
    following: Piece | None
    no_noun: bool
    clock_beside_day: bool
    clock_elsewhere: bool
    day_elsewhere: bool
    rest: str
    today: date

    @classmethod
    def of(cls, found: list[Found], index: int, text: str, today: date) -> "_Place":
        item = found[index]
        assert isinstance(item.piece, Number)
        last = found[index - 1] if index else None
        following = found[index + 1] if index + 1 < len(found) else None
        return cls(
            item.piece,
            not (text[: item.begin] + text[item.end :]).strip(" .!?"),
            text[: item.begin],
            text[last.end : item.begin] if last else "?",
            last.piece if last else None,
            text[item.end : following.begin] if following else "?",
            following.piece if following else None,
            bool(NO_NOUN_FOLLOWS.match(text, item.end)),
            _clock_beside_day(found, index),
            any(isinstance(other.piece, Clock) for other in found),
            any(isinstance(other.piece, Day) for other in found),
            text[item.end :],
            today,
        )

    def meaning(self) -> Clock | Day | Trouble | None:
        value = self.number.value
        if self.number.text in ORDINALS:  # "Tuesday the eleventh", "the fifth to the ninth"
            beside = re.fullmatch(r"[\s,]*(?:-|to|till?|until|and|or)?\s*(?:the\s+)?", self.gap)
            before_another = re.fullmatch(r"\s*(?:or|and|to|-)\s*(?:the\s+)?", self.ahead)
            if before_another and isinstance(self.following, Day) and self.following.day is not None:
                return self.day  # "the tenth or the eleventh"
            return self.day if beside and isinstance(self.last, Day) else None
        if self.alone:
            if 24 < value <= 31:
                return self.day
            if self.number.figures and 1900 < value < 2100 and value % 5:
                return None  # a year
            # "2" may as well be the second of the times that were offered
            return self.hour if len(self.number.text) > 2 or not self.number.figures else Trouble("several")
        if self.number.text == "one" and re.search(r"\bthe\s+\x00+\s*$", self.before):  # "the Friday one"
            return None
        if isinstance(self.following, Day) and self.following.said and self._is_another_date:
            listed = self.day is not None and re.search(r"[a-z/&]", self.ahead)
            return Day(day=value, month=self.following.month) if listed else Trouble("several")
        if self.is_day_before_clock:
            return self.day
        if isinstance(self.following, Number) and AND_ANOTHER.fullmatch(self.ahead):
            # "Monday 11-4" begins with an hour; in "between 5 and 10 learners" neither is one
            begins = re.fullmatch(r"[\s,:]*(?:from\s+|between\s+|at\s+)?", self.gap)
            another = isinstance(self.last, Clock) and (AND_ANOTHER.fullmatch(self.gap) or self.gap.strip() in ",/")
            said = MEET_FROM.search(self.before) or (self.day_elsewhere and FREE_FROM.search(self.before))
            free = said and NUMBER_THEN_NO_NOUN.match(self.rest)
            return self.hour if (isinstance(self.last, Day | Part) and begins) or another or free else None
        if self.is_hour:
            return self.hour
        if isinstance(self.last, Day | Part) and COMMA.fullmatch(self.gap) and self.no_noun:
            return self._after(self.last)
        return None

    @property
    def hour(self) -> Clock | None:
        text = self.number.text
        if self.number.figures and len(text) > 2:  # "0915", "1430"
            hour, minute = int(text[:-2]), int(text[-2:])
        else:
            hour, minute = self.number.value, 0
        if hour == 20 and minute % 5 and not AT_OR_AROUND.search(self.before):
            return None  # "between 2007 and 2009": years
        if hour > 23 or minute > 59 or (hour == 0 and len(text) < 3):
            return None
        return Clock(hour, minute, None, exact=hour > 12 or text.startswith("0"))

    @property
    def day(self) -> Day | None:
        return Day(day=self.number.value) if 1 <= self.number.value <= 31 else None

    @property
    def _is_another_date(self) -> bool:
        """ "25 or 26 March"; after a comma ("9, 10 March") it may be the hour as well."""
        return bool(
            self.number.figures
            and re.fullmatch(r"\s*(?:,|or|and|/|&)\s*(?:the\s+)?", self.ahead)
            and not TIME_FOLLOWS.search(self.before)
        )

    @property
    def is_day_before_clock(self) -> bool:
        """ "15 at 8:00", "on 15, 8pm"."""
        return bool(
            isinstance(self.following, Clock)
            and self.number.figures
            and self.day is not None
            and re.fullmatch(r"[\s,]+(?:(?:at|around|approximately|about|@)\s*)?", self.ahead)
            and re.search(r"(?:^|\b(?:on|the))\s*$", self.before)
        )

    @property
    def is_hour(self) -> bool:
        if FOR.search(self.before) and CLOCK_TO_COME.match(self.rest):
            return False  # "a table for 2 tonight at 8"
        another = COUNTED_TOGETHER.match(self.rest)
        if another and len(self.ahead) != another.end():
            return False  # "a call from 2 to 3 people", of whom nothing is left
        if TIME_FOLLOWS.search(self.before) and self.no_noun:  # "at 3"
            return True
        if isinstance(self.last, Clock) and AND_ANOTHER.fullmatch(self.gap) and self.no_noun:  # "3pm to 4"
            return True
        if isinstance(self.following, Clock) and AND_ANOTHER.fullmatch(self.ahead):  # "3 to 4pm"
            return True
        if isinstance(self.following, Part) and re.fullmatch(r"\s*(?:in the|at)\s*", self.ahead):  # "8 in the morning"
            return True
        stands_apart = MAY_PRECEDE_A_TIME.search(self.before)
        beside = re.fullmatch(r"[\s,]*(?:this\s+|on\s+)?", self.ahead)
        if self.number.text == "one" and isinstance(self.following, Part):  # "one afternoon"
            return False
        early_enough = self.number.value <= 12 or len(self.number.text) > 2
        return bool(isinstance(self.following, Part | Day) and beside and stands_apart and early_enough)  # "9 tomorrow"

    def _after(self, last: Day | Part) -> Clock | Day | None:
        """ "Monday 2", "Friday 23 at 4"; where the coming Wednesday is the 4th, "Wed 4" is that day."""
        value = self.number.value
        only_weekday = isinstance(last, Day) and last.on is None and last.day is None and last.weekday is not None
        if not only_weekday or len(self.number.text) > 2:
            return self.hour
        assert isinstance(last, Day)
        assert last.weekday is not None
        coming = self.today + timedelta(days=(last.weekday - self.today.weekday() - 1) % 7 + 1)
        following = self.following
        one_of_hours = isinstance(following, Clock) and following.half is None and re.fullmatch(r"\s*,\s*", self.ahead)
        if one_of_hours and value <= 12 and coming.day != value:  # "Friday 9, 10 or 11"
            return self.hour
        return self.day if self.clock_beside_day or value > 12 or coming.day == value else self.hour

    @property
    def unexplained(self) -> bool:
        """Whether this may be a time after all: "26. 10.21", or a last word beside a clock ("… so 11?")."""
        last_word = not re.search(r"[a-z0-9\x00]", self.rest) or re.match(r"\s*(?:is|would be) better\b", self.rest)
        if FOR.search(self.before) and CLOCK_TO_COME.match(self.rest):
            return False
        if MOVED_TO_NUMBER.search(self.before) and self.no_noun:  # "move the ten o'clock to 25"
            return True
        if self.clock_elsewhere and self.number.figures and self.number.value <= 12 and last_word:
            return True
        return self.touches_a_time

    @property
    def touches_a_time(self) -> bool:
        """Whether it stands right beside a time."""
        if not self.number.figures:
            return isinstance(self.following, Clock) and re.fullmatch(r"[\s-]", self.ahead) is not None
        if isinstance(self.last, Clock | Day) and re.fullmatch(r"[\s.,/-]*", self.gap) and self.no_noun:
            return True
        if isinstance(self.following, Clock) and re.fullmatch(r"\s+(?:at|@)\s*|\s*,\s*", self.ahead) and self.day:
            return True
        begins = re.search(r"(?:^|[\x00.,;:(-])\s*$", self.before)
        return bool(isinstance(self.following, Clock | Day) and re.fullmatch(r"[\s.,/-]*", self.ahead) and begins)
