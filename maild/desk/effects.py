"""What a decision changes: a closed list of effects that the store applies all together or not at all."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from maild.base.words import Clock, DeliveryState, EntryState, LinkKind
from maild.desk.approvals import Approval
from maild.desk.model import Confirmation, Event, Participant, Person, Post, Ticket, Undo
from maild.desk.notices import Notice
from maild.desk.rules.model import Ruling
from maild.sla.model import Reading
from maild.sla.roster import Absence


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A new ticket, whole, with its participants; its facts come with events, its clocks with SetClocks."""

    ticket: Ticket


@dataclass(frozen=True, slots=True)
class ChangeTicket:
    """New values of some attributes of a ticket, by the names that they have in Ticket."""

    number: int
    changes: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class AddPost:
    """A message joins its ticket."""

    post: Post


@dataclass(frozen=True, slots=True)
class AddEvent:
    """A line joins a ticket's timeline; its fact, if any, joins the ticket's facts."""

    number: int
    event: Event


@dataclass(frozen=True, slots=True)
class PutParticipant:
    """A person joins a ticket, changes role, or leaves (active False)."""

    number: int
    participant: Participant


@dataclass(frozen=True, slots=True)
class AddLink:
    """Two tickets are tied; the store writes it once and shows it from both sides."""

    number: int
    kind: LinkKind
    other: int


@dataclass(frozen=True, slots=True)
class SetClocks:
    """The clocks of a ticket as they stand now, and when the next threshold is due (None: never)."""

    number: int
    readings: tuple[Reading, ...]
    next_threshold_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tell:
    """A threshold was reported; unique, so that it can never be reported twice."""

    number: int
    clock: Clock
    cycle: int
    percent: int


@dataclass(frozen=True, slots=True)
class SettleEntry:
    """What has become of the journal entry."""

    entry: str
    state: EntryState
    reason: str
    ticket: int | None = None


@dataclass(frozen=True, slots=True)
class MarkDelivery:
    """An outbox row changes state."""

    delivery: str
    state: DeliveryState
    reason: str
    next_attempt_at: datetime | None = None
    draft: bool | None = None  # None: as it was


@dataclass(frozen=True, slots=True)
class RememberPerson:
    """What is now known of a person, whole."""

    person: Person


@dataclass(frozen=True, slots=True)
class KeepConfirmation:
    """A one-time code was sent, or has been used."""

    confirmation: Confirmation


@dataclass(frozen=True, slots=True)
class RetryEntry:
    """A quarantined entry is run again, now confirmed by its agent or released by an administrator."""

    entry: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class MarkPost:
    """A kept draft has been sent, or a post changes whether the requester may see it."""

    post: str
    public: bool
    draft: bool
    message_id: str = ""  # under which people know it from now on; "": as it was


@dataclass(frozen=True, slots=True)
class MovePost:
    """A message goes over to another ticket."""

    post: str
    ticket: int
    public: bool


@dataclass(frozen=True, slots=True)
class RemoveLink:
    """A tie between two tickets is taken back, from whichever of them a parent and its child were tied."""

    number: int
    kind: LinkKind
    other: int


@dataclass(frozen=True, slots=True)
class KeepUndo:
    """A block of commands may be taken back, or has been."""

    undo: Undo


@dataclass(frozen=True, slots=True)
class KeepAbsence:
    """Somebody said when he is away, or that it ends; whole, by its id."""

    absence: Absence


@dataclass(frozen=True, slots=True)
class KeepRhythm:
    """An agent said how often he is written to; "": as the configuration says."""

    address: str
    rhythm: str


@dataclass(frozen=True, slots=True)
class FoldNotice:
    """A notice to an agent who gets his as a digest, or has had enough of them, is kept for his digest."""

    address: str
    ticket: int
    template: str


@dataclass(frozen=True, slots=True)
class Unfold:
    """The kept notices of an agent, up to and with `seq`, stand in a digest that goes out now."""

    address: str
    seq: int


@dataclass(frozen=True, slots=True)
class KeepApproval:
    """An approval as it stands now, whole."""

    approval: Approval


Effect = (
    OpenTicket
    | ChangeTicket
    | AddPost
    | AddEvent
    | PutParticipant
    | AddLink
    | SetClocks
    | Tell
    | SettleEntry
    | MarkDelivery
    | RememberPerson
    | KeepConfirmation
    | RetryEntry
    | MarkPost
    | MovePost
    | RemoveLink
    | KeepUndo
    | FoldNotice
    | KeepAbsence
    | KeepRhythm
    | Unfold
    | KeepApproval
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done about one stimulus: all of it or nothing, and once.

    `stimulus` is unique over the desk: the entry's id for a mail, and for clocks, administrators and
    deliveries an id that names what happened, so that the same one is never applied twice.
    `expects` are the versions of the tickets that were looked at; when one has moved on, it is decided again.
    """

    stimulus: str
    effects: tuple[Effect, ...] = ()
    notices: tuple[Notice, ...] = ()
    expects: tuple[tuple[int, int], ...] = ()
    would: tuple[str, ...] = field(default=())  # the actions in order, in words, for `maild explain` and the log
    ticket: int | None = None  # the ticket that it is mainly about
    rulings: tuple[Ruling, ...] = ()  # what each rule said, for `maild rules test`


@dataclass(frozen=True, slots=True)
class Composed:
    """One finished mail for one recipient: what becomes an outbox row in the decision's own transaction."""

    mail_from: str  # signed envelope sender (VERP)
    rcpt_to: str
    octets: bytes  # b"": they are still being composed
    message_id: str  # with angle brackets; the same on all copies of one notice
    ref: str  # the unique part of the Message-ID
    template: str
    ticket: int  # 0: belongs to no ticket
    state: DeliveryState  # QUEUED or HELD
    next_attempt_at: datetime
    post: str = ""  # the post whose words it carries; that post gets this Message-ID
    words_of: str = ""
    automatic: bool = True
    draft: bool = False
    hold: str = ""  # why it is held
