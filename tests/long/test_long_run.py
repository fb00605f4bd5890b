"""Months of a busy desk in seconds: drawn from a seed, looked at after every step.

A failure prints the command that plays it again. MAILD_STEPS and MAILD_SEEDS make runs longer and more.
"""

import hashlib
import os
import sqlite3
from contextlib import closing

import pytest

from maild.database import connection
from maild.log.setup import configure

from .deeds import DEEDS
from .invariants import Watch
from .town import Town

SHORT, LONG = (int(os.environ.get("MAILD_STEPS", default)) for default in ("50", "400"))
LOOK_EVERY = 20  # steps; what is new is looked at after each
FEW = [int(os.environ["MAILD_SEED"])] if "MAILD_SEED" in os.environ else [1, 2]
AGAIN = "MAILD_SEED={} MAILD_STEPS={} python -m pytest tests/long -m 'not soak' -k promises_are_kept"
MANY = range(100, 100 + int(os.environ.get("MAILD_SEEDS", "50")))


@pytest.fixture(autouse=True)
def busy_for_a_moment(monkeypatch):
    """Somebody who waits for the database waits for a hundredth of a second."""
    monkeypatch.setitem(connection._PRAGMAS, "busy_timeout", 10)


def play(folder, seed, steps):
    """Let a town live, and look at its desk all along; returns a digest of all that the desk has written."""
    configure(level="critical")
    town = Town(folder, seed)
    try:
        watch = Watch(town)
        for number in range(1, steps + 1):
            town.step(DEEDS)
            wrong = watch.look() if number % LOOK_EVERY == 0 or number == steps else watch.glance()
            assert not wrong, "\n".join([AGAIN.format(seed, number), *wrong[:10], *town.story[-40:]])
        return written(town.world.house.db)
    finally:
        town.close()


def written(db):
    """Return a digest of the timeline and of every mail, to the octet; none of either is a failure."""
    events = db.execute("SELECT ticket, at, actor, verb, detail FROM event ORDER BY seq")
    mails = db.execute("SELECT octets FROM outbox_octets ORDER BY delivery")
    assert events
    assert mails
    digest = hashlib.sha256(repr([tuple(row.values()) for row in events]).encode())
    for mail in mails:
        digest.update(bytes(mail["octets"]))
    return digest.hexdigest()


@pytest.mark.parametrize("seed", FEW)
def test_whatever_people_and_machines_do_the_promises_are_kept(tmp_path, seed):
    assert play(tmp_path, seed, SHORT)


@pytest.mark.soak
@pytest.mark.parametrize("seed", MANY)
def test_the_promises_are_kept_for_many_seeds(tmp_path, seed):
    assert play(tmp_path, seed, LONG)


def test_a_seed_can_be_played_again_to_the_octet(tmp_path):
    runs = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        runs.append(play(tmp_path / name, 1, 20))
    assert runs[0] == runs[1]


BREAKS = {
    "is gone": "DELETE FROM entry WHERE seq = 1",
    "stands twice": "INSERT INTO post SELECT seq + 900, id || 'x', ticket, direction, author, author_name, at, subject,"
    " to_list, cc_list, message_id, text, new_text, attachments, entry, kind, authentication, public, draft,"
    " canonical_subject, content_hash FROM post WHERE entry <> '' AND direction = 'in' LIMIT 1",
    "acknowledgements": "UPDATE outbox SET template = 'acknowledgement', ticket = 1",
    "automatic mails": "UPDATE outbox SET rcpt_to = 'person1@example.org', created_at = '2026-03-16T07:00:00.000000Z'",
    "one Message-ID": "UPDATE outbox SET message_id = '<one@x>'",
    "merged into": "UPDATE ticket SET merged_into = 1 WHERE number = 1",
    "by its timeline": "UPDATE ticket SET status = 'spam' WHERE number = 1",
    "by its facts": "UPDATE clock SET due_at = '2020-01-01T00:00:00.000000Z'",
    "or a reason": "UPDATE event SET detail = '' WHERE ticket = 1",
    "somebody else": "UPDATE outbox SET rcpt_to = 'ana@example.com'",
}


def test_each_broken_promise_is_seen(tmp_path):
    """The tables are broken on purpose, one promise at a time."""
    configure(level="critical")
    town = Town(tmp_path, 1)
    try:
        for _ in range(12):
            town.step(DEEDS)
        assert not Watch(town).look()
        kept = tmp_path / "kept.db"
        for words, broken in BREAKS.items():
            _copy(tmp_path / "maild.db", kept)
            with town.world.house.db.transaction() as transaction:
                transaction.change(broken)
            assert [line for line in Watch(town).look() if words in line], f"{words} was not seen"
            town.close()
            _copy(kept, tmp_path / "maild.db")
            town.open()
    finally:
        town.close()


def _copy(source, target):
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)
