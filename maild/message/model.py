"""A Message: what one mail says, as frozen, picklable values without attachment octets."""

from dataclasses import dataclass
from datetime import datetime

from maild.base.domains import in_own_letters
from maild.base.words import Kind


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of RFC 5322 section 3.4; both parts decoded, `address` as written but trimmed."""

    name: str
    address: str

    @property
    def key(self) -> str:
        """The address as it is compared and stored: in lower case, its domain in its own letters."""
        return in_own_letters(self.address.strip()).lower()

    @property
    def domain(self) -> str:
        """The domain in lower case, "" when there is none."""
        return self.key.rpartition("@")[2] if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Field:
    """A header field as it came: name as written, value decoded and unfolded."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the body; its octets are read again from the journal when they are needed."""

    filename: str  # sanitised display name, never a path
    content_type: str
    size: int  # octets, decoded
    inline: bool
    sha256: str  # of the decoded octets, in hex
    content_id: str = ""
    part: str = ""  # where it stands: "2.1" is the first part in the second; "2!name" came out of it; "0" is all


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of `Message.text`; the spans of a message partition its text."""

    start: int
    end: int
    what: str  # "new", "quoted", "signature"


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The inner mail of a forward, and the words above it."""

    from_: Address
    subject: str
    date: str
    text: str
    comment: str


@dataclass(frozen=True, slots=True)
class ReportedRecipient:
    """One recipient of a delivery report (RFC 3464 section 2.3)."""

    address: str
    status: str  # RFC 3463, such as "5.1.1"; "" when the report gives none
    action: str  # failed, delayed, delivered, relayed, expanded
    permanent: bool
    diagnostic: str = ""
    what: str = "unknown"  # hard, soft, policy, full, unknown


@dataclass(frozen=True, slots=True)
class Report:
    """What a delivery report, complaint (RFC 5965) or receipt (RFC 8098) reports on."""

    recipients: tuple[ReportedRecipient, ...] = ()
    original_message_id: str = ""  # with angle brackets
    original_rcpt_to: str = ""
    original_envelope_id: str = ""
    kind: Kind = Kind.BOUNCE  # or COMPLAINT, RECEIPT


@dataclass(frozen=True, slots=True)
class Message:
    """What one mail says. Message-IDs keep their angle brackets."""

    sha256: str  # of the raw octets
    content_hash: str  # over the body and all fields but the trace
    size: int
    message_id: str = ""
    date: datetime | None = None
    from_: tuple[Address, ...] = ()
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    text: str = ""  # the whole body as text
    html: str | None = None  # sanitised, without remote content
    spans: tuple[Span, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    report: Report | None = None
    forwarded: Forwarded | None = None
    markers: tuple[str, ...] = ()  # our hidden markers found in the quoted body, as written
    defects: tuple[str, ...] = ()
    content_type: str = "text/plain"  # of the whole mail, without parameters
    unread: str = ""  # why nothing but its header could be read; "" when it was read

    @property
    def author(self) -> Address:
        """The one mailbox in From; an empty Address when there is none or more than one."""
        return self.from_[0] if len(self.from_) == 1 else Address("", "")

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of all fields of this name, in order."""
        wanted = name.lower()
        return tuple(f.value for f in self.fields if f.name.lower() == wanted)

    def part(self, what: str) -> str:
        """Return the spans of one kind ("new", "quoted", "signature") joined, without outer blank lines."""
        return "".join(self.text[s.start : s.end] for s in self.spans if s.what == what).strip("\r\n")

    @property
    def new_text(self) -> str:
        """What the sender wrote now."""
        return self.part("new")

    @property
    def quoted(self) -> str:
        """What the sender only repeats."""
        return self.part("quoted")

    @property
    def signature(self) -> str:
        """The sender's signature, disclaimer or device line."""
        return self.part("signature")
