"""A seminar's card for somebody who is invited: what it is, why they are asked, who sees the answer, what they said."""

from bot import wording
from bot.chat import Button, Buttons, Link, Message, Part, Quote, small, text
from handlers.seminars import rules
from handlers.turn import Turn
from storage import appointments, learning_time, people, seminar_cards, seminars
from storage.appointments import times_of
from storage.models import LearningTime, Person, Seminar, SeminarSeat

LATE = "It has begun, so this can’t be changed any more."


def title_of(turn: Turn, seminar: Seminar) -> str:
    """What it is called."""
    return turn.opened(seminar.title)


def when_of(turn: Turn, seminar: Seminar) -> str:
    """From when until when, for the reader."""
    return wording.span(*times_of(seminar), turn.zone)


def host_of(turn: Turn, seminar: Seminar) -> Person | None:
    """Who holds it; nobody while that is open."""
    return None if seminar.host_id is None else turn.session.get(Person, seminar.host_id)


def changed_by(turn: Turn, seminar: Seminar) -> str:
    """Who moved or cancelled it, in a word."""
    who = None if seminar.changed_by_id is None else turn.session.get(Person, seminar.changed_by_id)
    if who is None:
        return "a coordinator"
    return "you" if who.id == turn.person.id else who.name


def card(turn: Turn, seminar: Seminar, *, line: str = "") -> Message:
    """The seminar as it is now, for this reader, with what can be done about it. `line` leads, once."""
    seat = seminars.seat(turn.session, seminar.id, turn.person.id)
    notice, awaits = seminar_cards.CARD, ""
    if seminar.state == "cancelled":
        parts = was_cancelled(turn, seminar)
    elif seat is None and seminar.host_id == turn.person.id:
        parts = [
            text("You hold the seminar **{title}**.", title=title_of(turn, seminar)),
            Buttons((Button("Open it", "seminars.run", seminar.id),)),
        ]
    elif seminar.starts_at is None or seminar.ends_at is None or seat is None:
        parts = [text("You are not invited to this seminar any more.")]
    elif seminar.ends_at <= turn.now:
        notice, parts = seminar_cards.AFTER, _over(turn, seminar, seat)
    else:
        parts = _to_come(turn, seminar, seat)
        awaits = "seminars.answer" if seat.state == "asked" and seminar.starts_at > turn.now else ""
    if line:
        parts = [text("{line}", line=line), *parts]
    return Message(f"A seminar: {title_of(turn, seminar)}", tuple(parts), notice, seminar.id, awaits)


def as_it_stands(turn: Turn, seminar: Seminar) -> Message:
    """What an earlier message about it becomes: the card, and a line once it is over, as that is asked elsewhere."""
    if seminar.state == "cancelled" or seminar.ends_at is None or seminar.ends_at > turn.now:
        return card(turn, seminar)
    line = small("{title} was on {day}.", title=title_of(turn, seminar), day=_day(turn, seminar))
    return Message(line.plain(), (line,), seminar_cards.CARD, seminar.id)


# ------------------------------------------------------------------------------------------------------- before it is


def _to_come(turn: Turn, seminar: Seminar, seat: SeminarSeat) -> list[Part]:
    full = seminars.is_full(turn.session, seminar)
    heading = {
        "accepted": "You are coming to {title}.",
        "waiting": "You are on the waiting list for {title}.",
        "declined": "You said no to {title}. That’s fine.",
    }.get(seat.state, "A seminar: {title}.")
    parts: list[Part] = [
        text(f"**{heading}** {{when}}, {{where}}.", title=title_of(turn, seminar), when=when_of(turn, seminar),
             where=turn.opened(seminar.where)),
    ]  # fmt: skip
    if seat.state == "asked":
        parts.extend(_what_it_is(turn, seminar, full=full))
    if seat.state == "waiting":
        parts.append(text("I tell you when a place becomes free."))
    if seminar.starts_at is not None and seminar.starts_at <= turn.now:
        return [*parts, small("{late}", late=LATE)]
    if seat.state == "accepted":
        parts.extend(calendar_link(turn, seminar))
    parts.append(Buttons(_answers(seminar, seat, full=full)))
    if seat.state == "asked":
        parts.append(small("{why} {seen}", why=why(turn, seminar), seen=_seen(turn, seminar)))
    return parts


def _what_it_is(turn: Turn, seminar: Seminar, *, full: bool) -> list[Part]:
    host = host_of(turn, seminar)
    parts: list[Part] = []
    if seminar.about is not None:
        parts.append(Quote(turn.opened(seminar.about)))
    if host is not None:
        parts.append(text("{host} holds it.", host=host.name))
    if seminar.off_the_job:
        parts.append(text("It counts towards the learning time that is owed to you."))
    if full:
        parts.append(text("**It is full by now.** You can wait for a place."))
    elif seminar.places is not None:
        parts.append(text("There are {places}.", places=wording.count(seminar.places, "place")))
    return parts


def why(turn: Turn, seminar: Seminar) -> str:
    """Why the reader is asked: never because of anything that they alone said."""
    if any(team.id == turn.person.team_id for team in rules.sharing(turn, seminar)):
        return "You are asked because your team’s development plan names this as a need."
    team = people.team_of(turn.session, turn.person)
    return f"You are asked because it is open to {f'everybody in {team.name}' if team else 'everybody'}."


def _seen(turn: Turn, seminar: Seminar) -> str:
    host = host_of(turn, seminar)
    who = f"{host.name} and the learning coordinator see" if host else "The learning coordinator sees"
    if host is not None and host.role == "coordinator":
        who = f"{host.name}, as a coordinator, sees"
    return f"{who} who comes, and nobody else. A no needs no reason. You can change it until it begins."


def _answers(seminar: Seminar, seat: SeminarSeat, *, full: bool) -> tuple[Button, ...]:
    stamp = str(seminar.version)
    no = {"accepted": "I can’t come after all", "waiting": "Take me off the list"}.get(seat.state, "No, thank you")
    buttons: list[Button] = []
    if full and seat.state in ("asked", "declined"):
        buttons.append(Button("Put me on the waiting list", "seminars.accept", seminar.id, stamp))
    elif not full and seat.state != "accepted":
        label = "I’ll come after all" if seat.state == "declined" else "I’ll come"
        style = "" if seat.state == "declined" else "primary"
        buttons.append(Button(label, "seminars.accept", seminar.id, stamp, style))
    if seat.state != "declined":
        buttons.append(Button(no, "seminars.decline", seminar.id, stamp))
    return tuple(buttons)


def calendar_link(turn: Turn, seminar: Seminar) -> tuple[Part, ...]:
    """Where to meet, if it stands in a calendar to which whoever comes is invited; else the reader's own file."""
    if join_url := appointments.join_url(turn.session, seminar):
        return (Link("Join the seminar", join_url),)
    if not turn.base_url or appointments.stands(turn.session, seminar):
        return ()
    mark = turn.keyring.mark("ics/seminar", seminar.id, turn.person.id)
    address = f"{turn.base_url}/ics/seminar/{seminar.id}/{turn.person.id}/{mark}.ics"
    return (Link("Put it in my calendar", address),)


def reason_of(turn: Turn, seminar: Seminar) -> list[Part]:
    """Why it was moved or cancelled, where that was said."""
    return [] if seminar.reason is None else [Quote(turn.opened(seminar.reason))]


def was_cancelled(turn: Turn, seminar: Seminar) -> list[Part]:
    """That it is off; who decided that, and why where it was said."""
    when = when_of(turn, seminar) if seminar.starts_at is not None else ""
    return [
        text("**Cancelled: {title}, {when}.** It was cancelled by {who}.", title=title_of(turn, seminar), when=when,
             who=changed_by(turn, seminar)),
        *reason_of(turn, seminar),
    ]  # fmt: skip


# ---------------------------------------------------------------------------------------------------------- afterwards


def _over(turn: Turn, seminar: Seminar, seat: SeminarSeat) -> list[Part]:
    title, day = title_of(turn, seminar), _day(turn, seminar)
    yes = Button("Yes, I was there", "seminars.was_there", seminar.id, "yes", "primary")
    no = Button("No", "seminars.was_there", seminar.id, "no")
    if seat.state == "accepted":
        return [
            text("**Were you at {title} on {day}?**", title=title, day=day),
            Buttons((yes, no)),
            small("You said that you would come, so I ask once. With a yes I log it as your learning time, which you "
                  "can change or take out. Nobody sees your answer; the host sees numbers from five on."),
        ]  # fmt: skip
    if seat.state == "missed":
        after_all = Button("I was there after all", "seminars.was_there", seminar.id, "yes")
        return [text("You weren’t at {title} on {day}. That’s fine.", title=title, day=day), Buttons((after_all,))]
    if seat.state == "attended":
        return _attended(turn, seat, title, day)
    return [text("{title} was on {day}.", title=title, day=day)]


def _day(turn: Turn, seminar: Seminar) -> str:
    return wording.day(times_of(seminar)[0].astimezone(turn.zone).date())


def _attended(turn: Turn, seat: SeminarSeat, title: str, day: str) -> list[Part]:
    parts: list[Part] = [text("**You were at {title} on {day}.**", title=title, day=day)]
    time = None if seat.time_id is None else turn.session.get(LearningTime, seat.time_id)
    if time is None:
        return [*parts, text("It is not in your learning time any more.")]
    where = "off the job" if time.off_the_job else "on the job"
    parts.append(
        text("{length} of learning time is logged, {where}.", length=wording.length(time.minutes), where=where)
    )
    parts.append(
        Buttons((Button("Change it", "time.change", time.id, opens_form=True), Button("Take it out", "time.undo",
                                                                                      time.id)))
    )  # fmt: skip
    others = learning_time.on_day(turn.session, turn.person.id, time.on_day, besides=time.id)
    if others:
        also = wording.length(sum(one.minutes for one in others))
        parts.append(small("You logged {also} for that day besides. Take this out if it is the same.", also=also))
    return parts
