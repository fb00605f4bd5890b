"""Entries as rows: the statements, and the two directions between values and columns."""

import hashlib
import json
import re
from collections.abc import Sequence

from maild.base.words import DoorName, EntryState
from maild.database.connection import Transaction
from maild.database.dialect import Reader, Row, clean, known_instant, marks, stored_instant
from maild.journal.model import Entry, ImapOrigin, Incoming
from maild.journal.octets import Octets
from maild.message.addresses import read_raw_addresses
from maild.message.envelope import Envelope

HEADER_OCTETS_MAX = 100_000  # the limit of a whole header; no Message-ID of an honest mail stands behind it
# A statement keeps what it was last run with, and there is one for each number of rows: large octets go alone.
TOGETHER_OCTETS = 16_000
_MESSAGE_ID = re.compile(rb"^message-id[ \t]*:(?:[ \t]|\r?\n[ \t])*(<[^<>\r\n]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(rb"^from[ \t]*:([^\r\n]{0,2000}(?:\r?\n[ \t][^\r\n]{0,2000}){0,9})", re.IGNORECASE | re.MULTILINE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")

COLUMNS = (
    "id, received_at, door, mailbox, client, helo, mail_from, rcpt_to, queue, authenticated_as, trusted, message_id,"
    " sha256, size, state, reason, ticket, attempts, next_attempt_at, confirmed, sender, sender_domain, results"
)
_INSERT = (
    "INSERT INTO entry (id, received_at, door, mailbox, client, helo, mail_from, rcpt_to, queue, authenticated_as,"
    " trusted, message_id, sha256, size, state, reason, attempts, claimed_by, confirmed, sender, sender_domain,"
    " content_hash, queues)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'received', '', 0, '', ?, ?, ?, '', '[]')"
)
_FIRST_PIECE = "INSERT INTO entry_octets (entry, octets) VALUES (?, ?)"
_NEXT_PIECE = "INSERT INTO entry_rest (entry, part, octets) VALUES (?, ?, ?)"
_PROGRESS = (
    "INSERT INTO imap_progress (mailbox, uidvalidity, uid, entry) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (mailbox, uidvalidity, uid) DO NOTHING"
)


def find_message_id(octets: bytes) -> str:
    """Return the Message-ID with its angle brackets, found without parsing; "" when there is none."""
    found = _MESSAGE_ID.search(_header(octets))
    return found[1].decode("utf-8", "replace") if found else ""


def find_from(octets: bytes) -> str:
    """Return the address in From in lower case, found without parsing the mail; "" when there is none."""
    found = _FROM.search(_header(octets))
    authors = read_raw_addresses(found[1], limit=1) if found else ()
    return authors[0].key if authors else ""


def _header(octets: bytes) -> bytes:
    head = octets[:HEADER_OCTETS_MAX]
    end = _HEADER_END.search(head)
    return head[: end.start()] if end else head


def keep(transaction: Transaction, items: Sequence[Incoming], new_ids: Sequence[str]) -> list[str]:
    """Write mails and return their entry ids: the one it has already for a mail whose place in a mailbox was seen."""
    kept = _take_places(transaction, items, new_ids)
    entries, first_pieces = [], []
    for incoming, new_id, entry in zip(items, new_ids, kept, strict=True):
        if entry == new_id:
            content = incoming.content
            first, digest = _keep_pieces(transaction, content, new_id)
            first_pieces.append((new_id, first))
            entries.append(_columns(incoming.envelope, content, new_id, digest))
    transaction.add_many(_INSERT, entries)
    transaction.add_many(_FIRST_PIECE, [piece for piece in first_pieces if len(piece[1]) <= TOGETHER_OCTETS])
    for piece in first_pieces:
        if len(piece[1]) > TOGETHER_OCTETS:
            transaction.change(_FIRST_PIECE, piece)
    return kept


def _keep_pieces(transaction: Transaction, content: Octets, new_id: str) -> tuple[bytes, str]:
    """Write what stands behind the first piece; return that one and the SHA-256 of all, in hex."""
    pieces = content.pieces()
    first = next(pieces, b"")
    digest = hashlib.sha256(first)
    for part, piece in enumerate(pieces, start=1):
        digest.update(piece)
        transaction.change(_NEXT_PIECE, (new_id, part, piece))
    return first, digest.hexdigest()


def _columns(e: Envelope, content: Octets, new_id: str, digest: str) -> tuple[object, ...]:
    facts = (new_id, e.received_at, e.door, e.mailbox, e.client, e.helo, e.mail_from, json.dumps(_whole(e.rcpt_to)))
    more = (e.queue, e.authenticated_as, e.trusted, find_message_id(content.head), digest, content.size, False)
    sender = find_from(content.head) if e.mail_from is None else e.mail_from.lower()
    return (*facts, *more, clean(sender), clean(sender.rpartition("@")[2]))


def _take_places(transaction: Transaction, items: Sequence[Incoming], new_ids: Sequence[str]) -> list[str]:
    """Note where mails stood in mailboxes; return whose each place is: the mail's that has it, else the new one's."""
    new = [(mail.origin, new_id) for mail, new_id in zip(items, new_ids, strict=True) if mail.origin is not None]
    transaction.add_many(_PROGRESS, [(at.mailbox, at.uidvalidity, at.uid, new_id) for at, new_id in new])
    folders: dict[tuple[str, int], list[int]] = {}
    for at, _ in new:
        folders.setdefault((at.mailbox, at.uidvalidity), []).append(at.uid)
    whose = {
        ImapOrigin(*folder, uid): entry
        for folder, uids in folders.items()
        for uid, entry in entries_at(transaction, *folder, uids).items()
    }
    return [new_id if mail.origin is None else whose[mail.origin] for mail, new_id in zip(items, new_ids, strict=True)]


def entries_at(reader: Reader, mailbox: str, uidvalidity: int, uids: Sequence[int]) -> dict[int, str]:
    """Return, by UID, the entries of those of `uids` (at most some hundred) whose mails were kept."""
    where = f"mailbox = ? AND uidvalidity = ? AND uid IN {marks(uids)}"
    rows = reader.execute(f"SELECT uid, entry FROM imap_progress WHERE {where}", (mailbox, uidvalidity, *uids))  # noqa: S608 marks
    return {int(row["uid"]): str(row["entry"]) for row in rows}


def _whole(addresses: Sequence[str]) -> list[str]:
    return [clean(address) for address in addresses]


def read_entry(row: Row) -> Entry:
    """Read an entry back from its COLUMNS."""
    return Entry(
        id=row["id"],
        envelope=_read_envelope(row),
        message_id=row["message_id"],
        sha256=row["sha256"],
        size=row["size"],
        state=EntryState(row["state"]),
        reason=row["reason"],
        ticket=row["ticket"],
        attempts=row["attempts"],
        next_attempt_at=stored_instant(row["next_attempt_at"]),
        confirmed=bool(row["confirmed"]),
        sender=row["sender"],
        sender_domain=row["sender_domain"],
        results=row["results"],
    )


def _read_envelope(row: Row) -> Envelope:
    return Envelope(
        door=DoorName(row["door"]),
        received_at=known_instant(row["received_at"]),
        mail_from=row["mail_from"],
        rcpt_to=tuple(json.loads(row["rcpt_to"])),
        client=row["client"],
        helo=row["helo"],
        mailbox=row["mailbox"],
        queue=row["queue"],
        authenticated_as=row["authenticated_as"],
        trusted=bool(row["trusted"]),
    )
