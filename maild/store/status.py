"""How the service is, read from the database; light. `maild status` puts the parts together."""

import json
from datetime import datetime, timedelta
from typing import Any

from maild.database.dialect import Reader, stored_instant
from maild.store.queries import seconds

BEAT_AGE_MAX = timedelta(seconds=30)  # a daemon that has not beaten for longer is away
_ENTRY_STATES = ("received", "applied", "quarantined", "failed", "duplicate", "dropped")
_DELIVERY_STATES = ("queued", "held", "deferred", "sent", "failed", "cancelled")


def journal_status(reader: Reader, now: datetime) -> dict[str, Any]:
    """Return how many entries are in each state, and how long the oldest has waited (null when none waits)."""
    index = reader.dialect.by_index("entry_waiting")
    waiting = f"SELECT received_at AS at FROM entry{index} WHERE state IN ('received', 'failed') ORDER BY seq LIMIT 1"  # noqa: S608 constants
    return _counts(reader, "entry", _ENTRY_STATES) | {"oldest_waiting_seconds": _age(reader, waiting, now)}


def outbox_status(reader: Reader, now: datetime) -> dict[str, Any]:
    """Return how many rows are in each state, and how long the oldest that may leave has waited (null when none)."""
    waiting = "SELECT min(created_at) AS at FROM outbox WHERE state IN ('queued', 'deferred')"
    return _counts(reader, "outbox", _DELIVERY_STATES) | {"oldest_waiting_seconds": _age(reader, waiting, now)}


def _counts(reader: Reader, table: str, states: tuple[str, ...]) -> dict[str, int]:
    rows = reader.execute(f"SELECT state, count(*) AS n FROM {table} GROUP BY state")  # noqa: S608 a table of ours
    found = {row["state"]: int(row["n"]) for row in rows}
    return {state: found.get(state, 0) for state in states}


def _age(reader: Reader, sql: str, now: datetime) -> int | None:
    rows = reader.execute(sql)
    at = stored_instant(rows[0]["at"]) if rows else None
    return max(0, int((now - at).total_seconds())) if at is not None else None


def tickets_status(reader: Reader) -> dict[str, int]:
    """Return how many tickets are in each status."""
    rows = reader.execute("SELECT status, count(*) AS n FROM ticket GROUP BY status ORDER BY status")
    return {row["status"]: int(row["n"]) for row in rows}


def sweeps_status(reader: Reader) -> list[dict[str, Any]]:
    """Return each scheduled sweep with when it ran and runs next."""
    rows = reader.execute("SELECT name, last_run, next_run, problem FROM sweep ORDER BY name")
    times = [{"last_run": seconds(row["last_run"]), "next_run": seconds(row["next_run"])} for row in rows]
    return [{"name": row["name"], **at, "problem": row["problem"] or None} for row, at in zip(rows, times, strict=True)]


def mailboxes_status(reader: Reader) -> list[dict[str, Any]]:
    """Return how each IMAP mailbox is."""
    rows = reader.execute("SELECT name, state, since, last_contact, last_mail, problem FROM mailbox ORDER BY name")
    return [
        {
            "name": row["name"],
            "state": row["state"],
            "since": seconds(row["since"]),
            "last_contact": seconds(row["last_contact"]),
            "last_mail": seconds(row["last_mail"]),
            "problem": row["problem"] or None,
        }
        for row in rows
    ]


def processes(reader: Reader, now: datetime) -> list[dict[str, Any]]:
    """Return the processes of the service that have beaten within the last 30 seconds, with what they said of it."""
    rows = reader.execute("SELECT process, at, detail FROM heartbeat WHERE at >= ? ORDER BY at", (now - BEAT_AGE_MAX,))
    return [{"process": row["process"], "at": seconds(row["at"]), **json.loads(row["detail"])} for row in rows]


def breached_clocks(reader: Reader) -> int:
    """Return how many clocks of live tickets run past their target."""
    count = "SELECT count(*) AS n FROM clock WHERE state = 'breached'"
    return int(reader.execute(count)[0]["n"])
