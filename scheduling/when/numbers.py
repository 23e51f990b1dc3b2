"""Figures that may be an hour, a day of the month, or nothing to do with time: what stands beside them decides."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from scheduling.when.pieces import Clock, Day, Found, Number, Part, Piece, Trouble
from scheduling.when.words import ORDINALS

TIME_FOLLOWS = re.compile(
    r"(?:^|[\s\x00])(?:at|@|around|about|approximately|approx|from|between|until|till?|after|before|by|circa|say|like"
    r"|make (?:it|that)|for|(?:sorry|no|wait|actually|rather|mean|meant)[,.]?|or|starting|starts|begins|beginning|~"
    r"|(?:move|push|change|shift|bring|put|switch|swap)[^.!?]{0,60}\sto)\s*$|@\s*$"
)
NO_NOUN_FOLLOWS = re.compile(  # what can stand after a time; in "at 3 Privet Drive" it cannot
    r"\s*(?:$|[\x00.,;!?()\[/&\"'-]|(?:on|at|in|with|please|pls|plz|to|till?|until|and|or|for|the|this|if|is|works?|would"
    r"|will|ok|okay|then|instead|but|sharp|thanks?|suits?|good|fine|latest|onwards?|we|i|you|can|could|cheers|of|from|next"
    r"|called|as|my|it|so|because|since|when|though|also|x|xx|best|regards|perfect|great|ideal|possible|maybe|perhaps"
    r"|either|both|isn't|won't|doesn't|can't|cannot|isnt|wont|was|are|might|may|should|seems|sounds|looks|still|free"
    r"|available|any|too|again|sorry|than|after|before|not|no|yes|rather|by|just|only|about|around|between)\b)"
)
AND_ANOTHER = re.compile(r"\s*(?:-|to|till?|until|and|or)\s*(?:the\s+|about\s+|around\s+)?")
COMMA = re.compile(r"[\s,:]*")


def settled(found: list[Found], text: str, today: date) -> list[Found]:
    """The pieces with every number turned into an hour or a day of the month, or left out.

    One number may settle the one before it ("10 - 11 at night"), so they are gone through from the right until nothing
    changes. A number that touches a time and stays unexplained is a doubt.
    """
    found = [_undotted(item, found, text) for item in found]
    for _ in range(3):
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
        elif _Place.of(found, index, text, today).touches_a_time:
            known.append(item._replace(piece=Trouble("unclear")))
    return known


def _undotted(item: Found, found: list[Found], text: str) -> Found:
    """ "10.11" as the clock or the date it is: a time is at something, and a date has a clock beside it."""
    piece = item.piece
    if not isinstance(piece, Clock) or not piece.dotted:
        return item
    as_clock, as_date = Clock(piece.hour, piece.minute, None, piece.exact), Day(day=piece.hour, month=piece.minute)
    others = [other.piece for other in found if other is not item]
    dotted = [other for other in others if isinstance(other, Clock) and other.dotted]
    if TIME_FOLLOWS.search(text[: item.begin]):
        return item._replace(piece=as_clock)
    if any(isinstance(other, Clock | Part) and other not in dotted for other in others):
        return item._replace(piece=as_date)
    if any(isinstance(other, Day) and (other.on is not None or other.day is not None) for other in others):
        return item._replace(piece=as_clock)
    if any(each.minute % 5 for each in (piece, *dotted)):  # nobody books for eleven minutes past
        return item._replace(piece=as_date)
    return item._replace(piece=Trouble("several"))


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
    clock_elsewhere: bool
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
            any(isinstance(other.piece, Clock) for other in found),
            today,
        )

    def meaning(self) -> Clock | Day | Trouble | None:
        value = self.number.value
        if self.number.text in ORDINALS:  # "Tuesday the eleventh", "the fifth to the ninth"
            beside = re.fullmatch(r"[\s,]*(?:-|to|till?|until|and|or)?\s*(?:the\s+)?", self.gap)
            return self.day if beside and isinstance(self.last, Day) else None
        if self.alone:
            if 24 < value <= 31:
                return self.day
            # "2" may as well be the second of the times that were offered
            return self.hour if len(self.number.text) > 2 or not self.number.figures else Trouble("several")
        if self.is_day_before_clock:
            return self.day
        if isinstance(self.following, Number) and AND_ANOTHER.fullmatch(self.ahead):
            # "Monday 11-4" begins with an hour; in "between 5 and 10 learners" neither is one
            begins = re.fullmatch(r"[\s,:]*(?:from\s+|between\s+)?", self.gap)
            return self.hour if isinstance(self.last, Day) and begins else None
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
        if hour > 23 or minute > 59 or (hour == 0 and len(text) < 3):
            return None
        return Clock(hour, minute, None, exact=hour > 12 or text.startswith("0"))

    @property
    def day(self) -> Day | None:
        return Day(day=self.number.value) if 1 <= self.number.value <= 31 else None

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
        if TIME_FOLLOWS.search(self.before) and self.no_noun:  # "at 3"
            return True
        if isinstance(self.last, Clock) and AND_ANOTHER.fullmatch(self.gap) and self.no_noun:  # "3pm to 4"
            return True
        if isinstance(self.following, Clock) and AND_ANOTHER.fullmatch(self.ahead):  # "3 to 4pm"
            return True
        if isinstance(self.following, Part) and re.fullmatch(r"\s*(?:in the|at)\s*", self.ahead):  # "8 in the morning"
            return True
        stands_apart = re.search(r"(?:^|[\x00,;.:(@-]|\b(?:for|to|until|say|and|or))\s*$", self.before)
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
        return self.day if self.clock_elsewhere or value > 12 or coming.day == value else self.hour

    @property
    def touches_a_time(self) -> bool:
        """Whether a number that nothing explains stands right beside a time, as in "26. 10.21"."""
        if not self.number.figures:
            return isinstance(self.following, Clock) and re.fullmatch(r"[\s-]", self.ahead) is not None
        if isinstance(self.last, Clock | Day) and re.fullmatch(r"[\s.,/-]*", self.gap) and self.no_noun:
            return True
        begins = re.search(r"(?:^|[\x00.,;:(-])\s*$", self.before)
        return bool(isinstance(self.following, Clock | Day) and re.fullmatch(r"[\s.,/-]*", self.ahead) and begins)
