"""Settings from the environment and `.env`: read once at start, every mistake named at once, no value printed."""

import json
import os
import re
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.policy import Policy, PolicyError
from scheduling.calendars.closures import load
from storage.sealed import Keyring

PREFIXES = ("LEARNBOT_", "SLACK_", "TEAMS_")
WRONG_SETTINGS = 78  # the exit status: EX_CONFIG of sysexits.h
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(ValueError):
    """The bot cannot run with these settings. `mistakes` names every one, each with what to do."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class _Environment(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=False, extra="ignore", case_sensitive=True)

    LEARNBOT_DATABASE_URL: str = "sqlite:///var/learnbot.db"
    LEARNBOT_MASTER_KEY: str = ""
    LEARNBOT_MASTER_KEY_FILE: str = ""
    LEARNBOT_MASTER_KEY_PREVIOUS: str = ""
    LEARNBOT_POLICY: str = "southampton"
    LEARNBOT_BASE_URL: str = ""
    LEARNBOT_HOST: str = "127.0.0.1"
    LEARNBOT_PORT: int = Field(3978, ge=1, le=65535)
    LEARNBOT_LOG_LEVEL: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    LEARNBOT_METRICS_TOKEN: str = ""
    LEARNBOT_TEAMS_LOCAL: bool = False
    SLACK_BOT_TOKEN: str = ""
    SLACK_SIGNING_SECRET: str | None = None
    SLACK_SIGNING_SECRET_PREVIOUS: str = ""
    SLACK_APP_TOKEN: str = ""
    SLACK_API_URL: str = "https://slack.com/api/"
    TEAMS_CLIENT_ID: str = ""
    TEAMS_CLIENT_SECRET: str = ""
    TEAMS_TENANT_ID: str = ""
    LEARNBOT_CALENDAR: Literal["", "outlook", "google", "none"] = ""
    LEARNBOT_OUTLOOK_TENANT_ID: str = ""
    LEARNBOT_OUTLOOK_CLIENT_ID: str = ""
    LEARNBOT_OUTLOOK_CLIENT_SECRET: str = ""
    LEARNBOT_OUTLOOK_OUTSIDE: str = ""
    LEARNBOT_OUTLOOK_AUTHORITY: str = "https://login.microsoftonline.com"
    LEARNBOT_OUTLOOK_API_URL: str = "https://graph.microsoft.com/v1.0"
    LEARNBOT_GOOGLE_KEY_FILE: str = ""
    LEARNBOT_GOOGLE_OUTSIDE: str = ""
    LEARNBOT_GOOGLE_API_URL: str = "https://www.googleapis.com/calendar/v3"


@dataclass(frozen=True)
class Slack:
    """How to reach one Slack workspace. Over HTTP, or by Socket Mode when there is an app token."""

    bot_token: str = field(repr=False)
    signing_secrets: tuple[str, ...] = field(repr=False)
    app_token: str | None = field(default=None, repr=False)
    api_url: str = "https://slack.com/api/"


@dataclass(frozen=True)
class Teams:
    """How to reach Microsoft Teams in one Entra tenant. `local` takes unsigned traffic, on loopback only."""

    client_id: str
    tenant_id: str
    client_secret: str | None = field(default=None, repr=False)
    local: bool = False


@dataclass(frozen=True)
class Outlook:
    """How to reach the calendars of one Entra tenant. `outside` is a mailbox that the bot must not be able to reach."""

    tenant_id: str
    client_id: str
    client_secret: str = field(repr=False)
    outside: str
    authority: str = "https://login.microsoftonline.com"
    api_url: str = "https://graph.microsoft.com/v1.0"


@dataclass(frozen=True)
class Google:
    """How to reach Google calendars: the service account's key file, and a mailbox that the bot must not reach."""

    key_file: Path
    outside: str = ""
    api_url: str = "https://www.googleapis.com/calendar/v3"


@dataclass(frozen=True)
class Settings:
    """Everything the bot is told from outside.

    `calendars` names the calendar systems that are configured, after the one for people of whom the roster says
    nothing ("" when that is none).
    """

    database_url: str = field(repr=False)
    keyring: Keyring = field(repr=False)
    policy: Policy
    base_url: str = ""
    host: str = "127.0.0.1"
    port: int = 3978
    log_level: str = "INFO"
    metrics_token: str = field(default="", repr=False)
    slack: Slack | None = None
    teams: Teams | None = None
    outlook: Outlook | None = None
    google: Google | None = None
    calendars: tuple[str, ...] = ()


def from_environment(*, platforms_needed: bool = True) -> Settings:
    """The settings of this process. Raises `SettingsError` with every mistake."""
    mistakes = _unknown()
    try:
        given = _Environment()  # pyright: ignore[reportCallIssue] - the environment fills it
    except ValidationError as error:
        mistakes.extend(_mistake(one) for one in error.errors())
        # the rest is read as if these had been left out, so that every other mistake is named too
        left_out = {str(one["loc"][0]) for one in error.errors()}
        given = _Environment(**{name: _Environment.model_fields[name].default for name in left_out})
    keyring = _keyring(given, mistakes)
    policy = _policy(given, mistakes)
    _check_database(given.LEARNBOT_DATABASE_URL, mistakes)
    slack, teams = _slack(given, mistakes), _teams(given, mistakes)
    outlook, google = _outlook(given, mistakes), _google(given, mistakes)
    calendars = _calendars(given, outlook is not None, google is not None, mistakes)
    _check_base_url(given, mistakes)
    if platforms_needed and not mistakes and slack is None and teams is None:
        mistakes.append(
            "neither Slack nor Teams is configured: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET, or TEAMS_CLIENT_ID, "
            "TEAMS_CLIENT_SECRET and TEAMS_TENANT_ID (README, “Installing”)"
        )
    if mistakes or keyring is None or policy is None:
        raise SettingsError(mistakes)
    return Settings(
        database_url=given.LEARNBOT_DATABASE_URL,
        keyring=keyring,
        policy=policy,
        base_url=given.LEARNBOT_BASE_URL.rstrip("/"),
        host=given.LEARNBOT_HOST,
        port=given.LEARNBOT_PORT,
        log_level=given.LEARNBOT_LOG_LEVEL,
        metrics_token=given.LEARNBOT_METRICS_TOKEN,
        slack=slack,
        teams=teams,
        outlook=outlook,
        google=google,
        calendars=calendars,
    )


def _unknown() -> list[str]:
    names = {name for name in os.environ if name.startswith(PREFIXES)}
    dotenv = Path(".env")
    if dotenv.is_file():
        names |= set(
            re.findall(rf"^\s*(?:export\s+)?((?:{'|'.join(PREFIXES)})\w+)\s*=", dotenv.read_text(), re.MULTILINE)
        )
    return [
        f"{name} is not a setting of learnbot: remove it, or look for the right name in .env.example"
        for name in sorted(names - set(_Environment.model_fields))
    ]


def _mistake(error: Any) -> str:
    return f"{error['loc'][0]}: {str(error['msg'])[:1].lower()}{str(error['msg'])[1:]} (see .env.example)"


def _keyring(given: _Environment, mistakes: list[str]) -> Keyring | None:
    present = given.LEARNBOT_MASTER_KEY
    if given.LEARNBOT_MASTER_KEY_FILE:
        path = Path(given.LEARNBOT_MASTER_KEY_FILE)
        read = _secret_file("LEARNBOT_MASTER_KEY_FILE", path, mistakes)
        if read is None:
            return None
        present = read.strip()
    if not present:
        mistakes.append(
            "LEARNBOT_MASTER_KEY is missing: `learnbot key` prints a new one. Keep it apart from the database's backups"
        )
        return None
    try:
        keys = [present, given.LEARNBOT_MASTER_KEY_PREVIOUS] if given.LEARNBOT_MASTER_KEY_PREVIOUS else [present]
        return Keyring.from_text(*keys)
    except ValueError as error:
        mistakes.append(f"LEARNBOT_MASTER_KEY: {error}")
        return None


def _secret_file(setting: str, path: Path, mistakes: list[str]) -> str | None:
    """What the file holds. That somebody else on this machine may read it is a mistake."""
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) and path.stat().st_uid == os.getuid():
            mistakes.append(f"{setting}: others can read {path}: run `chmod 600 {path}`")
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        mistakes.append(f"{setting}: {path} cannot be read ({why})")
        return None


def _policy(given: _Environment, mistakes: list[str]) -> Policy | None:
    try:
        return load(given.LEARNBOT_POLICY)
    except PolicyError as error:
        mistakes.extend(f"LEARNBOT_POLICY: {line}" for line in str(error).splitlines())
        return None


def _check_database(url: str, mistakes: list[str]) -> None:
    try:
        made = make_url(url)
    except ArgumentError:
        mistakes.append("LEARNBOT_DATABASE_URL is not a database address: write sqlite:///var/learnbot.db or "
                        "postgresql+psycopg://user:password@host/name")  # fmt: skip
        return
    if made.get_backend_name() not in ("sqlite", "postgresql"):
        mistakes.append("LEARNBOT_DATABASE_URL: only sqlite and postgresql are supported")
    if made.get_backend_name() == "postgresql" and made.get_driver_name() != "psycopg":
        mistakes.append("LEARNBOT_DATABASE_URL: begin it with postgresql+psycopg://")
    if made.get_backend_name() == "sqlite":
        if not made.database or made.database == ":memory:":
            mistakes.append("LEARNBOT_DATABASE_URL: name a file, or everything is lost when the bot stops")
        elif (path := Path(made.database)).exists() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            mistakes.append(f"LEARNBOT_DATABASE_URL: others on this machine can read {path}: run `chmod 600 {path}`")


def _slack(given: _Environment, mistakes: list[str]) -> Slack | None:
    if not (given.SLACK_BOT_TOKEN or given.SLACK_SIGNING_SECRET is not None or given.SLACK_APP_TOKEN):
        return None
    if not given.SLACK_BOT_TOKEN.startswith("xoxb-"):
        mistakes.append("SLACK_BOT_TOKEN is missing or not a bot token: it begins with xoxb- (OAuth & Permissions)")
    secret = (given.SLACK_SIGNING_SECRET or "").strip()
    if not secret and not given.SLACK_APP_TOKEN:
        mistakes.append("SLACK_SIGNING_SECRET is blank: copy it from Basic Information → App Credentials")
    elif secret and len(secret) < 16:
        mistakes.append("SLACK_SIGNING_SECRET is too short to be one: copy it from Basic Information → App Credentials")
    if given.SLACK_APP_TOKEN and not given.SLACK_APP_TOKEN.startswith("xapp-"):
        mistakes.append("SLACK_APP_TOKEN is not an app-level token: it begins with xapp- (Basic Information)")
    _check_api_url("SLACK_API_URL", given.SLACK_API_URL, mistakes)
    secrets = tuple(one for one in (secret, given.SLACK_SIGNING_SECRET_PREVIOUS.strip()) if one)
    return Slack(given.SLACK_BOT_TOKEN, secrets, given.SLACK_APP_TOKEN or None, given.SLACK_API_URL)


def _teams(given: _Environment, mistakes: list[str]) -> Teams | None:
    if given.LEARNBOT_TEAMS_LOCAL:
        if given.LEARNBOT_HOST not in LOOPBACK:
            mistakes.append("LEARNBOT_TEAMS_LOCAL takes unsigned traffic: set LEARNBOT_HOST to 127.0.0.1, or unset it")
        return Teams(given.TEAMS_CLIENT_ID or "local-bot", given.TEAMS_TENANT_ID or "local-tenant", None, local=True)
    if not (given.TEAMS_CLIENT_ID or given.TEAMS_CLIENT_SECRET or given.TEAMS_TENANT_ID):
        return None
    _check_id("TEAMS_CLIENT_ID", given.TEAMS_CLIENT_ID, mistakes)
    _check_id("TEAMS_TENANT_ID", given.TEAMS_TENANT_ID, mistakes)
    if not given.TEAMS_CLIENT_SECRET:
        mistakes.append("TEAMS_CLIENT_SECRET is missing: make one under Certificates & secrets in Entra")
    return Teams(given.TEAMS_CLIENT_ID, given.TEAMS_TENANT_ID, given.TEAMS_CLIENT_SECRET)


def _outlook(given: _Environment, mistakes: list[str]) -> Outlook | None:
    tenant, client = given.LEARNBOT_OUTLOOK_TENANT_ID, given.LEARNBOT_OUTLOOK_CLIENT_ID
    secret, outside = given.LEARNBOT_OUTLOOK_CLIENT_SECRET, given.LEARNBOT_OUTLOOK_OUTSIDE
    if not (tenant or client or secret or outside):
        return None
    _check_id("LEARNBOT_OUTLOOK_TENANT_ID", tenant, mistakes)
    _check_id("LEARNBOT_OUTLOOK_CLIENT_ID", client, mistakes)
    if not secret:
        mistakes.append("LEARNBOT_OUTLOOK_CLIENT_SECRET is missing: make one under Certificates & secrets in Entra")
    if not _MAILBOX.fullmatch(outside):
        mistakes.append("LEARNBOT_OUTLOOK_OUTSIDE is missing or not an address: name a mailbox of yours that the bot "
                        "must not reach; it is tried at every start")  # fmt: skip
    authority = _check_api_url("LEARNBOT_OUTLOOK_AUTHORITY", given.LEARNBOT_OUTLOOK_AUTHORITY, mistakes)
    api_url = _check_api_url("LEARNBOT_OUTLOOK_API_URL", given.LEARNBOT_OUTLOOK_API_URL, mistakes)
    return Outlook(tenant, client, secret, outside, authority, api_url)


def _google(given: _Environment, mistakes: list[str]) -> Google | None:
    if not given.LEARNBOT_GOOGLE_KEY_FILE:
        if given.LEARNBOT_GOOGLE_OUTSIDE:
            mistakes.append("LEARNBOT_GOOGLE_KEY_FILE is missing: name the service account's key file")
        return None
    path = Path(given.LEARNBOT_GOOGLE_KEY_FILE)
    written = _secret_file("LEARNBOT_GOOGLE_KEY_FILE", path, mistakes)
    if written is not None and not _is_service_account(written):
        mistakes.append("LEARNBOT_GOOGLE_KEY_FILE is not a service account's key: make one in the Google Cloud console "
                        "(Keys → Add key → JSON)")  # fmt: skip
    if given.LEARNBOT_GOOGLE_OUTSIDE and not _MAILBOX.fullmatch(given.LEARNBOT_GOOGLE_OUTSIDE):
        mistakes.append("LEARNBOT_GOOGLE_OUTSIDE is not an address: name a mailbox that the bot must not reach")
    api_url = _check_api_url("LEARNBOT_GOOGLE_API_URL", given.LEARNBOT_GOOGLE_API_URL, mistakes)
    return Google(path, given.LEARNBOT_GOOGLE_OUTSIDE, api_url)


def _is_service_account(written: str) -> bool:
    try:
        key: Any = json.loads(written)
    except ValueError:
        return False
    return isinstance(key, dict) and {"client_email", "private_key", "token_uri"} <= set(cast(dict[str, Any], key))


def _calendars(given: _Environment, outlook: bool, google: bool, mistakes: list[str]) -> tuple[str, ...]:
    """The systems that are configured, after the one for whoever's roster row names none: the only one, or none."""
    known = [name for name, configured in (("outlook", outlook), ("google", google)) if configured]
    usual = given.LEARNBOT_CALENDAR or (known[0] if len(known) == 1 else "none")
    if usual == "none":
        return ("", *known) if known else ()
    if usual not in known:
        mistakes.append(
            f"LEARNBOT_CALENDAR is {usual}, which is not configured: set LEARNBOT_{usual.upper()}_… as well"
        )
    return (usual, *(name for name in known if name != usual))


_MAILBOX = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _check_id(name: str, value: str, mistakes: list[str]) -> None:
    if not _ID.fullmatch(value):
        mistakes.append(f"{name} is missing or not an id: copy it from the app registration's overview in Entra")


def _check_api_url(name: str, url: str, mistakes: list[str]) -> str:
    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        mistakes.append(f"{name}: only https, except on this machine itself")
    return url.rstrip("/")


def _check_base_url(given: _Environment, mistakes: list[str]) -> None:
    if not given.LEARNBOT_BASE_URL:
        return
    address = urlsplit(given.LEARNBOT_BASE_URL)
    if not address.hostname or (address.scheme != "https" and address.hostname not in LOOPBACK):
        mistakes.append("LEARNBOT_BASE_URL is where people reach the bot: write it like https://learn.example.org")
