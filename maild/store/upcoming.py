"""When a sweep, a deliverer or a worker next has something to do; for a desk whose clock is moved by hand."""

from datetime import datetime, timedelta

from maild.database.dialect import Reader, stored_instant
from maild.settings.model import Settings

FOLDED_AGAIN = timedelta(minutes=10)  # How often it is tried again to send what waits for a digest.
_OPEN = "status NOT IN ('closed', 'merged', 'spam')"
# Each gives the first instant after `?`; what was due before and is still there waits for the next look.
_DIRECT = (
    "SELECT min(next_threshold_at) AS at FROM ticket WHERE next_threshold_at > ?",
    "SELECT min(until) AS at FROM ticket WHERE status IN ('pending', 'on-hold') AND until > ?",
    f"SELECT min(snoozed_until) AS at FROM ticket WHERE {_OPEN} AND snoozed_until > ?",  # noqa: S608 a constant
    "SELECT min(due_at) AS at FROM approval WHERE state = 'asked' AND due_at > ?",
    "SELECT min(next_attempt_at) AS at FROM entry WHERE state IN ('received', 'failed') AND next_attempt_at > ?",
    "SELECT min(claimed_until) AS at FROM entry WHERE state IN ('received', 'failed') AND claimed_until > ?",
    "SELECT min(claimed_until) AS at FROM outbox WHERE state IN ('queued', 'deferred') AND claimed_until > ?",
)
_PENDING = "SELECT min(status_since) AS at FROM ticket WHERE status = 'pending' AND until IS NULL AND queue = ?"
_RESOLVED = "SELECT min(resolved_at) AS at FROM ticket WHERE status = 'resolved' AND queue = ? AND resolved_at > ?"
_SURVEY = (
    "SELECT min(resolved_at) AS at FROM ticket WHERE surveyed_at IS NULL AND status IN ('resolved', 'closed')"
    " AND queue = ? AND resolved_at > ?"
)
_OUTBOX = "SELECT min(next_attempt_at) AS at FROM outbox WHERE state IN ('queued', 'deferred') AND next_attempt_at > ?"


def next_instant(reader: Reader, settings: Settings, now: datetime, lag: timedelta, draft_life: timedelta) -> datetime:
    """Return the first instant after `now` at which something is due; `datetime.max` in UTC when nothing ever is.

    `lag` is how long a mail stays in the outbox, `draft_life` how long a draft is kept.
    """
    found = [_at(reader, sql, now) for sql in _DIRECT]
    found.append(_later(_at(reader, _OUTBOX, now - lag), lag))
    drafts = "SELECT min(created_at) AS at FROM outbox WHERE state = 'held' AND draft AND created_at > ?"
    found.append(_later(_at(reader, drafts, now - draft_life), draft_life))
    for queue in settings.queue:
        remind, close, after = queue.pending_reminder, queue.pending_close, queue.close_resolved_after
        if remind:
            sql = f"{_PENDING} AND reminded_at IS NULL AND status_since > ?"
            found.append(_later(_at(reader, sql, queue.name, now - remind), remind))
        if close:
            found.append(_later(_at(reader, f"{_PENDING} AND status_since > ?", queue.name, now - close), close))
        if after:
            found.append(_later(_at(reader, _RESOLVED, queue.name, now - after), after))
        if isinstance(queue.survey_after, timedelta):
            asks = queue.survey_after
            found.append(_later(_at(reader, _SURVEY, queue.name, now - asks), asks))
    if reader.execute("SELECT 1 AS one FROM folded LIMIT 1"):
        found.append(now + FOLDED_AGAIN)
    return min((at for at in found if at is not None), default=datetime.max.replace(tzinfo=now.tzinfo))


def _at(reader: Reader, sql: str, *params: object) -> datetime | None:
    return stored_instant(reader.execute(sql, params)[0]["at"])


def _later(at: datetime | None, by: timedelta) -> datetime | None:
    return at + by if at is not None else None
