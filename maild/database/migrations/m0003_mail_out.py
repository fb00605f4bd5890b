"""Version 3: what goes out. The outbox, and the one-time codes that were sent."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, partial


class Outbox(Table):
    """One finished mail to one recipient, without its octets."""

    seq = p.BigAutoField()
    id = p.TextField(unique=True)
    stimulus = p.TextField()
    ticket = p.BigIntegerField()
    post = p.TextField()
    template = p.TextField()
    mail_from = p.TextField()
    rcpt_to = p.TextField()
    message_id = p.TextField()
    ref = p.TextField()
    words_of = p.TextField()
    automatic = p.BooleanField()
    draft = p.BooleanField()
    state = p.TextField()
    reason = p.TextField()
    attempts = p.IntegerField()
    next_attempt_at = p.TextField(null=True)
    last_reply = p.TextField()
    created_at = p.TextField()
    sent_at = p.TextField(null=True)
    claimed_by = p.TextField()
    claimed_until = p.TextField(null=True)


_WAITING = p.SQL("state IN ('queued', 'deferred')")
partial(Outbox, "outbox_waiting", Outbox.next_attempt_at, Outbox.seq, where=_WAITING)
partial(Outbox, "outbox_automatic", Outbox.rcpt_to, Outbox.created_at, where=p.SQL("automatic"))
partial(Outbox, "outbox_automatic_lately", Outbox.created_at, where=p.SQL("automatic"))
Outbox.add_index(Outbox.state, Outbox.seq, name="outbox_state")
Outbox.add_index(Outbox.ticket, Outbox.seq, name="outbox_ticket")
Outbox.add_index(Outbox.message_id, name="outbox_message_id")
Outbox.add_index(Outbox.ref, name="outbox_ref")
partial(Outbox, "outbox_post", Outbox.post, where=p.SQL("post <> ''"))


class OutboxOctets(Table):
    """The octets of an outbox row as they go to the smarthost."""

    delivery = p.TextField(primary_key=True)
    octets = p.BlobField()


class Confirmation(Table):
    """A one-time code, hashed."""

    id = p.TextField(primary_key=True)
    entry = p.TextField(index=True)
    address = p.TextField(index=True)
    code_hash = p.TextField()
    expires_at = p.TextField()
    used = p.BooleanField()


_TABLES = (Outbox, OutboxOctets, Confirmation)


def up(db: p.Database) -> None:
    """Make the outbox."""
    create(db, _TABLES)


def down(db: p.Database) -> None:
    """Drop the outbox."""
    drop(db, _TABLES)
