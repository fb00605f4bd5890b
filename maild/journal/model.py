"""What the journal takes in, and what it gives back."""

import re
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import EntryState
from maild.journal.octets import Held, Octets
from maild.message.envelope import Envelope

_NAMED = re.compile(r"(?P<name>[a-z]+(?:-[a-z]+)*): (?P<words>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ImapOrigin:
    """Where in a mailbox a mail was found; the three together are never given twice (RFC 3501 section 2.3.1.1)."""

    mailbox: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A mail to be kept: `octets` are exactly what arrived, in memory or, large ones, on disk."""

    envelope: Envelope
    octets: bytes | Octets
    origin: ImapOrigin | None = None

    @property
    def content(self) -> Octets:
        """The octets, wherever they are."""
        return Held(self.octets) if isinstance(self.octets, bytes) else self.octets


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted mail without its octets."""

    id: str
    envelope: Envelope
    message_id: str  # found in the header without parsing, "" when there is none
    sha256: str  # of the octets, in hex
    size: int  # octets
    state: EntryState
    reason: str = ""  # why it is quarantined, failed or dropped
    ticket: int | None = None
    attempts: int = 0  # tries begun; counted before the mail is looked into
    next_attempt_at: datetime | None = None
    confirmed: bool = False  # its agent answered with the code, or an administrator released it as such
    sender: str = ""  # by whom it counts in the order of work: the envelope's sender, else From; in lower case
    sender_domain: str = ""
    results: str | None = None  # what was measured once (DKIM, SPF, DMARC), as JSON; None: not yet


def code_and_words(reason: str) -> tuple[str, str]:
    """Return the name that a reason begins with, `agent-unproved` for instance, and its words; no name, no words."""
    named = _NAMED.fullmatch(reason)
    return (named["name"], named["words"]) if named else (reason, "")


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found out about an entry once, and is kept with it so that a replay decides the same."""

    results: str  # as JSON
    content_hash: str
    message_id: str
    queues: tuple[str, ...]  # the queues that it was written to, in envelope order


class JournalUnavailable(Exception):
    """We could not make a mail durable, so whoever sends it has to keep it. Always temporary.

    `status` is 4.3.0, or 4.3.1 for a full disk (RFC 3463 section 3.4); the words are for the log, never for the wire.
    """

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        full = any(word in detail.lower() for word in ("full", "no space", "disk quota"))
        self.status = "4.3.1" if full else "4.3.0"


class NoSuchEntry(Exception):
    """There is no entry of this id, or it is in a state that forbids what was asked; the words say which. Exit 65."""
