"""Why each clock stands where it does: its time cut into rows that a person can follow with a finger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maild.base.instants import to_text
from maild.base.words import Clock, ClockState, Priority
from maild.sla.calendar import Calendar, in_force, pieces
from maild.sla.clocks import read_clocks
from maild.sla.model import Fact, FactKind, Reading, Segment, Sla


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of one clock's time, and what was left of the target at its end; the clock's own figures beside it."""

    clock: Clock
    cycle: int
    state: ClockState
    sla: str
    target_seconds: int
    due_at: datetime | None
    start: datetime
    end: datetime
    running: bool
    because: str
    worked_seconds: int
    remaining_seconds: int
    calendar: str = ""  # name and version of the calendar that was in force; "" where none was asked

    def as_json(self) -> dict[str, object]:
        """Return the row with the names and forms of `maild sla explain --json`."""
        return {
            "clock": self.clock,
            "cycle": self.cycle,
            "state": self.state,
            "sla": self.sla,
            "target_seconds": self.target_seconds,
            "due_at": to_text(self.due_at),
            "from": to_text(self.start),
            "to": to_text(self.end),
            "running": self.running,
            "because": self.because,
            "worked_seconds": self.worked_seconds,
            "remaining_seconds": self.remaining_seconds,
            "calendar": self.calendar or None,
        }


def explain(
    facts: Sequence[Fact], slas: Mapping[str, Sla], now: datetime, priority: Priority | None = None
) -> tuple[Row, ...]:
    """Return the rows of every clock and cycle as of `now`, in order; the rows of a clock leave no gap.

    Where the calendar was edited a row ends and another begins. `priority` asks what would be with another one.
    A clock that began this very second, or was met in the second it began, has one empty row.
    """
    readings = read_clocks(_supposed(facts, priority), slas, now)
    return tuple(row for reading in readings for row in _rows(reading, slas[reading.sla].calendar))


def _supposed(facts: Sequence[Fact], priority: Priority | None) -> Sequence[Fact]:
    """Return the facts as if the ticket had had one priority all its life."""
    if priority is None:
        return facts
    chosen = {FactKind.OPENED, FactKind.TARGETS}
    return [replace(fact, priority=priority) if fact.kind in chosen else fact for fact in facts]


def _rows(reading: Reading, calendar: Calendar) -> Iterator[Row]:
    left = reading.target_seconds
    at = reading.started_at
    for segment in reading.segments or (Segment(at, at, False, 0, "met in the second in which it began"),):
        for piece, name in _pieces(segment, calendar):
            left -= piece.worked_seconds
            yield _row(reading, piece, left, name)


def _row(reading: Reading, piece: Segment, left: int, calendar: str) -> Row:
    return Row(
        clock=reading.clock,
        cycle=reading.cycle,
        state=reading.state,
        sla=reading.sla,
        target_seconds=reading.target_seconds,
        due_at=reading.due_at,
        start=piece.start,
        end=piece.end,
        running=piece.running,
        because=piece.because,
        worked_seconds=piece.worked_seconds,
        remaining_seconds=left,
        calendar=calendar,
    )


def _pieces(segment: Segment, calendar: Calendar) -> Iterator[tuple[Segment, str]]:
    """Yield the pieces of a segment, each with the name of the calendar that cut it."""
    if not segment.running or segment.start == segment.end:
        yield segment, ""
        return
    for begin, until, version in in_force(calendar, segment.start, segment.end):
        for start, end, is_open in pieces(version, begin, until):
            worked = int((end - start).total_seconds()) if is_open else 0
            hours = "in working hours" if is_open else "outside working hours"
            yield Segment(start, end, is_open, worked, f"{segment.because}, {hours}"), _named(version)


def _named(calendar: Calendar) -> str:
    return f"{calendar.name} {calendar.version}".strip()
