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
from sqlalchemy.orm import Session

from bot.slack.manifest import SCOPES
from storage.database import Database
from storage.models import Owed
from tests.conftest import NOW

KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
LOCAL_TEAMS = {"LEARNBOT_TEAMS_LOCAL": "true"}
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


def test_standards_are_imported_and_listed_with_the_posts_they_are_for(shell: Shell) -> None:
    nothing = "There is no standard yet. These come with the bot: learning-support and welsh-standard."
    assert nothing in shell.learnbot("standards", "list")
    assert "Would import" in shell.learnbot("standards", "import", "welsh-standard", "--dry-run", "--for", "Officer")
    said = shell.learnbot("standards", "import", "welsh-standard", "--for", "Officer", "--for", "Adviser")
    assert "Imported: The Standard, version 1 (our wording) (30 statements)" in said
    people = "name,email,post\nAmina Khan,amina@example.org,officer\nB,b@example.org,Clerk\n"
    (shell.folder / "people.csv").write_text(people)
    shell.learnbot("people", "import", "people.csv")
    listed = shell.learnbot("standards", "list")
    assert "welsh-standard: The Standard, version 1 (our wording), 30 statements in 3 areas" in listed
    assert "for Adviser (0 people) and Officer (1 person)" in listed
    assert "Posts without a standard: Clerk." in listed


def test_the_strategic_plan_is_imported_whole_or_not_at_all(shell: Shell) -> None:
    (shell.folder / "plan.csv").write_text(
        "code,words,team,research\nA1,Reading,,no\nR1,Reading together,Nowhere,yes\n"
    )
    said = shell.learnbot("plan", "import", "plan.csv", expect=1)
    assert "Nothing was imported. plan.csv needs another look:" in said
    assert "line 3: there is no team “Nowhere” on the roster" in said
    (shell.folder / "plan.csv").write_text("code,words\nA1,Reading\nA2,Writing\n")
    assert "Would import: 2 new" in shell.learnbot("plan", "import", "plan.csv", "--dry-run")
    assert "Imported: 2 new, 0 changed" in shell.learnbot("plan", "import", "plan.csv")
    (shell.folder / "plan.csv").write_text("code,words\nA1,Reading\n")
    assert "0 retired, 1 as before" in shell.learnbot("plan", "import", "plan.csv")
    assert "retired: A2 Writing" in shell.learnbot("plan", "import", "plan.csv", "--complete")
    assert "cannot be read" in shell.learnbot("plan", "import", "nowhere.csv", expect=1)


def test_a_standard_with_a_mistake_or_without_a_file_is_not_imported(shell: Shell) -> None:
    (shell.folder / "mine.yaml").write_text("standard: mine\ntitle: Mine\nareas: []\n")
    said = shell.learnbot("standards", "import", "mine.yaml", expect=1)
    assert "Nothing was imported. mine.yaml needs another look:\n  - line 1: a standard needs version:" in said
    assert "These come with the bot: learning-support and welsh-standard." in shell.learnbot(
        "standards", "import", "theirs.csv", expect=1
    )


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


# -------------------------------------------------------------------------------------------- changing the master key

NEW_KEY = "bmV3IGtleSBuZXcga2V5IG5ldyBrZXkgbmV3IGtleSE="


def test_the_master_key_is_changed_step_by_step_and_the_doctor_says_how_far(shell: Shell) -> None:
    (shell.folder / "people.csv").write_text(PEOPLE)
    shell.learnbot("people", "import", "people.csv")
    shell.settings |= {"LEARNBOT_MASTER_KEY": NEW_KEY, **LOCAL_TEAMS}
    said = shell.learnbot("doctor", expect=78)
    assert "2 people's keys cannot be opened" in said
    assert "LEARNBOT_MASTER_KEY_PREVIOUS" in shell.learnbot("rewrap", expect=78)
    shell.settings["LEARNBOT_MASTER_KEY_PREVIOUS"] = KEY
    assert "2 people's keys still need LEARNBOT_MASTER_KEY_PREVIOUS" in shell.learnbot("doctor", expect=78)
    said = shell.learnbot("rewrap")
    assert "2 people's keys" in said
    assert "Remove LEARNBOT_MASTER_KEY_PREVIOUS" in said
    assert "it can be removed" in shell.learnbot("doctor")
    del shell.settings["LEARNBOT_MASTER_KEY_PREVIOUS"]
    assert "master key" not in shell.learnbot("doctor")
    assert "nothing to put under it" in shell.learnbot("rewrap")


def test_on_sqlite_the_bot_has_to_be_stopped_before_its_keys_are_rewrapped(shell: Shell) -> None:
    shell.learnbot("migrate")
    running = Database(f"sqlite:///{shell.folder}/var/learnbot.db")
    said = shell.learnbot("rewrap", expect=78)
    running.close()
    assert "Stop it first" in said


def test_the_doctor_looks_at_the_database_of_a_running_bot_and_names_what_was_not_delivered(shell: Shell) -> None:
    shell.settings |= LOCAL_TEAMS
    (shell.folder / "people.csv").write_text(PEOPLE)
    shell.learnbot("people", "import", "people.csv")
    running = Database(f"sqlite:///{shell.folder}/var/learnbot.db")
    states = (
        [("parked", "has_not_said_hello")] * 3
        + [("parked", "not_installed"), ("parked", "new_word"), ("uncertain", "cannot_tell"), ("uncertain", "")]
        + [("sent", "")]
    )

    def owe(session: Session) -> None:
        for number, (state, reason) in enumerate(states):
            session.add(Owed(key=f"{number}", notice="home.glance", about=None, due_at=NOW, to_id=1, state=state,
                             reason=reason))  # fmt: skip

    running.run(owe)
    said = shell.learnbot("doctor")
    running.close()
    assert "the bot is running on it" in said
    assert "2 people on the roster" in said
    assert "! messages: 3 not delivered, waiting for people who never wrote to the bot" in said
    assert "! messages: 1 not delivered, the bot was removed from there: invite" in said
    assert "! messages: 1 not delivered, refused (new_word)" in said
    assert "! messages: 1 may or may not have arrived" in said
    assert "Everything looks well" in said


def test_the_doctor_says_what_to_do_with_a_damaged_database(shell: Shell) -> None:
    shell.settings |= LOCAL_TEAMS
    (shell.folder / "var").mkdir(mode=0o700)
    database = shell.folder / "var" / "learnbot.db"
    database.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    database.chmod(0o600)
    assert "learnbot restored" in shell.learnbot("doctor", expect=78)
