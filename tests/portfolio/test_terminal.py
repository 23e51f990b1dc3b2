"""In the terminal a portfolio is a file that only its owner can read, and comes back from one."""

import sys
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import func, select

from bot.app import build
from bot.console import Screen, Visitor
from bot.demo import enrol, prepared
from bot.terminal import Terminal
from storage.models import Entry
from storage.portfolio import document as doc
from tests.conftest import NOW
from tests.portfolio.test_export import portfolio_in


class Terminals:
    """One person after the other at the terminal of one demo."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.screen = folder, Screen()
        self.bot = build(prepared(folder), {"console": self.screen}, clock=lambda: NOW)
        enrol(self.bot)

    def types(self, who: str, *lines: str) -> str:
        """What is printed while somebody types these lines."""
        printed = StringIO()
        visitor = Visitor(f"{who}@example.org", self.screen, self.bot.reception, process=f"{who}{len(lines)}")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sys, "stdin", StringIO("".join(f"{line}\n" for line in lines)))
            console = Console(file=printed, highlight=False, width=100)
            Terminal(visitor, self.screen, self.bot.delivery, console, self.bot.portfolios, self.folder / "files").run()
        return printed.getvalue()

    def entries(self) -> int:
        return self.bot.database.run(lambda session: session.scalar(select(func.count()).select_from(Entry)) or 0)


def test_out_to_a_file_and_in_again_for_somebody_new(tmp_path: Path) -> None:
    here = Terminals(tmp_path)
    printed = here.types("amina", "diary: asked before I answered", "export", "1")
    assert "You have your portfolio." in printed
    assert "Written to" in printed
    (path,) = (tmp_path / "files").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.words for entry in portfolio_in(path.read_bytes()).diary] == ["asked before I answered"]
    printed = here.types("ben", f"import {path}", "1")
    assert "It says that it belongs to Amina Khan." in printed
    assert "Your portfolio is in" in printed
    assert here.entries() == 2
    printed = here.types("ben", f'import "{path}"')
    assert "Everything in it is here already" in printed
    here.bot.close()


def test_a_second_file_of_the_same_name_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    here = Terminals(tmp_path)
    here.types("amina", "diary: one", "export", "1")
    here.types("amina", "diary: two", "export", "1", "")
    assert len(list((tmp_path / "files").iterdir())) == 2
    here.bot.close()


def test_a_file_that_is_not_there_or_is_none_is_said_to_be_that(tmp_path: Path) -> None:
    here = Terminals(tmp_path)
    assert "I can't open" in here.types("amina", "import ./nowhere.json")
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{")
    assert "I can't take it: it is not JSON that can be read" in " ".join(
        here.types("amina", f"import {wrong}").split()
    )
    assert here.entries() == 0
    here.bot.close()


def test_the_same_words_in_a_message_are_no_path(tmp_path: Path) -> None:
    here = Terminals(tmp_path)
    assert "Type import and the path of the file" in here.types("amina", "import my portfolio").replace("`", "")
    here.bot.close()


def test_what_is_written_says_so(tmp_path: Path) -> None:
    assert doc.counted("diary", 1) == "1 diary entry"
    assert doc.counted("diary", 2) == "2 diary entries"
