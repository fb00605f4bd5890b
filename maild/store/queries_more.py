"""What commands ask beside the lists: what the service left for them, and tickets as of now; light."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from maild.base.instants import to_text
from maild.base.words import Clock
from maild.database.dialect import Reader, known_instant, marks, stored_instant
from maild.sla.clocks import read_clocks
from maild.sla.model import Reading, Sla
from maild.sla.snapshot import from_json
from maild.store.showing import clock_facts, show_ticket

PREFIX, SLAS = "prefix", "sla"  # the names under which the service leaves how a key begins, and the compiled SLAs
NO_PREFIX = "DESK"  # before a service or a command has left one there is no ticket either
MERGES_MAX = 50  # a chain of merges is short; a ring of them would have no end
_CHUNK = 500


def left(reader: Reader, name: str) -> str | None:
    """Return what the service left under a name for commands that read no configuration; None when nothing."""
    rows = reader.execute("SELECT value FROM meta WHERE name = ?", (name,))
    return str(rows[0]["value"]) if rows else None


def key_prefix(reader: Reader) -> str:
    """Return how this desk's keys begin."""
    return left(reader, PREFIX) or NO_PREFIX


def slas_in_force(reader: Reader) -> Mapping[str, Sla] | None:
    """Return the SLAs by which the desk works; None before a service or a writing command has run."""
    text = left(reader, SLAS)
    return from_json(text) if text is not None else None


def ticket_as_of(reader: Reader, prefix: str, number: int, now: datetime) -> dict[str, Any] | None:
    """Return a ticket whole, as `show_ticket` does, with its clocks read at `now`; None when there is none.

    `now` is never before the last event: a sweep as of a later hour has told of a breach that is one then.
    """
    ticket = show_ticket(reader, prefix, number)
    slas = slas_in_force(reader) if ticket is not None else None
    if ticket is None or slas is None:
        return ticket
    readings = read_clocks(clock_facts(reader, number), slas, not_before_events(reader, number, now))
    return ticket | _clocks(readings) if readings else ticket


def not_before_events(reader: Reader, number: int, now: datetime) -> datetime:
    """Return `now`, or the last event of a ticket when a sweep as of a later hour has written it."""
    last = stored_instant(reader.execute("SELECT max(at) AS at FROM event WHERE ticket = ?", (number,))[0]["at"])
    return max(now, last) if last is not None else now


def _clocks(readings: Sequence[Reading]) -> dict[str, Any]:
    present = {reading.clock: reading for reading in readings}  # the last one wins: the present cycle
    dues = {f"{clock}_due": to_text(present[clock].due_at) if clock in present else None for clock in Clock}
    breached = sorted(str(clock) for clock, reading in present.items() if reading.breached)
    return {**dues, "breached": breached, "clocks": [_clock(reading) for reading in readings]}


def _clock(reading: Reading) -> dict[str, Any]:
    return {
        "clock": str(reading.clock),
        "cycle": reading.cycle,
        "state": str(reading.state),
        "started_at": to_text(reading.started_at),
        "due_at": to_text(reading.due_at),
        "met_at": to_text(reading.met_at),
        "target_seconds": reading.target_seconds,
        "elapsed_seconds": reading.elapsed_seconds,
        "remaining_seconds": reading.remaining_seconds,
    }


def has_ticket(reader: Reader, number: int) -> bool:
    """Tell whether there is a ticket of this number."""
    return bool(reader.execute("SELECT 1 AS one FROM ticket WHERE number = ?", (number,)))


def lives_at(reader: Reader, number: int) -> int | None:
    """Return the ticket that a ticket was merged into, at the end of the chain; itself when it was not, None: none."""
    for _ in range(MERGES_MAX):
        rows = reader.execute("SELECT merged_into FROM ticket WHERE number = ?", (number,))
        if not rows:
            return None
        if rows[0]["merged_into"] is None:
            return number
        number = int(rows[0]["merged_into"])
    return number


def last_events(reader: Reader, numbers: Sequence[int]) -> dict[int, datetime]:
    """Return when the last thing happened on each of these tickets."""
    return {number: at for start in range(0, len(numbers), _CHUNK) for number, at in _last(reader, numbers, start)}


def _last(reader: Reader, numbers: Sequence[int], start: int) -> Iterable[tuple[int, datetime]]:
    chunk = numbers[start : start + _CHUNK]
    among = f"SELECT ticket, max(at) AS at FROM event WHERE ticket IN {marks(chunk)} GROUP BY ticket"  # noqa: S608 marks
    for row in reader.execute(among, chunk):
        yield int(row["ticket"]), known_instant(row["at"])


def late_deliveries(reader: Reader, due_before: datetime, made_before: datetime) -> tuple[int, int]:
    """Return how many mails should have been tried before one instant, and how many are deferred since another."""
    late = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'deferred') AND next_attempt_at < ?"
    deferred = "SELECT count(*) AS n FROM outbox WHERE state = 'deferred' AND created_at < ?"
    counts = [reader.execute(sql, (at,))[0]["n"] for sql, at in ((late, due_before), (deferred, made_before))]
    return int(counts[0]), int(counts[1])
