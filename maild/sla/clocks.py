"""Every clock of a ticket, as one pure function of its timeline.

Nothing is added up as time goes by: each reading is computed from the facts alone, so a response that is taken back, a
priority that changes and a status that was wrong for an hour all come out right.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.calendar import Calendar, NoWorkingTime, advance, is_open, next_opening, pieces, working_seconds
from maild.sla.model import Fact, Reading, Segment, Sla, Targets, Threshold
from maild.sla.timeline import PAUSES, Cycle, Stretch, Timeline, cycles, read_timeline

BREACH_PERCENT = 100
BREAK_MAX = timedelta(hours=4)
CLOSING_GRACE = timedelta(minutes=1)  # a sweep comes some seconds after the closing at which a target ended

_BECAUSE = {
    Status.NEW: "the ticket was new",
    Status.OPEN: "the ticket was open",
    Status.PENDING: "paused: pending, waits for the requester",
    Status.ON_HOLD: "paused: on-hold, waits for a third party or a date",
    Status.RESOLVED: "the ticket was resolved",
    Status.CLOSED: "the ticket was closed",
    Status.MERGED: "void: the ticket was merged into another",
    Status.SPAM: "void: the ticket was spam",
}
_WAITING = "somebody else's answer was waited for"


def read_clocks(facts: Sequence[Fact], slas: Mapping[str, Sla], now: datetime) -> tuple[Reading, ...]:
    """Return every clock and cycle of a ticket as of `now`: first response, its next responses, resolution, what
    others were asked.

    Facts later than `now` are not looked at. An SLA that is not in `slas`, and a clock without a target, have no
    reading. A clock that is met keeps the target that was in force when it was met, whatever the administrator wrote
    since; every other is counted from its start with the target of `now`. Working time is that of the calendar as it
    was at the time. A response that is owed in a ticket that is done is VOID, until it is reopened.
    """
    timeline = read_timeline(facts, now.replace(microsecond=0))
    if timeline is None:
        return ()
    readings = (_reading(cycle, timeline, slas) for cycle in cycles(timeline))
    return tuple(reading for reading in readings if reading is not None)


def targets_for(sla: Sla, priority: Priority) -> Targets:
    """Return the targets of a priority; one without a row of its own has those of `normal`."""
    return sla.targets.get(priority) or sla.targets.get(Priority.NORMAL) or Targets()


def promise(sla: Sla, priority: Priority, received_at: datetime) -> datetime | None:
    """Return by when the first response is due, for the acknowledgement; None when nothing is promised."""
    target = targets_for(sla, priority).first_response
    if target is None:
        return None
    try:
        return advance(sla.calendar, received_at, target)
    except NoWorkingTime:
        return None


def thresholds(readings: Iterable[Reading], slas: Mapping[str, Sla]) -> tuple[Threshold, ...]:
    """Return when each running clock passes the percentages of its SLA, earliest first; 100 is the breach.

    Those that were passed already are there too, with the instant at which they were. The percentages are `warn_at`,
    those of `escalate` for that clock, and 100.
    """
    found = (threshold for reading in readings for threshold in _ahead(reading, slas))
    return tuple(sorted(found, key=_earliest_first))


def _ahead(reading: Reading, slas: Mapping[str, Sla]) -> Iterator[Threshold]:
    """Yield the thresholds of one clock, earliest first; each is worked out when it is asked for."""
    if reading.state not in {ClockState.RUNNING, ClockState.BREACHED} or reading.sla not in slas:
        return
    sla = slas[reading.sla]
    for percent in percents(sla, reading.clock):
        at = _passes(sla.calendar, reading, percent)
        if at is not None:
            yield Threshold(reading.clock, reading.cycle, percent, at)


def _earliest_first(threshold: Threshold) -> tuple[datetime, Clock, int]:
    return threshold.at, threshold.clock, threshold.percent


def percents(sla: Sla, clock: Clock) -> tuple[int, ...]:
    """Return the percentages of a target at which something happens, in order."""
    escalations = {step.at for step in sla.escalate if step.clock is clock}
    return tuple(sorted({*sla.warn_at, *escalations, BREACH_PERCENT}))


def may_be_told(sla: Sla, now: datetime) -> bool:
    """Say whether warnings and breaches go out at this hour: at any, or in service hours.

    These are working time, the minute after it, so that a target that ends with the day is told of then and not in the
    morning, and a break between two spans, such as lunch: nobody is woken then.
    """
    if sla.around_the_clock or any(is_open(sla.calendar, at) for at in (now, now - CLOSING_GRACE)):
        return True
    around = pieces(sla.calendar, now - BREAK_MAX, now + BREAK_MAX)
    return any(not is_work and start <= now < end and end - start < BREAK_MAX for start, end, is_work in around)


def next_due(
    readings: Sequence[Reading],
    slas: Mapping[str, Sla],
    told: Collection[tuple[Clock, int, int]] = (),
    now: datetime | None = None,
) -> datetime | None:
    """Return when the earliest threshold that is not told yet is to be told, None when there is none.

    `told` holds (clock, cycle, percent). An instant in the past means: at once. `now` puts off what may not be told at
    this hour until the next opening.
    """
    by_clock = {(reading.clock, reading.cycle): slas.get(reading.sla) for reading in readings}
    firsts = (_first_untold(reading, slas, told) for reading in readings)
    found = min(filter(None, firsts), key=_earliest_first, default=None)
    sla = by_clock[found.clock, found.cycle] if found is not None else None
    if found is None or sla is None or now is None or found.at > now or may_be_told(sla, now):
        return found.at if found is not None else None
    return _opens_next(sla.calendar, now)


def _first_untold(
    reading: Reading, slas: Mapping[str, Sla], told: Collection[tuple[Clock, int, int]]
) -> Threshold | None:
    return next((each for each in _ahead(reading, slas) if (each.clock, each.cycle, each.percent) not in told), None)


def _opens_next(calendar: Calendar, now: datetime) -> datetime | None:
    try:
        return next_opening(calendar, now)
    except NoWorkingTime:
        return None


def _reading(cycle: Cycle, timeline: Timeline, slas: Mapping[str, Sla]) -> Reading | None:
    name, priority = timeline.in_force(cycle.met_at)
    sla = slas.get(name)
    counts = sla.as_of(cycle.met_at) if sla and cycle.met_at else sla
    target = targets_for(counts, priority).of(cycle.clock) if counts else None
    if sla is None or target is None:
        return None
    segments = _segments(cycle, timeline, sla.calendar)
    state = _state(cycle, timeline)
    running = state is ClockState.RUNNING
    passed_at = _crossing(sla.calendar, segments, target, running)
    breached = passed_at is not None and passed_at <= timeline.now and state is not ClockState.VOID
    return Reading(
        clock=cycle.clock,
        cycle=cycle.number,
        state=ClockState.BREACHED if running and breached else state,
        started_at=cycle.start,
        due_at=passed_at if running else None,
        met_at=cycle.met_at,
        target_seconds=target,
        elapsed_seconds=sum(segment.worked_seconds for segment in segments),
        breached=breached,
        segments=segments,
        sla=name,
    )


def _state(cycle: Cycle, timeline: Timeline) -> ClockState:
    """Return the state but for BREACHED, which only the calendar can tell."""
    if cycle.met_at is not None:
        return ClockState.MET
    if timeline.status not in cycle.stops:
        return ClockState.RUNNING
    return ClockState.PAUSED if timeline.status in PAUSES else ClockState.VOID


def _segments(cycle: Cycle, timeline: Timeline, calendar: Calendar) -> tuple[Segment, ...]:
    end = cycle.met_at or timeline.now
    return tuple(
        _segment(
            stretch, max(stretch.start, cycle.start), min(stretch.end, end), stretch.status not in cycle.stops, calendar
        )
        for stretch in timeline.stretches
        # The last stretch stays even when it is empty: a clock that resumes this very second is due from here.
        if max(stretch.start, cycle.start) < min(stretch.end, end)
        or (stretch is timeline.stretches[-1] and cycle.met_at is None)
    )


def _segment(stretch: Stretch, start: datetime, end: datetime, running: bool, calendar: Calendar) -> Segment:
    worked = working_seconds(calendar, start, end) if running else 0
    waiting = running and stretch.status in PAUSES
    return Segment(start, end, running, worked, _WAITING if waiting else _BECAUSE[stretch.status])


def _passes(calendar: Calendar, reading: Reading, percent: int) -> datetime | None:
    needed = -(-reading.target_seconds * percent // 100)
    return _crossing(calendar, reading.segments, needed, running=True)


def _crossing(calendar: Calendar, segments: Sequence[Segment], needed: int, running: bool) -> datetime | None:
    """Return when `needed` seconds were used up while the clock ran, or, `running`, when they will be.

    A clock that stops at the very second at which its time is used up was in time.
    """
    used = 0
    for segment in segments:
        live = running and segment is segments[-1]
        if segment.running and (live or used + segment.worked_seconds >= needed):
            at = _advance_or_none(calendar, segment.start, needed - used)
            if live or (at is not None and at < segment.end):
                return at
        used += segment.worked_seconds
    return None


def _advance_or_none(calendar: Calendar, start: datetime, seconds: int) -> datetime | None:
    try:
        return advance(calendar, start, seconds)
    except NoWorkingTime:
        return None
