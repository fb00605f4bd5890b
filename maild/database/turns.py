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
        self._waiting: deque[threading.Lock] = deque()  # each is released when its turn has come
        self._whose: int | None = None

    @property
    def is_awaited(self) -> bool:
        """True while a thread waits for its turn."""
        return bool(self._waiting)

    def __enter__(self) -> None:
        """Wait for a turn."""
        assert self._whose != threading.get_ident(), "turns do not nest"
        gate = threading.Lock()
        with self._guard:
            if self._whose is None:
                self._whose = threading.get_ident()
                return
            gate.acquire()
            self._waiting.append(gate)
        try:
            gate.acquire()
        except BaseException:  # Ctrl-C
            self._withdraw(gate)
            raise
        self._whose = threading.get_ident()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one go on."""
        with self._guard:
            self._hand_over()

    def _hand_over(self) -> None:
        self._whose = 0 if self._waiting else None  # somebody's, who will say so
        if self._waiting:
            self._waiting.popleft().release()

    def _withdraw(self, gate: threading.Lock) -> None:
        with self._guard:
            if gate in self._waiting:
                self._waiting.remove(gate)
            else:  # its turn had come
                self._hand_over()
