"""Alembic's migrations. They add and change; the tables themselves are declared in `storage.models`."""
