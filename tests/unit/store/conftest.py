"""A desk with a journal, and short ways to decide by hand."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.base.words import DeliveryState, Direction, DoorName, EntryState, Priority, Status
from maild.desk.effects import AddEvent, AddPost, Composed, Decision, OpenTicket, SettleEntry
from maild.desk.model import Event, Post, Ticket
from maild.journal.journal import Journal
from maild.journal.model import Incoming, Measured
from maild.message.envelope import Envelope
from maild.message.model import Address
from maild.sla.model import Fact, FactKind
from maild.store.apply import apply

NOW = datetime(2026, 11, 21, 21, 42, 0, 123456, UTC)


class Desk:
    """One database and what a test does to it."""

    def __init__(self, db):
        self.db, self.now = db, NOW
        self._ids = itertools.count(1)
        self.journal = Journal(db, lambda: self.now, lambda: f"e{next(self._ids)}")

    def later(self, **how):
        self.now += timedelta(**how)
        return self.now

    def receive(self, text="hello"):
        mail = Incoming(Envelope(DoorName.SMTP, self.now), f"Message-ID: <{text}@x>\r\n\r\n{text}".encode())
        return self.journal.append_now([mail])[0]

    def ticket(self, number, **how):
        facts = {
            "number": number,
            "subject": "VPN broken",
            "first_subject": "VPN broken",
            "status": Status.NEW,
            "queue": "support",
            "requester": "marta@example.net",
            "created_at": self.now,
            "updated_at": self.now,
        }
        return Ticket(**(facts | how))

    def post(self, post_id, ticket, text="It is broken.", **how):
        facts = {
            "direction": Direction.IN,
            "author": Address("Marta", "marta@example.net"),
            "at": self.now,
            "subject": "VPN broken",
            "text": text,
            "new_text": text,
            "public": True,
            "canonical_subject": "vpn broken",
        }
        return Post(post_id, ticket, **(facts | how))

    def opened(self, number):
        fact = Fact(self.now, FactKind.OPENED, priority=Priority.NORMAL, sla="standard")
        return AddEvent(number, Event(self.now, "marta@example.net", "opened", "she wrote", fact))

    def opening(self, entry, number, **how):
        """Return the decision that opens a ticket for an entry, as the desk makes it."""
        ticket = self.ticket(number, **how)
        post = self.post(f"{entry}.1", number, entry=entry, message_id=f"<{entry}@x>")
        post = replace(post, author=Address("Marta", ticket.requester))
        settle = SettleEntry(entry, EntryState.APPLIED, "new", number)
        return Decision(entry, (OpenTicket(ticket), self.opened(number), AddPost(post), settle), ticket=number)

    def open(self, number, text=None, **how):
        """Receive a mail and open a ticket for it."""
        entry = self.receive(text or f"mail{number}")
        assert self.apply(self.opening(entry, number, **how)).deliveries == ()
        return entry

    def mail(self, rcpt_to="marta@example.net", **how):
        facts = {
            "mail_from": "desk+b@desk.example.com",
            "rcpt_to": rcpt_to,
            "octets": b"Subject: hi\r\n\r\nhello\r\n",
            "message_id": "<ours@desk.example.com>",
            "ref": "ours",
            "template": "acknowledgement",
            "ticket": 1,
            "state": DeliveryState.QUEUED,
            "next_attempt_at": self.now,
        }
        return Composed(**(facts | how))

    def measured(self, entry, queues=("support",), content_hash="abc"):
        return Measured("{}", content_hash, f"<{entry}@x>", queues)

    def apply(self, decision, *outgoing, measured=None):
        return apply(self.db, decision, outgoing, self.now, measured)

    def do(self, stimulus, *effects, outgoing=(), expects=()):
        return self.apply(Decision(stimulus, effects, expects=expects), *outgoing)

    def count(self, table):
        return self.db.execute(f"SELECT count(*) AS n FROM {table}")[0]["n"]


@pytest.fixture
def desk(db):
    return Desk(db)


@pytest.fixture
def lite(tmp_path):
    """A desk on SQLite alone, for what is the same on both."""
    from maild.database.connection import open_database
    from maild.database.migrate import prepare

    db = open_database("sqlite:///lite.db", tmp_path)
    prepare(db, NOW)
    yield Desk(db)
    db.close()
