"""How the unfinished tickets of some teams stand, for the lead's daily mail."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from maild.database.dialect import Reader, known_instant, marks
from maild.desk.model import Standing

# The unfinished tickets of the teams; the rest of each statement is put in behind it.
_THEIRS = "t.status IN ('new', 'open', 'pending', 'on-hold') AND t.team IN %s"
_TICKETS = "SELECT t.number, t.subject, t.status, t.assignee FROM ticket t WHERE %s ORDER BY t.number"
_DUE = (
    "SELECT c.ticket, min(c.due_at) AS at FROM clock c JOIN ticket t ON t.number = c.ticket"
    " WHERE c.due_at IS NOT NULL AND %s GROUP BY c.ticket"
)
_LAST_WORD = (
    "SELECT p.ticket, p.at FROM post p JOIN (SELECT l.ticket, max(l.seq) AS seq FROM post l"
    " JOIN ticket t ON t.number = l.ticket WHERE l.public AND l.kind = 'human' AND NOT l.draft AND %s"
    " GROUP BY l.ticket) AS latest ON latest.seq = p.seq WHERE p.direction = 'in'"
)
_APPROVAL = (
    "SELECT DISTINCT a.ticket FROM approval a JOIN ticket t ON t.number = a.ticket WHERE a.state = 'asked' AND %s"
)
_SUPPLIER = (
    "SELECT DISTINCT p.ticket FROM participant p JOIN ticket t ON t.number = p.ticket"
    " WHERE p.role = 'supplier' AND p.active AND t.status = 'on-hold' AND %s"
)


def load_standing(reader: Reader, teams: Sequence[str]) -> tuple[Standing, ...]:
    """Return the unfinished tickets of these teams, by number."""
    theirs = _THEIRS % marks(teams)
    due = dict(_instants(reader, _DUE % theirs, teams))
    unanswered = dict(_instants(reader, _LAST_WORD % theirs, teams))
    approval, supplier = (
        {int(row["ticket"]) for row in reader.execute(sql % theirs, tuple(teams))} for sql in (_APPROVAL, _SUPPLIER)
    )
    return tuple(
        Standing(
            number=row["number"],
            subject=row["subject"],
            status=row["status"],
            assignee=row["assignee"] or "",
            due_at=due.get(row["number"]),
            unanswered_since=unanswered.get(row["number"]) if row["status"] in {"new", "open"} else None,
            for_approval=row["number"] in approval,
            for_supplier=row["number"] in supplier,
        )
        for row in reader.execute(_TICKETS % theirs, tuple(teams))
    )


def _instants(reader: Reader, sql: str, teams: Sequence[str]) -> Iterator[tuple[int, datetime]]:
    for row in reader.execute(sql, tuple(teams)):
        yield int(row["ticket"]), known_instant(row["at"])
