"""Which kind of activity some words name, by the words that the policy gives for each kind."""

import re
from collections.abc import Sequence

from bot.policy_courses import Activity

_WORD = re.compile(r"[^\W_]+")


def kind_named(activities: Sequence[Activity], words: str) -> str:
    """The key of the one kind of activity that the words name; "" when they name none, or several."""
    said = _in_words(words)
    named = {activity.key for activity in activities if any(_in_words(word) in said for word in activity.words)}
    return named.pop() if len(named) == 1 else ""


def _in_words(said: str) -> str:
    return f" {' '.join(_WORD.findall(said.lower()))} "
