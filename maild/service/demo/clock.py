"""The demo's clock: it starts in the past, is put forward by the story, and ends as the time of day."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


class DemoClock:
    """The time of the demo's desk: `behind` the time of day until the story has put it forward by as much."""

    def __init__(self, behind: timedelta) -> None:
        self._behind = behind

    def __call__(self) -> datetime:
        """Return the desk's time."""
        return datetime.now(UTC) - self._behind

    def advance(self, by: timedelta) -> None:
        """Put the clock forward, never beyond the time of day."""
        self._behind = max(timedelta(0), self._behind - by)


def seconds_since_start() -> float:
    """Return how long this process has been running, as the kernel counts it (proc(5), starttime)."""
    fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")
