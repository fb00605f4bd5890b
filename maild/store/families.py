"""The children of a ticket, and the problems that are known."""

import json

from maild.database.dialect import Reader
from maild.desk.model import KnownError

CHILDREN_MAX = 1_000  # of one problem, the oldest first


def children_of(reader: Reader, ticket: int) -> tuple[int, ...]:
    """Return the numbers of a ticket's children, oldest first."""
    rows = reader.execute(
        "SELECT ticket AS child FROM link WHERE other = ? AND kind = 'parent'"
        " UNION SELECT other FROM link WHERE ticket = ? AND kind = 'child' ORDER BY 1 LIMIT ?",
        (ticket, ticket, CHILDREN_MAX),
    )
    return tuple(int(row["child"]) for row in rows)


def parents_of(reader: Reader, ticket: int) -> tuple[int, ...]:
    """Return the numbers of a ticket's parents, oldest first, whichever of the two it was tied from."""
    rows = reader.execute(
        "SELECT other AS parent FROM link WHERE ticket = ? AND kind = 'parent'"
        " UNION SELECT ticket FROM link WHERE other = ? AND kind = 'child' ORDER BY 1",
        (ticket, ticket),
    )
    return tuple(int(row["parent"]) for row in rows)


def load_known_errors(reader: Reader) -> tuple[KnownError, ...]:
    """Return the unsolved problems that new tickets are compared with, newest first."""
    index = reader.dialect.by_index("ticket_known_error")
    rows = reader.execute(
        f"SELECT number, known_error, public_title, workaround FROM ticket{index}"  # noqa: S608 a constant
        " WHERE known_error <> '' AND number > 0 AND status IN ('new', 'open', 'pending', 'on-hold')"
        " ORDER BY number DESC"
    )
    found = ((row, tuple(json.loads(row["known_error"]))) for row in rows)
    return tuple(KnownError(row["number"], words, row["public_title"], row["workaround"]) for row, words in found)
