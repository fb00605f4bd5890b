"""The deliverer: what it claims, reports and gives back."""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from maild.base.words import DeliveryState
from maild.outbox import runner as module
from maild.outbox.connection import Credentials, Unreachable
from maild.outbox.lanes import Pace
from maild.outbox.runner import Runner, Yard
from maild.outbox.schedule import Reply
from maild.outbox.submission import Submission
from tests.support.waiting import PATIENCE_SECONDS
from tests.unit.outbox.sink import DROP, Sink, nobody_there, outgoing, smarthost

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
OK = Reply(250, "2.0.0", "Ok", "127.0.0.1:25")


@dataclass(frozen=True)
class Row:
    id: str
    rcpt_to: str = "marta@example.org"
    attempts: int = 1
    created_at: datetime = NOW
    mail_from: str = "desk+x@desk.example.com"
    template: str = "acknowledgement"
    ticket: int = 7


@dataclass
class Store:
    """The far side of the deliverer: rows in order, and what was said of them."""

    rows: list = field(default_factory=list)
    outcomes: dict = field(default_factory=dict)
    given_back: list = field(default_factory=list)
    lost: set = field(default_factory=set)
    faults: list = field(default_factory=list)
    done: threading.Condition = field(default_factory=threading.Condition)

    def claim(self, limit, full=frozenset()):
        claimed, self.rows = self.rows[:limit], self.rows[limit:]
        return claimed

    def record(self, outcome, row):
        assert outcome.delivery == row.id
        if self.faults:
            raise self.faults.pop()
        with self.done:
            self.outcomes[row.id] = outcome
            self.done.notify_all()

    def yard(self):
        return Yard(
            claim=self.claim,
            octets=lambda row: f"Subject: {row}\r\n\r\n".encode(),
            record=self.record,
            give_back=self.given_back.append,
            now=lambda: NOW,
            holds=lambda row: row.id not in self.lost,
        )

    def wait_for(self, count):
        with self.done:
            assert self.done.wait_for(lambda: len(self.outcomes) >= count, PATIENCE_SECONDS)


@pytest.fixture
def store():
    return Store()


def test_mails_reach_the_smarthost_and_each_row_is_reported(store):
    sink = Sink(rcpt={"no@example.org": "550 5.1.1 no", "later@example.org": "451 4.7.1 later"})
    sink.data["cut@example.org"] = DROP
    store.rows = [
        Row("r1"),
        Row("r2", "no@example.org"),
        Row("r3", "later@example.org"),
        Row("r4", "cut@example.org"),
        Row("r5"),
    ]
    with smarthost(sink) as host:
        submission = Submission(outgoing(host), Credentials("desk.example.com"))
        runner = Runner(store.yard(), submission.send)
        runner.start()
        runner.wake()
        store.wait_for(5)
        assert runner.stop(PATIENCE_SECONDS)
        submission.close()
    said = {row: outcome.state for row, outcome in store.outcomes.items()}
    deferred, sent = DeliveryState.DEFERRED, DeliveryState.SENT
    assert said == {"r1": sent, "r2": DeliveryState.FAILED, "r3": deferred, "r4": deferred, "r5": sent}
    assert store.outcomes["r1"].reply == "250 2.0.0 Ok: queued as 1"
    assert store.outcomes["r2"].reply == "550 5.1.1 no"
    assert store.outcomes["r3"].next_attempt_at > NOW
    assert [mail[1] for mail in sink.mails] == ["marta@example.org", "cut@example.org", "marta@example.org"]


def test_a_smarthost_that_is_away_is_asked_once_and_loses_nothing(store):
    asked = []

    def submit(*mail):
        asked.append(mail)
        raise Unreachable("refused")

    store.rows = [Row("r1"), Row("r2", attempts=5), Row("r3", attempts=1000, created_at=NOW - timedelta(days=6))]
    runner = Runner(store.yard(), submit)
    runner.run_once()
    assert len(asked) == 1
    assert runner.is_away
    assert {row: (o.state, o.first_delay) for row, o in store.outcomes.items()} == {
        "r1": (DeliveryState.DEFERRED, False),
        "r2": (DeliveryState.DEFERRED, True),
        "r3": (DeliveryState.FAILED, False),
    }
    assert store.outcomes["r1"].reply == "refused"


def test_new_mail_does_not_make_it_hammer_on_a_closed_door(store, monkeypatch):
    monkeypatch.setattr(module, "AWAY_SECONDS", (30.0,))
    submission = Submission(outgoing(nobody_there()), Credentials("desk.example.com"))
    store.rows = [Row("r1")]
    runner = Runner(store.yard(), submission.send)
    runner.start()
    store.wait_for(1)
    store.rows = [Row("r2")]
    runner.wake()
    assert runner.stop(PATIENCE_SECONDS)
    assert "r2" not in store.outcomes
    assert store.rows == [Row("r2")]


def test_it_goes_on_when_the_smarthost_is_back(store):
    faults = [Unreachable("refused")]

    def submit(*mail):
        if faults:
            raise faults.pop()
        return OK

    store.rows = [Row("r1")]
    runner = Runner(store.yard(), submit)
    runner.run_once()
    store.rows = [Row("r1", attempts=2)]
    runner.run_once()
    assert not runner.is_away
    assert store.outcomes["r1"].state is DeliveryState.SENT


def test_stopping_finishes_the_mail_in_hand_and_gives_the_others_back(store):
    begun, go_on = threading.Event(), threading.Event()

    def submit(*mail):
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return OK

    store.rows = [Row("r1"), Row("r2"), Row("r3")]
    runner = Runner(store.yard(), submit)
    runner.start()
    assert begun.wait(PATIENCE_SECONDS)
    assert not runner.stop(0.01)
    go_on.set()
    assert runner.stop(PATIENCE_SECONDS)
    assert list(store.outcomes) == ["r1"]
    assert store.given_back == [Row("r2"), Row("r3")]


def test_a_row_whose_lease_ran_out_is_left_to_whoever_has_it_now(store):
    store.rows, store.lost = [Row("r1"), Row("r2")], {"r1"}
    Runner(store.yard(), lambda *mail: OK).run_once()
    assert list(store.outcomes) == ["r2"]


def test_a_row_that_cannot_be_sent_does_not_keep_those_behind_it(store):
    def submit(mail_from, rcpt_to, octets):
        if rcpt_to == "odd@example.org":
            raise ValueError("odd")
        return OK

    store.rows = [Row("r1", "odd@example.org"), Row("r2")]
    Runner(store.yard(), submit).run_once()
    assert store.outcomes["r1"].state is DeliveryState.DEFERRED
    assert store.outcomes["r1"].reply == "ValueError: odd"
    assert store.outcomes["r2"].state is DeliveryState.SENT


def test_a_busy_database_is_asked_again_before_a_mail_would_be_sent_twice(store):
    store.rows, store.faults = [Row("r1")], [OSError("busy"), OSError("busy")]
    Runner(store.yard(), lambda *mail: OK).run_once()
    assert store.outcomes["r1"].state is DeliveryState.SENT


def test_a_database_that_is_away_does_not_end_the_deliverer(store):
    broken = [OSError("away")]

    def claim(limit, full):
        if broken:
            raise broken.pop()
        return store.claim(limit)

    yard = store.yard()
    store.rows = [Row("r1")]
    runner = Runner(Yard(claim, yard.octets, yard.record, yard.give_back, yard.now), lambda *mail: OK)
    runner.start()
    store.wait_for(1)
    assert runner.stop(PATIENCE_SECONDS)


# --- mails that were taken share a commit -------------------------------------------------------------------------


@pytest.fixture
def together(store, monkeypatch):
    """A yard that also records many at once; `batches` are the rows of each time."""
    monkeypatch.setattr(module, "DOUBT_SECONDS", PATIENCE_SECONDS)
    batches = []

    def record_sent(sent):
        if store.faults:
            raise store.faults.pop()
        batches.append([row.id for _, row in sent])
        for outcome, row in sent:
            store.record(outcome, row)

    return replace(store.yard(), record_sent=record_sent), batches


def test_mails_that_were_taken_are_recorded_in_one_go(store, together):
    yard, batches = together
    store.rows = [Row(f"r{n}") for n in range(5)]
    assert Runner(yard, lambda *_: OK).run_once() == 5
    assert batches == [["r0", "r1", "r2", "r3", "r4"]]
    assert all(outcome.state is DeliveryState.SENT for outcome in store.outcomes.values())


def test_what_was_taken_is_recorded_also_when_the_smarthost_goes_away_or_we_leave(store, together):
    yard, batches = together
    store.rows = [Row("r1"), Row("r2", "no@example.org"), Row("r3"), Row("r4")]
    replies = iter([OK, Reply(550, "5.1.1", "no"), OK])

    def submit(*_):
        reply = next(replies, None)
        if reply is None:
            raise Unreachable("gone")
        return reply

    Runner(yard, submit).run_once()
    assert batches == [["r1", "r3"]]
    assert store.outcomes["r2"].state is DeliveryState.FAILED
    assert store.outcomes["r4"].state is DeliveryState.DEFERRED

    store.rows = [Row("r5"), Row("r6")]
    runner = Runner(yard, lambda *_: runner.stop() and OK)
    runner.run_once()
    assert batches[1:] == [["r5"]]
    assert [row.id for row in store.given_back] == ["r6"]


def test_mails_to_a_slow_smarthost_are_not_in_doubt_for_long(store, together, monkeypatch):
    monkeypatch.setattr(module, "DOUBT_SECONDS", 0.0)
    yard, batches = together
    store.rows = [Row("r1"), Row("r2")]
    Runner(yard, lambda *_: OK).run_once()
    assert batches == [["r1"], ["r2"]]


def test_a_busy_database_is_asked_again_for_all_of_them(store, together):
    yard, batches = together
    store.rows, store.faults = [Row("r1"), Row("r2")], [OSError("busy")]
    Runner(yard, lambda *_: OK).run_once()
    assert batches == [["r1", "r2"]]


# --- several connections at once --------------------------------------------------------------------------------


def test_a_slow_domain_does_not_delay_the_others_and_its_rows_are_sent_once(store):
    go_on, slow = threading.Event(), []

    def submit(mail_from, rcpt_to, octets):
        if rcpt_to.endswith("@slow.example"):
            slow.append(rcpt_to)
            assert go_on.wait(PATIENCE_SECONDS)
        return OK

    store.rows = [Row(f"s{n}", f"p{n}@slow.example") for n in range(6)]
    store.rows += [Row(f"r{n}", f"p{n}@quick.example") for n in range(30)]
    runner = Runner(store.yard(), submit, pace=Pace(4, 2))
    runner.start()
    store.wait_for(30)
    assert all(row.startswith("r") for row in store.outcomes)
    assert len(slow) == 2
    go_on.set()
    store.wait_for(36)
    assert runner.stop(PATIENCE_SECONDS)
    assert len(slow) == len(set(slow)) == 6


def test_a_domain_that_defers_everything_does_not_hold_up_another(store):
    def submit(mail_from, rcpt_to, octets):
        return Reply(451, "4.7.1", "greylisted") if rcpt_to.endswith("@grey.example") else OK

    store.rows = [Row(f"g{n}", f"p{n}@grey.example") for n in range(50)] + [Row("r1")]
    runner = Runner(store.yard(), submit, pace=Pace(2, 1))
    runner.start()
    store.wait_for(51)
    assert runner.stop(PATIENCE_SECONDS)
    assert store.outcomes["r1"].state is DeliveryState.SENT
    assert store.outcomes["g49"].next_attempt_at > NOW


def test_two_mails_of_a_ticket_reach_a_person_in_their_order_over_many_connections(store):
    sent, lock = [], threading.Lock()

    def submit(mail_from, rcpt_to, octets):
        with lock:
            sent.append(octets)
        return OK

    store.rows = [Row(f"r{n:02}", "marta@example.org") for n in range(40)]
    runner = Runner(store.yard(), submit, pace=Pace(8, 8))
    runner.start()
    store.wait_for(40)
    assert runner.stop(PATIENCE_SECONDS)
    assert sent == sorted(sent)


def test_leaving_while_several_mails_are_on_the_wire_finishes_each(store):
    begun, go_on = threading.Semaphore(0), threading.Event()

    def submit(*mail):
        begun.release()
        assert go_on.wait(PATIENCE_SECONDS)
        return OK

    store.rows = [Row(f"r{n}", f"p{n}@d{n}.example") for n in range(6)]
    runner = Runner(store.yard(), submit, pace=Pace(2, 1))
    runner.start()
    assert begun.acquire(timeout=PATIENCE_SECONDS)
    assert begun.acquire(timeout=PATIENCE_SECONDS)
    assert not runner.stop(0.01)
    go_on.set()
    assert runner.stop(PATIENCE_SECONDS)
    assert len(store.outcomes) == 2
    assert {row.id for row in store.given_back} | set(store.outcomes) == {f"r{n}" for n in range(6)}
