"""Words that fit nowhere are never lost: set aside, and what they could mean is offered."""

from bot import wording
from bot.chat import ANSWERS_TO, Button, Buttons, Event, Message, Quote, Reply, Say, text
from bot.errors import Refusal
from handlers.home.prompts import words_of
from handlers.turn import Turn
from storage import outbox


def unknown(turn: Turn, event: Event) -> Reply:
    """Words that fit nowhere: set aside, and what they could mean is offered."""
    if not event.text.strip():
        raise Refusal("I can't see any words in that. Write to me, or say `help` to see what I understand.")
    draft = turn.set_aside(event)
    buttons = [Button("Keep it in my diary", "diary.keep_draft", draft, style="primary")]
    for prompt in outbox.open_prompts(turn.session, turn.person.id)[:2]:
        label = wording.shortened(f"It answers: {words_of(prompt.awaits)}", 70)
        buttons.append(Button(label, ANSWERS_TO, draft, str(prompt.id)))
    buttons.append(Button("Forget it", "diary.forget", draft))
    buttons.append(Button("What can I say?", "home.help"))
    return Say(
        Message(
            "I'm not sure what to do with that.",
            (
                text("I'm not sure what to do with this, so I've put it to one side for a week:"),
                Quote(wording.shortened(event.text.strip(), 500)),
                Buttons(tuple(buttons)),
            ),
        ),
        private=True,
    )
