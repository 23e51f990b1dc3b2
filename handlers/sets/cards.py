"""The card of a set's meeting: built from the rows for whoever reads it, whole in one message, a line in the others."""

from collections.abc import Sequence
from contextlib import suppress
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Link, Message, Part, Quote, small, text
from bot.errors import NotYours
from handlers.turn import Turn
from storage import appointments, interviews, outbox, set_cards, sets
from storage.models import Attendance, LearningSet, Person, SetMeeting


def card(turn: Turn, meeting: SetMeeting, *, line: str = "") -> Message:
    """The meeting as it is now, for this reader, with what can be done about it. `line` leads, once."""
    learning_set = turn.session.get_one(LearningSet, meeting.set_id)
    seat = sets.seat(turn.session, meeting.id, turn.person.id)
    runs = learning_set.facilitator_id == turn.person.id
    if meeting.state == "cancelled":
        message = _cancelled(turn, meeting, learning_set, runs=runs)
    elif meeting.ends_at > turn.now:
        message = _booked(turn, meeting, learning_set, seat, runs=runs)
    elif runs and meeting.state == "booked":
        message = _who_was_there(turn, meeting, learning_set)
    else:
        message = _over(turn, meeting, learning_set, seat, runs=runs)
    parts = (text("{line}", line=line), *message.parts) if line else message.parts
    return Message(message.summary, parts, set_cards.CARD, meeting.id, message.awaits)


def shown(turn: Turn, meeting: SetMeeting, *, line: str = "", anew: bool = False) -> Message:
    """The card in answer to its reader: this message has it whole from now on, and those shown before shrink to a line.

    It takes the place of the message that was tapped, unless it is sent `anew`.
    """
    place = turn.place
    if place is None or place.direct:  # what is said privately in a channel may vanish: there nothing may depend on it
        here = place is not None and not anew
        on = outbox.posted(turn.session, place.platform, place.conversation, place.message) if place and here else None
        set_cards.shrink(turn.session, meeting.id, turn.person.id, turn.now, on=on)
    return card(turn, meeting, line=line)


def in_a_line(turn: Turn, meeting: SetMeeting) -> Message:
    """What is left of an older message."""
    learning_set = turn.session.get_one(LearningSet, meeting.set_id)
    moment = wording.moment(meeting.starts_at, turn.zone)
    if meeting.state == "cancelled":
        state = f"{moment} is cancelled"
    elif meeting.ends_at > turn.now:
        state = f"booked for {moment}"
    else:
        state = f"it was planned for {moment}"
    line = f"{learning_set.name}: {state}."
    if meeting.state == "booked" and meeting.ends_at > turn.now:
        line += " Say “learning sets” to see it."
    return Message(line, (small("{line}", line=line),))


def reminder(turn: Turn, meeting: SetMeeting, heading: str) -> Message:
    """The card, led by how soon it is."""
    return shown(turn, meeting, line=f"{heading}:")


# ------------------------------------------------------------------------------------------------------- before it is


def _booked(
    turn: Turn, meeting: SetMeeting, learning_set: LearningSet, seat: Attendance | None, *, runs: bool
) -> Message:
    when, leads = _when(turn, meeting), "You facilitate it"
    if not runs:
        leads = f"{turn.session.get_one(Person, learning_set.facilitator_id).name} facilitates it"
    parts: list[Part] = [
        text("**{name}: {when}.** {leads}.", name=learning_set.name, when=when, leads=leads),
        text("{coming}", coming=_coming(turn, meeting)),
    ]  # fmt: skip
    if runs:
        parts.extend(_not_coming(turn, meeting))
        parts.extend(_elsewhere(turn, meeting))
    if runs or (seat is not None and seat.coming is not False):
        parts.extend(_calendar_link(turn, meeting))
    buttons: list[Button] = []
    if seat is not None and not runs:
        if seat.coming is not None:
            answer = "You are coming." if seat.coming else "You said that you can’t come."
            parts.append(text("{answer}", answer=answer))
        if not seat.coming:
            style = "" if seat.coming is False else "primary"
            buttons.append(Button("I’m coming", "sets.coming", meeting.id, str(meeting.version), style))
        if seat.coming is not False:
            buttons.append(Button("I can’t", "sets.not_coming", meeting.id, str(meeting.version)))
    if runs:
        buttons.append(Button("Move it", "sets.move", meeting.id))
        buttons.append(Button("Cancel it", "sets.cancel", meeting.id, opens_form=True))
    if buttons:
        parts.append(Buttons(tuple(buttons)))
    awaits = "sets.answer" if seat is not None and seat.coming is None and not runs else ""
    return Message(f"{learning_set.name}: {when}", tuple(parts), awaits=awaits)


def _calendar_link(turn: Turn, meeting: SetMeeting) -> tuple[Part, ...]:
    """Where to meet, if it stands in a calendar to which everybody is invited; else the reader's own calendar file."""
    if join_url := appointments.join_url(turn.session, meeting):
        return (Link("Join the meeting", join_url),)
    if not turn.base_url or appointments.stands(turn.session, meeting):
        return ()
    mark = turn.keyring.mark("ics/set", meeting.id, turn.person.id)
    return (Link("Add to my calendar", f"{turn.base_url}/ics/set/{meeting.id}/{turn.person.id}/{mark}.ics"),)


def _coming(turn: Turn, meeting: SetMeeting) -> str:
    seats = sets.seats(turn.session, meeting.id)
    names = [person.name for seat, person in seats if seat.coming]
    if not names:
        return f"Nobody of {len(seats)} has said yet that they come."
    return f"{len(names)} of {len(seats)} {'is' if len(names) == 1 else 'are'} coming: {wording.listed(names)}."


def _not_coming(turn: Turn, meeting: SetMeeting) -> list[Part]:
    seats = sets.seats(turn.session, meeting.id)
    cannot = [person.name for seat, person in seats if seat.coming is False]
    silent = [person.name for seat, person in seats if seat.coming is None]
    lines = [f"Can’t come: {wording.listed(cannot)}."] if cannot else []
    lines += [f"No answer yet: {wording.listed(silent)}."] if silent else []
    return [small("{line}", line=line) for line in lines]


def _elsewhere(turn: Turn, meeting: SetMeeting) -> list[Part]:
    """The same time on the clocks of those for whom they show something else."""
    here = meeting.starts_at.astimezone(turn.zone).replace(tzinfo=None)
    there: dict[str, str] = {}
    for seat, person in sets.seats(turn.session, meeting.id):
        zone = ZoneInfo(person.zone)
        if seat.coming is not False and meeting.starts_at.astimezone(zone).replace(tzinfo=None) != here:
            there[person.name] = wording.span(meeting.starts_at, meeting.ends_at, zone)
    return [small("For {name} that is {when}.", name=wording.first_name(name), when=when)
            for name, when in there.items()]  # fmt: skip


def _cancelled(turn: Turn, meeting: SetMeeting, learning_set: LearningSet, *, runs: bool) -> Message:
    when = _when(turn, meeting)
    who = None if meeting.changed_by_id is None else turn.session.get_one(Person, meeting.changed_by_id)
    if who is None:
        why = ""
    elif who.id == turn.person.id:
        why = "You cancelled it."
    else:
        why = f"{wording.first_name(who.name)} {'has left' if who.left_at is not None else 'cancelled it'}."
    parts: list[Part] = [text("**Cancelled: {name}, {when}.** {why}", name=learning_set.name, when=when, why=why)]
    if meeting.reason is not None and who is not None:
        with suppress(NotYours):  # whoever wrote it was erased, and their words with them
            parts.append(Quote(turn.read(who.id, meeting.reason, "set", meeting.id)))
    if runs and learning_set.ended_at is None:
        parts.append(Buttons((Button("Choose a new time", "sets.offer", learning_set.id),)))
    return Message(f"Cancelled: {learning_set.name}, {when}", tuple(parts))


# ---------------------------------------------------------------------------------------------------------- afterwards


def _who_was_there(turn: Turn, meeting: SetMeeting, learning_set: LearningSet) -> Message:
    """What the facilitator is asked when it is over."""
    seats = sets.seats(turn.session, meeting.id)
    expected = [person.name for seat, person in seats if seat.coming is not False]
    everybody = "Everybody was there" if len(expected) == len(seats) else f"These {len(expected)} were there"
    if len(expected) == 1:
        everybody = f"{wording.first_name(expected[0])} was there"
    names = f"I expected {wording.listed(expected)}." if expected else "Nobody had said that they come."
    return Message(
        f"Who was there: {learning_set.name}?",
        (
            text("**{name}: who was there?** {when}.", name=learning_set.name, when=_when(turn, meeting)),
            text("{names}", names=names),
            Buttons(
                (
                    *((Button(everybody, "sets.everybody", meeting.id, style="primary"),) if expected else ()),
                    Button("Say who", "sets.attendance", meeting.id, opens_form=True),
                    Button("It didn’t take place", "sets.nobody", meeting.id),
                    Button("Ask me later", "sets.later", meeting.id),
                )
            ),
            small("For whoever was there it counts as one of the year’s interviews. Each can put it right themselves."),
        ),
    )


def _over(
    turn: Turn, meeting: SetMeeting, learning_set: LearningSet, seat: Attendance | None, *, runs: bool
) -> Message:
    day = wording.day(meeting.starts_at.astimezone(turn.zone).date())
    parts: list[Part] = []
    if runs:
        there = [person.name for one, person in sets.seats(turn.session, meeting.id) if one.was_there]
        line = (
            f"{wording.listed(there)} {'was' if len(there) == 1 else 'were'} there." if there else "Nobody was there."
        )
        parts.append(text("**{name}, {day}.** {line}", name=learning_set.name, day=day, line=line))
    if seat is not None:
        parts.extend(_mine(turn, meeting, learning_set, seat, day))
    return Message(f"{learning_set.name}, {day}", tuple(parts or [text("{name}, {day}.", name=learning_set.name,
                                                                       day=day)]))  # fmt: skip


def _mine(turn: Turn, meeting: SetMeeting, learning_set: LearningSet, seat: Attendance, day: str) -> Sequence[Part]:
    yes = Button("I was there", "sets.was_there", meeting.id, "yes")
    no = Button("I wasn’t there", "sets.was_there", meeting.id, "no")
    if seat.was_there is None:
        return (
            text("**Were you at {name} on {day}?**", name=learning_set.name, day=day),
            Buttons((Button(yes.label, yes.action, yes.about, yes.value, "primary"), no)),
        )
    if not seat.was_there:
        return text("You weren’t at {name} on {day}.", name=learning_set.name, day=day), Buttons((yes,))
    met, promised = interviews.held_in(turn.session, turn.person.id, seat.year), turn.policy.interviews.per_year
    return (
        text("**You were at {name} on {day}.** It counts as one of your learning interviews: {met}/{promised} this "
             "year.", name=learning_set.name, day=day, met=met, promised=promised),
        Buttons((no,)),
    )  # fmt: skip


def _when(turn: Turn, meeting: SetMeeting) -> str:
    return wording.span(meeting.starts_at, meeting.ends_at, turn.zone)
