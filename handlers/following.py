"""A chat message was changed or deleted after words of it were kept somewhere: what was kept follows."""

from collections.abc import Sequence

from bot.chat import Event, Nothing, Reply
from handlers.registry import Conversation, Handler
from handlers.turn import Turn


def conversation(edited: Sequence[Handler], deleted: Sequence[Handler]) -> Conversation:
    """Asks each of the handlers, in order, until one has something to say: words are kept in one place only."""

    def first_of(handlers: Sequence[Handler]) -> Handler:
        def follow(turn: Turn, event: Event) -> Reply:
            return next((reply for one in handlers if (reply := one(turn, event)) != Nothing()), Nothing())

        return follow

    return Conversation(
        "following",
        actions={"following.edited": first_of(edited), "following.deleted": first_of(deleted)},
        hears={"edit": "following.edited", "delete": "following.deleted"},
    )
