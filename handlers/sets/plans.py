"""What is being arranged for a set: who meets, how long, and which times suit everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from handlers.calendars import unavailable
from handlers.meetings.times import LOOKS_AHEAD, SHOWN, Against, against, notice, side
from handlers.turn import Turn
from scheduling.localtime import at_local
from scheduling.slots import Interval, Side, Slot, Wanted, free_slots
from storage import away, promises, sets
from storage.models import LearningSet, Person, SetMeeting


@dataclass(frozen=True)
class Plan:
    """What is being arranged: a new meeting of the set, or a new time for `meeting`.

    `everybody` is who meets, the facilitator first. `anyway`: what calendars, leave and promises say is not asked.
    """

    learning_set: LearningSet
    everybody: Sequence[Person]
    meeting: SetMeeting | None = None
    anyway: bool = False

    @property
    def about(self) -> int:
        """What its buttons are about."""
        return self.meeting.id if self.meeting else self.learning_set.id

    @property
    def ids(self) -> list[int]:
        """The numbers of those who meet."""
        return [person.id for person in self.everybody]

    @property
    def near(self) -> datetime | None:
        """When it is by now."""
        return self.meeting.starts_at if self.meeting else None

    @property
    def all_of_you(self) -> str:
        """Those who meet."""
        return "all of you"

    @property
    def more(self) -> str:
        """The action that shows more times."""
        return self.action("offer", "move")

    @property
    def asks(self) -> tuple[str, int, str]:
        """The notice, the subject and the awaited answer of a message that asks for a time."""
        notice, awaits = ("retime", "retyped") if self.meeting else ("offer", "time")
        return f"sets.{notice}", self.about, f"sets.{awaits}"

    def action(self, new: str, move: str) -> str:
        """The one for a new meeting, or the one for a move."""
        return f"sets.{move if self.meeting else new}"

    def length(self, turn: Turn) -> timedelta:
        """How long it takes."""
        if self.meeting is not None:
            return self.meeting.ends_at - self.meeting.starts_at
        return timedelta(minutes=turn.policy.interviews.minutes)

    def against(self, turn: Turn, slot: Interval) -> Against | None:
        """Why this time cannot be, said to the facilitator; None when nothing stands against it."""
        leave = [] if self.anyway else away.between(turn.session, self.everybody[0].id, *slot)
        return against(turn.policy, self.everybody, self._sides(turn, slot), slot, turn.now, leave=leave)

    def slots(self, turn: Turn, *, page: int = 1, within: Interval | None = None, at_most: int = SHOWN) -> list[Slot]:
        """Times that suit everybody, at most `at_most`, earliest first; `page` after page goes on to less good ones.

        They lie in the coming six weeks, or in `within` (instants).
        """
        window = turn.now, turn.now + LOOKS_AHEAD
        if within is not None:
            window = max(turn.now, within[0]), within[1]
        found = free_slots(
            self._sides(turn, window), window, turn.now,
            length=self.length(turn), notice=notice(turn.policy), at_most=at_most, page=page,
            wanted=_wanted(turn), excluding=() if self.meeting is None else (self.meeting.starts_at,),
        )  # fmt: skip
        return sorted(found)

    def _sides(self, turn: Turn, window: Interval) -> list[Side]:
        besides = promises.To(meeting_id=self.meeting.id) if self.meeting else None

        def busy(person: Person) -> list[Interval]:
            if self.anyway:
                return []
            promised = promises.busy(turn.session, person.id, *window, besides=besides)
            return [*promised, *unavailable(turn.session, person, *window)]

        return [side(turn.policy, person, busy(person)) for person in self.everybody]


def _wanted(turn: Turn) -> Wanted:
    """In the window of the year that is open or comes next, as each meeting is an interview of the year."""
    year = turn.policy.year_of(turn.today)
    opens, closes = turn.policy.windows(year)[turn.policy.window_on(turn.today) - 1]
    return Wanted((at_local(opens, time(0), turn.zone), at_local(closes + timedelta(days=1), time(0), turn.zone)))


def plan_for(turn: Turn, learning_set: LearningSet) -> Plan | None:
    """A new meeting of the set; None while nobody has joined it, or when it has ended."""
    everybody = sets.everybody(turn.session, learning_set)
    if learning_set.ended_at is not None or len(everybody) < 2:
        return None
    return Plan(learning_set, everybody)


def plan_of(turn: Turn, meeting: SetMeeting) -> Plan:
    """A new time for this meeting."""
    learning_set = turn.session.get_one(LearningSet, meeting.set_id)
    return Plan(learning_set, sets.everybody(turn.session, learning_set), meeting)
