"""Version 17: what a requester said of a ticket, and when she was asked."""

import peewee as p

from maild.database.migrations.tables import run

_COLUMNS = (
    ("surveyed_at", "TEXT"),
    ("survey", "TEXT NOT NULL DEFAULT ''"),
    ("rating", "INTEGER"),
    ("rating_comment", "TEXT NOT NULL DEFAULT ''"),
    ("rated_at", "TEXT"),
)
_DUE = (
    "CREATE INDEX ticket_survey ON ticket (resolved_at) WHERE surveyed_at IS NULL AND status IN ('resolved', 'closed')"
)
_ASKED = "CREATE INDEX ticket_surveyed ON ticket (requester, surveyed_at) WHERE survey = 'asked'"


def up(db: p.Database) -> None:
    """Add the columns, an index of what may be due, and one of who was asked lately."""
    for name, kind in _COLUMNS:
        run(db, f"ALTER TABLE ticket ADD COLUMN {name} {kind}")
    run(db, _DUE)
    run(db, _ASKED)


def down(db: p.Database) -> None:
    """Drop them."""
    run(db, "DROP INDEX ticket_surveyed")
    run(db, "DROP INDEX ticket_survey")
    for name, _ in reversed(_COLUMNS):
        run(db, f"ALTER TABLE ticket DROP COLUMN {name}")
