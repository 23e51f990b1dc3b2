"""An interview's card: built from the rows for whoever reads it, whole in one message and as a line in the others."""

from dataclasses import replace

from bot import wording
from bot.chat import Button, Buttons, Link, Message, Part, small, text
from handlers.interviews import reasons, remembered, words
from handlers.turn import Turn
from storage import appointments, briefs, interview_cards, interviews, outbox
from storage.models import Interview, Person

# ------------------------------------------------------------------------------------------------------------ the card


def card(turn: Turn, interview: Interview, *, line: str = "") -> Message:
    """The interview as it is now, for this reader, with what can be done about it. `line` leads, once."""
    learner = turn.session.get_one(Person, interview.learner_id)
    other = words.other_of(turn, interview)
    over = interview.ends_at <= turn.now
    match interview.state:
        case "proposed":
            message = _proposed(turn, interview, learner, other)
        case "booked" if interview.to_starts_at is not None:
            message = _moving(turn, interview, learner, other)
        case "booked" if over:
            message = _over(turn, interview, learner, other)
        case "booked":
            message = _booked(turn, interview, learner, other)
        case "met":
            message = _met(turn, interview, learner, other)
        case "missed":
            message = _missed(turn, interview, other)
        case _:
            message = _cancelled(turn, interview, other)
    parts = (text("{line}", line=line), *message.parts) if line else message.parts
    return Message(message.summary, parts, "interviews.card", interview.id, message.awaits)


def shown(turn: Turn, interview: Interview, *, line: str = "", anew: bool = False) -> Message:
    """The card in answer to its reader: this message has it whole from now on, and those shown before shrink to a line.

    It takes the place of the message that was tapped, unless it is sent `anew`.
    """
    place = turn.place
    if place is None or place.direct:  # what is said privately in a channel may vanish: there nothing may depend on it
        here = place is not None and not anew
        on = outbox.posted(turn.session, place.platform, place.conversation, place.message) if place and here else None
        interview_cards.shrink(turn.session, interview.id, turn.person.id, turn.now, on=on)
    return card(turn, interview, line=line)


def in_a_line(turn: Turn, interview: Interview, *, below: bool) -> Message:
    """What is left of an older message: how things stand, and where the card is."""
    line = f"Your interview with {words.first(words.other_of(turn, interview))}: {_in_brief(turn, interview)}."
    if below:
        line += " See below."
    elif interview.state in interviews.STANDING and interview.ends_at > turn.now:
        line += " Say “interviews” to see it."
    return Message(line, (small("{line}", line=line),))


def _in_brief(turn: Turn, interview: Interview) -> str:
    moment = _moment(turn, interview)
    match interview.state:
        case "proposed":
            return f"{moment} is suggested"
        case "booked" if interview.to_starts_at is not None:
            return f"a move to {wording.moment(interview.to_starts_at, turn.zone)} is suggested"
        case "booked" if interview.ends_at <= turn.now:
            return f"it was planned for {moment}"
        case "booked":
            return f"booked for {moment}"
        case "met":
            return f"you met on {wording.day(interview.starts_at.astimezone(turn.zone).date())}"
        case "missed":
            return "it didn’t take place"
        case _:
            return "cancelled"


def _proposed(turn: Turn, interview: Interview, learner: Person, other: Person) -> Message:
    when = _when(turn, interview)
    if interview.proposed_by_id == turn.person.id:
        parts: list[Part] = [
            text("**{when}** with {other}, for {what}.", when=when, other=other.name, what=words.whose(turn, learner)),
            text("I’ve asked {other} to confirm it.", other=words.first(other)),
            *reasons.why_asked(turn, interview),
            *words.elsewhere(turn, other, interview.starts_at, interview.ends_at),
            Buttons(
                (
                    Button("Take it back", "interviews.undo", interview.id, str(interview.version)),
                    Button("Another time", "interviews.move", interview.id),
                )
            ),
        ]
        return Message(f"{when} with {other.name}: waiting for a yes", tuple(parts))
    parts = [
        text("**{other} suggests {when}** for {what}.", other=other.name, when=when, what=words.whose(turn, learner)),
        *reasons.why_asked(turn, interview),
        *words.elsewhere(turn, other, interview.starts_at, interview.ends_at),
        Buttons(
            (
                Button("Confirm", "interviews.confirm", interview.id, str(interview.version), "primary"),
                Button("Suggest another time", "interviews.move", interview.id),
                Button("Decline", "interviews.cancel", interview.id, opens_form=True),
            )
        ),
        small("Or type a time that suits you better."),
    ]
    return Message(f"{other.name} suggests {when}", tuple(parts), awaits="interviews.answer")


def _booked(turn: Turn, interview: Interview, learner: Person, other: Person) -> Message:
    when = _when(turn, interview)
    parts: list[Part] = [
        text("**Booked: {when}** with {other}, for {what}.", when=when, other=other.name,
             what=words.whose(turn, learner)),
        *words.elsewhere(turn, other, interview.starts_at, interview.ends_at),
        *reasons.why_moved(turn, interview),
        *_calendar_link(turn, interview),
        Buttons((_move(interview), _cancel(interview))),
        *_brief(turn, interview),
    ]  # fmt: skip
    return Message(f"Booked: {when} with {other.name}", tuple(parts))


def _moving(turn: Turn, interview: Interview, learner: Person, other: Person) -> Message:
    assert interview.to_starts_at is not None
    assert interview.to_ends_at is not None
    when, to = _when(turn, interview), wording.span(interview.to_starts_at, interview.to_ends_at, turn.zone)
    over = interview.ends_at <= turn.now
    stands = "" if over else f" {when} stands until then."
    version = str(interview.version)
    if interview.proposed_by_id == turn.person.id:
        parts: list[Part] = [
            text("**You suggested moving {what} to {to}.**", what=words.whose(turn, learner), to=to),
            text("I’ve asked {other} to confirm it.{stands}", other=words.first(other), stands=stands),
            *reasons.why_asked(turn, interview),
            *words.elsewhere(turn, other, interview.to_starts_at, interview.to_ends_at),
            Buttons(
                (
                    Button(
                        "Take it back" if over else f"Keep {_moment(turn, interview)}",
                        "interviews.keep", interview.id, version,
                    ),
                    Button("Another time", "interviews.move", interview.id),
                    *(() if over else (_cancel(interview),)),
                )
            ),
            *_brief(turn, interview),
        ]  # fmt: skip
        return Message(f"Moving to {to}: waiting for a yes", tuple(parts))
    parts = [
        text("**{other} suggests moving {what} to {to}.**", other=other.name, what=words.whose(turn, learner), to=to),
        *reasons.why_asked(turn, interview),
        text("It was {when}.", when=when) if over else text("Until you say yes, {when} stands.", when=when),
        *words.elsewhere(turn, other, interview.to_starts_at, interview.to_ends_at),
        Buttons(
            (
                Button("Confirm", "interviews.confirm", interview.id, version, "primary"),
                Button("Suggest another time", "interviews.move", interview.id),
                Button(
                    "Not that time" if over else f"Keep {_moment(turn, interview)}",
                    "interviews.keep", interview.id, version,
                ),
                *(() if over else (_cancel(interview),)),
            )
        ),
        *_brief(turn, interview),
    ]  # fmt: skip
    return Message(f"{other.name} suggests moving to {to}", tuple(parts), awaits="interviews.answer")


def _over(turn: Turn, interview: Interview, learner: Person, other: Person) -> Message:
    mine = interview.learner_met if learner.id == turn.person.id else interview.partner_met
    when = _when(turn, interview)
    change = Button("Change my answer", "interviews.ask_me", interview.id)
    if mine is None:
        return _question(interview, f"Did you meet {words.first(other)}?", f"{when}, for {words.whose(turn, learner)}.")
    if mine:
        parts: list[Part] = [
            text("You said that you met {other} on {when}.", other=words.first(other), when=when),
            small("I count it as soon as {other} says so, too.", other=words.first(other)),
            *remembered.notes(turn, interview),
            *remembered.steps(turn, interview),
            *remembered.note_prompt(turn, interview, change),
            *_brief(turn, interview),
        ]
        return Message("You said that you met.", tuple(parts), awaits=remembered.awaited(turn, interview))
    parts = [
        text("You said that you didn’t meet {other} on {when}.", other=words.first(other), when=when),
        Buttons((*_new_time(turn, interview), change)),
    ]
    return Message("You said that you didn’t meet.", tuple(parts))


def _question(interview: Interview, ask: str, which: str) -> Message:
    return Message(
        ask,
        (
            text("**{ask}**", ask=ask),
            text("{which}", which=which),
            Buttons(
                (
                    Button("Yes, we met", "interviews.met", interview.id, "yes", "primary"),
                    Button("No", "interviews.met", interview.id, "no"),
                    Button("We moved it", "interviews.met", interview.id, "moved"),
                    Button("Ask me later", "interviews.met", interview.id, "later"),
                )
            ),
        ),
        awaits="interviews.met",
    )


def _met(turn: Turn, interview: Interview, learner: Person, other: Person) -> Message:
    day = wording.day(interview.starts_at.astimezone(turn.zone).date())
    parts: list[Part] = [
        text("**You met {other} on {day}.** {count}", other=words.first(other), day=day,
             count=_count(turn, interview, learner)),
        *remembered.notes(turn, interview),
        *remembered.steps(turn, interview),
        *remembered.note_prompt(turn, interview),
        *_brief(turn, interview),
    ]  # fmt: skip
    return Message(f"You met {other.name} on {day}.", tuple(parts), awaits=remembered.awaited(turn, interview))


def _count(turn: Turn, interview: Interview, learner: Person) -> str:
    number, promised = interviews.number_of(turn.session, interview), turn.policy.interviews.per_year
    what = "interview" if learner.id == turn.person.id else f"{words.first(learner)}’s interview"
    if number > promised:
        return f"That was {what} {number}, more than the {promised} that are promised."
    return f"That was {what} {number} of {promised}."


def _missed(turn: Turn, interview: Interview, other: Person) -> Message:
    when = _when(turn, interview)
    parts: list[Part] = [
        text("**{when} with {other} didn’t take place.** That happens.", when=when, other=other.name),
        Buttons((*_new_time(turn, interview), Button("We did meet", "interviews.met", interview.id, "yes"))),
    ]
    return Message(f"{when} with {other.name} didn’t take place.", tuple(parts))


def _cancelled(turn: Turn, interview: Interview, other: Person) -> Message:
    when = _when(turn, interview)
    if interview.changed_by_id is None:
        why = "It wasn’t confirmed in time."
    elif interview.changed_by_id == turn.person.id:
        why = "You cancelled it."
    else:
        why = f"{words.first(other)} {'has left' if other.left_at is not None else 'cancelled it'}."
    parts: list[Part] = [
        text("**Cancelled: {when}** with {other}. {why}", when=when, other=other.name, why=why),
        *reasons.why_cancelled(turn, interview),
    ]
    if buttons := _new_time(turn, interview):
        parts.append(Buttons(buttons))
    return Message(f"Cancelled: {when} with {other.name}", tuple(parts))


# --------------------------------------------------------------------------------------------------- parts of the card


def _when(turn: Turn, interview: Interview) -> str:
    return wording.span(interview.starts_at, interview.ends_at, turn.zone)


def _moment(turn: Turn, interview: Interview) -> str:
    return wording.moment(interview.starts_at, turn.zone)


def _calendar_link(turn: Turn, interview: Interview) -> tuple[Part, ...]:
    """Where to meet, if it stands in a calendar to which both are invited; else the reader's own calendar file."""
    if join := _join(turn, interview):
        return join
    if not turn.base_url or appointments.stands(turn.session, interview):
        return ()
    mark = turn.keyring.mark("ics", interview.id, turn.person.id)
    return (Link("Add to my calendar", f"{turn.base_url}/ics/{interview.id}/{turn.person.id}/{mark}.ics"),)


def _join(turn: Turn, interview: Interview) -> tuple[Part, ...]:
    url = appointments.join_url(turn.session, interview)
    return (Link("Join the meeting", url),) if url else ()


def _move(interview: Interview) -> Button:
    return Button("Move it", "interviews.move", interview.id)


def _cancel(interview: Interview) -> Button:
    return Button("Cancel it", "interviews.cancel", interview.id, opens_form=True)


def _new_time(turn: Turn, interview: Interview) -> tuple[Button, ...]:
    arranged = interviews.standing(turn.session, interview.learner_id, turn.now)
    if arranged is not None or not words.may_offer(turn, interview.learner_id):
        return ()
    return (Button("Choose a new time", "interviews.offer", interview.learner_id),)


def _brief(turn: Turn, interview: Interview) -> tuple[Part, ...]:
    """For the learner: let the partner read something before, or see and take back what they can read."""
    if turn.person.id != interview.learner_id:
        return ()
    brief = briefs.of(turn.session, interview.id)
    other = words.first(words.other_of(turn, interview))
    if brief is not None and brief.state == "released":
        return (Buttons((Button(f"What {other} can read", "interviews.brief_show", interview.id),)),)
    if interview.state != "booked" or interview.starts_at <= turn.now:
        return ()
    return (Buttons((Button(f"Choose what {other} sees", "interviews.brief", interview.id, opens_form=True),)),)


# ------------------------------------------------------------------------------------------------------------- prompts


def reminder(turn: Turn, interview: Interview, heading: str, *, offers_brief: bool = False) -> Message:
    """A reminder of a booked interview, with what can still be done about it.

    With `offers_brief` the learner is asked what the partner may read before. The partner's never tells whether there
    is anything to read.
    """
    other = words.other_of(turn, interview)
    learner = turn.session.get_one(Person, interview.learner_id)
    parts: list[Part] = [
        text("**{heading}: {other}, {when}**, for {what}.", heading=heading, other=other.name,
             when=_when(turn, interview), what=words.whose(turn, learner)),
        *words.elsewhere(turn, other, interview.starts_at, interview.ends_at),
        *_join(turn, interview),
        Buttons((_move(interview), _cancel(interview))),
        *(_brief_offer(interview, other) if offers_brief else _brief(turn, interview)),
    ]  # fmt: skip
    return Message(f"{heading}: {other.name}, {_when(turn, interview)}", tuple(parts))


def _brief_offer(interview: Interview, other: Person) -> tuple[Part, ...]:
    name = words.first(other)
    return (
        text("Would you like {other} to read something beforehand? You choose what, and see it before it goes.",
             other=name),
        Buttons((Button(f"Choose what {name} sees", "interviews.brief", interview.id, opens_form=True),)),
    )  # fmt: skip


def confirmed(turn: Turn, interview: Interview) -> Message:
    """The card, led by the news that the other said yes."""
    other, whole = words.other_of(turn, interview), shown(turn, interview)
    yes = text("**{other} said yes.**", other=words.first(other))
    return replace(whole, summary=f"{other.name} said yes: {_when(turn, interview)}", parts=(yes, *whole.parts))


def kept(turn: Turn, interview: Interview) -> Message:
    """The card, led by the news that the other would rather not move."""
    other, when, whole = words.other_of(turn, interview), _when(turn, interview), shown(turn, interview)
    if interview.ends_at <= turn.now:
        line = text("**{other} can’t make that time.** Another may suit you both.", other=words.first(other))
    else:
        line = text("**{other} would rather keep {when}.** Nothing has changed.", other=words.first(other), when=when)
    return replace(whole, summary=f"{other.name} can’t make that time.", parts=(line, *whole.parts))


def asked_again(turn: Turn, interview: Interview) -> Message:
    """The two remember it differently: asked once more, without saying who said what."""
    other = words.other_of(turn, interview)
    message = _question(
        interview,
        f"Did you meet {words.first(other)} after all?",
        f"You two remember {_when(turn, interview)} differently. Which was it?",
    )
    return Message(message.summary, message.parts, "interviews.again", interview.id, message.awaits)
