"""What people change in their calendars: an interview deleted or moved there is followed here, and both are told."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot import wording
from bot.chat import Button, Buttons, Event, Message, Part, Replace, Reply, text
from handlers.interviews import cards, reasons, words
from handlers.interviews.confirming import owe_reminders
from handlers.interviews.settling import count_for
from handlers.meetings.times import can_last, stamp
from handlers.registry import InCalendars
from handlers.turn import Turn
from scheduling.calendars.contract import Appointment, Changed
from scheduling.slots import Interval
from storage import appointments, calendar_looks, interview_cards, interviews, people, promises
from storage.models import Interview, Person

# ------------------------------------------------------------------------------------------------- as calendars have it


def described(turn: Turn, about: int) -> Appointment:
    """The interview as the event that its host, the reader, and the other see. Nobody's words are in it."""
    interview = turn.session.get_one(Interview, about)
    two = [turn.session.get_one(Person, one) for one in (interview.learner_id, interview.partner_id)]
    return Appointment(
        interview.uid,
        interview.starts_at,
        interview.ends_at,
        f"Learning interview: {two[0].name} and {two[1].name}",
        "Booked with the learning bot. To move or cancel it, tell the bot, or change it here: the bot follows.",
        tuple((person.name, person.email) for person in two),
        turn.zone.key,
    )


def placed(turn: Turn, about: int) -> None:
    """There is another address to meet at: the cards show it."""
    interview_cards.show_afresh(turn.session, interviews.locked(turn.session, about), turn.now)


def follow(turn: Turn, about: int, changed: Changed) -> None:
    """Do here what was done in the reader's calendar, if it can be, and tell both."""
    interview = interviews.locked(turn.session, about)
    if interview.state != "booked" or interview.ends_at <= turn.now:
        return
    if changed.gone:
        interviews.cancel(turn.session, interview, turn.person.id, turn.now)
        _tell_both(turn, interview, "interviews.deleted_outside")
    elif changed.starts_at is not None and changed.ends_at is not None:
        slot = changed.starts_at, changed.ends_at
        if slot == (interview.starts_at, interview.ends_at):
            return  # it was moved back
        moved = _moved(turn, interview, slot)
        interview.version += 1
        interview_cards.show_afresh(turn.session, interview, turn.now)
        if moved:
            owe_reminders(turn, interview)
        _tell_both(turn, interview, "interviews.moved_outside" if moved else "interviews.differs_outside")


IN_CALENDARS = InCalendars(described, placed, follow)


def _moved(turn: Turn, interview: Interview, slot: Interval) -> bool:
    """Whether it is at that time now. Whoever moved it there has decided: only what cannot be stands against it."""
    if slot[0] <= turn.now or not can_last(slot):
        return False
    if not promises.all_or_nothing(turn.session, lambda: interviews.hold(turn.session, interview, *slot)):
        return False
    interview_cards.forget_prompts(turn.session, interview)
    interview.starts_at, interview.ends_at = slot
    interview.to_starts_at = interview.to_ends_at = None
    reasons.dropped(interview)
    interview.learner_met = interview.partner_met = None
    interview.sequence += 1
    interviews.hold_only(turn.session, interview)
    count_for(turn, turn.session.get_one(Person, interview.learner_id), interview)
    return True


def _tell_both(turn: Turn, interview: Interview, notice: str) -> None:
    for person_id in (interview.learner_id, interview.partner_id):
        interview_cards.tell(turn.session, interview, person_id, turn.now, notice)


# ------------------------------------------------------------------------------------------------------------- notices


def deleted_notice(turn: Turn, about: int | None) -> Message | None:
    """That it was deleted in somebody's calendar, and so cancelled."""
    interview = turn.session.get(Interview, about)
    if interview is None or interview.state != "cancelled":
        return None
    line = text(
        "**It was deleted in {whose} calendar,** so I’ve cancelled it here, too.", whose=_whose(turn, interview)
    )
    return _led(cards.shown(turn, interview), line)


def moved_notice(turn: Turn, about: int | None) -> Message | None:
    """That it was moved in somebody's calendar, and so here."""
    interview = turn.session.get(Interview, about)
    if interview is None or interview.state != "booked":
        return None
    line = text("**It was moved in {whose} calendar,** so I’ve moved it here, too.", whose=_whose(turn, interview))
    return _led(cards.shown(turn, interview), line)


def differs_notice(turn: Turn, about: int | None) -> Message | None:
    """That somebody's calendar shows it at a time at which it cannot be: both times, to choose from."""
    interview = turn.session.get(Interview, about)
    shows = None if interview is None else _shows_instead(turn, interview)
    if interview is None or shows is None:
        return None
    stands = wording.span(interview.starts_at, interview.ends_at, turn.zone)
    line = text(
        "**{whose} calendar now shows {shows} for it.** I couldn’t move it there, so {stands} still stands.",
        whose=_whose(turn, interview, first=True), shows=wording.span(*shows, turn.zone), stands=stands,
    )  # fmt: skip
    there, here = wording.moment(shows[0], turn.zone), wording.moment(interview.starts_at, turn.zone)
    ways = Buttons(
        (
            Button(f"Move it to {there}", "interviews.move_to", interview.id, stamp(*shows)),
            Button(f"Keep {here}", "interviews.put_right", interview.id),
        )
    )
    return _led(cards.shown(turn, interview), line, ways)


def _led(card: Message, line: Part, *more: Part) -> Message:
    return replace(card, parts=(line, *more, *card.parts))


def _whose(turn: Turn, interview: Interview, *, first: bool = False) -> str:
    """`your`, or `Amina’s`: whose calendar it is in."""
    event = appointments.event_of(turn.session, interview)
    if event is None or event.host_id == turn.person.id:
        return "Your" if first else "your"
    return f"{words.first(turn.session.get_one(Person, event.host_id))}’s"


def _shows_instead(turn: Turn, interview: Interview) -> Interval | None:
    """The time that its host's calendar shows, where that is another than here."""
    event = appointments.event_of(turn.session, interview)
    if event is None or event.state != "standing" or event.starts_at is None or event.ends_at is None:
        return None
    shows = event.starts_at, event.ends_at
    same = shows == (interview.starts_at, interview.ends_at)
    return None if same or interview.state != "booked" or interview.ends_at <= turn.now else shows


def put_right(turn: Turn, event: Event) -> Reply:
    """Keep the time that stands here: the calendar is made to show it."""
    interview = interviews.locked(turn.session, event.about)
    differs = _shows_instead(turn, interview) is not None
    if differs:
        appointments.put_right(turn.session, interview.id, turn.now)
    line = "I’m putting the calendar right." if differs else ""
    return Replace(cards.shown(turn, interview, line=line))


# ---------------------------------------------------------------------------------------------------------- look ahead


def look_ahead(turn: Turn, until: datetime) -> None:
    """Look at the calendars of whoever has an interview to book by tomorrow, so that good times are at hand."""
    if not turn.calendars:
        return
    reachable = {one.id for one in people.present(turn.session) if calendar_looks.system_of(one, turn.calendars)}
    wanted: set[int] = set()
    for day in (turn.today, turn.today + timedelta(days=1)):
        year, number = turn.policy.year_of(day), turn.policy.window_on(day)
        opens, closes = turn.policy.windows(year)[number - 1]
        if opens <= day <= closes:
            for pair in interviews.to_be_booked(turn.session, year, number):
                wanted.update(pair)
    calendar_looks.want(turn.session, wanted & reachable, turn.now)
