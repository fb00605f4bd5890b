"""The threads that work: each repeats one step until it is told to leave, whatever happens in a step."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import timedelta
from itertools import islice, takewhile
from typing import Any

from maild.database.connection import DatabaseUnavailable
from maild.desk.effects import Composed
from maild.journal.journal import Journal
from maild.journal.model import Entry
from maild.log import events
from maild.service.children import Composers
from maild.service.composer import Order
from maild.service.group import GROUP_MAX, decide_together
from maild.service.pipeline import Pipeline
from maild.service.reading import Reading

REST_SECONDS = 1.0  # After a step that failed, as when the database is away.
CLAIM_MAX = 16  # Entries taken at a time: few enough for another node to help.
AHEAD_MAX = 48  # Entries being read while the first is decided: a slow answer of the DNS must not stop the others.
ALONE_MAX = 1024  # After so many entries that were decided one by one a group is tried again.
# The longest rest before a group while clients wait for their 250: mail that is taken waits safely, a client may give
# up. As long when they are many; for one alone as long as it has waited for us, so each of us has half of the time.
GIVE_WAY_SECONDS = 0.25
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

    def rest(self, seconds: float) -> None:
        """Pause inside a step, no longer than until it is time to leave."""
        self._leaving.wait(seconds)

    def _run(self) -> None:
        while not self._leaving.is_set():
            try:
                self._step()
            except Exception:  # the thread outlives whatever one step meets; the log has the traceback
                events.worker_failed(worker=self._thread.name)
                self._leaving.wait(REST_SECONDS)
            self._leaving.wait(self._pause)


class Worker:
    """Takes entries from the journal in order: read side by side in the children, decided one after the other.

    With `composers`, entries that are read already are decided together and kept by one commit.
    """

    def __init__(
        self,
        journal: Journal,
        pipeline: Pipeline,
        name: str,
        readers: int,
        done: Callable[[], None],
        composers: Composers | None = None,
    ) -> None:
        self._journal = journal
        self._pipeline = pipeline
        self._name = name
        self._done = done
        self._ahead: deque[Prepared] = deque()
        self._is_wanted = False  # two mails have waited at once
        self._warming: list[Future[None]] = []  # until these are done nothing is decided together
        self._alone = 0  # how many go one by one because a group broke
        self._breaks = 0  # groups that broke, one after the other
        self._is_warm = False
        self._left: Future[None] = Future()  # done when it is time to leave
        self._composers = composers
        self._orders = ThreadPoolExecutor(composers.count if composers else 1, thread_name_prefix="composer")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="reader")
        self._repeater = Repeater("worker", self._step, wake=self._wake)

    def start(self) -> None:
        """Begin to work off what the journal holds."""
        self._repeater.start()

    def stop(self) -> None:
        """Finish the entry in hand, give the others back, and leave; what is being read is waited for by nobody."""
        self._left.set_result(None)
        self._repeater.stop()
        for pool in (self._readers, self._orders):
            pool.shutdown(wait=False, cancel_futures=True)
        try:
            self._journal.give_back([entry for entry, _ in self._ahead], self._name)
        except DatabaseUnavailable:  # their leases run out instead
            events.worker_failed(worker="worker")

    def _wake(self) -> None:
        self._journal.wake.set()

    def _step(self) -> None:
        """Decide on one entry, or on several together. What a database that is away holds up is tried again."""
        self._give_way()
        self._is_warm = self._is_warm or self._has_come(self._readers.submit(self._warm_up))
        if not self._is_warm:
            return
        # An entry that was tried before is worked on with none behind it: should it end this process, only its own
        # tries are counted.
        if len(self._ahead) <= AHEAD_MAX - CLAIM_MAX and all(entry.attempts <= 1 for entry, _ in self._ahead):
            self._ahead.extend(self._begun(entry) for entry in self._journal.claim(CLAIM_MAX, self._name, LEASE))
        if not self._ahead:
            self._journal.wait()
            return
        if self._decide_together():
            return
        entry, reading = self._ahead[0]
        if not self._has_come(reading):
            return
        try:
            self._pipeline.finish(entry, reading)
        except DatabaseUnavailable:
            self._ahead[0] = self._begun(entry)
            raise
        self._leave(1)
        self._alone = max(self._alone - 1, 0)

    def _give_way(self) -> None:
        """Let those go on who wait for their mail to be kept."""
        waited = min(self._journal.waited(), GIVE_WAY_SECONDS)
        seconds = GIVE_WAY_SECONDS if self._journal.is_crowded else waited
        if seconds > 0:
            self._repeater.rest(seconds)

    def _has_come(self, reading: "Future[Any]") -> bool:
        """Wait until something is read, or has failed; False when it is time to leave."""
        wait((reading, self._left), return_when=FIRST_COMPLETED)
        return not self._left.done()

    def _decide_together(self) -> bool:
        """Finish several entries by one commit; False when there are no two, or it failed: then each goes alone.

        Composers that are slow or die again and again are asked less and less often: each group that breaks has kept
        all others from writing for nothing.
        """
        group = self._group()
        if self._composers is None or len(group) < 2 or not self._has_composers():
            return False
        finished = decide_together(self._pipeline, self._compose, group)
        self._leave(finished)
        if finished:
            self._breaks = 0
            return True
        self._alone = min(len(group) << self._breaks, ALONE_MAX)
        self._breaks += 1
        self._warm_composers()  # one may have died
        return False

    def _group(self) -> list[Prepared]:
        """Return the entries at the front that are read, and may share a commit: none was tried before."""
        if self._alone:
            return []
        ready = takewhile(lambda each: each[0].attempts <= 1 and _is_read(each[1]), self._ahead)
        return list(islice(ready, GROUP_MAX))

    def _compose(self, order: Order) -> Future[tuple[Composed, ...]]:
        assert self._composers is not None
        return self._orders.submit(self._composers.compose, order)

    def _leave(self, count: int) -> None:
        for _ in range(count):
            self._ahead.popleft()
            self._done()

    def _warm_up(self) -> None:
        """Have a reader up before a try is counted: a service that is killed while it starts has tried nothing."""
        try:
            self._pipeline.warm_up()
        except Exception:  # the entries themselves will tell
            if not self._left.done():
                events.worker_failed(worker="reader")

    def _has_composers(self) -> bool:
        """Tell whether they are up. They are not before two mails wait at once: a small desk may do without them.

        Nor before the first of these has its own, for which this process compiles what the children then start with.
        """
        if not self._is_wanted:
            self._is_wanted = True
            return False
        if not self._warming:
            self._warm_composers()
        return all(warming.done() for warming in self._warming)

    def _warm_composers(self) -> None:
        """Have composers up before anything waits for them: who waits keeps all others from writing."""
        if self._composers is not None:
            self._warming = [self._orders.submit(self._composers.warm_up) for _ in range(self._composers.count)]

    def _begun(self, entry: Entry) -> Prepared:
        return entry, self._readers.submit(self._pipeline.prepare, entry)


def _is_read(prepared: Future[Reading]) -> bool:
    return prepared.done() and prepared.exception() is None
