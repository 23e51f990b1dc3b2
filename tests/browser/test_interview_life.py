"""The life of an interview as two people see it in their windows, in a real browser, across the March clock change."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.config import Teams
from tests.clients.browser import Browser
from tests.clients.playground import ORGANISATION, two_windows
from tests.hands import AtWindow, Hands
from tests.life import MONDAY, live, roster
from tests.running import Running, running, settings

pytestmark = [pytest.mark.browser, pytest.mark.clients]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Running]:
    """The bot for local windows, with Amina and Ben on its roster."""
    teams = Teams(ORGANISATION.bot_id.removeprefix("28:"), ORGANISATION.tenant_id, local=True)
    with running(settings(tmp_path, teams=teams), roster(), MONDAY - timedelta(hours=1)) as program:
        yield program


def test_an_interview_lives_its_life_in_two_windows(program: Running, browser: Browser, screenshots: Path) -> None:
    with two_windows(f"{program.url}/api/messages") as playgrounds:
        windows = [browser.open(playground.url, width=900, height=900) for playground in playgrounds]
        amina, ben = (AtWindow(window).wait_for("I help your team keep its learning promises.") for window in windows)
        numbers = count(1)

        def look(step: str, who: Hands) -> None:
            window, name = (windows[0], "amina") if who is amina else (windows[1], "ben")
            window.screenshot(screenshots / f"life-{next(numbers):02}-{step}-{name}.png")

        live(program, amina, ben, look)
        for window in windows:
            window.close()
