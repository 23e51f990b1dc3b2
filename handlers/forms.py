"""A form that stands in a chat is closed unsent: the message that it stood in is shown again."""

from collections.abc import Callable, Mapping

from bot.chat import PUT_AWAY, Event, Message, Replace, Reply, small
from handlers.registry import Conversation, Notice
from handlers.turn import Turn
from storage import outbox

CLOSED = "Closed; nothing was sent."


def conversation(
    notices: Mapping[str, Notice], held: Callable[[Turn, Event], Message | None] = lambda turn, event: None
) -> Conversation:
    """The way out of every form; `notices` are the builders of all messages that a form may stand in.

    `held` builds one that only the value of its form can build again.
    """

    def put_away(turn: Turn, event: Event) -> Reply:
        """Show what stood there, as it is by now; that the form is closed, where nothing can be built again."""
        place = event.place
        posted = outbox.posted(turn.session, place.platform, place.conversation, place.message)
        if posted is not None and posted.to_id == turn.person.id and posted.notice in notices:
            message = notices[posted.notice](turn, posted.about)
            if message is not None:
                return Replace(message)
        if (message := held(turn, event)) is not None:
            return Replace(message)
        return Replace(Message(CLOSED, (small(CLOSED),)))

    return Conversation("forms", actions={PUT_AWAY: put_away})
