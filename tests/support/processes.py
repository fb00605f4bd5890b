"""Other processes, by the kernel's own account of them."""

from contextlib import suppress
from pathlib import Path


def children_of(pid: int | str) -> set[int]:
    """The processes below one; `self` is this process."""
    return {int(child) for words in _of_each_thread(pid, "children") for child in words.split()}


def is_stopped(pid: int) -> bool:
    """Whether every thread of a process has stopped, some time behind its SIGSTOP."""
    states = [words.rpartition(")")[2].split()[0] for words in _of_each_thread(pid, "stat")]
    return set(states) == {"T"}


def has_ended(pid: int) -> bool:
    """Whether a process is no more, though nobody may have asked for its end yet."""
    return {words.rpartition(")")[2].split()[0] for words in _of_each_thread(pid, "stat")} <= {"Z", "X"}


def _of_each_thread(pid: int | str, name: str) -> list[str]:
    found = []
    for path in Path(f"/proc/{pid}/task").glob(f"*/{name}"):
        with suppress(OSError):  # this thread has ended meanwhile
            found.append(path.read_text())
    return found
