"""Looking at calendars first: what was asked for is set aside, and answered a moment later, when both were seen."""

import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from bot.chat import Event, FixAnswers, Form, Message, Replace, Reply, text
from bot.errors import NotYours
from handlers.calendars import calendar_of
from handlers.interviews import cards, form, words
from handlers.interviews.offers import offer
from handlers.interviews.plans import Plan, plan_for, plan_of
from handlers.interviews.rules import stamped
from handlers.interviews.settling import settle
from handlers.interviews.times import Unclear, typed
from handlers.turn import Turn
from scheduling.when import read
from storage import calendar_looks, interviews, outbox
from storage.models import Draft, Interview

A_MOMENT = timedelta(seconds=1)
PATIENCE = timedelta(seconds=10)  # longer than a calendar is given to answer in


@dataclass(frozen=True)
class Asked:
    """What somebody asked for: times (`page` of them), what they typed (`said`), or the time on a button (`slot`).

    `also`: though another interview stands in that window; `anyway`: though their own calendar has something then.
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
    ids = (plan.learner.id, plan.partner.id)
    if calendar_looks.fresh(turn.session, ids, turn.now, turn.calendars):
        return _answer(turn, plan, asked)
    calendar_looks.want(turn.session, ids, turn.now)
    about = {"learner": plan.learner.id, "interview": plan.interview.id if plan.interview else None}
    wanted = json.dumps(about | asdict(asked))
    draft = Draft(owner_id=turn.person.id, words=turn.seal(wanted), made_at=turn.now)
    turn.session.add(draft)
    turn.session.flush()
    _ask_again(turn, draft)
    line = "One moment: I’m looking at both calendars."
    return Message(line, (text("{line}", line=line),))


def looked(turn: Turn, about: int | None) -> Message | None:
    """Both calendars were seen, or cannot be now: what was asked for is answered, in a message of its own."""
    draft = turn.session.get(Draft, about)
    if draft is None or draft.owner_id != turn.person.id:
        return None
    asked = json.loads(turn.read(draft.owner_id, draft.words, "draft", draft.id))
    plan = _plan(turn, asked.pop("learner"), asked.pop("interview"))
    if isinstance(plan, Plan):
        ids = (plan.learner.id, plan.partner.id)
        patient = turn.now < draft.made_at + PATIENCE
        if patient and not calendar_looks.fresh(turn.session, ids, turn.now, turn.calendars):
            _ask_again(turn, draft)
            return None
    message = _answer(turn, plan, Asked(**asked)) if isinstance(plan, Plan) else plan
    if isinstance(message, Message):  # owed as it is, so that building it twice cannot act twice
        outbox.owe_worded(turn.session, message, to=turn.person.id, now=turn.now, keyring=turn.keyring,
                          key=f"interviews.looked/{draft.id}/{draft.made_at.isoformat()}")  # fmt: skip
    turn.session.delete(draft)
    return None


def filled(turn: Turn, event: Event, plan: Plan, asked: Form) -> Reply:
    """Act on the time that was written into the form `asked`."""
    message = answered(turn, plan, Asked(said=event.answers.get("when", "").strip()))
    if isinstance(message, Unclear):
        problem = "I can’t find a time in that. Write a day and a time, like “Thursday at 10”."
        return FixAnswers(form.about(asked, plan.about).filled(event.answers), {"when": problem})
    return Replace(message)


def offered(turn: Turn, plan: Plan, *, page: int = 1) -> Message:
    """Times to choose from, once both calendars were seen."""
    message = answered(turn, plan, Asked(page=page))
    assert isinstance(message, Message)  # only words can be unclear
    return message


def arranged(turn: Turn, plan: Plan, said: str) -> Message:
    """What comes of arranging it with these words: times to choose from when there is none in them."""
    message = answered(turn, plan, Asked(said=said)) if said else Unclear()
    return offered(turn, plan) if isinstance(message, Unclear) else message


def taken(turn: Turn, plan: Plan, event: Event, *, also: bool = False, anyway: bool = False) -> Reply:
    """The time on the button is suggested, in place of what was tapped. Raises `NotYours` when that is no time."""
    if stamped(event.value) is None:
        raise NotYours
    message = answered(turn, plan, Asked(slot=event.value, also=also, anyway=anyway))
    assert isinstance(message, Message)
    return Replace(message)


def _ask_again(turn: Turn, draft: Draft) -> None:
    at = turn.now + A_MOMENT
    outbox.owe(turn.session, "interviews.looked", about=draft.id, to=turn.person.id, at=at)


def _plan(turn: Turn, learner_id: int, interview_id: int | None) -> Plan | Message:
    """What is to be arranged; or what to say, when there is nothing to arrange any more."""
    if interview_id is None:
        return plan_for(turn, learner_id) or words.no_partner()
    interview = turn.session.get_one(Interview, interview_id)
    return plan_of(turn, interview) if interview.state in interviews.STANDING else cards.shown(turn, interview)


def _answer(turn: Turn, plan: Plan, asked: Asked) -> Message | Unclear:
    slot = stamped(asked.slot)
    if slot is not None:
        return settle(turn, plan, slot, offered=True, also=asked.also, anyway=asked.anyway)
    return typed(turn, plan, asked.said) if asked.said else offer(turn, plan, page=asked.page)
