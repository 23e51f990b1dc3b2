"""The terminal chat: buttons are numbered, forms are asked field by field; it works in a pipe too."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

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
    Select,
    Show,
    Table,
    Text,
)
from bot.console import Posted, Screen, Visitor, direct_chat
from bot.errors import Failed, Unavailable
from scheduling.delivery import Delivery

BAR = 24  # columns of the longest bar of a chart


@dataclass
class Terminal:
    """One person's window on the bot. Lines come from standard input; an empty line looks for what has arrived."""

    visitor: Visitor
    screen: Screen
    delivery: Delivery
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    _shown: dict[str, Message] = field(default_factory=dict[str, Message])
    _numbered: list[tuple[Button, Place]] = field(default_factory=list[tuple[Button, Place]])

    async def run(self) -> None:
        """Talk until the input ends."""
        self.console.print("[dim]Type as you would in chat; a number taps that button; Ctrl-D leaves.[/]")
        await self._step("hello")
        while (line := await asyncio.to_thread(self._read, "you> ")) is not None:
            await self._step(line)

    async def _step(self, line: str) -> None:
        try:
            if line.strip().isdecimal() and 0 < int(line) <= len(self._numbered):
                button, place = self._numbered[int(line) - 1]
                reply = await self.visitor.tap(button, place)
            elif line.strip():
                reply = await self.visitor.say(line)
            else:
                reply = None
            while isinstance(reply, OpenForm | FixAnswers):
                answers = await self._fill(reply)
                if answers is None:
                    self.console.print("[dim]Put away; nothing was sent.[/]")
                    break
                reply = await self.visitor.submit(answers)
            await self.visitor.reception.settled()
            await self.delivery.run_until_idle()
        except Failed as failed:
            self.console.print(f"Something went wrong on my side; nothing was saved. The code is {failed.code}.")
        except Unavailable as unavailable:
            self.console.print(f"I can't save anything just now: {escape(str(unavailable))}.")
        else:
            if isinstance(reply, Show):
                self._print(Posted("home", reply.message, ""))
            self._print_new(changed=isinstance(reply, Replace))

    def _print_new(self, *, changed: bool) -> None:
        fresh = [
            posted
            for posted in self.screen.seen(self.visitor.user)
            if self._shown.get(posted.id) != posted.message and (changed or posted.id not in self._shown)
        ]
        if fresh:
            self._numbered.clear()
        for posted in fresh:
            self._print(posted)
        self._shown = {posted.id: posted.message for posted in self.screen.seen(self.visitor.user)}

    def _print(self, posted: Posted) -> None:
        place = direct_chat(self.visitor.user)
        here = Place(place.platform, place.tenant, place.conversation, place.direct, message=posted.id)
        self.console.print("[bold cyan]bot>[/]", end=" ")
        for line in self._lines(posted.message, here):
            self.console.print(line)

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
                        yield f"  │ {escape(line)}"
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

    async def _fill(self, reply: OpenForm | FixAnswers) -> dict[str, str] | None:
        """Ask each field; after a mistake only the fields that need another look. None when the input ends."""
        form: Form = reply.form
        problems = reply.problems if isinstance(reply, FixAnswers) else dict[str, str]()
        answers = {one.name: one.value for one in form.fields}
        self.console.print(f"[bold]{escape(form.title)}[/]")
        for intro in form.intro:
            for line in self._lines(Message("", (intro,)), direct_chat(self.visitor.user)):
                self.console.print(line)
        for one in form.fields:
            if problems and one.name not in problems:
                continue
            if one.name in problems:
                self.console.print(f"[yellow]{escape(problems[one.name])}[/]")
            answer = await asyncio.to_thread(self._read, self._question(one))
            if answer is None:
                return None
            answers[one.name] = self._answer(one, answer)
        return answers

    def _question(self, one: Field) -> str:
        self.console.print(escape(one.label) + ("" if one.required else " [dim](may be left empty)[/]"))
        if one.hint:
            self.console.print(f"[dim]{escape(one.hint)}[/]")
        for number, option in enumerate(one.options, 1):
            self.console.print(f"  {number}) {escape(option.label)}")
        known = {"date": "2026-03-05", "time": "14:30", "rating": "1 to 5", "yesno": "yes or no"}.get(one.kind, "")
        kept = f" [{one.value.splitlines()[0][:40]}]" if one.value else ""
        return f"  {known}{kept}> "

    def _answer(self, one: Field, typed: str) -> str:
        typed = typed.strip()
        if not typed:
            return one.value
        if one.options and typed.isdecimal() and 0 < int(typed) <= len(one.options):
            return one.options[int(typed) - 1].value
        chosen = [option.value for option in one.options if option.label.lower() == typed.lower()]
        return chosen[0] if chosen else typed

    def _read(self, prompt: str) -> str | None:
        if sys.stdin.isatty():
            try:
                return input(prompt)
            except EOFError:
                return None
        line = sys.stdin.readline()
        if not line:
            return None
        self.console.print(f"[dim]{escape(prompt)}[/]{escape(line.rstrip())}")
        return line.rstrip("\n")


def _bars(chart: Chart) -> Iterator[str]:
    yield f"[bold]{escape(chart.title)}[/]"
    longest = max((value for _, values in chart.series for value in values), default=0) or 1
    width = max((len(category) for category in chart.categories), default=0)
    for name, values in chart.series:
        if len(chart.series) > 1:
            yield f"  {escape(name)}"
        for category, value in zip(chart.categories, values, strict=True):
            yield f"  {escape(category.ljust(width))} {'█' * round(BAR * value / longest)} {value:g}"
