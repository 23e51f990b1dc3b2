"""The terminal chat, as somebody types into it: through a pipe, at a terminal, and with time going by."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import build
from bot.chat import Field, Option
from bot.console import Screen, Visitor
from bot.demo import enrol, prepared
from bot.terminal import Terminal, answer_meant

LEARNBOT = (sys.executable, "-m", "bot")
ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)  # a Friday: “next Tuesday” is one day only
WITHIN = 60  # seconds; it takes three


def piped(folder: Path, *lines: str) -> str:
    """What is printed when these lines are typed into a pipe."""
    done = subprocess.run(
        [*LEARNBOT, "chat", "--folder", str(folder)],
        cwd=ROOT, input="".join(f"{line}\n" for line in lines), capture_output=True, text=True, timeout=WITHIN,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    return done.stdout


class Typing:
    """Standard input as a pipe: lines, and time that goes by before the next one is typed."""

    def __init__(self, *what: str | timedelta) -> None:
        self.now = NOW
        self._what = iter(what)

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        for one in self._what:
            if isinstance(one, str):
                return one + "\n"
            self.now += one
        return ""


def chat(folder: Path, *what: str | timedelta, who: str = "amina") -> str:
    """The same without a process of its own, beginning at NOW: what “next Thursday” means depends on the day."""
    typing, printed = Typing(*what), StringIO()
    screen = Screen(_ids=count(int(time.monotonic() * 1e6)))
    bot = build(prepared(folder), {"console": screen}, clock=lambda: typing.now)
    enrol(bot)
    visitor = Visitor(f"{who}@example.org", screen, bot.reception, process=bot.dispatcher.process)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdin", typing)
        Terminal(visitor, screen, bot.delivery, Console(file=printed, highlight=False, width=100)).run()
    bot.close()
    return printed.getvalue()


def said(printed: str, words: str) -> str:
    """What came after somebody typed `words`, up to the next prompt."""
    return printed.split(f"> {words}\n", 1)[1].split("\nyou> ", 1)[0]


# ---------------------------------------------------------------------------------------------------------- in a pipe


def test_a_whole_conversation_goes_through_a_pipe(tmp_path: Path) -> None:
    printed = piped(
        tmp_path,
        "diary: today I learned to ask",
        "2",  # Edit
        "I learned to ask first",
        "and to wait for the answer",
        "",
        "3",  # Tag
        "coaching",
        "diary search coaching",
        "99",
        "",
    )
    assert printed.count("Learning partner: Ben Carter") == 1  # one hello, no more
    assert "1) Undo\n  2) Edit\n  3) Tag" in said(printed, "diary: today I learned to ask")
    assert "│ I learned to ask first\n  │ and to wait for the answer" in said(printed, "and to wait for the answer")
    assert "Tags: coaching" in said(printed, "coaching")
    assert "1 entry with “coaching”" in said(printed, "diary search coaching")
    assert said(printed, "99") == "There is no 99 to tap just now, only 1 to 1."
    assert printed.endswith("you> \nNothing new.\n")
    assert "[dim]" not in printed


def test_a_form_is_asked_field_by_field_and_what_cannot_be_read_is_asked_again(tmp_path: Path) -> None:
    printed = chat(
        tmp_path,
        "course",
        "",  # the name is needed
        "Coaching skills",
        "the fifth of March",
        "2026-12-04",
        "",  # no last day
        "99",  # no such length
        "1",
        "home",
    )
    assert "This one is needed." in said(printed, "course")
    assert "What I need: like 2026-03-05." in said(printed, "the fifth of March")
    assert "What I need: its number." in said(printed, "99")
    assert "Coaching skills: Fri 4 Dec 2026" in said(printed, "1")


def test_a_form_is_asked_again_only_where_there_was_a_mistake(tmp_path: Path) -> None:
    printed = chat(tmp_path, "course", "Coaching", "2026-12-04", "2026-12-02", "", "2026-12-05", "")
    again = printed.split("> 2026-12-02\n", 1)[1]
    assert "What is it called?" not in again
    assert "Coaching: Fri 4 – Sat 5 Dec 2026" in again or "Sat 5 Dec 2026" in again


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("1", "a"),
        ("1, 3", "a\nc"),
        ("3,1,3", "c\na"),
        ("1 and 2", "a\nb"),
        ("1 2 3", "a\nb\nc"),
        ("plan, Lis", "c\na"),
        ("listening, 2", "a\nb"),
        ("-", ""),
        ("", "b"),
        ("4", None),
        ("1, 9", None),
        ("l", None),
        ("sailing", None),
    ],
)
def test_several_choices_are_numbers_or_beginnings_with_commas_between(typed: str, answer: str | None) -> None:
    options = (Option("Listening", "a"), Option("Leading, and being led", "b"), Option("Planning", "c"))
    assert answer_meant(Field("some", "Which?", "choices", options=options, value="b"), typed) == answer


def test_a_form_can_be_closed_unsent(tmp_path: Path) -> None:
    printed = chat(tmp_path, "course", "Coaching", "never mind", "what do you hold about me")
    assert said(printed, "never mind") == "Closed; nothing was sent."
    assert re.search(
        r"Nothing of these: [^.]*\bcourses;", said(printed, "what do you hold about me").replace("\n", " ")
    )


def test_a_form_is_closed_in_the_middle_of_a_paragraph_too(tmp_path: Path) -> None:
    printed = chat(tmp_path, "diary: to ask first", "2", "a line that I think better of", "Never mind", "diary")
    assert "Closed; nothing was sent." in printed
    assert "think better of" not in printed.partition("Closed; nothing was sent.")[2]


def test_an_input_that_ends_in_a_form_sends_nothing(tmp_path: Path) -> None:
    assert chat(tmp_path, "course", "Coaching").endswith("Closed; nothing was sent.\n")


def test_what_one_person_books_the_other_finds_and_confirms(tmp_path: Path) -> None:
    assert "I’ve asked Ben to confirm it." in chat(tmp_path, "book Ben next Tuesday at half two")
    arrived = chat(tmp_path, who="ben")
    number = re.search(r"(\d)\) Confirm", arrived)
    assert number is not None, arrived
    # In the next chat nothing is new: what was said is not said twice, and is found through home.
    again = chat(tmp_path, "1", who="ben")
    assert "Confirm" in said(again, "1")
    assert again.count("Amina Khan suggests") == 1


def test_a_button_of_this_chat_never_changes_a_message_of_the_last_one(tmp_path: Path) -> None:
    chat(tmp_path, "diary: first")
    printed = chat(tmp_path, "diary: second", "1", "diary")
    assert "Taken out of your diary." in said(printed, "1")
    assert "│ first" in said(printed, "diary")
    assert "second" not in said(printed, "diary")


def test_an_unknown_name_lists_those_that_are_known(tmp_path: Path) -> None:
    done = subprocess.run(
        [*LEARNBOT, "chat", "--as", "zoe", "--folder", str(tmp_path)],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=WITHIN,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("Who is zoe? Name one of these with --as: Amina Khan, Ben Carter, ")
    assert not done.stdout


def test_without_any_standard_input_it_says_hello_and_ends(tmp_path: Path) -> None:
    command = f'exec "{sys.executable}" -m bot chat --folder "{tmp_path}" <&-'
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=WITHIN)
    assert done.returncode == 0, done.stderr
    assert "Hello Amina." in done.stdout


# ---------------------------------------------------------------------------------------------------------- the README


def test_the_transcript_in_the_readme_is_what_is_printed(tmp_path: Path) -> None:
    block = (ROOT / "README.md").read_text().split("```\nyou> ", 1)[1].split("\n```", 1)[0]
    promised = "you> " + block
    typed = [line.removeprefix("you> ") for line in promised.splitlines() if line.startswith("you> ")]
    printed = chat(tmp_path, *typed).split("you> ", 1)[1]
    assert undated(promised) == undated("you> " + printed)


def undated(words: str) -> list[str]:
    """The lines, without the dates in them or the spaces at their ends."""
    day = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}(?: \d{4})?"
    return [re.sub(day, "<day>", line).rstrip() for line in words.strip().splitlines()]


# -------------------------------------------------------------------------------------------------------- at a terminal


class AtATerminal:
    """Somebody at a terminal of their own."""

    def __init__(self, folder: Path) -> None:
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            environment = {**os.environ, "TERM": "dumb", "COLUMNS": "100"}
            os.execve(sys.executable, [*LEARNBOT, "chat", "--folder", str(folder)], environment)
        self.screen = ""

    def type(self, keys: str) -> "AtATerminal":
        os.write(self._file, keys.encode())
        return self

    def wait_for(self, words: str, within: float = WITHIN) -> "AtATerminal":
        deadline = time.monotonic() + within
        while words not in self.screen:
            assert time.monotonic() < deadline, f"{words!r} did not come: {self.screen[-500:]}"
            if not select.select([self._file], [], [], 1)[0]:
                continue
            try:
                self.screen += os.read(self._file, 4096).decode(errors="replace").replace("\r\n", "\n")
            except OSError as gone:  # Linux's word for a terminal that nobody uses any more
                raise AssertionError(f"it ended before {words!r} came: {self.screen[-500:]}") from gone
        self.screen = self.screen.split(words, 1)[1]
        return self

    def press(self, key: str, until: str) -> "AtATerminal":
        """Press this key, and again when nothing comes of it: a signal that comes just before input() waits is lost."""
        for _ in range(3):
            with suppress(AssertionError):
                return self.type(key).wait_for(until, WITHIN / 4)
        return self.type(key).wait_for(until)

    def leave(self, key: str) -> int:
        """Press this key until it ends, as a person does."""
        deadline = time.monotonic() + WITHIN
        pressed_at = 0.0
        while True:
            if time.monotonic() > pressed_at + 2:
                self.type(key)
                pressed_at = time.monotonic()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
            assert time.monotonic() < deadline, "it did not end"
            time.sleep(0.02)

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._file)


@pytest.fixture
def at_a_terminal(tmp_path: Path) -> Iterator[AtATerminal]:
    somebody = AtATerminal(tmp_path)
    yield somebody
    somebody.close()


@pytest.mark.parametrize("leaving", ["\x04", "\x03"], ids=["Ctrl-D", "Ctrl-C"])
def test_both_ways_out_close_a_form_first_and_then_the_chat(at_a_terminal: AtATerminal, leaving: str) -> None:
    at_a_terminal.wait_for("you> ").type("course\n").wait_for("What is it called?").wait_for("> ")
    at_a_terminal.press(leaving, "Closed; nothing was sent.").wait_for("you> ")
    at_a_terminal.type("hello\n").wait_for("Hello Amina.").wait_for("you> ")
    assert at_a_terminal.leave(leaving) == 0
    assert "Traceback" not in at_a_terminal.screen


# ------------------------------------------------------------------------------------------------------ as time goes by


def test_return_shows_what_fell_due_in_the_meantime(tmp_path: Path) -> None:
    printed = chat(tmp_path, "I'm on Safeguarding level 2 on Thursday", "", timedelta(days=11), "", "")
    first, second, third = printed.split("you> \n")[1:]
    assert first.startswith("Nothing new.")
    assert "Safeguarding level 2" in second
    assert third.startswith("Nothing new.")
