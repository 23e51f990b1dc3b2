"""Whether the organisation provides the time that it promised: told to coordinators on the policy's days, in tenths."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.chat import Button, Buttons, Message, small, text
from handlers import asking
from handlers.entitlement import promised_by
from handlers.turn import Turn
from storage import learning_time, people, reminders
from storage.suppression import SHOWN_FROM

SHORT = "time.short"
TOLD_WITHIN = timedelta(days=21)  # who begins to use the bot later than that is not told of a day long past


@dataclass(frozen=True)
class Providing:
    """How many people there are, and how many of them have had less than their part of the year so far."""

    people: int
    short: int

    @property
    def fails(self) -> bool:
        """Whether that is half of them or more. Of fewer than five people nothing is said."""
        return self.people >= SHOWN_FROM and 2 * self.short >= self.people

    @property
    def how_many(self) -> str:
        """In tenths, where those who had too little and those who had enough are five or more; else only that it fails.

        Of nine people, about eight in ten are exactly seven.
        """
        tenths = round(10 * self.short / self.people)
        if tenths == 10:
            return "Nearly everybody has"
        if min(self.short, self.people - self.short) < SHOWN_FROM:
            return "Half of the people or more have"
        return f"About {tenths} in ten people have"


def providing(turn: Turn, day: date) -> Providing:
    """How the organisation does by that day."""
    year = turn.policy.year_of(day)
    parts = {person.id: promised_by(turn.policy, person, day) for person in people.present(turn.session)}
    owed = {owner: part for owner, part in parts.items() if part > 0}
    had = learning_time.days_learned_by(turn.session, turn.policy, list(owed), year, day)
    return Providing(len(owed), sum(round(had.get(owner, 0.0), 1) < round(part, 1) for owner, part in owed.items()))


def owe_word(turn: Turn, until: datetime) -> None:
    """Owe each coordinator one message after a day of the policy's on which too many had too little."""
    for day in _just_passed(turn, turn.today):
        if providing(turn, day).fails:
            for coordinator in people.coordinators(turn.session):
                at = asking.morning(turn, coordinator, day + timedelta(days=1))
                if at <= until and coordinator.joined_at is not None:
                    key = f"{SHORT}/{day}/{coordinator.id}"
                    reminders.remind(
                        turn.session, SHORT, about=day.toordinal(), to=coordinator.id, at=at, key=key
                    )  # fmt: skip


def short(turn: Turn, about: int | None) -> Message | None:
    """The message, when it goes: nothing when it is no longer so, or when its reader is not to be asked now."""
    if about is None or turn.person.role != "coordinator" or not asking.may_be_asked(turn, turn.person):
        return None
    found = providing(turn, date.fromordinal(about))
    if not found.fails:
        return None
    return Message(
        "Time to learn is running short.",
        (
            text("**Time to learn is running short.** {how_many} had less off-the-job learning than their part of the "
                 "year so far, as far as I have been told.", how_many=found.how_many),
            text("It is owed to them by the organisation. It may help to plan cover, to name days, or to remind "
                 "people that what they learn by shadowing or reading counts: `log 2h shadowing at Bitterne`."),
            Buttons((Button("Overview by team", "people.overview"),)),
            small("I say this to coordinators only, on {days}, and never of anybody by name.",
                  days="the days your policy names" if turn.policy.learning_time.checked_on else
                  "one day, when two thirds of the year are over"),
        ),
        SHORT,
        about,
    )  # fmt: skip


def _just_passed(turn: Turn, today: date) -> Sequence[date]:
    years = dict.fromkeys((turn.policy.year_of(today), turn.policy.year_of(today - TOLD_WITHIN)))
    days = [day for year in years for day in turn.policy.learning_time_checks(year)]
    return [day for day in days if day < today <= day + TOLD_WITHIN]
