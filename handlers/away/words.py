"""What the bot says about when somebody is away, and the form for it."""

from collections.abc import Sequence
from datetime import date

from bot import wording
from bot.chat import Button, Buttons, Field, Form, Message, Option, Part, Quote, small, text
from bot.errors import Refusal
from handlers.absences import overlap, said, stamp
from handlers.turn import Turn
from scheduling.slots import Interval
from scheduling.when import Reading
from storage.models import Away, Interview, Person

SHOWN = 10
DAYS = Form(
    "away.days",
    "When you are away",
    (
        Field("first", "From which day?", "date"),
        Field("last", "Until which day?", "date", "The last day away. Leave it empty for one day", required=False),
        Field(
            "part",
            "All day?",
            "choice",
            options=(Option("All day", "all"), Option("The morning", "morning"), Option("The afternoon", "afternoon")),
            value="all",
        ),
    ),
    submit="Keep it",
)


class NotInAChannel(Refusal):
    """When you are away is between you and me. Say it in our direct chat, and I go by it."""


def choose(first: date | None = None) -> Button:
    """The way to the form, with its first day where that is known."""
    return Button("Choose the days", "away.choose", value=first.isoformat() if first else "", opens_form=True)


def kept(turn: Turn, rows: Sequence[Away], met: Sequence[Interview], more: Sequence[Button]) -> Message:
    """From now on no times are offered then; with what is arranged in that time, and a way back."""
    when = wording.listed([said((one.starts_at, one.ends_at), turn.zone, turn.now) for one in rows])
    undo = Button("Undo", "away.undo", value=",".join(str(one.id) for one in rows))
    parts: list[Part] = [
        text("**I’ll offer no times {when}**, and ask you nothing then.", when=when),
        *_arranged(turn, met, [(one.starts_at, one.ends_at) for one in rows]),
        small(
            "Others only see that a time doesn’t suit, never why. Reminders of what is booked still come. "
            "Say “when am I away” to look it up."
        ),
        Buttons((undo, *more)),
    ]
    return Message(f"I’ll offer no times {when}.", tuple(parts))


def _arranged(turn: Turn, met: Sequence[Interview], absences: Sequence[Interval]) -> list[Part]:
    """What is arranged in that time. One can be moved from here; of several each is opened in a message of its own."""
    parts: list[Part] = []
    for one in met[:SHOWN]:
        other = turn.session.get_one(Person, one.partner_id if one.learner_id == turn.person.id else one.learner_id)
        falls_into = any(overlap((one.starts_at, one.ends_at), absence) for absence in absences)
        at = one.starts_at if falls_into or one.to_starts_at is None else one.to_starts_at
        when = wording.moment(at, turn.zone)
        state = "is booked for then" if falls_into and one.state == "booked" else "is suggested for then"
        parts.append(text("**{when}** with {other} {state}.", when=when, other=other.name, state=state))
        open_it = (Button(f"Open {when}", "interviews.open", one.id),)
        move = (Button("Move it", "interviews.move", one.id), Button("Keep it", "interviews.leave", one.id))
        parts.append(Buttons(move if len(met) == 1 else open_it))
    return parts


def taken_back(turn: Turn, absences: Sequence[Interval]) -> Message:
    """Times can be offered again."""
    show = Buttons((Button("When am I away?", "away.show"),))
    if not absences:
        return Message("That is taken back already.", (text("That is taken back already."), show))
    when = wording.listed([said(one, turn.zone, turn.now) for one in absences])
    return Message(
        "Taken back.", (text("**Taken back.** You are not away {when}, and I may offer times.", when=when), show)
    )


def shown(turn: Turn, rows: Sequence[Away]) -> Message:
    """When this person is away, each with a way to take it back."""
    if not rows:
        return Message(
            "You haven’t told me that you are away.",
            (
                text("You haven’t told me that you are away."),
                small("Say it as you would to anybody: “I’m away 3–10 April”, “off Thursday afternoon”."),
                Buttons((choose(),)),
            ),
        )
    parts: list[Part] = [text("**You are away:**")]
    for one in rows[:SHOWN]:
        when = said((one.starts_at, one.ends_at), turn.zone, turn.now)
        parts.append(text("{when}", when=when[:1].upper() + when[1:]))
        parts.append(Buttons((Button(f"Not away {when}", "away.undo", value=str(one.id)),)))
    if len(rows) > SHOWN:
        parts.append(small("And {more} later on.", more=wording.count(len(rows) - SHOWN, "time")))
    parts.append(Buttons((choose(),)))
    return Message("When you are away", tuple(parts))


def which(turn: Turn, choices: Sequence[Sequence[Interval]], ask: str, first: date | None = None) -> Message:
    """What may be meant, a button for each."""
    buttons = [
        Button(
            wording.shortened(_capital(wording.listed([said(one, turn.zone, turn.now) for one in choice])), 70),
            "away.keep",
            value=stamp(choice),
        )
        for choice in choices
    ]
    return Message(ask, (text("**{ask}**", ask=ask), Buttons((*buttons, choose(first)))))


def ask_back(reading: Reading, first: date | None) -> Message:
    """What is missing, and the form for it."""
    match reading.doubt:
        case "repeats":
            line = "That sounds like every week. Which days and hours you work I keep under “my hours”."
            return Message(line, (text("{line}", line=line), Buttons((Button("My hours", "hours.show"), choose()))))
        case "past":
            line = "That is over already, as I read it. When are you away?"
        case _:
            line = "I’m not sure from when until when. Which days are you away?"
    return Message(line, (text("{line}", line=line), Buttons((choose(first),))))


def not_understood(turn: Turn, draft: int, said: str) -> Message:
    """Words that may not be about being away at all: set aside, and what they could mean is offered."""
    return Message(
        "I’m not sure when you are away.",
        (
            text("I’m not sure when you are away, so I’ve put this to one side for a week:"),
            Quote(wording.shortened(said.strip(), 500)),
            Buttons(
                (
                    choose(),
                    Button("Keep it in my diary", "diary.keep_draft", draft),
                    Button("Forget it", "diary.forget", draft),
                )
            ),
        ),
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
