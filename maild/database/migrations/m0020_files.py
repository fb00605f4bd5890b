"""Version 20: what was attached to a long ticket, however long ago."""

import peewee as p

from maild.database.migrations.tables import run


def up(db: p.Database) -> None:
    """Index the messages that came or went with files."""
    run(db, "CREATE INDEX post_files ON post (ticket, seq) WHERE attachments <> '[]'")


def down(db: p.Database) -> None:
    """Drop the index."""
    run(db, "DROP INDEX post_files")
