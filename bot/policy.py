"""The learning policy of an organisation, as data: what it promises its staff, read from a TOML file.

Every mistake is named at once, with its line; an unknown key is a mistake.
"""

import re
import tomllib
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from bot.policy_courses import Courses, DayOfYear, Training
from bot.policy_plans import TeamPlans

BUNDLED = Path(__file__).parent / "policies"
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class PolicyError(ValueError):
    """The policy cannot be used; the text names every mistake with its line."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(_Section):
    """When one of the year's interviews is due: month-day to month-day, both included."""

    opens: DayOfYear
    closes: DayOfYear


class Interviews(_Section):
    """The learning interviews: how many are promised, how long they are, when each is due."""

    minutes: int = Field(45, ge=15, le=180)
    minimum_notice_hours: int = Field(24, ge=0, le=336)
    windows: tuple[Window, ...] = Field(min_length=1, max_length=12)

    @property
    def per_year(self) -> int:
        """How many are promised."""
        return len(self.windows)


class LearningTime(_Section):
    """Off-the-job learning owed to everybody: a floor, never a cap.

    `pro_rata`: in proportion for whoever works part of the week; `pro_rata_year`: and for whoever joins or leaves
    during the year. `checked_on`: when coordinators are told if it is not provided; with no day, once, when two thirds
    of the year are over.
    """

    days: float = Field(3, ge=0, le=60)
    hours_in_a_day: float = Field(7.4, gt=0, le=12)
    pro_rata: bool = True
    pro_rata_year: bool = True
    checked_on: Annotated[tuple[DayOfYear, ...], Field(max_length=12)] = ()


class LearningPlan(_Section):
    """The learning plan: from when on in the year everybody is asked, once, to look at theirs."""

    review_from: DayOfYear = "06-01"


class Question(_Section):
    """A question a team asks itself, with the gloss that explains it and what 1 and 5 mean."""

    key: str = Field(pattern=r"^[a-z][a-z_]{1,23}$")
    ask: str = Field(min_length=3, max_length=140)
    gloss: str = Field("", max_length=140)
    low: Annotated[str, Field(max_length=60)] = "not yet"
    high: Annotated[str, Field(max_length=60)] = "fully"


class Reviews(_Section):
    """The yearly team review. `due`: the day of the year by which it is held; with none, nobody is asked for it."""

    open_days: int = Field(14, ge=1, le=90)
    shown_from: int = Field(5, ge=5, le=50)
    due: DayOfYear | None = None
    questions: tuple[Question, ...] = Field(min_length=1, max_length=9)

    @field_validator("questions")
    @classmethod
    def _once(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        keys = [question.key for question in questions]
        if len(set(keys)) != len(keys):
            raise ValueError("every question needs a key of its own")
        return questions


class LogQuestion(_Section):
    """Something that people look back on in their log, with the gloss that explains it."""

    key: str = Field(pattern=r"^[a-z][a-z_]{1,23}$")
    ask: str = Field(min_length=3, max_length=140)
    gloss: str = Field("", max_length=140)


class Log(_Section):
    """The log in which people look back on what they learned: every so many months; 0 where none is kept."""

    every_months: Literal[0, 1, 2, 3, 4, 6, 12] = 0
    questions: Annotated[tuple[LogQuestion, ...], Field(max_length=9)] = ()

    @model_validator(mode="after")
    def _asks_something(self) -> "Log":
        if self.every_months and not self.questions:
            raise ValueError("a log needs questions, or every_months = 0")
        if len({question.key for question in self.questions}) != len(self.questions):
            raise ValueError("every question needs a key of its own")
        return self


class Closure(_Section):
    """Days on which nobody is asked anything."""

    first: date
    last: date
    name: str

    @model_validator(mode="after")
    def _in_order(self) -> "Closure":
        if self.last < self.first:
            raise ValueError(f"{self.name} ends before it begins")
        return self


class WorkingWeek(_Section):
    """The hours in which the bot offers times and writes to people, and the lunch it keeps free.

    Each person's days are on the roster, and so are their own hours and lunch where those differ.
    """

    starts: time = time(9, 0)
    ends: time = time(17, 0)
    lunch: tuple[time, time] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "WorkingWeek":
        if self.ends <= self.starts:
            raise ValueError("the working day ends before it begins")
        if self.lunch is not None and self.lunch[1] <= self.lunch[0]:
            raise ValueError("lunch ends before it begins")
        if self.lunch is not None and (self.lunch[0] < self.starts or self.lunch[1] > self.ends):
            raise ValueError("lunch is outside the working day")
        return self


class Retention(_Section):
    """How long things are kept: in days, and people's learning records in years (0: as long as they work here)."""

    handled_events: int = Field(30, ge=7, le=365)
    sent_messages: int = Field(400, ge=30, le=3650)
    looks: int = Field(2190, ge=365, le=3650)
    leavers: int = Field(365, ge=0, le=3650)
    learning_years: int = Field(0, ge=0, le=50)


class Policy(_Section):
    """Everything that an organisation promises and how it wants to be asked."""

    name: str = Field(min_length=2, max_length=80)
    year_starts: DayOfYear = "09-01"
    zone: str = "Europe/London"
    country: str = Field("GB", pattern=r"^[A-Z]{2}$")
    subdivision: str | None = "ENG"
    interviews: Interviews
    learning_time: LearningTime = LearningTime(days=3, hours_in_a_day=7.4)
    learning_plan: LearningPlan = LearningPlan(review_from="06-01")
    courses: Courses = Courses()
    trainings: tuple[Training, ...] = Field((), max_length=20)
    log: Log = Log(every_months=0)
    reviews: Reviews
    team_plans: TeamPlans = TeamPlans()
    working_week: WorkingWeek = WorkingWeek()
    closures: tuple[Closure, ...] = ()
    closures_from: str = Field("", max_length=2000)
    retention: Retention = Retention(handled_events=30, sent_messages=400, looks=2190, leavers=365, learning_years=0)

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{zone} is not a time zone on this machine; write it like Europe/London") from error
        return zone

    @field_validator("closures_from")
    @classmethod
    def _file_or_address(cls, source: str) -> str:
        if is_address(source):
            address = urlsplit(source)
            secure = address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)
            if not secure or not address.hostname:
                raise ValueError("an address begins with https://")
        elif source and not source.endswith(".ics"):
            raise ValueError("name an .ics file beside the policy, or an address that begins with https://")
        return source

    @field_validator("learning_time")
    @classmethod
    def _possible_checks(cls, learning_time: LearningTime) -> LearningTime:
        for written in learning_time.checked_on:
            _day(written, 2023)
        return learning_time

    @field_validator("interviews")
    @classmethod
    def _possible_days(cls, interviews: Interviews) -> Interviews:
        for window in interviews.windows:
            for written in (window.opens, window.closes):
                _day(written, 2023)
        return interviews

    @field_validator("learning_plan")
    @classmethod
    def _possible_day(cls, plan: LearningPlan) -> LearningPlan:
        _day(plan.review_from, 2023)
        return plan

    @field_validator("team_plans")
    @classmethod
    def _possible_follow_ups(cls, plans: TeamPlans) -> TeamPlans:
        for written in plans.followed_up_on:
            _day(written, 2023)
        return plans

    @field_validator("reviews")
    @classmethod
    def _possible_due_day(cls, reviews: Reviews) -> Reviews:
        if reviews.due is not None:
            _day(reviews.due, 2023)
        return reviews

    @field_validator("trainings")
    @classmethod
    def _trainings_once(cls, trainings: tuple[Training, ...]) -> tuple[Training, ...]:
        keys = [training.key for training in trainings]
        if len(set(keys)) != len(keys):
            raise ValueError("every training needs a key of its own")
        return trainings

    @cached_property
    def tzinfo(self) -> ZoneInfo:
        """The organisation's own time zone."""
        return ZoneInfo(self.zone)

    def year_of(self, day: date) -> date:
        """The first day of the learning year that `day` is in."""
        starts = _day(self.year_starts, day.year)
        return starts if day >= starts else _day(self.year_starts, day.year - 1)

    def year_after(self, year: date) -> date:
        """The first day of the learning year after the one that starts on `year`."""
        return self.year_of(year + timedelta(days=380))

    def plan_reviewed_from(self, year: date) -> date:
        """The day in the learning year that starts on `year` from which people are asked to look at their plan."""
        return _in_year(self.learning_plan.review_from, year)

    def review_due(self, year: date) -> date | None:
        """The day in the learning year that starts on `year` by which teams hold their review, where there is one."""
        return None if self.reviews.due is None else _in_year(self.reviews.due, year)

    def windows(self, year: date) -> tuple[tuple[date, date], ...]:
        """First and last day of each interview window in the learning year that starts on `year`."""
        found: list[tuple[date, date]] = []
        for window in self.interviews.windows:
            opens = _in_year(window.opens, year)
            found.append((opens, _in_year(window.closes, opens)))
        return tuple(found)

    def learning_time_checks(self, year: date) -> tuple[date, ...]:
        """When it is looked at whether learning time is provided, in the learning year that starts on `year`."""
        if not self.learning_time.checked_on:
            return (_months_later(year, 8) - timedelta(days=1),)
        return _each_in_year(self.learning_time.checked_on, year)

    def plans_followed_up_on(self, year: date) -> tuple[date, ...]:
        """The days from which leads are asked how a plan goes, in the learning year that starts on `year`."""
        return _each_in_year(self.team_plans.followed_up_on, year)

    def log_periods(self, year: date) -> tuple[tuple[date, date], ...]:
        """First and last day of each period of the log in the learning year that starts on `year`."""
        if not self.log.every_months:
            return ()
        following = self.year_of(year + timedelta(days=380))
        starts = [_months_later(year, months) for months in range(0, 12, self.log.every_months)]
        return tuple(
            (first, after - timedelta(days=1)) for first, after in zip(starts, [*starts[1:], following], strict=True)
        )

    def window_on(self, day: date) -> int:
        """The window, from 1, that is open on `day` or opens next; the last one when all have closed."""
        for number, (_, closes) in enumerate(self.windows(self.year_of(day)), 1):
            if day <= closes:
                return number
        return self.interviews.per_year


def load(source: str) -> Policy:
    """The bundled policy of that name, or the policy in that file. Raises `PolicyError`.

    The file that `closures_from` names is not read here: see `scheduling.calendars.closures.load`.
    """
    path = Path(source) if source.endswith(".toml") else BUNDLED / f"{source}.toml"
    try:
        written = path.read_text(encoding="utf-8")
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in BUNDLED.glob("*.toml")))
        raise PolicyError(
            f"there is no policy {source}. Name a .toml file, or one that comes with the bot: {known}"
        ) from error
    try:
        policy = Policy.model_validate(tomllib.loads(written))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path.name} is not TOML: {error}") from error
    except ValidationError as error:
        raise PolicyError(
            "\n".join(_mistake(path.name, written, mistake["loc"], mistake["msg"]) for mistake in error.errors())
        ) from error
    if policy.closures_from and not is_address(policy.closures_from):
        return policy.model_copy(update={"closures_from": str(path.parent / policy.closures_from)})
    return policy


def is_address(source: str) -> bool:
    """Whether closures come from an address, and not from a file."""
    return "://" in source


def _day(month_day: str, year: int) -> date:
    month, day = map(int, month_day.split("-"))
    if (month, day) == (2, 29):  # a policy written in a leap year: in the others, the last day of February
        return date(year, 3, 1) - timedelta(days=1)
    return date(year, month, day)


def _in_year(month_day: str, first: date) -> date:
    """That day in the year that starts on `first`, which is a day of any year's."""
    day = _day(month_day, first.year)
    return day if day >= first else _day(month_day, first.year + 1)


def _each_in_year(month_days: Iterable[str], first: date) -> tuple[date, ...]:
    return tuple(sorted(_in_year(month_day, first) for month_day in month_days))


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, min(day.day, monthrange(day.year + years, month + 1)[1]))


def _mistake(name: str, written: str, where: tuple[int | str, ...], what: str) -> str:
    line = _line_of(written, where)
    return f"{name} line {line}: {'.'.join(map(str, where)) or 'the policy'}: {what.removeprefix('Value error, ')}"


def _line_of(written: str, where: tuple[int | str, ...]) -> int:
    """The line on which what is at `where` stands, or the nearest around it that has a line of its own."""
    lines: dict[tuple[int | str, ...], int] = {}
    counted: dict[tuple[int | str, ...], int] = {}
    table: tuple[int | str, ...] = ()
    key: tuple[int | str, ...] = ()
    for number, line in enumerate(written.splitlines(), 1):
        found = _LINE.match(line)
        if found is None:
            continue
        if found["item"]:
            here = (*key, counted.setdefault(key, 0))
            counted[key] += 1
        elif found["tables"]:
            name = tuple(found["tables"].split("."))
            here = table = (*name, counted.setdefault(name, 0))
            counted[name] += 1
            lines.setdefault(name, number)
        elif found["table"]:
            here = table = tuple(found["table"].split("."))
        else:
            here = key = (*table, *found["key"].split("."))
        lines.setdefault(here, number)
    around = (where[:length] for length in range(len(where), 0, -1))
    return next((lines[place] for place in around if place in lines), 1)


# a line of TOML that something begins on: [[tables]], [table], key = …, or an { item } of the key above
_LINE = re.compile(r"\s*(?:\[\[(?P<tables>[\w.]+)\]\]|\[(?P<table>[\w.]+)\]|(?P<key>[\w.]+)\s*=|(?P<item>\{))")
