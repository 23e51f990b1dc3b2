"""Cancelling: asked once more first, and the other hears who did it, and why if that was said."""

from bot import wording
from bot.chat import Button, Buttons, Event, Form, Message, OpenForm, Part, Replace, Reply, Say, text
from handlers.interviews import cards, form, reasons, words
from handlers.interviews.standing import meant, named, none_standing
from handlers.turn import Turn
from storage import interview_cards, interviews
from storage.models import Interview


def cancel_typed(turn: Turn, event: Event) -> Reply:
    """`cancel my interview`: asks whether, and why if they like."""
    standing = meant(turn, event)
    if not standing:
        return Say(none_standing(turn), private=True)
    if len(standing) == 1:
        return OpenForm(_cancel_form(turn, standing[0]))
    buttons = tuple(
        Button(named(turn, one), "interviews.cancel", one.id, opens_form=True) for one in standing[:5]
    )  # fmt: skip
    return Say(Message("Which shall I cancel?", (text("**Which shall I cancel?**"), Buttons(buttons))), private=True)


def cannot_typed(turn: Turn, event: Event) -> Reply:
    """`I can't make it`: moved or cancelled is theirs to say."""
    standing = meant(turn, event)
    if not standing:
        return Say(none_standing(turn), private=True)
    parts: list[Part] = [text("Shall I look for another time, or cancel it?")]
    for one in standing[:5]:
        another = Button("Another time", "interviews.move", one.id)
        parts += [
            text("{which}", which=named(turn, one)),
            Buttons((another, Button("Cancel it", "interviews.cancel", one.id, opens_form=True))),
        ]
    return Say(Message("Another time, or cancel it?", tuple(parts)), private=True)


def cancel(turn: Turn, event: Event) -> Reply:
    """Ask whether, and why if they like."""
    interview = turn.session.get_one(Interview, event.about)
    return asked_once_more(turn, interview) or Replace(cards.shown(turn, interview))


def asked_once_more(turn: Turn, interview: Interview) -> OpenForm | None:
    """The form that asks whether, and why; None when it cannot be cancelled any more."""
    return OpenForm(_cancel_form(turn, interview)) if _can_cancel(turn, interview) else None


def cancelled(turn: Turn, event: Event) -> Reply:
    """The interview will not take place; the other hears who cancelled it, and why if that was given."""
    interview = interviews.locked(turn.session, event.about)
    if not _can_cancel(turn, interview):
        return Replace(cards.shown(turn, interview))
    reason = reasons.sealed(turn, event.answers.get("reason", ""))
    interviews.cancel(turn.session, interview, turn.person.id, turn.now, reason)
    interview_cards.answered(turn.session, interview.id, turn.person.id, turn.now)
    interview_cards.tell(turn.session, interview, words.other_of(turn, interview).id, turn.now)
    return Replace(cards.shown(turn, interview))


def _can_cancel(turn: Turn, interview: Interview) -> bool:
    return interview.state == "proposed" or (interview.state == "booked" and interview.ends_at > turn.now)


def _cancel_form(turn: Turn, interview: Interview) -> Form:
    asked = form.about(form.CANCEL, interview.id)
    when = wording.span(interview.starts_at, interview.ends_at, turn.zone)
    line = text("{when} with {other}", when=when, other=words.other_of(turn, interview).name)
    return Form(asked.name, asked.title, asked.fields, asked.submit, (line,), asked.about)
