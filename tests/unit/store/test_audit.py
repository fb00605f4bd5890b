"""Who changes what was decided, said or done, even with the database in his hands, is found out."""

import threading
from datetime import timedelta

import peewee
import pytest

from maild.base.words import EntryState
from maild.database.chain import row_hash
from maild.database.connection import open_database
from maild.database.migrate import migrate
from maild.database.schema import LATEST
from maild.desk.effects import SettleEntry
from maild.store import outbox
from maild.store.audit import NO_RECORD, audit_head, audit_rows
from maild.store.verifying import verify
from maild.store.versions import keep_configuration_version
from tests.support.waiting import join

GUARDS = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER ALL",),
}


@pytest.fixture
def told(desk):
    """A desk with three tickets and their record."""
    for number in (1, 2, 3):
        desk.later(minutes=1)
        desk.open(number)
    return desk


def checked(desk, head=""):
    with desk.db.reading() as reader:
        return verify(reader, head)


def problems(desk, head=""):
    return [(fault.seq, fault.ticket, fault.problem) for fault in checked(desk, head).faults]


def tamper(desk, *statements):
    """Do what somebody can do who owns the database: take the guards away first."""
    with desk.db.transaction() as transaction:
        for statement in (*GUARDS[desk.db.dialect.name], *statements):
            transaction.change(statement)


def test_an_untouched_record_is_whole_and_covers_every_line_and_message(told):
    verdict = checked(told)
    assert not verdict.faults
    assert verdict.checked == {"event": 3, "post": 3}
    assert {"rows": verdict.rows, "head": verdict.head} == audit_head(told.db)


@pytest.mark.parametrize("act", ["UPDATE audit SET at = ''", "DELETE FROM audit", "DELETE FROM audit WHERE seq = 2"])
def test_the_database_itself_refuses_to_change_the_record(told, act):
    with pytest.raises(peewee.PeeweeException, match="only grows"), told.db.transaction() as transaction:
        transaction.change(act)
    assert not checked(told).faults


def test_an_edited_line_of_a_timeline_is_named(told):
    tamper(told, "UPDATE event SET detail = 'nothing happened' WHERE ticket = 2")
    assert [(t, p.split()[-1]) for _, t, p in problems(told)] == [(2, "changed")]


def test_a_line_that_is_gone_is_named(told):
    tamper(told, "DELETE FROM event WHERE ticket = 3")
    assert [(t, p.split()[-1]) for _, t, p in problems(told)] == [(3, "gone")]


def test_a_line_that_nobody_decided_is_named(told):
    tamper(told, "INSERT INTO event (ticket, at, actor, verb, detail) VALUES (1, '', 'ana', 'approved', '')")
    assert [(s, t, p.endswith("past the record")) for s, t, p in problems(told)] == [(None, 1, True)]


def test_words_put_in_somebodys_mouth_are_named(told):
    tamper(told, "UPDATE post SET text = 'I agree.' WHERE ticket = 1")
    assert [(t, p.split()[-1]) for _, t, p in problems(told)] == [(1, "changed")]


def test_an_edited_row_is_the_first_bad_place(told):
    tamper(told, "UPDATE audit SET stimulus = 'other' WHERE seq = 3")
    assert problems(told) == [(3, 2, "the row was changed, moved or put in")]


def test_a_row_taken_out_is_missed(told):
    tamper(told, "DELETE FROM audit WHERE seq = 3")
    assert problems(told) == [(4, 3, "row 3 is missing")]


def test_two_rows_that_changed_places_are_found(told):
    steps = ("UPDATE audit SET seq = 99 WHERE seq = 2", "UPDATE audit SET seq = 2 WHERE seq = 3")
    tamper(told, *steps, "UPDATE audit SET seq = 3 WHERE seq = 99")
    assert problems(told)[0][0] == 2


def test_a_row_put_in_is_found(told):
    put = "INSERT INTO audit (seq, at, stimulus, lines, hash) VALUES (5, '', 'x', '[]', 'f')"
    tamper(told, put)
    assert problems(told) == [(5, None, "the row was changed, moved or put in")]


def test_an_end_cut_off_with_all_that_it_tells_of_is_found_by_a_hash_noted_elsewhere(told):
    noted = audit_head(told.db)["head"]
    cut = ("DELETE FROM audit WHERE seq = 4", "DELETE FROM event WHERE ticket = 3", "DELETE FROM post WHERE ticket = 3")
    tamper(told, *cut)
    assert problems(told) == []
    assert "cut off" in problems(told, noted)[0][2]


def test_a_hash_noted_earlier_is_still_in_a_record_that_grew(told):
    noted = audit_head(told.db)["head"]
    told.open(4)
    assert problems(told, noted) == []


def test_a_record_written_anew_with_good_hashes_is_found_by_a_hash_noted_elsewhere(told):
    noted = audit_head(told.db)["head"]
    before, rows = "0" * 64, audit_rows(told.db, None, None)
    tamper(told, "UPDATE audit SET stimulus = 'other' WHERE seq = 4")
    for row in told.db.execute("SELECT * FROM audit ORDER BY seq"):
        before = row_hash(before, row)
    tamper_hash = f"UPDATE audit SET hash = '{before}' WHERE seq = {rows[-1]['seq']}"
    with told.db.transaction() as transaction:
        transaction.change(tamper_hash)
    assert problems(told) == []
    assert len(problems(told, noted)) == 1


def test_what_an_administrator_does_to_the_outbox_and_the_journal_is_on_record(told):
    told.do("s", outgoing=(told.mail(),))
    outbox.change_rows(told.db, ("s.o1",), "hold", told.now, "hold by cli:root", "cli:root")
    outbox.flush(told.db, told.now, "cli:root")
    entry = told.receive("more")
    told.journal.quarantine(entry, "no-queue")
    told.journal.release(entry, "support", by="cli:root")
    told.journal.drop(entry, "dropped by cli:root", "cli:root")
    acts = [row["lines"] for row in audit_rows(told.db, None, 4) if row["stimulus"] == "cli:root"]
    assert acts == [
        [["delivery", "s.o1", "hold"]],
        [["outbox", "flush", 0]],
        [["entry", entry, "released", "support"]],
        [["entry", entry, "dropped", "dropped by cli:root"]],
    ]


def test_another_configuration_is_on_record_once(told):
    assert keep_configuration_version(told.db, "aa", told.now)
    assert not keep_configuration_version(told.db, "aa", told.now)
    assert keep_configuration_version(told.db, "bb", told.now + timedelta(hours=1))
    assert [row["lines"] for row in audit_rows(told.db, None, 2)] == [
        [["configuration", "aa"]],
        [["configuration", "bb"]],
    ]


def test_a_decision_that_was_not_applied_leaves_no_row(told):
    before = audit_head(told.db)
    told.apply(told.opening("e1", 9))
    assert audit_head(told.db) == before


def test_a_desk_that_was_there_before_has_its_record_from_its_update_on(told):
    migrate(told.db, told.now, 13)
    migrate(told.db, told.now, LATEST)
    told.open(4)
    verdict = checked(told)
    assert not verdict.faults
    assert verdict.checked == {"event": 1, "post": 1}


def test_a_desk_without_a_record_has_no_head(desk):
    tamper(desk, "DELETE FROM audit")
    assert audit_head(desk.db) == NO_RECORD


def test_nodes_that_write_at_once_make_one_chain(told, url):
    def work(node):
        db = open_database(url)
        for number in range(20):
            keep_configuration_version(db, f"{node}.{number}", told.now)
        db.close()

    nodes = [threading.Thread(target=work, args=(node,)) for node in range(3)]
    for node in nodes:
        node.start()
    for node in nodes:
        join(node)
    assert not checked(told).faults
    assert checked(told).rows == 64


def test_the_record_names_no_person_for_it_cannot_forget_her(desk):
    entry = desk.receive()
    why = "new: its subject names 7, where marta@example.net takes no part"
    desk.do(entry, SettleEntry(entry, EntryState.APPLIED, why))
    assert audit_rows(desk.db, None, 1)[0]["lines"] == [["entry", entry, "applied", "new"]]
