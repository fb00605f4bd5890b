"""Version 13: service levels as they were, so that an edit of hours, holidays or targets rewrites no past."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, run


class SlaVersion(Table):
    """A compiled service level with its calendar, in force from an instant until the next one of its name."""

    name = p.TextField()
    valid_from = p.TextField()
    version = p.TextField()
    content = p.TextField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("name", "valid_from")


def up(db: p.Database) -> None:
    """Make the table; the text of the SLAs in another form is left anew by the next start."""
    create(db, (SlaVersion,))
    run(db, "DELETE FROM meta WHERE name = 'sla'")


def down(db: p.Database) -> None:
    """Drop the table, and the text that the program before cannot read."""
    run(db, "DELETE FROM meta WHERE name = 'sla'")
    drop(db, (SlaVersion,))
