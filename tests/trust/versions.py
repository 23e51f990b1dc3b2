"""Versions other than the present one: their migrations, and what one may not take from the one before it."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory

from storage.migrate import configuration

# What a migration of a later version does: it adds, and the tables that it adds to are the busiest ones.
EXPANDS = """
    for busy in ("outbox", "entry", "person", "account"):
        with op.batch_alter_table(busy) as table:
            table.add_column(sa.Column("of_a_later_version", sa.String(), nullable=True))
    op.create_table(
        "later",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    )
"""

Tables = Mapping[str, Sequence[Any]]


def another_version(folder: Path, upgrade: str) -> Path:
    """A folder of migrations like the present one, with one more that runs the statements of `upgrade`."""
    own = folder / "migrations"
    shutil.copytree(Path(configuration().get_main_option("script_location") or ""), own)
    head = ScriptDirectory.from_config(configuration()).get_heads()[0]
    (own / "versions" / "9000_of_a_test.py").write_text(
        f'''"""A later version."""
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9000", {head!r}, None, None


def upgrade() -> None:
{upgrade}'''
    )
    return own


def breaks(before: tuple[Tables, Tables], after: tuple[Tables, Tables]) -> list[str]:
    """Why a version that knows the tables `before` cannot work with those `after`: columns, and what is unique."""
    wrong = [f"{name} is gone" for name in before[0] if name not in after[0]]
    for name in before[0].keys() & after[0].keys():
        old = {column["name"]: column for column in before[0][name]}
        new = {column["name"]: column for column in after[0][name]}
        wrong += [f"{name}.{column} is gone" for column in old if column not in new]
        for column, found in new.items():
            if column not in old:
                if not found["nullable"] and found["default"] is None:
                    wrong.append(f"{name}.{column} must be filled in")
            elif str(found["type"]) != str(old[column]["type"]):
                wrong.append(f"{name}.{column} has changed its type")
            elif old[column]["nullable"] and not found["nullable"]:
                wrong.append(f"{name}.{column} must be filled in")
        known = {tuple(one["column_names"]) for one in before[1][name] if one.get("unique", True)}
        for one in after[1][name]:
            columns = tuple(one["column_names"])
            if one.get("unique", True) and columns not in known and set(columns) <= old.keys():
                wrong.append(f"{name} must be unique by {', '.join(columns)}")
    return sorted(wrong)
