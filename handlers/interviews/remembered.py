"""What is remembered of an interview, as its card shows it: both notes, what was agreed, what each does next."""

from bot import wording
from bot.chat import Button, Buttons, Part, Quote, small, text
from bot.errors import NotYours
from handlers.interviews import words
from handlers.turn import Turn
from storage import interviews, next_steps
from storage.models import Interview, InterviewNote, NextStep, Person
from storage.sealed import holds_words

MOST_STEPS = 5  # of one person, after one interview


def opened(turn: Turn, owner_id: int, sealed: bytes, interview_id: int, kind: str = "interview") -> str:
    """Words about the interview, opened for the reader; "" once whoever wrote them was erased."""
    try:
        return turn.read(owner_id, sealed, kind, interview_id)
    except NotYours:
        return ""


# --------------------------------------------------------------------------------------------------------------- notes


def notes(turn: Turn, interview: Interview) -> list[Part]:
    """What both noted, who agreed, and of the private halves the reader's own."""
    parts: list[Part] = []
    for note in interviews.notes_on(turn.session, interview.id):
        mine = note.author_id == turn.person.id
        said = opened(turn, note.author_id, note.words, interview.id) if holds_words(note.words) else ""
        if said:
            author = turn.session.get_one(Person, note.author_id)
            parts.append(Quote(said, "You" if mine else author.name))
            parts.extend(_agreement(turn, interview, note, mine=mine))
        if mine and note.private is not None and (turn.place is None or turn.place.direct):
            parts.append(Quote(turn.read(note.author_id, note.private, "interview", interview.id), "Only for you"))
    return parts


def _agreement(turn: Turn, interview: Interview, note: InterviewNote, *, mine: bool) -> tuple[Part, ...]:
    if note.agreed_at is not None:
        who = words.first(words.other_of(turn, interview)) if mine else "You"
        day = wording.day(note.agreed_at.astimezone(turn.zone).date())
        return (small("{who} agreed with this on {day}.", who=who, day=day),)
    return () if mine else (Buttons((Button("I agree", "interviews.agree", interview.id, note_stamp(note)),)),)


def note_stamp(note: InterviewNote) -> str:
    """Which words somebody agrees with: another stamp after every change."""
    return f"{note.written_at:%Y%m%dT%H%M%S%f}"


def note_prompt(turn: Turn, interview: Interview, *more: Button) -> tuple[Part, ...]:
    """A place for the reader's note: asked for until there is one, or none is wanted."""
    mine = interviews.note_by(turn.session, interview.id, turn.person.id)
    if mine is None:
        return (
            text("Would you like to note what you both want to remember? Type it here, or use the form."),
            Buttons(
                (
                    Button("Add a note", "interviews.note", interview.id, opens_form=True),
                    Button("No note", "interviews.no_note", interview.id),
                    *more,
                )
            ),
            small("You both see it, and nobody else does. Begin with “private:” for what only you should see."),
        )
    label = "Change my note" if _has_words(mine) else "Add a note"
    return (
        *_step_question(turn, interview, mine),
        Buttons((Button(label, "interviews.note", interview.id, opens_form=True), *_step_ways(turn, interview), *more)),
    )


def awaited(turn: Turn, interview: Interview) -> str:
    """What a typed answer to the card is taken for: a note first, then what the reader will do next."""
    mine = interviews.note_by(turn.session, interview.id, turn.person.id)
    if mine is None:
        return "interviews.note"
    return "interviews.step" if _asks_for_steps(turn, interview, mine) else ""


def _has_words(note: InterviewNote) -> bool:
    return note.private is not None or holds_words(note.words)


# ---------------------------------------------------------------------------------------------------------- next steps


def steps(turn: Turn, interview: Interview) -> list[Part]:
    """What each of the two means to do next, and what is done."""
    parts: list[Part] = []
    for step in next_steps.after(turn.session, interview.id):
        said = opened(turn, step.owner_id, step.words, interview.id, "step")
        if said:
            owner = turn.session.get_one(Person, step.owner_id)
            who = "You" if owner.id == turn.person.id else words.first(owner)
            parts.append(text("**{who}:** {said}{state}", who=who, said=said, state=_state(step)))
    return [text("**What comes next**"), *parts] if parts else []


def _state(step: NextStep) -> str:
    if step.state == "done":
        return " (done)"
    return f" ({wording.day(step.due_on)})" if step.due_on is not None else ""


def mine_of(turn: Turn, interview: Interview) -> list[NextStep]:
    """The reader's own next steps after this interview, done ones among them."""
    return [step for step in next_steps.after(turn.session, interview.id) if step.owner_id == turn.person.id]


def _asks_for_steps(turn: Turn, interview: Interview, note: InterviewNote) -> bool:
    """Whoever had something to note is asked what comes next, until they say; whoever wanted no note is not."""
    return _has_words(note) and not mine_of(turn, interview)


def _step_question(turn: Turn, interview: Interview, note: InterviewNote) -> tuple[Part, ...]:
    if not _asks_for_steps(turn, interview, note):
        return ()
    return (
        text("**What will you do next?** Type it here, with a day if you like: “visit Itchen by 20 May”."),
        small("You both see it. On that day I remind you once, and nobody else."),
    )


def _step_ways(turn: Turn, interview: Interview) -> tuple[Button, ...]:
    mine = mine_of(turn, interview)
    ways: list[Button] = []
    if len(mine) < MOST_STEPS:
        ways.append(
            Button("Add a next step" if mine else "Name a next step", "interviews.steps", interview.id, opens_form=True)
        )
    if any(step.state == "open" for step in mine):
        ways.append(Button("My next steps", "interviews.my_steps"))
    return tuple(ways)
