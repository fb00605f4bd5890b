"""An IMAP door's journal, clock and settings for tests: the journal is the real one, on SQLite."""

import contextlib
import itertools
from datetime import UTC, datetime, timedelta

from maild.database.connection import open_database
from maild.database.migrate import prepare
from maild.doors.imap_connect import connect
from maild.doors.imap_intake import Intake
from maild.journal.journal import Journal
from maild.settings.doors import Mailbox

NOW = datetime(2026, 11, 21, 21, 42, tzinfo=UTC)


def mail(subject, body="hello\r\n"):
    return f"From: marta@example.org\r\nSubject: {subject}\r\nMessage-ID: <{subject}@x>\r\n\r\n{body}".encode()


class Desk:
    """A journal, and the mailbox of one server as its door sees it."""

    def __init__(self, tmp_path, server, **settings):
        self.now = NOW
        self.server = server
        self.db = open_database(f"sqlite:///{tmp_path}/maild.db")
        prepare(self.db, NOW)
        numbers = itertools.count(1)
        self.journal = Journal(self.db, self.clock, lambda: f"e{next(numbers):06}")
        self.store = self.journal
        self.settings = mailbox(server, **settings)
        self.stops = False
        self.wire = None
        self.restart()

    def clock(self):
        return self.now

    def later(self, **how):
        self.now += timedelta(**how)

    def restart(self):
        """Forget everything that is in memory, as a crash does."""
        self.intake = Intake(self.settings, self.store, self.clock, lambda: self.stops)
        self.reconnect()

    def reconnect(self):
        if self.wire is not None:
            self.wire.cut()
            self.wire.close()
        self.wire = None
        self.intake.begin()

    def look(self):
        if self.wire is None:
            self.wire = connect(self.settings, lambda: self.server.password, literal_octets=10_000)
        return self.intake.look(self.wire)

    def subjects(self):
        return [entry.message_id.strip("<>").removesuffix("@x") for entry in self.entries()]

    def entries(self):
        return [self.journal.get(row["id"]) for row in self.db.execute("SELECT id FROM entry ORDER BY seq")]

    def octets(self):
        return [self.journal.octets(entry.id) for entry in self.entries()]

    def close(self):
        if self.wire is not None:
            self.wire.cut()
            self.wire.close()
        self.journal.close()
        self.db.close()


def mailbox(server, **settings):
    place = {"host": server.host, "port": server.port, "username": server.user, "tls": "none"}
    usual = {"queue": "support", "after": "move:Processed", "max_message_size": 5_000}
    return Mailbox(name="support", **{**place, **usual, **settings})


@contextlib.contextmanager
def desk(tmp_path, server, **settings):
    made = Desk(tmp_path, server, **settings)
    try:
        yield made
    finally:
        made.close()
