"""Nothing accepted is lost: a process is killed while mails pour in, and each one it acknowledged is there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from maild.database.connection import open_database

PROGRAM = """
import os, secrets, sys, threading
from datetime import UTC, datetime
from pathlib import Path
from maild.base.words import DoorName
from maild.database.connection import open_database
from maild.database.migrate import prepare
from maild.journal.ids import id_maker
from maild.journal.journal import Journal
from maild.journal.model import Incoming
from maild.log.setup import configure
from maild.message.envelope import Envelope

def now():
    return datetime.now(UTC)

configure(level="error")
db = open_database("sqlite:///a.db", Path(sys.argv[1]))
prepare(db, now())
journal = Journal(db, now, id_maker(now, secrets.randbits))

def client():
    while True:
        entry = journal.append(Incoming(Envelope(DoorName.SMTP, now()), os.urandom(5000))).result()
        os.write(1, entry.encode() + b"\\n")

for _ in range(8):
    threading.Thread(target=client).start()
"""
ROUNDS, MAILS = 5, 60


def test_a_killed_journal_has_every_mail_that_it_acknowledged(tmp_path: Path):
    acknowledged = set()
    for _ in range(ROUNDS):
        with subprocess.Popen([sys.executable, "-c", PROGRAM, tmp_path], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            acknowledged |= {process.stdout.readline().strip().decode() for _ in range(MAILS)}
            os.kill(process.pid, signal.SIGKILL)
            rest = process.stdout.read().split(b"\n")[:-1]
        acknowledged |= {line.decode() for line in rest}
    db = open_database("sqlite:///a.db", tmp_path)
    db.quick_check()
    kept = {row["id"] for row in db.execute("SELECT e.id FROM entry e JOIN entry_octets o ON o.entry = e.id")}
    half = db.execute("SELECT count(*) AS n FROM entry WHERE id NOT IN (SELECT entry FROM entry_octets)")[0]["n"]
    db.close()
    assert len(acknowledged) >= ROUNDS * MAILS
    assert acknowledged <= kept
    assert half == 0
