"""Finding a time: offered as buttons or typed, asked back when it can mean several things, settled on or explained."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Message, Part, text
from handlers.calendars import calendar_of
from handlers.interviews import rules, words
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval, Side, Slot, free_slots
from scheduling.when import Reading, read
from storage import interviews, outbox, people
from storage.models import Interview, Person

SHOWN = 5
PAGES = 6
GONE = "That time has just gone. These are still free:"

# ----------------------------------------------------------------------------------------------- what is being arranged


@dataclass(frozen=True)
class Plan:
    """What is being arranged: a new interview of `learner` with `partner`, or a new time for `interview`."""

    learner: Person
    partner: Person
    interview: Interview | None = None

    def other(self, turn: Turn) -> Person:
        """The one who is not the reader."""
        return self.partner if self.learner.id == turn.person.id else self.learner

    @property
    def about(self) -> int:
        """What its buttons are about."""
        return self.interview.id if self.interview else self.learner.id

    def action(self, new: str, move: str) -> str:
        """The one for a new interview, or the one for a move."""
        return f"interviews.{move if self.interview else new}"

    def length(self, turn: Turn) -> timedelta:
        """How long it takes."""
        if self.interview is not None:
            return self.interview.ends_at - self.interview.starts_at
        return timedelta(minutes=turn.policy.interviews.minutes)

    def taken(self, turn: Turn, slot: Interval) -> Person | None:
        """The one of the two who has promised part of that time to another interview."""
        besides = self.interview.id if self.interview else None
        for person in (turn.person, self.other(turn)):
            if interviews.busy(turn.session, person.id, *slot, besides=besides):
                return person
        return None

    def slots(self, turn: Turn, *, page: int = 1, within: Interval | None = None, at_most: int = SHOWN) -> list[Slot]:
        """Times that suit both, best first; `page` after page."""
        window = rules.searched(turn.now, self.learner, self.partner)
        if within is not None:
            window = max(window[0], within[0]), within[1]
        besides = self.interview.id if self.interview else None

        def side(person: Person) -> Side:
            return rules.side(turn.policy, person, interviews.busy(turn.session, person.id, *window, besides=besides))

        present = () if self.interview is None else (self.interview.starts_at,)
        found = free_slots(
            side(self.learner), side(self.partner), window, turn.now,
            length=self.length(turn), notice=timedelta(hours=turn.policy.interviews.minimum_notice_hours),
            at_most=at_most * page, excluding=present,
        )  # fmt: skip
        return sorted(found[at_most * (page - 1) :])


def plan_for(turn: Turn, learner_id: int | None) -> Plan | None:
    """A new interview of this learner; None when they have no partner yet."""
    learner = turn.session.get_one(Person, learner_id)
    partner = people.partner_of(turn.session, learner.id)
    return None if partner is None else Plan(learner, partner)


def plan_of(turn: Turn, interview: Interview) -> Plan:
    """A new time for this interview."""
    return Plan(
        turn.session.get_one(Person, interview.learner_id),
        turn.session.get_one(Person, interview.partner_id),
        interview,
    )


# ------------------------------------------------------------------------------------------------------ times to choose


def offer(
    turn: Turn,
    plan: Plan,
    *,
    line: str = "",
    page: int = 1,
    slots: Sequence[Slot] | None = None,
    more: tuple[Button, ...] = (),
) -> Message:
    """Times as buttons, and the ways out: more of them, another typed, not now."""
    other = plan.other(turn)
    found = plan.slots(turn, page=page) if slots is None else list(slots)
    if not found and page > 1:
        page, found = 1, plan.slots(turn)
    heading = f"These times suit you and {words.first(other)}, {words.length(plan.length(turn))} each."
    if not found:
        heading = f"In the next six weeks I find no time when you and {words.first(other)} both work and are free."
    parts: list[Part] = [text("{line}", line=line)] if line else []
    parts.append(text("**{heading}**", heading=heading))
    if found:
        stamps = [rules.stamp(*slot) for slot in found]
        parts.append(words.slot_buttons(turn, found, plan.action("take", "move_to"), plan.about, stamps))
    parts.extend(words.in_zones(turn, other, found))
    following = page + 1 if page < PAGES else 1
    ways = (
        Button("More times", plan.action("more", "more_moves"), plan.about, str(following)),
        Button("Type another", plan.action("propose", "retime"), plan.about, opens_form=True),
        *more,
        Button("Leave it", "interviews.leave", plan.interview.id)
        if plan.interview
        else Button("Not now", "interviews.not_now", plan.learner.id),
    )
    parts.append(Buttons(ways))
    return Message(line or heading, tuple(parts), *_asks(plan))


def _asks(plan: Plan) -> tuple[str, int, str]:
    """The notice, the subject and the awaited answer of a message that asks for a time."""
    if plan.interview:
        return "interviews.retime", plan.about, "interviews.answer"
    return "interviews.offer", plan.about, "interviews.time"


def _near(turn: Turn, plan: Plan, starts_at: datetime) -> list[Slot]:
    """Times to offer instead of one that cannot be: two on that day if there are, then others."""
    day = starts_at.astimezone(turn.zone).date()
    window = at_local(day, time(0), turn.zone), at_local(day + timedelta(days=1), time(0), turn.zone)
    same_day = plan.slots(turn, within=window, at_most=2)
    others = [slot for slot in plan.slots(turn) if slot not in same_day]
    return sorted([*same_day, *others[: SHOWN - len(same_day)]])


def ask_which(turn: Turn, plan: Plan, found: Sequence[Interval], ask: str) -> Message:
    """A time that can mean several things is asked back with a button for each."""
    buttons = tuple(
        Button(wording.moment(slot[0], turn.zone), plan.action("take", "move_to"), plan.about, rules.stamp(*slot))
        for slot in found
    )
    ways = (
        Button("Another time", plan.action("more", "more_moves"), plan.about, "1"),
        Button("Type another", plan.action("propose", "retime"), plan.about, opens_form=True),
    )
    return Message(ask, (text("**{ask}**", ask=ask), Buttons(buttons), Buttons(ways)), *_asks(plan))


# ------------------------------------------------------------------------------------------------- what a typed time is


@dataclass(frozen=True)
class Unclear:
    """Words in which there is no time at all."""


def typed(turn: Turn, plan: Plan, said: str) -> Message | Unclear:
    """Act on a typed time when it can mean one thing only; otherwise ask back, with buttons."""
    working = calendar_of(turn.policy, turn.person)
    reading = read(said, turn.now, turn.zone, calendar=working)
    if reading.empty and not reading.away:
        return Unclear()
    if reading.away:
        return offer(turn, plan, slots=_not_on(turn, plan, reading), line="Not then, understood.")
    exact = _exact(turn, plan, reading)
    if reading.certain and "day" not in reading.assumed:
        return settle(turn, plan, exact[0])
    if exact:
        return _one_of(turn, plan, exact, reading)
    windows = [one.window for one in (reading, *reading.alternatives) if one.window is not None]
    if reading.doubt == "deadline" and windows:
        windows = [(turn.now, windows[-1][1])]
    if windows and reading.doubt not in ("repeats", "refused", "impossible", "past"):
        per = max(SHOWN // len(windows), 2)
        found = sorted({slot for window in windows for slot in plan.slots(turn, within=window, at_most=per)})
        if found:
            understood = "" if reading.doubt in ("deadline", "contradiction") else reading.understood
            return offer(turn, plan, slots=found, line=f"{understood}: at what time?" if understood else _line(reading))
        return offer(turn, plan, line=f"{reading.understood}: nothing suits you both then.")
    return offer(turn, plan, line=_line(reading))


def _exact(turn: Turn, plan: Plan, reading: Reading) -> list[Interval]:
    """Every exact time that the words may mean."""
    length = plan.length(turn)
    found: list[Interval] = []
    if plan.interview is not None and reading.start is not None and "day" in reading.assumed:
        # "at 11" about an interview on Thursday may well mean that Thursday
        day = (plan.interview.to_starts_at or plan.interview.starts_at).astimezone(turn.zone).date()
        starts_at = at_local(day, reading.start.astimezone(turn.zone).time(), turn.zone)
        found.append((starts_at, starts_at + length))
    found.extend(
        (one.start, one.end or one.start + length)
        for one in (reading, *reading.alternatives)
        if one.start is not None and one.doubt is None
    )
    return list(dict.fromkeys(found))


def _one_of(turn: Turn, plan: Plan, exact: Sequence[Interval], reading: Reading) -> Message:
    possible = [slot for slot in exact if _objection(turn, plan, slot) is None]
    if not possible:
        return settle(turn, plan, exact[0])
    if len(possible) == 1:
        when = wording.moment(possible[0][0], turn.zone)
        return ask_which(turn, plan, possible, f"Do you mean {when}?")
    return ask_which(turn, plan, possible, "Which do you mean?")


def _not_on(turn: Turn, plan: Plan, reading: Reading) -> list[Slot]:
    found = plan.slots(turn, at_most=SHOWN * 2)
    if reading.window is not None:
        away = reading.window
        found = [slot for slot in found if slot.ends_at <= away[0] or slot.starts_at >= away[1]]
    return found[:SHOWN]


def _line(reading: Reading) -> str:
    match reading.doubt:
        case "repeats":
            return "I book one interview at a time."
        case "past":
            return "That time has passed."
        case "impossible":
            return "That date isn’t in the calendar."
        case "contradiction":
            return "The weekday and the date don’t go together. Which of these?"
        case "refused":
            return "Not then, understood."
        case "deadline":
            return f"By {reading.understood}, then." if reading.understood else "By then, understood."
        case _:
            return "I’m not sure which time you mean."


# --------------------------------------------------------------------------------------------------- settling on a time


def _objection(turn: Turn, plan: Plan, slot: Interval) -> str | None:
    """Why this time cannot be, in a sentence for the reader."""
    other = plan.other(turn)
    against = rules.objection(turn.policy, turn.person, other, *slot, turn.now)
    if against is None and (taken := plan.taken(turn, slot)) is not None:
        if taken.id == turn.person.id:
            return "You have another interview then."
        return f"{words.first(other)} isn’t free then."
    return against


def settle(turn: Turn, plan: Plan, slot: Interval, *, offered: bool = False, also: bool = False) -> Message:
    """Suggest this time to the other person; what the reader then sees. `offered` when it was one of our buttons.

    A time that cannot be is explained and others are offered in its place. Doing it twice changes nothing.
    """
    if plan.interview is not None:
        plan = plan_of(turn, interviews.locked(turn.session, plan.interview.id))
        assert plan.interview is not None
        if plan.interview.state not in interviews.STANDING or _is_at(plan.interview, slot):
            return words.card(turn, plan.interview)
    else:
        known = interviews.standing_at(turn.session, plan.learner.id, plan.partner.id, slot[0])
        if known is not None:
            return words.card(turn, known)
    against = rules.objection(turn.policy, turn.person, plan.other(turn), *slot, turn.now)
    if against is not None:
        when = wording.span(*slot, turn.zone)
        return offer(turn, plan, slots=_near(turn, plan, slot[0]), line=f"{when}: {_lower(against)}")
    if plan.taken(turn, slot) is not None:
        line = GONE if offered else _objection(turn, plan, slot) or GONE
        return offer(turn, plan, slots=_near(turn, plan, slot[0]), line=line)
    if plan.interview is None:
        if not also and (standing := _same_window(turn, plan, slot)):
            return _already(turn, plan, standing, slot)
        interview = _arranged(turn, plan, slot)
    else:
        interview = _retimed(turn, plan.interview, slot)
    if interview is None:  # another won the race, or this was the second of two taps at once
        known = interviews.standing_at(turn.session, plan.learner.id, plan.partner.id, slot[0])
        if known is not None:
            return words.card(turn, known)
        return offer(turn, plan, slots=_near(turn, plan, slot[0]), line=GONE)
    return words.card(turn, interview)


def _is_at(interview: Interview, slot: Interval) -> bool:
    starts_at, ends_at = interview.to_starts_at or interview.starts_at, interview.to_ends_at or interview.ends_at
    return (starts_at, ends_at) == slot


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:] if sentence.startswith("That ") else sentence


class _Taken(Exception):
    """Rolls back to before the attempt: part of the time was promised to another interview."""


def _arranged(turn: Turn, plan: Plan, slot: Interval) -> Interview | None:
    """A new interview at that time, proposed by the reader; None when the time has gone."""
    interview = Interview(
        learner_id=plan.learner.id, partner_id=plan.partner.id, year=turn.today, window=1, state="proposed",
        starts_at=slot[0], ends_at=slot[1], proposed_by_id=turn.person.id,
        uid=f"{secrets.token_hex(16)}@learnbot", made_at=turn.now,
    )  # fmt: skip
    count_for(turn, plan.learner, interview)
    try:
        with turn.session.begin_nested():
            turn.session.add(interview)
            turn.session.flush()
            if not interviews.hold(turn.session, interview, *slot):
                raise _Taken
    except _Taken:
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
    try:
        with turn.session.begin_nested():
            if not interviews.hold(turn.session, interview, *slot):
                raise _Taken
    except _Taken:
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
    interviews.answered(turn.session, interview.id, turn.person.id, turn.now)
    interviews.show_afresh(turn.session, interview, turn.now)
    _suggested(turn, interview, words.other_of(turn, interview), slot[0])
    return interview


def _suggested(turn: Turn, interview: Interview, to: Person, starts_at: datetime) -> None:
    """The other is asked; and if nobody answers, the suggestion lapses when its time comes."""
    interviews.tell(turn.session, interview, to.id, turn.now)
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
    interview.year, interview.window = rules.window_for(turn.policy, day, taken)


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
    when, stamp = wording.moment(slot[0], turn.zone), rules.stamp(*slot)
    present = wording.span(standing.starts_at, standing.ends_at, turn.zone)
    buttons: list[Button] = []
    if {standing.learner_id, standing.partner_id} == {plan.learner.id, plan.partner.id}:
        buttons.append(Button(f"Move it to {when}", "interviews.move_to", standing.id, stamp, "primary"))
    buttons += [
        Button(f"Book {when} as well", "interviews.also", plan.learner.id, stamp),
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
