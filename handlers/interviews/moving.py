"""Moving: other times for an interview that stands, offered, typed or filled in."""

from bot import wording
from bot.chat import Button, Buttons, Event, FixAnswers, Message, OpenForm, Replace, Reply, Say, text
from handlers.calendars import calendar_of
from handlers.interviews import cards, form, reasons
from handlers.interviews.looking import LOOKING, arranged
from handlers.interviews.offers import offer
from handlers.interviews.plans import Plan, plan_of
from handlers.interviews.standing import meant, named, none_standing
from handlers.meetings.offers import page_of
from handlers.meetings.times import stamp
from handlers.turn import Turn
from scheduling.when import Reading, read
from storage import interviews, people
from storage.models import Interview


def move(turn: Turn, event: Event) -> Reply:
    """Other times for this interview, as buttons."""
    interview = turn.session.get_one(Interview, event.about)
    if interview.state not in interviews.STANDING:
        return Replace(cards.shown(turn, interview))
    return Replace(LOOKING.offered(turn, plan_of(turn, interview), page=page_of(event.value)))


def move_to(turn: Turn, event: Event) -> Reply:
    """Suggest the time on the button for this interview."""
    return LOOKING.taken(turn, plan_of(turn, turn.session.get_one(Interview, event.about)), event)


def move_anyway(turn: Turn, event: Event) -> Reply:
    """The same, though the reader's own calendar has something then."""
    return LOOKING.taken(turn, plan_of(turn, turn.session.get_one(Interview, event.about)), event, anyway=True)


def retime(turn: Turn, event: Event) -> Reply:
    """Open the form for another time of one's own."""
    assert event.about is not None
    return OpenForm(form.about(form.RETIME, event.about))


def retimed(turn: Turn, event: Event) -> Reply:
    """A time of one's own for an interview that stands, and why if they like."""
    interview = turn.session.get_one(Interview, event.about)
    if interview.state not in interviews.STANDING:
        return Replace(cards.shown(turn, interview))
    before = interview.reason, interview.changed_by_id
    reasons.suggest(turn, interview, event.answers.get("reason", ""))
    asked = form.about(form.RETIME, interview.id)
    reply = LOOKING.filled(turn, event, plan_of(turn, interview), asked)
    if isinstance(reply, FixAnswers):
        interview.reason, interview.changed_by_id = before
    return reply


def move_typed(turn: Turn, event: Event) -> Reply:
    """`move my interview to Friday 10am`, `can we do Thursday instead?`"""
    said = event.words.get("when", "").strip()
    standing = meant(turn, event)
    if not standing:
        partner = people.partner_of(turn.session, turn.person.id)
        if "we" in event.words and partner is not None:  # "can we do Thursday?" in answer to a nudge
            return Say(arranged(turn, Plan(turn.person, partner), said), private=True)
        return Say(none_standing(turn), private=True)
    if len(standing) == 1:
        return Say(arranged(turn, plan_of(turn, standing[0]), said), private=True)
    reading = read(said, turn.now, turn.zone, calendar=calendar_of(turn.policy, turn.person)) if said else Reading()
    if reading.certain and reading.start is not None and "day" not in reading.assumed:
        buttons = [
            Button(named(turn, one), "interviews.move_to", one.id,
                   stamp(reading.start, reading.end or reading.start + (one.ends_at - one.starts_at)))
            for one in standing[:5]
        ]  # fmt: skip
        ask = f"Which shall I move to {wording.moment(reading.start, turn.zone)}?"
    else:
        buttons = [Button(named(turn, one), "interviews.move", one.id) for one in standing[:5]]
        ask = "Which shall I move?"
    return Say(Message(ask, (text("**{ask}**", ask=ask), Buttons(tuple(buttons)))), private=True)


def retime_notice(turn: Turn, about: int | None) -> Message | None:
    """Other times for an interview, afresh."""
    interview = turn.session.get(Interview, about)
    if interview is None:
        return None
    if interview.state not in interviews.STANDING:
        return cards.card(turn, interview)
    return offer(turn, plan_of(turn, interview))
