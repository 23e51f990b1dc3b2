"""The team review: a team asks itself the policy's questions, each answers privately, all see what came of it."""

from handlers.reviews.handlers import CONVERSATION

__all__ = ["CONVERSATION"]
