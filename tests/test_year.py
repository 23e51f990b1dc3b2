"""The simulated year: the same seed plays the same year, and at its end every promise was kept."""

import re

import pytest

from bot.year import play


@pytest.fixture(scope="module")
def year() -> list[str]:
    """What is printed of the year with seed 1."""
    return played(1)


def played(seed: int) -> list[str]:
    lines: list[str] = []
    assert play("southampton", seed, show=lines.append) == 0
    return lines


def test_the_same_seed_plays_the_same_year(year: list[str]) -> None:
    assert played(1) == year


def test_everybody_had_what_they_were_promised(year: list[str]) -> None:
    summary = year[next(n for n, line in enumerate(year) if line.startswith("\nThe learning year")) :]
    people = [line for line in summary if re.search(r"\d/3 .* of 3 ", line)]
    assert len(people) == 8
    for line in people:
        assert "3/3" in line
        assert "3 of 3" in line
    assert sum("review closed" in line for line in summary) == 2


def test_nobody_was_written_to_at_night_or_at_the_weekend(year: list[str]) -> None:
    seen = [line for line in year if re.match(r"\w{3} \d+ \w{3}, \d\d:\d\d  \w+ sees", line)]
    assert len(seen) > 300
    assert not [line for line in seen if line.startswith(("Sat", "Sun"))]
    assert {int(re.search(r", (\d\d):", line)[1]) for line in seen} <= set(range(8, 19))


def test_nobody_was_asked_twice_for_the_same_reflection(year: list[str]) -> None:
    asked = [line.split("  ", 1)[1] for line in year if "sees: You were on" in line]
    assert len(asked) == len(set(asked)) > 20
