"""What an organisation says about Team Development Plans, as data: themes, and when they are asked about."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.policy_courses import MOST, Choice, DayOfYear, each_once, label_of


class TeamPlans(BaseModel):
    """Team Development Plans.

    `themes` are what a need can be about: how needs of several people, or of several teams, are found to be shared.
    Where there are none, nobody is asked for one. `followed_up_on`: from these days on each lead is asked once how the
    plan goes. `proposed_within_days` of a review's closing a plan is expected: the lead is asked once; 0 for never.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    themes: tuple[Choice, ...] = Field(default=(), max_length=MOST)
    followed_up_on: Annotated[tuple[DayOfYear, ...], Field(max_length=12)] = ()
    proposed_within_days: int = Field(default=30, ge=0, le=180)

    @field_validator("themes")
    @classmethod
    def _once(cls, themes: tuple[Choice, ...]) -> tuple[Choice, ...]:
        return each_once(themes)

    def theme(self, key: str) -> str:
        """The words for a theme; "" for one that is not, or no longer, in the policy."""
        return label_of(self.themes, key)
