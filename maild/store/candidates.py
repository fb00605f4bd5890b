"""The one query between the hints of a mail and the choice of its ticket."""

import json
from collections.abc import Iterable, Sequence

from maild.base.words import Role
from maild.database.dialect import Reader, marks
from maild.store.queries import MERGES_MAX
from maild.thread.model import Candidate, Candidates, StoredMessage, Wanted

_OUTSIDERS = (Role.CC, Role.APPROVER, Role.SUPPLIER)


def candidates(
    reader: Reader,
    wanted: Wanted,
    *,
    entry: str = "",
    content_hash: str = "",
    message_id: str = "",
    queues: Sequence[str] = (),
) -> Candidates:
    """Return the tickets that a mail's hints point to, where they live after merges, and who takes part in them.

    `entry` is the mail's own; another applied entry of the same content, Message-ID and queue makes it a duplicate.
    """
    stored = _stored(reader, wanted.message_ids)
    lives = follow(reader, {*wanted.tickets, *(message.ticket for message in stored)})
    people = _people(reader, sorted(set(lives.values())))
    return Candidates(
        duplicate_of=_duplicate(reader, entry, content_hash, message_id, queues),
        stored=stored,
        tickets=tuple(Candidate(number, asked, people[number]) for asked, number in lives.items()),
    )


def copies(reader: Reader, ref: str) -> tuple[tuple[str, str], ...]:
    """Return the copies of one of our mails, by the unique part of its Message-ID: (outbox id, recipient) each."""
    rows = reader.execute("SELECT id, rcpt_to FROM outbox WHERE ref = ? ORDER BY seq", (ref,))
    return tuple((row["id"], row["rcpt_to"]) for row in rows)


def _duplicate(reader: Reader, entry: str, content_hash: str, message_id: str, queues: Sequence[str]) -> str:
    if not content_hash:
        return ""
    by_content = reader.dialect.by_index("entry_content")  # nearly every entry is applied
    same = (
        f"SELECT id, queues FROM entry{by_content} WHERE content_hash = ? AND content_hash <> '' AND message_id = ?"  # noqa: S608 a constant
        " AND state = 'applied' AND id <> ? ORDER BY seq"
    )
    reached: set[str] = set()
    for row in reader.execute(same, (content_hash, message_id, entry)):
        reached |= set(json.loads(row["queues"]))
        if set(queues) <= reached:
            return str(row["id"])
    return ""


def _stored(reader: Reader, message_ids: Sequence[str]) -> tuple[StoredMessage, ...]:
    """Find posts by their own Message-ID, or by that of the mail that brought them; in the order of `message_ids`."""
    if not message_ids:
        return ()
    among = marks(message_ids)
    own = f"SELECT message_id, ticket, canonical_subject FROM post WHERE message_id <> '' AND message_id IN {among}"  # noqa: S608 marks
    brought = (
        "SELECT e.message_id, p.ticket, p.canonical_subject"  # noqa: S608 marks
        " FROM entry e JOIN post p ON p.entry = e.id AND p.entry <> ''"
        f" WHERE e.message_id <> '' AND e.message_id IN {among}"
    )
    rows = reader.execute(own, message_ids) + reader.execute(brought, message_ids)
    found = {StoredMessage(row["message_id"], row["ticket"], row["canonical_subject"]) for row in rows}
    place = {message_id: n for n, message_id in enumerate(message_ids)}
    return tuple(sorted(found, key=lambda m: (place[m.message_id], m.ticket, m.canonical_subject)))


def follow(reader: Reader, numbers: Iterable[int]) -> dict[int, int]:
    """Return where each ticket lives now; a number without a ticket is left out."""
    lives: dict[int, int] = {}
    open_ends = {number: number for number in numbers}
    for _ in range(MERGES_MAX):
        if not open_ends:
            break
        ends = sorted(set(open_ends.values()))
        rows = reader.execute(f"SELECT number, merged_into FROM ticket WHERE number IN {marks(ends)}", ends)  # noqa: S608 marks
        into = {row["number"]: row["merged_into"] for row in rows}
        lives |= {asked: end for asked, end in open_ends.items() if end in into}
        open_ends = {asked: into[end] for asked, end in open_ends.items() if into.get(end) is not None}
    return dict(sorted(lives.items()))


def _people(reader: Reader, numbers: Sequence[int]) -> dict[int, frozenset[str]]:
    if not numbers:
        return {}
    among = marks(numbers)
    people: dict[int, set[str]] = {number: set() for number in numbers}
    for row in reader.execute(f"SELECT number, requester FROM ticket WHERE number IN {among}", numbers):  # noqa: S608 marks
        people[row["number"]].add(row["requester"])
    on_copy = f"SELECT ticket, address FROM participant WHERE ticket IN {among} AND active AND role IN (?, ?, ?)"  # noqa: S608 marks
    for row in reader.execute(on_copy, (*numbers, *_OUTSIDERS)):
        people[row["ticket"]].add(row["address"])
    return {number: frozenset(addresses) for number, addresses in people.items()}


def lives_at(reader: Reader, number: int) -> int | None:
    """Return the number under which a ticket lives after merges; None when there is no such ticket."""
    return follow(reader, [number]).get(number)
