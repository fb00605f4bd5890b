"""Version 16: floods. What automatic mail is counted by, and by what equal mails of one sender are known."""

import peewee as p

from maild.database.migrations.tables import run


def up(db: p.Database) -> None:
    """Add the columns; what left before counts for nothing, as the limits look back a day at most."""
    run(db, "ALTER TABLE outbox ADD COLUMN domain TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE outbox ADD COLUMN queue TEXT NOT NULL DEFAULT ''")
    run(db, "CREATE INDEX outbox_domain ON outbox (domain, created_at) WHERE domain <> ''")
    run(db, "CREATE INDEX outbox_queue ON outbox (queue, created_at) WHERE queue <> ''")
    run(db, "ALTER TABLE ticket ADD COLUMN fingerprint TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE ticket ADD COLUMN equal_mails INTEGER NOT NULL DEFAULT 0")
    run(db, "CREATE INDEX ticket_fingerprint ON ticket (fingerprint, number) WHERE fingerprint <> ''")


def down(db: p.Database) -> None:
    """Drop what `up` made."""
    run(db, "DROP INDEX ticket_fingerprint")
    run(db, "ALTER TABLE ticket DROP COLUMN equal_mails")
    run(db, "ALTER TABLE ticket DROP COLUMN fingerprint")
    run(db, "DROP INDEX outbox_queue")
    run(db, "DROP INDEX outbox_domain")
    run(db, "ALTER TABLE outbox DROP COLUMN queue")
    run(db, "ALTER TABLE outbox DROP COLUMN domain")
