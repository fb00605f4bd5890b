"""Which tickets a sweep has to look at now; a partial index over the few rows that can be due gives each answer."""

from datetime import datetime, timedelta

from maild.database.dialect import Reader

SURVEY_LATE = timedelta(days=3)  # After that nobody remembers how it was.
_OPEN = "status NOT IN ('closed', 'merged', 'spam')"


def due_clocks(reader: Reader, now: datetime, limit: int = 500) -> list[int]:
    """Return the tickets of which a clock has passed its next threshold, longest passed first."""
    due = "SELECT number FROM ticket%s WHERE next_threshold_at IS NOT NULL AND next_threshold_at <= ?"
    return _numbers(reader, "ticket_threshold", f"{due} ORDER BY next_threshold_at LIMIT ?", now, limit)


def due_until(reader: Reader, now: datetime, limit: int = 500) -> list[int]:
    """Return the pending or held tickets whose `until` is reached."""
    due = "SELECT number FROM ticket%s WHERE until IS NOT NULL AND until <= ? AND status IN ('pending', 'on-hold')"
    return _numbers(reader, "ticket_until", f"{due} ORDER BY until LIMIT ?", now, limit)


def due_snoozed(reader: Reader, now: datetime, limit: int = 500) -> list[int]:
    """Return the tickets whose snooze is over."""
    due = f"SELECT number FROM ticket%s WHERE snoozed_until IS NOT NULL AND snoozed_until <= ? AND {_OPEN}"  # noqa: S608 a constant
    return _numbers(reader, "ticket_snoozed", f"{due} ORDER BY snoozed_until LIMIT ?", now, limit)


def due_reminder(reader: Reader, now: datetime, queue: str, after: timedelta, limit: int = 500) -> list[int]:
    """Return the tickets of a queue that are pending, without a date, for longer than `after`, not yet reminded."""
    due = "SELECT number FROM ticket%s WHERE status = 'pending' AND status_since <= ? AND queue = ? AND until IS NULL"
    return _numbers(
        reader,
        "ticket_pending",
        f"{due} AND reminded_at IS NULL ORDER BY status_since LIMIT ?",
        now - after,
        queue,
        limit,
    )


def due_pending_close(reader: Reader, now: datetime, queue: str, after: timedelta, limit: int = 500) -> list[int]:
    """Return the tickets of a queue that are pending, without a date, for longer than `after`."""
    due = "SELECT number FROM ticket%s WHERE status = 'pending' AND status_since <= ? AND queue = ? AND until IS NULL"
    return _numbers(reader, "ticket_pending", f"{due} ORDER BY status_since LIMIT ?", now - after, queue, limit)


def due_resolved_close(reader: Reader, now: datetime, queue: str, after: timedelta, limit: int = 500) -> list[int]:
    """Return the tickets of a queue that are resolved for longer than `after`."""
    due = "SELECT number FROM ticket%s WHERE status = 'resolved' AND resolved_at <= ? AND queue = ?"
    return _numbers(reader, "ticket_resolved", f"{due} ORDER BY resolved_at LIMIT ?", now - after, queue, limit)


def due_survey(reader: Reader, now: datetime, queue: str, after: timedelta, limit: int = 500) -> list[int]:
    """Return the tickets of a queue of which a rating is to be asked by a mail of its own, `after` being resolved.

    What was resolved long before that, while nobody swept or before the queue had surveys, is let be.
    """
    due = (
        "SELECT number FROM ticket%s WHERE surveyed_at IS NULL AND status IN ('resolved', 'closed')"
        " AND resolved_at <= ? AND resolved_at > ? AND queue = ? ORDER BY resolved_at LIMIT ?"
    )
    found = reader.execute(
        due % reader.dialect.by_index("ticket_survey"), (now - after, now - after - SURVEY_LATE, queue, limit)
    )
    return [int(row["number"]) for row in found]


def due_drafts(reader: Reader, now: datetime, after: timedelta, limit: int = 500) -> list[str]:
    """Return the outbox rows that are held as drafts for longer than `after`."""
    due = "SELECT id FROM outbox WHERE state = 'held' AND draft AND created_at <= ? ORDER BY seq LIMIT ?"
    return [str(row["id"]) for row in reader.execute(due, (now - after, limit))]


def _numbers(reader: Reader, index: str, sql: str, *params: object) -> list[int]:
    return [int(row["number"]) for row in reader.execute(sql % reader.dialect.by_index(index), params)]
