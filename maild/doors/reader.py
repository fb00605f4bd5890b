"""Read the octets of one DATA command, whatever the pieces that they come in.

Chunking never changes the answer: any split of the same stream gives the same octets, the same fault and the same rest.
"""

import io
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

from maild.journal.octets import Spooled

END = b"\r\n.\r\n"  # RFC 5321 section 4.1.1.4; nothing else ends the data.
SPOOL_ABOVE_OCTETS = 500_000  # Larger mails wait on disk, so that many slow ones cannot fill the memory.
SPOOL_BLOCK_OCTETS = 128 * 1024  # What is then written at a time.
HEADER_SEARCHED_OCTETS = 256 * 1024  # 50 trace fields fit many times; more is never looked through on the event loop.


class Fault(StrEnum):
    """Why a mail that was read to its end is refused."""

    TOO_BIG = "it is larger than max_message_size"
    BARE_LINE_END = "it has a CR or LF that stands alone"
    NO_ROOM = "there is no room to keep it until its end"


@dataclass(frozen=True, slots=True)
class Ended:
    """What `feed` found: the data have ended, and the octets of `rest` stand behind their end."""

    rest: bytes


class DataReader:
    """Collects one mail: undoes dot-stuffing, counts octets, finds CRLF.CRLF and no other end.

    A mail with a fault is read on and thrown away, so memory stays flat; the answer comes behind its end
    (RFC 5321 section 4.5.3.1.9). `fault` may be asked at any time and never turns back to None.
    """

    def __init__(
        self,
        octets_max: int,
        *,
        mend_line_ends: bool = False,
        spool_above: int = SPOOL_ABOVE_OCTETS,
        folder: Path | None = None,
    ) -> None:
        """Take the largest size in octets (0: no limit) and whether bare CR and LF become CRLF instead of a fault.

        A mail of more than `spool_above` octets waits in a nameless file of `folder`, or of the system's folder.
        """
        self._folder = folder
        self._octets_max = octets_max
        self._mend = mend_line_ends
        self._spool_above = spool_above
        self._kept: list[bytes] = []
        self._in_memory = 0
        self._spool: IO[bytes] | None = None
        self._tail = b"\r\n"  # As if a line had just ended: a dot may open the data. Taken off again in `octets`.
        self._is_first = True
        self.size = 0
        self.fault: Fault | None = None

    def feed(self, chunk: bytes) -> Ended | None:
        """Take the next octets; return Ended when the data have ended, None when more are wanted."""
        window = self._tail + chunk
        # One search answers both questions of most mails: no dot opens a line before the end.
        dot = window.find(b"\r\n.")
        end = -1
        if dot >= 0:
            end = dot if window.startswith(END, dot) else window.find(END, dot)
        if end >= 0:
            # The CRLF before the dot ends the last line of the mail.
            self._keep(window[: end + 2], stuffed=dot < end)
            self._tail = b""
            return Ended(window[end + len(END) :])
        cut = _settled(window)
        self._tail = window[cut:]
        self._keep(window[:cut], stuffed=0 <= dot < cut)
        return None

    def _keep(self, settled: bytes, *, stuffed: bool) -> None:
        if not settled:
            return
        if stuffed:
            # RFC 5321 section 4.5.2: the first dot of a line goes.
            settled = settled.replace(b"\r\n.", b"\r\n")
        if self._is_first:
            self._is_first = False
            settled = settled[2:]
        if self._mend:
            settled = settled.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n")
        elif self.fault is None and _has_bare_line_end(settled):
            self._refuse(Fault.BARE_LINE_END)
        self.size += len(settled)
        if self._octets_max and self.size > self._octets_max:
            self._refuse(Fault.TOO_BIG)
        if self.fault is None:
            self._store(settled)

    def _store(self, settled: bytes) -> None:
        self._kept.append(settled)
        self._in_memory += len(settled)
        if self._in_memory <= (SPOOL_BLOCK_OCTETS if self._spool else self._spool_above):
            return
        try:
            self._write_out()
        except OSError:  # A full disk; the client is told so behind the end of its mail.
            self._refuse(Fault.NO_ROOM)

    def _write_out(self) -> IO[bytes]:
        if self._spool is None:
            self._spool = tempfile.TemporaryFile(prefix="maild-", dir=self._folder, buffering=0)  # noqa: SIM115 - until `close`
        for piece in self._kept:
            if self._spool.write(piece) != len(piece):
                raise OSError("a spooled mail was written in part")
        self._kept.clear()
        self._in_memory = 0
        return self._spool

    def _refuse(self, fault: Fault) -> None:
        # A mail that is too big is so however its lines end: the first answer must not depend on the chunks.
        if self.fault is not Fault.TOO_BIG:
            self.fault = fault
        self.close()

    def octets(self) -> bytes | Spooled:
        """Return the mail, a large one in its file, which lives until `close`.

        Behind the end, and without a fault; OSError when the disk fails.
        """
        assert self.fault is None
        if self._spool is None:
            return self._kept[0] if len(self._kept) == 1 else b"".join(self._kept)
        return Spooled(self._write_out(), self.size)

    def close(self) -> None:
        """Forget everything that was kept. May be called at any time and more than once."""
        self._kept.clear()
        self._in_memory = 0
        if self._spool is not None:
            self._spool.close()
            self._spool = None


def _settled(window: bytes) -> int:
    """Return how far the window can be judged now: up to a CR in its last four octets, which may begin an end."""
    start = max(0, len(window) - len(END) + 1)
    opening = window.find(b"\r", start)
    return len(window) if opening < 0 else opening


def _has_bare_line_end(settled: bytes) -> bool:
    # The library's decoder notes which line ends it has seen, in a third of the time of any search for one alone.
    seen = io.IncrementalNewlineDecoder(None, translate=False)
    seen.decode(settled.decode("latin-1"), final=True)
    return seen.newlines not in {None, "\r\n"}


def received_hops(octets: bytes) -> int:
    """Return how many Received fields the header has (RFC 5321 section 6.3), as far as it is looked through."""
    end = octets.find(b"\r\n\r\n", 0, HEADER_SEARCHED_OCTETS)
    header = b"\r\n" + octets[: HEADER_SEARCHED_OCTETS if end < 0 else end].lower()
    return header.count(b"\r\nreceived:")
