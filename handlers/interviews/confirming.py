"""The card of an interview and the answers to a suggestion: opened, confirmed, kept as it was, taken back, lapsed."""

from bot.chat import Button, Event, Message, Replace, Reply, Say
from handlers.interviews import cards, reasons, words
from handlers.interviews.cancelling import asked_once_more
from handlers.interviews.looking import LOOKING
from handlers.interviews.offers import offer
from handlers.interviews.plans import plan_of
from handlers.interviews.settling import count_for
from handlers.meetings.answers import says_cancel, says_later, says_no, says_yes
from handlers.meetings.looking import Asked
from handlers.meetings.typed import Unclear, not_understood
from handlers.meetings.year import AFTERWARDS, SOON, day_before, settles_at
from handlers.turn import Turn
from storage import interview_cards, interviews, outbox
from storage.models import Interview, Person


def open_card(turn: Turn, event: Event) -> Reply:
    """The interview, with what can be done about it."""
    return Say(cards.shown(turn, interviews.locked(turn.session, event.about), anew=True), private=True)


def leave(turn: Turn, event: Event) -> Reply:
    """Nothing changes: the card as it was."""
    return Replace(cards.shown(turn, interviews.locked(turn.session, event.about)))


def confirm(turn: Turn, event: Event) -> Reply:
    """Say yes to the other's suggestion; the button is about the suggestion that was shown."""
    interview = interviews.locked(turn.session, event.about)
    waits = interview.state == "proposed" or (interview.state == "booked" and interview.to_starts_at is not None)
    if not waits or interview.proposed_by_id == turn.person.id:
        return Replace(cards.shown(turn, interview))
    if event.value != str(interview.version):
        return Replace(cards.shown(turn, interview, line="This has changed in the meantime. It is now:"))
    return Replace(_confirmed(turn, interview))


def _confirmed(turn: Turn, interview: Interview) -> Message:
    if (interview.to_starts_at or interview.starts_at) <= turn.now:
        return offer(turn, plan_of(turn, interview), line="That time has passed.")
    interview_cards.forget_prompts(turn.session, interview)
    if interview.to_starts_at is not None and interview.to_ends_at is not None:
        interview.starts_at, interview.ends_at = interview.to_starts_at, interview.to_ends_at
        interview.to_starts_at = interview.to_ends_at = None
        interview.learner_met = interview.partner_met = None
        interview.sequence += 1
        reasons.agreed(interview)
        count_for(turn, turn.session.get_one(Person, interview.learner_id), interview)
    reasons.dropped(interview)
    interview.state = "booked"
    interview.version += 1
    interviews.hold_only(turn.session, interview)
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    interview_cards.show_afresh(turn.session, interview, turn.now)
    owe_reminders(turn, interview)
    other = words.other_of(turn, interview)
    interview_cards.tell(turn.session, interview, other.id, turn.now, "interviews.confirmed")
    return cards.shown(turn, interview)


def owe_reminders(turn: Turn, interview: Interview) -> None:
    """To both: the working day before, a quarter of an hour before, and half an hour after the end."""
    for person_id in (interview.learner_id, interview.partner_id):
        person = turn.session.get_one(Person, person_id)
        before = day_before(turn.policy, person, interview.starts_at)
        for notice, at in (
            ("interviews.day_before", before),
            ("interviews.soon", interview.starts_at - SOON),
            ("interviews.after", interview.ends_at + AFTERWARDS),
        ):
            if at > turn.now:
                key = f"{notice}/{interview.id}/{interview.version}/{person_id}"
                outbox.owe(turn.session, notice, about=interview.id, to=person_id, at=at, key=key)
    learner = turn.session.get_one(Person, interview.learner_id)
    outbox.owe(
        turn.session, "interviews.settle", about=interview.id, to=learner.id,
        at=settles_at(turn.policy, learner, interview.ends_at),
        key=f"interviews.settle/{interview.id}/{interview.version}",
    )  # fmt: skip


def keep(turn: Turn, event: Event) -> Reply:
    """Stay with the booked time: the mover takes the move back, or the other turns it down."""
    interview = interviews.locked(turn.session, event.about)
    if interview.to_starts_at is None:
        return Replace(cards.shown(turn, interview))
    if event.value != str(interview.version):
        return Replace(cards.shown(turn, interview, line="This has changed in the meantime. It is now:"))
    mover = interview.proposed_by_id
    _unmoved(turn, interview)
    if mover != turn.person.id:
        interview_cards.tell(turn.session, interview, mover, turn.now, "interviews.kept")
    return Replace(cards.shown(turn, interview))


def _unmoved(turn: Turn, interview: Interview) -> None:
    interview.to_starts_at = interview.to_ends_at = None
    reasons.dropped(interview)
    interview.version += 1
    interviews.hold_only(turn.session, interview)
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    interview_cards.show_afresh(turn.session, interview, turn.now)


def undo(turn: Turn, event: Event) -> Reply:
    """Take back one's own suggestion that nobody has answered yet."""
    interview = interviews.locked(turn.session, event.about)
    if interview.state != "proposed" or interview.proposed_by_id != turn.person.id:
        return Replace(cards.shown(turn, interview))
    interviews.cancel(turn.session, interview, turn.person.id, turn.now)
    return Replace(cards.shown(turn, interview))


def answer(turn: Turn, event: Event) -> Reply:
    """Words in answer to a suggestion, or to other times for an interview that stands."""
    interview = interviews.locked(turn.session, event.about)
    if interview.state not in interviews.STANDING:
        return Say(cards.shown(turn, interview), private=True)
    if says_cancel(event.text):
        return asked_once_more(turn, interview) or Say(cards.shown(turn, interview), private=True)
    waits = interview.state == "proposed" or interview.to_starts_at is not None
    if waits and interview.proposed_by_id != turn.person.id:
        if says_yes(event.text):
            return Say(_confirmed(turn, interview), private=True)
        if says_no(event.text):
            return Say(
                offer(turn, plan_of(turn, interview), line="No trouble. Would another time suit?",
                      more=(Button("Decline", "interviews.cancel", interview.id, opens_form=True),)),
                private=True,
            )  # fmt: skip
    elif says_later(event.text):
        return Say(cards.shown(turn, interview), private=True)
    message = LOOKING.answered(turn, plan_of(turn, interview), Asked(said=event.text))
    if isinstance(message, Unclear):
        open_it = Button("Open the interview", "interviews.open", interview.id, style="primary")
        message = not_understood(turn.set_aside(event), event.text, open_it)
    return Say(message, private=True)


# ------------------------------------------------------------------------------------------------------------- notices


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """The interview's card, for whoever reads it."""
    interview = turn.session.get(Interview, about)
    return None if interview is None else cards.card(turn, interview)


def earlier_notice(turn: Turn, about: int | None) -> Message | None:
    """What is left of a message whose card is further down."""
    interview = turn.session.get(Interview, about)
    return None if interview is None else cards.in_a_line(turn, interview, below=True)


def aside_notice(turn: Turn, about: int | None) -> Message | None:
    """What is left of a message whose card is elsewhere."""
    interview = turn.session.get(Interview, about)
    return None if interview is None else cards.in_a_line(turn, interview, below=False)


def confirmed_notice(turn: Turn, about: int | None) -> Message | None:
    """That the other said yes."""
    interview = turn.session.get(Interview, about)
    stands = interview is not None and interview.state == "booked" and interview.to_starts_at is None
    return cards.confirmed(turn, interview) if interview is not None and stands else None


def kept_notice(turn: Turn, about: int | None) -> Message | None:
    """That the other would rather keep the booked time."""
    interview = turn.session.get(Interview, about)
    stands = interview is not None and interview.state == "booked" and interview.to_starts_at is None
    return cards.kept(turn, interview) if interview is not None and stands else None


def lapse_notice(turn: Turn, about: int | None) -> Message | None:
    """A suggestion whose time has come without a yes is over; a booked interview keeps the time it had."""
    if turn.session.get(Interview, about) is None:
        return None
    interview = interviews.locked(turn.session, about)
    if interview.state == "booked" and interview.to_starts_at is not None and interview.to_starts_at <= turn.now:
        _unmoved(turn, interview)
        return None if interview.ends_at <= turn.now else cards.shown(turn, interview)
    if interview.state != "proposed" or interview.starts_at > turn.now:
        return None
    interviews.cancel(turn.session, interview, None, turn.now)
    return cards.shown(turn, interview)
