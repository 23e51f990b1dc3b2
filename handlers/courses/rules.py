"""The rules of courses: what a typed sentence says of one, how long it counts, when its owner is asked about it."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.policy import Policy
from handlers.calendars import calendar_of
from handlers.days import YEAR, days_of, lately, without
from scheduling.localtime import WorkingCalendar, at_local
from scheduling.when import read
from storage.models import Course, Person, Reflection

QUESTIONS: tuple[str, ...] = ("what", "so_what", "what_next")
LONGEST_TITLE = 200
LONGEST_SAID = 1000  # characters: no sentence about a course is longer, and nobody waits for one that is read in vain
SURE_UP_TO = timedelta(days=270)  # without a year, a day further away than this is asked about
FURTHEST_AHEAD, FURTHEST_BACK = timedelta(days=3 * 366), timedelta(days=2 * 366)
LONGEST_COURSE = timedelta(days=92)
LONGEST_TYPED = timedelta(days=13)
PUT_OFF = timedelta(days=7)

# ------------------------------------------------------------------------------------------------- a typed sentence


@dataclass(frozen=True)
class Told:
    """What a sentence says of a course. Without `first` the day is missing or doubtful; `days` as far as it is said."""

    title: str
    first: date | None = None
    last: date | None = None
    days: float | None = None


_HALF = re.compile(r"\b(?:(?:for )?half[- ]?(?:a )?[- ]?day|(?:in the |this )?(?:morning|afternoon))\b", re.IGNORECASE)


def told(words: str, now: datetime, zone: ZoneInfo, working: WorkingCalendar, *, past: bool = False) -> Told:
    """The course that `words` (what followed "I'm on", "I was on" or "course:") speak of.

    Only a day with one meaning is taken. With `past` the latest such day is meant, otherwise the coming one; a day that
    can only be past is understood as that.
    """
    words = " ".join(words.split()).rstrip(" .!")
    if len(words) > LONGEST_SAID:
        return Told(words)
    today = now.astimezone(zone).date()
    coming = read(words, now, zone, calendar=working)
    found = lately(words, now, zone) if past or coming.doubt == "past" else days_of(coming, zone)
    if found is None:
        return Told(without(words) or words)
    first, last, days = found.first, found.last, 0.5 if found.short else None
    title = without(words, found.span)
    if _HALF.search(words):
        title, days = without(_HALF.sub(" ", title)), 0.5
    unlikely = last - first > LONGEST_TYPED or (abs(first - today) > SURE_UP_TO and not YEAR.search(words))
    if unlikely or not title:
        return Told(title or words)
    return Told(title, first, last, days if first == last else None)


# ------------------------------------------------------------------------------------------------------- how it counts


def length_of(first: date, last: date, working: WorkingCalendar) -> float:
    """Days of off-the-job learning when nobody says: the days worked from `first` to `last`, and one at least."""
    span = (last - first).days + 1
    return float(max(1, sum(working.is_working_day(first + timedelta(days=n)) for n in range(span))))


def unlikely_day(first: date, last: date, today: date) -> dict[str, str]:
    """What to ask about days that were given, by field; nothing when they can be."""
    if first > today + FURTHEST_AHEAD or first < today - FURTHEST_BACK:
        return {"first": "That is a long way off. Which day do you mean?"}
    if last < first:
        return {"last": "That is before the first day. Leave it empty when it is a single day."}
    if last - first > LONGEST_COURSE:
        return {"last": "That is more than three months. Tell me about one part of it at a time."}
    return {}


# ------------------------------------------------------------------------------------------------------ when to ask


def reflection_due(policy: Policy, person: Person, ended_on: date) -> datetime:
    """When to ask what was learned (UTC): some working days of the person's after it ended, at the policy's time.

    Source: policy `courses.reflect_after_working_days` and `courses.reflect_at`, on the person's clock.
    """
    day = calendar_of(policy, person).add_working_days(ended_on, policy.courses.reflect_after_working_days)
    return at_local(day, policy.courses.reflect_at, ZoneInfo(person.zone))


def asking_time(policy: Policy, person: Person, earliest: datetime) -> datetime:
    """The first time, from the UTC instant `earliest` on, at which this person is asked anything."""
    zone, working = ZoneInfo(person.zone), calendar_of(policy, person)
    day = working.add_working_days(earliest.astimezone(zone).date(), 0)
    at = at_local(day, policy.courses.reflect_at, zone)
    return at if at >= earliest else at_local(working.next_working_day(day), policy.courses.reflect_at, zone)


def a_week_later(policy: Policy, person: Person, now: datetime) -> datetime:
    """When to ask again after "not now": in a week, or on the next day that is worked (UTC)."""
    zone = ZoneInfo(person.zone)
    midnight = datetime.combine(now.astimezone(zone).date() + PUT_OFF, datetime.min.time(), zone)
    return asking_time(policy, person, midnight.astimezone(UTC))


def is_over(course: Course, today: date) -> bool:
    """Whether the course has ended: its last day is over."""
    return course.ends_on < today


def next_question(reflection: Reflection | None) -> str:
    """The question that is open: "" when none is."""
    return QUESTIONS[0] if reflection is None else reflection.asking


def after(question: str) -> str:
    """The question that follows: "" after the last."""
    return (*QUESTIONS, "")[QUESTIONS.index(question) + 1]


# ----------------------------------------------------------------------------------------- answers that are no answers

LATER = re.compile(
    r"(?:not (?:now|yet|today)|later|busy|next week|(?:ask|remind) me (?:again )?(?:later|next week|another time)|"
    r"(?:maybe |perhaps )?(?:later|another time))(?:,? (?:please|thanks|thank you))?[.! ]*",
    re.IGNORECASE,
)
SKIP = re.compile(r"(?:skip|pass)(?: (?:this|it|that)(?: one)?)?[.! ]*", re.IGNORECASE)
NOTHING = re.compile(
    r"(?:nothing|no|nope|none|n/?a)(?: (?:to (?:add|say)|much|thanks|thank you))?[.! ]*", re.IGNORECASE
)
DID_NOT_GO = re.compile(
    r"(?:sorry,? )?"
    r"(?:i (?:didn['’]?t|did not|couldn['’]?t|could not|wasn['’]?t able to) (?:go|attend|make it|get there)"
    r"|(?:it|the course) was (?:cancelled|called off|postponed))\b[^\n]{0,40}",
    re.IGNORECASE,
)
