"""Looking at calendars first: what was asked for is set aside, and answered a moment later, when all were seen."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from bot.chat import Message, text
from handlers import meetings
from handlers.calendars import calendar_of
from handlers.sets import cards, words
from handlers.sets.plans import Plan, plan_for, plan_of
from handlers.sets.settling import settle
from handlers.sets.times import Unclear, offer, typed
from handlers.turn import Turn
from scheduling.when import read
from storage import calendar_looks, outbox
from storage.models import Draft, LearningSet, SetMeeting

A_MOMENT = timedelta(seconds=1)
PATIENCE = timedelta(seconds=10)  # longer than a calendar is given to answer in


@dataclass(frozen=True)
class Asked:
    """What somebody asked for: times (`page` of them), what they typed (`said`), or the time on a button (`slot`).

    `also`: though another meeting is booked; `anyway`: though somebody has something else then.
    """

    said: str = ""
    slot: str = ""
    page: int = 1
    also: bool = False
    anyway: bool = False


def answered(turn: Turn, plan: Plan, asked: Asked) -> Message | Unclear:
    """What comes of it. Where a calendar has to be looked at first, a word to wait by: the answer follows by itself."""
    if asked.said:
        reading = read(asked.said, turn.now, turn.zone, calendar=calendar_of(turn.policy, turn.person))
        if reading.empty and not reading.away:
            return Unclear()
    if calendar_looks.fresh(turn.session, plan.ids, turn.now, turn.calendars):
        return _answer(turn, plan, asked)
    calendar_looks.want(turn.session, plan.ids, turn.now)
    about = {"set": plan.learning_set.id, "meeting": plan.meeting.id if plan.meeting else None}
    words_asked = turn.seal(json.dumps(about | asdict(asked)))
    draft = Draft(owner_id=turn.person.id, words=words_asked, made_at=turn.now)
    turn.session.add(draft)
    turn.session.flush()
    _ask_again(turn, draft)
    line = "One moment: I’m looking at everybody’s calendars."
    return Message(line, (text("{line}", line=line),))


def looked(turn: Turn, about: int | None) -> Message | None:
    """All calendars were seen, or cannot be now: what was asked for is answered, in a message of its own."""
    draft = turn.session.get(Draft, about)
    if draft is None or draft.owner_id != turn.person.id:
        return None
    asked = json.loads(turn.read(draft.owner_id, draft.words, "draft", draft.id))
    plan = _plan(turn, asked.pop("set"), asked.pop("meeting"))
    if isinstance(plan, Plan):
        patient = turn.now < draft.made_at + PATIENCE
        if patient and not calendar_looks.fresh(turn.session, plan.ids, turn.now, turn.calendars):
            _ask_again(turn, draft)
            return None
    message = _answer(turn, plan, Asked(**asked)) if isinstance(plan, Plan) else plan
    if isinstance(message, Message):  # owed as it is, so that building it twice cannot act twice
        outbox.owe_worded(turn.session, message, to=turn.person.id, now=turn.now, keyring=turn.keyring,
                          key=f"sets.looked/{draft.id}/{draft.made_at.isoformat()}")  # fmt: skip
    turn.session.delete(draft)
    return None


def _ask_again(turn: Turn, draft: Draft) -> None:
    outbox.owe(turn.session, "sets.looked", about=draft.id, to=turn.person.id, at=turn.now + A_MOMENT)


def _plan(turn: Turn, set_id: int, meeting_id: int | None) -> Plan | Message:
    """What is to be arranged; or what to say, when there is nothing to arrange any more."""
    learning_set = turn.session.get_one(LearningSet, set_id)
    if learning_set.facilitator_id != turn.person.id:
        return words.told(turn, learning_set)
    if meeting_id is None:
        return plan_for(turn, learning_set) or words.home(turn, learning_set)
    meeting = turn.session.get_one(SetMeeting, meeting_id)
    return plan_of(turn, meeting) if meeting.state == "booked" else cards.shown(turn, meeting)


def _answer(turn: Turn, plan: Plan, asked: Asked) -> Message | Unclear:
    slot = meetings.stamped(asked.slot)
    if slot is not None:
        return settle(turn, plan, slot, offered=True, also=asked.also, anyway=asked.anyway)
    if not asked.said:
        return offer(turn, plan, page=asked.page)
    found = typed(turn, plan, asked.said)
    return settle(turn, plan, found) if isinstance(found, tuple) else found
