"""One ticket with all that was said and done on it, in the outside contract's words; light."""

import json
from typing import Any

from maild.base.booking import booked_seconds
from maild.base.keys import format_key
from maild.database.dialect import Reader, Row, marks
from maild.sla.model import Fact
from maild.store.approval_rows import show_approvals
from maild.store.facts import read_fact
from maild.store.queries import merged_into, seconds, tickets_by_number

SLA_SNAPSHOT = "sla"  # the name under which the daemon keeps the compiled SLAs
_INVERSE = {"parent": "child", "child": "parent", "blocks": "blocked-by"}


def show_ticket(reader: Reader, prefix: str, number: int) -> dict[str, Any] | None:
    """Return a ticket with `messages`, `events`, `clocks` and `links`; None when there is none.

    The clocks are as of the last thing that moved them; `clock_facts` and `sla_snapshot` give them as of now.
    """
    tickets = tickets_by_number(reader, prefix, [number])
    if not tickets:
        return None
    events, links = _events(reader, number), _links(reader, prefix, number)
    more = {
        "messages": _messages(reader, number),
        "events": events,
        "time_seconds": booked_seconds(e["detail"] for e in events if e["verb"] == "time"),
        "clocks": _clocks(reader, number),
        "links": links,
        "approvals": show_approvals(reader, number),
        "children": [link["ticket"] for link in links if link["kind"] == "child"],
        **_problem(reader, number),
        "rating": _rating(reader, number),
    }
    return tickets[0] | more


def _rating(reader: Reader, number: int) -> dict[str, Any] | None:
    """Return what the requester said of it, `score` from 1 to 5; None before she did."""
    (row,) = reader.execute("SELECT rating, rating_comment, rated_at FROM ticket WHERE number = ?", (number,))
    if row["rating"] is None:
        return None
    return {"score": row["rating"], "comment": row["rating_comment"], "at": seconds(row["rated_at"])}


def _problem(reader: Reader, number: int) -> dict[str, Any]:
    """Return what is known of a problem; null and [] on every other ticket."""
    (row,) = reader.execute("SELECT workaround, known_error, public_title FROM ticket WHERE number = ?", (number,))
    return {
        "workaround": row["workaround"] or None,
        "known_error": json.loads(row["known_error"] or "[]"),
        "public_title": row["public_title"] or None,
    }


def clock_facts(reader: Reader, number: int) -> tuple[Fact, ...]:
    """Return all that moves the clocks of a ticket, in order; the input of `sla.clocks.read_clocks`."""
    rows = reader.execute("SELECT fact FROM event WHERE ticket = ? AND fact IS NOT NULL ORDER BY seq", (number,))
    return tuple(read_fact(row["fact"]) for row in rows)


def sla_snapshot(reader: Reader) -> str | None:
    """Return the compiled SLAs as text, see `sla.snapshot.from_json`; None before the daemon has run."""
    rows = reader.execute("SELECT value FROM meta WHERE name = ?", (SLA_SNAPSHOT,))
    return str(rows[0]["value"]) if rows else None


def _messages(reader: Reader, number: int) -> list[dict[str, Any]]:
    deliveries: dict[str, list[dict[str, Any]]] = {}
    family = merged_into(reader, number)
    among = marks(family)
    out = f"SELECT post, rcpt_to, state, last_reply FROM outbox WHERE ticket IN {among} AND post <> '' ORDER BY seq"  # noqa: S608 marks
    for row in reader.execute(out, family):
        delivery = {"rcpt_to": row["rcpt_to"], "state": row["state"], "last_reply": row["last_reply"] or None}
        deliveries.setdefault(row["post"], []).append(delivery)
    rows = reader.execute(f"SELECT * FROM post WHERE ticket IN {among} ORDER BY seq", family)  # noqa: S608 marks
    return [_message(row, deliveries.get(row["id"], [])) for row in rows]


def _message(row: Row, delivery: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "direction": row["direction"],
        "from": {"name": row["author_name"], "address": row["author"]},
        "to": json.loads(row["to_list"]),
        "cc": json.loads(row["cc_list"]),
        "subject": row["subject"],
        "message_id": row["message_id"] or None,
        "at": seconds(row["at"]),
        "text": row["text"],
        "new_text": row["new_text"],
        "attachments": [_attachment(attachment) for attachment in json.loads(row["attachments"])],
        "kind": row["kind"],
        "authentication": row["authentication"] or None,
        "public": bool(row["public"]),
        "draft": bool(row["draft"]),
        "entry": row["entry"] or None,
        "delivery": delivery,
    }


def _attachment(stored: dict[str, Any]) -> dict[str, Any]:
    return {name: stored[name] for name in ("filename", "content_type", "size", "inline", "sha256")}


def _events(reader: Reader, number: int) -> list[dict[str, Any]]:
    rows = reader.execute("SELECT at, actor, verb, detail FROM event WHERE ticket = ? ORDER BY seq", (number,))
    return [row | {"at": seconds(row["at"])} for row in rows]


def _clocks(reader: Reader, number: int) -> list[dict[str, Any]]:
    rows = reader.execute("SELECT * FROM clock WHERE ticket = ? ORDER BY started_at, clock, cycle", (number,))
    return [_clock(row) for row in rows]


def _clock(row: Row) -> dict[str, Any]:
    return {
        "clock": row["clock"],
        "cycle": row["cycle"],
        "state": row["state"],
        "started_at": seconds(row["started_at"]),
        "due_at": seconds(row["due_at"]),
        "met_at": seconds(row["met_at"]),
        "target_seconds": row["target_seconds"],
        "elapsed_seconds": row["elapsed_seconds"],
        "remaining_seconds": row["target_seconds"] - row["elapsed_seconds"],
    }


def _links(reader: Reader, prefix: str, number: int) -> list[dict[str, Any]]:
    """Return the ties of a ticket as they are seen from it: who has a parent is its child."""
    rows = reader.execute(
        "SELECT kind, other, 1 AS mine FROM link WHERE ticket = ?"
        " UNION ALL SELECT kind, ticket, 0 FROM link WHERE other = ? ORDER BY 2, 1",
        (number, number),
    )
    ties = [(row["kind"] if row["mine"] else _INVERSE.get(row["kind"], row["kind"]), row["other"]) for row in rows]
    return [{"kind": kind, "ticket": format_key(prefix, other)} for kind, other in dict.fromkeys(ties)]
