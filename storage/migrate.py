"""Bringing a database up to the present tables: Alembic, from the first table on."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run every migration that is missing, in one transaction: a crash leaves the database as it was."""
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def pending(engine: Engine) -> int:
    """How many migrations are missing."""
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(configuration())
    return sum(1 for _ in script.iterate_revisions("head", present or "base"))


def configuration() -> Config:
    """Alembic's configuration, without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
