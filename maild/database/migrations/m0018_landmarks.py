"""Version 18: what a decision needs of a long timeline, however old it is."""

import peewee as p

from maild.database.migrations.tables import run

_LANDMARKS = (
    "CREATE INDEX event_landmark ON event (ticket, seq)"
    " WHERE verb IN ('assigned', 'escalated', 'joined', 'offered', 'returned', 'time')"
)


def up(db: p.Database) -> None:
    """Index the lines that tell who had a ticket, what he tried, and how long it took."""
    run(db, _LANDMARKS)


def down(db: p.Database) -> None:
    """Drop the index."""
    run(db, "DROP INDEX event_landmark")
