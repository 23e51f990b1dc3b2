"""The demo: the real bot on a demo organisation, with two Teams-like windows, or in the terminal."""

import asyncio
import base64
import os
import signal
import sys
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import uvicorn
from sqlalchemy.orm import Session

from bot import logs
from bot.app import Bot, build, web
from bot.clock import utc_now
from bot.config import Settings, Teams
from bot.console import Screen, Visitor
from bot.errors import Unavailable
from bot.playground import Organisation, Playground, PlaygroundError, Someone, Team, is_free, start
from bot.policy import load
from bot.terminal import Terminal
from storage import people, undelivered
from storage.models import Person
from storage.roster import import_roster, read_roster
from storage.sealed import Keyring
from storage.standard_files import import_standard, read_standard

ROSTER = Path(__file__).parent / "roster.csv"
STANDARDS = Path(__file__).parents[1] / "standards"
POSTS = {  # which standard each post of the demo organisation is held against
    "welsh-standard": ("Education officer", "Service manager"),
    "learning-support": ("Learning support assistant",),
}
TO_TYPE = (
    "hello",
    "book Ben next Tuesday at half two",
    "I'm on Safeguarding level 2 next Thursday",
    "diary: today I learned to ask before I answer",
    "what can I say",
)


def prepared(folder: Path, *, base_url: str = "", teams: Teams | None = None) -> Settings:
    """Settings of the demo in `folder`: made with mode 0700, its master key with 0600, both kept for the next time."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = folder / "master.key"
    if not key.exists():
        # Written whole before it gets its name: half a key would lock the demo out for good.
        fresh = folder / f"master.key.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)).decode())
        fresh.replace(key)
    return Settings(
        database_url=f"sqlite:///{folder.resolve()}/demo.db",
        keyring=Keyring.from_text(key.read_text()),
        policy=load("southampton"),
        base_url=base_url,
        teams=teams,
    )


def enrol(bot: Bot) -> None:
    """Put the demo organisation on the roster; doing it again changes nothing.

    What was owed in the windows while only the terminal was there, or the other way about, is due again.
    """
    roster, now = read_roster(ROSTER.read_bytes()), bot.clock()

    read = {name: read_standard((STANDARDS / f"{name}.yaml").read_bytes(), is_csv=False) for name in POSTS}

    def work(session: Session) -> None:
        for name, posts in POSTS.items():
            import_standard(session, read[name], now, posts=posts)
        import_roster(session, roster, bot.settings.keyring, now, bot.settings.policy)
        undelivered.configured_again(session, now)

    bot.database.run(work)


def chat(folder: Path, who: str, instead: str = "") -> int:
    """Talk in the terminal as somebody of the demo organisation. Returns the exit status.

    `instead` says why it is not the windows that open.
    """
    logs.set_up("CRITICAL", console=True)  # what goes wrong is told in the chat, with its code
    # Ids go on where the last chat's ended: its messages are in the database under theirs.
    screen = Screen(_ids=count(int(utc_now().timestamp() * 1000)))
    try:
        bot = build(prepared(folder), {"console": screen})
    except Unavailable:
        _tell(f"The demo is running already on {folder}: talk to it in its windows, or stop it first.", error=True)
        return 1
    if instead:
        _tell(f"{instead} Here is the bot in the terminal instead.")
    try:
        enrol(bot)
        found = bot.database.run(lambda session: _somebody(session, who))
        if isinstance(found, str):
            _tell(found, error=True)
            return 2
        visitor = Visitor(found.email, screen, bot.reception, process=bot.dispatcher.process)
        Terminal(visitor, screen, bot.delivery, portfolios=bot.portfolios, folder=folder / "portfolios").run()
    finally:
        bot.close()
    return 0


def run(folder: Path, port: int, windows: Mapping[str, int]) -> int:
    """Run the bot with a window for each person until Ctrl-C or SIGTERM. Returns the exit status."""
    for taken in (one for one in (port, *windows.values()) if not is_free(one)):
        return chat(folder, "amina", f"Port {taken} is already in use.")
    # While the windows start nobody else minds it, and a process that is told to end leaves no windows behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with ExitStack() as stack:
            return _run(folder, port, windows, stack)
    except PlaygroundError as error:
        return chat(folder, "amina", str(error))
    except KeyboardInterrupt:
        return 0


def _run(folder: Path, port: int, windows: Mapping[str, int], stack: ExitStack) -> int:
    organisation = Organisation()
    teams = Teams(organisation.bot_id.removeprefix("28:"), organisation.tenant_id, None, local=True)
    logs.set_up("WARNING", console=True)
    try:
        bot = build(prepared(folder, base_url=f"http://127.0.0.1:{port}", teams=teams))
    except Unavailable:
        _tell(f"The demo is running already on {folder}: talk to it in its windows, or stop it first.", error=True)
        return 1
    stack.callback(bot.close)
    enrol(bot)
    everybody = bot.database.run(lambda session: [_someone(person) for person in people.present(session)])
    opened: list[Playground] = []
    for first_name, window in windows.items():
        me = next(one for one in everybody if one.name.lower().startswith(first_name))
        opened.append(
            stack.enter_context(
                start(window, f"http://127.0.0.1:{port}/api/messages", me, everybody, Team(),
                      folder / "playground" / first_name, organisation=organisation)
            )
        )  # fmt: skip
    asyncio.run(_serve(bot, port, lambda: _invite(opened)))
    return 0


async def _serve(bot: Bot, port: int, once_up: Callable[[], None]) -> None:
    server = uvicorn.Server(
        uvicorn.Config(
            web(bot), host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False,
            timeout_graceful_shutdown=5,
        )
    )  # fmt: skip
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():
        await asyncio.sleep(0.05)
    if server.started:
        once_up()
    await serving


def _invite(windows: list[Playground]) -> None:
    lines = ["", "The learning bot is running. Open these two windows:"]
    lines += [f"  {window.me.name:12} {window.url}" for window in windows]
    lines += ["", "In Amina's window, try typing:"] + [f"  {words}" for words in TO_TYPE]
    lines += ["", "Ctrl-C stops everything.", ""]
    _tell("\n".join(lines))
    display = any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) or sys.platform == "darwin"
    if sys.stdout.isatty() and display:
        for window in windows:
            webbrowser.open(window.url)


def _tell(words: str, *, error: bool = False) -> None:
    print(words, file=sys.stderr if error else sys.stdout, flush=True)


def _someone(person: Person) -> Someone:
    handle = person.email.split("@")[0]
    return Someone(person.name, person.email, f"29:{handle}", f"00000000-0000-4000-8000-{person.id:012d}")


def _somebody(session: Session, who: str) -> Person | str:
    found = people.named(session, who)
    if len(found) == 1:
        return found[0]
    names = ", ".join(person.name for person in found or people.present(session))
    return f"Who is {who}? Name one of these with --as: {names}." if not found else f"Which of them? {names}."
