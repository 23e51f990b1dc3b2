"""A time typed for an interview, where the words tell when somebody is away: what is offered lies outside of that."""

import re

import pytest

from bot.console import buttons_of
from tests.conftest import Chat


def days_offered(chat: Chat, typed: str) -> list[int]:
    """The days of March 2026 that Amina is offered when she types this instead of tapping a time."""
    chat.say("Ben", "hello")
    chat.say("Amina", "book an interview")
    chat.press("Amina", "Type another")
    chat.submit("Amina", when=typed)
    assert "Not then, understood." in chat.last("Amina")
    taken = [button for button in buttons_of(chat.seen("Amina")[-1].message) if button.action == "interviews.take"]
    found = [re.match(r"\w{3} (\d+) Mar, ", button.label) for button in taken]
    return [int(match[1]) for match in found if match]


@pytest.mark.parametrize(
    ("typed", "away"),
    [
        ("I'm away on the 4th and the 6th", {4, 6}),
        ("I'm away until Friday", {2, 3, 4, 5, 6}),
        ("I'm off from Tuesday, back on Friday", {3, 4, 5}),
        ("I'm on holiday from 3 March for two weeks", set(range(3, 17))),
    ],
)
def test_no_time_is_offered_when_somebody_said_to_be_away(chat: Chat, typed: str, away: set[int]) -> None:
    days = days_offered(chat, typed)
    assert len(days) == 5
    assert not away & set(days)


def test_a_day_between_two_days_away_is_offered(chat: Chat) -> None:
    assert 5 in days_offered(chat, "I'm away on the 4th and the 6th")
