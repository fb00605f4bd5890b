"""The closed lists of the desk's vocabulary; each value is spelled as the outside contract spells it."""

from enum import StrEnum


class Status(StrEnum):
    """Where a ticket stands."""

    NEW = "new"
    OPEN = "open"
    PENDING = "pending"
    ON_HOLD = "on-hold"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    SPAM = "spam"


class TicketType(StrEnum):
    """What the requester wants, in ITIL's words."""

    INCIDENT = "incident"
    REQUEST = "request"
    QUESTION = "question"
    PROBLEM = "problem"
    CHANGE = "change"


class Priority(StrEnum):
    """How soon a ticket is worked on, mildest first."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class Kind(StrEnum):
    """What kind of mail arrived; everything but HUMAN was written by a machine and is never answered."""

    HUMAN = "human"
    AUTO_REPLY = "auto-reply"
    AUTO_GENERATED = "auto-generated"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    RECEIPT = "receipt"
    LIST = "list"
    LOOP = "loop"


class Verdict(StrEnum):
    """How far the From address is believed (the result words of RFC 8601)."""

    PASS = "pass"
    FAIL = "fail"
    NONE = "none"
    TEMPERROR = "temperror"


class DoorName(StrEnum):
    """The way by which a mail came in."""

    SMTP = "smtp"
    LMTP = "lmtp"
    IMAP = "imap"
    INGEST = "ingest"


class EntryState(StrEnum):
    """What has become of a journal entry."""

    RECEIVED = "received"
    APPLIED = "applied"
    QUARANTINED = "quarantined"
    FAILED = "failed"
    DUPLICATE = "duplicate"
    DROPPED = "dropped"


class DeliveryState(StrEnum):
    """What has become of an outbox row."""

    QUEUED = "queued"
    HELD = "held"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Direction(StrEnum):
    """Which way a message of a ticket went; a note went nowhere."""

    IN = "in"
    OUT = "out"
    NOTE = "note"


class Role(StrEnum):
    """What a person is to one ticket."""

    REQUESTER = "requester"
    CC = "cc"
    WATCHER = "watcher"
    SUPPLIER = "supplier"
    APPROVER = "approver"
    AGENT = "agent"
    LEAD = "lead"
    ADMIN = "admin"


class Audience(StrEnum):
    """Whom a template is written for; one template has exactly one."""

    REQUESTER = "requester"
    AGENT = "agent"
    LEAD = "lead"
    APPROVER = "approver"
    SUPPLIER = "supplier"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What a signed token stands for; the value is its letter on the wire."""

    REQUESTER = "r"  # a requester or cc answers
    PUBLIC = "p"  # an agent's answer goes to the requester
    INTERNAL = "i"  # an agent's answer becomes a note
    APPROVER = "a"  # the asked person decides
    SUPPLIER = "s"  # a third party answers, internally
    ENVELOPE = "b"  # an envelope sender: only reports may come back to it
    CONTROL = "c"  # an answer to a transcript or to a confirmation


class Clock(StrEnum):
    """The SLA targets of a ticket."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    APPROVAL = "approval"
    SUPPLIER = "supplier"


class ClockState(StrEnum):
    """Where one clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    BREACHED = "breached"
    VOID = "void"


class LinkKind(StrEnum):
    """How one ticket is tied to another."""

    MENTIONS = "mentions"
    FOLLOWS = "follows"
    RELATED = "related"
    DUPLICATE = "duplicate"
    BLOCKS = "blocks"
    PARENT = "parent"
    CHILD = "child"
    SPLIT = "split"
    MERGED = "merged"


class ApprovalState(StrEnum):
    """Where an approval stands."""

    ASKED = "asked"
    GRANTED = "granted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class VoteState(StrEnum):
    """Where one asked person's vote stands."""

    WAITING = "waiting"  # his step has not come yet
    ASKED = "asked"
    APPROVED = "approved"
    REJECTED = "rejected"
    DELEGATED = "delegated"  # somebody else votes in his place
    NOT_NEEDED = "not-needed"  # it was decided without him
