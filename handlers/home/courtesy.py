"""Small talk: thanks, a yes to nothing, a thumb. It is answered in a line, and nothing is kept of it."""

from bot import wording
from bot.chat import Button, Buttons, Event, Message, Reply, Say, Text, text
from handlers.home.unknown import unknown
from handlers.registry import command
from handlers.turn import Turn
from storage import outbox

_FACES = "[\U0001f300-\U0001faff\u2600-\u27bf\ufe0f\u200d]"
_END = rf"(?:[\s.,!?…:;()-]|{_FACES})*"
_MORE = (
    r"(?:[\s,]+(?:you|u|so\s+much|very\s+much|a\s+(?:lot|million)|again|bot|all|everyone|then|"
    r"for\s+(?:that|this|now|your\s+help|the\s+\w+)))*"
)
_THANKS = rf"(?:many\s+)?(?:thanks?|thx|ta|cheers|diolch|much\s+appreciated){_MORE}{_END}"
_FINE = r"(?:ok(?:ay)?|great|perfect|lovely|brilliant|good|yes)[,.!]?\s+"
_SEEN = (
    r"ok(?:ay)?|k|great|good|perfect|lovely|brilliant|super|excellent|cool|nice|wonderful|will\s+do|got\s+it|"
    r"understood|noted|no,?\s+(?:thanks?|thank\s+you)|sounds\s+good|all\s+(?:good|right)|alright|"
    r"no\s+(?:problem|worries)|never\s?mind|sorry|oops|(?:good)?bye|see\s+(?:you|ya)(?:\s+(?:later|soon|then|tomorrow))?|"
    rf"good\s?night|have\s+a\s+(?:good|nice|lovely|great)\s+\w+|{_FACES}"
)
_YES_OR_NO = r"(?:yes|yep|yeah|yup|no|nope|nah|sure|maybe|later|not\s+(?:now|yet|really))(?:[\s,]+please)?"


def thanks(turn: Turn, event: Event) -> Reply:
    """Thanks are answered."""
    return _said(text("You’re welcome, {name}.", name=wording.first_name(turn.person.name)))


def seen(turn: Turn, event: Event) -> Reply:
    """An “ok” or a thumb that answers nothing: where to go on, and no more."""
    return _said(text("All right. `home` shows what is next, whenever you like."))


def yes_or_no(turn: Turn, event: Event) -> Reply:
    """A yes or no with no question right above it: asked back, not guessed; and what is still open can be chosen."""
    if outbox.open_prompts(turn.session, turn.person.id):
        return unknown(turn, event)
    return _said(
        text("I can’t tell what that is an answer to. Tap a button under what you mean, or look here:"),
        Buttons((Button("My learning year", "home.show"), Button("What can I say?", "home.help"))),
    )


def _said(line: Text, *more: Buttons) -> Reply:
    return Say(Message(line.plain(), (line, *more)), private=True)


# thanks alone answer nothing; the others are the answer where a question was just asked
COMMANDS = (
    command(_THANKS, "home.thanks"),
    command(_FINE + _THANKS, "home.thanks", yields=True),
    command(rf"(?:{_SEEN}){_END}", "home.seen", yields=True),
    command(_YES_OR_NO + _END, "home.yes_or_no", yields=True),
)
