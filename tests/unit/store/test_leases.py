"""Who does what alone, what is due, and what a deliverer takes."""

from datetime import timedelta

import pytest

from maild.base.words import Clock, ClockState, DeliveryState, Status
from maild.database.connection import open_database
from maild.desk.effects import MarkDelivery, SetClocks
from maild.journal import claims
from maild.sla.model import Reading
from maild.store import due, outbox
from maild.store.held import due_held, held
from maild.store.housekeeping import drop_lease, take_lease

LEASE = timedelta(minutes=5)


def test_a_lease_has_one_holder_and_a_new_fence_for_each(desk, url):
    other = open_database(url)
    assert take_lease(desk.db, "clocks", "a", desk.now, LEASE) == 1
    assert take_lease(other, "clocks", "b", desk.now, LEASE) is None
    assert take_lease(desk.db, "clocks", "a", desk.later(minutes=4), LEASE) == 1
    assert take_lease(other, "clocks", "b", desk.later(minutes=6), LEASE) == 2
    assert take_lease(desk.db, "clocks", "a", desk.now, LEASE) is None
    drop_lease(other, "clocks", "b")
    assert take_lease(desk.db, "clocks", "a", desk.now, LEASE) == 3
    other.close()


def test_a_holder_that_slept_past_its_lease_finds_another_fence(desk):
    assert take_lease(desk.db, "clocks", "a", desk.now, LEASE) == 1
    assert take_lease(desk.db, "clocks", "a", desk.later(minutes=6), LEASE) == 2


def claim(desk, worker="w", limit=10):
    return [row.id for row in outbox.claim_due(desk.db, worker, desk.now, LEASE, limit)]


def test_what_is_due_is_claimed_once_and_the_attempt_counted(desk):
    later = desk.mail(next_attempt_at=desk.now + timedelta(hours=1))
    desk.do("s", outgoing=[desk.mail(), later, desk.mail(state=DeliveryState.HELD)])
    (row,) = outbox.claim_due(desk.db, "w", desk.now, LEASE)
    assert (row.id, row.attempts, row.rcpt_to, row.automatic) == ("s.o1", 1, "marta@example.net", True)
    assert row.created_at == desk.now
    assert outbox.octets_of(desk.db, row.id).startswith(b"Subject")
    assert claim(desk, "other") == []
    assert outbox.holds(desk.db, "s.o1", "w", desk.now)
    assert not outbox.holds(desk.db, "s.o1", "other", desk.now)
    desk.later(minutes=5)
    assert not outbox.holds(desk.db, "s.o1", "w", desk.now)
    assert claim(desk, "other") == ["s.o1"]
    outbox.give_back(desk.db, "s.o1", "other")
    assert outbox.claim_due(desk.db, "w", desk.now, LEASE)[0].attempts == 2


def test_a_deferred_mail_is_due_when_its_wait_is_over(desk):
    desk.do("s", outgoing=[desk.mail()])
    claim(desk)
    until = desk.now + timedelta(minutes=2)
    desk.do("d", MarkDelivery("s.o1", DeliveryState.DEFERRED, "451 later", until))
    assert claim(desk) == []
    assert outbox.next_due(desk.db) == until
    desk.later(minutes=2)
    assert claim(desk) == ["s.o1"]


def test_a_row_that_is_not_there_is_a_key_error(desk):
    with pytest.raises(KeyError):
        outbox.octets_of(desk.db, "nothing")


def test_an_administrator_holds_releases_retries_and_drops(desk):
    desk.do("s", outgoing=[desk.mail(), desk.mail()])

    def act(action, *ids):
        return outbox.change_rows(desk.db, ids, action, desk.now, f"cli:root {action}")

    assert act("hold", "s.o1", "s.o2", "nothing") == ["s.o1", "s.o2"]
    assert claim(desk) == []
    assert act("release", "s.o1") == ["s.o1"]
    assert claim(desk) == ["s.o1"]
    desk.do("f", MarkDelivery("s.o1", DeliveryState.FAILED, "550 no"))
    assert act("release", "s.o1") == []
    assert act("retry", "s.o1") == ["s.o1"]
    assert claim(desk) == ["s.o1"]
    assert act("drop", "s.o1", "s.o2") == ["s.o1", "s.o2"]
    assert act("drop", "s.o1") == []
    assert outbox.next_due(desk.db) is None


def test_a_flush_makes_what_was_deferred_due_now(desk):
    desk.do("s", outgoing=[desk.mail()])
    desk.do("d", MarkDelivery("s.o1", DeliveryState.DEFERRED, "451", desk.now + timedelta(days=1)))
    assert outbox.flush(desk.db, desk.now) == 1
    assert claim(desk) == ["s.o1"]


def test_what_is_due_is_found_and_nothing_else(desk):
    now, hour = desk.now, timedelta(hours=1)
    desk.open(1, status=Status.PENDING, until=now)
    desk.open(2, status=Status.ON_HOLD, until=now + hour)
    desk.open(3, status=Status.CLOSED, until=now, snoozed_until=now)
    desk.open(4, snoozed_until=now)
    desk.open(5, status=Status.PENDING, status_since=now - hour)
    desk.open(6, status=Status.PENDING, status_since=now - hour, reminded_at=now)
    desk.open(7, status=Status.PENDING, status_since=now - hour, queue="sales")
    desk.open(8, status=Status.RESOLVED, resolved_at=now - hour)
    desk.open(9, status=Status.RESOLVED, resolved_at=now)
    reading = Reading(Clock.RESOLUTION, 1, ClockState.RUNNING, now, now, None, 10, 5, False)
    desk.do("c", SetClocks(9, (reading,), now), SetClocks(8, (reading,), now + hour), SetClocks(7, (), None))
    assert due.due_clocks(desk.db, now) == [9]
    assert due.due_until(desk.db, now) == [1]
    assert due.due_snoozed(desk.db, now) == [4]
    assert due.due_reminder(desk.db, now, "support", hour) == [5]
    assert due.due_pending_close(desk.db, now, "support", hour) == [5, 6]
    assert due.due_resolved_close(desk.db, now, "support", hour) == [8]


def test_old_drafts_are_found(desk):
    held = {"state": DeliveryState.HELD}
    desk.do("s", outgoing=[desk.mail(draft=True, **held), desk.mail(**held)])
    assert due.due_drafts(desk.db, desk.now, timedelta(days=14)) == []
    assert due.due_drafts(desk.db, desk.later(days=14), timedelta(days=14)) == ["s.o1"]


def test_what_a_person_holds_keeps_nothing_behind_it_from_being_found(desk):
    why = ("hold by cli:root", "limits: reached", "LIMITS: no", "limits: again")
    mails = [desk.mail(state=DeliveryState.HELD, automatic=True) for _ in why]
    desk.do("s", outgoing=mails)
    with desk.db.transaction() as transaction:
        for n, reason in enumerate(why, 1):
            transaction.change("UPDATE outbox SET reason = ? WHERE id = ?", (reason, f"s.o{n}"))
    day = timedelta(days=1)
    assert due_held(desk.db, desk.later(days=1), "limits:", day, limit=1) == ["s.o2"]
    assert due_held(desk.db, desk.now, "limits:", day) == held(desk.db, "limits:") == ["s.o2", "s.o4"]
    assert held(desk.db) == ["s.o1", "s.o2", "s.o3", "s.o4"]


def test_what_is_due_is_answered_by_an_index(lite):
    plan = (
        "EXPLAIN QUERY PLAN SELECT number FROM ticket WHERE next_threshold_at IS NOT NULL AND next_threshold_at <= ''"
    )
    rows = lite.db.execute(plan + " ORDER BY next_threshold_at LIMIT 5")
    assert "ticket_threshold" in rows[0]["detail"]
    due = outbox._DUE % (lite.db.dialect.by_index("outbox_waiting"), "")
    rows = lite.db.execute("EXPLAIN QUERY PLAN " + due.replace("?", "1"))
    assert len(rows) == 1, "the index gives the order too"
    entries = claims._NEXT % (lite.db.dialect.by_index("entry_waiting"), "")
    rows = lite.db.execute("EXPLAIN QUERY PLAN " + entries.replace("?", "1"))
    assert len(rows) == 1


QUESTIONS_ON_THE_WAY_OF_EVERY_MAIL = [
    "SELECT 1 FROM outbox WHERE automatic AND rcpt_to IN ('a', 'b') AND created_at > ''",
    "SELECT 1 FROM outbox WHERE automatic AND created_at > ''",
    "SELECT 1 FROM outbox WHERE ref = 'x'",
    "SELECT 1 FROM outbox WHERE ticket = 1 ORDER BY seq",
    "SELECT 1 FROM post WHERE message_id <> '' AND message_id IN ('a', 'b')",
    "SELECT 1 FROM entry e JOIN post p ON p.entry = e.id AND p.entry <> ''"
    " WHERE e.message_id <> '' AND e.message_id IN ('a')",
    "SELECT 1 FROM entry WHERE content_hash = 'x' AND content_hash <> '' AND message_id = 'y'",
    "SELECT 1 FROM event WHERE ticket = 1 AND fact IS NOT NULL ORDER BY seq",
    "SELECT 1 FROM ticket WHERE requester = 'a' AND canonical_subject = 'b' ORDER BY number DESC LIMIT 5",
]


@pytest.mark.parametrize("question", QUESTIONS_ON_THE_WAY_OF_EVERY_MAIL)
def test_no_mail_makes_the_desk_read_a_whole_table(lite, question):
    steps = [row["detail"] for row in lite.db.execute("EXPLAIN QUERY PLAN " + question)]
    assert not [step for step in steps if step.startswith("SCAN")], steps


def test_a_domain_that_has_enough_is_left_out_and_no_other(desk):
    desk.do(
        "s",
        outgoing=[
            desk.mail(rcpt_to=to) for to in ("a@big.example", "b@BIG.example", "c@xbig.example", "d@y_g.example")
        ],
    )
    full = frozenset({"big.example", "y_g.example"})
    rows = outbox.claim_due(desk.db, "w", desk.now, LEASE, not_to=full)
    assert [row.rcpt_to for row in rows] == ["c@xbig.example"]
    assert len(claim(desk)) == 3
