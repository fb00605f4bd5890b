"""What the store is asked, and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime

from maild.desk.model import Query
from maild.desk.reporting import ReportWish
from maild.store.traffic import Counted


@dataclass(frozen=True, slots=True)
class Applied:
    """The decision is in the database, all of it; `deliveries` are the ids of its outbox rows, in order."""

    deliveries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stale:
    """Nothing was written: something that the decision looked at has moved on. Decide again on a new snapshot."""

    because: str


@dataclass(frozen=True, slots=True)
class AlreadyApplied:
    """Nothing was written: the same stimulus has had its effect before."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a snapshot shall hold beside what belongs to its ticket; addresses in lower case."""

    ticket: int | None = None  # follows no merges: give the number where the ticket lives
    tickets: tuple[int, ...] = ()  # others; these are followed to where they live
    people: tuple[str, ...] = ()  # beside those of the ticket
    new_numbers: int = 0  # how many to reserve, see `reserve_numbers`
    requester: str = ""  # with `canonical_subject`: whose open tickets of the same subject
    also: tuple[str, ...] = ()  # other addresses of the requester
    canonical_subject: str = ""
    queue: str = ""  # in which the mail may open a ticket
    fingerprint: str = ""  # of a mail whose equals are wanted
    content_hash: str = ""  # with `message_id`: the tickets that this very mail opened already
    message_id: str = ""
    delivery: str = ""  # the outbox row that the stimulus is about, by its id,
    reported_ref: str = ""  # or by the unique part of its Message-ID
    reported_rcpt_to: str = ""  # and, when copies share it, the recipient
    code_hash: str = ""  # of a one-time code that a mail answers with
    agent: str = ""  # whose `confirm` mails of the last hour are counted, and whose commands may be taken back
    lists: tuple[tuple[str, Query], ...] = ()  # by the query as it was written
    reports: tuple[tuple[str, ReportWish], ...] = ()  # by the question as it was written; the service makes them
    surveys: bool = False  # whether it matters how often the ticket's requester was asked for a rating lately
    children: bool = False  # whether the tickets' children are wanted, with what was said on them
    parents: bool = False  # whether the tickets' parents are
    posts: int = 50  # the latest, beside the first; of older ones their files
    events: int = 200  # the latest, beside older landmarks


@dataclass(frozen=True, slots=True)
class Tally:
    """What a configuration has a use for: which automatic mails of the last minutes are counted, how far, and more."""

    agents: tuple[str, ...] = ()  # all of the desk: what is known of them is always in a snapshot
    notices: bool = True  # whether their mails of 10 minutes are counted
    in_a_minute: int = 0  # at most so many over all recipients; 0: not counted
    traffic: Counted = field(default_factory=Counted)
    last_agents: bool = True  # whether it matters who had a requester's latest tickets


@dataclass(frozen=True, slots=True)
class Row:
    """An outbox row that was claimed for a delivery attempt; the attempt is counted already."""

    id: str
    ticket: int
    template: str
    mail_from: str
    rcpt_to: str
    message_id: str
    attempts: int
    created_at: datetime
    automatic: bool
    post: str
    words_of: str
