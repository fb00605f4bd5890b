"""How long a resolved ticket may be reopened by its requester."""

from datetime import timedelta

from maild.desk.bench import Case


def within_grace(case: Case) -> bool:
    """True while the requester's mail still reopens the ticket; counts from `resolved`."""
    queue = case.bench.settings.queue_named(case.ticket.queue)
    grace = queue.reopen_within if queue is not None else timedelta(days=7)
    resolved_at = case.ticket.resolved_at
    return resolved_at is None or case.bench.at <= resolved_at + grace
