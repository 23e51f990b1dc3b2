"""The conversations, in reading order. To add one: its file, its line here, its rows in `permissions`, its test."""

from handlers import courses, diary, forms, home, interviews, people, reviews
from handlers.registry import Conversation

_SPOKEN: tuple[Conversation, ...] = (
    home.CONVERSATION,
    people.CONVERSATION,
    interviews.CONVERSATION,
    courses.CONVERSATION,
    diary.CONVERSATION,
    reviews.CONVERSATION,
)
CONVERSATIONS = (
    *_SPOKEN,
    forms.conversation({name: build for spoken in _SPOKEN for name, build in spoken.notices.items()}),
)
