"""It refuses to run wrongly: every mistake named at once, no value printed, exit 78."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import logs
from bot.config import SettingsError, from_environment

HERE = Path(__file__).parents[1]
KEY = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1-canary", "SLACK_SIGNING_SECRET": SECRET}
TEAMS = {
    "TEAMS_CLIENT_ID": "11111111-2222-3333-4444-555555555555",
    "TEAMS_TENANT_ID": "66666666-7777-8888-9999-aaaaaaaaaaaa",
    "TEAMS_CLIENT_SECRET": "canary-secret",
}
OUTLOOK = {
    "LEARNBOT_OUTLOOK_TENANT_ID": "66666666-7777-8888-9999-aaaaaaaaaaaa",
    "LEARNBOT_OUTLOOK_CLIENT_ID": "11111111-2222-3333-4444-555555555555",
    "LEARNBOT_OUTLOOK_CLIENT_SECRET": "canary-secret",
    "LEARNBOT_OUTLOOK_OUTSIDE": "head@example.org",
}
SERVICE_ACCOUNT = json.dumps({"client_email": "bot@project", "private_key": "canary-key", "token_uri": "https://t"})


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A clean environment with what every installation needs, in a folder of its own."""
    for name in os.environ:
        if name.startswith(("LEARNBOT_", "SLACK_", "TEAMS_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEARNBOT_MASTER_KEY", KEY)
    monkeypatch.setenv("LEARNBOT_DATABASE_URL", f"sqlite:///{tmp_path}/learnbot.db")
    return monkeypatch


def given(environment: pytest.MonkeyPatch, **settings: str) -> None:
    for name, value in settings.items():
        environment.setenv(name, value)


def mistakes() -> list[str]:
    with pytest.raises(SettingsError) as refused:
        from_environment()
    return refused.value.mistakes


def test_slack_alone_teams_alone_and_both_are_enough(environment: pytest.MonkeyPatch) -> None:
    given(environment, **SLACK)
    assert from_environment().teams is None
    given(environment, **TEAMS)
    settings = from_environment()
    assert settings.slack is not None
    assert settings.teams is not None
    environment.delenv("SLACK_BOT_TOKEN")
    environment.delenv("SLACK_SIGNING_SECRET")
    assert from_environment().slack is None


def test_settings_do_not_print_their_secrets(environment: pytest.MonkeyPatch) -> None:
    given(environment, **SLACK, **TEAMS, **OUTLOOK, LEARNBOT_METRICS_TOKEN="canary-metrics")
    settings = from_environment()
    for printed in (repr(settings), str(settings), repr(settings.slack), repr(settings.teams), repr(settings.outlook)):
        assert "canary" not in printed
        assert SECRET not in printed
        assert KEY not in printed


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SLACK_SIGNING_SECRET": ""}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_SIGNING_SECRET": "   "}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_SIGNING_SECRET": "canary"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN"),
        ({"SLACK_BOT_TOKEN": "canary"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "canary"}, "SLACK_APP_TOKEN"),
        ({"SLACK_API_URL": "http://canary.example/api/"}, "SLACK_API_URL"),
        ({"SLACK_TOKEN": "canary"}, "SLACK_TOKEN"),
        ({"LEARNBOT_PROT": "canary"}, "LEARNBOT_PROT"),
        ({"LEARNBOT_PORT": "canary"}, "LEARNBOT_PORT"),
        ({"LEARNBOT_PORT": "70000"}, "LEARNBOT_PORT"),
        ({"LEARNBOT_LOG_LEVEL": "canary"}, "LEARNBOT_LOG_LEVEL"),
        ({"LEARNBOT_MASTER_KEY": ""}, "LEARNBOT_MASTER_KEY"),
        ({"LEARNBOT_MASTER_KEY": "canary"}, "LEARNBOT_MASTER_KEY"),
        ({"LEARNBOT_MASTER_KEY_FILE": "/nowhere/key"}, "LEARNBOT_MASTER_KEY_FILE"),
        ({"LEARNBOT_MASTER_KEY_PREVIOUS": "canary"}, "LEARNBOT_MASTER_KEY"),
        ({"LEARNBOT_DATABASE_URL": "canary"}, "LEARNBOT_DATABASE_URL"),
        ({"LEARNBOT_DATABASE_URL": "sqlite://"}, "LEARNBOT_DATABASE_URL"),
        ({"LEARNBOT_DATABASE_URL": "mysql://canary:canary@host/name"}, "LEARNBOT_DATABASE_URL"),
        ({"LEARNBOT_DATABASE_URL": "postgresql+psycopg2://canary:canary@host/name"}, "LEARNBOT_DATABASE_URL"),
        ({"LEARNBOT_POLICY": "canary"}, "LEARNBOT_POLICY"),
        ({"LEARNBOT_BASE_URL": "http://canary.example"}, "LEARNBOT_BASE_URL"),
        ({"LEARNBOT_TEAMS_LOCAL": "true", "LEARNBOT_HOST": "0.0.0.0"}, "LEARNBOT_TEAMS_LOCAL"),
        ({"LEARNBOT_TEAMS_LOCAL": "canary"}, "LEARNBOT_TEAMS_LOCAL"),
        ({"TEAMS_CLIENT_ID": "canary"}, "TEAMS_CLIENT_ID"),
        ({"TEAMS_TENANT_ID": ""}, "TEAMS_TENANT_ID"),
        ({"TEAMS_CLIENT_SECRET": ""}, "TEAMS_CLIENT_SECRET"),
        ({"LEARNBOT_CALENDAR": "canary"}, "LEARNBOT_CALENDAR"),
        ({"LEARNBOT_CALENDAR": "google"}, "LEARNBOT_CALENDAR"),
        ({"LEARNBOT_OUTLOOK_TENANT_ID": "canary"}, "LEARNBOT_OUTLOOK_TENANT_ID"),
        ({"LEARNBOT_OUTLOOK_CLIENT_ID": ""}, "LEARNBOT_OUTLOOK_CLIENT_ID"),
        ({"LEARNBOT_OUTLOOK_CLIENT_SECRET": ""}, "LEARNBOT_OUTLOOK_CLIENT_SECRET"),
        ({"LEARNBOT_OUTLOOK_OUTSIDE": ""}, "LEARNBOT_OUTLOOK_OUTSIDE"),
        ({"LEARNBOT_OUTLOOK_OUTSIDE": "canary"}, "LEARNBOT_OUTLOOK_OUTSIDE"),
        ({"LEARNBOT_OUTLOOK_AUTHORITY": "http://canary.example"}, "LEARNBOT_OUTLOOK_AUTHORITY"),
        ({"LEARNBOT_OUTLOOK_API_URL": "http://canary.example/v1.0"}, "LEARNBOT_OUTLOOK_API_URL"),
        ({"LEARNBOT_GOOGLE_KEY_FILE": "/nowhere/key.json"}, "LEARNBOT_GOOGLE_KEY_FILE"),
        ({"LEARNBOT_GOOGLE_OUTSIDE": "canary@example.org"}, "LEARNBOT_GOOGLE_KEY_FILE"),
    ],
)
def test_a_mistake_is_named_and_its_value_is_not_printed(
    environment: pytest.MonkeyPatch, changes: dict[str, str], named: str
) -> None:
    given(environment, **SLACK, **TEAMS, **OUTLOOK)
    given(environment, **changes)
    found = mistakes()
    assert [mistake for mistake in found if mistake.startswith(named)], found
    if named != "LEARNBOT_POLICY":  # which policy is meant is no secret
        assert "canary" not in "\n".join(found)


def test_an_unknown_setting_in_the_file_is_a_mistake_too(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given(environment, **SLACK)
    (tmp_path / ".env").write_text("LEARNBOT_PROT=3978\n# SLACK_COMMENT=1\nexport TEAMS_TOKEN=x\nOTHER=1\n")
    assert [mistake.split()[0] for mistake in mistakes()] == ["LEARNBOT_PROT", "TEAMS_TOKEN"]


def test_a_database_or_a_key_that_others_can_read_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given(environment, **SLACK, LEARNBOT_MASTER_KEY="", LEARNBOT_MASTER_KEY_FILE=f"{tmp_path}/key")
    for name, content in (("key", KEY), ("learnbot.db", "")):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(0o644)
    found = mistakes()
    assert [mistake.split(":")[0] for mistake in found] == ["LEARNBOT_MASTER_KEY_FILE", "LEARNBOT_DATABASE_URL"]
    assert all("chmod 600" in mistake for mistake in found)
    (tmp_path / "key").chmod(0o600)
    (tmp_path / "learnbot.db").chmod(0o600)
    from_environment()


def google_key(folder: Path, *, mode: int = 0o600, written: str = SERVICE_ACCOUNT) -> dict[str, str]:
    (folder / "google.json").write_text(written)
    (folder / "google.json").chmod(mode)
    return {"LEARNBOT_GOOGLE_KEY_FILE": f"{folder}/google.json"}


def test_the_calendar_of_people_of_whom_the_roster_says_nothing(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(environment, **SLACK)
    assert from_environment().calendars == ()
    given(environment, **OUTLOOK)
    assert from_environment().calendars == ("outlook",)
    given(environment, LEARNBOT_CALENDAR="none")
    assert from_environment().calendars == ("", "outlook")
    given(environment, LEARNBOT_CALENDAR="", **google_key(tmp_path))
    assert from_environment().calendars == ("", "outlook", "google")
    given(environment, LEARNBOT_CALENDAR="google")
    assert from_environment().calendars == ("google", "outlook")
    settings = from_environment()
    assert settings.outlook is not None
    assert settings.outlook.outside == "head@example.org"
    assert settings.google is not None
    assert settings.google.key_file == tmp_path / "google.json"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"mode": 0o644}, "chmod 600"), ({"written": "{}"}, "service account"), ({"written": "canary"}, "service account"),
     ({"written": "[1]"}, "service account")],
)  # fmt: skip
def test_a_google_key_that_others_can_read_or_that_is_none_is_refused(
    environment: pytest.MonkeyPatch, tmp_path: Path, wrong: dict[str, Any], said: str
) -> None:
    given(environment, **SLACK, **google_key(tmp_path, **wrong))
    [mistake] = mistakes()
    assert mistake.startswith("LEARNBOT_GOOGLE_KEY_FILE")
    assert said in mistake
    assert "canary" not in mistake


def test_a_zone_that_this_machine_does_not_know_is_refused(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundled = (HERE / "bot" / "policies" / "southampton.toml").read_text()
    (tmp_path / "own.toml").write_text(bundled.replace("Europe/London", "Europe/Atlantis"))
    given(environment, **SLACK, LEARNBOT_POLICY=f"{tmp_path}/own.toml")
    [mistake] = mistakes()
    assert mistake.startswith("LEARNBOT_POLICY")
    assert "Atlantis" in mistake


def test_no_platform_is_a_mistake_only_for_what_needs_one(environment: pytest.MonkeyPatch) -> None:
    assert "neither Slack nor Teams" in mistakes()[0]
    assert from_environment(platforms_needed=False).slack is None


def test_everything_that_is_wrong_is_said_at_once_by_the_real_command(tmp_path: Path) -> None:
    database = tmp_path / "learnbot.db"
    database.touch(mode=0o644)
    database.chmod(0o644)
    wrong = {
        "SLACK_BOT_TOKEN": "xoxb-canary",
        "SLACK_SIGNING_SECRET": "",
        "LEARNBOT_PROT": "canary",
        "LEARNBOT_PORT": "canary",
        "LEARNBOT_TEAMS_LOCAL": "true",
        "LEARNBOT_HOST": "0.0.0.0",
        "LEARNBOT_DATABASE_URL": f"sqlite:///{database}",
        "LEARNBOT_POLICY": "nowhere",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), **wrong},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 78, ran.stderr
    said = ran.stdout + ran.stderr
    for name in ("SLACK_SIGNING_SECRET", "LEARNBOT_PROT", "LEARNBOT_PORT", "LEARNBOT_TEAMS_LOCAL",
                 "LEARNBOT_MASTER_KEY", "LEARNBOT_DATABASE_URL", "LEARNBOT_POLICY"):  # fmt: skip
        assert name in said
    assert "canary" not in said
    assert "Traceback" not in said


def test_a_damaged_database_stops_the_real_command_and_says_how_to_restore(tmp_path: Path) -> None:
    database = tmp_path / "learnbot.db"
    database.write_bytes(b"SQLite format 3\0" + os.urandom(8192))
    database.chmod(0o600)
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "serve"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE), "LEARNBOT_MASTER_KEY": KEY,
             "LEARNBOT_DATABASE_URL": f"sqlite:///{database}", **SLACK},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )  # fmt: skip
    assert ran.returncode == 78
    assert "learnbot restored" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_what_a_library_logs_is_named_but_never_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    try:
        logs.set_up("INFO")
        try:
            raise ValueError("canary in an exception")
        except ValueError:
            logging.getLogger("a.lib").exception("canary in a message")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()
    said = capsys.readouterr().out
    assert "ERROR a.lib ValueError" in said
    assert "canary" not in said
