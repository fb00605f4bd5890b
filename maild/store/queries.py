"""Lists of tickets for people and programs, in the outside contract's words; light: raw SQL on any reader."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from maild.base.keys import format_key
from maild.database.dialect import Reader, Row, instant, marks

Filters = Mapping[str, Sequence[str]]
"""Values wanted by name, such as `status` or `assignee`: any of the values of each name."""

TICKET_FILTERS = frozenset(
    {"status", "queue", "assignee", "requester", "type", "priority", "team", "level", "language", "category", "service"}
    | {"organisation"}
)
_TICKET = (
    "SELECT number, subject, status, type, priority, queue, team, level, requester, assignee, language, tags, category,"
    " service, resolution_code, organisation, fields, created_at, updated_at, until, snoozed_until, merged_into"
    " FROM ticket"
)
_POSTS_A_TICKET = 20  # so many of the newest messages are looked at for each ticket that is wanted
MERGES_MAX = 20  # hops; a chain that is longer is followed no further
_CHUNK = 500  # SQLite takes 32,766 parameters, older ones 999


def list_tickets(
    reader: Reader,
    prefix: str,
    filters: Filters | None = None,
    limit: int | None = None,
    *,
    now: datetime | None = None,
) -> list[dict[str, Any]]:
    """Return tickets, newest last, of `limit` the newest; raises KeyError for a filter that there is not.

    With `now` the clocks that have run out since they were written down are `breached` too: a running clock is due at
    one instant until a fact moves it, and then it is written down anew.
    """
    where, params = _where(filters or {}, TICKET_FILTERS)
    rows = newest(reader, f"{_TICKET}{where} ORDER BY number DESC", params, limit)
    return _with_more(reader, prefix, rows, now)


def tickets_by_number(
    reader: Reader, prefix: str, numbers: Sequence[int], *, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Return these tickets in this order, read as `list_tickets` does; a number without a ticket is left out."""
    rows = {row["number"]: row for row in reader.execute(f"{_TICKET} WHERE number IN {marks(numbers)}", numbers)}
    return _with_more(reader, prefix, [rows[number] for number in numbers if number in rows], now)


def newest(reader: Reader, sql: str, params: Sequence[object], limit: int | None) -> list[Row]:
    """Run a statement that gives the newest first, and return the newest `limit` rows, newest last."""
    if limit is not None:
        sql, params = f"{sql} LIMIT ?", (*params, limit)
    return reader.execute(sql, params)[::-1]


def _where(filters: Filters, known: frozenset[str]) -> tuple[str, tuple[object, ...]]:
    return where(filters, {name: name for name in known})


def where(filters: Filters, columns: Mapping[str, str]) -> tuple[str, tuple[object, ...]]:
    """Return a WHERE clause and its parameters; raises KeyError for a filter that there is not."""
    clauses: list[str] = []
    params: list[object] = []
    for name, values in filters.items():
        if values:
            clauses.append(f"{columns[name]} IN {marks(values)}")
            params.extend(values)
    return (" WHERE " + " AND ".join(clauses) if clauses else ""), tuple(params)


def _with_more(reader: Reader, prefix: str, rows: Sequence[Row], now: datetime | None) -> list[dict[str, Any]]:
    tickets, late = [], instant(now) if now is not None else ""
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        numbers = [row["number"] for row in chunk]
        people, clocks = _participants(reader, numbers), _clocks(reader, numbers)
        tickets += [_ticket(prefix, row, people, clocks.get(row["number"], []), late) for row in chunk]
    return tickets


def _participants(reader: Reader, numbers: Sequence[int]) -> dict[int, list[str]]:
    active = f"SELECT ticket, address FROM participant WHERE active AND ticket IN {marks(numbers)} ORDER BY address"  # noqa: S608 marks
    people: dict[int, list[str]] = {}
    for row in reader.execute(active, numbers):
        people.setdefault(row["ticket"], []).append(row["address"])
    return people


def _clocks(reader: Reader, numbers: Sequence[int]) -> dict[int, list[Row]]:
    among = f"SELECT ticket, clock, cycle, due_at, breached FROM clock WHERE ticket IN {marks(numbers)}"  # noqa: S608 marks
    clocks: dict[int, list[Row]] = {}
    # Of several askings the one that is still waited for is the present one.
    for row in reader.execute(f"{among} ORDER BY CASE WHEN met_at IS NULL THEN 1 ELSE 0 END, cycle", numbers):
        clocks.setdefault(row["ticket"], []).append(row)
    return clocks


def _ticket(prefix: str, row: Row, people: Mapping[int, list[str]], clocks: Sequence[Row], late: str) -> dict[str, Any]:
    present = {clock["clock"]: clock for clock in clocks}  # the last one wins: the present cycle
    return {
        "key": format_key(prefix, row["number"]),
        "number": row["number"],
        "subject": row["subject"],
        "status": row["status"],
        "type": row["type"],
        "priority": row["priority"],
        "queue": row["queue"],
        "team": row["team"] or None,
        "level": row["level"],
        "requester": row["requester"] or None,
        "organisation": row["organisation"] or None,
        "assignee": row["assignee"],
        "participants": people.get(row["number"], []),
        "language": row["language"] or None,
        "tags": json.loads(row["tags"]),
        "category": row["category"] or None,
        "service": row["service"] or None,
        "resolution_code": row["resolution_code"] or None,
        "fields": json.loads(row["fields"]),
        "created_at": seconds(row["created_at"]),
        "updated_at": seconds(row["updated_at"]),
        "until": seconds(row["until"]),
        "snoozed_until": seconds(row["snoozed_until"]),
        "first_response_due": _due(present, "first_response"),
        "next_response_due": _due(present, "next_response"),
        "resolution_due": _due(present, "resolution"),
        "approval_due": _due(present, "approval"),
        "supplier_due": _due(present, "supplier"),
        "breached": [name for name, clock in sorted(present.items()) if clock["breached"] or _is_past(clock, late)],
        "merged_into": format_key(prefix, row["merged_into"]) if row["merged_into"] is not None else None,
    }


def _is_past(clock: Row, late: str) -> bool:
    """Tell whether a running clock's due, as it is stored, is not after an instant as it would be stored."""
    return clock["due_at"] is not None and clock["due_at"] <= late


def _due(present: Mapping[str, Row], clock: str) -> str | None:
    return seconds(present[clock]["due_at"]) if clock in present else None


def seconds(stored: str | None) -> str | None:
    """Return a stored instant in whole seconds, as the contract prints it."""
    return None if not stored else stored[:19] + "Z"


def merged_into(reader: Reader, ticket: int) -> tuple[int, ...]:
    """Return a ticket and all that were merged into it, also by way of others; their posts are found from it."""
    family = [ticket]
    last = family
    for _ in range(MERGES_MAX):
        inner = f"SELECT number FROM ticket WHERE merged_into IN {marks(last)} ORDER BY number"  # noqa: S608 marks
        last = [row["number"] for row in reader.execute(inner, last) if row["number"] not in family]
        if not last:
            break
        family += last
    return tuple(family)


def search(
    reader: Reader, prefix: str, words: Sequence[str], limit: int = 50, *, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Return the tickets whose subject or messages hold all these words, newest last."""
    text = " ".join(words).strip()
    if not text:
        return []
    found = _search_sqlite(reader, text, limit) if reader.dialect.name == "sqlite" else _search_pg(reader, text, limit)
    return tickets_by_number(reader, prefix, sorted(found)[-limit:], now=now)


def _search_sqlite(reader: Reader, text: str, limit: int) -> set[int]:
    # Each word as a string of FTS5's own syntax: what people type is never an operator there.
    match = " ".join('"' + word.replace('"', '""') + '"' for word in text.split())
    in_posts = (
        "SELECT p.ticket FROM post_search s JOIN post p ON p.seq = s.rowid WHERE post_search MATCH ?"
        " ORDER BY s.rowid DESC LIMIT ?"
    )
    return {int(row["ticket"]) for row in reader.execute(in_posts, (match, limit * _POSTS_A_TICKET))} | _in_subject(
        reader, text, limit
    )


def _search_pg(reader: Reader, text: str, limit: int) -> set[int]:
    in_posts = (
        "SELECT ticket FROM post WHERE to_tsvector('simple', subject || ' ' || left(new_text, 200000))"
        " @@ plainto_tsquery('simple', ?) ORDER BY seq DESC LIMIT ?"
    )
    return {int(row["ticket"]) for row in reader.execute(in_posts, (text, limit * _POSTS_A_TICKET))} | _in_subject(
        reader, text, limit
    )


def _in_subject(reader: Reader, text: str, limit: int) -> set[int]:
    """Find the subjects that `#subject` has changed; all others are those of a message."""
    words = text.lower().split()
    like = " AND ".join("lower(subject) LIKE ? ESCAPE '!'" for _ in words)
    escaped = [f"%{word.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%" for word in words]
    renamed = f"SELECT number FROM ticket WHERE subject <> first_subject AND {like}"  # noqa: S608 constants
    rows = reader.execute(f"{renamed} ORDER BY number DESC LIMIT ?", (*escaped, limit))
    return {int(row["number"]) for row in rows}
