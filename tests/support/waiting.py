"""Waiting for a condition. A test waits for what must come, and never for a time that is hoped to be enough."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

# No promise of maild's: only the end of a test that would wait for ever. On a busy machine a second may become twenty.
PATIENCE_SECONDS = 120.0
LONG_SECONDS = 600.0  # for what starts processes
T = TypeVar("T")


def eventually(look: Callable[[], T], what: str = "it", patience: float = PATIENCE_SECONDS) -> T:
    """Return what `look` finds, as soon as it is true; fails after so many seconds."""
    deadline = time.monotonic() + patience
    pause = threading.Event()
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"{what} did not happen within {patience:.0f} s"
        pause.wait(0.01)


def join(thread: threading.Thread) -> None:
    """Wait for the end of a thread."""
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive(), f"{thread.name} did not end within {PATIENCE_SECONDS:.0f} s"
