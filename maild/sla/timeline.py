"""A ticket's facts in the order in which they count: what was true when, and which answers were waited for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from maild.base.words import Clock, Priority, Status
from maild.sla.model import Fact, FactKind

PAUSES = frozenset({Status.PENDING, Status.ON_HOLD})
DONE = frozenset({Status.RESOLVED, Status.CLOSED})
VOID = frozenset({Status.MERGED, Status.SPAM})
# Clocks that count how long somebody else takes: they run while the ticket waits for him.
ASKED = {
    Clock.APPROVAL: (FactKind.APPROVAL_ASKED, FactKind.APPROVAL_DECIDED),
    Clock.SUPPLIER: (FactKind.SUPPLIER_ASKED, FactKind.SUPPLIER_ANSWERED),
}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in one status; only the last may be empty."""

    start: datetime
    end: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class Cycle:
    """One run of one clock: when it started, and when it was met if it was."""

    clock: Clock
    number: int
    start: datetime
    met_at: datetime | None
    owed: bool = False  # A response to it was taken back: the requester may still wait for it.

    @property
    def stops(self) -> frozenset[Status]:
        """The statuses in which it stands still.

        Nobody waits for an answer to a ticket that is done, unless the words that came with its solution bounced.
        """
        if self.clock in ASKED:
            return VOID | DONE
        return PAUSES | VOID | ({Status.CLOSED} if self.owed else DONE)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What counts of a ticket's facts up to `now`, in the order of time."""

    facts: tuple[Fact, ...]
    begin: datetime
    stretches: tuple[Stretch, ...]
    now: datetime

    @property
    def status(self) -> Status:
        """The ticket's status at `now`."""
        return self.stretches[-1].status

    def in_force(self, met_at: datetime | None) -> tuple[str, Priority]:
        """Return the SLA and priority that hold for a clock: those of now, or those until it was met.

        What the answering mail itself changes is a promise for what comes after it.
        """
        name, priority, opened = "", Priority.NORMAL, False
        for fact in self.facts:
            if fact.kind not in {FactKind.OPENED, FactKind.TARGETS}:
                continue
            if opened and met_at is not None and fact.at >= met_at:
                break
            name, priority, opened = fact.sla, fact.priority or priority, True
        return name, priority


def read_timeline(facts: Sequence[Fact], now: datetime) -> Timeline | None:
    """Return None when the ticket has no clocks as yet."""
    facts = [fact for fact in facts if fact.at.replace(microsecond=0) <= now]
    ordered = _ordered(_taken_back(facts))
    begin = _begin(ordered)
    return Timeline(tuple(ordered), begin, _stretches(ordered, now), now) if begin is not None else None


def statuses(facts: Sequence[Fact], now: datetime) -> tuple[Stretch, ...]:
    """Return the statuses that a ticket has had up to `now`, in order; none when it was not opened yet."""
    ordered = _ordered([fact for fact in facts if fact.at.replace(microsecond=0) <= now])
    return _stretches(ordered, now) if any(fact.kind is FactKind.OPENED for fact in ordered) else ()


def _taken_back(facts: Iterable[Fact]) -> list[Fact]:
    """Return the facts with each response that was taken back as such in its own place; sent again later, it stands."""
    kept: list[Fact] = []
    for fact in facts:
        if fact.kind is FactKind.RESPONSE_WITHDRAWN:
            lost = fact.response
            kept = [replace(one, kind=fact.kind) if _answers_as(one, lost) else one for one in kept]
        else:
            kept.append(fact)
    return kept


def _answers_as(fact: Fact, response: str) -> bool:
    return fact.kind is FactKind.RESPONSE and fact.response == response


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


def _stretches(facts: Sequence[Fact], now: datetime) -> tuple[Stretch, ...]:
    found: list[Stretch] = []
    start, status = next(fact.at for fact in facts if fact.kind is FactKind.OPENED), Status.NEW
    for fact in facts:
        if fact.kind is not FactKind.STATUS or fact.status is None or fact.status is status:
            continue
        if fact.at > start:
            found.append(Stretch(start, fact.at, status))
            start = fact.at
        status = fact.status
    return (*found, Stretch(start, max(start, now), status))


def cycles(timeline: Timeline) -> tuple[Cycle, ...]:
    """Return every cycle of every clock, whether or not there is a target for it."""
    asked = (cycle for clock in ASKED for cycle in _asked_cycles(timeline, clock))
    return (*_response_cycles(timeline), _resolution_cycle(timeline), *asked)


def _response_cycles(timeline: Timeline) -> Iterator[Cycle]:
    """Yield the first response and each next one: from the first mail that waits to the response to it."""
    cycle: Cycle | None = _response_cycle(0, timeline.begin)
    number = 0
    for fact in timeline.facts:
        if cycle is None and fact.kind is FactKind.REQUESTER_WROTE:
            cycle = _response_cycle(number, fact.at)
        elif cycle is not None and fact.kind is FactKind.RESPONSE_WITHDRAWN:
            cycle = replace(cycle, owed=True)
        elif cycle is not None and fact.kind is FactKind.RESPONSE:
            yield replace(cycle, met_at=max(fact.at, cycle.start))
            cycle = None
            number += 1
    if cycle is not None:
        yield cycle


def _response_cycle(number: int, start: datetime) -> Cycle:
    if number == 0:
        return Cycle(Clock.FIRST_RESPONSE, 1, start, None)
    return Cycle(Clock.NEXT_RESPONSE, number, start, None)


def _resolution_cycle(timeline: Timeline) -> Cycle:
    met_at: datetime | None = None
    counting = (stretch for stretch in timeline.stretches if stretch.end > timeline.begin)
    for stretch in (*counting, timeline.stretches[-1]):
        if stretch.status in DONE:
            met_at = met_at or max(stretch.start, timeline.begin)
        elif stretch.status not in VOID:
            met_at = None
    return Cycle(Clock.RESOLUTION, 1, timeline.begin, met_at)


def _asked_cycles(timeline: Timeline, clock: Clock) -> Iterator[Cycle]:
    """Yield a cycle for each thing that was asked, from the asking to the answer; asked again, it goes on."""
    asked, answered = ASKED[clock]
    waiting: dict[str, tuple[int, datetime]] = {}
    number = 0
    for fact in timeline.facts:
        if fact.kind is asked and fact.response not in waiting:
            number += 1
            waiting[fact.response] = (number, fact.at)
        elif fact.kind is answered and fact.response in waiting:
            yield Cycle(clock, *waiting.pop(fact.response), fact.at)
    for cycle, start in waiting.values():
        yield Cycle(clock, cycle, start, None)
