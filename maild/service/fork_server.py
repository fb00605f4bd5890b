"""The fork server: the process that makes the children of this one, and tells of their end.

It may hang like any other, and `multiprocessing` waits for its word without end. Whoever waits here does so within
bounds, after which it is killed: who waits hears that it is gone, and the next child is made by another one.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

PRELOADED = ["maild.service.child", "maild.service.composer", "mailparser"]


def context() -> ForkServerContext:
    """Return what makes processes and pipes by the fork server."""
    return multiprocessing.get_context("forkserver")


def prepare() -> None:
    """Start it, before any thread is there; its children then start in milliseconds."""
    context().set_forkserver_preload(PRELOADED)
    process = context().Process(target=_nothing)
    process.start()
    process.join()


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Kill it when the block takes longer than that; starting a process then raises OSError or EOFError."""
    timer = threading.Timer(seconds, kill)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def kill() -> None:
    """Kill it, though it has stopped; returns when it is dead. Nothing when there is none."""
    number = vars(forkserver._forkserver)["_forkserver_pid"]  # no other way leads to it
    if number is not None:
        with suppress(ProcessLookupError, ChildProcessError):  # somebody has seen its end already
            os.kill(number, signal.SIGKILL)
            os.waitid(os.P_PID, number, os.WEXITED | os.WNOWAIT)  # it is left for `forkserver` to reap


def _nothing() -> None:
    """What the first child does: it only brings the fork server up."""
