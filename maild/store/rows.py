"""Tickets, posts, events, people and deliveries: from columns to the desk's values."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from maild.base.words import Clock, DeliveryState, Direction, Kind, Priority, Role, Status, TicketType
from maild.database.dialect import Reader, Row, known_instant, marks, stored_instant
from maild.desk.dossier import attached
from maild.desk.model import Attached, Confirmation, Delivery, Event, Participant, Person, Post, Ticket
from maild.message.model import Address
from maild.sla.model import Fact
from maild.store.facts import read_addresses, read_attachments, read_fact

POST_COLUMNS = (
    "id, ticket, direction, author, author_name, at, subject, to_list, cc_list, message_id, text, new_text,"
    " attachments, entry, kind, authentication, public, draft, canonical_subject, content_hash"
)
DELIVERY_COLUMNS = (
    "id, ticket, template, rcpt_to, state, message_id, ref, post, words_of, automatic, created_at, draft, attempts,"
    " last_reply"
)

OLDER_WITH_FILES = 500  # messages, beyond which nobody looks for a file in a dossier

# Written as in their indexes, or those are not used.
_WITH_FILES = "attachments <> '[]'"
_LANDMARK = "verb IN ('assigned', 'escalated', 'joined', 'offered', 'returned', 'time')"

# Columns of a ticket that are its attributes as they stand, and those that hold an instant or nothing.
_AS_STORED = (
    "number", "subject", "first_subject", "queue", "requester", "team", "level", "requester_name", "assignee",
    "language", "category", "sla", "address", "merged_into", "organisation", "thread_index", "thread_topic",
    "service", "priority_by", "resolution_code", "workaround", "public_title", "survey", "rating", "rating_comment",
    "fingerprint", "version",
)  # fmt: skip
_INSTANTS = (
    "assigned_at", "status_since", "resolved_at", "closed_at", "until", "snoozed_until", "reminded_at",
    "surveyed_at", "rated_at",
)  # fmt: skip


def load_tickets(reader: Reader, numbers: Sequence[int]) -> dict[int, Ticket]:
    """Return the tickets of these numbers, whole; a number without a ticket is left out."""
    if not numbers:
        return {}
    among = marks(numbers)
    rows = reader.execute(f"SELECT * FROM ticket WHERE number IN {among}", numbers)  # noqa: S608 marks
    people: dict[int, list[Participant]] = {}
    for row in reader.execute(f"SELECT * FROM participant WHERE ticket IN {among} ORDER BY address", numbers):  # noqa: S608 marks
        people.setdefault(row["ticket"], []).append(_participant(row))
    facts: dict[int, list[Fact]] = {}
    with_fact = f"SELECT ticket, fact FROM event WHERE ticket IN {among} AND fact IS NOT NULL ORDER BY seq"  # noqa: S608 marks
    for row in reader.execute(with_fact, numbers):
        facts.setdefault(row["ticket"], []).append(read_fact(row["fact"]))
    return {row["number"]: _ticket(row, people.get(row["number"], []), facts.get(row["number"], [])) for row in rows}


def _participant(row: Row) -> Participant:
    return Participant(row["address"], row["name"], Role(row["role"]), bool(row["active"]))


def _plainly(row: Row) -> dict[str, Any]:
    stored: dict[str, Any] = {name: row[name] for name in _AS_STORED}
    return stored | {name: stored_instant(row[name]) for name in _INSTANTS}


def _ticket(row: Row, people: Sequence[Participant], facts: Sequence[Fact]) -> Ticket:
    return Ticket(
        **_plainly(row),
        status=Status(row["status"]),
        created_at=known_instant(row["created_at"]),
        updated_at=known_instant(row["updated_at"]),
        type=TicketType(row["type"]),
        priority=Priority(row["priority"]),
        tags=tuple(json.loads(row["tags"])),
        by_machine=bool(row["by_machine"]),
        fields=tuple(json.loads(row["fields"]).items()),
        fields_asked=int(row["fields_asked"]),
        known_error=tuple(json.loads(row["known_error"] or "[]")),
        equal_mails=int(row["equal_mails"]),
        participants=tuple(people),
        facts=tuple(facts),
        public_ids=tuple(json.loads(row["public_ids"])),
    )


def load_posts(reader: Reader, family: Sequence[int], latest: int) -> tuple[Post, ...]:
    """Return the latest posts of a ticket and of those merged into it, see `merged_into`; newest last.

    Before them stands the ticket's very first one, however many there are.
    """
    newest = f"SELECT {POST_COLUMNS} FROM post WHERE ticket IN {marks(family)} ORDER BY seq DESC LIMIT ?"  # noqa: S608 marks
    rows = list(reversed(reader.execute(newest, (*family, latest))))
    if len(rows) == latest:
        oldest = f"SELECT {POST_COLUMNS} FROM post WHERE ticket = ? ORDER BY seq LIMIT 1"  # noqa: S608 a constant
        there = {row["id"] for row in rows}
        rows = [*(row for row in reader.execute(oldest, family[:1]) if row["id"] not in there), *rows]
    return tuple(map(read_post, rows))


def load_older_files(reader: Reader, family: Sequence[int], latest: int) -> Callable[[], tuple[Attached, ...]]:
    """Return what tells what came with the messages before the latest ones of a ticket and of those merged into it.

    It tells it oldest first, of more than OLDER_WITH_FILES such messages of the latest. The rows are at hand; they are
    read when it is called, since every decision on a long ticket loads them and hardly any makes a dossier.
    """
    theirs = f"ticket IN {marks(family)}"
    before = f"SELECT seq FROM post WHERE {theirs} ORDER BY seq DESC LIMIT 1 OFFSET ?"  # noqa: S608 marks
    older = f"SELECT at, author, attachments FROM post{reader.dialect.by_index('post_files')} WHERE {theirs}"  # noqa: S608 marks
    older += f" AND {_WITH_FILES} AND NOT draft AND seq <= ({before}) ORDER BY seq DESC LIMIT ?"
    return partial(_files, reader.execute(older, (*family, *family, latest, OLDER_WITH_FILES)))


def _files(rows: Sequence[Row]) -> tuple[Attached, ...]:
    return tuple(
        file
        for row in reversed(rows)
        for file in attached(known_instant(row["at"]), Address("", row["author"]), read_attachments(row["attachments"]))
    )


def read_post(row: Row) -> Post:
    """Read a post from its POST_COLUMNS."""
    return Post(
        id=row["id"],
        ticket=row["ticket"],
        direction=Direction(row["direction"]),
        author=Address(row["author_name"], row["author"]),
        at=known_instant(row["at"]),
        subject=row["subject"],
        to=read_addresses(row["to_list"]),
        cc=read_addresses(row["cc_list"]),
        message_id=row["message_id"],
        text=row["text"],
        new_text=row["new_text"],
        attachments=read_attachments(row["attachments"]),
        entry=row["entry"],
        kind=Kind(row["kind"]),
        authentication=row["authentication"],
        public=bool(row["public"]),
        draft=bool(row["draft"]),
        canonical_subject=row["canonical_subject"],
        content_hash=row["content_hash"],
    )


def load_events(reader: Reader, ticket: int, latest: int) -> tuple[Event, ...]:
    """Return the latest lines of a ticket's timeline, and before them as many of its older landmarks; newest last.

    Landmarks tell who had it, what he tried, who came with what, and how long it took: a report of its whole life.
    """
    columns = "SELECT seq, at, actor, verb, detail, fact FROM event"
    rows = reader.execute(f"{columns} WHERE ticket = ? ORDER BY seq DESC LIMIT ?", (ticket, latest))
    if len(rows) == latest:
        older = f"{columns}{reader.dialect.by_index('event_landmark')} WHERE ticket = ? AND seq < ? AND {_LANDMARK}"
        rows += reader.execute(f"{older} ORDER BY seq DESC LIMIT ?", (ticket, rows[-1]["seq"], latest))
    return tuple(_event(row) for row in reversed(rows))


def _event(row: Row) -> Event:
    fact = read_fact(row["fact"]) if row["fact"] is not None else None
    return Event(known_instant(row["at"]), row["actor"], row["verb"], row["detail"], fact)


def load_people(reader: Reader, addresses: Sequence[str]) -> dict[str, Person]:
    """Return what is known of these people; an address that never wrote is left out."""
    rows = reader.execute(f"SELECT * FROM person WHERE address IN {marks(addresses)}", addresses)  # noqa: S608 marks
    return {row["address"]: _person(row) for row in rows}


def _person(row: Row) -> Person:
    return Person(
        address=row["address"],
        name=row["name"],
        language=row["language"],
        suspended_until=stored_instant(row["suspended_until"]),
        suspended_because=row["suspended_because"],
        soft_bounces=row["soft_bounces"],
        blocked=bool(row["blocked"]),
        vip=bool(row["vip"]),
        organisation=row["organisation"],
    )


def load_told(reader: Reader, ticket: int) -> frozenset[tuple[Clock, int, int]]:
    """Return the thresholds of a ticket that were reported."""
    rows = reader.execute("SELECT clock, cycle, percent FROM told WHERE ticket = ?", (ticket,))
    return frozenset((Clock(row["clock"]), row["cycle"], row["percent"]) for row in rows)


def read_delivery(row: Row) -> Delivery:
    """Read an outbox row from its DELIVERY_COLUMNS."""
    return Delivery(
        id=row["id"],
        ticket=row["ticket"],
        template=row["template"],
        rcpt_to=row["rcpt_to"],
        state=DeliveryState(row["state"]),
        message_id=row["message_id"],
        ref=row["ref"],
        post=row["post"],
        words_of=row["words_of"],
        automatic=bool(row["automatic"]),
        created_at=known_instant(row["created_at"]),
        draft=bool(row["draft"]),
        attempts=row["attempts"],
        last_reply=row["last_reply"],
    )


def read_confirmation(row: Row) -> Confirmation:
    """Read a one-time code."""
    return Confirmation(
        id=row["id"],
        entry=row["entry"],
        address=row["address"],
        code_hash=row["code_hash"],
        expires_at=known_instant(row["expires_at"]),
        used=bool(row["used"]),
    )
