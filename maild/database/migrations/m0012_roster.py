"""Version 12: absences that agents say by mail, and loads by priority."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, run

_HELD_BY = "CREATE INDEX ticket_held_by ON ticket (assignee, priority) WHERE status IN ('new', 'open')"
_HELD_BY_BEFORE = 'CREATE INDEX "ticket_held_by" ON "ticket" ("assignee") WHERE status IN (\'new\', \'open\')'


class Absence(Table):
    """When somebody is away; `end_at` is null until he says that he is back."""

    seq = p.BigAutoField()
    id = p.TextField(unique=True)
    address = p.TextField()
    start_at = p.TextField()
    end_at = p.TextField(null=True)
    substitute = p.TextField()
    said_at = p.TextField()


Absence.add_index(Absence.end_at, name="absence_end")


def up(db: p.Database) -> None:
    """Make the table, and let the index of whoever holds a ticket know the priorities."""
    create(db, (Absence,))
    run(db, "DROP INDEX ticket_held_by")
    run(db, _HELD_BY)


def down(db: p.Database) -> None:
    """Go back to the index of people alone."""
    run(db, "DROP INDEX ticket_held_by")
    run(db, _HELD_BY_BEFORE)
    drop(db, (Absence,))
