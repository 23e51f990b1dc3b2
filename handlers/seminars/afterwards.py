"""After a seminar: each who meant to come is asked once whether they were there, which becomes their learning time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.chat import Event, Message, Replace, Reply, text
from bot.errors import NotYours
from handlers import asking
from handlers.activities import kind_named
from handlers.calendars import calendar_of
from handlers.meetings.year import settles_at
from handlers.purpose import with_purpose
from handlers.seminars.cards import card, title_of
from handlers.seminars.running import how_many_were_there
from handlers.turn import Turn
from storage import outbox, reminders, seminar_cards, seminars
from storage.appointments import times_of
from storage.database import add_now
from storage.models import LearningTime, Person, Seminar, SeminarSeat
from storage.suppression import SHOWN_FROM

NUMBERS = "seminars.numbers"
A_KIND = "seminar"  # the word by which the policy's kind of activity is found


def owe_questions(turn: Turn, until: datetime) -> None:
    """Owe whoever means to come the question whether they were there, for their next working day after it."""
    for seminar in seminars.standing(turn.session, turn.now):
        if times_of(seminar)[1] <= until:
            _owe_all(turn, seminar)


def _owe_all(turn: Turn, seminar: Seminar) -> None:
    """Each is owed it once: whoever is away on the day that it was owed for is asked when they are back."""
    ended = times_of(seminar)[1]
    states = reminders.states(turn.session, f"{seminar_cards.AFTER}/{seminar.id}/")
    owed = {key.rsplit("/", 1)[0] for key, state in states.items() if state != "closed"}
    for person in seminars.with_seats(turn.session, seminar.id, "accepted"):
        if _whose(seminar, person) not in owed:
            day = calendar_of(turn.policy, person).next_working_day(ended.astimezone(ZoneInfo(person.zone)).date())
            _owe(turn, seminar, person, asking.morning(turn, person, day))


def settle(turn: Turn, until: datetime) -> None:
    """What has ended was held; its host is owed a number, once most will have answered."""
    for seminar in seminars.over(turn.session, turn.now):
        seminar = seminars.locked(turn.session, seminar.id)
        seminar.state = "held"
        _owe_all(turn, seminar)  # where the bot was down while it was to be owed
        if seminar.host_id is not None:
            at = settles_at(turn.policy, turn.session.get_one(Person, seminar.host_id), times_of(seminar)[1])
            outbox.owe(turn.session, NUMBERS, about=seminar.id, to=seminar.host_id, at=at,
                       key=f"{NUMBERS}/{seminar.id}")  # fmt: skip
        seminar_cards.show_afresh(turn.session, seminar, turn.now)


def _owe(turn: Turn, seminar: Seminar, person: Person, at: datetime) -> None:
    key = f"{_whose(seminar, person)}/{at.astimezone(ZoneInfo(person.zone)).date().isoformat()}"
    reminders.remind(turn.session, seminar_cards.AFTER, about=seminar.id, to=person.id, at=at, key=key)


def _whose(seminar: Seminar, person: Person) -> str:
    """What the key of every question to this person about this seminar begins with; the day follows."""
    return f"{seminar_cards.AFTER}/{seminar.id}/{person.id}"


def after_notice(turn: Turn, about: int | None) -> Message | None:
    """Were you there? Nothing once that is said; who is away or wants quiet is asked when they are back."""
    seminar = turn.session.get(Seminar, about)
    seat = None if seminar is None else seminars.seat(turn.session, seminar.id, turn.person.id)
    if seminar is None or seat is None:
        return None
    if not outbox.is_being_sent(turn.session, seminar_cards.AFTER, seminar.id, turn.person.id):
        return card(turn, seminar)  # it was asked, and this changes what stands
    if seat.state != "accepted" or seminar.state not in ("planned", "held") or times_of(seminar)[1] > turn.now:
        return None
    if asking.may_be_asked(turn, turn.person):
        return card(turn, seminar)
    _owe(turn, seminar, turn.person, asking.morning(turn, turn.person, turn.today + timedelta(days=1)))
    return None


def was_there(turn: Turn, event: Event) -> Reply:
    """Yes becomes their learning time, once; no is the end of it."""
    seminar = seminars.locked(turn.session, event.about)
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    if seat is None:
        raise NotYours
    told_before = seat.state == "attended" or (seat.state == "missed" and event.value == "no")
    askable = seminar.state in ("planned", "held") and seminar.ends_at is not None and seminar.ends_at <= turn.now
    if told_before or not askable or seat.state not in ("accepted", "missed"):
        return Replace(card(turn, seminar))
    if event.value == "yes":
        _log(turn, seminar, seat)
    else:
        seat.state, seat.answered_at = "missed", turn.now
    turn.session.flush()
    seminar_cards.show_afresh(turn.session, seminar, turn.now, to=turn.person.id)
    message = card(turn, seminar)
    return Replace(with_purpose(turn, message) if event.value == "yes" else message)


def _log(turn: Turn, seminar: Seminar, seat: SeminarSeat) -> None:
    starts_at, ends_at = times_of(seminar)
    time = LearningTime(
        owner_id=turn.person.id, words=turn.seal(f"Seminar: {title_of(turn, seminar)}"),
        on_day=starts_at.astimezone(turn.zone).date(), minutes=(ends_at - starts_at) // timedelta(minutes=1),
        made_at=turn.now, off_the_job=seminar.off_the_job,
        kind=kind_named(turn.policy.courses.activities, A_KIND),
    )  # fmt: skip
    add_now(turn.session, time)
    seat.state, seat.answered_at, seat.time_id = "attended", turn.now, time.id


def numbers_notice(turn: Turn, about: int | None) -> Message | None:
    """How many were there, for whoever held it, once that is mostly known; nothing of fewer than five."""
    seminar = turn.session.get(Seminar, about)
    if seminar is None or seminar.host_id != turn.person.id:
        return None
    there = seminars.counts(turn.session, seminar.id).get("attended", 0)
    if there < SHOWN_FROM or not asking.may_be_asked(turn, turn.person):
        return None
    title = title_of(turn, seminar)
    line = text("**{title}.** {many} Thank you for holding it.", title=title, many=how_many_were_there(turn, seminar))
    return Message(f"{title}: how many were there", (line,), NUMBERS, seminar.id)
