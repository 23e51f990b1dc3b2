"""Where an answer to a tap or a form goes."""

from bot.chat import Event, Message, Replace, Reply, Say
from handlers.turn import Turn
from storage import outbox


def in_place(turn: Turn, event: Event, message: Message) -> Reply:
    """The message in place of the one that was acted on; in a channel, or where there is none, to this person alone."""
    place = event.place
    if not place.direct or event.kind not in ("tap", "submit"):
        return Say(message, private=True)
    here = outbox.posted(turn.session, place.platform, place.conversation, place.message)
    return Replace(message) if here is not None else Say(message, private=True)
