"""Coming to a seminar or not: the invitation, the answer and the waiting list, the reminder for who comes."""

from dataclasses import replace
from datetime import datetime

from bot import wording
from bot.chat import Button, Buttons, Event, Message, Part, Replace, Reply, Say, small, text
from bot.errors import NotYours
from handlers import asking
from handlers.meetings.answers import says_no, says_yes
from handlers.meetings.times import ahead
from handlers.meetings.year import day_before
from handlers.seminars import rules
from handlers.seminars.cards import LATE, as_it_stands, card, changed_by, reason_of, title_of, when_of
from handlers.seminars.running import run_card
from handlers.turn import Turn
from storage import outbox, reminders, seminar_cards, seminar_offers, seminars
from storage.appointments import times_of
from storage.models import Seminar, SeminarSeat

SHOWN = 8
TAKEN = "You have something else then. Move or cancel that first, and tell me again."

# ---------------------------------------------------------------------------------------------------------- the answer


def accept(turn: Turn, event: Event) -> Reply:
    """I’ll come: the time is kept free for it; where it is full they wait. Tapping twice changes nothing."""
    return _said(turn, event, yes=True)


def decline(turn: Turn, event: Event) -> Reply:
    """No, or not any more: whoever has waited longest gets the place."""
    return _said(turn, event, yes=False)


def _said(turn: Turn, event: Event, *, yes: bool) -> Reply:
    seminar = seminars.locked(turn.session, event.about)
    if event.value != str(seminar.version) and seminar.state == "planned":
        return Replace(card(turn, seminar, line="This has changed in the meantime. It is now:"))
    return Replace(_answered(turn, seminar, yes=yes))


def _answered(turn: Turn, seminar: Seminar, *, yes: bool) -> Message:
    """What was said is kept, while it can be; the card says how it stands."""
    seat = _my_seat(turn, seminar)
    if not rules.is_to_come(turn, seminar):
        return card(turn, seminar, line=LATE if seminar.state == "planned" else "")
    was_full = seminars.is_full(turn.session, seminar)
    if not yes:
        seminars.stay_away(turn.session, seminar, turn.person.id, turn.now)
    elif line := _come(turn, seminar, seat, full=was_full):
        return card(turn, seminar, line=line)
    turn.session.flush()
    outbox.answered(turn.session, "seminars.answer", seminar.id, turn.person.id, turn.now)
    everybody = was_full is not seminars.is_full(turn.session, seminar)  # then everybody’s card says so
    seminar_cards.show_afresh(turn.session, seminar, turn.now, to=None if everybody else turn.person.id)
    return card(turn, seminar)


def _come(turn: Turn, seminar: Seminar, seat: SeminarSeat, *, full: bool) -> str:
    """They come, or wait; or why they cannot."""
    if seat.state == "accepted" or (full and seat.state == "waiting"):
        return ""
    if full:
        seat.state, seat.answered_at = "waiting", turn.now
        return ""
    if not seminars.hold(turn.session, seminar, turn.person.id):
        return TAKEN
    seat.state, seat.answered_at = "accepted", turn.now
    seminar.sequence += 1  # calendars put them on the list
    return ""


def _my_seat(turn: Turn, seminar: Seminar) -> SeminarSeat:
    """The reader’s invitation. Raises `NotYours` when they have none."""
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    if seat is None:
        raise NotYours
    return seat


def answer(turn: Turn, event: Event) -> Reply:
    """Words in answer to the invitation; what is neither yes nor no is put to one side."""
    seminar = seminars.locked(turn.session, event.about)
    yes, no = says_yes(event.text), says_no(event.text)
    if yes or no:
        return Say(_answered(turn, seminar, yes=yes), private=True)
    draft = turn.set_aside(event)
    line = "I’ve put this to one side for a week. To answer the invitation, use the buttons."
    kept = Buttons((Button("Keep it in my diary", "diary.keep_draft", draft), Button("Forget it", "diary.forget",
                                                                                      draft)))  # fmt: skip
    message = card(turn, seminar)
    return Say(replace(message, summary=line, parts=(text("{line}", line=line), kept, *message.parts)), private=True)


# --------------------------------------------------------------------------------------------------------- what is sent


def card_notice(turn: Turn, about: int | None) -> Message | None:
    """The invitation, when it goes; and as it is by now, once it stands. Nobody is asked while away or in a pause."""
    seminar = turn.session.get(Seminar, about)
    if seminar is None:
        return None
    if not outbox.is_being_sent(turn.session, seminar_cards.CARD, seminar.id, turn.person.id):
        return as_it_stands(turn, seminar)
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    if seat is None or seat.state != "asked" or not rules.is_to_come(turn, seminar):
        return None
    if asking.may_be_asked(turn, turn.person):
        return card(turn, seminar)
    at = asking.morning(turn, turn.person, turn.today)
    if seminar.starts_at is not None and at < seminar.starts_at:
        key = rules.invitation_key(seminar, turn.person, at.astimezone(turn.zone).date().isoformat())
        outbox.owe(turn.session, seminar_cards.CARD, about=seminar.id, to=turn.person.id, at=at, key=key)
    return None


def moved_notice(turn: Turn, about: int | None) -> Message | None:
    """Another time or place, who decided that and why; and for whoever has something else then, the question again."""
    seminar = turn.session.get(Seminar, about)
    if seminar is None or seminar.state != "planned":
        return _stale(turn, seminar, seminar_cards.MOVED)
    line = f"This was changed by {changed_by(turn, seminar)}:"
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    if seat is None:
        return replace(run_card(turn, seminar, line=line), notice=seminar_cards.MOVED)
    if seat.state == "asked":
        line = f"This was changed by {changed_by(turn, seminar)}. You have something else at its new time. Do you come?"
    message = card(turn, seminar)
    parts: tuple[Part, ...] = (text("{line}", line=line), *reason_of(turn, seminar), *message.parts)
    return replace(message, summary=f"Changed: {title_of(turn, seminar)}", parts=parts, notice=seminar_cards.MOVED)


def cancelled_notice(turn: Turn, about: int | None) -> Message | None:
    """It is off; who decided that, and why."""
    seminar = turn.session.get(Seminar, about)
    if seminar is None:
        return None
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    message = run_card(turn, seminar) if seat is None else card(turn, seminar)
    return replace(message, summary=f"Cancelled: {title_of(turn, seminar)}", notice=seminar_cards.CANCELLED)


def freed_notice(turn: Turn, about: int | None) -> Message | None:
    """There is a place for who waited."""
    seminar = turn.session.get(Seminar, about)
    seat = None if seminar is None else seminars.seat(turn.session, seminar.id, turn.person.id)
    if seminar is None or seat is None or seminar.state != "planned" or seat.state != "accepted":
        return _stale(turn, seminar, seminar_cards.FREED)
    return replace(card(turn, seminar, line="A place has become free, and it is yours:"), notice=seminar_cards.FREED)


def day_before_notice(turn: Turn, about: int | None) -> Message | None:
    """The one reminder, on the working day before; nothing when they do not come, are away or want quiet."""
    seminar = turn.session.get(Seminar, about)
    seat = None if seminar is None else seminars.seat(turn.session, seminar.id, turn.person.id)
    if seminar is None or seat is None or seat.state != "accepted" or not rules.is_to_come(turn, seminar):
        return _stale(turn, seminar, seminar_cards.DAY_BEFORE)
    posted = outbox.stands(turn.session, seminar_cards.DAY_BEFORE, seminar.id, to=turn.person.id)
    if not posted and not asking.may_be_asked(turn, turn.person):
        return None
    assert seminar.starts_at is not None
    line = f"{ahead(seminar.starts_at.astimezone(turn.zone).date(), turn.today)}:"
    return replace(card(turn, seminar, line=line), notice=seminar_cards.DAY_BEFORE)


def _stale(turn: Turn, seminar: Seminar | None, notice: str) -> Message | None:
    """What becomes of news that is no longer so; nothing where it was not sent yet."""
    if seminar is None or not outbox.stands(turn.session, notice, seminar.id, to=turn.person.id):
        return None
    return replace(as_it_stands(turn, seminar), notice=notice)


def owe_reminders(turn: Turn, until: datetime) -> None:
    """Owe whoever comes one reminder on their working day before."""
    for seminar in seminars.standing(turn.session, turn.now):
        starts_at, _ = times_of(seminar)
        if starts_at <= turn.now:
            continue
        beginning = f"{seminar_cards.DAY_BEFORE}/{seminar.id}/{seminar.version}/"
        states = reminders.states(turn.session, beginning)
        for person in seminars.with_seats(turn.session, seminar.id, "accepted"):
            at = day_before(turn.policy, person, starts_at)
            key = f"{beginning}{person.id}"
            if turn.now < at <= until and states.get(key, "closed") == "closed":
                reminders.remind(turn.session, seminar_cards.DAY_BEFORE, about=seminar.id, to=person.id, at=at, key=key)


# ------------------------------------------------------------------------------------------------------------- looking


def open_card(turn: Turn, event: Event) -> Reply:
    """One's own invitation; who comes, for whoever holds it."""
    seminar = turn.session.get_one(Seminar, event.about)
    invited = seminars.seat(turn.session, seminar.id, turn.person.id) is not None
    return Say(card(turn, seminar) if invited else run_card(turn, seminar), private=True)


def show(turn: Turn, event: Event) -> Reply:
    """The seminars to come that one holds or is invited to; for coordinators all of them, and what is not decided."""
    coordinates = turn.person.role == "coordinator"
    mine = seminars.open_to(turn.session, turn.person.id, turn.now)
    parts: list[Part] = []
    for seminar in mine[:SHOWN]:
        parts.append(text("**{when}**: {title}. {how}", when=when_of(turn, seminar), title=title_of(turn, seminar),
                          how=_how(turn, seminar)))  # fmt: skip
        parts.append(Buttons((Button("Open", "seminars.open", seminar.id),)))
    if coordinates:
        parts.extend(_for_coordinators(turn, {one.id for one in mine}))
    elif not mine:
        parts.append(text("No seminar that you are invited to is to come. You hear of one when there is."))
    left = len(mine) - SHOWN
    if left > 0:
        parts.append(small("And {left} later on.", left=left))
    return Say(Message("Seminars", tuple(parts)), private=True)


def _how(turn: Turn, seminar: Seminar) -> str:
    if seminar.host_id == turn.person.id:
        return "You hold it."
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    known = {"accepted": "You are coming.", "waiting": "You are on the waiting list.", "declined": "You said no."}
    return known.get(seat.state if seat else "", "You have not answered yet.")


def _for_coordinators(turn: Turn, besides: set[int]) -> list[Part]:
    parts: list[Part] = []
    others = [one for one in seminars.standing(turn.session, turn.now) if one.id not in besides]
    for seminar in others[:SHOWN]:
        parts.append(text("**{when}**: {title}.", when=when_of(turn, seminar), title=title_of(turn, seminar)))
        parts.append(Buttons((Button("Open", "seminars.run", seminar.id),)))
    year = turn.policy.year_of(turn.today)
    for seminar in seminar_offers.undecided(turn.session, year)[:SHOWN]:
        teams = [team.name for team in rules.sharing(turn, seminar)]
        parts.append(text("Not decided: **{title}**, named by {teams}.", title=title_of(turn, seminar),
                          teams=wording.listed(teams) or "no team any more"))  # fmt: skip
        parts.append(Buttons((Button("Look at it", "seminars.consider", seminar.id),)))
    for seminar in seminar_offers.begun(turn.session, turn.person.id)[:SHOWN]:
        parts.append(text("Begun: **{title}**. Nobody is asked yet.", title=title_of(turn, seminar)))
        parts.append(Buttons((Button("Go on", "seminars.plan", seminar.id, opens_form=True),)))
    parts.append(Buttons((Button("Plan a seminar", "seminars.new", opens_form=True),)))
    return parts
