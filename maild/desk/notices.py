"""What a decision says to people: which template, to whom, and the values that it may show."""

from dataclasses import dataclass
from datetime import datetime

from maild.base.words import Audience, Clock, Purpose, Role, Status
from maild.desk.dossier import Dossier
from maild.desk.model import Event, Listed, Table, Ticket
from maild.message.model import Address, Attachment
from maild.sla.model import Reading


@dataclass(frozen=True, slots=True)
class Wanted:
    """One field that a requester is asked for, in her language."""

    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    given: str = ""  # what she wrote that does not fit; "" when it is asked for the first time


@dataclass(frozen=True, slots=True)
class PublicFacts:
    """All that a mail to a requester, cc or approver may show. It can hold nothing internal: by type."""

    requester_name: str
    status: Status
    words: str = ""  # an agent's public words
    author: str = ""  # the name of the agent whose words they are
    received_at: datetime | None = None
    promise: datetime | None = None  # by when a person answers
    holder: str = ""  # the name of who works on it; only when she has read words of his
    summary: str = ""  # the requester's own first words, quoted back
    older: str = ""  # the key of the ticket that this one follows
    same_as: str = ""  # closed: the key of the request that this one doubles, when all readers take part in it
    same_status: Status | None = None  # closed: how that request stands
    reopen_until: datetime | None = None
    ask_rating: bool = False
    close_at: datetime | None = None  # pending-reminder: when it will be closed without an answer
    quoted: str = ""  # what is answered, public on both sides
    quoted_author: str = ""
    quoted_at: datetime | None = None
    stage: str = ""  # approval-request: "reminder", "wants-note", "delegated", "lead", "no-delegate"; "" for the first
    passed_on_by: str = ""  # approval-request: in whose place the reader is asked
    answer_by: datetime | None = None  # approval-request: until when the decision is waited for
    decision: str = ""  # approval-outcome: "granted", "rejected" or "expired"
    decided_by: str = ""  # approval-outcome: who decided, "" when nobody did
    is_known: bool = False  # acknowledgement, fields-wanted: a disturbance explains what she wrote
    known: str = ""  # acknowledgement, fields-wanted: the public title of a disturbance that is known
    workaround: str = ""  # acknowledgement, fields-wanted: what helps until it is mended
    others: tuple[str, ...] = ()  # announcement: the keys of her other requests that it is about
    articles: tuple[tuple[str, str], ...] = ()  # acknowledgement: title and text of what may help meanwhile
    service: str = ""  # fields-wanted: the title of the service
    wanted: tuple[Wanted, ...] = ()  # fields-wanted: what is missing; approval-request: what is known, each `given`
    size: str = ""  # too-large: of her mail, such as "90 MB"
    size_max: str = ""  # too-large: of the largest mail that we take


@dataclass(frozen=True, slots=True)
class Found:
    """What an agent's question found: values, so that the template says them in his language and by his clock."""

    key: str = ""  # of the ticket that was asked about
    ticket: Ticket | None = None  # `#show`
    booked_seconds: int = 0  # `#show`: time worked
    events: tuple[Event, ...] = ()  # `#history`
    readings: tuple[Reading, ...] = ()  # `#sla`
    listed: tuple[tuple[str, Listed], ...] = ()  # `#mine`, `#list`: key and ticket


@dataclass(frozen=True, slots=True)
class InternalFacts:
    """All that a mail to an agent, lead or administrator may show."""

    ticket: Ticket | None = None
    words: str = ""  # what was written: by the requester, by an agent as a note, or the report's text
    author: str = ""
    reason: str = ""  # why this mail was sent, in words
    readings: tuple[Reading, ...] = ()
    dossier: Dossier | None = None  # of a ticket that is handed on
    returned: bool = False  # escalated: it came back from a higher level
    events: tuple[Event, ...] = ()
    lines: tuple[tuple[str, str | Found], ...] = ()  # a transcript's (line as written, what became of it)
    also: tuple[str, ...] = ()  # what graver news swallowed: one sentence each
    carried: tuple[tuple[str, str], ...] = ()  # and what was written in it: (author, words)
    clock: Clock | None = None
    percent: int = 0
    due_at: datetime | None = None
    code: str = ""
    destroys: bool = False  # confirm: the sender is believed, but what he wants cannot easily be taken back
    likely: str = ""  # the key of an older ticket that this mail may belong to
    attachments: tuple[str, ...] = ()  # names
    deliver_to: str = ""  # bounced: the address that was not reached
    diagnostic: str = ""  # bounced: the report's own words
    draft: bool = False  # transcript: a text waits for `#ok`
    vip: bool = False  # the requester, or her organisation, is a VIP
    tables: tuple[Table, ...] = ()  # report: the figures


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address that gets a copy of its own."""

    address: Address
    role: Role


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail, in as many copies as it has recipients; To, Cc and Message-ID are the same on all of them."""

    template: str
    audience: Audience
    language: str
    recipients: tuple[Recipient, ...]
    to: tuple[Address, ...]
    facts: PublicFacts | InternalFacts
    purpose: Purpose  # what an answer to it will be
    ticket: int = 0  # 0: belongs to no ticket
    subject: str = ""  # without the key, which is put before it; "": the template's own
    cc: tuple[Address, ...] = ()
    from_address: str = ""  # "": desk.reply_address
    from_name: str = ""  # "": desk.name
    automatic: str = "auto-generated"  # RFC 3834: "auto-generated", "auto-replied"; "" for a person's words
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    thread_index: str = ""  # Outlook's, of the mail that is answered
    thread_topic: str = ""
    not_before: datetime | None = None
    hold: str = ""  # why it waits for a person; "" when it does not
    draft: bool = False  # held as a draft of an agent's words
    post: str = ""  # the post whose words it carries
    words_of: str = ""  # the agent whose words they are
    attachments: tuple[tuple[str, Attachment], ...] = ()  # (journal entry, attachment)
    files: tuple[tuple[str, str, bytes], ...] = ()  # made by ourselves: (filename, content type, octets)
