"""A journal with a clock and ids that tests decide."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from maild.base.words import DoorName
from maild.journal.journal import Journal
from maild.journal.model import Incoming
from maild.message.envelope import Envelope


class World:
    """The clock and the dice."""

    def __init__(self):
        self.now = datetime(2026, 11, 21, 21, 42, tzinfo=UTC)
        self._ids = itertools.count(1)

    def clock(self):
        return self.now

    def new_id(self):
        return f"e{next(self._ids)}"

    def later(self, **how):
        self.now += timedelta(**how)

    def mail(self, text="hello", origin=None, author="", **envelope):
        envelope = Envelope(DoorName.SMTP, self.now, **envelope)
        head = f"From: {author}\r\n" if author else ""
        return Incoming(envelope, f"{head}Message-ID: <{text}@x>\r\n\r\n{text}\r\n".encode(), origin)


@pytest.fixture
def world():
    return World()


@pytest.fixture
def journal(db, world):
    journal = Journal(db, world.clock, world.new_id)
    yield journal
    journal.close()
