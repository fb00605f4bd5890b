"""The far end of a wire that is never done, and never silent for so long that somebody would lose patience."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Talker:
    """Says again and again that he is still there, and nothing else, until `over` is set."""

    def __init__(self) -> None:
        self.begun, self.over = threading.Event(), threading.Event()

    def talk(self, say: Callable[[], object]) -> None:
        """Say it ten times a second."""
        self.begun.set()
        while not self.over.wait(0.1):
            say()


@contextmanager
def talking() -> Iterator[Talker]:
    """Give a talker, who is done when the block is."""
    talker = Talker()
    try:
        yield talker
    finally:
        talker.over.set()
