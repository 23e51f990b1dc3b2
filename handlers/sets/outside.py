"""A set's meeting in calendars: as its people see it there, and what they change there."""

from handlers.meetings.times import can_last
from handlers.registry import InCalendars
from handlers.sets.attending import promise
from handlers.sets.plans import plan_of
from handlers.sets.settling import moved
from handlers.turn import Turn
from scheduling.calendars.contract import Appointment, Changed
from scheduling.slots import Interval
from storage import appointments, promises, set_cards, sets
from storage.models import LearningSet, SetMeeting


def described(turn: Turn, about: int) -> Appointment:
    """The meeting as the event that its host, the reader, and the others see. Nobody's words are in it but its name."""
    meeting = turn.session.get_one(SetMeeting, about)
    learning_set = turn.session.get_one(LearningSet, meeting.set_id)
    silent = {person.id for seat, person in sets.seats(turn.session, about) if seat.coming is False}
    people = [one for one in sets.everybody(turn.session, learning_set) if one.id not in silent]
    return Appointment(
        meeting.uid,
        meeting.starts_at,
        meeting.ends_at,
        f"Learning set: {learning_set.name}",
        "Booked with the learning bot. Whether you come, tell the bot.",
        tuple((person.name, person.email) for person in people),
        turn.zone.key,
    )


def placed(turn: Turn, about: int) -> None:
    """There is another address to meet at: the cards show it."""
    set_cards.show_afresh(turn.session, turn.session.get_one(SetMeeting, about), turn.now)


def follow(turn: Turn, about: int, changed: Changed) -> None:
    """Do here what its facilitator did in their calendar. What any other host did there concerns only themselves."""
    meeting = sets.locked_meeting(turn.session, about)
    if meeting.state != "booked" or meeting.ends_at <= turn.now:
        return
    runs = turn.session.get_one(LearningSet, meeting.set_id).facilitator_id == turn.person.id
    if changed.gone:
        if runs:
            sets.cancel(turn.session, meeting, turn.person.id, turn.now)
            set_cards.tell(turn.session, meeting, turn.person.id, turn.now)
        else:
            _cannot(turn, meeting)
    elif changed.starts_at is not None and changed.ends_at is not None:
        slot = changed.starts_at, changed.ends_at
        if slot != (meeting.starts_at, meeting.ends_at) and not (runs and _moved(turn, meeting, slot)):
            meeting.sequence += 1  # the calendar is put right
            appointments.keep_meeting(turn.session, meeting, turn.now)


def _cannot(turn: Turn, meeting: SetMeeting) -> None:
    seat = sets.seat(turn.session, meeting.id, turn.person.id)
    if seat is not None:
        seat.coming = False
    promises.release(turn.session, promises.To(meeting_id=meeting.id), turn.person.id)
    meeting.sequence += 1
    set_cards.show_afresh(turn.session, meeting, turn.now)


def _moved(turn: Turn, meeting: SetMeeting, slot: Interval) -> bool:
    """Whether it is at that time now: everybody is asked anew. Only what cannot be stands against it."""
    if slot[0] <= turn.now or not can_last(slot):
        return False
    stood = meeting.starts_at, meeting.ends_at
    plan = plan_of(turn, meeting)
    meeting.starts_at, meeting.ends_at = slot
    if not promise(turn, meeting, plan.ids):
        meeting.starts_at, meeting.ends_at = stood
        return False
    moved(turn, plan, meeting)
    set_cards.tell(turn.session, meeting, turn.person.id, turn.now)
    return True


IN_CALENDARS = InCalendars(described, placed, follow)
