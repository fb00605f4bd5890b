"""What the desk decides on: tickets, people, and a snapshot of all that one decision may look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from maild.base.keys import format_key
from maild.base.words import Clock, DeliveryState, Direction, Kind, LinkKind, Priority, Role, Status, TicketType
from maild.desk.approvals import Approval
from maild.desk.canned import Canned
from maild.desk.knowledge import Knowledge
from maild.message.envelope import Envelope
from maild.message.model import Address, Attachment, Message
from maild.proof.model import Proof
from maild.sla.duty import Duty
from maild.sla.model import Fact
from maild.sla.roster import Absence
from maild.thread.model import Match
from maild.triage.model import Finding

SYSTEM = "maild"  # the actor of what no person did
RULE = "rule:"  # begins the actor of what a rule did


def is_machine(actor: str) -> bool:
    """Tell whether an actor is the desk itself or one of its rules."""
    return actor == SYSTEM or actor.startswith(RULE)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote or was written to; `address` in lower case."""

    address: str
    name: str = ""
    language: str = ""  # "" until it is known
    suspended_until: datetime | None = None  # no mail goes there before this instant
    suspended_because: str = ""
    soft_bounces: int = 0
    blocked: bool = False
    vip: bool = False
    organisation: str = ""  # "": that of the address


@dataclass(frozen=True, slots=True)
class Participant:
    """A person beside requester and assignee on one ticket."""

    address: str  # lower case
    name: str
    role: Role  # CC, WATCHER, SUPPLIER or APPROVER
    active: bool = True  # False: has left (`#unsubscribe`, `#mute`)


@dataclass(frozen=True, slots=True)
class Post:
    """One message of a ticket."""

    id: str  # unique over the desk: "<stimulus>.<n>"
    ticket: int
    direction: Direction
    author: Address
    at: datetime
    subject: str = ""
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    message_id: str = ""  # as the requester knows it; of an agent's words: that of our mail
    text: str = ""  # the whole body as text
    new_text: str = ""  # what was written now
    attachments: tuple[Attachment, ...] = ()
    entry: str = ""  # the journal entry that holds the octets, "" when no mail brought it
    kind: Kind = Kind.HUMAN
    authentication: str = ""  # verdict and reason in words
    public: bool = False  # the requester may see it
    draft: bool = False  # kept, not sent: waits for `#ok`
    canonical_subject: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a message, or went with one."""

    at: datetime
    who: str
    filename: str
    size: int  # octets
    sha256: str  # of the octets, in hex: the same file twice has the same


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline: who did what, and why, in words."""

    at: datetime
    actor: str  # an address, "cli:<unix user>", or SYSTEM
    verb: str  # one word or hyphenated words, e.g. "opened", "assigned", "status"
    detail: str  # says what and why
    fact: Fact | None = None  # what it means for the clocks, if anything


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket as it stands; addresses in lower case."""

    number: int
    subject: str  # the ticket's own; `#subject` changes it
    first_subject: str  # of all outgoing mail, for life
    status: Status
    queue: str
    requester: str
    created_at: datetime
    updated_at: datetime
    type: TicketType = TicketType.INCIDENT
    priority: Priority = Priority.NORMAL
    team: str = ""
    level: int = 1
    requester_name: str = ""
    assignee: str | None = None
    assigned_at: datetime | None = None
    language: str = ""
    tags: tuple[str, ...] = ()
    category: str = ""
    sla: str = ""
    address: str = ""  # the queue's address or alias that was written to: From of what goes out
    by_machine: bool = False  # opened by automatic mail
    status_since: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    until: datetime | None = None  # of pending and on-hold
    snoozed_until: datetime | None = None
    reminded_at: datetime | None = None  # when the pending reminder went out in this pause
    merged_into: int | None = None
    fields: tuple[tuple[str, str], ...] = ()  # `#field name=value`, by name
    organisation: str = ""  # the requester's, "" when none is known
    thread_index: str = ""  # Outlook's, of the requester's latest mail that had one
    thread_topic: str = ""
    service: str = ""  # of the catalogue
    priority_by: str = ""  # who fixed the priority for good; "": the desk still finds it by itself
    fields_asked: int = 0  # how often its requester was asked for the service's fields
    resolution_code: str = ""  # with which it was last resolved
    participants: tuple[Participant, ...] = ()
    facts: tuple[Fact, ...] = ()  # all that moves the clocks, in order
    public_ids: tuple[str, ...] = ()  # Message-IDs of public posts, oldest first, the first 4 and the last 6
    workaround: str = ""  # of a problem: what helps until it is solved; may hold a block for each language
    known_error: tuple[str, ...] = ()  # of a problem: new tickets with all of these words are its children
    public_title: str = ""  # of a problem: what requesters may read of it
    fingerprint: str = ""  # of the mail that opened it: equal mails have the same; "" when nothing is equal to it
    equal_mails: int = 0  # how many equal ones came, the first with them; 0: no second one did
    surveyed_at: datetime | None = None  # when it was decided whether a mail of its own asks for a rating
    survey: str = ""  # "asked" or "skipped"; "" before
    rating: int | None = None  # 1 to 5
    rating_comment: str = ""
    rated_at: datetime | None = None
    version: int = 0

    def key(self, prefix: str) -> str:
        """Return the key as it is printed, such as ``ACME-10427P``."""
        return format_key(prefix, self.number)

    def with_role(self, role: Role) -> tuple[Participant, ...]:
        """Return the active participants of one role; the requester, who has every answer, is none on copy beside."""
        return tuple(
            p
            for p in self.participants
            if p.role is role and p.active and (role is not Role.CC or p.address != self.requester)
        )


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a member of a team is."""

    active: int = 0  # new and open tickets that he holds
    last_assigned_at: datetime | None = None
    by_priority: Mapping[Priority, int] = field(default_factory=dict)  # the active ones; those left out: none


@dataclass(frozen=True, slots=True)
class Sent:
    """Automatic mail that one address got lately, counted over the outbox."""

    in_10_minutes: int = 0
    in_a_day: int = 0


@dataclass(frozen=True, slots=True)
class Traffic:
    """Automatic mail that requesters got lately, each figure counted no further than its limit."""

    ticket: int = 0  # the one that `on_ticket` is about
    on_ticket: int = 0  # in 10 minutes
    on_ticket_in_a_day: int = 0
    by_domain: Mapping[str, int] = field(default_factory=dict)  # in 10 minutes; a shared domain is left out
    by_queue: Mapping[str, int] = field(default_factory=dict)  # in 10 minutes
    same_answers: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (address, template): in an hour


@dataclass(frozen=True, slots=True)
class Delivery:
    """An outbox row as a decision sees it."""

    id: str
    ticket: int
    template: str
    rcpt_to: str
    state: DeliveryState
    message_id: str
    ref: str
    post: str  # the post whose words it carries, "" for a notice of ours
    words_of: str  # the agent whose words they are, "" for a notice of ours
    automatic: bool
    created_at: datetime
    draft: bool = False
    attempts: int = 0
    last_reply: str = ""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A one-time code that waits to be answered."""

    id: str
    entry: str  # the journal entry that it releases
    address: str  # whom it was sent to
    code_hash: str
    expires_at: datetime
    used: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """One block of an agent's commands on one ticket: what it found and left, so that `#undo` takes it back."""

    id: str
    ticket: int
    agent: str
    at: datetime
    commands: tuple[str, ...]  # as written
    changes: tuple[tuple[str, Any, Any], ...] = ()  # (attribute of Ticket, before, after)
    people: tuple[Participant, ...] = ()  # as they took part before; those who did not are inactive
    links: tuple[tuple[LinkKind, int], ...] = ()  # that it made
    untied: tuple[tuple[LinkKind, int], ...] = ()  # links that it took away
    admitted: tuple[str, ...] = ()  # mails of strangers, by the ids of their posts, that it let the requester see
    persons: tuple[tuple[str, str, Any, Any], ...] = ()  # (address, attribute of Person, before, after)
    absences: tuple[tuple[Absence, Absence], ...] = ()  # (before, after); one that is new was over before it began
    rhythm: tuple[str, str] | None = None  # how often he is written to, before and after
    booked: int = 0  # seconds of work
    response: str = ""  # the id of what counted as an answer to the requester, "" when nothing did
    refusal: str = ""  # the phrase that says why it cannot be taken back, "" when it can
    used: bool = False


@dataclass(frozen=True, slots=True)
class KnownError:
    """An unsolved problem that new tickets are compared with."""

    ticket: int
    words: tuple[str, ...]
    title: str  # for requesters, "" when they may read none
    workaround: str


@dataclass(frozen=True, slots=True)
class Past:
    """What was said and done on one ticket until now: how it began, and the latest of it."""

    posts: tuple[Post, ...] = ()  # newest last; of a long ticket the very first, and the latest
    events: tuple[Event, ...] = ()  # newest last; of a long ticket the latest, and before them who had it and the like
    deliveries: tuple[Delivery, ...] = ()  # outbox rows that are not yet sent, or carry agents' words
    told: frozenset[tuple[Clock, int, int]] = frozenset()  # (clock, cycle, percent) reported already
    approvals: tuple[Approval, ...] = ()  # oldest first
    children: tuple[Ticket, ...] = ()  # oldest first; only when they were asked for
    parents: tuple[int, ...] = ()  # their numbers, oldest first; only when they were asked for
    older_files: Callable[[], tuple[Attached, ...]] = tuple  # oldest first; of a long ticket, before its latest posts


@dataclass(frozen=True, slots=True)
class Query:
    """Which tickets a list shall hold: any of the values of each name, and all of the words."""

    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()  # by the names of `store.queries.TICKET_FILTERS`, and "tag"
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """One ticket in the answer to `#list` and `#mine`."""

    number: int
    subject: str
    status: str
    priority: str
    assignee: str | None
    due_at: datetime | None = None  # the next of its clocks


@dataclass(frozen=True, slots=True)
class Standing:
    """An unfinished ticket as the lead's daily mail names it."""

    number: int
    subject: str
    status: str
    assignee: str = ""
    due_at: datetime | None = None  # of the clock that runs out first; past: it is late
    unanswered_since: datetime | None = None  # when the requester had the last word
    for_approval: bool = False
    for_supplier: bool = False


@dataclass(frozen=True, slots=True)
class Folded:
    """A notice that an agent has not got by itself and that waits for his digest."""

    seq: int
    ticket: int
    template: str
    at: datetime
    subject: str = ""  # the ticket's


@dataclass(frozen=True, slots=True)
class Table:
    """Figures for people: every row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()  # what the figures mean, printed under them


@dataclass(frozen=True, slots=True)
class Prepared:
    """A report in one language, ready to be sent."""

    title: str  # of what and of when
    text: str
    tables: tuple[Table, ...]
    file: tuple[str, str, bytes]  # (filename, content type, octets) of the CSV


@dataclass(frozen=True, slots=True)
class Snapshot(Past):
    """All that one decision may look at: the past of `ticket`, and more; the store takes it in one read transaction."""

    new_numbers: tuple[int, ...] = ()  # reserved for tickets that the decision opens; gaps are allowed
    ticket: Ticket | None = None  # the one that the stimulus belongs to
    # Others, by the number that was asked for: named by commands, mentioned by strangers; where they live after merges.
    tickets: Mapping[int, Ticket] = field(default_factory=dict)
    merged: tuple[Ticket, ...] = ()  # those that were merged straight into `ticket`, the latest first
    pasts: Mapping[int, Past] = field(default_factory=dict)  # of `tickets` and `merged`, by their own number
    people: Mapping[str, Person] = field(default_factory=dict)  # by address: agents, and whom mail and ticket name
    aliases: Mapping[str, str] = field(default_factory=dict)  # of these people: address to the one they are known by
    loads: Mapping[str, Load] = field(default_factory=dict)  # by agent's address; absent: nothing yet
    surveys: int = 0  # for how many tickets the requester was asked for a rating in the last 30 days
    sent: Mapping[str, Sent] = field(default_factory=dict)  # automatic mail by recipient's address
    automatic_in_a_minute: int = 0  # over all recipients
    traffic: Traffic = field(default_factory=Traffic)
    notices: Mapping[str, int] = field(default_factory=dict)  # automatic mails of 10 minutes, by every recipient
    reported: Delivery | None = None  # the outbox row that a delivery report is about, or that an agent answers
    same_subject: tuple[Ticket, ...] = ()  # open tickets of the requester with the same canonical subject
    equal: Ticket | None = None  # the latest open ticket of an equal mail, of the same sender
    siblings: tuple[Ticket, ...] = ()  # tickets that the same mail opened in other queues
    confirmation: Confirmation | None = None
    confirms_in_an_hour: int = 0  # `confirm` mails that went to this agent within the hour
    lists: Mapping[str, tuple[Listed, ...]] = field(default_factory=dict)  # by the query as it was written
    known_errors: tuple[KnownError, ...] = ()  # the newest first; only for what may open a ticket
    undo: Undo | None = None  # the agent's latest block of commands on the ticket that was not taken back
    last_agents: tuple[str, ...] = ()  # who had the requester's other tickets, the latest first
    absences: tuple[Absence, ...] = ()  # said by mail and not over, in the order in which they were said
    rhythms: Mapping[str, str] = field(default_factory=dict)  # how often agents want to be written to, as they said
    reports: Mapping[str, Prepared] = field(default_factory=dict)  # by the question as it was written
    duties: Mapping[str, Duty] = field(default_factory=dict)  # by team; one left out has all its members on duty
    away: Mapping[str, str] = field(default_factory=dict)  # who is away at this moment: who stands in, "" for nobody
    canned: Canned = field(default_factory=dict)
    knowledge: Knowledge = field(default_factory=Knowledge)


@dataclass(frozen=True, slots=True)
class Mail:
    """The stimulus "a message arrived", with all that was found out about it before the desk decides."""

    entry: str
    envelope: Envelope
    message: Message
    finding: Finding
    proof: Proof
    match: Match
    queues: tuple[str, ...]  # the queues it was written to, in envelope order; empty: none is ours
    address: str  # the queue address or alias that was written to
    language: str  # of the new text, "" when unknown
    agent: str | None = None  # the agent's canonical address when From is one of his
    agent_proved: bool = False
    own_token: bool = False  # the token that was answered was made for this very sender
    confirmed: bool = False  # a code confirmed it: counts as proved
    signed: bool = False  # by the agent's own key over all of it: proved, and confirmed as by a code
    signature: str = ""  # what was found out about its signature, in words; "" when it has none
    signature_id: str = ""  # with `signed`: it counts for this mail alone
    code: str = ""  # the one-time code that would release it, should it have to be confirmed
    code_hash: str = ""
    canonical_subject: str = ""
    to_control: bool = False  # written to the batch mailbox
    addresses: frozenset[str] = frozenset()  # all that are the sender's, the one in From among them


@dataclass(frozen=True, slots=True)
class Offshoot:
    """A ticket that an agent's command has opened; it is sorted in and handed out when all his commands are done."""

    ticket: int
    mail: Mail  # the words that it begins with, as they came or would have come
    by: str  # the agent, who knows of it
    task: bool = False  # he asks his colleagues: nobody outside waits for it


@dataclass(frozen=True, slots=True)
class Link:
    """A tie between two tickets as it is seen from one of them."""

    kind: LinkKind
    ticket: int
