"""What an organisation asks about courses and other activities, and which trainings it makes mandatory, as data."""

from collections.abc import Sequence
from datetime import time
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

KEY = r"^[a-z][a-z0-9_]{1,23}$"
MOST = 30  # of anything that is chosen from a list
DayOfYear = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Choice(BaseModel):
    """Something to choose: the key that is kept, and the words that people see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=KEY)
    label: str = Field(min_length=2, max_length=75)


Listed = TypeVar("Listed", bound=Choice)


class Activity(Choice):
    """A kind of activity, and the words by which a sentence names it ("shadowing"); none when it names itself badly."""

    words: tuple[Annotated[str, Field(min_length=3, max_length=40)], ...] = Field(default=(), max_length=12)


class Courses(BaseModel):
    """What follows a course, and what can be said of it. A list that is left out is not asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reflect_after_working_days: int = Field(default=2, ge=0, le=30)
    reflect_at: time = time(9, 30)
    short_after_days: int = Field(default=42, ge=7, le=180)
    long_after_months: int = Field(default=6, ge=2, le=24)
    activities: tuple[Activity, ...] = Field(default=(), max_length=MOST)
    needs: tuple[Choice, ...] = Field(default=(), max_length=MOST)
    criteria: tuple[Choice, ...] = Field(default=(), max_length=10)

    @field_validator("activities", "needs", "criteria")
    @classmethod
    def _once(cls, choices: tuple[Listed, ...]) -> tuple[Listed, ...]:
        return each_once(choices)

    def activity(self, key: str) -> str:
        """The words for a kind of activity; "" for one that is not, or no longer, in the policy."""
        return label_of(self.activities, key)

    def need(self, key: str) -> str:
        """The words for a source of need; "" for one that is not, or no longer, in the policy."""
        return label_of(self.needs, key)

    def criterion(self, key: str) -> str:
        """The words for a criterion of impact; "" for one that is not, or no longer, in the policy."""
        return label_of(self.criteria, key)


class Training(BaseModel):
    """A training that is mandatory, and for how many months it holds: 0 when it never expires.

    `teams` and `posts` say for whom, by name; nobody named means everybody.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(pattern=KEY)
    name: str = Field(min_length=3, max_length=75)
    valid_months: int = Field(default=12, ge=0, le=120)
    remind_days_before: int = Field(default=30, ge=1, le=180)
    teams: tuple[str, ...] = ()
    posts: tuple[str, ...] = ()

    def is_for(self, team: str | None, post: str | None) -> bool:
        """Whether it is mandatory for somebody in this team with this post."""
        return not (self.teams or self.posts) or team in self.teams or post in self.posts


def label_of(choices: Sequence[Choice], key: str) -> str:
    """The words for a key; "" when there are none."""
    return next((choice.label for choice in choices if choice.key == key), "")


def each_once(items: tuple[Listed, ...]) -> tuple[Listed, ...]:
    """The same, when every key is there once. Raises ValueError."""
    keys = [item.key for item in items]
    if len(set(keys)) != len(keys):
        raise ValueError("every one of these needs a key of its own")
    return items
