"""A seminar in calendars: as its people see it there, and what its host changes there."""

from handlers.registry import InCalendars
from handlers.seminars import form
from handlers.seminars.cards import host_of, title_of
from handlers.turn import Turn
from scheduling.calendars.contract import Appointment, Changed
from storage import appointments, seminar_cards, seminars
from storage.models import Seminar


def described(turn: Turn, about: int) -> Appointment:
    """The seminar as the event that its host, the reader, and whoever comes see."""
    seminar = turn.session.get_one(Seminar, about)
    coming = seminars.with_seats(turn.session, about, "accepted")
    host = host_of(turn, seminar)
    people = [*([host] if host is not None else []), *coming]
    starts_at, ends_at = appointments.times_of(seminar)
    return Appointment(
        seminar.uid,
        starts_at,
        ends_at,
        f"Seminar: {title_of(turn, seminar)}",
        f"Where: {turn.opened(seminar.where)}\n\nPlanned with the learning bot. Whether you come, tell the bot.",
        tuple((person.name, person.email) for person in people),
        turn.zone.key,
    )


def placed(turn: Turn, about: int) -> None:
    """There is another address to meet at: the cards show it."""
    seminar_cards.show_afresh(turn.session, turn.session.get_one(Seminar, about), turn.now)


def follow(turn: Turn, about: int, changed: Changed) -> None:
    """Do here what its host did in their calendar. What any other did there concerns only themselves."""
    seminar = seminars.locked(turn.session, about)
    if seminar.state != "planned" or seminar.ends_at is None or seminar.ends_at <= turn.now:
        return
    runs = seminar.host_id == turn.person.id
    if changed.gone:
        if runs:
            seminars.cancel(turn.session, seminar, turn.person.id, turn.now)
        else:
            _cannot(turn, seminar)
    elif changed.starts_at is not None and changed.ends_at is not None:
        slot = changed.starts_at, changed.ends_at
        if slot == appointments.times_of(seminar):
            return
        if runs and slot[0] > turn.now and form.SHORTEST <= slot[1] - slot[0] <= form.LONGEST:
            seminars.move(turn.session, seminar, slot, turn.person.id, turn.now)
        else:
            seminar.sequence += 1  # the calendar is put right
            appointments.keep_seminar(turn.session, seminar, turn.now)


def _cannot(turn: Turn, seminar: Seminar) -> None:
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    if seat is not None and seat.state == "accepted":
        seminars.stay_away(turn.session, seminar, turn.person.id, turn.now)
    else:
        seminar.sequence += 1  # the calendar is put right
    seminar_cards.show_afresh(turn.session, seminar, turn.now)


IN_CALENDARS = InCalendars(described, placed, follow)
