"""Version 19: by whose mails the fair order of work goes."""

import peewee as p

from maild.database.migrations.tables import run


def up(db: p.Database) -> None:
    """Add the columns; what waits already counts as one sender's, until it is applied."""
    run(db, "ALTER TABLE entry ADD COLUMN sender TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE entry ADD COLUMN sender_domain TEXT NOT NULL DEFAULT ''")


def down(db: p.Database) -> None:
    """Drop the columns."""
    run(db, "ALTER TABLE entry DROP COLUMN sender_domain")
    run(db, "ALTER TABLE entry DROP COLUMN sender")
