"""`learnbot people import`, `learnbot standards …` and `learnbot plan import`: files, all of each or nothing."""

from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import typer
from sqlalchemy.orm import Session

from bot import wording
from bot.app import Bot
from storage import standards
from storage.roster import import_roster, read_roster
from storage.standard_files import Changes as StandardChanges
from storage.standard_files import import_standard, read_standard
from storage.strategic_file import read_plan
from storage.strategic_plan import import_plan as import_strategic_plan
from storage.written import Changes, Mistakes


def import_people(bot: Bot, file: Path, *, dry_run: bool, complete: bool) -> int:
    """Import and say what changed. Returns the exit status: 1 when a row is wrong, and then nothing is imported."""

    def work(session: Session, written: bytes) -> Changes:
        return import_roster(
            session, read_roster(written), bot.settings.keyring, bot.clock(), bot.settings.policy,
            dry_run=dry_run, complete=complete,
        )  # fmt: skip

    return _import(bot, file, work, dry_run=dry_run)


def import_standards(bot: Bot, named: str, *, posts: Sequence[str], dry_run: bool) -> int:
    """Import a standard from a file, or one that comes with the bot, and say what changed. Returns the exit status."""
    file = bundled().get(named, Path(named))
    is_csv = file.suffix.lower() in (".csv", ".tsv", ".txt")

    def work(session: Session, written: bytes) -> StandardChanges:
        standard = read_standard(written, is_csv=is_csv)
        return import_standard(session, standard, bot.clock(), posts=posts, dry_run=dry_run)

    instead = f"These come with the bot: {wording.listed(list(bundled()))}."
    return _import(bot, file, work, dry_run=dry_run, called=named, instead=instead)


def import_plan(bot: Bot, file: Path, *, dry_run: bool, complete: bool) -> int:
    """Import the strategic plan and say what changed. Returns the exit status: 1 when a row is wrong, and then nothing
    is imported."""

    def work(session: Session, written: bytes) -> Changes:
        return import_strategic_plan(session, read_plan(written), bot.clock(), dry_run=dry_run, complete=complete)

    return _import(bot, file, work, dry_run=dry_run)


def _import(
    bot: Bot,
    file: Path,
    work: Callable[[Session, bytes], Changes | StandardChanges],
    *,
    dry_run: bool,
    called: str = "",
    instead: str = "",
) -> int:
    """Read the file, do the work in one transaction, and say what came of it. `instead` is said where there is none."""
    try:
        written = file.read_bytes()
    except OSError as error:
        typer.echo(f"{called or file} cannot be read: {error.strerror}.", err=True)
        if instead:
            typer.echo(instead, err=True)
        return 1
    try:
        changes = bot.database.run(lambda session: work(session, written))
    except Mistakes as mistakes:
        typer.echo(f"Nothing was imported. {file.name} needs another look:", err=True)
        for mistake in mistakes.lines:
            typer.echo(f"  - {mistake}", err=True)
        return 1
    for line in changes.lines():
        typer.echo(f"  {line}")
    typer.echo(("Would import: " if dry_run else "Imported: ") + changes.summary())
    return 0


def bundled() -> dict[str, Path]:
    """The standards that come with the bot, by name."""
    folder = Path(str(files("bot") / "standards"))
    return {file.stem: file for file in sorted(folder.glob("*.yaml"))}


def list_standards(bot: Bot) -> int:
    """Say which standards are here, in which version, and for which posts. Returns the exit status."""
    for line in bot.database.run(_listed):
        typer.echo(line)
    return 0


def _listed(session: Session) -> list[str]:
    lines: list[str] = []
    posts = standards.posts(session)
    for key in standards.keys(session):
        now, *earlier = standards.versions(session, key)
        areas = standards.areas(session, now.id)
        count = wording.count(sum(len(area.statements) for area in areas), "statement")
        before = f" (earlier: {', '.join(one.version for one in earlier)})" if earlier else ""
        lines.append(
            f"{key}: {now.title}, version {now.version}{before}, {count} in {wording.count(len(areas), 'area')}"
        )
        held = [
            f"{post.name} ({wording.count(people, 'person', 'people')})"
            for post, people in posts
            if post.standard == key
        ]
        lines.append(
            f"  for {wording.listed(held)}" if held else "  for no post yet: import it again with --for and a post"
        )
    if not lines:
        lines.append(f"There is no standard yet. These come with the bot: {wording.listed(list(bundled()))}.")
    if bare := [post.name for post, _ in posts if not post.standard]:
        lines.append(f"Posts without a standard: {wording.listed(bare)}.")
    return lines
