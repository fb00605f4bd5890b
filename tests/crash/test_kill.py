"""Kill -9 under load: what was acknowledged is there once, whatever was in hand; senders retry as an MTA does."""

import hashlib
import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
from collections import Counter
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from maild.database.light import connect
from maild.journal.octets import read_octets
from tests.support.imap_script import ScriptedImap
from tests.support.needs import lack, need
from tests.support.processes import children_of
from tests.support.served import Sender, Served, mail_of
from tests.support.talker import talking
from tests.support.waiting import LONG_SECONDS, eventually

ROUNDS = int(os.environ.get("MAILD_ROUNDS", "2"))
SENDERS, MAILS = 4, 12


@pytest.fixture
def served(tmp_path):
    running = Served(tmp_path)
    yield running
    running.close()


class Stream:
    """Mails without end, each of its own, for several senders."""

    def __init__(self, label="kill", size=0):
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._label, self._size = label, size

    def __call__(self):
        with self._lock:
            return mail_of(next(self._numbers), self._label, self._size)


def query(served, sql):
    with closing(sqlite3.connect(served.database)) as db:
        return db.execute(sql).fetchall()


def killed_rounds(served, rounds, stream, mails=MAILS):
    served.start()
    senders = [Sender(served.port, stream) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    orphans = set()
    for _ in range(rounds):
        enough = sum(len(s.acknowledged) for s in senders) + mails
        eventually(lambda enough=enough: sum(len(s.acknowledged) for s in senders) >= enough, "mails", LONG_SECONDS)
        orphans |= children_of(served.process.pid)
        served.kill()
        served.start()
    for sender in senders:
        sender.finish()
    return [message_id for sender in senders for message_id in sender.acknowledged], orphans


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(100, marks=pytest.mark.soak)])
def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(served, rounds):
    acknowledged, orphans = killed_rounds(served, rounds, Stream())
    eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
    tickets = query(served, "SELECT e.message_id FROM entry e JOIN post p ON p.entry = e.id WHERE e.state = 'applied'")
    assert sorted(tickets) == sorted((message_id,) for message_id in acknowledged)
    assert query(served, "SELECT count(*) FROM ticket") == [(len(acknowledged),)]
    assert {state for (state,) in query(served, "SELECT DISTINCT state FROM entry")} <= {"applied", "duplicate"}
    assert query(served, "SELECT count(*) FROM outbox WHERE state <> 'sent'") == [(0,)]
    acknowledgements = {mail for (mail,) in query(served, "SELECT message_id FROM outbox WHERE template LIKE 'ack%'")}
    arrived = {(mail.rcpt_to, str(mail.mail["Message-ID"])) for mail in served.sink.mails}
    per_requester = Counter(rcpt for rcpt, message_id in arrived if message_id in acknowledgements)
    assert len(acknowledgements) == len(acknowledged) == len(per_requester)
    assert set(per_requester.values()) == {1}
    eventually(
        lambda: not [pid for pid in orphans if Path(f"/proc/{pid}/exe").exists()],
        "the end of every child",
        LONG_SECONDS,
    )


class Files(Stream):
    """Mails that are one file each, of 0.7 MB in a row with 1.4 and 2.1 MB: spooled at the door, kept in pieces."""

    def __init__(self, label):
        super().__init__(label)
        self.sent = {}

    def __call__(self):
        message_id, octets = super().__call__()
        head, _, _ = octets.partition(b"\r\n\r\n")
        head = head.replace(b"Content-Type: text/plain", b"Content-Type: application/octet-stream")
        lines = 10_000 * (1 + len(self.sent) % 3)
        octets = head + b"\r\n\r\n" + b"".join(b"%s %058d\r\n" % (message_id[-8:].encode(), n) for n in range(lines))
        self.sent[message_id] = hashlib.sha256(octets).hexdigest()
        return message_id, octets


@pytest.mark.parametrize("rounds", [ROUNDS, pytest.param(100, marks=pytest.mark.soak)])
def test_of_large_mails_kill_9_leaves_whole_ones_or_nothing(served, rounds):
    files = Files("large")
    acknowledged, _ = killed_rounds(served, rounds, files, SENDERS)
    eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
    entries = "SELECT e.message_id, e.id FROM entry e JOIN post p ON p.entry = e.id WHERE e.state = 'applied'"
    kept = dict(query(served, entries))
    assert sorted(kept) == sorted(acknowledged)
    assert query(served, "SELECT count(*) FROM ticket") == [(len(acknowledged),)]
    with connect(f"sqlite:///{served.database}") as reader:
        for message_id, entry in kept.items():
            assert hashlib.sha256(read_octets(reader, entry)).hexdigest() == files.sent[message_id]
    strays = "SELECT count(*) FROM {} WHERE entry NOT IN (SELECT id FROM entry)"
    assert [query(served, strays.format(table)) for table in ("entry_octets", "entry_rest")] == [[(0,)], [(0,)]]
    assert query(served, "SELECT count(*) FROM entry_rest") != [(0,)]
    spool = served.database.parent  # where large mails wait until they are whole
    eventually(lambda: not list(spool.glob("maild-*")), "an empty spool")


def test_sigterm_under_load_is_a_clean_end(served):
    served.start()
    senders = [Sender(served.port, stream) for stream in [Stream("term")] * 2]
    for sender in senders:
        sender.start()
    eventually(lambda: sum(len(s.acknowledged) for s in senders) >= MAILS, "mails", LONG_SECONDS)
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(LONG_SECONDS) == 0
    served.start()
    for sender in senders:
        sender.finish()
    eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
    assert query(served, "SELECT count(*) FROM ticket") == [(sum(len(s.acknowledged) for s in senders),)]


def patient(text):
    """The configuration with an hour for whoever is silent: nobody's patience may end before the service does."""
    text = text.replace("[limits]\n", '[limits]\nparse_cpu = "1h"\n')
    return text.replace("[outgoing]\n", '[outgoing]\ntimeout = "1h"\n')


RECONCILED = """
[[mailbox]]
name = "support"
host = "127.0.0.1"
port = {port}
tls = "none"
username = "support@example.com"
password = "secret"
"""


@contextmanager
def reconciling():
    """A change of the configuration: a mailbox is reconciled from the start, and its server never comes to the end."""

    def answer(session, _tag, _command):
        talker.talk(lambda: session.send(b"* OK Still here\r\n"))
        session.hang_up()

    with ScriptedImap() as imap, talking() as talker:
        imap.on("EXAMINE", answer)
        mailbox = RECONCILED.format(port=imap.port)
        yield talker, lambda text: text.replace("[desk]\n", '[desk]\nreconcile_at = "00:00"\n') + mailbox


def test_sigterm_is_obeyed_though_client_reader_smarthost_and_mailbox_keep_it_waiting(tmp_path):
    answering, go_on = threading.Event(), threading.Event()

    def answer(_envelope):
        answering.set()
        return "250 2.0.0 Ok" if go_on.wait(2 * LONG_SECONDS) else "451 4.3.0 Later"

    with reconciling() as (mailbox, reconciled), closing(Served(tmp_path, lambda t: reconciled(patient(t)))) as served:
        served.start()
        served.desk.sink.answer = answer
        requesters = Sender(served.port, Stream("silent"))
        with closing(socket.create_connection(("127.0.0.1", served.port))) as silent:
            silent.sendall(b"EHLO a\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<support@example.com>\r\nDATA\r\nSub")
            assert requesters.hand_in()
            assert answering.wait(LONG_SECONDS)
            assert mailbox.begun.wait(LONG_SECONDS)
            for reader in (
                grandchild for child in children_of(served.process.pid) for grandchild in children_of(child)
            ):
                os.kill(reader, signal.SIGSTOP)
            assert requesters.hand_in()
            begun = "SELECT 1 FROM entry WHERE state = 'received' AND attempts = 1"
            eventually(lambda: query(served, begun), "a reading")
            served.process.send_signal(signal.SIGTERM)
            assert served.process.wait(LONG_SECONDS) == 0
        go_on.set()
        # It was not the mail's try.
        assert query(served, "SELECT 1 FROM entry WHERE state = 'received' AND attempts = 0")
        served.start()
        eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
        assert query(served, "SELECT count(*) FROM ticket") == [(2,)]


def test_a_damaged_database_is_refused_with_the_way_out(served):
    served.start()
    Sender(served.port, Stream("damage"))._try(mail_of(1, "damage", 20_000)[1])
    eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
    assert served.stop() == 0
    octets = bytearray(served.database.read_bytes())
    for page in range(2, len(octets) // 4096, 3):
        octets[page * 4096 : page * 4096 + 64] = b"\xff" * 64
    served.database.write_bytes(octets)
    served.spawn()
    assert served.process.wait(LONG_SECONDS) in {69, 74, 78}
    assert "damaged" in served.log.read_text() or "malformed" in served.log.read_text()
    assert "put a copy of the database back" in served.log.read_text()


@pytest.mark.soak  # it takes as long as maild waits for a lock
def test_a_locked_database_is_a_temporary_failure_and_nothing_is_half_done(served):
    served.start()
    sender = Sender(served.port, Stream("locked"))
    with closing(sqlite3.connect(served.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert not sender._try(mail_of(1, "locked")[1])
        other.execute("ROLLBACK")
    assert query(served, "SELECT count(*) FROM entry") == [(0,)]
    assert sender._try(mail_of(1, "locked")[1])
    eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
    assert query(served, "SELECT count(*) FROM ticket") == [(1,)]


@contextmanager
def small_disk():
    """A file system of a few megabytes; not below pytest's folder, which is cleared while others still look."""
    folder = Path(tempfile.mkdtemp(prefix="maild-small-"))
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", folder], capture_output=True, check=False)
    if mount.returncode:
        folder.rmdir()
        lack("a small file system cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def fill(path):
    """Write into a file until nothing more fits the disk."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(65_536))


@pytest.mark.parametrize("size", [400_000, pytest.param(900_000, id="spooled")])
def test_a_full_disk_is_a_temporary_failure_and_the_desk_goes_on_when_there_is_room(size):
    with small_disk() as folder:
        served = Served(folder)
        try:
            served.start()
            sender = Sender(served.port, Stream("full"))
            fill(folder / "ballast")
            assert not sender._try(mail_of(1, "full", size)[1])
            assert served.process.poll() is None
            assert query(served, "SELECT count(*) FROM entry") == [(0,)]
            (folder / "ballast").unlink()
            eventually(lambda: sender._try(mail_of(1, "full", size)[1]), "a mail taken", LONG_SECONDS)
            eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
            assert query(served, "SELECT count(*) FROM ticket") == [(1,)]
        finally:
            served.close()


def test_a_sync_stands_before_each_250_to_a_mail(served, tmp_path):
    strace = need("strace", "it shows the system calls in their order")
    trace = tmp_path / "trace"
    served.start([strace, "-f", "-qq", "-s", "48", "-e", "trace=fsync,fdatasync,sendto,write,writev", "-o", str(trace)])
    sender = Sender(served.port, Stream("sync"))
    for number in range(3):
        assert sender._try(mail_of(number, "sync")[1])
    eventually(served.quiet, "an empty journal and outbox", LONG_SECONDS)
    # strace runs maild below itself and hands the signal on.
    for child in children_of(served.process.pid):
        os.kill(child, signal.SIGTERM)
    served.process.wait(LONG_SECONDS)
    synced, answers = False, 0
    for line in trace.read_text(errors="replace").splitlines():
        if ("fsync(" in line or "fdatasync(" in line or "sync resumed" in line) and line.endswith("= 0"):
            synced = True
        elif "354 End data" in line:
            synced = False  # what was synced before this mail came proves nothing for it
        elif "250 2.0.0 Ok: queued" in line:
            answers += 1
            assert synced, line
    assert answers == 3
