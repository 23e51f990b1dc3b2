"""What a person sees and does in the Agents Playground's page, in a real headless Chromium."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.clients.node import NODE, ROOT, chromium, ensure_node_modules

SCRIPT = Path(__file__).with_name("browser.mjs")
PERSONAL, GROUP, GENERAL, CHANNEL = "Personal Chat", "Leads and duty", "General", "Duty desk"
BOT = "Learnbot"

PATIENCE = 30.0  # seconds: three browsers and the whole suite may share two cores


class BrowserError(Exception):
    """Something was not on the page, or did not come in time."""


@dataclass(frozen=True)
class Shown:
    """One message as it is shown. `author` is empty for one's own messages in a chat."""

    author: str
    text: str
    card: bool
    buttons: tuple[str, ...]


class Browser:
    """Chromium, for any number of windows. Use it in a `with` block."""

    def __init__(self, executable: Path | None = None) -> None:
        executable = executable or chromium()
        if executable is None:
            raise BrowserError("Chromium is not installed on this machine.")
        ensure_node_modules()
        self._profile = tempfile.TemporaryDirectory(prefix="learnbot-browser-", ignore_cleanup_errors=True)
        self._errors = Path(self._profile.name) / "errors.log"
        command = [str(NODE), str(SCRIPT), str(executable), self._profile.name + "/profile"]
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, bufsize=1
            )
        self._read()

    def open(self, url: str, *, width: int = 1280, height: int = 900, log_panel: bool = False) -> "Window":
        """A new window on the Playground at `url`. `log_panel` shows what went over the wire beside the chat."""
        return Window(self, self.do(None, "open", url=url, width=width, height=height, logPanel=log_panel))

    def do(self, window: int | None, action: str, **details: Any) -> Any:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"window": window, "action": action, **details}) + "\n")
        except BrokenPipeError:
            raise BrowserError(self._last_words()) from None
        return self._read()

    def _read(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise BrowserError(self._last_words())
        answer = json.loads(line)
        if "error" in answer:
            raise BrowserError(answer["error"])
        return answer.get("value")

    def _last_words(self) -> str:
        return f"the browser stopped: {self._errors.read_text()[-2000:]}"

    def close(self) -> None:
        if self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._profile.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Window:
    """One person's window. Everything waits up to ten seconds for what it needs, then raises BrowserError."""

    def __init__(self, browser: Browser, number: int) -> None:
        self._browser, self._number = browser, number

    def do(self, action: str, **details: Any) -> Any:
        try:
            return self._browser.do(self._number, action, **details)
        except BrowserError as error:
            if action in {"messages", "screenshot"}:
                raise
            raise BrowserError(f"{action} {details}: {error}\nOn the page: {self.read()}") from None

    def choose(self, conversation: str) -> Self:
        """Open a conversation by its name at the left: PERSONAL, GROUP, GENERAL or CHANNEL."""
        self.do("choose", name=conversation)
        return self

    def say(self, text: str, *, mention: str | None = None) -> Self:
        """Type and send, in a channel as a new post. Outside the personal chat the bot hears only its own mention."""
        self.do("say", text=text, mention=mention)
        return self

    def reply(self, to: str, text: str, *, mention: str | None = None) -> Self:
        """Answer below the post in a channel which contains the words `to`."""
        self.do("reply", to=to, text=text, mention=mention)
        return self

    def press(self, label: str, within: float = PATIENCE) -> Self:
        """Press a button in the newest card that has it."""
        self.do("press", label=label, seconds=within)
        return self

    def message_action(self, on: str, command: str) -> Self:
        """Call a message action on the newest message which contains `on`: the bot's dialog opens.

        Buttons and inputs are then looked for in the dialog. The Playground knows no manifest, so the person types
        the command's id; in Teams it is an entry of the message's menu.
        """
        self.do("messageAction", on=on, command=command)
        return self

    def close_dialog(self) -> Self:
        self.do("closeDialog")
        return self

    def fill(self, label: str, value: Any) -> Self:
        """Fill the input with this label in the newest card that has it.

        Text and numbers are typed; a date is `2026-12-03`, a time `15:30`; a choice is its title, several are a list;
        a toggle is True or False and is found by its title.
        """
        self.do("fill", label=label, value=value)
        return self

    def wait_for(self, text: str, within: float = PATIENCE) -> Self:
        """Wait until the conversation shows this text, in a message or in a card."""
        self.do("waitFor", text=text, seconds=within)
        return self

    def wait_gone(self, text: str, within: float = PATIENCE) -> Self:
        self.do("waitGone", text=text, seconds=within)
        return self

    def messages(self) -> list[Shown]:
        """Everything shown in the open conversation, from the top: in a channel the newest post comes first."""
        return [Shown(**{**one, "buttons": tuple(one["buttons"])}) for one in self.do("messages")]

    def read(self) -> list[str]:
        """The same as plain lines."""
        return [f"{one.author or 'me'}: {one.text}" for one in self.messages()]

    def answers(self) -> dict[str, Any]:
        """What stands in the inputs of the newest card, by label."""
        return self.do("answers")

    def text(self) -> str:
        """All words on the page, the log panel's too."""
        return self.do("text")

    def screenshot(self, path: Path, *, whole: bool = False) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.do("screenshot", path=str(path), whole=whole)
        return path

    def evaluate(self, script: str) -> Any:
        """Any JavaScript expression, for what nothing else here can do."""
        return self.do("evaluate", script=script)

    def reload(self) -> Self:
        """Load the page again: what was shown is gone, the conversation and its id remain, and the bot is told anew
        that it was installed."""
        self.do("reload")
        return self

    def close(self) -> None:
        self.do("close")
