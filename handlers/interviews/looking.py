"""Looking at both calendars before a time is offered or suggested."""

from collections.abc import Mapping
from typing import Any

from bot.chat import Message
from handlers.interviews import cards, words
from handlers.interviews.offers import offer
from handlers.interviews.plans import Plan, plan_for, plan_of
from handlers.interviews.settling import settle
from handlers.meetings.looking import Asked, Looking
from handlers.meetings.typed import Unclear
from handlers.turn import Turn
from storage import interviews
from storage.models import Interview


def _kept(plan: Plan) -> Mapping[str, int | None]:
    return {"learner": plan.learner.id, "interview": plan.interview.id if plan.interview else None}


def _again(turn: Turn, kept: Mapping[str, Any]) -> Plan | Message:
    """What is to be arranged; or what to say, when there is nothing to arrange any more."""
    if kept["interview"] is None:
        return plan_for(turn, kept["learner"]) or words.no_partner()
    interview = turn.session.get_one(Interview, kept["interview"])
    return plan_of(turn, interview) if interview.state in interviews.STANDING else cards.shown(turn, interview)


LOOKING = Looking("interviews.looked", "One moment: I’m looking at both calendars.", _kept, _again, settle, offer)


def arranged(turn: Turn, plan: Plan, said: str) -> Message:
    """What comes of arranging it with these words: times to choose from when there is none in them."""
    message = LOOKING.answered(turn, plan, Asked(said=said)) if said else Unclear()
    return LOOKING.offered(turn, plan) if isinstance(message, Unclear) else message
