"""Transactions over SQLite and PostgreSQL."""

import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import peewee
import pytest

from maild.database import connection
from maild.database.connection import ROWS_AT_ONCE, DatabaseUnavailable, open_database
from maild.database.dialect import instant, stored_instant
from maild.database.light import DatabaseMissing, connect
from maild.database.migrate import prepare
from maild.database.place import BadPlace
from tests.support.waiting import eventually


def put(db, name, value="x"):
    with db.transaction() as transaction:
        return transaction.change("INSERT INTO meta (name, value, at) VALUES (?, ?, '')", (name, value))


def names(reader):
    return [row["name"] for row in reader.execute("SELECT name FROM meta ORDER BY name")]


def test_what_is_written_is_read_by_every_connection(db, url):
    assert put(db, "a") == 1
    assert names(db) == ["a"]
    with connect(url) as light:
        assert names(light) == ["a"]


@pytest.mark.parametrize("rows", [0, 1, ROWS_AT_ONCE, ROWS_AT_ONCE + 1, 3 * ROWS_AT_ONCE])
def test_many_rows_are_all_kept_in_their_order_however_many_stand_in_a_statement(db, rows):
    added = [(f"{number:04}", f"VALUES ({number})") for number in range(rows)]
    with db.transaction() as transaction:
        transaction.add_many("INSERT INTO meta (name, value, at) VALUES (?, ?, '')", added)
    kept = db.execute("SELECT name, value FROM meta WHERE name < '9999' ORDER BY name")
    assert [(row["name"], row["value"]) for row in kept] == added


def test_of_many_rows_none_is_kept_when_one_cannot_be(db):
    added = [(f"{number:04}", "") for number in range(ROWS_AT_ONCE)]
    with pytest.raises(peewee.IntegrityError), db.transaction() as transaction:
        transaction.add_many("INSERT INTO meta (name, value, at) VALUES (?, ?, '')", [*added, added[0]])
    assert names(db) == []


def test_half_a_transaction_is_never_kept(db):
    def half():
        with db.transaction() as transaction:
            transaction.change("INSERT INTO meta (name, value, at) VALUES ('a', '', '')")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert names(db) == []
    put(db, "b")
    assert names(db) == ["b"]


def test_transactions_kept_together_see_each_other_and_nobody_else_sees_them_before_the_end(db, url):
    with db.together():
        put(db, "a")
        assert names(db) == ["a"]
        with db.reading() as reading:
            assert names(reading) == ["a"]
        put(db, "b")
        with connect(url) as light:
            assert names(light) == []
    with connect(url) as light:
        assert names(light) == ["a", "b"]


def test_of_transactions_kept_together_none_is_kept_when_one_fails(db):
    def second_fails():
        with db.together():
            put(db, "a")
            with pytest.raises(peewee.IntegrityError):
                put(db, "a")
            # Even when nobody minds, the first is not kept without the second.

    with pytest.raises(DatabaseUnavailable):
        second_fails()
    assert names(db) == []
    put(db, "b")
    assert names(db) == ["b"]


def test_who_wants_to_write_is_seen_by_those_who_write_together(db):
    other = threading.Thread(target=put, args=(db, "b"))
    with db.together():
        put(db, "a")
        assert not db.is_awaited
        other.start()
        eventually(lambda: db.is_awaited)
        assert names(db) == ["a"]
    other.join()
    assert names(db) == ["a", "b"]


def test_who_writes_on_and_on_lets_those_before_him_who_wait(db):
    other = threading.Thread(target=put, args=(db, "waited"))
    with db.transaction():
        other.start()
        eventually(lambda: db.is_awaited)
    with db.transaction() as transaction:
        assert names(transaction) == ["waited"]
    other.join()


def test_a_transaction_sees_what_it_wrote_and_nobody_else_does(db):
    with db.transaction() as transaction:
        transaction.change("INSERT INTO meta (name, value, at) VALUES ('a', '', '')")
        assert names(transaction) == ["a"]
        assert names(db) == []


def test_a_reading_sees_one_moment(db):
    with db.reading() as reading:
        assert names(reading) == []
        put(db, "a")
        assert names(reading) == []
    assert names(db) == ["a"]


def test_a_reader_cannot_write(db, url):
    with pytest.raises((DatabaseUnavailable, peewee.PeeweeException)):
        db.execute("INSERT INTO meta (name, value, at) VALUES ('a', '', '')")
    with connect(url) as light, pytest.raises(Exception, match="read"):
        light.execute("DELETE FROM meta")
    assert names(db) == []


def test_a_second_row_of_the_same_key_is_an_answer_not_a_failure(db):
    put(db, "a")
    with pytest.raises(peewee.IntegrityError):
        put(db, "a")


def test_a_caught_error_inside_does_not_keep_the_rest(db):
    put(db, "a")

    def careless():
        with db.transaction() as transaction:
            transaction.change("INSERT INTO meta (name, value, at) VALUES ('b', '', '')")
            with pytest.raises(peewee.IntegrityError):
                transaction.change("INSERT INTO meta (name, value, at) VALUES ('a', '', '')")

    with pytest.raises(DatabaseUnavailable):
        careless()
    assert names(db) == ["a"]


def test_a_wrong_statement_is_a_bug_and_not_a_database_away(db):
    with pytest.raises(peewee.PeeweeException):
        db.execute("SELECT nothing FROM nowhere")


def test_threads_write_one_after_the_other(db):
    threads = [threading.Thread(target=put, args=(db, f"{n}")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names(db)) == 8


def test_text_that_no_database_can_hold_is_mended(db):
    put(db, "a\0b", "x\ud800y")
    assert db.execute("SELECT name, value FROM meta") == [{"name": "a\ufffdb", "value": "x\ufffdy"}]


def test_an_instant_comes_back_as_it_was_and_sorts_as_text():
    madrid = datetime(2026, 11, 21, 22, 42, 0, 5, timezone(timedelta(hours=1)))
    assert instant(madrid) == "2026-11-21T21:42:00.000005Z"
    assert stored_instant(instant(madrid)) == madrid
    assert stored_instant(None) is None
    assert instant(datetime(2026, 1, 1, tzinfo=UTC)) < instant(madrid)


def test_a_percent_sign_is_a_percent_sign(db):
    put(db, "100%")
    assert db.execute("SELECT name FROM meta WHERE name LIKE '100%' AND value = ?", ("x",)) == [{"name": "100%"}]


def test_a_new_file_is_readable_to_its_owner_alone(tmp_path):
    open_database("sqlite:///new.db", tmp_path).close()
    assert stat.S_IMODE((tmp_path / "new.db").stat().st_mode) == 0o600


def test_sqlite_syncs_before_a_commit_returns(tmp_path):
    db = open_database("sqlite:///a.db", tmp_path)
    with db.transaction() as transaction:
        assert transaction.execute("PRAGMA synchronous") == [{"synchronous": 2}]
        assert transaction.execute("PRAGMA journal_mode") == [{"journal_mode": "wal"}]
        assert transaction.execute("PRAGMA foreign_keys") == [{"foreign_keys": 1}]
        assert transaction.execute("PRAGMA busy_timeout") == [{"timeout": 10_000}]
    db.close()


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DatabaseUnavailable, match="there is no folder"):
        open_database("sqlite:///no/such.db", tmp_path)


def test_a_file_that_is_no_database_is_said(tmp_path):
    (tmp_path / "a.db").write_bytes(b"this is no database, it is a letter to a friend" * 100)
    with pytest.raises(DatabaseUnavailable, match="not a database"):
        open_database("sqlite:///a.db", tmp_path)
    with pytest.raises(DatabaseMissing):
        connect("sqlite:///a.db", tmp_path)


def test_a_damaged_file_is_found_when_the_daemon_starts(tmp_path):
    db = open_database("sqlite:///a.db", tmp_path)
    with db.transaction() as transaction:
        transaction.change("CREATE TABLE t (a TEXT)")
        transaction.change("CREATE INDEX i ON t (a)")
        for n in range(2000):
            transaction.change("INSERT INTO t VALUES (?)", (f"{n:060}",))
    db.quick_check()
    db.close()
    with (tmp_path / "a.db").open("r+b") as file:
        file.seek(4096 * 20)
        file.write(b"\xff" * 4096)
    db = open_database("sqlite:///a.db", tmp_path)
    with pytest.raises(DatabaseUnavailable, match=r"damaged|malformed"):
        db.quick_check()
    db.close()


def test_another_processes_lock_is_a_database_away_and_passes(tmp_path, monkeypatch):
    monkeypatch.setattr("maild.database.connection.BUSY_SECONDS", 0.05)
    monkeypatch.setitem(__import__("maild.database.connection", fromlist=["x"])._PRAGMAS, "busy_timeout", 50)
    db = open_database("sqlite:///a.db", tmp_path)
    with db.transaction() as transaction:
        transaction.change("CREATE TABLE meta (name TEXT, value TEXT, at TEXT)")
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable, match="locked"):
        put(db, "a")
    other.execute("ROLLBACK")
    other.close()
    put(db, "a")
    assert names(db) == ["a"]
    db.close()


def test_who_stood_in_line_behind_a_writer_that_another_process_kept_out_has_waited_for_it_too(tmp_path, monkeypatch):
    monkeypatch.setitem(connection._PRAGMAS, "busy_timeout", 50)
    with (
        closing(open_database("sqlite:///a.db", tmp_path)) as db,
        closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other,
    ):
        with db.transaction() as transaction:
            transaction.change("CREATE TABLE meta (name TEXT, value TEXT, at TEXT)")
        said = []
        db._writer.connection().set_trace_callback(said.append)
        with ThreadPoolExecutor(3) as threads:
            with db._writing:
                other.execute("BEGIN IMMEDIATE")
                kept_out = [threads.submit(put, db, name) for name in "abc"]
                eventually(lambda: len(db._writing._waiting) == 3)
            assert {type(each.exception()) for each in kept_out} == {DatabaseUnavailable}
        assert said == ["BEGIN IMMEDIATE", *["PRAGMA busy_timeout = 0", "BEGIN IMMEDIATE"] * 2]
        other.execute("ROLLBACK")
        put(db, "d")
        with db.transaction() as transaction:
            assert transaction.execute("PRAGMA busy_timeout") == [{"timeout": 50}]


def test_a_server_that_is_away_is_said():
    with pytest.raises(DatabaseUnavailable):
        open_database("postgresql://maild:secret@127.0.0.1:9/x")
    with pytest.raises(DatabaseMissing) as said:
        connect("postgresql://maild:secret@127.0.0.1:9/x")
    assert "secret" not in str(said.value)


def cut(db, pid):
    db.execute("SELECT pg_terminate_backend(?)", (pid,))
    while db.execute("SELECT pid FROM pg_stat_activity WHERE pid = ?", (pid,)):
        pass


def own_pid(reader):
    return reader.execute("SELECT pg_backend_pid() AS pid")[0]["pid"]


def test_a_cut_connection_is_made_anew(postgresql_url):
    db, other = open_database(postgresql_url), open_database(postgresql_url)
    cut(other, own_pid(db))
    with pytest.raises(DatabaseUnavailable), db.transaction() as transaction:
        cut(other, own_pid(transaction))
    with db.transaction() as transaction:
        pid = own_pid(transaction)
    cut(other, pid)
    with db.transaction() as transaction:
        assert own_pid(transaction) != pid
    assert db.execute("SELECT 1 AS one") == [{"one": 1}]
    db.close()
    other.close()


on_postgresql = pytest.mark.parametrize("url", ["postgresql"], indirect=True)


@on_postgresql
def test_a_node_that_stops_inside_a_transaction_keeps_the_others_waiting_no_longer_than_it_may(url, db, monkeypatch):
    monkeypatch.setattr("maild.database.connection.FROZEN_SECONDS", 1)

    def freeze(node):
        with node.transaction() as transaction:
            transaction.change("INSERT INTO meta (name, value, at) VALUES ('a', 'of the frozen', '')")
            put(db, "a", "of the other")  # meanwhile

    with closing(open_database(url)) as frozen:
        with pytest.raises(DatabaseUnavailable):
            freeze(frozen)
        monkeypatch.undo()  # its next connection may rest as long as a busy machine wants
        put(frozen, "b")
    assert db.execute("SELECT name, value FROM meta ORDER BY name") == [
        {"name": "a", "value": "of the other"},
        {"name": "b", "value": "x"},
    ]


@on_postgresql
def test_a_lock_of_another_node_is_a_database_away_and_passes(url, db, monkeypatch):
    monkeypatch.setattr("maild.database.connection.BUSY_SECONDS", 1)
    with closing(open_database(url)) as hurried:
        with db.transaction() as transaction:
            transaction.change("INSERT INTO meta (name, value, at) VALUES ('a', 'x', '')")
            with pytest.raises(DatabaseUnavailable, match="lock timeout"):
                put(hurried, "a")
        put(hurried, "b")
    assert names(db) == ["a", "b"]


@on_postgresql
def test_a_server_that_is_set_to_lose_commits_still_syncs_ours(url, db):
    with db.transaction() as transaction:
        transaction.change("ALTER ROLE maild SET synchronous_commit = off")
    try:
        with closing(open_database(url)) as new, new.transaction() as transaction:
            assert transaction.execute("SHOW synchronous_commit") == [{"synchronous_commit": "on"}]
    finally:
        with db.transaction() as transaction:
            transaction.change("ALTER ROLE maild RESET synchronous_commit")


def test_the_light_connection_says_what_is_missing(tmp_path):
    with pytest.raises(DatabaseMissing, match="does not exist yet"):
        connect("sqlite:///a.db", tmp_path)
    with pytest.raises(BadPlace):
        connect("oracle://x")


def test_the_light_connection_reads_what_a_dead_process_left_in_the_wal(tmp_path):
    db = open_database("sqlite:///a.db", tmp_path)
    with db.transaction() as transaction:
        transaction.change("CREATE TABLE meta (name TEXT, value TEXT, at TEXT)")
    put(db, "a")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("a.db", "a.db-wal"):
        (copy / name).write_bytes((tmp_path / name).read_bytes())
    db.close()
    with connect("sqlite:///a.db", copy) as light:
        assert names(light) == ["a"]


COME_AND_GO = """
import sqlite3, sys
one = sqlite3.connect(sys.argv[1])
print([row[0] for row in one.execute("SELECT name FROM meta ORDER BY name")])
one.close()
"""


def elsewhere(path):
    """What another process sees that opens the database and leaves."""
    return subprocess.run([sys.executable, "-c", COME_AND_GO, str(path)], capture_output=True, text=True, check=True)


@pytest.mark.parametrize("look", [connect, open_database], ids=["light", "whole"])
def test_who_opens_the_database_a_second_time_does_not_lose_the_locks_of_the_first(tmp_path, begin, look):
    path = tmp_path / "maild.db"
    with closing(open_database(f"sqlite:///{path}")) as db:
        prepare(db, begin)
        put(db, "a")
        look(f"sqlite:///{path}").close()
        assert elsewhere(path).stdout == "['a']\n"
        put(db, "b")  # into a log without a name, if the other process took itself for the last one
        assert elsewhere(path).stdout == "['a', 'b']\n"


def test_a_database_behind_a_dangling_link_is_made_for_its_owner_alone(tmp_path):
    link = tmp_path / "maild.db"
    link.symlink_to(tmp_path / "real.db")
    open_database(f"sqlite:///{link}").close()
    assert stat.S_IMODE((tmp_path / "real.db").stat().st_mode) == 0o600
