"""The demo: the real bot on a demo organisation, with two Teams-like windows, or in the terminal."""

import asyncio
import base64
import os
import sys
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import uvicorn
from storage.roster import import_roster, read_roster

from bot import logs
from bot.app import Bot, build, web
from bot.config import Settings, Teams
from bot.console import Screen, Visitor
from bot.errors import Unavailable
from bot.playground import Organisation, Playground, PlaygroundError, Someone, Team, is_free, start
from bot.policy import load
from bot.terminal import Terminal
from storage import people
from storage.models import Person
from storage.sealed import Keyring

ROSTER = Path(__file__).parent / "roster.csv"
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
        with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(base64.urlsafe_b64encode(os.urandom(32)).decode())
    return Settings(
        database_url=f"sqlite:///{folder.resolve()}/demo.db",
        keyring=Keyring.from_text(key.read_text()),
        policy=load("southampton"),
        base_url=base_url,
        teams=teams,
    )


def enrol(bot: Bot) -> None:
    """Put the demo organisation on the roster; doing it again changes nothing."""
    roster = read_roster(ROSTER.read_bytes())
    bot.database.run(
        lambda session: import_roster(session, roster, bot.settings.keyring, bot.clock(), bot.settings.policy)
    )


def chat(folder: Path, who: str) -> int:
    """Talk in the terminal as somebody of the demo organisation. Returns the exit status."""
    logs.set_up("ERROR", console=True)
    screen = Screen()
    try:
        bot = build(prepared(folder), {"console": screen})
    except Unavailable:
        print("The demo is running: talk to it in its windows, or stop it first.", file=sys.stderr)  # noqa: T201
        return 1
    try:
        enrol(bot)
        found = bot.database.run(lambda session: _somebody(session, who))
        if isinstance(found, str):
            print(found, file=sys.stderr)  # noqa: T201
            return 2
        visitor = Visitor(found.email, screen, bot.reception, process=bot.dispatcher.process)
        with asyncio.Runner() as runner:
            runner.run(Terminal(visitor, screen, bot.delivery).run())
    finally:
        bot.close()
    return 0


def run(folder: Path, port: int, windows: Mapping[str, int]) -> int:
    """Run the bot with a window for each person until Ctrl-C. Returns the exit status."""
    for taken in (one for one in (port, *windows.values()) if not is_free(one)):
        print(f"Port {taken} is already in use; here is the bot in the terminal instead.")  # noqa: T201
        return chat(folder, "amina")
    organisation = Organisation()
    teams = Teams(organisation.bot_id.removeprefix("28:"), organisation.tenant_id, None, local=True)
    logs.set_up("WARNING", console=True)
    try:
        bot = build(prepared(folder, base_url=f"http://127.0.0.1:{port}", teams=teams))
    except Unavailable as unavailable:
        print(f"The demo cannot start: {unavailable}", file=sys.stderr)  # noqa: T201
        return 1
    enrol(bot)
    everybody = bot.database.run(lambda session: [_someone(person) for person in people.present(session)])
    opened: list[Playground] = []
    try:
        for first_name, window in windows.items():
            me = next(one for one in everybody if one.name.lower().startswith(first_name))
            opened.append(
                start(window, f"http://127.0.0.1:{port}/api/messages", me, everybody, Team(),
                      folder / "playground" / first_name, organisation=organisation)
            )  # fmt: skip
    except PlaygroundError as error:
        for window in opened:
            window.stop()
        bot.close()
        print(f"{error} Here is the bot in the terminal instead.")  # noqa: T201
        return chat(folder, "amina")
    try:
        asyncio.run(_serve(bot, port, lambda: _invite(opened)))
    finally:
        for window in opened:
            window.stop()
    return 0


async def _serve(bot: Bot, port: int, once_up: Callable[[], None]) -> None:
    server = uvicorn.Server(
        uvicorn.Config(web(bot), host="127.0.0.1", port=port, log_config=None, access_log=False, server_header=False)
    )
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
    print("\n".join(lines), flush=True)  # noqa: T201
    if sys.stdout.isatty() and (os.environ.get("DISPLAY") or sys.platform == "darwin"):
        for window in windows:
            webbrowser.open(window.url)


def _someone(person: Person) -> Someone:
    handle = person.email.split("@")[0]
    return Someone(person.name, person.email, f"29:{handle}", f"00000000-0000-4000-8000-{person.id:012d}")


def _somebody(session: Any, who: str) -> Person | str:
    found = people.named(session, who)
    if len(found) == 1:
        return found[0]
    names = ", ".join(person.name for person in found or people.present(session))
    return f"Which of these do you mean? {names}"
