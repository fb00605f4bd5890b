"""Version 5: what commands by mail leave behind. A ticket's own fields, and how `#undo` goes back."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, run


class Undo(Table):
    """One block of commands on one ticket: what it found, so that its author may take it back."""

    seq = p.BigAutoField()
    id = p.TextField(unique=True)
    ticket = p.BigIntegerField()
    agent = p.TextField()
    at = p.TextField()
    commands = p.TextField()
    refusal = p.TextField()  # why it cannot be taken back, "" when it can
    used = p.BooleanField()
    kept = p.TextField()  # JSON: attributes before and after, people before, links made


Undo.add_index(Undo.ticket, Undo.seq, name="undo_ticket")


def up(db: p.Database) -> None:
    """Make the table and the column."""
    create(db, (Undo,))
    run(db, "ALTER TABLE ticket ADD COLUMN fields TEXT NOT NULL DEFAULT '{}'")


def down(db: p.Database) -> None:
    """Drop the column and the table."""
    run(db, "ALTER TABLE ticket DROP COLUMN fields")
    drop(db, (Undo,))
