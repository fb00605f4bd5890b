"""Version 1: the journal. What we accepted, byte for byte, and how far each IMAP mailbox has been read."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, partial


class Entry(Table):
    """One accepted mail without its octets, so that lists stay fast."""

    seq = p.BigAutoField()  # the order of arrival
    id = p.TextField(unique=True)
    received_at = p.TextField()
    door = p.TextField()
    mailbox = p.TextField()
    client = p.TextField()
    helo = p.TextField()
    mail_from = p.TextField(null=True)
    rcpt_to = p.TextField()
    queue = p.TextField()
    authenticated_as = p.TextField()
    trusted = p.BooleanField()
    message_id = p.TextField()
    sha256 = p.TextField()
    size = p.BigIntegerField()
    state = p.TextField()
    reason = p.TextField()
    ticket = p.BigIntegerField(null=True, index=True)
    attempts = p.IntegerField()
    next_attempt_at = p.TextField(null=True)
    claimed_by = p.TextField()
    claimed_until = p.TextField(null=True)
    confirmed = p.BooleanField()
    content_hash = p.TextField()
    queues = p.TextField()
    results = p.TextField(null=True)
    settled_at = p.TextField(null=True)


partial(Entry, "entry_waiting", Entry.seq, where=p.SQL("state IN ('received', 'failed')"))
partial(Entry, "entry_content", Entry.content_hash, where=p.SQL("content_hash <> ''"))
partial(Entry, "entry_message_id", Entry.message_id, where=p.SQL("message_id <> ''"))
Entry.add_index(Entry.state, Entry.seq, name="entry_state")


class EntryOctets(Table):
    """The octets of an entry, exactly as they came."""

    entry = p.TextField(primary_key=True)
    octets = p.BlobField()


class ImapProgress(Table):
    """Which mail of which mailbox has been accepted already."""

    mailbox = p.TextField()
    uidvalidity = p.BigIntegerField()
    uid = p.BigIntegerField()
    entry = p.TextField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("mailbox", "uidvalidity", "uid")


_TABLES = (Entry, EntryOctets, ImapProgress)


def up(db: p.Database) -> None:
    """Make the journal."""
    create(db, _TABLES)


def down(db: p.Database) -> None:
    """Drop the journal."""
    drop(db, _TABLES)
