"""What is held in the outbox: the mails that wait for a person, without the drafts, which wait for their author."""

from datetime import datetime, timedelta

from maild.database.dialect import Reader

_HELD = (
    "SELECT o.id FROM outbox o LEFT JOIN ticket t ON t.number = o.ticket"
    " WHERE o.state = 'held' AND NOT o.draft AND substr(o.reason, 1, ?) = ?{} ORDER BY o.seq"
)


def held(reader: Reader, begins: str = "", *, queue: str | None = None, since: datetime | None = None) -> list[str]:
    """Return the mails held for a reason that begins so, oldest first.

    `queue` leaves out those about tickets of others, `since` those that were composed before.
    """
    narrower = (" AND t.queue = ?" if queue is not None else "") + (" AND o.created_at >= ?" if since else "")
    params = [value for value in (queue, since) if value is not None]
    rows = reader.execute(_HELD.format(narrower), (len(begins), begins, *params))
    return [str(row["id"]) for row in rows]


def due_held(reader: Reader, now: datetime, begins: str, after: timedelta, limit: int = 500) -> list[str]:
    """Return the automatic mails that are held for longer than `after`, for a reason that begins so."""
    rows = reader.execute(
        _HELD.format(" AND o.automatic AND o.created_at <= ?") + " LIMIT ?",
        (len(begins), begins, now - after, limit),
    )
    return [str(row["id"]) for row in rows]
