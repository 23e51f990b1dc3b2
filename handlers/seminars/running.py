"""What whoever holds a seminar sees of it and does with it: who comes, more people, another time, that it is off."""

from collections.abc import Sequence
from dataclasses import replace

from bot import wording
from bot.chat import (
    Button,
    Buttons,
    Event,
    FixAnswers,
    Form,
    Message,
    OpenForm,
    Part,
    Quote,
    Reply,
    Say,
    several,
    small,
    text,
)
from handlers.meetings.times import stamp
from handlers.replying import in_place
from handlers.seminars import form, rules
from handlers.seminars.cards import calendar_link, host_of, title_of, was_cancelled, when_of
from handlers.seminars.keeping import filled, keep
from handlers.turn import Turn
from storage import appointments, outbox, people, promises, seminar_cards, seminars
from storage.database import insert_once
from storage.models import Person, Seminar, SeminarSeat
from storage.numbers import in_steps
from storage.suppression import SHOWN_FROM

NAMED = 40  # people named on one card


def ask(turn: Turn, seminar: Seminar, asked: Sequence[Person]) -> int:
    """Invite these people, each once, when they are at work; returns how many were not invited before."""
    fresh = 0
    assert seminar.starts_at is not None
    for person in asked:
        if not insert_once(turn.session, SeminarSeat, seminar_id=seminar.id, person_id=person.id, asked_at=turn.now,
                           state="asked"):  # fmt: skip
            continue
        fresh += 1
        at = rules.soonest(turn, person)
        if at < seminar.starts_at:  # who is away until then finds it under `seminars`
            outbox.owe(turn.session, seminar_cards.CARD, about=seminar.id, to=person.id, at=at,
                       key=rules.invitation_key(seminar, person))  # fmt: skip
    return fresh


# -------------------------------------------------------------------------------------------------------- what is seen


def run_card(turn: Turn, seminar: Seminar, *, line: str = "") -> Message:
    """The seminar for whoever holds it, and for coordinators. `line` leads, once."""
    title = title_of(turn, seminar)
    parts: list[Part] = [text("{line}", line=line)] if line else []
    if seminar.starts_at is None or seminar.ends_at is None or seminar.state in ("offered", "declined"):
        parts.append(text("**{title}** is not planned yet.", title=title))
        parts.append(Buttons((Button("Plan it", "seminars.plan", seminar.id, opens_form=True),)))
    elif seminar.state == "cancelled":
        parts.extend(was_cancelled(turn, seminar))
    elif seminar.ends_at <= turn.now:
        parts.extend(_over(turn, seminar, title))
    else:
        parts.extend(_to_come(turn, seminar, title))
    return Message(f"Seminar: {title}", tuple(parts), seminar_cards.RUN, seminar.id)


def _to_come(turn: Turn, seminar: Seminar, title: str) -> list[Part]:
    host = host_of(turn, seminar)
    mine = host is not None and host.id == turn.person.id
    leads = "Nobody holds it just now" if host is None else "You hold it" if mine else f"{host.name} holds it"
    parts: list[Part] = [
        text("**{title}: {when}, {where}.** {leads}.", title=title, when=when_of(turn, seminar),
             where=turn.opened(seminar.where), leads=leads),
    ]  # fmt: skip
    if seminar.about is not None:
        parts.append(Quote(turn.opened(seminar.about)))
    parts.extend(_who_comes(turn, seminar))
    if mine:
        parts.extend(calendar_link(turn, seminar))
        parts.append(
            small("Only you and the coordinators see who comes. Who said no, or nothing yet, is shown to nobody.")
        )
    buttons = [Button("I’ll hold it", "seminars.host", seminar.id, style="primary")] if host is None else []
    if rules.is_to_come(turn, seminar):
        buttons += [
            Button("Change it", "seminars.change", seminar.id, opens_form=True),
            Button("Invite more people", "seminars.more", seminar.id, opens_form=True),
            Button("Cancel it", "seminars.cancel", seminar.id, opens_form=True),
        ]
        if mine and turn.person.role != "coordinator":
            buttons.append(Button("I can’t hold it", "seminars.step_down", seminar.id))
    return [*parts, *([Buttons(tuple(buttons))] if buttons else [])]


def _who_comes(turn: Turn, seminar: Seminar) -> list[Part]:
    stand = seminars.counts(turn.session, seminar.id)
    coming, waiting = stand.get("accepted", 0), stand.get("waiting", 0)
    places = "" if seminar.places is None else f" for {wording.count(seminar.places, 'place')}"
    line = f"{wording.count(coming, 'person comes', 'people come')}{places}"
    line += f", {waiting} {'waits' if waiting == 1 else 'wait'} for one" if waiting else ""
    others = stand.get("declined", 0) + stand.get("asked", 0)
    line += f". {others} more {'is' if others == 1 else 'are'} invited."
    parts: list[Part] = [text("{line}", line=line)]
    for label, state in (("Coming", "accepted"), ("Waiting", "waiting")):
        names = [one.name for one in seminars.with_seats(turn.session, seminar.id, state)]
        if names:
            more = [f"{len(names) - NAMED} more"] if len(names) > NAMED else []
            parts.append(small("{label}: {names}.", label=label, names=wording.listed([*names[:NAMED], *more])))
    return parts


def _over(turn: Turn, seminar: Seminar, title: str) -> list[Part]:
    return [
        text("**{title}** was on {when}.", title=title, when=when_of(turn, seminar)),
        text("{line}", line=how_many_were_there(turn, seminar)),
    ]


def how_many_were_there(turn: Turn, seminar: Seminar) -> str:
    """How many said so, in fives: two looks at it never show what one person said in between."""
    there = seminars.counts(turn.session, seminar.id).get("attended", 0)
    if there < SHOWN_FROM:
        return f"Fewer than {SHOWN_FROM} people have told me that they were there, so I say no number."
    return f"At least {in_steps(there)} people have told me that they were there."


def run(turn: Turn, event: Event) -> Reply:
    """Who comes, and what can be done about it."""
    return Say(run_card(turn, turn.session.get_one(Seminar, event.about)), private=True)


def run_notice(turn: Turn, about: int | None) -> Message | None:
    """The same, as it is now; nothing for somebody who neither holds it nor coordinates any more."""
    seminar = turn.session.get(Seminar, about)
    if seminar is None:
        return None
    if seminar.host_id != turn.person.id and turn.person.role != "coordinator":
        line = text("You don’t hold the seminar **{title}** any more.", title=title_of(turn, seminar))
        return Message("You don’t hold this seminar any more.", (line,), seminar_cards.RUN, seminar.id)
    if not outbox.is_being_sent(turn.session, seminar_cards.RUN, seminar.id, turn.person.id):
        return run_card(turn, seminar)
    asked = seminar.host_id == turn.person.id and rules.is_to_come(turn, seminar)
    return run_card(turn, seminar, line="The learning coordinator asks you to hold this seminar.") if asked else None


def tell_host(turn: Turn, seminar: Seminar, host: Person) -> None:
    """Whoever is to hold it hears so, when they are at work, unless they decided it themselves."""
    if host.id != turn.person.id:
        key = f"{seminar_cards.RUN}/{seminar.id}/{seminar.sequence}/{host.id}"
        outbox.owe(turn.session, seminar_cards.RUN, about=seminar.id, to=host.id, at=rules.soonest(turn, host), key=key)


def vacant_notice(turn: Turn, about: int | None) -> Message | None:
    """Told to coordinators: whoever was to hold it has left, or can’t."""
    seminar = turn.session.get(Seminar, about)
    if seminar is None or turn.person.role != "coordinator":
        return None
    vacant = seminar.host_id is None and seminar.state == "planned"
    line = "Whoever was to hold this seminar can’t. Who holds it from now on?" if vacant else ""
    return replace(run_card(turn, seminar, line=line), notice=seminar_cards.VACANT)


def host(turn: Turn, event: Event) -> Reply:
    """A coordinator holds it from now on, where nobody does."""
    seminar = seminars.locked(turn.session, event.about)
    if seminar.host_id is None and rules.is_to_come(turn, seminar):
        _hand_over(turn, seminar, turn.person)
    return in_place(turn, event, run_card(turn, seminar))


def _hand_over(turn: Turn, seminar: Seminar, to: Person) -> None:
    """This person holds it from now on, and is not a guest; whoever held it has their time back."""
    if seminar.host_id is not None:
        promises.release(turn.session, seminars.to(seminar), seminar.host_id)
    seminars.take_off(turn.session, seminar, to.id, turn.now)
    seminar.host_id = to.id
    seminar.sequence += 1
    seminars.hold(turn.session, seminar, to.id)
    turn.session.flush()
    appointments.hand_over(turn.session, seminar, turn.calendars, turn.now)
    tell_host(turn, seminar, to)
    seminar_cards.show_afresh(turn.session, seminar, turn.now)


def step_down(turn: Turn, event: Event) -> Reply:
    """Whoever was to hold it can’t: the coordinators are asked who does."""
    seminar = seminars.locked(turn.session, event.about)
    if seminar.host_id == turn.person.id and rules.is_to_come(turn, seminar):
        seminars.without_host(turn.session, seminar, turn.now)
        line = "Thank you for saying so. I’ve told the coordinators, who find somebody else."
        return in_place(turn, event, Message(line, (text("{line}", line=line),)))
    return in_place(turn, event, run_notice(turn, seminar.id) or run_card(turn, seminar))


# ------------------------------------------------------------------------------------------------------------- changed


def change(turn: Turn, event: Event) -> Reply:
    """Open what is known of it, to change it."""
    seminar = turn.session.get_one(Seminar, event.about)
    if not rules.is_to_come(turn, seminar):
        return in_place(turn, event, run_card(turn, seminar))
    return OpenForm(replace(form.CHANGE, about=seminar.id).filled(filled(turn, seminar)))


def changed(turn: Turn, event: Event) -> Reply:
    """Change it. What speaks against a new time is pointed out first; who comes hears of another time or place."""
    seminar = seminars.locked(turn.session, event.about)
    if not rules.is_to_come(turn, seminar):
        return in_place(turn, event, run_card(turn, seminar, line="It can’t be changed any more."))
    said = form.read_form(event.answers, turn.now, turn.zone)
    again = replace(form.CHANGE, about=seminar.id).filled(event.answers)
    named = event.answers.get("host", "").strip()
    holds = rules.meant_as_host(turn, named) if named else host_of(turn, seminar)
    if isinstance(said, dict) or isinstance(holds, str):
        problems = said if isinstance(said, dict) else {}
        return FixAnswers(again, problems | ({"host": holds} if isinstance(holds, str) else {}))
    times = appointments.times_of(seminar)
    against = rules.against(turn, said.slot, holds, besides=seminar) if said.slot != times else []
    if against and event.value != stamp(*said.slot):
        told = f"{' '.join(against)} Send it once more if that is right."
        return FixAnswers(replace(again, value=stamp(*said.slot)), {"day": told})
    elsewhere = said.where != turn.opened(seminar.where)
    keep(turn, seminar, said)
    if holds is not None and holds.id != seminar.host_id:
        _hand_over(turn, seminar, holds)
    if said.slot != times or elsewhere:
        seminars.move(turn.session, seminar, said.slot, turn.person.id, turn.now, _why(turn, event))
        line = "Changed. Whoever comes is told."
    else:
        seminar.sequence += 1
        seminars.fill(turn.session, seminar, turn.now)  # there may be more places
        seminar_cards.show_afresh(turn.session, seminar, turn.now)
        line = "Changed."
    return in_place(turn, event, run_card(turn, seminar, line=line))


def _why(turn: Turn, event: Event) -> bytes | None:
    said = event.answers.get("why", "").strip()
    return turn.keyring.seal_for_organisation(wording.shortened(said, form.LONGEST_WORDS)) if said else None


def more(turn: Turn, event: Event) -> Reply:
    """Who else is invited?"""
    seminar = turn.session.get_one(Seminar, event.about)
    if not rules.is_to_come(turn, seminar):
        return in_place(turn, event, run_card(turn, seminar))
    return OpenForm(_more(turn, seminar))


def _more(turn: Turn, seminar: Seminar) -> Form:
    return form.with_teams(form.MORE, people.teams(turn.session), (), seminar.id)


def asked_more(turn: Turn, event: Event) -> Reply:
    """Invite them, too; whoever was invited before is not asked again, whatever they said."""
    seminar = seminars.locked(turn.session, event.about)
    if not rules.is_to_come(turn, seminar):
        return in_place(turn, event, run_card(turn, seminar))
    ticked = several(event.answers.get("teams", ""))
    if not ticked:
        return FixAnswers(_more(turn, seminar), {"teams": "Tick at least one team, or everybody."})
    asked, _ = rules.invited_by(turn, ticked, seminar.host_id)
    fresh = ask(turn, seminar, asked)
    seminar_cards.show_host(turn.session, seminar, turn.now)
    line = "All of them were invited before, or have not said hello to me yet."
    if fresh:
        line = f"{wording.count(fresh, 'more person is', 'more people are')} invited."
    return in_place(turn, event, run_card(turn, seminar, line=line))


# ----------------------------------------------------------------------------------------------------------- cancelled


def cancel(turn: Turn, event: Event) -> Reply:
    """Ask whether, and why if they like."""
    seminar = turn.session.get_one(Seminar, event.about)
    if not rules.is_to_come(turn, seminar):
        return in_place(turn, event, run_card(turn, seminar))
    intro = text("{title}, {when}", title=title_of(turn, seminar), when=when_of(turn, seminar))
    return OpenForm(form.about(form.CANCEL, seminar.id, intro))


def cancelled(turn: Turn, event: Event) -> Reply:
    """It will not take place; whoever meant to come hears who cancelled it, and why if that was given."""
    seminar = seminars.locked(turn.session, event.about)
    if rules.is_to_come(turn, seminar):
        seminars.cancel(turn.session, seminar, turn.person.id, turn.now, _why(turn, event))
    return in_place(turn, event, run_card(turn, seminar))
