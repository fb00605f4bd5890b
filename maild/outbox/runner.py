"""The deliverer: claims due rows, gives them to a smarthost, reports what came of each. It knows no store."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from maild.base.instants import to_text
from maild.base.words import DeliveryState
from maild.desk.decide.delivery import DeliveryOutcome
from maild.log import events
from maild.outbox.connection import Unreachable
from maild.outbox.schedule import Reply, Schedule, Verdict, judge, judge_away

BATCH_MAX = 20  # rows claimed at once: little to give back at the end, little to defer together
IDLE_SECONDS = 1.0  # how often to look when nobody wakes us
AWAY_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # between two looks at smarthosts that do not answer
DOUBT_SECONDS = 1.0  # How long mails that were taken may wait to be recorded together; a crash sends them again.
RECORD_TRIES = 6  # A mail that was sent and not recorded is sent again, so a busy database is asked for a while.


class Row(Protocol):
    """What the deliverer has to know of a claimed outbox row; this attempt is counted in `attempts`."""

    @property
    def id(self) -> str:
        """The row's id."""
        ...  # pragma: no cover

    @property
    def ticket(self) -> int:
        """The ticket's number, 0 for none."""
        ...  # pragma: no cover

    @property
    def template(self) -> str:
        """The name of the notice."""
        ...  # pragma: no cover

    @property
    def mail_from(self) -> str:
        """The envelope sender."""
        ...  # pragma: no cover

    @property
    def rcpt_to(self) -> str:
        """The recipient."""
        ...  # pragma: no cover

    @property
    def attempts(self) -> int:
        """How often it was tried, this time included."""
        ...  # pragma: no cover

    @property
    def created_at(self) -> datetime:
        """When it was composed."""
        ...  # pragma: no cover


Outcome = tuple[DeliveryOutcome, Row]


@dataclass(frozen=True, slots=True)
class Yard:
    """What the deliverer is given to work with.

    `claim` takes at most so many due rows under a lease; `give_back` undoes a claim that was not begun; `holds`
    tells whether the lease on a row is still ours; `record` writes down what came of it, `record_sent` in one go
    that mails were taken; without it they are recorded one by one.
    """

    claim: Callable[[int], Sequence[Row]]
    octets: Callable[[str], bytes]
    record: Callable[[DeliveryOutcome, Row], None]
    give_back: Callable[[Row], None]
    now: Callable[[], datetime]
    holds: Callable[[Row], bool] = lambda _: True
    rest: Callable[[], None] = lambda: None  # called when there is nothing to do
    record_sent: Callable[[Sequence[Outcome]], None] | None = None


class Runner:
    """A thread that delivers. `submit(mail_from, rcpt_to, octets)` returns a Reply or raises Unreachable."""

    def __init__(
        self, yard: Yard, submit: Callable[[str, str, bytes], Reply], schedule: Schedule | None = None
    ) -> None:
        self._yard = yard
        self._submit = submit
        self._schedule = schedule or Schedule()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._sent: list[Outcome] = []  # taken by the smarthost and not yet recorded
        self._sent_since = 0.0
        self._away = 0  # looks in a row at which no smarthost answered
        self._thread = threading.Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def wake(self) -> None:
        """Say that a row may be due; while no smarthost answers this changes nothing."""
        self._wake.set()

    def stop(self, timeout: float | None = None) -> bool:
        """Finish the mail in hand, give the others back, and return whether the thread has ended in time."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def is_away(self) -> bool:
        """True while no smarthost answers."""
        return self._away > 0

    def run_once(self) -> int:
        """Deliver what is due now, one batch; returns how many rows were claimed."""
        rows = list(self._yard.claim(BATCH_MAX))
        try:
            self._work_off(rows)
        finally:
            self._record_sent()
        return len(rows)

    def _work_off(self, rows: Sequence[Row]) -> None:
        for position, row in enumerate(rows):
            if self._stopping.is_set():
                for left in rows[position:]:
                    self._yard.give_back(left)
                return
            if not self._yard.holds(row):
                continue  # its lease ran out while the others were sent: somebody else has it
            try:
                self._deliver(row)
            except Unreachable as fault:
                self._defer_together(rows[position:], str(fault))
                return

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                found = self.run_once()
            except Exception:  # the store is away, or a bug: the rows' leases run out, and we go on
                events.worker_failed(worker="delivery")
                found = 0
            if self._away:
                self._stopping.wait(AWAY_SECONDS[min(self._away, len(AWAY_SECONDS)) - 1])
            elif not found:
                self._yard.rest()
                self._wake.wait(IDLE_SECONDS)

    def _deliver(self, row: Row) -> None:
        reply = self._reply(row)
        self._away = 0
        now = self._yard.now()
        verdict = judge(reply, row.attempts, now - row.created_at, now, self._schedule, row=row.id)
        self._record(row, verdict, reply)

    def _reply(self, row: Row) -> Reply:
        try:
            return self._submit(row.mail_from, row.rcpt_to, self._yard.octets(row.id))
        except Unreachable:
            raise
        except Exception as fault:  # one row that cannot be sent must not keep those behind it
            events.worker_failed(worker="delivery")
            return Reply(0, "", f"{type(fault).__name__}: {fault}")

    def _defer_together(self, rows: Sequence[Row], because: str) -> None:
        """One try has told of all of them; none is tried by itself, and the next look comes later."""
        self._away += 1
        now = self._yard.now()
        for row in rows:
            verdict = judge_away(row.attempts, now - row.created_at, now, self._schedule, row=row.id)
            self._record(row, verdict, Reply(0, "", because))

    def _record(self, row: Row, verdict: Verdict, reply: Reply) -> None:
        _log(row, verdict, reply)
        outcome = DeliveryOutcome(row.id, verdict.state, str(reply), verdict.next_attempt_at, verdict.first_delay)
        if verdict.state is DeliveryState.SENT and self._yard.record_sent is not None:
            self._keep_sent((outcome, row))
        else:
            self._insist(lambda: self._yard.record(outcome, row))

    def _keep_sent(self, sent: Outcome) -> None:
        """Let a few mails share one commit; a slow smarthost's are recorded each by itself."""
        if not self._sent:
            self._sent_since = time.monotonic()
        self._sent.append(sent)
        if time.monotonic() - self._sent_since >= DOUBT_SECONDS:
            self._record_sent()

    def _record_sent(self) -> None:
        record, sent = self._yard.record_sent, tuple(self._sent)
        self._sent.clear()
        if sent and record is not None:
            self._insist(lambda: record(sent))

    def _insist(self, record: Callable[[], None]) -> None:
        for tries in range(1, RECORD_TRIES + 1):
            try:
                record()
            except Exception:
                if tries == RECORD_TRIES:
                    raise
                events.worker_failed(worker="delivery")
                self._stopping.wait(0.05 * 2**tries)
            else:
                return


def _log(row: Row, verdict: Verdict, reply: Reply) -> None:
    ticket = str(row.ticket or "")
    if verdict.state is DeliveryState.SENT:
        events.delivery_sent(
            delivery=row.id,
            rcpt_to=row.rcpt_to,
            template=row.template,
            ticket=ticket,
            smarthost=reply.smarthost,
            reply=str(reply),
        )
    elif verdict.state is DeliveryState.DEFERRED:
        events.delivery_deferred(
            delivery=row.id,
            rcpt_to=row.rcpt_to,
            ticket=ticket,
            reply=str(reply),
            attempts=row.attempts,
            until=to_text(verdict.next_attempt_at) or "",
        )
    else:
        events.delivery_failed(
            delivery=row.id, rcpt_to=row.rcpt_to, ticket=ticket, reply=str(reply), attempts=row.attempts
        )
