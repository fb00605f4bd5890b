"""Brings the journal's answers from its thread to the event loop: one wake-up for all that come together."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

Then = Callable[["Future[str]"], None]


class Promises:
    """Calls back on one event loop; `watch` is called on it, the futures are kept in any thread.

    A commit keeps many mails, and waking the loop costs a system call each time.
    """

    def __init__(self) -> None:
        self._kept: deque[tuple[Future[str], Then]] = deque()
        self._lock = threading.Lock()
        self._is_woken = False

    def watch(self, future: "Future[str]", then: Then) -> None:
        """Have `then` called on the loop, later, with the future once it is done or cancelled."""
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda done: self._done(loop, done, then))

    def _done(self, loop: asyncio.AbstractEventLoop, future: "Future[str]", then: Then) -> None:
        with self._lock:
            self._kept.append((future, then))
            if self._is_woken:
                return
            self._is_woken = True
        if not loop.is_closed():  # A mail that is kept after the door has closed has nobody to be told.
            loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, deque()
            self._is_woken = False
        for future, then in kept:
            then(future)
