"""Absences that agents said by mail."""

from datetime import datetime

from maild.database.dialect import Reader, known_instant, stored_instant
from maild.desk.effects import KeepAbsence
from maild.sla.roster import Absence
from maild.store.work import Work, upsert

_NOT_OVER = (
    "SELECT id, address, start_at, end_at, substitute FROM absence WHERE end_at IS NULL OR end_at > ? ORDER BY seq"
)


def write_absence(work: Work, effect: KeepAbsence) -> None:
    """Keep an absence, or what it has become."""
    absence = effect.absence
    values: dict[str, object] = {
        "id": absence.id,
        "address": absence.who,
        "start_at": absence.start,
        "end_at": absence.end,
        "substitute": absence.substitute,
        "said_at": work.now,
    }
    work.transaction.change(*upsert("absence", ("id",), values))


def load_absences(reader: Reader, now: datetime) -> tuple[Absence, ...]:
    """Return the absences that are not over, those to come too, in the order in which they were said."""
    return tuple(
        Absence(
            row["address"],
            known_instant(row["start_at"]),
            stored_instant(row["end_at"]),
            row["substitute"],
            row["id"],
        )
        for row in reader.execute(_NOT_OVER, (now,))
    )


def open_tickets(reader: Reader) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many new and open tickets each person holds, and how many each team has."""
    rows = reader.execute(
        "SELECT team, assignee, count(*) AS n FROM ticket WHERE status IN ('new', 'open') GROUP BY team, assignee"
    )
    held: dict[str, int] = {}
    waiting: dict[str, int] = {}
    for row in rows:
        waiting[row["team"]] = waiting.get(row["team"], 0) + int(row["n"])
        if row["assignee"]:
            held[row["assignee"]] = held.get(row["assignee"], 0) + int(row["n"])
    return held, waiting
