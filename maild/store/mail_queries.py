"""Lists of the journal and the outbox, in the outside contract's words; light."""

import json
from typing import Any

from maild.base.keys import format_key
from maild.database.dialect import Reader, Row
from maild.journal.model import code_and_words
from maild.journal.octets import read_octets
from maild.store.queries import Filters, newest, seconds, where

INBOUND_FILTERS = {
    name: name
    for name in ("state", "door", "mailbox", "client", "mail_from", "message_id", "sha256", "ticket", "queue")
} | {"entry": "id"}
OUTBOX_FILTERS = {name: name for name in ("state", "ticket", "template", "mail_from", "rcpt_to", "message_id", "id")}

_TRIED_AGAIN = frozenset({"queued", "deferred"})  # by themselves; `held` waits for a person

_INBOUND = (
    "SELECT id, received_at, door, mailbox, client, helo, mail_from, rcpt_to, queue, authenticated_as, trusted,"
    " message_id, sha256, size, state, reason, ticket, attempts, next_attempt_at, results FROM entry"
)
_OUTBOX = (
    "SELECT id, ticket, template, mail_from, rcpt_to, message_id, state, reason, attempts, next_attempt_at, last_reply,"
    " created_at, post, automatic, draft FROM outbox"
)


def list_inbound(
    reader: Reader, prefix: str, filters: Filters | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return entries, newest last, of `limit` the newest. A `ticket` filter takes numbers; KeyError: no such filter."""
    clause, params = where(filters or {}, INBOUND_FILTERS)
    return [_entry(row, prefix) for row in newest(reader, f"{_INBOUND}{clause} ORDER BY seq DESC", params, limit)]


def show_inbound(reader: Reader, prefix: str, entry: str) -> dict[str, Any] | None:
    """Return one entry with what was measured about it; None when there is none."""
    rows = reader.execute(f"{_INBOUND} WHERE id = ?", (entry,))
    if not rows:
        return None
    row = rows[0]
    more = {
        "helo": row["helo"] or None,
        "queue": row["queue"] or None,
        "authenticated_as": row["authenticated_as"] or None,
        "trusted": bool(row["trusted"]),
        "next_attempt_at": seconds(row["next_attempt_at"]),
        "results": json.loads(row["results"]) if row["results"] else None,
    }
    return _entry(row, prefix) | more


def raw_inbound(reader: Reader, entry: str) -> bytes | None:
    """Return the exact octets of an entry; None when there is none."""
    return read_octets(reader, entry)


def _entry(row: Row, prefix: str) -> dict[str, Any]:
    reason, because = code_and_words(row["reason"])
    return {
        "entry": row["id"],
        "received_at": seconds(row["received_at"]),
        "door": row["door"],
        "mailbox": row["mailbox"] or None,
        "client": row["client"] or None,
        "mail_from": row["mail_from"],
        "rcpt_to": json.loads(row["rcpt_to"]),
        "message_id": row["message_id"] or None,
        "sha256": row["sha256"],
        "size": row["size"],
        "state": row["state"],
        "reason": reason or None,
        "because": because or None,
        "ticket": _key(prefix, row["ticket"]),
        "attempts": row["attempts"],
    }


def _key(prefix: str, number: int | None) -> str | None:
    return format_key(prefix, number) if number else None


def list_outbox(
    reader: Reader, prefix: str, filters: Filters | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return outbox rows, newest last, of `limit` the newest. A `ticket` filter takes numbers; KeyError: no such."""
    clause, params = where(filters or {}, OUTBOX_FILTERS)
    return [_delivery(row, prefix) for row in newest(reader, f"{_OUTBOX}{clause} ORDER BY seq DESC", params, limit)]


def show_outbox(reader: Reader, prefix: str, delivery: str) -> dict[str, Any] | None:
    """Return one outbox row; None when there is none."""
    rows = reader.execute(f"{_OUTBOX} WHERE id = ?", (delivery,))
    return _delivery(rows[0], prefix) if rows else None


def raw_outbox(reader: Reader, delivery: str) -> bytes | None:
    """Return the octets of an outbox row as they go out; None when there is none."""
    rows = reader.execute("SELECT octets FROM outbox_octets WHERE delivery = ?", (delivery,))
    return bytes(rows[0]["octets"]) if rows else None


def _delivery(row: Row, prefix: str) -> dict[str, Any]:
    return {
        "id": row["id"],
        "ticket": _key(prefix, row["ticket"]),
        "template": row["template"],
        "mail_from": row["mail_from"],
        "rcpt_to": row["rcpt_to"],
        "message_id": row["message_id"] or None,
        "state": row["state"],
        "attempts": row["attempts"],
        "next_attempt_at": seconds(row["next_attempt_at"]) if row["state"] in _TRIED_AGAIN else None,
        "last_reply": row["last_reply"] or None,
        "created_at": seconds(row["created_at"]),
        "reason": row["reason"] or None,
        "post": row["post"] or None,
        "automatic": bool(row["automatic"]),
        "draft": bool(row["draft"]),
    }
