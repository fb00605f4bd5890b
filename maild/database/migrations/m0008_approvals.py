"""Version 8: approvals, with their steps and votes; what is known of a problem."""

import peewee as p

from maild.database.migrations.tables import Table, create, drop, partial, run


class Approval(Table):
    """One approval of one ticket."""

    seq = p.BigAutoField()
    id = p.TextField(unique=True)
    ticket = p.BigIntegerField()
    policy = p.TextField()  # "" for one asked for by hand
    state = p.TextField()
    asked_by = p.TextField()
    question = p.TextField()
    created_at = p.TextField()
    present = p.IntegerField()
    remind_seconds = p.BigIntegerField()
    expire_seconds = p.BigIntegerField()
    expires_at = p.TextField(null=True)
    on_expiry = p.TextField()
    decided_at = p.TextField(null=True)
    due_at = p.TextField(null=True)  # when somebody is to be reminded, or it expires


Approval.add_index(Approval.ticket, Approval.seq, name="approval_ticket")
partial(Approval, "approval_due", Approval.due_at, where=p.SQL("state = 'asked'"))


class ApprovalStep(Table):
    """One round of asking."""

    approval = p.TextField()
    number = p.IntegerField()
    need = p.TextField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("approval", "number")


class ApprovalVote(Table):
    """One person's part in one step."""

    approval = p.TextField()
    step = p.IntegerField()
    approver = p.TextField()
    place = p.IntegerField()
    state = p.TextField()
    asked_at = p.TextField(null=True)
    remind_at = p.TextField(null=True)
    voted_at = p.TextField(null=True)
    comment = p.TextField()
    delegate = p.TextField()
    for_whom = p.TextField()
    wants_note = p.BooleanField()

    class Meta:
        """What identifies a row."""

        primary_key = p.CompositeKey("approval", "step", "approver")


def up(db: p.Database) -> None:
    """Make the tables and columns."""
    create(db, (Approval, ApprovalStep, ApprovalVote))
    run(db, "ALTER TABLE ticket ADD COLUMN workaround TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE ticket ADD COLUMN known_error TEXT NOT NULL DEFAULT ''")
    run(db, "ALTER TABLE ticket ADD COLUMN public_title TEXT NOT NULL DEFAULT ''")
    run(db, "CREATE INDEX ticket_known_error ON ticket (number) WHERE known_error <> ''")


def down(db: p.Database) -> None:
    """Drop them."""
    run(db, "DROP INDEX ticket_known_error")
    run(db, "ALTER TABLE ticket DROP COLUMN public_title")
    run(db, "ALTER TABLE ticket DROP COLUMN known_error")
    run(db, "ALTER TABLE ticket DROP COLUMN workaround")
    drop(db, (Approval, ApprovalStep, ApprovalVote))
