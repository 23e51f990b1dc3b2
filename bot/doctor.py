"""`learnbot doctor`: everything that can be wrong with an installation, named at once, each with its fix."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
import typer
from sqlalchemy import Engine, create_engine, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.calendars import calendar_systems
from bot.clock import utc_now
from bot.config import WRONG_SETTINGS, Settings, SettingsError, Slack, Teams, from_environment
from bot.errors import Unavailable
from bot.wording import listed
from storage.database import WAL_IS_SAFE_FROM, Database
from storage.migrate import pending
from storage.models import Person
from storage.numbers import Undelivered, undelivered
from storage.rewrapping import counted
from storage.sealed import Keyring

CLOCK_TOLERANCE = timedelta(minutes=2)
LOGIN = "https://login.microsoftonline.com"


@dataclass
class Findings:
    """What was looked at, in order: what is well, what is wrong, what could not be tried.

    `noticed` is what somebody can do something about although the installation is right.
    """

    well: list[str] = field(default_factory=list[str])
    wrong: list[str] = field(default_factory=list[str])
    untried: list[str] = field(default_factory=list[str])
    noticed: list[str] = field(default_factory=list[str])


async def examine() -> int:
    """Look at everything and print it. Returns the exit status: 0, or 78 when something is wrong."""
    found = Findings()
    try:
        settings = from_environment()
    except SettingsError as error:
        found.wrong.extend(error.mistakes)
    else:
        found.well.append(
            f"settings: policy “{settings.policy.name}”, {settings.policy.interviews.per_year} interviews"
        )
        _database(settings, found)
        async with httpx.AsyncClient(timeout=10) as web:
            if settings.slack is not None:
                await _slack(web, settings.slack, found)
            if settings.teams is not None:
                await _teams(web, settings.teams, found)
            await _address(web, settings, found)
        await _calendars(settings, found)
    for line in found.well:
        typer.echo(f"  ✓ {line}")
    for line in found.untried:
        typer.echo(f"  ? {line}")
    for line in found.noticed:
        typer.echo(f"  ! {line}")
    for line in found.wrong:
        typer.echo(f"  ✗ {line}")
    typer.echo("Everything looks well." if not found.wrong else f"{len(found.wrong)} to put right, marked ✗.")
    return WRONG_SETTINGS if found.wrong else 0


def _database(settings: Settings, found: Findings) -> None:
    try:
        database = Database(settings.database_url)
    except Unavailable as unavailable:
        if not isinstance(unavailable.__cause__, BlockingIOError):
            found.wrong.append(f"database: {unavailable}")
            return
        found.well.append("database: the bot is running on it, so it is only read here")
        engine, close = _only_reading(settings.database_url)
    else:
        engine, close = database.engine, database.close
    try:
        _look_into(engine, settings, found)
    except (SQLAlchemyError, Unavailable):
        found.wrong.append("database: it cannot be reached: check LEARNBOT_DATABASE_URL and that the server runs")
    finally:
        close()


def _only_reading(url: str) -> tuple[Engine, Callable[[], None]]:
    """SQLite beside the bot that writes to it."""
    path = quote(str(Path(make_url(url).database or "").resolve()))
    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", hide_parameters=True)
    return engine, engine.dispose


def _look_into(engine: Engine, settings: Settings, found: Findings) -> None:
    sqlite = engine.dialect.name == "sqlite"
    if waiting := pending(engine):
        fix = "they run by themselves at the next start" if sqlite else "run `learnbot migrate`"
        (found.well if sqlite else found.wrong).append(f"database: {waiting} migrations to run: {fix}")
        return
    with Session(engine) as session:
        people = session.scalar(select(func.count()).select_from(Person)) or 0
        found.well.append(f"database: {engine.dialect.name}, up to date, {people} people on the roster")
        if sqlite and sqlite3.sqlite_version_info < WAL_IS_SAFE_FROM:
            found.well.append(
                f"database: SQLite {sqlite3.sqlite_version} is used without WAL, which is safe and a little slower"
            )
        _roster(session, people, found)
        _master_key(session, settings.keyring, found)
        found.noticed.extend(f"messages: {line}" for line in map(_not_delivered, undelivered(session)))


def _roster(session: Session, people: int, found: Findings) -> None:
    if not people:
        found.wrong.append("roster: nobody is on it: run `learnbot people import people.csv`")
    for zone in sorted(session.scalars(select(Person.zone).distinct())):
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            found.wrong.append(f"roster: {zone} is not a time zone on this machine: put it right in the roster")


def _master_key(session: Session, keyring: Keyring, found: Findings) -> None:
    counts = counted(session, keyring)
    earlier = [count.named(count.earlier) for count in counts if count.earlier]
    unreadable = [count.named(count.unreadable) for count in counts if count.unreadable]
    if unreadable:
        found.wrong.append(
            f"master key: {listed(unreadable)} cannot be opened: put the key they were made with into "
            "LEARNBOT_MASTER_KEY_PREVIOUS and run `learnbot rewrap`"
        )
    if earlier:
        found.wrong.append(
            f"master key: {listed(earlier)} still need LEARNBOT_MASTER_KEY_PREVIOUS: run `learnbot rewrap`"
        )
    elif keyring.changing and not unreadable:
        found.well.append("master key: nothing needs LEARNBOT_MASTER_KEY_PREVIOUS any more: it can be removed")


def _not_delivered(missed: Undelivered) -> str:
    if missed.unknown:
        return (
            f"{missed.messages} may or may not have arrived, and will not be sent twice: people are told with their "
            "next message; in a channel, look whether it is there"
        )
    why, what_to_do = _UNDELIVERED.get(missed.reason, (f"refused ({missed.reason})", "look for that word in the log"))
    return f"{missed.messages} not delivered, {why}: {what_to_do}"


_NOT_SET_UP = ("waiting for a platform that is not set up", "set it up in .env and restart; they go then")
_UNDELIVERED = {
    "has_not_said_hello": ("waiting for people who never wrote to the bot", "ask them to say hello to it"),
    "not_configured": _NOT_SET_UP,
    "platform_not_configured": _NOT_SET_UP,
    "not_installed": ("the bot was removed from there", "invite or install it again; they go then"),
    "blocked": ("somebody has blocked the bot", "ask them to allow it and to say hello; they go then"),
    "deactivated": ("the account was closed", "say in the roster who has left"),
    "archived": ("the channel is archived", "unarchive it, or say `review` in the team's new channel"),
    "no_such_place": ("the conversation is gone", "ask the person to say hello, or use another channel"),
    "wrong_tenant": ("for an account of another organisation", "check the addresses in the roster"),
    "too_large": ("too large for the platform", "a fault of the bot: please report it"),
    "not_built": ("the bot could not write them", "a fault of the bot: please report it, with “not built” in the log"),
}


async def _slack(web: httpx.AsyncClient, slack: Slack, found: Findings) -> None:
    from bot.slack.manifest import SCOPES

    try:
        answer = await web.post(f"{slack.api_url}auth.test", headers={"authorization": f"Bearer {slack.bot_token}"})
        body = answer.json()
    except (httpx.HTTPError, ValueError):
        found.wrong.append("Slack: it cannot be reached from here: check the network, a proxy or a firewall")
        return
    _clock(answer, "Slack", found)
    if not body.get("ok"):
        found.wrong.append(
            f"Slack: SLACK_BOT_TOKEN is refused ({body.get('error')}): install the app again, copy the token"
        )
        return
    found.well.append(f"Slack: signed in to {body.get('team')} as {body.get('user')}")
    granted = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",") if scope.strip()}
    if granted and (missing := sorted(set(SCOPES) - granted)):
        found.wrong.append(
            f"Slack: scopes are missing: {', '.join(missing)}. Update the manifest and install the app again"
        )
    elif not granted:
        found.untried.append("Slack: it did not say which scopes the token has")
    if slack.app_token:
        opened = await web.post(
            f"{slack.api_url}apps.connections.open", headers={"authorization": f"Bearer {slack.app_token}"}
        )
        if not opened.json().get("ok"):
            found.wrong.append("Slack: SLACK_APP_TOKEN is refused: make one with the scope connections:write")


async def _teams(web: httpx.AsyncClient, teams: Teams, found: Findings) -> None:
    if teams.local:
        found.untried.append("Teams: local mode, for the Agents Playground only: nothing to sign in to")
        return
    form = {
        "grant_type": "client_credentials",
        "client_id": teams.client_id,
        "client_secret": teams.client_secret,
        "scope": "https://api.botframework.com/.default",
    }
    try:
        answer = await web.post(f"{LOGIN}/{teams.tenant_id}/oauth2/v2.0/token", data=form)
        body = answer.json()
    except (httpx.HTTPError, ValueError):
        found.wrong.append(
            "Teams: Microsoft's sign-in cannot be reached from here: check the network, a proxy or a firewall"
        )
        return
    _clock(answer, "Microsoft", found)
    if "access_token" in body:
        found.well.append("Teams: the client secret is accepted")
    else:
        code = str(body.get("error_description", body.get("error", ""))).split(":")[0]
        found.wrong.append(
            f"Teams: sign-in is refused ({code}): check TEAMS_CLIENT_ID, TEAMS_TENANT_ID and the secret's expiry"
        )


async def _calendars(settings: Settings, found: Findings) -> None:
    from scheduling.appointments import mistakes_of

    for name, system in calendar_systems(settings).items():
        mistakes = await mistakes_of(system)
        await system.close()
        found.wrong.extend(f"calendars: {mistake}" for mistake in mistakes)
        if not mistakes:
            found.well.append(f"calendars: {name.capitalize()} lets the bot in, as far as it may go")


async def _address(web: httpx.AsyncClient, settings: Settings, found: Findings) -> None:
    needs = settings.teams is not None and not settings.teams.local
    needs = needs or (settings.slack is not None and settings.slack.app_token is None)
    if not settings.base_url:
        if needs:
            found.wrong.append(
                "address: LEARNBOT_BASE_URL is missing: the platforms and calendar links need the bot's https address"
            )
        return
    try:
        answer = await web.get(f"{settings.base_url}/healthz")
    except httpx.HTTPError:
        found.untried.append(f"address: {settings.base_url} does not answer: start `learnbot serve` and look again")
        return
    if answer.status_code == 200 and answer.json().get("status") == "alive":
        found.well.append(f"address: {settings.base_url} reaches the bot")
    else:
        found.wrong.append(f"address: {settings.base_url} is answered by something else: check the reverse proxy")


def _clock(answer: httpx.Response, whose: str, found: Findings) -> None:
    stated = answer.headers.get("date")
    if not stated:
        return
    theirs: datetime = parsedate_to_datetime(stated).astimezone(UTC)
    if abs(utc_now() - theirs) > CLOCK_TOLERANCE:
        found.wrong.append(f"clock: this machine and {whose} differ by more than two minutes: turn on NTP")
    else:
        found.well.append(f"clock: agrees with {whose}")
