"""The conversations, in reading order. To add one: its file, its line here, its rows in `permissions`, its test."""

from handlers import courses, diary, home, interviews, people, reviews
from handlers.registry import Conversation

CONVERSATIONS: tuple[Conversation, ...] = (
    home.CONVERSATION,
    people.CONVERSATION,
    interviews.CONVERSATION,
    courses.CONVERSATION,
    diary.CONVERSATION,
    reviews.CONVERSATION,
)
