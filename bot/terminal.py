"""The terminal chat: buttons are numbered, forms are asked field by field; it works in a pipe too."""

import asyncio
import contextlib
import importlib
import os
import re
import sys
import textwrap
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from itertools import count
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from bot.chat import (
    Button,
    Buttons,
    Chart,
    Facts,
    Field,
    FixAnswers,
    Form,
    Link,
    Message,
    OpenForm,
    Place,
    Quote,
    Replace,
    Reply,
    Select,
    Show,
    Table,
    Text,
    joined,
    several,
)
from bot.console import Given, Posted, Screen, Visitor, direct_chat
from bot.errors import Failed, Unavailable
from scheduling.cadence import owe_what_recurs
from scheduling.delivery import Delivery
from scheduling.portfolios import Portfolios

_IMPORT = re.compile(r"import\s+(.*[./\\~].*)", re.IGNORECASE)
WIDEST = 100  # columns: longer lines are hard to read
BAR = 24  # columns of the longest bar of a chart
BANNER = "[dim]Type as you would in chat. A number taps that button; return looks for news; Ctrl-D leaves.[/]"
NEVER_MIND = "never mind"  # typed in a form: it is closed unsent
NOTHING = "-"  # typed in a form: this field is empty, whatever stood there

HOW = {
    "paragraph": "end with an empty line",
    "date": "like 2026-03-05",
    "time": "like 14:30",
    "rating": "1 to 5",
    "yesno": "yes or no",
    "choice": "its number",
    "choices": "their numbers, like 1, 3",
}


@dataclass
class Terminal:
    """One person's window on the bot. Lines come from standard input; an empty line looks for what has arrived.

    Reading a line holds up this process, on purpose: nobody else is served here, and a Ctrl-C reaches the line that is
    being typed only while nothing runs in a loop or a thread.
    """

    visitor: Visitor
    screen: Screen
    delivery: Delivery
    console: Console = field(default_factory=lambda: _console())
    portfolios: Portfolios | None = None
    folder: Path = Path()  # where files go
    _shown: set[str] = field(default_factory=set[str])
    _numbered: list[tuple[Button, Place]] = field(default_factory=list[tuple[Button, Place]])
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def run(self) -> None:
        """Talk until the input ends or Ctrl-C is pressed."""
        with contextlib.suppress(ImportError):
            importlib.import_module("readline")  # once imported, it gives the prompt its arrow keys and its history
        with self._runner, contextlib.suppress(KeyboardInterrupt):
            self.console.print(BANNER)
            self._step(self._arrive())
            while (line := self._read("you> ")) is not None:
                self._heard(line.strip())

    def _heard(self, line: str) -> None:
        if not line:
            self._step(self._look_round())
        elif line.isdecimal() and len(line) < 4 and self._numbered:
            if 0 < int(line) <= len(self._numbered):
                button, place = self._numbered[int(line) - 1]
                self._step(self.visitor.tap(button, place))
            else:
                self._hint(f"There is no {int(line)} to tap just now, only 1 to {len(self._numbered)}.")
        elif (said := _IMPORT.fullmatch(line)) and self.portfolios is not None:
            self._bring(Path(said[1].strip("\"'")).expanduser())
        else:
            self._step(self.visitor.say(line))

    def _bring(self, path: Path) -> None:
        """Bring a portfolio from a file: elsewhere there is a page for that."""
        try:
            content = path.read_bytes()
        except OSError:
            self._hint(f"I can't open {path}.")
            return
        self._step(self.visitor.say("import"))
        self._step(self._brought(content))

    async def _brought(self, content: bytes) -> Reply | None:
        assert self.portfolios is not None
        wrong = await self.portfolios.bring(self.visitor.user, content)
        if wrong:
            self._hint(f"I can't take it: {wrong}.")
            return None
        return await self._as_it_is_now()

    async def _arrive(self) -> Reply:
        await self._look_round()
        return await self.visitor.say("hello")

    async def _look_round(self) -> None:
        """Owe what has fallen due by now: no clockwork runs beside somebody who types."""
        delivery, now = self.delivery, self.delivery.clock()
        await delivery.database.run_async(
            lambda session: owe_what_recurs(session, delivery.registry, delivery.policy, delivery.keyring, now)
        )

    def _step(self, doing: Coroutine[Any, Any, Reply | None]) -> None:
        """Do one thing, fill in the forms that come of it, and show what is new."""
        try:
            reply = self._runner.run(self._done(doing))
            while isinstance(reply, OpenForm | FixAnswers):
                answers = self._fill(reply)
                if answers is None:
                    self._hint("Closed; nothing was sent.")
                    break
                reply = self._runner.run(self._done(self.visitor.submit(answers)))
        except Failed as failed:
            self.console.print(f"Something went wrong on my side; nothing was saved. The code is {failed.code}.")
        except Unavailable as unavailable:
            self.console.print(f"I can't save anything just now: {escape(str(unavailable))}.")
        else:
            self._show(reply)

    async def _done(self, doing: Coroutine[Any, Any, Reply | None]) -> Reply | None:
        reply = await doing
        await self.visitor.reception.settled()
        await self.delivery.run_until_idle()
        if self.portfolios is not None and await self.portfolios.tick():
            return await self._as_it_is_now()
        return reply

    async def _as_it_is_now(self) -> Reply:
        """The last card, which has changed since it was answered with."""
        await self.delivery.run_until_idle()
        return Replace(self.screen.seen(self.visitor.user)[-1].message)

    # ------------------------------------------------------------------------------------------------- what is shown

    def _show(self, reply: Reply | None) -> None:
        """What is new. A card that changed is shown again only when it is the answer: the others look the same."""
        seen = self.screen.seen(self.visitor.user)
        fresh = [posted for posted in seen if posted.id not in self._shown]
        match reply:
            case Replace(message):
                fresh = [posted for posted in seen if posted.message == message][-1:] + fresh
            case Show(message):
                fresh = [Posted("home", message, ""), *fresh]
            case None if not fresh:
                self._hint("Nothing new.")
            case _:
                pass
        self._shown.update(posted.id for posted in seen)
        if fresh:
            self._numbered.clear()
        while self.screen.files:
            self._hint(f"Written to {self._write(self.screen.files.pop(0))}")
        for posted in {posted.id: posted for posted in fresh}.values():
            self._print(posted)

    def _print(self, posted: Posted) -> None:
        place = direct_chat(self.visitor.user)
        here = Place(place.platform, place.tenant, place.conversation, place.direct, message=posted.id)
        lead = "[bold cyan]bot>[/] "
        for line in self._lines(posted.message, here):
            self.console.print(lead + line if isinstance(line, str) else line)
            lead = ""

    def _write(self, given: Given) -> Path:
        """Put a file where only its owner can read it; one of the same name stays as it was."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stem, dot, ending = given.name.partition(".")
        for number in count(1):
            path = self.folder / (given.name if number == 1 else f"{stem}-{number}{dot}{ending}")
            with contextlib.suppress(FileExistsError):
                with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(given.content)
                return path
        raise AssertionError

    def _hint(self, words: str) -> None:
        self.console.print(f"[dim]{escape(words)}[/]")

    def _lines(self, message: Message, here: Place) -> Iterator[str | RichTable]:
        for part in message.parts:
            match part:
                case Text(small=quiet):
                    words = "".join(
                        f"[bold]{escape(span.words)}[/]" if span.bold else escape(span.words) for span in part.spans()
                    )
                    yield f"[dim]{words}[/]" if quiet else words
                case Quote(words, by):
                    for line in words.splitlines():
                        for piece in textwrap.wrap(line, self.console.width - 4) or [""]:
                            yield f"  │ {escape(piece)}"
                    if by:
                        yield f"  │ — {escape(by)}"
                case Facts(pairs):
                    for label, value in pairs:
                        yield f"  {escape(label)}: {escape(value)}"
                case Table(headings, rows):
                    table = RichTable(*map(escape, headings))
                    for row in rows:
                        table.add_row(*map(escape, row))
                    yield table
                case Chart():
                    yield from _bars(part)
                case Link(label, url):
                    yield f"  {escape(label)}: {url}"
                case Buttons(buttons):
                    for button in buttons:
                        yield f"  {self._number(button, here)}) {escape(button.label)}"
                case Select(label, action, options, about):
                    yield f"  {escape(label)}:"
                    for option in options:
                        button = Button(option.label, action, about, option.value)
                        yield f"  {self._number(button, here)}) {escape(option.label)}"

    def _number(self, button: Button, place: Place) -> int:
        self._numbered.append((button, place))
        return len(self._numbered)

    # ------------------------------------------------------------------------------------------------------- forms

    def _fill(self, reply: OpenForm | FixAnswers) -> dict[str, str] | None:
        """Ask each field; after a mistake only those that need another look. None when the form is closed unsent."""
        form: Form = reply.form
        problems = reply.problems if isinstance(reply, FixAnswers) else dict[str, str]()
        answers = {one.name: one.value for one in form.fields}
        if not problems:
            self.console.print(f"[bold]{escape(form.title)}[/]  [dim](“{NEVER_MIND}” closes it unsent)[/]")
            for intro in form.intro:
                for line in self._lines(Message("", (intro,)), direct_chat(self.visitor.user)):
                    self.console.print(line)
        for name in problems.keys() - answers.keys():
            self.console.print(f"[yellow]{escape(problems[name])}[/]")
        again = problems.keys() & answers.keys()
        for one in form.fields:
            if again and one.name not in again:
                continue
            if one.name in problems:
                self.console.print(f"[yellow]{escape(problems[one.name])}[/]")
            answer = self._ask(one)
            if answer is None:
                return None
            answers[one.name] = answer
        return answers

    def _ask(self, one: Field) -> str | None:
        """One answer, asked until it is one; None when the input ends or the form is closed."""
        self.console.print(escape(one.label) + ("" if one.required else " [dim](may be left empty)[/]"))
        if one.hint:
            self._hint(one.hint)
        for number, option in enumerate(one.options, 1):
            self.console.print(f"  {number}) {escape(option.label)}")
        if one.value:
            now = several(one.value) if one.kind == "choices" else (one.value,)
            labels = {option.value: option.label for option in one.options}
            shown = ", ".join(labels.get(value, value) for value in now)
            gone = "" if one.required else f"; {NOTHING} empties it"
            self._hint(f"Now: {shown}\n(return keeps it{gone})")
        how = HOW.get(one.kind, "")
        while True:
            try:
                typed = self._read(f"  {how}> ", several=one.kind == "paragraph")
            except KeyboardInterrupt:
                self.console.print()
                return None
            if typed is None or typed.strip().lower() == NEVER_MIND:
                return None
            answer = answer_meant(one, typed.strip())
            if answer is not None and (answer or not one.required):
                return answer
            self.console.print(f"[yellow]{'This one is needed.' if answer == '' else _say_it(one)}[/]")

    # ----------------------------------------------------------------------------------------------------- the input

    def _read(self, prompt: str, *, several: bool = False) -> str | None:
        """A line, or `several` up to an empty one, or to “never mind”, which is then all of them. None at the end."""
        lines: list[str] = []
        while True:
            line = self._line(prompt)
            if line is None and not lines:
                return None
            if line is not None:
                lines.append(line)
                if several and line.strip().lower() == NEVER_MIND:
                    return NEVER_MIND
            if not several or not line or line.strip() in ("", NOTHING):
                return "\n".join(lines)

    def _line(self, prompt: str) -> str | None:
        # a process may be started with no standard input at all, though the type does not say so
        source: Any = sys.stdin
        if source is None:
            return None
        if source.isatty():
            try:
                return input(prompt)
            except EOFError:
                self.console.print()  # whatever comes next begins a line of its own
                return None
        line = source.readline()
        if not line:
            return None
        # in a pipe nobody sees what was typed: it is shown, so that what comes out reads as a conversation
        self.console.print(f"[dim]{escape(prompt)}[/]{escape(line.rstrip())}")
        return line.rstrip("\n")


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal or console.width > WIDEST:
        console.width = WIDEST
    return console


def answer_meant(one: Field, typed: str) -> str | None:
    """The value that was meant; None when it cannot be told."""
    if not typed:
        return one.value
    if typed == NOTHING:
        return ""
    match one.kind:
        case "choice":
            return _chosen(one, typed)
        case "choices":
            chosen = [_chosen(one, piece) for piece in re.split(r"\s*,\s*|(?<=\d)\s+(?:and\s+)?(?=\d)", typed) if piece]
            values = [value for value in chosen if value is not None]
            return joined(dict.fromkeys(values)) if len(values) == len(chosen) else None
        case "rating":
            return typed if typed in ("1", "2", "3", "4", "5") else None
        case "yesno":
            return {"y": "yes", "yes": "yes", "n": "no", "no": "no"}.get(typed.lower())
        case "date":
            return typed if _reads(date.fromisoformat, typed) else None
        case "time":
            return typed if _reads(time.fromisoformat, typed) and len(typed) == 5 else None
        case "line" | "paragraph":
            return typed


def _chosen(one: Field, typed: str) -> str | None:
    """The option that a number or the beginning of its label means; None when it cannot be told."""
    if typed.isdecimal() and 0 < int(typed) <= len(one.options):
        return one.options[int(typed) - 1].value
    meant = [option.value for option in one.options if option.label.lower().startswith(typed.lower())]
    return meant[0] if len(meant) == 1 else None


def _say_it(one: Field) -> str:
    return f"I can't read that. What I need: {HOW.get(one.kind, 'some words')}. “{NEVER_MIND}” closes this unsent."


def _reads(read: Any, typed: str) -> bool:
    try:
        read(typed)
    except ValueError:
        return False
    return True


def _bars(chart: Chart) -> Iterator[str]:
    yield f"[bold]{escape(chart.title)}[/]"
    longest = max((value for _, values in chart.series for value in values), default=0) or 1
    width = max((len(category) for category in chart.categories), default=0)
    for name, values in chart.series:
        if len(chart.series) > 1:
            yield f"  {escape(name)}"
        for category, value in zip(chart.categories, values, strict=True):
            yield f"  {escape(category.ljust(width))} {'█' * round(BAR * value / longest)} {value:g}"
