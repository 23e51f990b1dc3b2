"""The command line, run as an administrator runs it: in a folder of its own, with an environment of its own."""

import json
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from bot.slack.manifest import SCOPES

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
PEOPLE = "name,email,team,lead\nAmina Khan,amina@example.org,Inclusion,no\nOla Lead,ola@example.org,Inclusion,yes\n"


@dataclass
class Shell:
    """An empty folder and the settings given so far."""

    folder: Path
    settings: dict[str, str]

    def learnbot(self, *words: str, expect: int = 0) -> str:
        """What `learnbot …` prints, on either stream."""
        done = subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[1]), **self.settings},
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, {"LEARNBOT_MASTER_KEY": KEY})


def test_a_new_key_is_one_that_is_accepted(shell: Shell) -> None:
    shell.settings["LEARNBOT_MASTER_KEY"] = shell.learnbot("key").strip()
    shell.learnbot("migrate")
    assert (shell.folder / "var" / "learnbot.db").exists()


def test_every_wrong_setting_is_named_at_once_and_no_value_is_printed(shell: Shell) -> None:
    shell.settings |= {
        "LEARNBOT_MASTER_KEY": "secret-canary",
        "LEARNBOT_PROT": "3978",
        "LEARNBOT_POLICY": "nowhere",
        "SLACK_BOT_TOKEN": "canary-token",
        "SLACK_SIGNING_SECRET": "",
        "LEARNBOT_TEAMS_LOCAL": "true",
        "LEARNBOT_HOST": "0.0.0.0",
        "LEARNBOT_DATABASE_URL": "mysql://root:canary@host/x",
    }
    said = shell.learnbot("serve", expect=78)
    for name in ("MASTER_KEY", "LEARNBOT_PROT", "POLICY", "SLACK_BOT_TOKEN", "SIGNING_SECRET", "TEAMS_LOCAL",
                 "DATABASE_URL"):  # fmt: skip
        assert name in said
    assert "canary" not in said
    assert "Traceback" not in said


def test_a_database_that_others_can_read_is_refused(shell: Shell) -> None:
    shell.learnbot("migrate")
    database = shell.folder / "var" / "learnbot.db"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    database.chmod(0o644)
    assert "chmod 600" in shell.learnbot("migrate", expect=78)


def test_people_are_imported_once_and_a_dry_run_changes_nothing(shell: Shell) -> None:
    (shell.folder / "people.csv").write_text(PEOPLE)
    assert "Would import" in shell.learnbot("people", "import", "people.csv", "--dry-run")
    assert "2 new" in shell.learnbot("people", "import", "people.csv")
    assert "2 new" not in shell.learnbot("people", "import", "people.csv")


def test_one_bad_row_is_named_and_nothing_is_imported(shell: Shell) -> None:
    (shell.folder / "people.csv").write_text(PEOPLE + "Nobody,not-an-address,Inclusion,no\n")
    said = shell.learnbot("people", "import", "people.csv", expect=1)
    assert "Nothing was imported" in said
    assert "4" in said
    (shell.folder / "people.csv").write_text(PEOPLE)
    assert "2 new" in shell.learnbot("people", "import", "people.csv")


def test_a_typed_time_is_explained(shell: Shell) -> None:
    asked = ("when", "next tuesday half two", "--now", "2026-03-05T09:00", "--zone", "Europe/London")
    assert "Tue 10 Mar 2026, 14:30" in shell.learnbot(*asked)
    assert json.loads(shell.learnbot(*asked, "--json"))["start"] == "2026-03-10T14:30:00+00:00"
    assert "Europe/London" in shell.learnbot("when", "noon", "--zone", "Mars/Olympus", expect=78)


def test_the_slack_manifest_is_printed_and_wants_an_address(shell: Shell) -> None:
    manifest = yaml.safe_load(shell.learnbot("slack", "manifest", "--base-url", "https://learn.example.org/"))
    assert manifest["settings"]["event_subscriptions"]["request_url"] == "https://learn.example.org/slack/events"
    assert set(manifest["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    assert "--base-url" in shell.learnbot("slack", "manifest", expect=78)


def test_the_teams_package_is_written(shell: Shell) -> None:
    shell.learnbot("teams", "package", "--client-id", "00000000-0000-4000-8000-0000000000b0", "--base-url",
                   "https://learn.example.org")  # fmt: skip
    with zipfile.ZipFile(shell.folder / "learnbot-teams.zip") as package:
        assert "manifest.json" in package.namelist()
        assert len(package.namelist()) == 3


# ------------------------------------------------------------------------------------------------------------- doctor


@dataclass
class FakeSlack:
    """The two answers that doctor asks Slack for."""

    url: str
    scopes: str
    ok: bool = True


@pytest.fixture
def fake_slack() -> Iterator[FakeSlack]:
    state = FakeSlack("", ",".join(SCOPES))

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = (
                {"ok": True, "team": "Town", "user": "learnbot"} if state.ok else {"ok": False, "error": "invalid_auth"}
            )
            self.send_response(200)
            self.send_header("x-oauth-scopes", state.scopes)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/api/"
    yield state
    server.shutdown()


def slack_settings(fake: FakeSlack) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": "xoxb-canary",
        "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
        "SLACK_APP_TOKEN": "xapp-canary",
        "SLACK_API_URL": fake.url,
    }


def test_the_doctor_finds_nothing_wrong_with_a_good_installation(shell: Shell, fake_slack: FakeSlack) -> None:
    shell.settings |= slack_settings(fake_slack)
    (shell.folder / "people.csv").write_text(PEOPLE)
    shell.learnbot("people", "import", "people.csv")
    said = shell.learnbot("doctor")
    assert "signed in to Town" in said
    assert "2 people" in said
    assert "Everything looks well" in said


def test_the_doctor_names_every_mistake_with_its_fix(shell: Shell, fake_slack: FakeSlack) -> None:
    shell.settings |= slack_settings(fake_slack)
    shell.learnbot("migrate")
    fake_slack.scopes = "chat:write"
    said = shell.learnbot("doctor", expect=78)
    assert "scopes are missing" in said
    assert "users:read.email" in said
    assert "learnbot people import" in said
    assert "2 to put right" in said
    fake_slack.ok = False
    assert "SLACK_BOT_TOKEN is refused (invalid_auth)" in shell.learnbot("doctor", expect=78)
    assert "canary" not in shell.learnbot("doctor", expect=78)


def test_the_doctor_names_settings_that_are_missing(shell: Shell) -> None:
    shell.settings.clear()
    said = shell.learnbot("doctor", expect=78)
    assert "LEARNBOT_MASTER_KEY is missing" in said
