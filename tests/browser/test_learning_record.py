"""A learning record grows as two people see it in their windows, in a real browser, across the March clock change."""

from itertools import count
from pathlib import Path

import pytest

from tests.browser.test_interview_life import program
from tests.clients.browser import Browser
from tests.clients.playground import two_windows
from tests.hands import AtWindow, Hands
from tests.learning import learn
from tests.running import Running

__all__ = ["program"]  # a fixture
pytestmark = [pytest.mark.browser, pytest.mark.clients]


def test_a_learning_record_grows_in_two_windows(program: Running, browser: Browser, screenshots: Path) -> None:
    with two_windows(f"{program.url}/api/messages") as playgrounds:
        windows = [browser.open(playground.url, width=900, height=900) for playground in playgrounds]
        amina, ben = (AtWindow(window).wait_for("I help your team keep its learning promises.") for window in windows)
        numbers = count(1)

        def look(step: str, who: Hands) -> None:
            window, name = (windows[0], "amina") if who is amina else (windows[1], "ben")
            window.screenshot(screenshots / f"record-{next(numbers):02}-{step}-{name}.png")

        learn(program, amina, ben, look)
        for window in windows:
            window.close()
