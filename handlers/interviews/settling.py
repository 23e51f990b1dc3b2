"""Settling on a time: suggested to the other person, or explained why it cannot be."""

import secrets
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Message, text
from handlers.interviews import cards, words
from handlers.interviews.offers import offer
from handlers.interviews.plans import Plan, plan_of
from handlers.meetings.offers import GONE, because, instead_of
from handlers.meetings.times import stamp
from handlers.meetings.year import window_for
from handlers.turn import Turn
from scheduling.slots import Interval
from storage import interview_cards, interviews, outbox, promises
from storage.models import Interview, Person


def settle(
    turn: Turn, plan: Plan, slot: Interval, *, offered: bool = False, also: bool = False, anyway: bool = False
) -> Message:
    """Suggest this time to the other person; what the reader then sees. `offered` when it was one of our buttons.

    `also` though another interview stands in that window; `anyway` though the reader's own calendar has something then.

    A time that cannot be is explained and others are offered in its place. Doing it twice changes nothing.
    """
    if plan.interview is not None:
        plan = plan_of(turn, interviews.locked(turn.session, plan.interview.id))
        assert plan.interview is not None
        if plan.interview.state not in interviews.STANDING or _is_at(plan.interview, slot):
            return cards.shown(turn, plan.interview)
    against = replace(plan, anyway=anyway).against(turn, slot)
    standing = _same_window(turn, plan, slot) if plan.interview is None and not also else None
    if (against or standing) and plan.interview is None and (there := _there_already(turn, plan, slot)):
        return there  # the second of two taps: the first is what stands in the way
    if against is not None:
        own = against.taken and replace(plan, anyway=True).against(turn, slot) is None
        more = (Button("Suggest it anyway", plan.action("anyway", "move_anyway"), plan.about, stamp(*slot)),)
        line = because(turn, against, slot, gone=offered and not own)
        return _instead(turn, plan, slot, line, more=more if own else ())
    if standing is not None:
        return _already(turn, plan, standing, slot)
    interview = _arranged(turn, plan, slot) if plan.interview is None else _retimed(turn, plan.interview, slot)
    if interview is None:  # another won the race, or this was the second of two taps at once
        return _there_already(turn, plan, slot) or _instead(turn, plan, slot, GONE)
    return cards.shown(turn, interview)


def _there_already(turn: Turn, plan: Plan, slot: Interval) -> Message | None:
    """The card of the interview that these two have at that time, if they have one."""
    known = interviews.standing_at(turn.session, plan.learner.id, plan.partner.id, slot[0])
    return None if known is None else cards.shown(turn, known)


def _instead(turn: Turn, plan: Plan, slot: Interval, line: str, *, more: tuple[Button, ...] = ()) -> Message:
    return offer(turn, plan, slots=instead_of(turn, plan, slot[0]), line=line, more=more)


def _is_at(interview: Interview, slot: Interval) -> bool:
    starts_at, ends_at = interview.to_starts_at or interview.starts_at, interview.to_ends_at or interview.ends_at
    return (starts_at, ends_at) == slot


def _arranged(turn: Turn, plan: Plan, slot: Interval) -> Interview | None:
    """A new interview at that time, proposed by the reader; None when the time has gone."""
    interview = Interview(
        learner_id=plan.learner.id, partner_id=plan.partner.id, year=turn.today, window=1, state="proposed",
        starts_at=slot[0], ends_at=slot[1], proposed_by_id=turn.person.id,
        uid=f"{secrets.token_hex(16)}@learnbot", made_at=turn.now,
    )  # fmt: skip
    count_for(turn, plan.learner, interview)

    def attempt() -> bool:
        turn.session.add(interview)
        turn.session.flush()
        return interviews.hold(turn.session, interview, *slot)

    if not promises.all_or_nothing(turn.session, attempt):
        return None
    for person in (plan.learner, plan.partner):
        outbox.answered(turn.session, "interviews.time", plan.learner.id, person.id, turn.now)
    _suggested(turn, interview, plan.other(turn), slot[0])
    return interview


def _retimed(turn: Turn, interview: Interview, slot: Interval) -> Interview | None:
    """The interview with that time suggested by the reader; None when the time has gone.

    One that was only proposed is now proposed for that time. One that is booked stays booked for its old time, which
    both keep until the other says yes: a suggestion takes nothing away from anybody.
    """
    if not promises.all_or_nothing(turn.session, lambda: interviews.hold(turn.session, interview, *slot)):
        return None
    if interview.state == "proposed":
        interview.starts_at, interview.ends_at = slot
        interview.sequence += 1
        count_for(turn, turn.session.get_one(Person, interview.learner_id), interview)
    else:
        interview.to_starts_at, interview.to_ends_at = slot
    interview.proposed_by_id = turn.person.id
    interview.version += 1
    interviews.hold_only(turn.session, interview)
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    interview_cards.show_afresh(turn.session, interview, turn.now)
    _suggested(turn, interview, words.other_of(turn, interview), slot[0])
    return interview


def _suggested(turn: Turn, interview: Interview, to: Person, starts_at: datetime) -> None:
    """The other is asked; and if nobody answers, the suggestion lapses when its time comes."""
    interview_cards.tell(turn.session, interview, to.id, turn.now)
    outbox.owe(
        turn.session, "interviews.lapse", about=interview.id, to=turn.person.id, at=starts_at,
        key=f"interviews.lapse/{interview.id}/{interview.version}",
    )  # fmt: skip


def count_for(turn: Turn, learner: Person, interview: Interview) -> None:
    """Note which of the year's interviews this is."""
    day = interview.starts_at.astimezone(ZoneInfo(learner.zone)).date()
    year = turn.policy.year_of(day)
    besides = interview.id if interview in turn.session else None
    taken = interviews.windows_taken(turn.session, learner.id, year, besides=besides)
    interview.year, interview.window = window_for(turn.policy, day, taken)


def _same_window(turn: Turn, plan: Plan, slot: Interval) -> Interview | None:
    """Another interview of the learner that stands in the window of that time."""
    zone = ZoneInfo(plan.learner.zone)

    def window(instant: datetime) -> tuple[object, int]:
        day = instant.astimezone(zone).date()
        return turn.policy.year_of(day), turn.policy.window_on(day)

    for interview in interviews.coming(turn.session, plan.learner.id, turn.now):
        if interview.learner_id == plan.learner.id and window(interview.starts_at) == window(slot[0]):
            return interview
    return None


def _already(turn: Turn, plan: Plan, standing: Interview, slot: Interval) -> Message:
    when, stamped = wording.moment(slot[0], turn.zone), stamp(*slot)
    present = wording.span(standing.starts_at, standing.ends_at, turn.zone)
    buttons: list[Button] = []
    if {standing.learner_id, standing.partner_id} == {plan.learner.id, plan.partner.id}:
        buttons.append(Button(f"Move it to {when}", "interviews.move_to", standing.id, stamped, "primary"))
    buttons += [
        Button(f"Book {when} as well", "interviews.also", plan.learner.id, stamped),
        Button("Leave it as it is", "interviews.leave", standing.id)
        if turn.person.id in (standing.learner_id, standing.partner_id)
        else Button("Leave it as it is", "interviews.not_now", plan.learner.id),
    ]
    state = "booked" if standing.state == "booked" else "suggested"
    return Message(
        f"{present} is {state} already.",
        (text("**{present} is {state} already.** Shall I move it?", present=present, state=state),
         Buttons(tuple(buttons))),
    )  # fmt: skip
