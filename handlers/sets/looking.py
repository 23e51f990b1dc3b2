"""Looking at everybody's calendars before a time is offered or booked."""

from collections.abc import Mapping
from typing import Any

from bot.chat import Message
from handlers.meetings.looking import Looking
from handlers.sets import cards, words
from handlers.sets.offers import offer
from handlers.sets.plans import Plan, plan_for, plan_of
from handlers.sets.settling import settle
from handlers.turn import Turn
from storage.models import LearningSet, SetMeeting


def _kept(plan: Plan) -> Mapping[str, int | None]:
    return {"set": plan.learning_set.id, "meeting": plan.meeting.id if plan.meeting else None}


def _again(turn: Turn, kept: Mapping[str, Any]) -> Plan | Message:
    """What is to be arranged; or what to say, when there is nothing to arrange any more."""
    learning_set = turn.session.get_one(LearningSet, kept["set"])
    if learning_set.facilitator_id != turn.person.id:
        return words.told(turn, learning_set)
    if kept["meeting"] is None:
        return plan_for(turn, learning_set) or words.home(turn, learning_set)
    meeting = turn.session.get_one(SetMeeting, kept["meeting"])
    return plan_of(turn, meeting) if meeting.state == "booked" else cards.shown(turn, meeting)


LOOKING = Looking("sets.looked", "One moment: I’m looking at everybody’s calendars.", _kept, _again, settle, offer)
