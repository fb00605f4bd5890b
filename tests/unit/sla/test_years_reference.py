"""Two years of a ticket, counted by a clerk who looks every quarter of an hour and remembers what was in force then."""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.calendar import Calendar, seconds_of
from maild.sla.clocks import read_clocks
from maild.sla.model import Fact, FactKind, Sla, Targets
from maild.sla.versions import with_earlier

from .calendars import calendar, open_by_the_wall_clock

TICK = timedelta(minutes=15)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
TICKS = 2 * 365 * 96  # both changes to summer time, both back, two Christmases
SHUT = frozenset({Status.MERGED, Status.SPAM, Status.RESOLVED, Status.CLOSED})
WAITS = SHUT | {Status.PENDING, Status.ON_HOLD}
STOPS = dict.fromkeys(Clock, WAITS) | {Clock.APPROVAL: SHUT, Clock.SUPPLIER: SHUT}
DONE = frozenset({Status.RESOLVED, Status.CLOSED})

LUNCH = calendar({day: ["09:00-14:00", "15:00-18:00"] for day in range(5)}, holidays=frozenset({date(2026, 12, 24)}))
SUMMER = replace(calendar({day: ["08:00-15:00"] for day in range(5)}), yearly=frozenset({(12, 25), (1, 6)}))
NIGHT = calendar({day: ["22:00-06:00"] for day in range(7)}, holidays=frozenset({date(2027, 3, 28)}))
HAVANA = calendar({day: ["00:00-04:00", "23:00-24:00"] for day in (0, 5, 6)}, zone="America/Havana")
OFFICES = tuple(replace(office, version=str(at)) for at, office in enumerate((LUNCH, SUMMER, NIGHT, HAVANA)))


@cache
def open_ticks(office: Calendar) -> tuple[bool, ...]:
    """Say of each quarter of an hour whether the wall clock shows working time."""
    return tuple(open_by_the_wall_clock(office, START + tick * TICK) for tick in range(TICKS))


@dataclass
class Cycle:
    """One cycle as the clerk keeps it: the ticks in which it ran, and when it was met."""

    clock: Clock
    ran: list[int] = field(default_factory=list)
    met: int | None = None
    by: tuple[str, Priority] = ("", Priority.NORMAL)  # what was in force when it was met


class Clerk:
    """He handles the facts of a tick, and marks down who runs until the next."""

    def __init__(self) -> None:
        self.status = Status.NEW
        self.force = ("one", Priority.NORMAL)
        self.before = self.force
        self.response: Cycle | None = Cycle(Clock.FIRST_RESPONSE)
        self.resolution = Cycle(Clock.RESOLUTION)
        self.asked: dict[tuple[Clock, str], Cycle] = {}
        self.cycles = [self.response, self.resolution]

    def handle(self, tick: int, fact: Fact) -> None:
        match fact.kind:
            case FactKind.STATUS if fact.status is not None:
                self.status = fact.status
                self._settle(tick)
            case FactKind.TARGETS:
                self.force = (fact.sla, fact.priority or self.force[1])
            case FactKind.RESPONSE if self.response is not None:
                self._meet(self.response, tick)
                self.response = None
            case FactKind.REQUESTER_WROTE if self.response is None:
                self.response = self._begin(Clock.NEXT_RESPONSE)
            case FactKind.APPROVAL_ASKED | FactKind.SUPPLIER_ASKED:
                key = (self._clock(fact), fact.response)
                self.asked[key] = self.asked.get(key) or self._begin(key[0])
            case FactKind.APPROVAL_DECIDED | FactKind.SUPPLIER_ANSWERED:
                if (cycle := self.asked.pop((self._clock(fact), fact.response), None)) is not None:
                    self._meet(cycle, tick)

    @staticmethod
    def _clock(fact: Fact) -> Clock:
        return Clock.APPROVAL if fact.kind.value.startswith("approval") else Clock.SUPPLIER

    def _begin(self, clock: Clock) -> Cycle:
        self.cycles.append(Cycle(clock))
        return self.cycles[-1]

    def _meet(self, cycle: Cycle, tick: int) -> None:
        cycle.met, cycle.by = tick, self.before

    def _settle(self, tick: int) -> None:
        if self.status in DONE and self.resolution.met is None:
            self._meet(self.resolution, tick)
        elif self.status not in WAITS or self.status in WAITS - SHUT:
            self.resolution.met = None

    def mark(self, tick: int) -> None:
        for cycle in self.cycles:
            if cycle.met is None and self.status not in STOPS[cycle.clock]:
                cycle.ran.append(tick)


talk = st.sampled_from([FactKind.RESPONSE, FactKind.REQUESTER_WROTE])
others = st.sampled_from([FactKind.APPROVAL_ASKED, FactKind.APPROVAL_DECIDED])
third = st.sampled_from([FactKind.SUPPLIER_ASKED, FactKind.SUPPLIER_ANSWERED])
names, what = st.sampled_from(["one", "two"]), st.sampled_from(["a", "b"])
ticks = st.integers(0, TICKS).map(lambda tick: START + tick * TICK)
happening = st.one_of(
    st.builds(Fact, ticks, st.just(FactKind.STATUS), st.sampled_from(list(Status))),
    st.builds(Fact, ticks, st.just(FactKind.TARGETS), priority=st.sampled_from(list(Priority)), sla=names),
    st.builds(Fact, ticks, talk),
    st.builds(Fact, ticks, others, response=what),
    st.builds(Fact, ticks, third, response=what),
)
targets = st.integers(1, 9000).map(lambda quarters: quarters * 900)
rows = st.dictionaries(st.sampled_from(list(Priority)), st.tuples(*[targets] * 5).map(lambda row: Targets(*row)))
plain = st.builds(Sla, st.just("x"), st.sampled_from(OFFICES), st.tuples(rows, targets).map(lambda p: _whole(*p)))
edits = st.lists(st.tuples(ticks, plain), max_size=3, unique_by=lambda edit: edit[0])
edited = st.tuples(plain, edits).map(lambda p: with_earlier(p[0], sorted(p[1], key=lambda edit: edit[0])))


def _whole(written: dict[Priority, Targets], normal: int) -> dict[Priority, Targets]:
    return {Priority.NORMAL: Targets(*[normal] * 5), **written}


def version_at(sla: Sla, at: datetime) -> Sla:
    """What was in force, by looking it up in the list of edits."""
    ends = [until for until, _ in sla.earlier]
    return ([was for _, was in sla.earlier] + [sla])[bisect_right(ends, at)]


def used(sla: Sla, cycle: Cycle, target: int) -> tuple[int, bool]:
    """How long a cycle ran in working time, and whether it still ran when its target was used up."""
    seconds, late = 0, False
    ends = [(until - START) // TICK for until, _ in sla.earlier]
    open_by_version = [open_ticks(replace(was.calendar, earlier=())) for was in [w for _, w in sla.earlier] + [sla]]
    for tick in cycle.ran:
        late = late or seconds >= target
        seconds += 900 * open_by_version[bisect_right(ends, tick)][tick]
    return seconds, late


@settings(max_examples=12, deadline=None)
@given(st.lists(happening, max_size=14), st.fixed_dictionaries({"one": edited, "two": edited}))
def test_two_years_of_every_clock_are_what_a_clerk_counts(found: list[Fact], slas: dict[str, Sla]) -> None:
    facts = sorted(found, key=lambda fact: fact.at)
    now = START + TICKS * TICK
    clerk = Clerk()
    by_tick: dict[int, list[Fact]] = {}
    for fact in facts:
        by_tick.setdefault((fact.at - START) // TICK, []).append(fact)
    for tick in range(TICKS + 1):
        clerk.before = clerk.force
        for fact in by_tick.get(tick, ()):
            clerk.handle(tick, fact)
        if tick < TICKS:
            clerk.mark(tick)

    opened = Fact(START, FactKind.OPENED, priority=Priority.NORMAL, sla="one")
    readings = read_clocks((opened, *facts), slas, now)
    numbers: dict[Clock, int] = {}
    read = {(reading.clock, reading.cycle): reading for reading in readings}
    assert len(read) == len(clerk.cycles)
    for cycle in clerk.cycles:
        numbers[cycle.clock] = numbers.get(cycle.clock, 0) + 1
        reading = read[cycle.clock, numbers[cycle.clock]]
        name, priority = clerk.force if cycle.met is None else cycle.by
        counts = slas[name] if cycle.met is None else version_at(slas[name], START + cycle.met * TICK)
        target = (counts.targets.get(priority) or counts.targets[Priority.NORMAL]).of(cycle.clock)
        assert target is not None
        elapsed, late = used(slas[name], cycle, target)
        assert (reading.target_seconds, reading.elapsed_seconds) == (target, elapsed), cycle
        running = reading.state in {ClockState.RUNNING, ClockState.BREACHED}
        assert reading.breached == ((late or (running and elapsed >= target)) and reading.state is not ClockState.VOID)


def test_the_versions_of_a_calendar_do_not_overlap() -> None:
    one, two = OFFICES[0], OFFICES[2]
    edit = START + timedelta(days=100)
    sla = with_earlier(Sla("x", two, {}), [(edit, Sla("x", one, {}))])
    assert sla.calendar.earlier == ((seconds_of(edit), one),)
    assert sla.as_of(edit - timedelta(seconds=1)).calendar == one
    assert sla.as_of(edit) is sla
