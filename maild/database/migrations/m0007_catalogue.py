"""Version 7: the service catalogue. What a ticket asks for, who fixed its priority, and with what it was resolved."""

import peewee as p

from maild.database.migrations.tables import run

_COLUMNS = (
    ("service", "TEXT NOT NULL DEFAULT ''"),
    ("priority_by", "TEXT NOT NULL DEFAULT ''"),
    ("fields_asked", "INTEGER NOT NULL DEFAULT 0"),
    ("resolution_code", "TEXT NOT NULL DEFAULT ''"),
)


def up(db: p.Database) -> None:
    """Add the columns."""
    for name, kind in _COLUMNS:
        run(db, f"ALTER TABLE ticket ADD COLUMN {name} {kind}")


def down(db: p.Database) -> None:
    """Drop them."""
    for name, _ in reversed(_COLUMNS):
        run(db, f"ALTER TABLE ticket DROP COLUMN {name}")
