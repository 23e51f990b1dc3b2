"""Settling on a time: the meeting is booked or moved and everybody asked, or it is explained why it cannot be."""

import secrets
from dataclasses import replace

from bot import wording
from bot.chat import Button, Buttons, Message, text
from handlers.meetings.offers import GONE, because, instead_of
from handlers.meetings.times import stamp
from handlers.sets import cards, words
from handlers.sets.attending import owe_reminders, promise, seat_everybody
from handlers.sets.offers import offer
from handlers.sets.plans import Plan
from handlers.turn import Turn
from scheduling.slots import Interval
from storage import outbox, promises, set_cards, sets
from storage.models import SetMeeting


def settle(
    turn: Turn, plan: Plan, slot: Interval, *, offered: bool = False, also: bool = False, anyway: bool = False
) -> Message:
    """Book this time, or move the meeting there; what the facilitator then sees. `offered` when on one of our buttons.

    `also` though another meeting is booked; `anyway` though somebody has something else then: they are asked, too.
    A time that cannot be is explained and others are offered in its place. Doing it twice changes nothing.
    """
    learning_set = sets.locked(turn.session, plan.learning_set.id)
    if learning_set.ended_at is not None or learning_set.facilitator_id != turn.person.id:
        return words.told(turn, learning_set)
    plan = replace(plan, everybody=sets.everybody(turn.session, learning_set))  # as it is, now that it is locked
    if plan.meeting is not None:
        meeting = sets.locked_meeting(turn.session, plan.meeting.id)
        if meeting.state != "booked" or (meeting.starts_at, meeting.ends_at) == slot:
            return cards.shown(turn, meeting)
    elif known := sets.standing_at(turn.session, plan.learning_set.id, slot[0]):
        return cards.shown(turn, known)
    against = replace(plan, anyway=anyway).against(turn, slot)
    if against is not None:
        could = against.taken and not anyway and replace(plan, anyway=True).against(turn, slot) is None
        more = (Button("Book it anyway", plan.action("anyway", "move_anyway"), plan.about, stamp(*slot)),)
        line = because(turn, against, slot, gone=offered)
        return _instead(turn, plan, slot, line, more=more if could else ())
    if plan.meeting is None and not also and (standing := sets.to_come(turn.session, plan.learning_set.id, turn.now)):
        return _already(turn, plan, standing[0], slot)
    meeting = _booked(turn, plan, slot, anyway=anyway) if plan.meeting is None else _moved(turn, plan, slot, anyway)
    return _instead(turn, plan, slot, GONE) if meeting is None else cards.shown(turn, meeting)


def _instead(turn: Turn, plan: Plan, slot: Interval, line: str, *, more: tuple[Button, ...] = ()) -> Message:
    return offer(turn, plan, slots=instead_of(turn, plan, slot[0]), line=line, more=more)


def _booked(turn: Turn, plan: Plan, slot: Interval, *, anyway: bool) -> SetMeeting | None:
    """A new meeting at that time; None when somebody's time has gone."""
    meeting = SetMeeting(
        set_id=plan.learning_set.id, state="booked", starts_at=slot[0], ends_at=slot[1],
        uid=f"{secrets.token_hex(16)}@learnbot", made_at=turn.now,
    )  # fmt: skip

    def attempt() -> bool:
        turn.session.add(meeting)
        turn.session.flush()
        return _promised(turn, plan, meeting, anyway=anyway)

    if not promises.all_or_nothing(turn.session, attempt):
        return None
    outbox.answered(turn.session, "sets.time", plan.learning_set.id, turn.person.id, turn.now)
    _tell(turn, plan, meeting)
    return meeting


def _moved(turn: Turn, plan: Plan, slot: Interval, anyway: bool) -> SetMeeting | None:
    """The meeting at that time; None when somebody's time has gone, and then it stands where it stood."""
    assert plan.meeting is not None
    meeting, stood = plan.meeting, (plan.meeting.starts_at, plan.meeting.ends_at)
    meeting.starts_at, meeting.ends_at = slot
    if not _promised(turn, plan, meeting, anyway=anyway):
        meeting.starts_at, meeting.ends_at = stood
        return None
    moved(turn, plan, meeting)
    return meeting


def moved(turn: Turn, plan: Plan, meeting: SetMeeting) -> None:
    """It is at another time now, which is promised already: everybody is asked anew, and told."""
    meeting.sequence += 1
    meeting.version += 1
    promises.hold_only(turn.session, promises.To(meeting_id=meeting.id), (meeting.starts_at, meeting.ends_at))
    set_cards.forget_prompts(turn.session, meeting)
    _tell(turn, plan, meeting)


def _promised(turn: Turn, plan: Plan, meeting: SetMeeting, *, anyway: bool) -> bool:
    if not anyway:
        return promise(turn, meeting, plan.ids)
    for person_id in sorted(plan.ids):
        promise(turn, meeting, [person_id])
    return True


def _tell(turn: Turn, plan: Plan, meeting: SetMeeting) -> None:
    seat_everybody(turn, meeting)
    set_cards.show_afresh(turn.session, meeting, turn.now)
    for person in plan.everybody:
        owe_reminders(turn, meeting, person)
        if person.id != turn.person.id:
            set_cards.tell(turn.session, meeting, person.id, turn.now)


def _already(turn: Turn, plan: Plan, standing: SetMeeting, slot: Interval) -> Message:
    present, when = wording.span(standing.starts_at, standing.ends_at, turn.zone), wording.moment(slot[0], turn.zone)
    stamped, name = stamp(*slot), plan.learning_set.name
    buttons = (
        Button(f"Move it to {when}", "sets.move_to", standing.id, stamped, "primary"),
        Button(f"Book {when} as well", "sets.also", plan.learning_set.id, stamped),
        Button("Leave it as it is", "sets.open_here", standing.id),
    )
    return Message(
        f"{present} is booked already.",
        (
            text("**{name}: {present} is booked already.** Shall I move it?", name=name, present=present),
            Buttons(buttons),
        ),
    )
