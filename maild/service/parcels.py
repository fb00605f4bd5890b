"""What goes through the pipes to the children and back: packed field by field, in one step each.

A frozen dataclass with slots is pickled by loops of Python over its fields, at both ends. That took a millisecond of
each mail. What stands here is taken apart in one step (`base.values`) and put together by its own `__init__`.
"""

import copyreg
import os
import pickle
import struct
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from maild.base.values import apart
from maild.desk.dossier import Dossier, Tried
from maild.desk.effects import Composed, Decision
from maild.desk.model import Attached, Event, Participant, Post, Table, Ticket
from maild.desk.notices import InternalFacts, Notice, PublicFacts, Recipient, Wanted
from maild.message.envelope import Envelope
from maild.message.model import Address, Attachment, Field, Message, Span
from maild.proof.model import Results
from maild.service.reading import Reading
from maild.sla.model import Fact, Segment
from maild.sla.model import Reading as ClockReading
from maild.triage.model import Finding

PACKED: tuple[type, ...] = (
    *(Address, Attachment, Envelope, Field, Finding, Message, Reading, Results, Span),
    *(ClockReading, Composed, Decision, Event, Fact, InternalFacts, Notice, Participant, PublicFacts, Recipient),
    *(Attached, Dossier, Post, Segment, Table, Ticket, Tried, Wanted),
)
_PROTOCOL = 5
_LENGTH = struct.Struct("!i")  # before each parcel, as Connection writes it
_AT_ONCE_MAX = 64 * 1024  # octets that are written, or read, by one call: nearly every parcel


def send(pipe: Connection, value: object) -> None:
    """Send a value; the other end takes it with `recv` or `take`. Raises as `Connection.send` does."""
    parcel = pickle.dumps(value, _PROTOCOL)
    if len(parcel) > _AT_ONCE_MAX:
        pipe.send_bytes(parcel)
        return
    left = memoryview(_LENGTH.pack(len(parcel)) + parcel)  # in two pieces whoever waits for it would be woken twice
    while left:
        left = left[os.write(pipe.fileno(), left) :]


def take(pipe: Connection) -> Any:
    """Take the one value that is under way, or is about to be; nothing else may come behind it.

    Each call that waits hands the interpreter to another thread, and `recv` makes two or more. Raises as `recv` does.
    """
    found = bytearray(os.read(pipe.fileno(), _LENGTH.size + _AT_ONCE_MAX))
    if not found:
        raise EOFError
    while (missing := _missing(found)) > 0:
        more = os.read(pipe.fileno(), missing)
        if not more:
            raise OSError("got end of file during message")
        found += more
    return pickle.loads(memoryview(found)[_LENGTH.size :])  # noqa: S301 a child of ours has packed it


def _missing(found: bytearray) -> int:
    """Return how many octets of a parcel, with its length before it, are still to come; at least so many."""
    if len(found) < _LENGTH.size:
        return _LENGTH.size - len(found)
    return _LENGTH.size + int(_LENGTH.unpack_from(found)[0]) - len(found)


def _taken_apart(kind: type) -> Callable[[Any], tuple[type, tuple[object, ...]]]:
    """Return what takes a value of this dataclass apart into its class and the arguments that make it again."""
    values = apart(kind)
    return lambda value: (kind, values(value))


for _kind in PACKED:
    copyreg.pickle(_kind, _taken_apart(_kind))
