"""Version 2: the desk. Tickets, what was said on them, their timeline and their clocks."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, partial, run


class Ticket(Table):
    """One ticket as it stands."""

    number = p.BigIntegerField(primary_key=True)
    version = p.BigIntegerField()
    subject = p.TextField()
    first_subject = p.TextField()
    canonical_subject = p.TextField()
    status = p.TextField()
    type = p.TextField()
    priority = p.TextField()
    queue = p.TextField()
    team = p.TextField()
    level = p.IntegerField()
    requester = p.TextField()
    requester_name = p.TextField()
    assignee = p.TextField(null=True)
    assigned_at = p.TextField(null=True)
    language = p.TextField()
    tags = p.TextField()
    category = p.TextField()
    sla = p.TextField()
    address = p.TextField()
    by_machine = p.BooleanField()
    created_at = p.TextField()
    updated_at = p.TextField()
    status_since = p.TextField(null=True)
    resolved_at = p.TextField(null=True)
    closed_at = p.TextField(null=True)
    until = p.TextField(null=True)
    snoozed_until = p.TextField(null=True)
    reminded_at = p.TextField(null=True)
    merged_into = p.BigIntegerField(null=True)
    public_ids = p.TextField()
    next_threshold_at = p.TextField(null=True)


partial(Ticket, "ticket_threshold", Ticket.next_threshold_at, where=p.SQL("next_threshold_at IS NOT NULL"))
partial(Ticket, "ticket_until", Ticket.until, where=p.SQL("until IS NOT NULL"))
partial(Ticket, "ticket_snoozed", Ticket.snoozed_until, where=p.SQL("snoozed_until IS NOT NULL"))
partial(Ticket, "ticket_pending", Ticket.status_since, where=p.SQL("status = 'pending'"))
partial(Ticket, "ticket_resolved", Ticket.resolved_at, where=p.SQL("status = 'resolved'"))
partial(Ticket, "ticket_held_by", Ticket.assignee, where=p.SQL("status IN ('new', 'open')"))
partial(Ticket, "ticket_renamed", Ticket.number, where=p.SQL("subject <> first_subject"))
Ticket.add_index(Ticket.requester, Ticket.canonical_subject, name="ticket_requester")
Ticket.add_index(Ticket.status, Ticket.number, name="ticket_status")
partial(Ticket, "ticket_merged", Ticket.merged_into, where=p.SQL("merged_into IS NOT NULL"))


class Participant(Table):
    """A person beside requester and assignee."""

    ticket = p.BigIntegerField()
    address = p.TextField()
    name = p.TextField()
    role = p.TextField()
    active = p.BooleanField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("ticket", "address")


Participant.add_index(Participant.address, name="participant_address")


class Post(Table):
    """One message of a ticket."""

    seq = p.BigAutoField()
    id = p.TextField(unique=True)
    ticket = p.BigIntegerField()
    direction = p.TextField()
    author = p.TextField()
    author_name = p.TextField()
    at = p.TextField()
    subject = p.TextField()
    to_list = p.TextField()
    cc_list = p.TextField()
    message_id = p.TextField()
    text = p.TextField()
    new_text = p.TextField()
    attachments = p.TextField()
    entry = p.TextField()
    kind = p.TextField()
    authentication = p.TextField()
    public = p.BooleanField()
    draft = p.BooleanField()
    canonical_subject = p.TextField()
    content_hash = p.TextField()


Post.add_index(Post.ticket, Post.seq, name="post_ticket")
partial(Post, "post_message_id", Post.message_id, where=p.SQL("message_id <> ''"))
partial(Post, "post_entry", Post.entry, where=p.SQL("entry <> ''"))


class Event(Table):
    """One line of a ticket's timeline; `fact` is what it means for the clocks, as JSON."""

    seq = p.BigAutoField()
    ticket = p.BigIntegerField()
    at = p.TextField()
    actor = p.TextField()
    verb = p.TextField()
    detail = p.TextField()
    fact = p.TextField(null=True)


Event.add_index(Event.ticket, Event.seq, name="event_ticket")


class Clock(Table):
    """One clock in one cycle as it stood at `read_at`."""

    ticket = p.BigIntegerField()
    clock = p.TextField()
    cycle = p.IntegerField()
    state = p.TextField()
    started_at = p.TextField()
    due_at = p.TextField(null=True)
    met_at = p.TextField(null=True)
    target_seconds = p.BigIntegerField()
    elapsed_seconds = p.BigIntegerField()
    breached = p.BooleanField()
    sla = p.TextField()
    read_at = p.TextField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("ticket", "clock", "cycle")


class Told(Table):
    """A threshold that was reported; the key makes a second report impossible."""

    ticket = p.BigIntegerField()
    clock = p.TextField()
    cycle = p.IntegerField()
    percent = p.IntegerField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("ticket", "clock", "cycle", "percent")


class Link(Table):
    """A tie between two tickets, written once."""

    ticket = p.BigIntegerField()
    kind = p.TextField()
    other = p.BigIntegerField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("ticket", "kind", "other")


Link.add_index(Link.other, name="link_other")


class Person(Table):
    """Somebody who wrote or was written to."""

    address = p.TextField(primary_key=True)
    name = p.TextField()
    language = p.TextField()
    suspended_until = p.TextField(null=True)
    suspended_because = p.TextField()
    soft_bounces = p.IntegerField()
    blocked = p.BooleanField()


class Assignment(Table):
    """When an agent last got a ticket."""

    address = p.TextField(primary_key=True)
    last_assigned_at = p.TextField()


class Applied(Table):
    """A stimulus that has been applied; the key makes a second effect impossible."""

    stimulus = p.TextField(primary_key=True)
    at = p.TextField()
    ticket = p.BigIntegerField(null=True)
    final = p.BooleanField()  # False: its entry was quarantined and may be run again when a person releases it


_TABLES = (Ticket, Participant, Post, Event, Clock, Told, Link, Person, Assignment, Applied)
_SEARCH = {
    "sqlite": "CREATE VIRTUAL TABLE post_search USING fts5(subject, new_text, content='post', content_rowid='seq',"
    " tokenize='unicode61 remove_diacritics 2')",
    # A tsvector holds 1 MB; the first 200,000 characters of a mail say what it is about.
    "postgresql": "CREATE INDEX post_search ON post"
    " USING gin (to_tsvector('simple', subject || ' ' || left(new_text, 200000)))",
}


def _dialect(db: p.Database) -> str:
    return "sqlite" if isinstance(db, p.SqliteDatabase) else "postgresql"


def up(db: p.Database) -> None:
    """Make the desk's tables, and the index of words."""
    create(db, _TABLES)
    run(db, _SEARCH[_dialect(db)])


def down(db: p.Database) -> None:
    """Drop the desk's tables."""
    if _dialect(db) == "sqlite":
        run(db, "DROP TABLE post_search")
    drop(db, _TABLES)
