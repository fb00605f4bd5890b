"""The threads that work: each repeats one step until it is told to leave, whatever happens in a step."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta

from maild.database.connection import DatabaseUnavailable
from maild.journal.journal import Journal
from maild.journal.model import Entry
from maild.log import events
from maild.service.pipeline import Pipeline
from maild.service.reading import Reading

REST_SECONDS = 1.0  # After a step that failed, as when the database is away.
CLAIM_MAX = 16  # Entries taken at a time: few enough for another node to help.
AHEAD_MAX = 32  # Entries being read while the first is decided: a slow answer of the DNS must not stop the others.
LEASE = timedelta(minutes=10)  # Longer than the slowest entry; a dead worker's entries are taken up again after it.

Prepared = tuple[Entry, "Future[Reading]"]


class Repeater:
    """A named thread that runs `step` again and again, `pause` seconds apart; `wake` ends a wait inside the step."""

    def __init__(
        self, name: str, step: Callable[[], None], *, wake: Callable[[], None] = lambda: None, pause: float = 0.0
    ) -> None:
        self._step = step
        self._wake = wake
        self._pause = pause
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the step in hand and leave."""
        self._leaving.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._leaving.is_set():
            try:
                self._step()
            except Exception:  # the thread outlives whatever one step meets; the log has the traceback
                events.worker_failed(worker=self._thread.name)
                self._leaving.wait(REST_SECONDS)
            self._leaving.wait(self._pause)


class Worker:
    """Takes entries from the journal in order: read side by side in the children, decided one after the other."""

    def __init__(self, journal: Journal, pipeline: Pipeline, name: str, readers: int, done: Callable[[], None]) -> None:
        self._journal = journal
        self._pipeline = pipeline
        self._name = name
        self._done = done
        self._ahead: deque[Prepared] = deque()
        self._is_warm = False
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="reader")
        self._repeater = Repeater("worker", self._step, wake=self._wake)

    def start(self) -> None:
        """Begin to work off what the journal holds."""
        self._repeater.start()

    def stop(self) -> None:
        """Finish the entry in hand, give the others back, and leave."""
        self._repeater.stop()
        try:
            self._journal.give_back([entry for entry, _ in self._ahead], self._name)
        except DatabaseUnavailable:  # their leases run out instead
            events.worker_failed(worker="worker")
        self._readers.shutdown()

    def _wake(self) -> None:
        self._journal.wake.set()

    def _step(self) -> None:
        """Decide on one entry. What a database that is away keeps from its end is tried again in the next step."""
        if not self._is_warm:
            self._is_warm = True
            self._warm_up()
        # An entry that was tried before is worked on with none behind it: should it end this process, only its own
        # tries are counted.
        if len(self._ahead) <= AHEAD_MAX - CLAIM_MAX and all(entry.attempts <= 1 for entry, _ in self._ahead):
            self._ahead.extend(self._begun(entry) for entry in self._journal.claim(CLAIM_MAX, self._name, LEASE))
        if not self._ahead:
            self._journal.wait()
            return
        entry, reading = self._ahead[0]
        try:
            self._pipeline.finish(entry, reading)
        except DatabaseUnavailable:
            self._ahead[0] = self._begun(entry)
            raise
        self._ahead.popleft()
        self._done()

    def _warm_up(self) -> None:
        """Have a reader up before a try is counted: a service that is killed while it starts has tried nothing."""
        try:
            self._pipeline.warm_up()
        except Exception:  # the entries themselves will tell
            events.worker_failed(worker="reader")

    def _begun(self, entry: Entry) -> Prepared:
        return entry, self._readers.submit(self._pipeline.prepare, entry)
