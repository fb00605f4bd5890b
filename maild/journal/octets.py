"""The octets of mail: in hand or spooled on disk while they come in, and piece by piece in the database.

Light: the short commands and the parse children read through it.
"""

import os
from collections.abc import Iterator
from typing import IO, Protocol

from maild.database.dialect import Reader

PIECE_OCTETS = 1_000_000  # A mail's first piece stands in `entry_octets`, the others in `entry_rest`.
HEAD_OCTETS = 256 * 1024  # More than any header that we read.


class Octets(Protocol):
    """The octets of one mail, which may be too many to hold in memory."""

    @property
    def size(self) -> int:
        """How many there are."""

    @property
    def head(self) -> bytes:
        """The first HEAD_OCTETS, or all when there are fewer."""

    def pieces(self) -> Iterator[bytes]:
        """Give all of them in order, PIECE_OCTETS at a time; OSError when the disk fails."""


class Held:
    """Octets in memory."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.size = len(octets)

    @property
    def head(self) -> bytes:
        """The first HEAD_OCTETS, or all when there are fewer."""
        return self._octets if self.size <= HEAD_OCTETS else self._octets[:HEAD_OCTETS]

    def pieces(self) -> Iterator[bytes]:
        """Give all of them in order, PIECE_OCTETS at a time."""
        if self.size <= PIECE_OCTETS:
            yield self._octets
            return
        for start in range(0, self.size, PIECE_OCTETS):
            yield self._octets[start : start + PIECE_OCTETS]


class Spooled:
    """Octets in a file that is open and has been written to its end. May be read from any thread until it is closed."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self.size = size

    @property
    def head(self) -> bytes:
        """The first HEAD_OCTETS, or all when there are fewer."""
        return self._at(0, HEAD_OCTETS)

    def pieces(self) -> Iterator[bytes]:
        """Give all of them in order, PIECE_OCTETS at a time; OSError when the disk fails."""
        for start in range(0, self.size, PIECE_OCTETS):
            yield self._at(start, PIECE_OCTETS)

    def _at(self, start: int, most: int) -> bytes:
        wanted = min(most, self.size - start)
        octets = os.pread(self._file.fileno(), wanted, start)
        if len(octets) != wanted:
            raise OSError("a spooled mail has lost octets")
        return octets


def read_octets(reader: Reader, entry: str) -> bytes | None:
    """Return the octets of an entry exactly as they came; None when there is no such entry."""
    rows = reader.execute("SELECT octets FROM entry_octets WHERE entry = ?", (entry,))
    if not rows:
        return None
    first = bytes(rows[0]["octets"])
    if len(first) < PIECE_OCTETS:
        return first
    rest = reader.execute("SELECT octets FROM entry_rest WHERE entry = ? ORDER BY part", (entry,))
    return b"".join([first, *(row["octets"] for row in rest)])
