"""What is being arranged: who meets whom, how long, and which times suit the two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.calendars import unavailable
from handlers.interviews import rules
from handlers.meetings.times import LOOKS_AHEAD, SHOWN, Against, against, notice, side
from handlers.turn import Turn
from scheduling.slots import Interval, Side, Slot, Wanted, free_slots
from storage import away, interviews, people
from storage.models import Interview, Person


@dataclass(frozen=True)
class Plan:
    """What is being arranged: a new interview of `learner` with `partner`, or a new time for `interview`.

    `anyway`: what the reader's own calendar or leave says is not asked, as they said that they will be there.
    """

    learner: Person
    partner: Person
    interview: Interview | None = None
    anyway: bool = False

    def other(self, turn: Turn) -> Person:
        """The one who is not the reader."""
        return self.partner if self.learner.id == turn.person.id else self.learner

    @property
    def about(self) -> int:
        """What its buttons are about."""
        return self.interview.id if self.interview else self.learner.id

    @property
    def ids(self) -> tuple[int, int]:
        """The numbers of those who meet."""
        return self.learner.id, self.partner.id

    @property
    def near(self) -> datetime | None:
        """When it is by now, or is to be."""
        return (self.interview.to_starts_at or self.interview.starts_at) if self.interview else None

    @property
    def all_of_you(self) -> str:
        """Those who meet."""
        return "you both"

    @property
    def more(self) -> str:
        """The action that shows more times."""
        return self.action("more", "more_moves")

    @property
    def asks(self) -> tuple[str, int, str]:
        """The notice, the subject and the awaited answer of a message that asks for a time."""
        notice, awaits = ("retime", "answer") if self.interview else ("offer", "time")
        return f"interviews.{notice}", self.about, f"interviews.{awaits}"

    def action(self, new: str, move: str) -> str:
        """The one for a new interview, or the one for a move."""
        return f"interviews.{move if self.interview else new}"

    def length(self, turn: Turn) -> timedelta:
        """How long it takes."""
        if self.interview is not None:
            return self.interview.ends_at - self.interview.starts_at
        return timedelta(minutes=turn.policy.interviews.minutes)

    def against(self, turn: Turn, slot: Interval) -> Against | None:
        """Why this time cannot be, said to the reader; None when nothing stands against it."""
        people = (turn.person, self.other(turn))
        leave = [] if self.anyway else away.between(turn.session, turn.person.id, *slot)
        return against(turn.policy, people, self._sides(turn, people, slot), slot, turn.now, leave=leave)

    def slots(self, turn: Turn, *, page: int = 1, within: Interval | None = None, at_most: int = SHOWN) -> list[Slot]:
        """Times that suit both, at most `at_most`, earliest first; `page` after page goes on to less good ones.

        They lie in the coming six weeks, or in `within` (instants).
        """
        window = turn.now, turn.now + LOOKS_AHEAD
        if within is not None:
            window = max(turn.now, within[0]), within[1]
        found = free_slots(
            self._sides(turn, (self.learner, self.partner), window), window, turn.now,
            length=self.length(turn), notice=notice(turn.policy), at_most=at_most, page=page,
            wanted=self._wanted(turn), excluding=() if self.interview is None else (self.interview.starts_at,),
        )  # fmt: skip
        return sorted(found)

    def _sides(self, turn: Turn, people: Sequence[Person], window: Interval) -> list[Side]:
        besides = self.interview.id if self.interview else None

        def busy(person: Person) -> list[Interval]:
            held = interviews.busy(turn.session, person.id, *window, besides=besides)
            if self.anyway and person.id == turn.person.id:
                return held
            return [*held, *unavailable(turn.session, person, *window)]

        return [side(turn.policy, person, busy(person)) for person in people]

    def _wanted(self, turn: Turn) -> Wanted:
        if self.interview is not None:
            year, window = self.interview.year, self.interview.window
        else:
            year = turn.policy.year_of(turn.today)
            due = rules.due(turn.policy, turn.today, interviews.windows_taken(turn.session, self.learner.id, year))
            window = due.number if due is not None and turn.today <= due.closes else None
        last = interviews.last_held(turn.session, self.learner.id, turn.now)
        return rules.wanted(turn.policy, self.learner, year, window, last)


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
