"""Version 4: what processes tell each other. Counters, leases, heartbeats, sweeps, mailboxes."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop


class Counter(Table):
    """A number that only grows."""

    name = p.TextField(primary_key=True)
    value = p.BigIntegerField()


class Lease(Table):
    """Who alone may do something until when; `fence` grows with each new holder."""

    name = p.TextField(primary_key=True)
    holder = p.TextField()
    until = p.TextField()
    fence = p.BigIntegerField()


class Meta(Table):
    """One value a name: a JSON snapshot of the SLAs, and the like."""

    name = p.TextField(primary_key=True)
    value = p.TextField()
    at = p.TextField()


class Heartbeat(Table):
    """A process of the service that was alive at `at`."""

    process = p.TextField(primary_key=True)
    at = p.TextField()
    detail = p.TextField()


class Sweep(Table):
    """When a scheduled sweep ran and will run."""

    name = p.TextField(primary_key=True)
    last_run = p.TextField(null=True)
    next_run = p.TextField(null=True)
    problem = p.TextField()


class Mailbox(Table):
    """How an IMAP mailbox is."""

    name = p.TextField(primary_key=True)
    state = p.TextField()
    since = p.TextField()
    last_contact = p.TextField(null=True)
    last_mail = p.TextField(null=True)
    problem = p.TextField()


_TABLES = (Counter, Lease, Meta, Heartbeat, Sweep, Mailbox)


def up(db: p.Database) -> None:
    """Make the tables."""
    create(db, _TABLES)


def down(db: p.Database) -> None:
    """Drop the tables."""
    drop(db, _TABLES)
