"""What the interviews conversation says: cards built from the rows for whoever reads them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import wording
from bot.chat import Button, Buttons, Link, Message, Part, Quote, small, text
from bot.errors import NotYours
from handlers.interviews.rules import Due
from handlers.turn import Turn
from scheduling.slots import Slot
from storage import interviews, people
from storage.models import Interview, Partnership, Person

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")

# -------------------------------------------------------------------------------------------------------------- people


def other_of(turn: Turn, interview: Interview) -> Person:
    """The one of the two who is not the reader."""
    other = interview.partner_id if interview.learner_id == turn.person.id else interview.learner_id
    return turn.session.get_one(Person, other)


def first(person: Person) -> str:
    """Their first name."""
    return wording.first_name(person.name)


def whose(turn: Turn, learner: Person) -> str:
    """`your learning interview`, or `Amina’s learning interview`."""
    return "your learning interview" if learner.id == turn.person.id else f"{first(learner)}’s learning interview"


def may_offer(turn: Turn, learner_id: int) -> bool:
    """Whether the reader may look for times for this learner: the learner, or their present partner."""
    if learner_id == turn.person.id:
        return True
    partner = people.partner_of(turn.session, learner_id)
    return partner is not None and partner.id == turn.person.id


# ------------------------------------------------------------------------------------------------------------ the card


def card(turn: Turn, interview: Interview, *, line: str = "") -> Message:
    """The interview as it is now, for this reader, with what can be done about it. `line` leads, once."""
    learner = turn.session.get_one(Person, interview.learner_id)
    other = other_of(turn, interview)
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


def _proposed(turn: Turn, interview: Interview, learner: Person, other: Person) -> Message:
    when = _when(turn, interview)
    if interview.proposed_by_id == turn.person.id:
        parts: list[Part] = [
            text("**{when}** with {other}, for {what}.", when=when, other=other.name, what=whose(turn, learner)),
            text("I’ve asked {other} to confirm it.", other=first(other)),
            *_elsewhere(turn, other, interview.starts_at, interview.ends_at),
            Buttons(
                (
                    Button("Take it back", "interviews.undo", interview.id, str(interview.version)),
                    Button("Another time", "interviews.move", interview.id),
                )
            ),
        ]
        return Message(f"{when} with {other.name}: waiting for a yes", tuple(parts))
    parts = [
        text("**{other} suggests {when}** for {what}.", other=other.name, when=when, what=whose(turn, learner)),
        *_elsewhere(turn, other, interview.starts_at, interview.ends_at),
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
        text("**Booked: {when}** with {other}, for {what}.", when=when, other=other.name, what=whose(turn, learner)),
        *_elsewhere(turn, other, interview.starts_at, interview.ends_at),
        *calendar_link(turn, interview),
        Buttons((_move(interview), _cancel(interview))),
    ]
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
            text("**You suggested moving {what} to {to}.**", what=whose(turn, learner), to=to),
            text("I’ve asked {other} to confirm it.{stands}", other=first(other), stands=stands),
            *_elsewhere(turn, other, interview.to_starts_at, interview.to_ends_at),
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
        ]  # fmt: skip
        return Message(f"Moving to {to}: waiting for a yes", tuple(parts))
    parts = [
        text("**{other} suggests moving {what} to {to}.**", other=other.name, what=whose(turn, learner), to=to),
        text("It was {when}.", when=when) if over else text("Until you say yes, {when} stands.", when=when),
        *_elsewhere(turn, other, interview.to_starts_at, interview.to_ends_at),
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
    ]  # fmt: skip
    return Message(f"{other.name} suggests moving to {to}", tuple(parts), awaits="interviews.answer")


def _over(turn: Turn, interview: Interview, learner: Person, other: Person) -> Message:
    mine = interview.learner_met if learner.id == turn.person.id else interview.partner_met
    when = _when(turn, interview)
    change = Button("Change my answer", "interviews.ask_me", interview.id)
    if mine is None:
        return _question(interview, f"Did you meet {first(other)}?", f"{when}, for {whose(turn, learner)}.")
    if mine:
        parts: list[Part] = [
            text("You said that you met {other} on {when}.", other=first(other), when=when),
            small("I count it as soon as {other} says so, too.", other=first(other)),
            *_notes(turn, interview),
            *_note_prompt(turn, interview, change),
        ]
        return Message("You said that you met.", tuple(parts), awaits=_note_awaited(turn, interview))
    parts = [
        text("You said that you didn’t meet {other} on {when}.", other=first(other), when=when),
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
        text("**You met {other} on {day}.** {count}", other=first(other), day=day,
             count=_count(turn, interview, learner)),
        *_notes(turn, interview),
        *_note_prompt(turn, interview),
    ]  # fmt: skip
    return Message(f"You met {other.name} on {day}.", tuple(parts), awaits=_note_awaited(turn, interview))


def _count(turn: Turn, interview: Interview, learner: Person) -> str:
    met = [one.id for one in interviews.of_year(turn.session, learner.id, interview.year) if one.state == "met"]
    number, promised = met.index(interview.id) + 1 if interview.id in met else len(met), turn.policy.interviews.per_year
    what = "interview" if learner.id == turn.person.id else f"{first(learner)}’s interview"
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
    else:
        why = "You cancelled it." if interview.changed_by_id == turn.person.id else f"{first(other)} cancelled it."
        if other.left_at is not None and interview.changed_by_id == other.id:
            why = f"{first(other)} has left."
    parts: list[Part] = [text("**Cancelled: {when}** with {other}. {why}", when=when, other=other.name, why=why)]
    if interview.reason is not None and interview.changed_by_id is not None:
        words = _read(turn, interview.changed_by_id, interview.reason, interview.id)
        parts.extend([Quote(words)] if words else [])
    if buttons := _new_time(turn, interview):
        parts.append(Buttons(buttons))
    return Message(f"Cancelled: {when} with {other.name}", tuple(parts))


# --------------------------------------------------------------------------------------------------- parts of the card


def _when(turn: Turn, interview: Interview) -> str:
    return wording.span(interview.starts_at, interview.ends_at, turn.zone)


def _moment(turn: Turn, interview: Interview) -> str:
    return wording.moment(interview.starts_at, turn.zone)


def _elsewhere(turn: Turn, other: Person, starts_at: datetime, ends_at: datetime) -> tuple[Part, ...]:
    zone = ZoneInfo(other.zone)
    if starts_at.astimezone(zone).replace(tzinfo=None) == starts_at.astimezone(turn.zone).replace(tzinfo=None):
        return ()
    return (small("For {other} that is {when}.", other=first(other), when=wording.span(starts_at, ends_at, zone)),)


def calendar_link(turn: Turn, interview: Interview) -> tuple[Part, ...]:
    """A link to the reader's own calendar file, where the bot has an address."""
    if not turn.base_url:
        return ()
    mark = turn.keyring.mark("ics", interview.id, turn.person.id)
    return (Link("Add to my calendar", f"{turn.base_url}/ics/{interview.id}/{turn.person.id}/{mark}.ics"),)


def _move(interview: Interview) -> Button:
    return Button("Move it", "interviews.move", interview.id)


def _cancel(interview: Interview) -> Button:
    return Button("Cancel it", "interviews.cancel", interview.id, opens_form=True)


def _new_time(turn: Turn, interview: Interview) -> tuple[Button, ...]:
    if not may_offer(turn, interview.learner_id):
        return ()
    return (Button("Choose a new time", "interviews.offer", interview.learner_id),)


def _notes(turn: Turn, interview: Interview) -> list[Part]:
    parts: list[Part] = []
    for note in interviews.notes_on(turn.session, interview.id):
        words = _read(turn, note.author_id, note.words, interview.id)
        if words:
            author = turn.session.get_one(Person, note.author_id)
            parts.append(Quote(words, "You" if author.id == turn.person.id else author.name))
    return parts


def _read(turn: Turn, owner_id: int, sealed: bytes, interview_id: int) -> str:
    try:
        return turn.read(owner_id, sealed, "interview", interview_id)
    except NotYours:  # whoever wrote it was erased, and their words with them
        return ""


def _note_prompt(turn: Turn, interview: Interview, *more: Button) -> tuple[Part, ...]:
    mine = interviews.note_by(turn.session, interview.id, turn.person.id)
    written = mine is not None and _read(turn, mine.author_id, mine.words, interview.id)
    button = Button("Change my note" if written else "Add a note", "interviews.note", interview.id, opens_form=True)
    if mine:
        return (Buttons((button, *more)),)
    return (
        text("Would you like to note what you both want to remember? Type it here, or use the form."),
        Buttons((button, Button("No note", "interviews.no_note", interview.id), *more)),
        small("You both see it, and nobody else does."),
    )


def _note_awaited(turn: Turn, interview: Interview) -> str:
    return "" if interviews.note_by(turn.session, interview.id, turn.person.id) else "interviews.note"


# ------------------------------------------------------------------------------------------------------------- prompts


def reminder(turn: Turn, interview: Interview, heading: str) -> Message:
    """A reminder of a booked interview, with what can still be done about it."""
    other = other_of(turn, interview)
    learner = turn.session.get_one(Person, interview.learner_id)
    parts: list[Part] = [
        text("**{heading}: {other}, {when}**, for {what}.", heading=heading, other=other.name,
             when=_when(turn, interview), what=whose(turn, learner)),
        *_elsewhere(turn, other, interview.starts_at, interview.ends_at),
        Buttons((_move(interview), _cancel(interview))),
    ]  # fmt: skip
    return Message(f"{heading}: {other.name}, {_when(turn, interview)}", tuple(parts))


def ahead(day: date, today: date) -> str:
    """`Today`, `Tomorrow`, or `On Mon 30 Mar`."""
    return {0: "Today", 1: "Tomorrow"}.get((day - today).days, f"On {wording.day(day)}")


def confirmed(turn: Turn, interview: Interview) -> Message:
    """The other said yes."""
    other = other_of(turn, interview)
    return Message(
        f"{other.name} said yes: {_when(turn, interview)}",
        (
            text("**{other} said yes.** {when} is booked.", other=first(other), when=_when(turn, interview)),
            *calendar_link(turn, interview),
            Buttons((Button("Open", "interviews.open", interview.id),)),
        ),
    )


def kept(turn: Turn, interview: Interview) -> Message:
    """The other would rather not move."""
    other, when = other_of(turn, interview), _when(turn, interview)
    if interview.ends_at <= turn.now:
        line = text("**{other} can’t make that time.** Another may suit you both.", other=first(other))
    else:
        line = text("**{other} would rather keep {when}.** Nothing has changed.", other=first(other), when=when)
    return Message(
        f"{other.name} can’t make that time.", (line, Buttons((Button("Open", "interviews.open", interview.id),)))
    )


def asked_again(turn: Turn, interview: Interview) -> Message:
    """The two remember it differently: asked once more, without saying who said what."""
    other = other_of(turn, interview)
    message = _question(
        interview,
        f"Did you meet {first(other)} after all?",
        f"You two remember {_when(turn, interview)} differently. Which was it?",
    )
    return Message(message.summary, message.parts, "interviews.again", interview.id, message.awaits)


def nudge(turn: Turn, due: Due, partner: Person | None) -> Message:
    """An interview of the year is due. Without a partner the first step is to choose one."""
    ordinal = ORDINALS[due.number - 1] if due.number <= len(ORDINALS) else f"{due.number}th"
    if due.closes < turn.today:
        lead = text("**There is still room for your {nth} learning interview of the year.**", nth=ordinal)
    else:
        lead = text("**It’s time for your {nth} learning interview of the year,** by {day}.", nth=ordinal,
                    day=wording.day(due.closes))  # fmt: skip
    not_now = Button("Not now", "interviews.not_now", turn.person.id)
    if partner is None:
        return Message(
            "Who would you like as your learning partner?",
            (
                lead,
                text("First, choose a learning partner: somebody to talk with about what you learn. It need not be "
                     "your manager."),
                Buttons(
                    (
                        Button("Choose a partner", "interviews.partner", style="primary", opens_form=True),
                        not_now,
                    )
                ),
            ),
            "interviews.nudge", turn.person.id,
        )  # fmt: skip
    return Message(
        f"It’s time for your {ordinal} learning interview.",
        (
            lead,
            text("Shall we find a time with {partner}?", partner=first(partner)),
            Buttons((Button("Choose a time", "interviews.offer", turn.person.id, style="primary"), not_now)),
            small("Or type when it would suit you: “Thursday at 10”."),
        ),
        "interviews.nudge", turn.person.id, "interviews.time",
    )  # fmt: skip


def put_off(turn: Turn, day: date, *, other_day: bool = True) -> Message:
    """It will be asked again, then."""
    named = (Button("Another day", "interviews.other_day", turn.person.id, opens_form=True),) if other_day else ()
    line = f"I’ll ask you again on {wording.day(day)}."
    return Message(
        line,
        (
            text("Of course. {line}", line=line),
            Buttons((*named, Button("Choose a time after all", "interviews.offer", turn.person.id))),
        ),
    )


# --------------------------------------------------------------------------------------------------------------- times


def slot_buttons(turn: Turn, slots: Sequence[Slot], action: str, about: int, stamps: Sequence[str]) -> Buttons:
    """A button for each time, in the reader's zone."""
    return Buttons(
        tuple(
            Button(wording.moment(slot.starts_at, turn.zone), action, about, stamp)
            for slot, stamp in zip(slots, stamps, strict=True)
        )
    )


def in_zones(turn: Turn, other: Person, slots: Sequence[Slot]) -> tuple[Part, ...]:
    """A line that says whose clock the times are on, when the other's shows something else."""
    if not slots or not _elsewhere(turn, other, slots[0].starts_at, slots[0].ends_at):
        return ()
    there = wording.clock(slots[0].starts_at, ZoneInfo(other.zone))
    return (small("Times are yours: the first is {there} for {other}.", there=there, other=first(other)),)


def length(minutes: timedelta) -> str:
    """`45 minutes`."""
    return wording.count(minutes // timedelta(minutes=1), "minute")


# ------------------------------------------------------------------------------------------------------------ partners


def no_partner() -> Message:
    """An interview needs somebody to have it with."""
    return Message(
        "Choose a learning partner first.",
        (
            text("**You have no learning partner yet.** Choose somebody to talk with about what you learn."),
            Buttons((Button("Choose a partner", "interviews.partner", style="primary", opens_form=True),)),
            small("Or say “partner” and a name."),
        ),
    )


def requested(turn: Turn, partnership: Partnership, nominee: Person, *, reachable: bool) -> Message:
    """What the learner sees once they asked."""
    parts: list[Part] = [text("**I’ve asked {name} to be your learning partner.**", name=nominee.name)]
    current = people.partner_of(turn.session, turn.person.id)
    if current is not None:
        parts.append(text("Until the answer is yes, {name} stays your partner.", name=first(current)))
    if not reachable:
        parts.append(
            small("{name} hasn’t said hello to me yet, and will see it then. It may help to mention it.",
                  name=first(nominee))
        )  # fmt: skip
    parts.append(Buttons((Button("Take it back", "interviews.withdraw", partnership.id),)))
    return Message(f"I’ve asked {nominee.name} to be your learning partner.", tuple(parts))


def asked(turn: Turn, partnership: Partnership) -> Message:
    """What the person who was asked sees: the question, or what became of it."""
    learner = turn.session.get_one(Person, partnership.learner_id)
    match partnership.state:
        case "asked":
            parts: tuple[Part, ...] = (
                text("**{name} would like you as learning partner.**", name=learner.name),
                text("That is a talk about what {name} learns, {times} a year.", name=first(learner),
                     times=_times(turn.policy.interviews.per_year)),
                Buttons(
                    (
                        Button("Accept", "interviews.accept", partnership.id, style="primary"),
                        Button("Decline", "interviews.decline", partnership.id),
                    )
                ),
            )  # fmt: skip
        case "accepted":
            parts = (
                text("**You are {name}’s learning partner.** Thank you.", name=learner.name),
                text("I’ll be in touch when an interview is due. You can also choose a time now."),
                Buttons((Button("Choose a time", "interviews.offer", learner.id),)),
            )
        case "declined":
            parts = (text("You declined to be {name}’s learning partner. That’s fine.", name=learner.name),)
        case _:
            parts = (text("{name} has made other arrangements for a learning partner.", name=learner.name),)
    return Message(f"{learner.name} and you: learning partners?", parts, "interviews.asked", partnership.id)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def not_understood(draft: int, words: str, *more: Button) -> Message:
    """Words in which there was neither a time nor a name: kept aside, never lost, never guessed at."""
    return Message(
        "I can’t find a time in that.",
        (
            text("I can’t find a time in this, so I’ve put it to one side for a week:"),
            Quote(wording.shortened(words.strip(), 500)),
            Buttons(
                (
                    *more,
                    Button("Keep it in my diary", "diary.keep_draft", draft),
                    Button("Forget it", "diary.forget", draft),
                )
            ),
        ),
    )
