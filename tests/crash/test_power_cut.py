"""A power cut, a full disk and a lock at every single write between a mail's arrival and its finished answer."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from maild.base.words import DoorName
from maild.database.connection import DatabaseUnavailable
from maild.journal.model import Incoming, JournalUnavailable
from maild.message.envelope import Envelope
from maild.notice.templates import Templates, shipped_folders
from maild.service.child import Job, Plan, read_one
from maild.service.configuration import load
from maild.service.house import open_house
from maild.service.pipeline import Pipeline
from tests.support.served import mail_of

EXAMPLE = Path(__file__).parents[1] / "unit" / "settings" / "example.toml"
WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN IMMEDIATE", "COMMIT")
POINTS_MAX = 300  # more writes than one ticket will ever take
TEMPLATES = Templates(shipped_folders())
LEASE = timedelta(seconds=0)  # a successor that need not wait


class PowerCut(BaseException):
    """Nothing after it happens; nobody catches it."""


class Doomed(sqlite3.Connection):
    """A connection that meets a fault at its n-th write, counted over all connections."""

    writes_left = -1  # none: it lives
    met = 0  # faults
    fault: BaseException = PowerCut()

    @classmethod
    def spend(cls, sql):
        if not sql.lstrip().upper().startswith(WRITES):
            return
        if cls.writes_left == 0:
            cls.writes_left, cls.met = -1, cls.met + 1
            raise cls.fault
        cls.writes_left -= cls.writes_left > 0

    def cursor(self, *_):
        return super().cursor(DoomedCursor)


class DoomedCursor(sqlite3.Cursor):
    def execute(self, sql, *params):
        Doomed.spend(sql)
        return super().execute(sql, *params)


class NoDns:
    """A DNS without any record."""

    def for_mail(self):
        return lambda _name, _rdtype: ()


def now():
    return datetime.now(UTC)


class Life:
    """One life of the service, from its start to a fault or its end."""

    def __init__(self, folder):
        self.house = open_house(load(folder / "maild.toml"), now)
        # Compiled once: a life takes milliseconds then, and every write can be tried.
        office = replace(self.house.office, templates=TEMPLATES)
        plan = Plan(office.settings, office.keyring, office.own, office.limits)

        def read(job: Job):
            return read_one(job, plan, NoDns())

        self.pipeline = Pipeline(self.house.db, self.house.journal, lambda: office, read, now)

    def accept(self, octets):
        envelope = Envelope(DoorName.SMTP, now(), "requester1.cut@example.org", ("support@example.com",), "127.0.0.1")
        self.house.journal.append_now([Incoming(envelope, octets)])

    def work(self):
        """Work off what waits."""
        while entries := self.house.journal.claim(1, "me", LEASE):
            for entry in entries:
                self.pipeline.run(entry)

    def end(self):
        self.house.close()


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A desk with its tables and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    shutil.copy(EXAMPLE, folder / "maild.toml")
    Life(folder).end()
    return folder


FAULTS = {
    "a power cut": PowerCut(),
    "a full disk": sqlite3.OperationalError("database or disk is full"),
    "a lock": sqlite3.OperationalError("database is locked"),
    "a broken disk": sqlite3.OperationalError("disk I/O error"),
    "a disk that became read-only": sqlite3.OperationalError("attempt to write a readonly database"),
}


def one_life(folder, octets, accepted):
    """Live until the mail is answered or the fault comes; returns whether the mail was accepted, and whether all."""
    life = None
    try:
        life = Life(folder)
        if not accepted:
            life.accept(octets)
            accepted = True
        life.work()
    except (PowerCut, DatabaseUnavailable, JournalUnavailable):
        return accepted, False
    finally:
        Doomed.writes_left = -1
        if life is not None:
            life.end()
    return accepted, True


def kept(db):
    """All octets that stand in the journal, whosever they are."""
    pieces = db.execute("SELECT octets FROM entry_octets").fetchall()
    pieces += db.execute("SELECT octets FROM entry_rest ORDER BY entry, part").fetchall()
    return b"".join(octets for (octets,) in pieces)


@pytest.mark.parametrize("size", [0, pytest.param(2_500_000, id="in pieces", marks=pytest.mark.soak)])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_write_leaves_nothing_half_done_and_is_healed(tmp_path, empty, monkeypatch, fault, size):
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **named: connect(*args, **named, factory=Doomed))
    Doomed.fault = FAULTS[fault]
    octets = mail_of(1, "cut", size)[1]
    for point in range(POINTS_MAX):
        folder = tmp_path / str(point)
        shutil.copytree(empty, folder)
        Doomed.writes_left, Doomed.met = point, 0
        accepted, whole = one_life(folder, octets, accepted=False)
        untouched = whole and Doomed.met == 0
        while not whole:
            accepted, whole = one_life(folder, octets, accepted)
        with closing(connect(folder / "maild.db")) as db:
            assert db.execute("SELECT state, count(*) FROM entry").fetchall() == [("applied", 1)], point
            assert db.execute("SELECT count(*) FROM ticket").fetchall() == [(1,)], point
            outbox = db.execute("SELECT template FROM outbox ORDER BY template").fetchall()
            assert outbox == [("acknowledgement",), ("assigned",)], point
            assert db.execute("SELECT count(*) FROM event").fetchone()[0] > 0
            assert kept(db) == octets, point
        shutil.rmtree(folder)
        if untouched:
            assert point > 20
            break
    else:
        pytest.fail("the writes of one ticket have no end")
