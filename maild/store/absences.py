"""Absences that agents said by mail."""

from datetime import datetime

from maild.database.dialect import Reader, stored_instant
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
            stored_instant(row["start_at"]) or now,
            stored_instant(row["end_at"]),
            row["substitute"],
            row["id"],
        )
        for row in reader.execute(_NOT_OVER, (now,))
    )
