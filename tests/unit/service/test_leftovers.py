"""What a killed process had claimed is free again as soon as its successor starts."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

from maild.base.words import DoorName
from maild.database.connection import open_database
from maild.database.migrate import prepare
from maild.journal.ids import id_maker
from maild.journal.journal import Journal
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
from maild.service.leftovers import process_name, take_over
from maild.store.housekeeping import take_lease

LEASE = timedelta(minutes=10)


def now():
    return datetime.now(UTC)


def gone():
    """The name of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return f"{socket.gethostname()}:{process.pid}"


def test_what_the_dead_had_claimed_is_free_and_what_the_living_have_is_not(tmp_path):
    db = open_database("sqlite:///a.db", tmp_path)
    prepare(db, now())
    journal = Journal(db, now, id_maker(now, lambda bits: os.getpid() % 2**bits))
    dead, elsewhere = gone(), "another.example:1"
    parent = f"{socket.gethostname()}:{os.getppid()}"
    for name in (dead, elsewhere, parent, process_name()):
        journal.append_now([Incoming(Envelope(DoorName.SMTP, now()), name.encode())])
        assert len(journal.claim(1, name, LEASE)) == 1
    assert take_lease(db, "sweep", dead, now(), LEASE)
    assert take_over(db) == sorted([dead, process_name()])
    again = [journal.octets(entry.id).decode() for _ in range(3) for entry in journal.claim(1, "me:1", LEASE)]
    assert again == [dead, process_name()]
    assert take_lease(db, "sweep", "me:1", now(), LEASE)
    journal.close()
    db.close()
