"""What a process and those below it have used of the processors."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def used(process: int) -> tuple[float, float]:
    """Return the seconds of processor time of a process with its threads, and of all processes below it."""
    own, parents = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "stat").read_text().rpartition(")")[2].split()
            except FileNotFoundError:  # it has ended meanwhile
                continue
            number = int(folder.name)
            parents[number], own[number] = int(words[1]), (int(words[11]) + int(words[12])) / _TICKS
    below = sum(seconds for number, seconds in own.items() if process in _ancestors(number, parents))
    return own[process], below


def _ancestors(number: int, parents: dict[int, int]) -> list[int]:
    line = []
    while (number := parents.get(number, 0)) > 0:
        line.append(number)
    return line
