"""Lists of tickets as an agent asks for them by mail."""

from typing import Any

from maild.base.instants import from_text
from maild.database.dialect import Reader
from maild.desk.model import Listed, Query
from maild.store.queries import list_tickets, search

LISTED_MAX = 50  # As many as a mail can be read through.
_LOOKED_AT_MAX = 1000  # among which a word or a tag is sought
_DUES = ("first_response_due", "next_response_due", "resolution_due", "approval_due", "supplier_due")


def listed(reader: Reader, query: Query) -> tuple[Listed, ...]:
    """Return the newest tickets that a query means, newest last."""
    filters = {name: values for name, values in query.filters if name != "tag"}
    tags = {tag for name, values in query.filters if name == "tag" for tag in values}
    if query.words:
        rows = [row for row in search(reader, "", query.words, _LOOKED_AT_MAX) if _fits(row, filters)]
    else:
        rows = list_tickets(reader, "", filters, _LOOKED_AT_MAX if tags else LISTED_MAX)
    chosen = [row for row in rows if not tags or tags & set(row["tags"])]
    return tuple(_listed(row) for row in chosen[-LISTED_MAX:])


def _fits(row: dict[str, Any], filters: dict[str, tuple[str, ...]]) -> bool:
    return all(str(row[name]) in values for name, values in filters.items())


def _listed(row: dict[str, Any]) -> Listed:
    dues = [row[name] for name in _DUES if row[name]]
    return Listed(
        number=row["number"],
        subject=row["subject"],
        status=row["status"],
        priority=row["priority"],
        assignee=row["assignee"],
        due_at=from_text(min(dues)) if dues else None,
    )
