"""Group commit: whoever waits with a mail while a commit is under way goes into the next one, together."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from maild.database.connection import DatabaseUnavailable
from maild.database.outages import Outages
from maild.journal.model import Incoming, JournalUnavailable
from maild.log import events

GROUP_MAX = 200  # mails to a commit; more gains nothing, and all of them wait for it
GROUP_OCTETS_MAX = 8_000_000  # octets to a commit, so that small mails do not wait long behind large ones
LARGE_OCTETS = 1_000_000  # from here a mail waits until no smaller one does
CROWD_MAILS = 3  # mails to a commit from which on many clients wait for each other
CROWD_SECONDS = 0.2  # how long after such a commit they count as waiting

Kept = tuple[str, bool]
"""The entry id of a mail, and whether it is new: a mail of a mailbox may have been kept before."""


@dataclass(slots=True)
class Waiting:
    """A mail and the promise about it."""

    incoming: Incoming
    promise: "Future[str]" = field(default_factory=Future)
    came: float = field(default_factory=time.monotonic)

    @property
    def size(self) -> int:
        """Its octets."""
        return self.incoming.content.size


class Committer:
    """A thread that keeps mails in groups; `keep` writes one group durably and returns what was kept, in order.

    It is told when the first of them came, by `time.monotonic`, as none is to wait longer for others that come before.
    `tell` hears of it when those who wait have their answer. Large mails wait for the small ones, one of them goes into
    each group: twenty clients with 25 MB each hold up nobody.
    """

    def __init__(
        self,
        keep: Callable[[Sequence[Incoming], float], list[Kept]],
        tell: Callable[[Sequence[Incoming], Sequence[Kept]], None],
    ) -> None:
        self._keep = keep
        self._tell = tell
        self._large: deque[Waiting] = deque()
        self._waiting: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._outages = Outages()
        self._crowded_until = 0.0  # by the clock that never goes back

    @property
    def is_crowded(self) -> bool:
        """True while many clients wait for commits."""
        return time.monotonic() < self._crowded_until

    def submit(self, incoming: Incoming) -> "Future[str]":
        """Promise to keep a mail. Never blocks; the future gives the entry id only after the COMMIT."""
        waiting = Waiting(incoming)
        with self._lock:
            if self._closed:
                waiting.promise.set_exception(JournalUnavailable("maild is stopping"))
                return waiting.promise
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
                self._thread.start()
            self._waiting.put(waiting)
        return waiting.promise

    def close(self) -> None:
        """Keep what waits, then stop; what comes later is refused for now."""
        with self._lock:
            self._closed = True
            thread = self._thread
            self._waiting.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        last = False
        while not last or self._large:
            group, last = self._gather(last=last)
            group = [waiting for waiting in group if waiting.promise.set_running_or_notify_cancel()]
            if group:
                self._commit(group)

    def _gather(self, *, last: bool) -> tuple[list[Waiting], bool]:
        """Wait for a mail and take all that came meanwhile; True when no other will come."""
        group: list[Waiting] = []
        octets = 0
        while not last and len(group) < GROUP_MAX and octets < GROUP_OCTETS_MAX:
            try:
                following = self._waiting.get(block=not group and not self._large)
            except queue.Empty:
                break
            if following is None:
                last = True
            elif following.size >= LARGE_OCTETS:
                self._large.append(following)
            else:
                group.append(following)
                octets += following.size
        if self._large:
            group.append(self._large.popleft())
        return group, last

    def _commit(self, group: list[Waiting]) -> None:
        if len(group) >= CROWD_MAILS:
            self._crowded_until = time.monotonic() + CROWD_SECONDS
        try:
            kept = self._keep([waiting.incoming for waiting in group], min(waiting.came for waiting in group))
        except DatabaseUnavailable as error:
            self._refuse(group, str(error))
        except Exception as error:
            # One mail that cannot be written must not turn its neighbours away: each by itself.
            if len(group) > 1:
                for waiting in group:
                    self._commit([waiting])
            else:
                events.worker_failed(worker="journal")
                self._refuse(group, type(error).__name__)
        else:
            self._confirm(group, kept)

    def _confirm(self, group: list[Waiting], kept: list[Kept]) -> None:
        self._outages.back()
        for waiting, (entry, _) in zip(group, kept, strict=True):
            waiting.promise.set_result(entry)
        self._tell([waiting.incoming for waiting in group], kept)

    def _refuse(self, group: list[Waiting], because: str) -> None:
        self._outages.away(because)
        for waiting in group:
            waiting.promise.set_exception(JournalUnavailable(because))
