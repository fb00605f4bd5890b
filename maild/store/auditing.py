"""Compares what was accepted with what became of it; an entry that fell between the two is a mail that was lost."""

from datetime import datetime, timedelta

from maild.database.dialect import Reader

WAITED = timedelta(hours=1)  # a worker takes seconds; a retry waits minutes
NAMED_MAX = 20
_CHECKS = (
    (
        "it was never decided on",
        "state IN ('received', 'failed') AND received_at < ?",
    ),
    (
        "it counts as applied and had no effect",
        "state = 'applied' AND received_at < ? AND NOT EXISTS (SELECT 1 FROM applied WHERE stimulus = entry.id)",
    ),
    (
        "its octets are gone",
        "received_at < ? AND NOT EXISTS (SELECT 1 FROM entry_octets WHERE entry_octets.entry = entry.id)",
    ),
)


def entries_adrift(reader: Reader, now: datetime) -> list[tuple[str, str]]:
    """Return (entry, what is wrong with it), oldest first; of each kind some are named, the rest is counted."""
    found: list[tuple[str, str]] = []
    for problem, where in _CHECKS:
        limit = now - WAITED
        rows = reader.execute(f"SELECT id FROM entry WHERE {where} ORDER BY seq LIMIT {NAMED_MAX}", (limit,))  # noqa: S608 constants
        found += [(str(row["id"]), problem) for row in rows]
        if len(rows) == NAMED_MAX:
            count = reader.execute(f"SELECT count(*) AS n FROM entry WHERE {where}", (limit,))  # noqa: S608 constants
            found += [("", f"and {int(count[0]['n']) - NAMED_MAX} more: {problem}")] * (count[0]["n"] > NAMED_MAX)
    return found
