"""Version 15: how often each agent wants to be written to, as he said it by mail."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop


class Rhythm(Table):
    """What an agent said; a row that is "" says that the configuration holds again."""

    address = p.TextField(primary_key=True)
    rhythm = p.TextField()
    said_at = p.TextField()


def up(db: p.Database) -> None:
    """Make the table."""
    create(db, (Rhythm,))


def down(db: p.Database) -> None:
    """Drop it."""
    drop(db, (Rhythm,))
