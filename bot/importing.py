"""`learnbot people import`: the roster from a CSV file, all of it or nothing."""

from pathlib import Path

import typer

from bot.app import Bot
from storage.roster import RosterMistakes, import_roster, read_roster


def import_people(bot: Bot, file: Path, *, dry_run: bool, complete: bool) -> int:
    """Import and say what changed. Returns the exit status: 1 when a row is wrong, and then nothing is imported."""
    try:
        written = file.read_bytes()
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error.strerror}.", err=True)
        return 1
    try:
        roster = read_roster(written)
        changes = bot.database.run(
            lambda session: import_roster(
                session, roster, bot.settings.keyring, bot.clock(), bot.settings.policy,
                dry_run=dry_run, complete=complete,
            )
        )  # fmt: skip
    except RosterMistakes as mistakes:
        typer.echo(f"Nothing was imported. {file.name} needs another look:", err=True)
        for mistake in mistakes.lines:
            typer.echo(f"  - {mistake}", err=True)
        return 1
    for line in changes.lines():
        typer.echo(f"  {line}")
    typer.echo(("Would import: " if dry_run else "Imported: ") + changes.summary())
    return 0
