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
from maild.outbox.lanes import Lanes, Pace
from maild.outbox.schedule import Reply, Schedule, Verdict, judge, judge_away

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

    `claim` takes at most so many due rows under a lease, none to the domains named; `give_back` undoes a claim that
    was not begun; `holds` tells whether the lease on a row is still ours; `record` writes down what came of it,
    `record_sent` in one go that mails were taken; without it they are recorded one by one. All of them are called
    from several threads.
    """

    claim: Callable[[int, frozenset[str]], Sequence[Row]]
    octets: Callable[[str], bytes]
    record: Callable[[DeliveryOutcome, Row], None]
    give_back: Callable[[Row], None]
    now: Callable[[], datetime]
    holds: Callable[[Row], bool] = lambda _: True
    rest: Callable[[], None] = lambda: None  # called when there is nothing to do
    record_sent: Callable[[Sequence[Outcome]], None] | None = None


class Runner:
    """Threads that deliver, one for each connection of `pace`.

    `submit(mail_from, rcpt_to, octets)` returns a Reply or raises Unreachable.
    """

    def __init__(
        self,
        yard: Yard,
        submit: Callable[[str, str, bytes], Reply],
        schedule: Schedule | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._yard = yard
        self._submit = submit
        self._schedule = schedule or Schedule()
        self._lanes: Lanes[Row] = Lanes(pace or Pace())
        self._wake = threading.Condition()
        self._stopping = threading.Event()
        self._claiming = threading.Lock()
        self._writing = threading.Lock()  # over what is taken and not yet recorded
        self._sent: list[Outcome] = []
        self._sent_since = 0.0
        self._away = 0  # looks in a row at which no smarthost answered
        self._away_until = 0.0
        self._threads = [
            threading.Thread(target=self._run, name=f"delivery-{number}", daemon=True)
            for number in range(self._lanes.pace.connections)
        ]

    def start(self) -> None:
        """Begin to deliver."""
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Say that a row may be due; while no smarthost answers this changes nothing."""
        with self._wake:
            self._wake.notify_all()

    def stop(self, timeout: float | None = None) -> bool:
        """Finish the mails in hand, give the others back, and return whether the threads have ended in time.

        A mail whose smarthost says nothing until then stays claimed until its lease runs out: it may have been taken.
        """
        self._stopping.set()
        self.wake()
        deadline = None if timeout is None else time.monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        have_ended = not any(thread.is_alive() for thread in self._threads)
        if not have_ended:
            self._leave()
        return have_ended

    @property
    def is_away(self) -> bool:
        """True while no smarthost answers."""
        return self._away > 0

    def run_once(self) -> int:
        """Deliver what is due now, one batch, in this thread; returns how many rows were claimed."""
        found = self._claim()
        try:
            while not self._stopping.is_set() and self._step():
                pass
        finally:
            self._leave()
        return found

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    self._turn()
                except Exception:  # the store is away, or a bug: the rows' leases run out, and we go on
                    events.worker_failed(worker="delivery")
                    self._pause(IDLE_SECONDS)
        finally:
            self._leave()

    def _turn(self) -> None:
        away = self._away_until - time.monotonic()
        if away > 0:
            self._stopping.wait(away)
        elif not self._step() and not self._claim():
            self._yard.rest()
            self._pause(min(IDLE_SECONDS, self._lanes.ready_in() or IDLE_SECONDS))

    def _pause(self, seconds: float) -> None:
        with self._wake:
            if not self._stopping.is_set():
                self._wake.wait(seconds)

    def _claim(self) -> int:
        """Record what was sent, then take more; one thread does so at a time, for all of them."""
        if not self._claiming.acquire(blocking=False):
            return 0
        try:
            self._record_sent()
            room, full = self._lanes.room()
            rows = self._yard.claim(room, full) if room > 0 else ()
            self._lanes.add(rows)
        finally:
            self._claiming.release()
        if len(rows) > 1:
            self.wake()
        return len(rows)

    def _leave(self) -> None:
        """Give back what was not begun, and record what was sent."""
        for row in self._lanes.drain():
            self._yard.give_back(row)
        self._record_sent()

    def _step(self) -> bool:
        """Deliver one mail; returns False when none may go now."""
        row = self._lanes.take()
        if row is None:
            return False
        try:
            if self._yard.holds(row):  # else its lease ran out while others were sent: somebody else has it
                self._deliver(row)
        except Unreachable as fault:
            self._defer_together([row, *self._lanes.drain()], str(fault))
        finally:
            self._lanes.done(row)
            self._next_of_lane()
        return True

    def _next_of_lane(self) -> None:
        """Another thread may be waiting for the lane in which we were."""
        if len(self._threads) > 1:
            with self._wake:
                self._wake.notify()

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
        if time.monotonic() >= self._away_until:  # else another thread has just said so
            self._away += 1
            self._away_until = time.monotonic() + AWAY_SECONDS[min(self._away, len(AWAY_SECONDS)) - 1]
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
        with self._writing:
            if not self._sent:
                self._sent_since = time.monotonic()
            self._sent.append(sent)
            is_long = time.monotonic() - self._sent_since >= DOUBT_SECONDS
        if is_long:
            self._record_sent()

    def _record_sent(self) -> None:
        with self._writing:
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
