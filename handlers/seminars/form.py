"""The forms of seminars, and what is read from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Field, Form, Option, Text, joined
from scheduling.localtime import at_local
from scheduling.slots import Interval
from scheduling.when import read
from storage.models import Team

EVERYBODY = "all"
TEAMS_SHOWN = 98  # platforms list a hundred choices
LONGEST_TITLE, LONGEST_PLACE, LONGEST_WORDS = 75, 150, 2_000  # characters
SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=12)
FURTHEST = timedelta(days=366)
MOST_PLACES = 9_999

_TITLE = Field("title", "What is it called?", hint="For example: Coaching conversations that help")
_ABOUT = Field("about", "What is it about?", "paragraph", "Everybody who is invited reads it.", required=False)
_DAY = Field("day", "On which day?", "date")
_FROM = Field("starts", "From when?", "time", "Best within working hours.")
_UNTIL = Field("ends", "Until when?", "time")
_WHERE = Field("where", "Where?", hint="A room, or an address to meet at.")
_PLACES = Field("places", "How many can come?", hint="A number. Leave it empty for any number.", required=False)
_HOST = Field(
    "host", "Who holds it?", hint="A name or work e-mail address. Leave it empty to hold it yourself.", required=False
)
_HOST_NOW = Field("host", "Who holds it?", hint="A name or a work e-mail address.", required=False)
_OFF = Field(
    "off", "Is it off the job?", "yesno", "Then it counts towards the learning time owed to them.", value="yes"
)
_TEAMS = Field("teams", "Who is invited?", "choices", options=(Option("Everybody", EVERYBODY),))
_WHY = Field("why", "Why, if you like to say", "paragraph", "Whoever comes sees it.", required=False)

PLAN = Form(
    "seminars.planned",
    "Plan a seminar",
    (_TITLE, _ABOUT, _DAY, _FROM, _UNTIL, _WHERE, _HOST, _PLACES, _OFF, _TEAMS),
    submit="Look at it first",
)
CHANGE = Form(
    "seminars.changed",
    "Change this seminar",
    (_TITLE, _ABOUT, _DAY, _FROM, _UNTIL, _WHERE, _HOST_NOW, _PLACES, _WHY),
    submit="Change it",
)
MORE = Form("seminars.asked_more", "Invite more people", (_TEAMS,), submit="Invite them")
CANCEL = Form("seminars.cancelled", "Cancel this seminar?", (_WHY,), submit="Cancel it")
FORMS = (PLAN, CHANGE, MORE, CANCEL)


def with_teams(form: Form, teams: Sequence[Team], chosen: Sequence[str], about: int | None) -> Form:
    """The form, with these teams to choose from and the values in `chosen` ticked."""
    options = (
        Option("Everybody", EVERYBODY),
        *(Option(wording.shortened(team.name, 75), str(team.id)) for team in teams[:TEAMS_SHOWN]),
    )
    fields = tuple(replace(one, options=options) if one.name == "teams" else one for one in form.fields)
    return replace(form, fields=fields, about=about).filled({"teams": joined(chosen)})


def about(form: Form, seminar_id: int, *intro: Text) -> Form:
    """The form, about one seminar."""
    return replace(form, about=seminar_id, intro=intro)


@dataclass(frozen=True)
class Said:
    """What a form says of a seminar."""

    title: str
    about: str
    where: str
    slot: Interval
    places: int | None


def read_form(typed: Mapping[str, str], now: datetime, zone: ZoneInfo) -> Said | dict[str, str]:
    """What was filled in, days and times on the clock of `zone`; or what is wrong with it, by field."""
    problems: dict[str, str] = {}
    title = " ".join(typed.get("title", "").split())
    if not 0 < len(title) <= LONGEST_TITLE:
        problems["title"] = f"Give it a title of up to {LONGEST_TITLE} characters."
    told = typed.get("about", "").strip()
    if len(told) > LONGEST_WORDS:
        problems["about"] = "Keep it to 2,000 characters."
    where = " ".join(typed.get("where", "").split())
    if not 0 < len(where) <= LONGEST_PLACE:
        problems["where"] = f"Say where, in up to {LONGEST_PLACE} characters."
    places = _places(typed.get("places", "").strip())
    if places == 0:
        problems["places"] = "Write a number from 1, or leave it empty."
    slot = _slot(typed, now, zone, problems)
    if problems or slot is None:
        return problems
    return Said(title, told, where, slot, places)


def _places(written: str) -> int | None:
    """How many; None for any number, 0 for what is no number of places."""
    if not written:
        return None
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0
    return number if number <= MOST_PLACES else 0


def _slot(typed: Mapping[str, str], now: datetime, zone: ZoneInfo, problems: dict[str, str]) -> Interval | None:
    day = _day(typed.get("day", "").strip()[:60], now, zone)
    if day is None:
        problems["day"] = "I can’t tell which day that is. Write it like 12 March 2026."
    starts, ends = (_clock(typed.get(name, "").strip()[:60], day, now, zone) for name in ("starts", "ends"))
    for name, clock in (("starts", starts), ("ends", ends)):
        if clock is None:
            problems[name] = "I can’t tell which time that is. Write it like 14:30."
    if day is None or starts is None or ends is None:
        return None
    slot = at_local(day, starts, zone), at_local(day, ends, zone)
    if slot[0] <= now:
        problems["day" if day < now.astimezone(zone).date() else "starts"] = "That time has passed."
    elif slot[0] > now + FURTHEST:
        problems["day"] = "That is more than a year away. Choose a nearer day."
    elif not SHORTEST <= slot[1] - slot[0] <= LONGEST:
        problems["ends"] = "It takes between a quarter of an hour and twelve hours, and ends on the same day."
    return slot


def _day(written: str, now: datetime, zone: ZoneInfo) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:  # a client without a date picker: whatever was typed
        reading = read(written, now, zone)
        return reading.day if reading.doubt is None and not reading.away else None


def _clock(written: str, day: date | None, now: datetime, zone: ZoneInfo) -> time | None:
    try:
        return time.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        if not written or day is None:
            return None
        reading = read(f"{day.day} {wording.FULL_MONTHS[day.month - 1]} {day.year} at {written}", now, zone)
        return reading.start.astimezone(zone).time() if reading.start is not None and reading.certain else None
