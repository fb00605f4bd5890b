"""What came of mails that were given to the smarthost is written down, for many in one commit."""

from dataclasses import replace
from datetime import timedelta

from maild.base.words import DeliveryState
from maild.desk.decide.delivery import DeliveryOutcome
from maild.service.delivering import Recorder
from maild.store import outbox


def _taken(work, count):
    for n in range(count):
        work.ticket(f"Printer {n}")
    recorder = Recorder(work.actor, lambda: work.office, lambda: work.now)
    rows = outbox.claim_due(work.db, "w", work.now, timedelta(minutes=10), 100)
    return recorder, [(DeliveryOutcome(row.id, DeliveryState.SENT, "250 2.0.0 Ok"), row) for row in rows]


def test_all_rows_of_a_batch_are_marked_and_once(work):
    recorder, sent = _taken(work, 3)
    recorder.record_sent(sent)
    recorder.record_sent(sent)
    rows = work.outbox()
    assert len(rows) == len(sent) == 6
    assert {(row["state"], row["last_reply"], row["claimed_by"]) for row in rows} == {("sent", "250 2.0.0 Ok", "")}
    assert all(row["sent_at"] for row in rows)


def test_a_row_that_is_gone_keeps_the_others_from_nothing(work):
    recorder, sent = _taken(work, 2)
    gone, row = sent[0]
    recorder.record_sent([(replace(gone, delivery="nobody.o1"), row), *sent[1:]])
    assert [row["state"] for row in work.outbox()] == ["queued", "sent", "sent", "sent"]
