"""What the interviews conversation says besides the cards: nudges, times, learning partners."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Message, Part, small, text
from handlers.interviews.rules import Due
from handlers.turn import Turn
from scheduling.slots import Slot
from storage import people
from storage.models import Interview, Partnership, Person

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")

# -------------------------------------------------------------------------------------------------------------- people


def other_of(turn: Turn, interview: Interview) -> Person:
    """The one of the two who is not the reader."""
    other = interview.partner_id if interview.learner_id == turn.person.id else interview.learner_id
    return turn.session.get_one(Person, other)


def first(person: Person) -> str:
    """Their first name."""
    return wording.first_name(person.name)


def whose(turn: Turn, learner: Person) -> str:
    """`your learning interview`, or `Amina’s learning interview`."""
    return "your learning interview" if learner.id == turn.person.id else f"{first(learner)}’s learning interview"


def may_offer(turn: Turn, learner_id: int) -> bool:
    """Whether the reader may look for times for this learner: the learner, or their present partner."""
    if learner_id == turn.person.id:
        return True
    partner = people.partner_of(turn.session, learner_id)
    return partner is not None and partner.id == turn.person.id


# -------------------------------------------------------------------------------------------------------------- nudges


def nudge(turn: Turn, due: Due, partner: Person | None) -> Message:
    """An interview of the year is due. Without a partner the first step is to choose one."""
    ordinal = ORDINALS[due.number - 1] if due.number <= len(ORDINALS) else f"{due.number}th"
    if due.closes < turn.today:
        lead = text("**There is still room for your {nth} learning interview of the year.**", nth=ordinal)
    else:
        lead = text("**It’s time for your {nth} learning interview of the year,** by {day}.", nth=ordinal,
                    day=wording.day(due.closes))  # fmt: skip
    not_now = Button("Not now", "interviews.not_now", turn.person.id)
    if partner is None:
        return Message(
            "Who would you like as your learning partner?",
            (
                lead,
                text("First, choose a learning partner: somebody to talk with about what you learn. It need not be "
                     "your manager."),
                Buttons(
                    (
                        Button("Choose a partner", "interviews.partner", style="primary", opens_form=True),
                        not_now,
                    )
                ),
            ),
            "interviews.nudge", turn.person.id,
        )  # fmt: skip
    return Message(
        f"It’s time for your {ordinal} learning interview.",
        (
            lead,
            text("Shall we find a time with {partner}?", partner=first(partner)),
            Buttons((Button("Choose a time", "interviews.offer", turn.person.id, style="primary"), not_now)),
            small("Or type when it would suit you: “Thursday at 10”."),
        ),
        "interviews.nudge", turn.person.id, "interviews.time",
    )  # fmt: skip


def put_off(turn: Turn, day: date, *, other_day: bool = True) -> Message:
    """It will be asked again, then."""
    named = (Button("Another day", "interviews.other_day", turn.person.id, opens_form=True),) if other_day else ()
    line = f"I’ll ask you again on {wording.day(day)}."
    return Message(
        line,
        (
            text("Of course. {line}", line=line),
            Buttons((*named, Button("Choose a time after all", "interviews.offer", turn.person.id))),
        ),
    )


# --------------------------------------------------------------------------------------------------------------- times


def in_zones(turn: Turn, other: Person, slots: Sequence[Slot]) -> tuple[Part, ...]:
    """A line that says whose clock the times are on, when the other's shows something else."""
    if not slots or not elsewhere(turn, other, slots[0].starts_at, slots[0].ends_at):
        return ()
    there = wording.clock(slots[0].starts_at, ZoneInfo(other.zone))
    return (small("Times are yours: the first is {there} for {other}.", there=there, other=first(other)),)


def elsewhere(turn: Turn, other: Person, starts_at: datetime, ends_at: datetime) -> tuple[Part, ...]:
    """The same time on the other's clock, where that shows something else."""
    zone = ZoneInfo(other.zone)
    if starts_at.astimezone(zone).replace(tzinfo=None) == starts_at.astimezone(turn.zone).replace(tzinfo=None):
        return ()
    return (small("For {other} that is {when}.", other=first(other), when=wording.span(starts_at, ends_at, zone)),)


def length(minutes: timedelta) -> str:
    """`45 minutes`."""
    return wording.count(minutes // timedelta(minutes=1), "minute")


# ------------------------------------------------------------------------------------------------------------ partners


def no_partner() -> Message:
    """An interview needs somebody to have it with."""
    return Message(
        "Choose a learning partner first.",
        (
            text("**You have no learning partner yet.** Choose somebody to talk with about what you learn."),
            Buttons((Button("Choose a partner", "interviews.partner", style="primary", opens_form=True),)),
            small("Or say “partner” and a name."),
        ),
    )


def requested(turn: Turn, partnership: Partnership, nominee: Person, *, reachable: bool) -> Message:
    """What the learner sees once they asked."""
    parts: list[Part] = [text("**I’ve asked {name} to be your learning partner.**", name=nominee.name)]
    current = people.partner_of(turn.session, turn.person.id)
    if current is not None:
        parts.append(text("Until the answer is yes, {name} stays your partner.", name=first(current)))
    if not reachable:
        parts.append(
            small("{name} hasn’t said hello to me yet, and will see it then. It may help to mention it.",
                  name=first(nominee))
        )  # fmt: skip
    parts.append(Buttons((Button("Take it back", "interviews.withdraw", partnership.id),)))
    return Message(f"I’ve asked {nominee.name} to be your learning partner.", tuple(parts))


def asked(turn: Turn, partnership: Partnership) -> Message:
    """What the person who was asked sees: the question, or what became of it."""
    learner = turn.session.get_one(Person, partnership.learner_id)
    match partnership.state:
        case "asked":
            parts: tuple[Part, ...] = (
                text("**{name} would like you as learning partner.**", name=learner.name),
                text("That is a talk about what {name} learns, {times} a year.", name=first(learner),
                     times=_times(turn.policy.interviews.per_year)),
                Buttons(
                    (
                        Button("Accept", "interviews.accept", partnership.id, style="primary"),
                        Button("Decline", "interviews.decline", partnership.id),
                    )
                ),
            )  # fmt: skip
        case "accepted":
            parts = (
                text("**You are {name}’s learning partner.** Thank you.", name=learner.name),
                text("I’ll be in touch when an interview is due. You can also choose a time now."),
                Buttons((Button("Choose a time", "interviews.offer", learner.id),)),
            )
        case "declined":
            parts = (text("You declined to be {name}’s learning partner. That’s fine.", name=learner.name),)
        case _:
            parts = (text("{name} has made other arrangements for a learning partner.", name=learner.name),)
    return Message(f"{learner.name} and you: learning partners?", parts, "interviews.asked", partnership.id)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
