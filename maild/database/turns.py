"""A lock that is fair: whoever has waited longest has the next turn."""

import threading
from collections import deque
from types import TracebackType


class Turns:
    """Turns that threads take one after the other, in the order in which they asked; not two at once by one thread.

    A thread that ends its turn and asks for the next one at once would get an ordinary lock back before those that wait
    have woken up, again and again.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[tuple[int, threading.Lock]] = deque()  # each is released when its thread's turn has come
        self._whose: int | None = None

    @property
    def is_awaited(self) -> bool:
        """True while a thread waits for its turn."""
        return bool(self._waiting)

    def __enter__(self) -> None:
        """Wait for a turn."""
        mine = threading.get_ident()
        assert self._whose != mine, "turns do not nest"
        try:
            with self._guard:
                if self._whose is None:
                    self._whose = mine
                    return
                gate = threading.Lock()
                gate.acquire()
                self._waiting.append((mine, gate))
            gate.acquire()
        except BaseException:  # Ctrl-C
            self._withdraw(mine)
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one go on."""
        with self._guard:
            self._hand_over()

    def _hand_over(self) -> None:
        self._whose = None
        if self._waiting:
            self._whose, gate = self._waiting.popleft()
            gate.release()

    def _withdraw(self, thread: int) -> None:
        with self._guard:
            if self._whose == thread:  # its turn had come
                self._hand_over()
            else:
                self._waiting = deque(waiting for waiting in self._waiting if waiting[0] != thread)
