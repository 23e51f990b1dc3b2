"""What can be typed: a message is found to be the command that it is, however few patterns are tried on it."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import registry
from handlers.registry import Command

REGISTRY = registry()
BEGINNINGS = ["", " ", "\t\n", "please ", "I ", "my ", "show me ", "diary: ", "“", "<", "\u00a0", "İ", "\x1c"]


def found(typed: str) -> tuple[Command, dict[str, str]] | None:
    """What one gets who tries every pattern."""
    for one in REGISTRY.commands:
        match = one.pattern.fullmatch(typed)
        if match and one.chosen is None:
            return one, {name: words for name, words in match.groupdict().items() if words is not None}
    return None


@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("number", range(len(REGISTRY.commands)))
@given(data=st.data())
def test_whatever_a_pattern_takes_is_found(number: int, data: st.DataObject) -> None:
    pattern = REGISTRY.commands[number].pattern
    typed = data.draw(st.from_regex(re.compile(pattern.pattern, re.IGNORECASE | re.DOTALL), fullmatch=True))
    assert REGISTRY.match(typed) == found(typed)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(BEGINNINGS), st.text(max_size=60))
def test_whatever_is_typed_is_found_or_not_as_if_every_pattern_were_tried(beginning: str, rest: str) -> None:
    assert REGISTRY.match(beginning + rest) == found(beginning + rest)


@pytest.mark.parametrize("example", sorted({one.example for one in REGISTRY.commands if one.example}))
def test_every_example_is_a_command_whatever_its_case_and_spacing(example: str) -> None:
    for typed in (example, f"  {example}\n", example.upper(), example.lower()):
        assert REGISTRY.match(typed) == found(typed)
        assert found(typed) is not None, typed
