"""`learnbot demo` as a newcomer runs it: what it prints, what it leaves behind, and what it does when it cannot."""

import asyncio
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.app import Bot, build
from bot.chat import Account
from bot.console import Screen, Visitor, in_words
from bot.demo import TO_TYPE, enrol, prepared
from bot.playground import is_free
from storage import people
from tests.clients.node import ensure_node_modules, free_ports

ROOT = Path(__file__).parents[1]
WITHIN = 90  # seconds; it takes five
IN_THE_TERMINAL = "Here is the bot in the terminal instead."
NOWHERE = """
import sys
from pathlib import Path
import bot.demo, bot.playground
bot.playground.CLI = Path("nowhere")
port, amina, ben = map(int, sys.argv[2:])
raise SystemExit(bot.demo.run(Path(sys.argv[1]), port, {"amina": amina, "ben": ben}))
"""


@dataclass
class Demo:
    """A demo that was started."""

    process: "subprocess.Popen[str]"
    port: int
    amina: int
    ben: int
    log: Path

    @property
    def printed(self) -> str:
        return self.log.read_text()

    @property
    def ports(self) -> tuple[int, int, int]:
        return self.port, self.amina, self.ben

    def wait_for(self, words: str) -> None:
        deadline = time.monotonic() + WITHIN
        while words not in self.printed:
            assert self.process.poll() is None, f"it ended: {self.printed}"
            assert time.monotonic() < deadline, f"{words!r} was not printed: {self.printed}"
            time.sleep(0.05)

    def children(self) -> set[int]:
        """The processes that it started, and theirs."""
        found: set[int] = set()
        waiting = [self.process.pid]
        while waiting:
            pid = waiting.pop()
            for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
                fresh = {int(child) for child in tasks.read_text().split()} - found
                found |= fresh
                waiting.extend(fresh)
        return found

    def ended(self) -> int:
        return self.process.wait(WITHIN)


@contextmanager
def demo(folder: Path, *, log: Path) -> Iterator[Demo]:
    ensure_node_modules()
    port, amina, ben = free_ports(3)
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *words(folder, port, amina, ben)],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file, text=True,
        )  # fmt: skip
    running = Demo(process, port, amina, ben, log)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(WITHIN)


def words(folder: Path, port: int, amina: int, ben: int) -> list[str]:
    return ["demo", "--folder", str(folder), "--port", str(port), "--amina", str(amina), "--ben", str(ben)]


def ran(*command: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, input=typed, capture_output=True, text=True, timeout=WITHIN
    )


def everything_is_gone(children: set[int], ports: tuple[int, ...]) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{child}").exists() for child in children) and all(map(is_free, ports)):
            return True
        time.sleep(0.05)
    return False


# ----------------------------------------------------------------------------------------------------------- the folder


def test_the_folder_and_the_key_are_for_their_owner_alone_and_are_kept(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    first, second = prepared(folder), prepared(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()] == [0o600]
    sealed = first.keyring.new_person_key()
    assert second.keyring.mark("a") == first.keyring.mark("a")
    assert sealed


def test_what_somebody_is_owed_in_a_window_waits_while_only_the_terminal_is_there(tmp_path: Path) -> None:
    settings = prepared(tmp_path)

    def started(platform: Screen) -> Bot:
        bot = build(settings, {platform.name: platform})
        enrol(bot)
        return bot

    def once_in_a_window(session: Session) -> None:
        (ben,) = people.named(session, "ben")
        people.link(session, ben, Account("teams", "tenant", "ben"))

    terminal, window = Screen(), Screen(name="teams")
    bot = started(terminal)
    bot.database.run(once_in_a_window)
    amina = Visitor("amina@example.org", terminal, bot.reception, process="test")

    async def booking() -> None:
        await amina.say("book Ben on Thursday week at 10am")
        await bot.reception.settled()
        await bot.delivery.run_until_idle()

    asyncio.run(booking())
    bot.close()
    bot = started(window)
    asyncio.run(bot.delivery.run_until_idle())
    bot.close()
    (asked,) = window.seen("ben")
    assert "Amina Khan suggests" in in_words(asked.message)


# ---------------------------------------------------------------------------------------------------------- two windows


@pytest.mark.clients
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_the_demo_shows_two_windows_and_what_to_type_and_stops_altogether(tmp_path: Path, how: signal.Signals) -> None:
    folder = tmp_path / "var"
    with demo(folder, log=tmp_path / "log") as running:
        running.wait_for("Ctrl-C stops everything.")
        assert f"Amina Khan   http://localhost:{running.amina}\n" in running.printed
        assert f"Ben Carter   http://localhost:{running.ben}\n" in running.printed
        assert len(TO_TYPE) == 5
        assert all(f"\n  {line}\n" in running.printed for line in TO_TYPE)
        for window in (running.amina, running.ben):
            with urllib.request.urlopen(f"http://127.0.0.1:{window}/", timeout=10) as page:
                assert page.status == 200
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "master.key").stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "demo.db").stat().st_mode) & 0o077 == 0
        if how is signal.SIGTERM:  # once is enough to see that a second one is turned away
            again = ran("-m", "bot", *words(folder, *free_ports(3)))
            assert (again.returncode, again.stdout) == (1, "")
            assert again.stderr.startswith("The demo is running already on ")
            talked = ran("-m", "bot", "chat", "--folder", str(folder))
            assert (talked.returncode, talked.stdout) == (1, "")
        children = running.children()
        assert len(children) >= 2
        running.process.send_signal(how)
        assert running.ended() == 0
        assert everything_is_gone(children, running.ports)
        assert "Traceback" not in running.printed
        assert "Warning" not in running.printed


@pytest.mark.clients
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_demo_that_is_stopped_while_it_starts_leaves_nothing_behind(tmp_path: Path, how: signal.Signals) -> None:
    with demo(tmp_path / "var", log=tmp_path / "log") as running:
        deadline = time.monotonic() + WITHIN
        while not (children := running.children()) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert children
        running.process.send_signal(how)
        assert running.ended() == (-how if how is signal.SIGKILL else 0)
        assert everything_is_gone(children, running.ports)
        assert "Traceback" not in running.printed


@pytest.mark.clients
def test_starting_again_goes_on_where_it_was_left(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    kept = ran("-m", "bot", "chat", "--folder", str(folder), typed="diary: kept before the demo\n")
    assert "Kept in your diary." in kept.stdout
    with demo(folder, log=tmp_path / "log") as running:
        running.wait_for("Ctrl-C stops everything.")
    assert "1 entry in your diary" in ran("-m", "bot", "chat", "--folder", str(folder), typed="diary\n").stdout


# ------------------------------------------------------------------------------------------- the terminal chat instead


@pytest.mark.parametrize("which", ["port", "amina", "ben"])
def test_a_busy_port_is_named_and_the_terminal_chat_opens(tmp_path: Path, which: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = taken.getsockname()[1]
        ports = dict(zip(("port", "amina", "ben"), free_ports(3), strict=True)) | {which: busy}
        done = ran("-m", "bot", *words(tmp_path / "var", **ports), typed="diary\n")
    assert done.returncode == 0
    first, rest = done.stdout.split("\n", 1)
    assert first == f"Port {busy} is already in use. {IN_THE_TERMINAL}"
    assert "Your diary is empty." in rest
    assert not done.stderr


def test_without_the_playground_the_terminal_chat_opens(tmp_path: Path) -> None:
    ports = free_ports(3)
    done = ran("-c", NOWHERE, str(tmp_path / "var"), *map(str, ports))
    assert done.returncode == 0
    first, rest = done.stdout.split("\n", 1)
    assert first.startswith("The Agents Playground is not installed here: ")
    assert first.endswith(IN_THE_TERMINAL)
    assert "Hello Amina." in rest
    assert all(map(is_free, ports))


def test_the_terminal_chat_opens_even_with_no_standard_input(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = words(tmp_path / "var", taken.getsockname()[1], *free_ports(2))
        line = " ".join(["exec", sys.executable, "-m", "bot", *command, "<&-"])
        done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, timeout=WITHIN)
    assert done.returncode == 0, done.stderr
    assert "Hello Amina." in done.stdout
