"""What work costs, measured so that a slow or busy machine changes nothing: in yardsticks, not in seconds."""

import gc
import re
import time
from collections.abc import Callable

_TEXT = "Marta Gil wrote: the printer on floor 2 has not printed anything since this morning. " * 1_200
_WORDS = re.compile(r"(\w+) (\w+)")
_TRIES = 3  # what is dear each time is dear


def costs_at_most(yardsticks: float, work: Callable[[], object]) -> bool:
    """Tell whether work takes at most so many times the CPU of a fixed piece of work; that takes some 20 ms.

    Only this thread's time counts, and one of several tries will do: a moment in which the machine was slow is no
    property of the work.
    """
    return any(_seconds(work) <= yardsticks * _seconds(_yardstick) for _ in range(_TRIES))


def _seconds(work: Callable[[], object]) -> float:
    gc.disable()  # what other tests left in memory is not this work's
    began = time.thread_time()
    try:
        work()
        return time.thread_time() - began
    finally:
        gc.enable()


def _yardstick() -> int:
    counted: dict[str, int] = {}
    for word in _WORDS.sub(r"\2 \1", _TEXT).split():
        counted[word] = counted.get(word, 0) + 1
    return sum(number * number % 7 for number in range(120_000)) + len(counted)
