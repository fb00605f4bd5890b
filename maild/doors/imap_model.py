"""What the IMAP door needs and tells: its journal, its limits, how a mailbox is, and what goes wrong on the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from maild.journal.model import Incoming

BATCH_MAILS = 50  # mails to a FETCH, a commit and a MOVE; ten times as fast as one by one, more gains little
BATCH_OCTETS = 16_000_000  # octets to a batch, unless one mail alone is larger; imaplib needs some copies of them
LOOK_BATCHES = 20  # batches to a look; then the door tells how it is, hears whether to stop, and looks again
ASK_UIDS = 500  # UIDs to one question, of the server or of the journal
LIST_MAILS = 80_000  # UIDs to one SEARCH answer: imaplib takes lines of 1,000,000 octets
HEADER_OCTETS = 1_000_000  # the largest header that is fetched of a mail whose body is not

CONNECT_SECONDS = 15.0  # a slow TLS handshake; longer means that nobody is there
READ_SECONDS = 60.0  # the longest silence within a command
IDLE_AGAIN = timedelta(minutes=9)  # RFC 2177 allows 29; routers forget a silent connection sooner
SETTLE = timedelta(seconds=2)  # mail that came while we looked may be told before IDLE listens: look once more
LIST_AGAIN = timedelta(minutes=30)  # how often the whole folder is compared with the journal
BACKOFF_SECONDS = (1.0, 300.0)  # wait before the first new connection, and at most
THROTTLED_SECONDS = 30.0  # the shortest wait when the server says that we ask too much
DEAD_AFTER = timedelta(minutes=10)  # without contact
LOGINS_REFUSED = 3  # in a row; then a person has to look


class MailboxState(StrEnum):
    """How a mailbox is, in the words of `maild status`."""

    OK = "ok"
    DEGRADED = "degraded"  # something is wrong; the door goes on by itself
    DEAD = "dead"  # not reached for long, or not let in: a person has to look


@dataclass(frozen=True, slots=True)
class Health:
    """How a mailbox is now."""

    mailbox: str
    state: MailboxState
    since: datetime  # when it came into this state
    last_contact: datetime | None = None  # when the server last answered a whole look
    last_mail: datetime | None = None  # when a mail was last taken
    reason: str = ""  # why it is not ok, in words
    contact: bool = False  # `last_contact` is of this very report
    mail: bool = False  # `last_mail` is of this very report


class ImapJournal(Protocol):
    """The part of the journal that the door uses."""

    def append_now(self, items: Sequence[Incoming]) -> list[str]:
        """Keep these mails in one durable commit and return their entry ids; all of them or JournalUnavailable."""

    def taken_uids(self, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> frozenset[int]:
        """Return those of `uids` (at most some hundred) whose mails are in the journal."""

    def highest_uid(self, mailbox: str, uidvalidity: int) -> int:
        """Return the highest UID of a mailbox that is in the journal; 0 when none is."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The folder as SELECT describes it (RFC 3501 section 6.3.1)."""

    uidvalidity: int
    exists: int  # mails in it
    writable: bool


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the folder before it is fetched."""

    uid: int
    size: int  # octets, as the server says; some say it roughly
    flags: frozenset[str]  # in lower case, such as ``\\deleted``


# RFC 5530 and what large providers add: the server is well and wants us to come later.
THROTTLING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA", "SERVERBUG", "CONTACTADMIN"})


class Refused(Exception):
    """The server answered NO or BAD; the connection goes on."""

    def __init__(self, words: str, code: str = "", wait_seconds: float = 0.0) -> None:
        super().__init__(words)
        self.words = words
        self.code = code  # the response code in capitals (RFC 5530), "" when there is none
        self.wait_seconds = wait_seconds  # how long we are asked to wait, 0 when nobody says

    @property
    def throttled(self) -> bool:
        """Whether the same may well succeed later."""
        return self.code in THROTTLING


class LoginRefused(Refused):
    """The server does not let us in."""


class Lost(Exception):
    """The connection is of no use any more: cut, silent, or it speaks what we cannot read."""

    def __init__(self, words: str, code: str = "") -> None:
        super().__init__(words)
        self.words = words
        self.throttled = code in THROTTLING
        self.wait_seconds = 0.0  # nobody says
