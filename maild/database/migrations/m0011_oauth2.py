"""Version 11: log-ins by OAuth2. Refresh tokens that providers gave us, sealed, and how renewing them goes."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop


class Oauth2Grant(Table):
    """One log-in, at a mailbox or at the smarthosts."""

    name = p.TextField(primary_key=True)
    sealed = p.TextField()
    seed = p.TextField()
    expires_at = p.TextField(null=True)
    renewed_at = p.TextField(null=True)
    problem = p.TextField()
    problem_since = p.TextField(null=True)

    class Meta:
        """The table's name."""

        table_name = "oauth2_grant"


def up(db: p.Database) -> None:
    """Make the table."""
    create(db, (Oauth2Grant,))


def down(db: p.Database) -> None:
    """Drop the table."""
    drop(db, (Oauth2Grant,))
