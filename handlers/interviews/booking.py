"""Booking: asked for, offered, a time taken or typed, put off."""

from collections.abc import Sequence
from datetime import datetime

from bot import wording
from bot.chat import Button, Buttons, Event, Message, OpenForm, Replace, Reply, Say, text
from handlers.calendars import calendar_of
from handlers.interviews import form, rules, words
from handlers.interviews.looking import LOOKING, arranged
from handlers.interviews.offers import offer
from handlers.interviews.plans import Plan, plan_for
from handlers.meetings.answers import says_cancel, says_later, says_yes
from handlers.meetings.looking import Asked
from handlers.meetings.offers import page_of
from handlers.meetings.typed import Unclear, not_understood
from handlers.meetings.year import next_morning
from handlers.turn import Turn
from scheduling.when import Reading, read
from storage import interviews, outbox, people
from storage.models import Person

# ------------------------------------------------------------------------------------------------------------- handlers


def book(turn: Turn, event: Event) -> Reply:
    """`book Ben next Tuesday 3pm`: with whom and when, as far as it was said."""
    said = event.words.get("words", "").strip()
    working = calendar_of(turn.policy, turn.person)
    reading = read(said, turn.now, turn.zone, calendar=working) if said else Reading()
    name = rules.who_in(said, reading.span)
    partner = people.partner_of(turn.session, turn.person.id)
    learners = people.learners_of(turn.session, turn.person.id)
    if name:
        found = people.named(turn.session, name, besides=turn.person.id)
        meant = [one for one in found if partner is not None and one.id == partner.id]
        if meant and partner is not None:
            return Say(arranged(turn, Plan(turn.person, partner), said), private=True)
        mine = [learner for learner in learners if learner.id in {one.id for one in found}]
        if mine:
            return Say(_which_learner(turn, mine, said), private=True)
        if found:
            return Say(_not_partners(turn, found), private=True)
        if reading.empty or not event.words.get("sure"):
            return Say(_not_understood(turn, event), private=True)
    if partner is not None:
        return Say(arranged(turn, Plan(turn.person, partner), said), private=True)
    if learners:
        return Say(_which_learner(turn, learners, said), private=True)
    return Say(words.no_partner(), private=True)


def _which_learner(turn: Turn, learners: Sequence[Person], said: str) -> Message:
    if len(learners) == 1:
        return arranged(turn, Plan(learners[0], turn.person), said)
    buttons = tuple(Button(learner.name, "interviews.offer", learner.id) for learner in learners[:10])
    return Message("With whom?", (text("**With whom?** You are the learning partner of several."), Buttons(buttons)))


def _not_partners(turn: Turn, found: Sequence[Person]) -> Message:
    names = wording.listed([person.name for person in found[:3]])
    buttons = tuple(Button(f"Ask {person.name}", "interviews.ask", person.id) for person in found[:3])
    return Message(
        f"{names} and you aren’t learning partners yet.",
        (
            text("**{names} and you aren’t learning partners yet.** Shall I ask?", names=names),
            Buttons((*buttons, Button("See times with my partner", "interviews.offer", turn.person.id))),
        ),
    )


def _not_understood(turn: Turn, event: Event) -> Message:
    more = Button("Book an interview", "interviews.offer", turn.person.id, style="primary")
    return not_understood(turn.set_aside(event), event.text, more)


def offer_times(turn: Turn, event: Event) -> Reply:
    """Times for this learner, as buttons, in place of what was tapped."""
    plan = plan_for(turn, event.about)
    if plan is None:
        return Replace(words.no_partner())
    return Replace(LOOKING.offered(turn, plan, page=page_of(event.value)))


def take(turn: Turn, event: Event) -> Reply:
    """Suggest the time on the button; tapping twice changes nothing."""
    return _taken(turn, event)


def also(turn: Turn, event: Event) -> Reply:
    """The same, though another interview stands in that window."""
    return _taken(turn, event, also=True)


def anyway(turn: Turn, event: Event) -> Reply:
    """The same, though the reader's own calendar has something then."""
    return _taken(turn, event, anyway=True)


def _taken(turn: Turn, event: Event, *, also: bool = False, anyway: bool = False) -> Reply:
    plan = plan_for(turn, event.about)
    if plan is None:
        return Replace(words.no_partner())
    return LOOKING.taken(turn, plan, event, also=also, anyway=anyway)


def propose(turn: Turn, event: Event) -> Reply:
    """Open the form for a time of one's own."""
    assert event.about is not None
    return OpenForm(form.about(form.PROPOSE, event.about))


def proposed(turn: Turn, event: Event) -> Reply:
    """A time of one's own for a new interview."""
    plan = plan_for(turn, event.about)
    if plan is None:
        return Replace(words.no_partner())
    return LOOKING.filled(turn, event, plan, form.about(form.PROPOSE, plan.about))


def answer_time(turn: Turn, event: Event) -> Reply:
    """Words in answer to an offer or a nudge."""
    plan = plan_for(turn, event.about)
    if plan is None:
        return Say(words.no_partner(), private=True)
    if (says_later(event.text) or says_cancel(event.text)) and plan.learner.id == turn.person.id:
        return Say(put_off(turn), private=True)
    if says_yes(event.text):
        return Say(LOOKING.offered(turn, plan), private=True)
    message = LOOKING.answered(turn, plan, Asked(said=event.text))
    return Say(_not_understood(turn, event) if isinstance(message, Unclear) else message, private=True)


def offer_notice(turn: Turn, about: int | None) -> Message | None:
    """Times for a learner, afresh."""
    plan = None if turn.session.get(Person, about) is None else plan_for(turn, about)
    return None if plan is None else offer(turn, plan)


# ------------------------------------------------------------------------------------------------------------- put off


def put_off(turn: Turn, *, until: datetime | None = None) -> Message:
    """The reader is asked again in a week, or on the morning they named; nothing more, when nothing is due."""
    year = turn.policy.year_of(turn.today)
    due = rules.due(turn.policy, turn.today, interviews.windows_taken(turn.session, turn.person.id, year))
    outbox.answered(turn.session, "interviews.time", turn.person.id, turn.person.id, turn.now)
    if due is None and until is None:
        return Message("That’s fine.", (text("That’s fine. Say “book” whenever it suits you."),))
    at = until or next_morning(turn.policy, turn.person, turn.today + rules.PUT_OFF)
    day = at.astimezone(turn.zone).date()
    year, number = (due.year, due.number) if due else (year, turn.policy.window_on(day))
    interviews.nudge(turn.session, year, number, turn.person.id, at, until=day)
    return words.put_off(turn, day, other_day=until is None)
