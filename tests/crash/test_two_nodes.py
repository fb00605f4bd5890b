"""Two nodes over one PostgreSQL: one is stopped past its leases, the other goes on, and then the first wakes up."""

import itertools
import shutil
import signal
import threading
from contextlib import closing

import pytest

from maild.database.connection import open_database
from tests.support.processes import is_stopped
from tests.support.served import Sender, Served, mail_of
from tests.support.waiting import LONG_SECONDS, eventually

MAILS = 5  # two notices each: more than leave at once
CONNECTIONS = 4  # of one node to the smarthost, as [outgoing] connections says unless it is set


@pytest.fixture
def database(postgresql_url):
    """An empty database that both nodes share."""
    with closing(open_database(postgresql_url)) as db:
        with db.transaction() as transaction:
            transaction.change("DROP SCHEMA public CASCADE")
            transaction.change("CREATE SCHEMA public")
        yield db


@pytest.fixture
def nodes(tmp_path, database, postgresql_url):
    """Two nodes of one desk: the same secret, the same smarthost."""

    def shared(text):
        return text.replace("sqlite:///maild.db", postgresql_url)

    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one = Served(tmp_path / "one", shared)
    two = Served(tmp_path / "two", shared, sink=one.sink)
    one.start()  # makes the secret
    shutil.copy(tmp_path / "one" / "secret.key", tmp_path / "two" / "secret.key")
    two.start()
    yield one, two
    for node in (one, two):
        node.process.send_signal(signal.SIGCONT)
    two.stop()
    one.close()  # with the smarthost of both


def send(node, mails, label):
    """Have a node take so many mails, each of its own requester; returns their Message-IDs."""
    numbers = itertools.count(1)
    senders = [Sender(node.port, lambda: mail_of(next(numbers), label)) for _ in range(3)]
    for sender in senders:
        sender.start()
    eventually(lambda: sum(len(s.acknowledged) for s in senders) >= mails, "mails", LONG_SECONDS)
    for sender in senders:
        sender.finish()
    return [message_id for sender in senders for message_id in sender.acknowledged]


def let_time_pass(database, node):
    """What minutes bring about while a node is stopped: its leases end, and the server ends what it had begun."""
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction' AND pid <> ?",
        (database.execute("SELECT pg_backend_pid() AS pid")[0]["pid"],),
    )
    with database.transaction() as transaction:
        for table in ("entry", "outbox"):
            gone = f"UPDATE {table} SET claimed_until = '2000' WHERE claimed_by LIKE ?"
            transaction.change(gone, (f"%:{node.process.pid}",))
        transaction.change("UPDATE lease SET until = '2000' WHERE holder LIKE ?", (f"%:{node.process.pid}",))


def has_beaten(database, node):
    (row,) = database.execute("SELECT at FROM heartbeat WHERE process LIKE ?", (f"%:{node.process.pid}",))
    return row["at"]


def held_by(database, node):
    """The mails that a node has claimed and has not recorded as sent."""
    claimed = "SELECT id FROM outbox WHERE claimed_by LIKE ? AND state IN ('queued', 'deferred')"
    return {row["id"] for row in database.execute(claimed, (f"%:{node.process.pid}",))}


def sent_by(node):
    """The mails that a node says it has sent, in order."""
    records = [line for line in node.log.read_text().splitlines() if "event=delivery-sent" in line]
    return [line.partition("delivery=")[2].partition(" ")[0] for line in records]


def make_all_due_again(database):
    """Have one node claim all mails at once, as after an hour without a smarthost."""
    with database.transaction() as transaction:
        transaction.change("UPDATE outbox SET state = 'queued', next_attempt_at = '2000'")


def test_a_node_that_wakes_up_behind_its_leases_does_nothing_twice(database, nodes):
    sink, opened = nodes[0].sink, threading.Event()
    taken = send(nodes[0], MAILS, "first")
    eventually(nodes[0].quiet, "an empty journal and outbox", LONG_SECONDS)
    sink.mails.clear()
    sink.answer = lambda _: "250 2.0.0 Ok" if opened.wait(LONG_SECONDS) else "451 4.3.0 Closed"
    make_all_due_again(database)
    eventually(lambda: any(len(held_by(database, node)) > CONNECTIONS for node in nodes), "mails claimed", LONG_SECONDS)
    one, two = sorted(nodes, key=lambda node: -len(held_by(database, node)))
    before = sent_by(one)
    taken += send(one, 1, "stopped")
    one.process.send_signal(signal.SIGSTOP)
    eventually(lambda: is_stopped(one.process.pid), "a node that stands still")
    opened.set()
    held, beaten = held_by(database, one), has_beaten(database, one)
    let_time_pass(database, one)
    eventually(two.quiet, "an empty journal and outbox", LONG_SECONDS)
    one.process.send_signal(signal.SIGCONT)
    eventually(lambda: has_beaten(database, one) > beaten, "a sign of life", LONG_SECONDS)
    taken += send(one, 1, "awake")
    eventually(two.quiet, "an empty journal and outbox", LONG_SECONDS)
    posts = database.execute("SELECT e.message_id FROM entry e JOIN post p ON p.entry = e.id WHERE e.state = 'applied'")
    assert sorted(row["message_id"] for row in posts) == sorted(taken)
    assert database.execute("SELECT count(*) AS n FROM ticket") == [{"n": len(taken)}]
    sent = database.execute("SELECT message_id, rcpt_to FROM outbox WHERE state = 'sent'")
    assert len(sent) == 2 * len(taken)
    arrived = {(str(mail.mail["Message-ID"]), mail.rcpt_to) for mail in sink.mails}
    assert arrived == {(row["message_id"], row["rcpt_to"]) for row in sent}
    # What was on the wire when it stopped it cannot take back; of the rest that it held it sends nothing.
    assert len(held) > CONNECTIONS
    assert len([each for each in sent_by(one)[len(before) :] if each in held]) <= CONNECTIONS
