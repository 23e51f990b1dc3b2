"""Booking a set's meeting, moving it and cancelling it: what its facilitator can do, tapped or typed."""

from bot import wording
from bot.chat import Button, Buttons, Event, Form, Message, OpenForm, Replace, Reply, Say, text
from handlers.meetings.answers import says_later
from handlers.meetings.looking import Asked
from handlers.meetings.offers import page_of
from handlers.meetings.typed import Unclear, not_understood
from handlers.sets import cards, form, words
from handlers.sets.looking import LOOKING
from handlers.sets.offers import offer
from handlers.sets.plans import Plan, plan_for, plan_of
from handlers.turn import Turn
from storage import sets
from storage.models import LearningSet, SetMeeting

# ------------------------------------------------------------------------------------------------------ a new meeting


def book(turn: Turn, event: Event) -> Reply:
    """`book our set next Tuesday 3pm`."""
    mine = sets.facilitated_by(turn.session, turn.person.id)
    if not mine:
        return Say(_not_facilitating(turn), private=True)
    if len(mine) > 1:
        return Say(words.which("Which set shall meet?", mine, "sets.offer"), private=True)
    plan = plan_for(turn, mine[0])
    if plan is None:
        return Say(words.nobody_joined(mine[0]), private=True)
    return Say(_arranged(turn, event, plan, event.words.get("words", "").strip()), private=True)


def _not_facilitating(turn: Turn) -> Message:
    mine = sets.of(turn.session, turn.person.id)
    if not mine:
        return words.none_yet()
    return words.home(turn, mine[0], line="Whoever facilitates a set books its meetings.")


def _arranged(turn: Turn, event: Event, plan: Plan, said: str) -> Message:
    """What comes of arranging it with these words; they are kept when they say nothing about a time."""
    message = LOOKING.offered(turn, plan) if not said.strip(" .!?,") else LOOKING.answered(turn, plan, Asked(said=said))
    if not isinstance(message, Unclear):
        return message
    action = plan.action("offer", "move")
    return not_understood(turn.set_aside(event), event.text, Button("See times", action, plan.about))


def offer_times(turn: Turn, event: Event) -> Reply:
    """Times for this set, as buttons, in place of what was tapped."""
    learning_set = turn.session.get_one(LearningSet, event.about)
    plan = plan_for(turn, learning_set)
    if plan is None:
        return Replace(_nothing_to_book(turn, learning_set))
    return Replace(LOOKING.offered(turn, plan, page=page_of(event.value)))


def _nothing_to_book(turn: Turn, learning_set: LearningSet) -> Message:
    return words.nobody_joined(learning_set) if learning_set.ended_at is None else words.home(turn, learning_set)


def take(turn: Turn, event: Event) -> Reply:
    """Book the time on the button; tapping twice changes nothing."""
    return _taken(turn, event)


def also(turn: Turn, event: Event) -> Reply:
    """The same, though another meeting is booked."""
    return _taken(turn, event, also=True)


def anyway(turn: Turn, event: Event) -> Reply:
    """The same, though somebody has something else then."""
    return _taken(turn, event, anyway=True)


def _taken(turn: Turn, event: Event, *, also: bool = False, anyway: bool = False) -> Reply:
    learning_set = turn.session.get_one(LearningSet, event.about)
    plan = plan_for(turn, learning_set)
    if plan is None:
        return Replace(_nothing_to_book(turn, learning_set))
    return LOOKING.taken(turn, plan, event, also=also, anyway=anyway)


def propose(turn: Turn, event: Event) -> Reply:
    """Open the form for a time of one's own."""
    assert event.about is not None
    return OpenForm(form.about(form.PROPOSE, event.about))


def proposed(turn: Turn, event: Event) -> Reply:
    """A time of one's own for a new meeting."""
    learning_set = turn.session.get_one(LearningSet, event.about)
    plan = plan_for(turn, learning_set)
    if plan is None:
        return Replace(_nothing_to_book(turn, learning_set))
    return LOOKING.filled(turn, event, plan, form.about(form.PROPOSE, plan.about))


def answer_time(turn: Turn, event: Event) -> Reply:
    """Words in answer to times that were offered."""
    learning_set = turn.session.get_one(LearningSet, event.about)
    plan = plan_for(turn, learning_set)
    if plan is None or says_later(event.text):
        return Say(words.home(turn, learning_set), private=True)
    return Say(_arranged(turn, event, plan, event.text), private=True)


def offer_notice(turn: Turn, about: int | None) -> Message | None:
    """Times for a set, afresh."""
    learning_set = turn.session.get(LearningSet, about)
    if learning_set is None:
        return None
    plan = plan_for(turn, learning_set)
    if plan is None or learning_set.facilitator_id != turn.person.id:
        return words.home(turn, learning_set)
    return offer(turn, plan)


# ------------------------------------------------------------------------------------------------------ one that stands


def open_here(turn: Turn, event: Event) -> Reply:
    """Nothing changes: the card as it was."""
    return Replace(cards.shown(turn, sets.locked_meeting(turn.session, event.about)))


def _plan_of(turn: Turn, meeting_id: int | None) -> Plan | Message:
    """The meeting's new time, or its card when it is over or cancelled by now."""
    meeting = turn.session.get_one(SetMeeting, meeting_id)
    if meeting.state != "booked" or meeting.ends_at <= turn.now:
        return cards.shown(turn, meeting)
    return plan_of(turn, meeting)


def move(turn: Turn, event: Event) -> Reply:
    """Other times for this meeting, as buttons."""
    plan = _plan_of(turn, event.about)
    return Replace(LOOKING.offered(turn, plan, page=page_of(event.value)) if isinstance(plan, Plan) else plan)


def move_to(turn: Turn, event: Event) -> Reply:
    """Move it to the time on the button."""
    plan = _plan_of(turn, event.about)
    return LOOKING.taken(turn, plan, event) if isinstance(plan, Plan) else Replace(plan)


def move_anyway(turn: Turn, event: Event) -> Reply:
    """The same, though somebody has something else then."""
    plan = _plan_of(turn, event.about)
    return LOOKING.taken(turn, plan, event, anyway=True) if isinstance(plan, Plan) else Replace(plan)


def retime(turn: Turn, event: Event) -> Reply:
    """Open the form for another time of one's own."""
    assert event.about is not None
    return OpenForm(form.about(form.RETIME, event.about))


def retimed(turn: Turn, event: Event) -> Reply:
    """A time of one's own for a meeting that stands."""
    plan = _plan_of(turn, event.about)
    if isinstance(plan, Message):
        return Replace(plan)
    return LOOKING.filled(turn, event, plan, form.about(form.RETIME, plan.about))


def retyped(turn: Turn, event: Event) -> Reply:
    """Words in answer to other times for a meeting."""
    plan = _plan_of(turn, event.about)
    if isinstance(plan, Message) or says_later(event.text):
        meeting = turn.session.get_one(SetMeeting, event.about)
        return Say(cards.shown(turn, meeting, anew=True), private=True)
    return Say(_arranged(turn, event, plan, event.text), private=True)


def move_typed(turn: Turn, event: Event) -> Reply:
    """`move our set to Friday 10am`."""
    standing = _standing(turn)
    if not standing:
        return Say(_none_standing(turn), private=True)
    if len(standing) > 1:
        return Say(_which(turn, "Which shall I move?", standing, "sets.move"), private=True)
    plan = plan_of(turn, standing[0])
    return Say(_arranged(turn, event, plan, event.words.get("when", "").strip()), private=True)


def retime_notice(turn: Turn, about: int | None) -> Message | None:
    """Other times for a meeting, afresh."""
    meeting = turn.session.get(SetMeeting, about)
    if meeting is None:
        return None
    plan = plan_of(turn, meeting)
    stands = meeting.state == "booked" and meeting.ends_at > turn.now
    return offer(turn, plan) if stands and plan.ids[0] == turn.person.id else cards.card(turn, meeting)


# ------------------------------------------------------------------------------------------------------------ cancelled


def cancel(turn: Turn, event: Event) -> Reply:
    """Ask whether, and why if they like."""
    meeting = turn.session.get_one(SetMeeting, event.about)
    if not _can_cancel(turn, meeting):
        return Replace(cards.shown(turn, meeting))
    return OpenForm(_cancel_form(turn, meeting))


def cancel_typed(turn: Turn, event: Event) -> Reply:
    """`cancel our set`: the next meeting, after asking once more."""
    standing = _standing(turn)
    if not standing:
        return Say(_none_standing(turn), private=True)
    if len(standing) > 1:
        ask = "Which shall I cancel?"
        return Say(_which(turn, ask, standing, "sets.cancel", opens_form=True), private=True)
    return OpenForm(_cancel_form(turn, standing[0]))


def cancelled(turn: Turn, event: Event) -> Reply:
    """The meeting will not take place; everybody hears who cancelled it, and why if that was given."""
    meeting = sets.locked_meeting(turn.session, event.about)
    if _can_cancel(turn, meeting):
        said = event.answers.get("reason", "").strip()
        reason = turn.seal(wording.shortened(said, 2000)) if said else None
        sets.cancel(turn.session, meeting, turn.person.id, turn.now, reason)
    return Replace(cards.shown(turn, meeting))


def _can_cancel(turn: Turn, meeting: SetMeeting) -> bool:
    return meeting.state == "booked" and meeting.ends_at > turn.now


def _cancel_form(turn: Turn, meeting: SetMeeting) -> Form:
    when = wording.span(meeting.starts_at, meeting.ends_at, turn.zone)
    name = turn.session.get_one(LearningSet, meeting.set_id).name
    return form.about(form.CANCEL, meeting.id, text("{name}, {when}", name=name, when=when))


def _standing(turn: Turn) -> list[SetMeeting]:
    """What the sets that the reader facilitates have booked."""
    return [
        meeting
        for one in sets.facilitated_by(turn.session, turn.person.id)
        for meeting in sets.to_come(turn.session, one.id, turn.now)
    ]


def _none_standing(turn: Turn) -> Message:
    mine = sets.facilitated_by(turn.session, turn.person.id)
    return words.home(turn, mine[0], line="Nothing is booked.") if mine else _not_facilitating(turn)


def _which(turn: Turn, ask: str, found: list[SetMeeting], action: str, *, opens_form: bool = False) -> Message:
    buttons = tuple(
        Button(wording.moment(one.starts_at, turn.zone), action, one.id, opens_form=opens_form) for one in found[:10]
    )
    return Message(ask, (text("**{ask}**", ask=ask), Buttons(buttons)))
