"""How Alembic reaches the database: through the connection that `storage.migrate` hands in."""

from typing import Any, Literal

from alembic import context

from storage.database import UtcDateTime
from storage.models import Person
from storage.sealed import Sealed


def plain_type(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Migrations outlive our own column types: they name what those are in the database."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Sealed):
        return "sa.LargeBinary()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Person.metadata,
    render_as_batch=True,
    render_item=plain_type,
    transactional_ddl=True,
)
context.run_migrations()
