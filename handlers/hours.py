"""The days, hours and lunch that somebody works by, shown and changed by themselves."""

from datetime import time

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    Facts,
    Field,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Replace,
    Reply,
    Say,
    small,
    text,
)
from bot.errors import Refusal
from handlers.calendars import calendar_of
from handlers.registry import Conversation, command
from handlers.turn import Turn
from scheduling.localtime import WEEKDAYS
from storage.roster import days_without_work, kept_hours, kept_lunch, working_days

# --------------------------------------------------------------------------------------------------------------- words

FORM = Form(
    "hours.changed",
    "My hours",
    (
        Field("days", "Which days do you work?", hint="Like Mon-Fri, or Mon Tue Thu"),
        Field(
            "hours",
            "From when until when?",
            hint="Like 08:30-16:30, or mon 09:00-13:00, fri 09:00-12:00. Empty: as usual here",
            required=False,
        ),
        Field("lunch", "When do you have lunch?", hint="Like 12:30-13:00. Empty: as usual here", required=False),
    ),
)


class NotInAChannel(Refusal):
    """Your hours are between you and me here. Say `my hours` in our direct chat."""


def mine(turn: Turn, *, line: str = "") -> Message:
    """When this person works, as far as times are offered by it."""
    working = calendar_of(turn.policy, turn.person)
    days = [
        wording.DAYS[day] + _own_span(working.part_days, day) for day in sorted(working.working_weekdays)
    ]  # fmt: skip
    lunch = f"{working.lunch[0]:%H:%M}–{working.lunch[1]:%H:%M}" if working.lunch else "not kept free"
    facts = (
        ("Days", ", ".join(days)),
        ("Hours", f"{working.offers_from:%H:%M}–{working.offers_until:%H:%M}"),
        ("Lunch", lunch),
        ("Time zone", turn.person.zone),
    )
    heading = line or "I offer times when you work, and ask you nothing when you don’t."
    return Message(
        heading,
        (
            text("**{heading}**", heading=heading),
            Facts(facts),
            small(
                "Where your organisation’s roster names days or hours for you, they come back with its next import. "
                "Ask your learning coordinator to change them there, too."
            ),
            Buttons((Button("Change them", "hours.change", opens_form=True),)),
        ),
    )


def _own_span(part_days: tuple[tuple[int, time, time], ...], day: int) -> str:
    for weekday, begins, ends in part_days:
        if weekday == day:
            return f" {begins:%H:%M}–{ends:%H:%M}"
    return ""


# --------------------------------------------------------------------------------------------------------------- rules


def problems_of(days: str, hours: str, lunch: str) -> dict[str, str]:
    """What is wrong with what was written, by field."""
    problems: dict[str, str] = {}
    worked = working_days(days)
    if worked is None:
        problems["days"] = "I can’t read these days. Write them like Mon-Fri, or Mon Tue Thu."
    for field, written, kept in (("hours", hours, kept_hours), ("lunch", lunch, kept_lunch)):
        try:
            kept(written)
        except ValueError as error:
            reason = str(error).rstrip(".")
            problems[field] = f"{reason[:1].upper()}{reason[1:]}."
    if worked and "hours" not in problems and (idle := days_without_work(kept_hours(hours), worked)):
        problems["hours"] = f"There are hours for {wording.listed(idle)}, which isn’t among your days."
    return problems


# ------------------------------------------------------------------------------------------------------------ handlers


def show(turn: Turn, event: Event) -> Reply:
    """When I work, as the bot knows it."""
    if not event.place.direct:
        raise NotInAChannel
    return Say(mine(turn), private=True)


def change(turn: Turn, event: Event) -> Reply:
    """Open the form, with what is known in it."""
    person = turn.person
    days = " ".join(WEEKDAYS[int(day) - 1].capitalize() for day in person.working_days)
    return OpenForm(FORM.filled({"days": days, "hours": person.hours, "lunch": person.lunch}))


def changed(turn: Turn, event: Event) -> Reply:
    """Keep what was written, or say what is not clear."""
    days, hours, lunch = (event.answers.get(name, "").strip() for name in ("days", "hours", "lunch"))
    if problems := problems_of(days, hours, lunch):
        return FixAnswers(FORM.filled(event.answers), problems)
    person = turn.person
    person.working_days = working_days(days) or person.working_days
    person.hours, person.lunch = kept_hours(hours), kept_lunch(lunch)
    return Replace(mine(turn, line="Kept. I go by these hours from now on."))


CONVERSATION = Conversation(
    name="hours",
    actions={"hours.show": show, "hours.change": change, "hours.changed": changed},
    forms=(FORM,),
    commands=(
        command(
            r"(?:what\s+are\s+|show\s+|(?:please\s+)?change\s+)?my\s+(?:working\s+|work\s+)?(?:hours|days|lunch)\??",
            "hours.show",
            "my hours",
            "the days and hours in which I offer you times",
        ),
    ),
)
