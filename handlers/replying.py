"""Where an answer to a tap or a form goes."""

from bot.chat import Event, Message, Replace, Reply, Say
from handlers.turn import Turn
from storage import outbox


def in_place(turn: Turn, event: Event, message: Message) -> Reply:
    """The message in place of the one that was acted on; in a channel, or where there is none, to this person alone."""
    here = outbox.posted(turn.session, event.place.platform, event.place.conversation, event.place.message)
    if here is not None and event.place.direct and event.kind in ("tap", "submit"):
        return Replace(message)
    return Say(message, private=True)
