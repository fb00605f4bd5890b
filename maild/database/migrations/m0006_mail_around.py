"""Version 6: what is around outgoing mail. Folded notices, and the marks by which Outlook gathers a conversation."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, run

_LATELY = "CREATE INDEX outbox_lately ON outbox (created_at, rcpt_to) WHERE automatic"
_COLUMNS = ("thread_index", "thread_topic")


class Folded(Table):
    """A notice that an agent did not get by itself, because he had enough of them: it waits for his digest."""

    seq = p.BigAutoField()
    address = p.TextField(index=True)
    ticket = p.BigIntegerField()
    template = p.TextField()
    at = p.TextField()


def up(db: p.Database) -> None:
    """Make the table, the columns, and an index that knows the recipients too."""
    create(db, (Folded,))
    for column in _COLUMNS:
        run(db, f"ALTER TABLE ticket ADD COLUMN {column} TEXT NOT NULL DEFAULT ''")
    run(db, "DROP INDEX outbox_automatic_lately")
    run(db, _LATELY)


def down(db: p.Database) -> None:
    """Go back to the index of instants alone."""
    run(db, "DROP INDEX outbox_lately")
    run(db, 'CREATE INDEX "outbox_automatic_lately" ON "outbox" ("created_at") WHERE automatic')
    for column in reversed(_COLUMNS):
        run(db, f"ALTER TABLE ticket DROP COLUMN {column}")
    drop(db, (Folded,))
