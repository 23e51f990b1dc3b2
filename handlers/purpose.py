"""What people's words are kept for: said to everybody once, when they first tell the bot something."""

from dataclasses import replace

from bot.chat import Message, small
from handlers.turn import Turn

PURPOSE = (
    "What you keep here is for your own learning and development, and for nothing else. Nobody else can read it unless "
    "you share it. It is best to leave out the names of pupils and colleagues: notes like these have no legal "
    "privilege, and a court or an inquiry could ask you for them."
)


def with_purpose(turn: Turn, message: Message) -> Message:
    """The message, followed by the purpose when this person has not been told yet."""
    if turn.person.told_purpose_at is not None:
        return message
    turn.person.told_purpose_at = turn.now
    return replace(message, parts=(*message.parts, small(PURPOSE)))
