"""Being written."""

from handlers.registry import Conversation

CONVERSATION = Conversation(name="reviews", actions={})
