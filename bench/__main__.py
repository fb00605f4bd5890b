"""`make bench`: one run, one table. Figures of one run may be compared; those of two machines, or two days, may not."""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import growth, intake, mailbox, memory, outbox, tickets, understanding
from maild.log.setup import configure

PARTS: dict[str, Callable[[Path], Iterator[str]]] = {
    "intake": intake.report,
    "memory": memory.report,
    "tickets": tickets.through,
    "stages": tickets.stages,
    "growth": growth.report,
    "mailbox": mailbox.report,
    "outbox": outbox.report,
    "understanding": understanding.report,
}


LONG = ("growth",)  # A quarter of an hour: only when it is named.


def main(names: list[str]) -> None:
    """Run the named parts, by default all but the long ones, and print their lines as they come."""
    begun = time.monotonic()
    configure(level="error")
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    for name in names or (part for part in PARTS if part not in LONG):
        print(f"\n{name}", flush=True)
        with tempfile.TemporaryDirectory(prefix="maild-bench-") as folder:
            for line in PARTS[name](Path(folder)):
                print(f"  {line}", flush=True)
    print(f"\n{time.monotonic() - begun:.0f} seconds")


main(sys.argv[1:])
