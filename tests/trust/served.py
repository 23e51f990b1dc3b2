"""A nursery of `learnbot` processes: the installed program, in a hurry, with servers of the test for Microsoft's.

Everything is imported once, and a process is a fork away. It reads one JSON object a line and answers each with one:
`{"command": ["serve"], "environment": {…}, "folder": "…", "log": "…", "told": {…}}` with the new process's id, and
`{"ended": 123, "wait": true}` with its exit status as `subprocess` has it, or null while it runs.

Slack's address is a setting; Microsoft's are not, since nobody but a test has others: `told` has `issuer` and
`connector` for them. `migrations` in it is the folder of a version other than the present one.
"""

import contextlib
import functools
import json
import os
import signal
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

import alembic.command
import alembic.runtime.migration
import psycopg
import sqlalchemy.dialects.postgresql

import bot.app
import bot.server
import bot.slack.app
import bot.teams.app
import storage.migrate
from bot.cli import main
from bot.clock import Clock
from bot.config import Teams
from bot.reception import Reception
from bot.teams.app import TeamsEdge
from bot.teams.platform import TeamsPlatform
from scheduling import jobs
from tests.clients.entra import cloud
from tests.trust import hurry

# imported so that no process has to; a start finds them by itself
PRELOADED = (
    alembic.command,
    alembic.runtime.migration,
    psycopg,
    sqlalchemy.dialects.postgresql,
    bot.server,
    bot.slack.app,
)


def no_token(scope: str, tenant: str | None) -> str:
    """What is sent to Teams under: nobody here verifies it."""
    return "eyJhbGciOiJub25lIn0.e30."


def run(command: list[str], told: dict[str, Any]) -> None:
    """Be `learnbot` with this command line."""
    hurry.up()
    jobs.RECONCILE = timedelta(seconds=0.5)
    bot.app.Delivery = functools.partial(bot.app.Delivery, settling=hurry.SETTLING)
    bot.teams.app.teams_edge = functools.partial(edge_between, told["issuer"], told["connector"])
    if "migrations" in told:
        storage.migrate.FOLDER = Path(told["migrations"])
    sys.argv = ["learnbot", *command]
    main()


def edge_between(
    issuer: str, connector: str, reception: Reception, settings: Teams, clock: Clock, host: str
) -> TeamsEdge:
    """Teams at the door, trusting the tokens of `issuer` and answering at `connector`."""
    return TeamsEdge(
        reception, TeamsPlatform(), client_id=settings.client_id, client_secret=None, tenant_id=settings.tenant_id,
        clock=clock, host=host, service_urls=(connector,), cloud=cloud(issuer), token=no_token,
    )  # fmt: skip


def born(environment: dict[str, str], folder: str, log: str, **asked: Any) -> int:
    """The id of a new process that runs what is asked."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        run(**asked)
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def status_of(child: int, *, wait: bool) -> int | None:
    """How it ended; None while it runs."""
    found, status = os.waitpid(child, 0 if wait else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def nursery() -> None:
    """Serve until the other end hangs up, even because it was killed; then nothing is left running."""
    print("ready", flush=True)
    children: list[int] = []
    for line in sys.stdin:
        asked = json.loads(line)
        if "ended" in asked:
            answer = status_of(asked["ended"], wait=asked["wait"])
        else:
            answer = born(**asked)
            children.append(answer)
        print(json.dumps(answer), flush=True)
    for child in children:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            if status_of(child, wait=False) is None:
                os.kill(child, signal.SIGKILL)


if __name__ == "__main__":
    nursery()
