"""Looking at calendars first: what was asked for is set aside, and answered a moment later, when all were seen."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import Any, Generic, Protocol, TypeVar

from bot.chat import Button, Event, FixAnswers, Form, Message, Replace, Reply, text
from bot.errors import NotYours
from handlers.meetings import typed
from handlers.meetings.arranging import Arranging
from handlers.meetings.offers import which
from handlers.meetings.times import stamped
from handlers.meetings.typed import Offered, OneOf, Unclear
from handlers.turn import Turn
from scheduling.slots import Interval, Slot
from storage import calendar_looks, outbox
from storage.models import Draft

A_MOMENT = timedelta(seconds=1)
PATIENCE = timedelta(seconds=10)  # longer than a calendar is given to answer in
NO_TIME = "I can’t find a time in that. Write a day and a time, like “Thursday at 10”."

P = TypeVar("P", bound=Arranging)
P_in = TypeVar("P_in", bound=Arranging, contravariant=True)


@dataclass(frozen=True)
class Asked:
    """What somebody asked for: times (`page` of them), what they typed (`said`), or the time on a button (`slot`).

    `also`: though another meeting is arranged already; `anyway`: though somebody has something else then.
    """

    said: str = ""
    slot: str = ""
    page: int = 1
    also: bool = False
    anyway: bool = False


class Settles(Protocol[P_in]):
    """Arranges it at this time; what the reader then sees. `offered` when it was on one of our buttons."""

    def __call__(
        self, turn: Turn, plan: P_in, slot: Interval, *, offered: bool = False, also: bool = False, anyway: bool = False
    ) -> Message: ...


class Offers(Protocol[P_in]):
    """Times as buttons, and the ways out."""

    def __call__(
        self,
        turn: Turn,
        plan: P_in,
        *,
        line: str = "",
        page: int = 1,
        slots: Sequence[Slot] | None = None,
        more: tuple[Button, ...] = (),
    ) -> Message: ...


@dataclass(frozen=True)
class Looking(Generic[P]):
    """How a conversation answers who asks for a time, once the calendars of everybody who meets were seen.

    `notice` comes back to it; `waiting` is said until then. `kept` is what a plan is set aside as, and `again` makes it
    of that, or says what is to be said when there is nothing to arrange any more.
    """

    notice: str
    waiting: str
    kept: Callable[[P], Mapping[str, int | None]]
    again: Callable[[Turn, Mapping[str, Any]], P | Message]
    settle: Settles[P]
    offer: Offers[P]

    def answered(self, turn: Turn, plan: P, asked: Asked) -> Message | Unclear:
        """What comes of it. Where a calendar has to be looked at first, a word to wait by: the answer follows."""
        if asked.said and isinstance(unclear := typed.read_by(turn, asked.said), Unclear):
            return unclear
        if calendar_looks.fresh(turn.session, plan.ids, turn.now, turn.calendars):
            return self._answer(turn, plan, asked)
        calendar_looks.want(turn.session, plan.ids, turn.now)
        wanted = json.dumps({**self.kept(plan), **asdict(asked)})
        draft = Draft(owner_id=turn.person.id, words=turn.seal(wanted), made_at=turn.now)
        turn.session.add(draft)
        turn.session.flush()
        self._ask_again(turn, draft)
        return Message(self.waiting, (text("{line}", line=self.waiting),))

    def looked(self, turn: Turn, about: int | None) -> Message | None:
        """All calendars were seen, or cannot be now: what was asked for is answered, in a message of its own."""
        draft = turn.session.get(Draft, about)
        if draft is None or draft.owner_id != turn.person.id:
            return None
        kept = json.loads(turn.read(draft.owner_id, draft.words, "draft", draft.id))
        asked = Asked(**{one.name: kept[one.name] for one in fields(Asked)})
        plan = self.again(turn, kept)
        if isinstance(plan, Message):
            message: Message | Unclear = plan
        else:
            patient = turn.now < draft.made_at + PATIENCE
            if patient and not calendar_looks.fresh(turn.session, plan.ids, turn.now, turn.calendars):
                self._ask_again(turn, draft)
                return None
            message = self._answer(turn, plan, asked)
        if isinstance(message, Message):  # owed as it is, so that building it twice cannot act twice
            outbox.owe_worded(turn.session, message, to=turn.person.id, now=turn.now, keyring=turn.keyring,
                              key=f"{self.notice}/{draft.id}/{draft.made_at.isoformat()}")  # fmt: skip
        turn.session.delete(draft)
        return None

    def offered(self, turn: Turn, plan: P, *, page: int = 1) -> Message:
        """Times to choose from, once all calendars were seen."""
        message = self.answered(turn, plan, Asked(page=page))
        assert isinstance(message, Message)  # only words can be unclear
        return message

    def taken(self, turn: Turn, plan: P, event: Event, *, also: bool = False, anyway: bool = False) -> Reply:
        """The time on the button, in place of what was tapped. Raises `NotYours` when that is no time."""
        if stamped(event.value) is None:
            raise NotYours
        message = self.answered(turn, plan, Asked(slot=event.value, also=also, anyway=anyway))
        assert isinstance(message, Message)
        return Replace(message)

    def filled(self, turn: Turn, event: Event, plan: P, asked: Form) -> Reply:
        """Act on the time that was written into `asked`, the form about this plan."""
        said = event.answers.get("when", "").strip()
        message = self.answered(turn, plan, Asked(said=said)) if said else Unclear()
        if isinstance(message, Unclear):
            return FixAnswers(asked.filled(event.answers), {"when": NO_TIME})
        return Replace(message)

    def _ask_again(self, turn: Turn, draft: Draft) -> None:
        outbox.owe(turn.session, self.notice, about=draft.id, to=turn.person.id, at=turn.now + A_MOMENT)

    def _answer(self, turn: Turn, plan: P, asked: Asked) -> Message | Unclear:
        slot = stamped(asked.slot)
        if slot is not None:
            return self.settle(turn, plan, slot, offered=True, also=asked.also, anyway=asked.anyway)
        if not asked.said:
            return self.offer(turn, plan, page=asked.page)
        match typed.meant(turn, plan, asked.said):
            case Unclear() as unclear:
                return unclear
            case OneOf(ask, slots):
                return which(turn, plan, slots, ask)
            case Offered(line, slots, more):
                return self.offer(turn, plan, line=line, slots=slots, more=more)
            case slot:
                return self.settle(turn, plan, slot)
