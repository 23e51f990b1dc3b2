"""Migrations: they end where the models are, and a crash in any statement leaves the database old or new."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event, inspect, text

from bot.errors import Unavailable
from storage.database import Database, Record
from storage.migrate import configuration, migrate, pending, up_to_date
from tests.conftest import at_once
from tests.foundation import World


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/learnbot.db"
    return str(request.getfixturevalue("postgres_url"))


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def test_the_migrations_end_at_the_tables_that_the_models_declare(empty: str) -> None:
    database = Database(empty)
    assert pending(database.engine) > 0
    migrate(database.engine)
    assert pending(database.engine) == 0
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": Record.metadata}
        )
        drift = compare_metadata(context, Record.metadata)
    database.close()
    assert drift == [], "run alembic's autogenerate: the models have moved on"


def test_constraints_of_the_models_are_in_the_migrated_database(empty: str) -> None:
    """What must hold once is a constraint, so a migration that forgot one would be a double booking."""
    database = Database(empty)
    migrate(database.engine)
    migrated = inspect(database.engine)
    for table in Record.metadata.sorted_tables:
        declared = {
            tuple(sorted(column.name for column in constraint.columns))
            for constraint in table.constraints
            if constraint.__visit_name__ == "unique_constraint"
        } | {tuple(sorted(c.name for c in index.columns)) for index in table.indexes if index.unique}
        present = {tuple(sorted(one["column_names"])) for one in migrated.get_unique_constraints(table.name)}
        indexes = [one for one in migrated.get_indexes(table.name) if one["unique"]]
        present |= {tuple(sorted(filter(None, one["column_names"]))) for one in indexes}
        assert declared <= present, table.name
        keys = {
            (tuple(one["constrained_columns"]), one["referred_table"], (one.get("options") or {}).get("ondelete"))
            for one in migrated.get_foreign_keys(table.name)
        }
        for key in table.foreign_key_constraints:
            wanted = (tuple(key.column_keys), key.referred_table.name, key.ondelete)
            assert wanted in keys, f"{table.name}: {wanted}"
        assert set(migrated.get_pk_constraint(table.name)["constrained_columns"]) == {
            column.name for column in table.primary_key
        }
    database.close()


def test_the_program_runs_on_a_migrated_database(empty: str) -> None:
    database = Database(empty)
    migrate(database.engine)
    world = World(database)
    world.enrol()
    world.answer(world.event("1", "Ana", words="keep one"))
    assert world.entries() == ["one"]
    assert world.states() == ["sent"]
    world.runner.close()
    database.close()


def test_migrating_again_changes_nothing(empty: str) -> None:
    database = Database(empty)
    migrate(database.engine)
    before = tables(database.engine)
    migrate(database.engine)
    assert tables(database.engine) == before
    database.close()


def test_rows_survive_a_migration_that_finds_nothing_to_do(empty: str) -> None:
    database = Database(empty)
    migrate(database.engine)
    world = World(database)
    world.enrol()
    world.answer(world.event("1", "Ana", words="keep one"))
    migrate(database.engine)
    assert world.entries() == ["one"]
    world.runner.close()
    database.close()


def test_several_processes_migrating_at_once_is_one_migration(postgres_url: str) -> None:
    databases = [Database(postgres_url, threads=1) for _ in range(3)]
    at_once(*[lambda database=database: migrate(database.engine) for database in databases])
    assert pending(databases[0].engine) == 0
    for database in databases:
        database.close()


def test_a_database_of_a_later_version_is_refused_with_what_to_do(empty: str) -> None:
    database = Database(empty)
    migrate(database.engine)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match="later version"):
        pending(database.engine)
    database.close()


def test_every_revision_has_one_before_it_and_there_is_one_last() -> None:
    script = ScriptDirectory.from_config(configuration())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def statements(tmp_path: Path) -> int:
    """How many statements it takes to migrate an empty SQLite database."""
    database = Database(f"sqlite:///{tmp_path}/counted.db")
    counted: list[str] = []
    event.listen(database.engine, "after_cursor_execute", lambda *args: counted.append(args[2]))
    migrate(database.engine)
    database.close()
    return len(counted)


def test_killed_between_statements_of_a_migration_the_database_is_old_or_new(tmp_path: Path) -> None:
    count = statements(tmp_path)
    assert count > 20
    complete = tables(create_engine(f"sqlite:///{tmp_path}/counted.db"))
    path = tmp_path / "learnbot.db"
    # half-way, and each of the last, around which everything is committed; the others are in the next test
    for last in sorted({1, count // 2, *range(count - 3, count + 2)}):
        child = os.fork()
        if child == 0:
            die_after(path, last)
        os.waitpid(child, 0)
        assert left_in(path) in (set(), complete), f"killed after statement {last}"
        for leftover in tmp_path.glob("learnbot.db*"):
            leftover.unlink()


def test_the_files_that_any_statement_of_a_migration_leaves_are_those_of_the_old_or_the_new(tmp_path: Path) -> None:
    """What a killed process leaves behind are its files as they are: here they are copied after every statement."""
    database = Database(f"sqlite:///{tmp_path}/learnbot.db")
    found: list[set[str]] = []

    def look(*_: object) -> None:
        left = tmp_path / "left"
        left.mkdir()
        for file in tmp_path.glob("learnbot.db*"):
            shutil.copy(file, left / file.name)
        found.append(left_in(left / "learnbot.db"))
        shutil.rmtree(left)

    event.listen(database.engine, "after_cursor_execute", look)
    migrate(database.engine)
    complete = tables(database.engine)
    database.close()
    assert len(found) > 200
    assert len(complete) > 20
    assert [number for number, left in enumerate(found, 1) if left not in (set(), complete)] == []
    assert set() in found


def left_in(path: Path) -> set[str]:
    """The tables that whoever opens the file next finds in it."""
    with closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def die_after(path: Path, statements_run: int) -> None:
    """In a child: migrate, and die by kill -9 after so many statements (or complete it, when there are fewer)."""
    try:
        database = Database(f"sqlite:///{path}")
        left = [statements_run]

        def count(*_: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(database.engine, "after_cursor_execute", count)
        migrate(database.engine)
        database.close()
    finally:
        os._exit(0)


def test_killed_half_way_it_is_completed_by_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "learnbot.db"
    child = os.fork()
    if child == 0:
        die_after(path, 15)
    os.waitpid(child, 0)
    database = Database(f"sqlite:///{path}")
    migrate(database.engine)
    assert pending(database.engine) == 0
    database.close()


def test_a_table_that_is_made_anew_keeps_the_rows_that_refer_to_it(tmp_path: Path) -> None:
    """SQLite changes a column by making the table again; dropping the old one must not take its children along."""
    database = Database(f"sqlite:///{tmp_path}/learnbot.db")
    migrate(database.engine)
    world = World(database)
    world.enrol()
    world.answer(world.event("1", "Ana", words="keep one"))
    head = ScriptDirectory.from_config(configuration()).get_heads()[0]
    own = tmp_path / "migrations"
    shutil.copytree(Path(configuration().get_main_option("script_location") or ""), own)
    (own / "versions" / "9000_of_this_test.py").write_text(
        f'''"""A change of a column of a table that others refer to."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9000", {head!r}, None, None


def upgrade() -> None:
    with op.batch_alter_table("person") as table:
        table.alter_column("zone", existing_type=sa.String(), type_=sa.String(80))
'''
    )
    import storage.migrate

    folder, storage.migrate.FOLDER = storage.migrate.FOLDER, own
    try:
        migrate(database.engine)
    finally:
        storage.migrate.FOLDER = folder
    assert world.entries() == ["one"]
    assert world.account("Ana").person_id > 0
    world.runner.close()
    database.close()


def test_everything_is_undone_when_a_migration_fails(empty: str) -> None:
    database = Database(empty)

    seen: list[object] = []

    def after(*statement: object) -> None:
        seen.append(statement)
        if len(seen) == 15:
            raise RuntimeError("in the middle")

    event.listen(database.engine, "after_cursor_execute", after)
    with pytest.raises(RuntimeError, match="in the middle"):
        migrate(database.engine)
    event.remove(database.engine, "after_cursor_execute", after)
    assert tables(database.engine) == set()
    migrate(database.engine)
    assert pending(database.engine) == 0
    database.close()


def test_the_newest_migration_is_told_from_its_name(empty: str) -> None:
    newest = max((Path(configuration().get_main_option("script_location") or "") / "versions").glob("[0-9]*.py"))
    assert ScriptDirectory.from_config(configuration()).get_heads() == [newest.name.partition("_")[0]]
    database = Database(empty)
    assert not up_to_date(database.engine)
    migrate(database.engine)
    assert up_to_date(database.engine)
    database.close()
