"""What a mail says of the ticket it belongs to, what the store knows of it, and the choice."""

from dataclasses import dataclass
from enum import StrEnum

from maild.proof.model import Token


class Rule(StrEnum):
    """The rules of threading in the order in which they are tried; the one that fired is stored."""

    DUPLICATE = "duplicate"
    REPORT = "report"
    TOKEN = "token"  # signed token in a recipient address
    OUR_MESSAGE_ID_REPLY = "our-message-id-in-reply-to"
    OUR_MESSAGE_ID_REFERENCES = "our-message-id-in-references"
    STORED_IN_REPLY_TO = "stored-message-id-in-reply-to"
    STORED_REFERENCES = "stored-message-id-in-references"
    SUBJECT_KEY = "subject-key"
    MARKER = "marker"
    NONE = "new"


@dataclass(frozen=True, slots=True)
class Keys:
    """Every hint in one mail, strongest first within each tuple. Each Token in it was verified."""

    message_id: str
    content_hash: str
    tokens: tuple[Token, ...]  # read from envelope recipients, then To, Cc, Delivered-To
    reply_ids: tuple[Token, ...]  # our signed Message-IDs in In-Reply-To
    reference_ids: tuple[Token, ...]  # ours in References, from right to left
    foreign_reply_ids: tuple[str, ...]  # other Message-IDs in In-Reply-To
    foreign_reference_ids: tuple[str, ...]  # other ones in References, from right to left
    subject_numbers: tuple[int, ...]
    markers: tuple[Token, ...]
    canonical_subject: str
    report_ids: tuple[Token, ...] = ()  # a report's original Message-ID and envelope token


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the store is asked before a ticket is chosen."""

    message_ids: tuple[str, ...]  # Message-IDs, not ours, of mails that some ticket may hold
    tickets: tuple[int, ...]  # numbers that keys carry, before merges


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A mail that some ticket already holds, found by its Message-ID."""

    message_id: str
    ticket: int
    canonical_subject: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket that a key points to, after following merges; `number` is where it lives now."""

    number: int
    asked_for: int  # the number that the key carried, before merges
    people: frozenset[
        str
    ]  # lower case: requester, cc, approvers, suppliers. Not assignee nor watchers: agents prove it


@dataclass(frozen=True, slots=True)
class Candidates:
    """The one query's answer to `wanted(keys)`, every ticket named by `stored` included."""

    duplicate_of: str = ""  # entry id of an applied entry of the same content, Message-ID and queue
    stored: tuple[StoredMessage, ...] = ()
    tickets: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket chosen, the rule that chose it, and what the sender may do there."""

    rule: Rule
    ticket: (
        int | None
    )  # None: a new ticket; with TOKEN, REPORT or our Message-ID: about a mail of ours without a ticket
    because: str
    token: Token | None = None  # the token, Message-ID or marker of ours that was answered
    admitted: bool = True  # False: the sender is neither participant, token's person nor proved agent
    mentions: tuple[int, ...] = ()  # tickets that a stranger's subject key named
