"""Refuse early: below a floor of free space no mail is taken, so that what we have can still be worked off."""

import os
from pathlib import Path

from maild.journal.model import JournalUnavailable

FLOOR_OCTETS = (
    50_000_000  # one and a half times the largest mail, as Postfix's queue_minfree asks, and room for the WAL
)


def free_octets(path: Path) -> int:
    """Return the free space, in octets, of the file system that holds `path` (for an ordinary user)."""
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def require_space(path: Path | None, floor: int = FLOOR_OCTETS) -> None:
    """Raise JournalUnavailable (4.3.1) when less than `floor` octets are free; None, a database elsewhere, is fine."""
    if path is None:
        return
    free = free_octets(path)
    if free < floor:
        raise JournalUnavailable(f"disk nearly full: {free} octets are free, the floor is {floor}")
