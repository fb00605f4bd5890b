"""Nothing accepted is lost: what a promise means."""

import hashlib
import random
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maild.base.words import DoorName, EntryState
from maild.database.connection import ROWS_AT_ONCE, Database, DatabaseUnavailable, open_database
from maild.database.migrate import prepare
from maild.journal.committer import CROWD_MAILS, GROUP_MAX, Committer
from maild.journal.ids import entry_id, id_maker
from maild.journal.journal import Journal
from maild.journal.model import ImapOrigin, Incoming, JournalUnavailable, NoSuchEntry
from maild.journal.octets import PIECE_OCTETS, Spooled
from maild.journal.rows import TOGETHER_OCTETS, find_from, find_message_id
from maild.journal.space import free_octets, require_space
from maild.message.envelope import Envelope
from tests.support.needs import lack, need
from tests.support.waiting import LONG_SECONDS, PATIENCE_SECONDS


class Occupied(Committer):
    """A committer that has its first mail in hand until `go_on`: what comes meanwhile makes up its next groups."""

    def __init__(self, world):
        super().__init__(self._keep_when_told, say_nothing)
        self.groups, self.waiting_since = [], []
        self.go_on, self._begun = threading.Event(), threading.Event()
        self.submit(world.mail())
        assert self._begun.wait(PATIENCE_SECONDS)

    def _keep_when_told(self, items, came):
        self.groups.append(items)
        self.waiting_since.append(came)
        self._begun.set()
        self.go_on.wait(PATIENCE_SECONDS)
        return [("e", True)] * len(items)

    def finish(self):
        self.go_on.set()
        self.close()


def say_nothing(items, kept):
    """Nobody reads the log of these."""


def count(db, table="entry"):
    return db.execute(f"SELECT count(*) AS n FROM {table}")[0]["n"]


def test_an_accepted_mail_comes_back_octet_for_octet_with_its_envelope(journal, world):
    octets = bytes(range(256)) * 10
    envelope = Envelope(
        DoorName.LMTP, world.now, "", ("a@x", "b\0@x"), "192.0.2.1", "helo", "m", "support", "ana@x", True
    )
    entry = journal.append(Incoming(envelope, octets)).result(PATIENCE_SECONDS)
    found = journal.get(entry)
    assert journal.octets(entry) == octets
    assert found.envelope.rcpt_to == ("a@x", "b\ufffd@x")
    assert found.envelope.mail_from == ""
    assert (found.envelope.client, found.envelope.queue, found.envelope.trusted) == ("192.0.2.1", "support", True)
    assert found.envelope.received_at == world.now
    assert (found.state, found.size, found.attempts, found.confirmed) == (EntryState.RECEIVED, 2560, 0, False)


def test_a_door_that_does_not_know_the_envelope_says_so(journal, world):
    found = journal.get(journal.append_now([world.mail()])[0])
    assert found.envelope.mail_from is None
    assert found.envelope.rcpt_to == ()
    assert found.message_id == "<hello@x>"


def test_an_entry_that_is_not_there_is_said(journal):
    for ask in (journal.get, journal.octets, journal.release):
        with pytest.raises(NoSuchEntry):
            ask("nothing")


def test_many_mails_share_a_commit(db, world):
    begun, go_on, commits = threading.Event(), threading.Event(), []

    class Counting(Journal):
        def _keep(self, items, came=None):
            commits.append(len(items))
            begun.set()
            go_on.wait(PATIENCE_SECONDS)
            return super()._keep(items, came)

    journal = Counting(db, world.clock, world.new_id)
    promises = [journal.append(world.mail("first"))]
    assert begun.wait(PATIENCE_SECONDS)
    promises += [journal.append(world.mail(f"{n}")) for n in range(50)]
    go_on.set()
    assert len({promise.result(PATIENCE_SECONDS) for promise in promises}) == 51
    assert commits == [1, 50]
    journal.close()


def test_a_promise_is_kept_only_after_the_commit(db, world, monkeypatch):
    order = []
    transaction = Database.transaction

    class Told(Future):
        def set_result(self, result):
            order.append("promise")
            super().set_result(result)

    from contextlib import contextmanager

    @contextmanager
    def watched(self, asked=None):
        with transaction(self, asked) as t:
            yield t
        order.append("commit")

    monkeypatch.setattr(Database, "transaction", watched)
    journal = Journal(db, world.clock, world.new_id)
    monkeypatch.setattr("maild.journal.committer.Future", Told)
    monkeypatch.setattr("maild.journal.committer.Waiting.__init__", _waiting_with(Told))
    journal.append(world.mail()).result(PATIENCE_SECONDS)
    assert order == ["commit", "promise"]
    journal.close()


def _waiting_with(kind):
    def init(self, incoming):
        self.incoming, self.promise, self.came = incoming, kind(), time.monotonic()

    return init


def test_a_journal_that_stops_keeps_what_waits_and_refuses_what_comes_later(db, world):
    journal = Journal(db, world.clock, world.new_id)
    promises = [journal.append(world.mail(f"{n}")) for n in range(20)]
    journal.close()
    assert len({promise.result(0) for promise in promises}) == 20
    with pytest.raises(JournalUnavailable, match="stopping"):
        journal.append(world.mail()).result(0)
    journal.close()


def test_a_journal_that_was_never_used_stops_too(db, world):
    Journal(db, world.clock, world.new_id).close()


def test_of_a_batch_each_place_is_one_entry_whether_it_was_seen_before_or_stands_there_twice(journal, world, db):
    (before,) = journal.append_now([world.mail("7", ImapOrigin("m", 1, 7))])
    uids = [*range(ROWS_AT_ONCE + 1), 3, 7]
    places = [*(ImapOrigin("m", 1, uid) for uid in uids), ImapOrigin("m", 2, 3), ImapOrigin("other", 1, 3), None, None]
    kept = journal.append_now([world.mail(str(number), place) for number, place in enumerate(places)])
    assert kept[7] == kept[uids.index(7, 8)] == before
    assert kept[3] == kept[uids.index(3, 4)]
    assert len(set(kept)) == len(places) - 2
    assert count(db) == count(db, "entry_octets") == len(set(kept))
    assert count(db, "imap_progress") == len(set(kept)) - 2


def test_small_and_large_mails_of_one_commit_come_back_each_as_it_was(journal, world):
    sizes = [0, 1, TOGETHER_OCTETS, TOGETHER_OCTETS + 1, PIECE_OCTETS, PIECE_OCTETS + 1]
    mails = [Incoming(world.mail().envelope, bytes([48 + number]) * size) for number, size in enumerate(sizes)]
    assert [journal.octets(entry) for entry in journal.append_now(mails)] == [mail.octets for mail in mails]


def test_the_same_place_in_a_mailbox_is_one_entry(journal, world, db):
    first = world.mail("one", ImapOrigin("support", 7, 12))
    assert journal.append_now([first, first]) == ["e1", "e1"]
    assert journal.append(first).result(PATIENCE_SECONDS) == "e1"
    assert journal.append_now([world.mail("one", ImapOrigin("support", 8, 12))]) == ["e4"]
    assert count(db) == count(db, "entry_octets") == 2
    assert journal.taken_uids("support", 7, [11, 12, 13]) == {12}
    assert journal.taken_uids("support", 7, []) == frozenset()
    assert (journal.highest_uid("support", 7), journal.highest_uid("other", 7)) == (12, 0)


def test_large_mails_wait_for_the_small_ones_and_go_one_by_one(world):
    committer = Occupied(world)
    large = Incoming(world.mail().envelope, b"x" * 2_000_000)
    promises = [committer.submit(item) for item in (large, large, world.mail(), large, world.mail())]
    committer.finish()
    are_large = [[item.content.size > 1000 for item in group] for group in committer.groups]
    assert are_large == [[False], [False, False, True], [True], [True]]
    assert all(promise.result(0) == "e" for promise in promises)


@pytest.mark.parametrize("size", [PIECE_OCTETS - 1, PIECE_OCTETS, PIECE_OCTETS + 1, 3 * PIECE_OCTETS])
def test_a_large_mail_comes_back_whole_and_is_deleted_whole(journal, world, db, tmp_path, size):
    octets = random.Random(size).randbytes(size)
    with (tmp_path / "spool").open("w+b") as file:
        file.write(octets)
        file.flush()
        entry, other = journal.append_now(
            [Incoming(world.mail().envelope, how) for how in (Spooled(file, size), octets)]
        )
    assert journal.octets(entry) == journal.octets(other) == octets
    assert journal.get(entry).sha256 == journal.get(other).sha256 == hashlib.sha256(octets).hexdigest()
    with db.transaction() as transaction:
        transaction.change("DELETE FROM entry_octets WHERE entry = ?", (entry,))
    assert count(db, "entry_rest") == (size - 1) // PIECE_OCTETS, "those of the other"


def test_a_mail_that_cannot_be_written_does_not_turn_its_neighbours_away(world):
    def keep(items):
        if any(item.octets == b"bad" for item in items):
            raise ValueError
        return [("e", True) for _ in items]

    go_on = threading.Event()

    def slow(items, came):
        go_on.wait(PATIENCE_SECONDS)
        return keep(items)

    committer = Committer(slow, say_nothing)
    good, bad = world.mail(), Incoming(world.mail().envelope, b"bad")
    promises = [committer.submit(item) for item in (good, good, bad, good)]
    go_on.set()
    wait(promises, PATIENCE_SECONDS)
    assert [type(promise.exception()) for promise in promises] == [
        type(None),
        type(None),
        JournalUnavailable,
        type(None),
    ]
    committer.close()


def test_groups_have_a_limit(world):
    committer = Occupied(world)
    for _ in range(GROUP_MAX + 1):
        committer.submit(world.mail())
    committer.finish()
    assert [len(group) for group in committer.groups] == [1, GROUP_MAX, 1]


def test_a_mail_waits_from_when_it_came_and_not_from_its_turn(world):
    committer = Occupied(world)
    for _ in range(2):
        committer.submit(world.mail())
    came = time.monotonic()
    committer.finish()
    assert max(committer.waiting_since) <= came


@pytest.mark.parametrize(("clients", "crowded"), [(CROWD_MAILS, True), (CROWD_MAILS - 1, False)])
def test_a_few_clients_that_wait_are_no_crowd(world, monkeypatch, clients, crowded):
    monkeypatch.setattr("maild.journal.committer.CROWD_SECONDS", 1000)
    committer = Occupied(world)
    assert not committer.is_crowded
    for _ in range(clients):
        committer.submit(world.mail())
    committer.finish()
    assert committer.is_crowded is crowded


def test_a_crowd_is_over_soon_behind_its_last_commit(world, monkeypatch):
    monkeypatch.setattr("maild.journal.committer.CROWD_SECONDS", 0)
    committer = Committer(lambda items, came: [("e", True)] * len(items), say_nothing)
    for _ in range(GROUP_MAX):
        committer.submit(world.mail())
    committer.close()
    assert not committer.is_crowded


def test_a_door_that_gave_up_waiting_leaves_no_entry(world):
    committer = Occupied(world)
    assert committer.submit(world.mail("gone")).cancel()
    committer.finish()
    assert [len(group) for group in committer.groups] == [1]


def test_a_full_disk_is_try_again_and_passes(tmp_path, world):
    db = open_database("sqlite:///a.db", tmp_path)
    prepare(db, world.now)
    journal = Journal(db, world.clock, world.new_id)
    with db.transaction() as transaction:
        pages = transaction.execute("PRAGMA page_count")[0]["page_count"]
    db._writer.execute_sql(f"PRAGMA max_page_count = {pages + 8}")
    large = Incoming(world.mail().envelope, b"x" * 100_000)
    refused = journal.append(large).exception(PATIENCE_SECONDS)
    assert isinstance(refused, JournalUnavailable)
    assert refused.status == "4.3.1"
    with pytest.raises(JournalUnavailable):
        journal.append_now([large])
    assert count(db) == 0
    assert journal.append(world.mail("small")).result(PATIENCE_SECONDS)
    db._writer.execute_sql("PRAGMA max_page_count = 100000")
    entry = journal.append(large).result(PATIENCE_SECONDS)
    assert len(journal.octets(entry)) == 100_000
    journal.close()
    db.close()


def test_a_database_that_is_away_is_try_again_without_a_word_for_the_wire(world):
    def keep(items, came):
        raise DatabaseUnavailable("locked by /secret/path")

    committer = Committer(keep, say_nothing)
    refused = committer.submit(world.mail()).exception(PATIENCE_SECONDS)
    assert (refused.status, refused.detail) == ("4.3.0", "locked by /secret/path")
    committer.close()


class PowerCut(BaseException):
    """The lights go out."""


@pytest.mark.parametrize("write", range(6))
def test_a_power_cut_at_any_write_keeps_nothing_or_all(db, world, monkeypatch, write):
    from maild.database import connection

    left = [write]

    def doomed(run):
        def counted(*args):
            if left[0] == 0:
                raise PowerCut
            left[0] -= 1
            return run(*args)

        return counted

    journal = Journal(db, world.clock, world.new_id)
    items = [world.mail("one", ImapOrigin("m", 1, 1)), world.mail("two", ImapOrigin("m", 1, 2))]
    with monkeypatch.context() as lights:
        lights.setattr(connection, "_run", doomed(connection._run))
        with pytest.raises(PowerCut):
            journal.append_now(items)
    assert count(db) == count(db, "entry_octets") == count(db, "imap_progress") == 0
    assert len(set(journal.append_now(items))) == 2
    assert count(db) == count(db, "entry_octets") == count(db, "imap_progress") == 2


PROGRAM = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from maild.base.words import DoorName
from maild.database.connection import open_database
from maild.database.migrate import prepare
from maild.journal.journal import Journal
from maild.journal.model import Incoming
from maild.message.envelope import Envelope
now = datetime.now(UTC)
db = open_database("sqlite:///a.db", Path(sys.argv[1]))
prepare(db, now)
journal = Journal(db, lambda: now, lambda: "e1")
os.write(2, b"BEGIN-APPEND")
journal.append(Incoming(Envelope(DoorName.SMTP, now), b"hello")).result()
os.write(2, b"RESOLVED")
os._exit(0)
"""


def test_a_sync_stands_before_the_promise(tmp_path):
    need("strace", "it shows the order of the writes")
    trace = tmp_path / "trace"
    command = [
        "strace",
        "-f",
        "-e",
        "trace=fsync,fdatasync,write",
        "-o",
        trace,
        sys.executable,
        "-c",
        PROGRAM,
        tmp_path,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG_SECONDS)
    if "ptrace" in done.stderr:
        lack("strace may not trace here")
    assert done.returncode == 0, done.stderr
    told = trace.read_text()
    between = told[told.index("BEGIN-APPEND") : told.index("RESOLVED")]
    assert "fdatasync(" in between or "fsync(" in between


def test_an_id_sorts_by_time_and_differs_by_chance():
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1000, UTC)
    assert entry_id(early, 2**30 - 1) < entry_id(late, 0)
    assert entry_id(early, 1) != entry_id(early, 2)
    assert len(id_maker(lambda: early, lambda bits: 2**bits - 1)()) == 15


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"Subject: a\r\nMESSAGE-ID:\r\n <a@b>\r\n\r\nx", "<a@b>"),
        (b"Message-Id : <a@b>\n\n", "<a@b>"),
        (b"Subject: a\r\n\r\nMessage-ID: <body@b>\r\n", ""),
        (b"Message-ID: none\r\n\r\n", ""),
        (b"Message-ID: <\xff@b>", "<\ufffd@b>"),
        (b"", ""),
    ],
)
def test_a_message_id_is_found_without_parsing(octets, found):
    assert find_message_id(octets) == found


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"Subject: a\r\nFROM: Marta <Marta@Example.ORG>\r\n\r\nx", "marta@example.org"),
        (b"From: =?utf-8?q?Marta?=\r\n <marta@example.org>\n\n", "marta@example.org"),
        (b"From: a@x.example, b@x.example\r\n\r\n", "a@x.example"),
        (b"Subject: a\r\n\r\nFrom: body@b.example\r\n", ""),
        (b"From: nobody at all\r\n\r\n", ""),
        (b"From:" + b"\r\n " * 50_000 + b"<a@b>", ""),
        (b"", ""),
    ],
)
def test_who_wrote_is_found_without_parsing(octets, found):
    assert find_from(octets) == found


def test_below_the_floor_of_free_space_nothing_is_taken(tmp_path):
    require_space(None)
    require_space(tmp_path, 1)
    with pytest.raises(JournalUnavailable, match="nearly full") as refused:
        require_space(Path(tmp_path), free_octets(tmp_path) * 2)
    assert refused.value.status == "4.3.1"
