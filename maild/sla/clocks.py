"""Every clock of a ticket, as one pure function of its timeline.

Nothing is added up as time goes by: each reading is computed from the facts alone, so a response that is taken back, a
priority that changes and a status that was wrong for an hour all come out right.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.calendar import Calendar, NoWorkingTime, advance, working_seconds
from maild.sla.model import Fact, FactKind, Reading, Segment, Sla, Targets, Threshold

PAUSES = frozenset({Status.PENDING, Status.ON_HOLD})
DONE = frozenset({Status.RESOLVED, Status.CLOSED})
VOID = frozenset({Status.MERGED, Status.SPAM})
BREACH_PERCENT = 100

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


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time in one status; only the last may be empty."""

    start: datetime
    end: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class _Cycle:
    clock: Clock
    number: int
    start: datetime
    met_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Timeline:
    """What counts of a ticket's facts up to `now`, in the order of time."""

    facts: tuple[Fact, ...]
    begin: datetime
    stretches: tuple[_Stretch, ...]
    now: datetime
    owed: bool  # A response was taken back: the requester may still wait for it.

    @property
    def status(self) -> Status:
        return self.stretches[-1].status

    def stops(self, clock: Clock) -> frozenset[Status]:
        """Return the statuses in which a clock stands still.

        Nobody waits for an answer to a ticket that is done, unless the words that came with its solution bounced.
        """
        if clock is not Clock.RESOLUTION and self.owed:
            return PAUSES | VOID | {Status.CLOSED}
        return PAUSES | VOID | DONE


def read_clocks(facts: Sequence[Fact], slas: Mapping[str, Sla], now: datetime) -> tuple[Reading, ...]:
    """Return every clock and cycle of a ticket as of `now`: first response, its next responses, resolution.

    Facts later than `now` are not looked at. An SLA that is not in `slas`, and a clock without a target, have no
    reading. A clock that is met keeps the target that was in force when it was met; every other is counted from its
    start with the target of `now`. A response that is owed in a ticket that is done is VOID, until it is reopened.
    """
    timeline = _timeline(facts, now.replace(microsecond=0))
    if timeline is None:
        return ()
    cycles = (*_response_cycles(timeline), _resolution_cycle(timeline))
    readings = (_reading(cycle, timeline, slas) for cycle in cycles)
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
    found = (
        Threshold(reading.clock, reading.cycle, percent, at)
        for reading in readings
        if reading.state in {ClockState.RUNNING, ClockState.BREACHED} and reading.sla in slas
        for percent in percents(slas[reading.sla], reading.clock)
        if (at := _passes(slas[reading.sla].calendar, reading, percent)) is not None
    )
    return tuple(sorted(found, key=lambda threshold: (threshold.at, threshold.clock, threshold.percent)))


def percents(sla: Sla, clock: Clock) -> tuple[int, ...]:
    """Return the percentages of a target at which something happens, in order."""
    escalations = {step.at for step in sla.escalate if step.clock is clock}
    return tuple(sorted({*sla.warn_at, *escalations, BREACH_PERCENT}))


def next_due(
    readings: Iterable[Reading], slas: Mapping[str, Sla], told: Collection[tuple[Clock, int, int]] = ()
) -> datetime | None:
    """Return the earliest threshold that is not told yet, None when there is none.

    `told` holds (clock, cycle, percent). An instant in the past means: at once.
    """
    ahead = thresholds(readings, slas)
    return next((item.at for item in ahead if (item.clock, item.cycle, item.percent) not in told), None)


def _timeline(facts: Sequence[Fact], now: datetime) -> _Timeline | None:
    """Return None when the ticket has no clocks as yet."""
    facts = [fact for fact in facts if fact.at.replace(microsecond=0) <= now]
    ordered = _ordered(_standing(facts))
    begin = _begin(ordered)
    if begin is None:
        return None
    owed = any(fact.kind is FactKind.RESPONSE_WITHDRAWN for fact in facts)
    return _Timeline(tuple(ordered), begin, _stretches(ordered, now), now, owed)


def _standing(facts: Iterable[Fact]) -> list[Fact]:
    """Leave out the responses that were taken back; one that is sent again later stands."""
    kept: list[Fact] = []
    for fact in facts:
        if fact.kind is FactKind.RESPONSE_WITHDRAWN:
            kept = [one for one in kept if one.kind is not FactKind.RESPONSE or one.response != fact.response]
        else:
            kept.append(fact)
    return kept


def _ordered(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts by time, in whole seconds.

    Words count from when their mail was received, which may be before something that was recorded earlier. What is
    true of the ticket changes in the order of the record: a mail that was applied late does not undo it.
    """
    latest: datetime | None = None
    timed: list[tuple[datetime, Fact]] = []
    for fact in facts:
        at = fact.at
        if fact.kind in {FactKind.STATUS, FactKind.TARGETS}:
            at = latest = max(at, latest or at)
        timed.append((at, fact))
    return [replace(fact, at=at.replace(microsecond=0)) for at, fact in sorted(timed, key=lambda pair: pair[0])]


def _begin(facts: Sequence[Fact]) -> datetime | None:
    """Return when the clocks start: at the opening, for a machine's ticket when an agent takes or answers it."""
    opened = next((fact for fact in facts if fact.kind is FactKind.OPENED), None)
    if opened is None:
        return None
    if not opened.by_machine:
        return opened.at
    taking = {FactKind.TAKEN, FactKind.RESPONSE}
    return next((fact.at for fact in facts if fact.kind in taking), None)


def _stretches(facts: Sequence[Fact], now: datetime) -> tuple[_Stretch, ...]:
    found: list[_Stretch] = []
    start, status = next(fact.at for fact in facts if fact.kind is FactKind.OPENED), Status.NEW
    for fact in facts:
        if fact.kind is not FactKind.STATUS or fact.status is None or fact.status is status:
            continue
        if fact.at > start:
            found.append(_Stretch(start, fact.at, status))
            start = fact.at
        status = fact.status
    return (*found, _Stretch(start, max(start, now), status))


def _response_cycles(timeline: _Timeline) -> Iterator[_Cycle]:
    """Yield the first response and each next one: from the first mail that waits to the response to it."""
    waits_since: datetime | None = timeline.begin
    number = 0
    for fact in timeline.facts:
        if fact.kind is FactKind.RESPONSE and waits_since is not None:
            yield _response_cycle(number, waits_since, max(fact.at, waits_since))
            waits_since = None
            number += 1
        elif fact.kind is FactKind.REQUESTER_WROTE and waits_since is None:
            waits_since = fact.at
    if waits_since is not None:
        yield _response_cycle(number, waits_since, None)


def _response_cycle(number: int, start: datetime, met_at: datetime | None) -> _Cycle:
    if number == 0:
        return _Cycle(Clock.FIRST_RESPONSE, 1, start, met_at)
    return _Cycle(Clock.NEXT_RESPONSE, number, start, met_at)


def _resolution_cycle(timeline: _Timeline) -> _Cycle:
    met_at: datetime | None = None
    for stretch in timeline.stretches:
        if stretch.status in DONE:
            met_at = met_at or max(stretch.start, timeline.begin)
        elif stretch.status not in VOID:
            met_at = None
    return _Cycle(Clock.RESOLUTION, 1, timeline.begin, met_at)


def _reading(cycle: _Cycle, timeline: _Timeline, slas: Mapping[str, Sla]) -> Reading | None:
    name, priority = _in_force(timeline, cycle.met_at)
    sla = slas.get(name)
    target = targets_for(sla, priority).of(cycle.clock) if sla else None
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


def _in_force(timeline: _Timeline, met_at: datetime | None) -> tuple[str, Priority]:
    """Return the SLA and priority that hold for a clock: those of now, or those until it was met.

    What the answering mail itself changes is a promise for what comes after it.
    """
    name, priority, opened = "", Priority.NORMAL, False
    for fact in timeline.facts:
        if fact.kind not in {FactKind.OPENED, FactKind.TARGETS}:
            continue
        if opened and met_at is not None and fact.at >= met_at:
            break
        name, priority, opened = fact.sla, fact.priority or priority, True
    return name, priority


def _state(cycle: _Cycle, timeline: _Timeline) -> ClockState:
    """Return the state but for BREACHED, which only the calendar can tell."""
    if cycle.met_at is not None:
        return ClockState.MET
    if timeline.status in PAUSES:
        return ClockState.PAUSED
    return ClockState.VOID if timeline.status in timeline.stops(cycle.clock) else ClockState.RUNNING


def _segments(cycle: _Cycle, timeline: _Timeline, calendar: Calendar) -> tuple[Segment, ...]:
    end = cycle.met_at or timeline.now
    stops = timeline.stops(cycle.clock)
    return tuple(
        _segment(stretch, max(stretch.start, cycle.start), min(stretch.end, end), stretch.status not in stops, calendar)
        for stretch in timeline.stretches
        # The last stretch stays even when it is empty: a clock that resumes this very second is due from here.
        if max(stretch.start, cycle.start) < min(stretch.end, end)
        or (stretch is timeline.stretches[-1] and cycle.met_at is None)
    )


def _segment(stretch: _Stretch, start: datetime, end: datetime, running: bool, calendar: Calendar) -> Segment:
    worked = working_seconds(calendar, start, end) if running else 0
    return Segment(start, end, running, worked, _BECAUSE[stretch.status])


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
