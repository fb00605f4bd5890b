"""Past mail in the order in which it came, each with its instant."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from maild.base.limits import DEFAULT_LIMITS
from maild.base.words import DoorName
from maild.message.addresses import read_addresses
from maild.message.envelope import Envelope
from maild.message.fields import Header, read_header, skip_preface

HEADER_MAX = 256 * 1024  # Octets in which the header is looked for.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)  # Else it is no date.
APART = timedelta(seconds=1)  # Between a mail without a date and the one before it.


@dataclass(frozen=True, slots=True)
class Arrival:
    """One past mail: where it was found, when it came, and what stands on its envelope."""

    name: str
    at: datetime
    octets: bytes
    author: str  # the address in From, "" when there is not exactly one

    def envelope(self, queue: str = "", *, believe: bool = False) -> Envelope:
        """Return the envelope; `believe`: as if whoever stands in From had logged in.

        `queue` takes the mails that name no queue.
        """
        as_author = self.author if believe else ""
        return Envelope(DoorName.INGEST, self.at, queue=queue, trusted=True, authenticated_as=as_author)


def arrivals(mails: Iterable[tuple[str, bytes]], start: datetime) -> list[Arrival]:
    """Return mails by their arrival: the topmost Received, else Date, else a second behind the one before it.

    `start` is when the first came if it does not say. Mails of one instant stay in their order.
    """
    found: list[Arrival] = []
    last = start - APART
    for name, octets in mails:
        header = _header(octets)
        last = _dated(header) or last + APART
        found.append(Arrival(name, last, octets, _author(header)))
    return sorted(found, key=lambda each: each.at)


def highest_key(mails: Sequence[Arrival], prefix: str) -> int:
    """Return the highest number of a key ``PREFIX-N`` in the headers; 0 when there is none.

    Keys of the real desk must not name tickets of the simulated one.
    """
    key = re.compile(rb"\b" + re.escape(prefix.encode()) + rb"-(\d{1,9})\b", re.IGNORECASE)
    return max((int(n) for mail in mails for n in key.findall(mail.octets[:HEADER_MAX])), default=0)


def _header(octets: bytes) -> Header:
    start = skip_preface(octets[:HEADER_MAX], Header())
    return read_header(octets, start, min(len(octets), HEADER_MAX), DEFAULT_LIMITS)


def _dated(header: Header) -> datetime | None:
    received = header.first("received")
    for raw in (received.rpartition(b";")[2] if received else b"", header.first("date")):
        at = _instant(" ".join(raw.decode("ascii", "replace").split()))
        if at is not None:
            return at
    return None


def _instant(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):  # a date that is none, in all the ways that there are
        return None
    return at.replace(microsecond=0) if EARLIEST <= at < LATEST else None


def _author(header: Header) -> str:
    named = read_addresses(header.first("from").decode("utf-8", "replace"))
    return named[0].key if len(named) == 1 and named[0].address else ""
