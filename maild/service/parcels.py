"""What goes through the pipes to the children and back: packed field by field, in one step each.

A frozen dataclass with slots is pickled by loops of Python over its fields, at both ends. That took a millisecond of
each mail. What stands here is taken apart by `attrgetter` and put together by its own `__init__`.
"""

import copyreg
import pickle
from collections.abc import Callable
from dataclasses import fields
from multiprocessing.connection import Connection
from operator import attrgetter
from typing import Any

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


def send(pipe: Connection, value: object) -> None:
    """Send a value; the other end takes it with `recv`. Raises as `Connection.send` does."""
    pipe.send_bytes(pickle.dumps(value, _PROTOCOL))


def _taken_apart(kind: type) -> Callable[[Any], tuple[type, tuple[object, ...]]]:
    """Return what takes a value of this dataclass apart into its class and the arguments that make it again."""
    names = [field.name for field in fields(kind)]
    assert len(names) > 1, "attrgetter gives a tuple of several fields alone"
    assert all(field.init and not field.kw_only for field in fields(kind)), f"{kind.__name__} is made otherwise"
    values = attrgetter(*names)
    return lambda value: (kind, values(value))


for _kind in PACKED:
    copyreg.pickle(_kind, _taken_apart(_kind))
