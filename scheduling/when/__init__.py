"""What a typed time means: British, bookable, and never guessed. See docs/understanding-times.md."""

import re
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduling.localtime import WorkingCalendar
from scheduling.when.answer import BOTH, MOST_ALTERNATIVES, Asker, one_of
from scheduling.when.away import told_away
from scheduling.when.closures import with_closures
from scheduling.when.lexer import MONTH_BESIDE, ORDINAL, SHORT, STRONG, pieces_of, warm
from scheduling.when.pieces import Clock, Day, Days, Doubt, Found, Part
from scheduling.when.reading import Reading
from scheduling.when.sentence import sense_of
from scheduling.when.words import plain

__all__ = ["Doubt", "Reading", "read", "warm"]

MOST_LOOKED_AT = 600  # characters; whoever proposes a time needs fewer


def read(
    text: str, now: datetime, zone: ZoneInfo, *, day_first: bool = True, calendar: WorkingCalendar | None = None
) -> Reading:
    """What `text` says about a time, for somebody in `zone` at the instant `now` (which carries its zone).

    There is a `start` only when the words have one meaning that is not past; otherwise the reading says what is known
    and what to ask. `calendar` gives the hours in which a bare "3" must lie and the closures that can be named; without
    one 8:00 to 18:00. `day_first` is the British order of "3/4". Never raises for any text.
    """
    if len(text) > MOST_LOOKED_AT:
        return Reading(doubt="long", missing=BOTH)
    hours = calendar or WorkingCalendar()
    here = now.astimezone(zone)
    words, origin = plain(text)
    words, named = with_closures(words, here.date(), hours)
    found, left = pieces_of(words, here.date(), day_first=day_first)
    found = sorted([*named, *found], key=lambda item: item.begin)
    if not found:
        return Reading()
    sense = sense_of(found, left)
    doubts = list(sense.doubts)
    if not doubts and sense.proposals:
        dayless = any(proposal.day is None for proposal in sense.proposals)
        if (
            STRONG.search(left)
            or (dayless and (SHORT.search(left) or ORDINAL.search(left)))
            or MONTH_BESIDE.search(left)
            or _elsewhere(found, left, zone)
            or any(UNREAD_BESIDE.search(left[: item.begin]) for item in found if isinstance(item.piece, Day | Days))
            or any(UNREAD_NUMBER.search(left[: item.begin]) for item in found)
        ):
            doubts.append("unclear")
    if not sense.proposals and not doubts:
        return Reading()
    span = _span([(item.begin, item.end) for item in found], origin)
    asker = Asker(here.replace(second=0, microsecond=0), zone, hours, calendar is not None)
    readings = [asker.reading(proposal) for proposal in sense.proposals[:MOST_ALTERNATIVES]]
    answer = one_of(readings, zone) if readings else Reading(missing=BOTH)
    if sense.leave is not None:
        answer = told_away(sense.leave, answer, left, asker)
    if doubts and not answer.absences and not (answer.away and answer.alternatives):
        answer = replace(_doubted(answer, doubts[0]), away=answer.away)
    return replace(answer, span=span)


_NOT_A_PLACE = (
    r"(?!(?:start|finish|end|next|this|same|that|lunch|break|tea|home|school|meeting|arrival|first|last"
    r"|any|some|free|every|each|all|half|part|full|in|on|at|the|our|long|short|good|better|best|great|right|usual|normal"
    r"|perfect|fine|ok|okay|suitable|convenient|extra|spare|a|more|big|prime|play|lesson|class|work|form|tutor|for|if|is"
    r"|to|with|and|or|you|we|i|have|has|give|gives|what|which)\b)"
)
OTHER_CLOCK = re.compile(
    r"\s*\(?(?:in )?(?:(?P<uk>gmt|bst|uk time|london time)|utc|e[sd]t|[pcm][sd]t|cest|cet|eet|ist|aest|sgt|hkt|jst"
    r"|(?:eastern|pacific|mountain|central)(?: standard| daylight)?(?=\s*(?:$|[\x00.,!?)]|on\b|at\b))"
    rf"|{_NOT_A_PLACE}[a-z]+(?: {_NOT_A_PLACE}[a-z]+)? time)\b"
)
# What would have changed the day or clock it stands before, had it been read: "next next Monday", "the other Tuesday".
UNREAD_NUMBER = re.compile(r"\b(?:hundred|thousand)(?: and)?\s+$")  # "a hundred and twelve days from Monday"
UNREAD_BESIDE = re.compile(r"\b(?:next|last|previous|past|other|every|each|alternate)\s+$")


def _elsewhere(found: list[Found], text: str, zone: ZoneInfo) -> bool:
    """Whether a clock is told by another place's time ("2pm New York time"): we do not reckon with that, we ask."""
    for item in found:
        told = OTHER_CLOCK.match(text, item.end) if isinstance(item.piece, Clock | Part) else None
        if told and not (told["uk"] and zone.key == "Europe/London"):
            return True
    return False


def _span(places: list[tuple[int, int]], origin: list[int]) -> tuple[int, int]:
    begin, end = min(place[0] for place in places), max(place[1] for place in places)
    return origin[begin], origin[end - 1] + 1


def _doubted(answer: Reading, doubt: Doubt) -> Reading:
    """A reading with something against it is only ever asked back; a day that is sure stays known."""
    if doubt == "deadline":
        choices = answer.alternatives or ((answer,) if not answer.empty else ())
        return Reading(understood=answer.understood, missing=BOTH, alternatives=choices, doubt=doubt)
    if doubt == "several" and answer.start is None and answer.day is not None and "day" not in answer.assumed:
        return replace(answer, missing=answer.missing | {"time"}, doubt=doubt)
    return Reading(missing=BOTH, doubt=doubt)
