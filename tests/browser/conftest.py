"""The demo as people see it: the real bot in a process of its own, a window for each person, and Chromium."""

import contextlib
import csv
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.demo import ROSTER
from bot.playground import Someone, Team, start
from tests.clients.browser import Browser, Window
from tests.clients.fixtures import browser
from tests.clients.node import NODE, ROOT, ensure_node_modules, free_ports

__all__ = ["browser"]

WITHIN = 60.0  # seconds; on an idle machine it is up after five
SCREENSHOTS = ROOT / "var" / "screenshots"


@dataclass
class Demo:
    """`learnbot demo`, running."""

    browser: Browser
    folder: Path
    port: int
    windows: dict[str, int]
    stack: contextlib.ExitStack

    def sit_down(self, first_name: str, *, width: int = 900) -> Window:
        """Open somebody's window and wait for the bot's greeting. Who has none in the demo is given one."""
        if first_name not in self.windows:
            everybody = people()
            me = next(one for one in everybody if one.name.startswith(first_name))
            folder = self.folder / "playground" / first_name
            endpoint = f"http://127.0.0.1:{self.port}/api/messages"
            (self.windows[first_name],) = free_ports(1)
            self.stack.enter_context(
                start(self.windows[first_name], endpoint, me, everybody, Team(), folder, node=NODE)
            )
        window = self.browser.open(f"http://localhost:{self.windows[first_name]}", width=width, height=900)
        self.stack.callback(window.close)
        return window.wait_for(f"Hello {first_name}.", within=30)


def people() -> list[Someone]:
    """The demo organisation, under the ids by which the demo's own windows know it."""
    with ROSTER.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Someone(row["name"], row["email"], f"29:{row['email'].split('@')[0]}", f"00000000-0000-4000-8000-{row_id:012d}")
        for row_id, row in enumerate(rows, 1)
    ]


@pytest.fixture
def demo(browser: Browser, tmp_path: Path) -> Iterator[Demo]:
    """A demo in which nothing has happened yet."""
    ensure_node_modules()
    folder = tmp_path / "var"
    port, amina, ben = free_ports(3)
    command = ["demo", "--folder", str(folder), "--port", str(port), "--amina", str(amina), "--ben", str(ben)]
    log = tmp_path / "demo.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )
    with contextlib.ExitStack() as stack:
        stack.callback(stop, process)
        wait_until_up(process, port, log)
        yield Demo(browser, folder, port, {"Amina": amina, "Ben": ben}, stack)
    assert "Traceback" not in log.read_text()


def wait_until_up(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + WITHIN
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"the demo did not start: {log.read_text()}"
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return
        time.sleep(0.05)


def stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture
def screenshots() -> Path:
    """Where pictures of every step are kept, for people to look at."""
    SCREENSHOTS.parent.mkdir(mode=0o700, exist_ok=True)  # the demo keeps its data beside them
    SCREENSHOTS.mkdir(exist_ok=True)
    return SCREENSHOTS
