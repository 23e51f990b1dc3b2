"""`learnbot …`: everything that is done from a command line."""

import asyncio
import base64
import gc
import json
import os
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from bot import logs
from bot.clock import utc_now
from bot.config import WRONG_SETTINGS, Settings, SettingsError, from_environment
from bot.errors import Unavailable
from bot.wording import listed

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
                  help="The learning bot for Slack and Microsoft Teams.")  # fmt: skip
people_app = typer.Typer(no_args_is_help=True, help="The roster.")
standards_app = typer.Typer(no_args_is_help=True, help="Standards for posts.")
plan_app = typer.Typer(no_args_is_help=True, help="The strategic plan.")
slack_app = typer.Typer(no_args_is_help=True, help="Installing in Slack.")
portfolio_app = typer.Typer(no_args_is_help=True, help="Portfolios that people take with them.")
teams_app = typer.Typer(no_args_is_help=True, help="Installing in Microsoft Teams.")
app.add_typer(people_app, name="people")
app.add_typer(standards_app, name="standards")
app.add_typer(plan_app, name="plan")
app.add_typer(portfolio_app, name="portfolio")
app.add_typer(slack_app, name="slack")
app.add_typer(teams_app, name="teams")


def main() -> None:
    """The command `learnbot`."""
    try:
        app()
    except SettingsError as error:
        _refuse("The bot cannot run with these settings:", error.mistakes)
    except Unavailable as error:
        _refuse(str(error), [])


@app.command()
def serve() -> None:
    """Run the bot: Slack, Teams, health and metrics on one server."""
    settings = from_environment()
    logs.set_up(settings.log_level)
    gc.disable()  # all that is made from here to the first request stays for good: looking through it is in vain
    from bot.server import run

    run(settings)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Where the bot listens.")] = 3978,
    amina: Annotated[int, typer.Option(help="Where Amina's window opens.")] = 56150,
    ben: Annotated[int, typer.Option(help="Where Ben's window opens.")] = 56151,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path("var"),
) -> None:
    """Start the bot with a demo organisation and two Teams-like windows to talk to it."""
    from bot.demo import run

    raise SystemExit(run(folder, port, {"amina": amina, "ben": ben}))


@app.command()
def chat(
    as_: Annotated[str, typer.Option("--as", help="Whose first name or e-mail address to use.")] = "amina",
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its data.")] = Path("var"),
) -> None:
    """Talk to the bot in the terminal, as somebody of the demo organisation."""
    from bot.demo import chat as start_chat

    raise SystemExit(start_chat(folder, as_))


@app.command()
def year(
    policy: Annotated[str, typer.Option(help="A bundled policy or a .toml file.")] = "southampton",
    seed: Annotated[int, typer.Option(help="The same seed plays the same year.")] = 1,
    quiet: Annotated[bool, typer.Option(help="Print only the state of every promise at the end.")] = False,
) -> None:
    """Play one learning year of the demo organisation on a simulated clock."""
    from bot.year import play

    raise SystemExit(play(policy, seed, quiet=quiet))


@app.command()
def when(
    words: Annotated[str, typer.Argument(help="What somebody typed.")],
    now: Annotated[str, typer.Option(help="Local time to read it at, like 2026-03-02T09:00.")] = "",
    zone: Annotated[str, typer.Option(help="A time zone.")] = "Europe/London",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show how a typed time is understood."""
    from scheduling.localtime import zone_named
    from scheduling.when import read

    try:
        here = zone_named(zone)
        instant = datetime.fromisoformat(now).replace(tzinfo=here) if now else utc_now()
    except ValueError as error:
        _refuse(str(error), [])
        return
    reading = read(words, instant, here)
    if as_json:
        typer.echo(json.dumps(_reading_as_json(reading, here), ensure_ascii=False))
    else:
        typer.echo(reading.understood or "I can't tell.")
        if reading.missing:
            typer.echo(f"missing: {', '.join(sorted(reading.missing))}")
        for one in reading.alternatives:
            typer.echo(f"or: {one.understood}")


@app.command()
def key() -> None:
    """Print a new master key."""
    typer.echo(base64.urlsafe_b64encode(os.urandom(32)).decode())


@app.command()
def migrate() -> None:
    """Bring the database up to this version of the bot."""
    from storage import migrate as migrations
    from storage.database import Database

    settings = from_environment(platforms_needed=False)
    database = Database(settings.database_url)
    waiting = migrations.pending(database.engine)
    migrations.migrate(database.engine)
    database.close()
    typer.echo(f"{waiting} migrations run." if waiting else "The database is up to date.")


@app.command()
def doctor() -> None:
    """Check settings, tokens, addresses, database, zones and clock; name every mistake with its fix."""
    from bot.doctor import examine

    raise SystemExit(asyncio.run(examine()))


@app.command()
def restored() -> None:
    """After restoring a backup: find out what was sent since it was made, so that nothing is sent twice."""
    from storage import undelivered

    settings = from_environment(platforms_needed=False)
    bot = _bot(settings)
    count = bot.database.run(lambda session: undelivered.after_restore(session, utc_now()))
    bot.close()
    typer.echo(f"{count} messages that may have been sent since the backup will be looked up before anything is sent.")


@app.command()
def rewrap() -> None:
    """After a change of the master key: put everybody's keys, and what waits, under the present one."""
    from storage import rewrapping

    settings = from_environment(platforms_needed=False)
    bot = _bot(settings)
    try:
        counts = rewrapping.rewrap(bot.database, settings.keyring)
    finally:
        bot.close()
    done = [count.named(count.earlier) for count in counts if count.earlier]
    left = [count.named(count.unreadable) for count in counts if count.unreadable]
    typer.echo(f"Put under the present master key: {listed(done)}." if done else "There was nothing to put under it.")
    if left:
        _refuse(
            f"{listed(left)} cannot be opened with any key that is set, and were left as they are. Put the key they "
            "were made with into LEARNBOT_MASTER_KEY_PREVIOUS and run this again.",
            [],
        )
    typer.echo("Everything is under the present master key.")
    if settings.keyring.changing:
        typer.echo("Remove LEARNBOT_MASTER_KEY_PREVIOUS and restart.")


@people_app.command("import")
def people_import(
    file: Annotated[Path, typer.Argument(help="A CSV file; docs/roster.md describes its columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    complete: Annotated[bool, typer.Option("--complete", help="Who is not in the file has left.")] = False,
) -> None:
    """Put people, teams, leads, managers and partners on the roster."""
    from bot.importing import import_people

    settings = from_environment(platforms_needed=False)
    bot = _bot(settings)
    try:
        raise SystemExit(import_people(bot, file, dry_run=dry_run, complete=complete))
    finally:
        bot.close()


@standards_app.command("import")
def standards_import(
    file: Annotated[str, typer.Argument(help="A CSV or YAML file, or the name of a standard that comes with the bot.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    posts: Annotated[
        list[str] | None, typer.Option("--for", help="A post to hold against it; can be repeated.")
    ] = None,
) -> None:
    """Put a standard, or a new version of one, into force; docs/standards.md describes the files."""
    from bot.importing import import_standards

    settings = from_environment(platforms_needed=False)
    bot = _bot(settings)
    try:
        raise SystemExit(import_standards(bot, file, posts=posts or [], dry_run=dry_run))
    finally:
        bot.close()


@standards_app.command("list")
def standards_list() -> None:
    """Show which standards there are, in which versions, and for which posts."""
    from bot.importing import list_standards

    settings = from_environment(platforms_needed=False)
    bot = _bot(settings)
    try:
        raise SystemExit(list_standards(bot))
    finally:
        bot.close()


@plan_app.command("import")
def plan_import(
    file: Annotated[Path, typer.Argument(help="A CSV file; docs/team-plans.md describes its columns.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    complete: Annotated[bool, typer.Option("--complete", help="What is not in the file is retired.")] = False,
) -> None:
    """Put items of the strategic plan into force, for one team or for all."""
    from bot.importing import import_plan

    settings = from_environment(platforms_needed=False)
    bot = _bot(settings)
    try:
        raise SystemExit(import_plan(bot, file, dry_run=dry_run, complete=complete))
    finally:
        bot.close()


@portfolio_app.command("schema")
def portfolio_schema() -> None:
    """Print the JSON Schema of a portfolio: what any program may rely on that reads or writes one."""
    from storage.portfolio.notation import schema

    typer.echo(json.dumps(schema(), indent=1))


@slack_app.command("manifest")
def slack_manifest(
    base_url: Annotated[str, typer.Option(help="Where Slack reaches the bot, like https://learn.example.org.")] = "",
    socket_mode: Annotated[bool, typer.Option("--socket-mode", help="For Socket Mode: no public address.")] = False,
) -> None:
    """Print the app manifest to paste into Slack (YAML)."""
    from bot.app import registry
    from bot.slack.manifest import as_yaml

    if not base_url and not socket_mode:
        _refuse("Name the bot's address with --base-url https://…, or choose --socket-mode.", [])
    typer.echo(as_yaml(registry(), base_url.rstrip("/"), socket_mode=socket_mode))


@teams_app.command("package")
def teams_package(
    client_id: Annotated[str, typer.Option(help="The app registration's client id.", envvar="TEAMS_CLIENT_ID")],
    base_url: Annotated[str, typer.Option(help="The bot's address, like https://learn.example.org.",
                                          envvar="LEARNBOT_BASE_URL")],
    to: Annotated[Path, typer.Option(help="The file to write.")] = Path("learnbot-teams.zip"),
) -> None:  # fmt: skip
    """Write the app package to upload to Teams."""
    from bot.app import registry
    from bot.teams.package import write_package

    write_package(to, client_id=client_id, base_url=base_url.rstrip("/"), registry=registry())
    typer.echo(f"Wrote {to}. Upload it in the Teams admin centre under Manage apps.")


def _bot(settings: Settings):
    from bot.app import build

    return build(replace(settings, slack=None, teams=None))


def _reading_as_json(reading: object, zone: ZoneInfo) -> dict[str, object]:
    from scheduling.when import Reading

    assert isinstance(reading, Reading)

    def written(instant: datetime | None) -> str | None:
        return instant.astimezone(zone).isoformat() if instant else None

    return {
        "start": written(reading.start),
        "end": written(reading.end),
        "day": reading.day.isoformat() if reading.day else None,
        "understood": reading.understood,
        "missing": sorted(reading.missing),
        "alternatives": [_reading_as_json(one, zone) for one in reading.alternatives],
        "span": reading.span,
    }


def _refuse(heading: str, lines: list[str]) -> None:
    typer.echo(heading, err=True)
    for line in lines:
        typer.echo(f"  - {line}", err=True)
    sys.exit(WRONG_SETTINGS)
