"""Version 9: people. Addresses that are one person's, VIPs, and the organisation of a ticket."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, run


class Alias(Table):
    """Another address of a person, who is known by the one in `person`."""

    address = p.TextField(primary_key=True)
    person = p.TextField()


Alias.add_index(Alias.person, name="alias_person")


def up(db: p.Database) -> None:
    """Make the table, the columns, and the index by which a customer's tickets are found."""
    create(db, (Alias,))
    run(db, "ALTER TABLE person ADD COLUMN vip BOOLEAN NOT NULL DEFAULT FALSE")
    run(db, "ALTER TABLE person ADD COLUMN organisation TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE ticket ADD COLUMN organisation TEXT NOT NULL DEFAULT ''")
    run(db, "CREATE INDEX ticket_organisation ON ticket (organisation, number) WHERE organisation <> ''")


def down(db: p.Database) -> None:
    """Drop what `up` made."""
    run(db, "DROP INDEX ticket_organisation")
    run(db, "ALTER TABLE ticket DROP COLUMN organisation")
    run(db, "ALTER TABLE person DROP COLUMN organisation")
    run(db, "ALTER TABLE person DROP COLUMN vip")
    drop(db, (Alias,))
