"""The clocks say what a slow clerk says who looks at ticket and wall clock every minute."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.calendar import Calendar, weekly
from maild.sla.clocks import read_clocks
from maild.sla.model import Fact, FactKind, Sla, Targets

from .calendars import MADRID, open_by_the_wall_clock

WAITING = {Status.PENDING, Status.ON_HOLD, Status.MERGED, Status.SPAM}
STARTS = (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC))
LENGTH_MINUTES = 1500


@dataclass
class Clerk:
    """One cycle as the clerk keeps it: he adds a minute whenever he should."""

    clock: Clock
    stops: set[Status]
    target: int
    used: int = 0
    breached: bool = False
    met: bool = False

    def look(self, status: Status, is_open: bool) -> None:
        if self.met or status in self.stops:
            return
        self.breached = self.breached or self.used >= self.target
        self.used += is_open


@dataclass
class Desk:
    """The clerk's desk: he handles the facts of a minute, then looks at the clocks."""

    target: int
    owed: bool
    status: Status = Status.NEW
    cycles: list[Clerk] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.response = self._open(Clock.FIRST_RESPONSE)
        self.resolution = self._open(Clock.RESOLUTION)

    def _open(self, clock: Clock) -> Clerk:
        bounced = self.owed and clock is not Clock.RESOLUTION
        done = {Status.CLOSED} if bounced else {Status.CLOSED, Status.RESOLVED}
        self.cycles.append(Clerk(clock, done | WAITING, self.target))
        return self.cycles[-1]

    def handle(self, fact: Fact) -> None:
        if fact.kind is FactKind.RESPONSE:
            self.response.met = True
        elif fact.kind is FactKind.REQUESTER_WROTE and self.response.met:
            self.response = self._open(Clock.NEXT_RESPONSE)
        elif fact.status is not None:
            self.status = fact.status


def happenings(start: datetime) -> st.SearchStrategy[list[Fact]]:
    at = st.integers(0, LENGTH_MINUTES).map(lambda minute: start + timedelta(minutes=minute))
    status = st.builds(Fact, at, st.just(FactKind.STATUS), st.sampled_from(list(Status)))
    answer = st.builds(Fact, at, st.just(FactKind.RESPONSE), response=st.sampled_from(["arrives", "bounces"]))
    talk = st.one_of(st.builds(Fact, at, st.just(FactKind.REQUESTER_WROTE)), answer)
    return st.lists(st.one_of(status, talk), max_size=8).map(lambda facts: sorted(facts, key=lambda fact: fact.at))


spans = st.tuples(st.integers(0, 1430), st.integers(1, 900)).map(lambda pair: (pair[0], pair[0] + pair[1]))
weeks = st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=2), max_size=7).map(weekly)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(STARTS), weeks, st.integers(1, 900))
def test_every_clock_is_what_a_clerk_counts(
    data: st.DataObject, start: datetime, hours: tuple[tuple[tuple[int, int], ...], ...], target: int
) -> None:
    facts = data.draw(happenings(start))
    office = Calendar(MADRID, hours)
    now = start + timedelta(minutes=LENGTH_MINUTES)
    seconds = 60 * target
    slas = {"one": Sla("one", office, {Priority.NORMAL: Targets(seconds, seconds, seconds)})}

    bounces = data.draw(st.booleans())
    bounce = Fact(now, FactKind.RESPONSE_WITHDRAWN, response="bounces")
    desk = Desk(target, owed=bounces)
    for minute in range(LENGTH_MINUTES + 1):
        at = start + timedelta(minutes=minute)
        for fact in facts:
            if fact.at == at and not (bounces and fact.response == "bounces"):
                desk.handle(fact)
        for clerk in desk.cycles:
            clerk.look(desk.status, at < now and open_by_the_wall_clock(office, at))

    told = (Fact(start, FactKind.OPENED, sla="one"), *facts, *([bounce] if bounces else []))
    readings = read_clocks(told, slas, now)
    counted = sorted((clerk.clock, clerk.used * 60) for clerk in desk.cycles)
    assert sorted((reading.clock, reading.elapsed_seconds) for reading in readings) == counted
    for reading in readings:
        clerks = [clerk for clerk in desk.cycles if clerk.clock is reading.clock]
        expected = clerks[reading.cycle - 1].breached and reading.state is not ClockState.VOID
        assert reading.breached == expected
