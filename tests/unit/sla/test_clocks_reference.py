"""Years of a ticket's clocks, to the second, are what a clerk counts who looks at the wall clock every minute."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.calendar import instant_of, seconds_of
from maild.sla.clocks import read_clocks, targets_for, thresholds
from maild.sla.explain import Row, explain
from maild.sla.model import Fact, FactKind, Reading, Sla, Targets
from maild.sla.versions import with_earlier

from .clerk import Clerk, Cycle, as_it_was
from .minutes import Notes
from .offices import PLACES, Place, drawn, plain_office

YEAR = 365 * 86_400
PERCENTS = (50, 75, 90, 100)
LIVE = frozenset({ClockState.RUNNING, ClockState.BREACHED})
WORDS = [FactKind.REQUESTER_WROTE, FactKind.RESPONSE, FactKind.RESPONSE, FactKind.RESPONSE_WITHDRAWN]
OTHERS = [
    *(FactKind.APPROVAL_ASKED, FactKind.APPROVAL_DECIDED, FactKind.SUPPLIER_ASKED, FactKind.SUPPLIER_ANSWERED),
    FactKind.TAKEN,
]


@dataclass
class Case:
    """A ticket's facts in the order of their recording, the service levels, and when all of it is looked at."""

    place: Place
    facts: tuple[Fact, ...]
    slas: Mapping[str, Sla]
    now: int


def a_case(dice: Random) -> Case:
    place = dice.choice(PLACES)
    begin = place.instant(dice)
    end = min(begin + dice.choice([5 * 86_400, 60 * 86_400, 2 * YEAR]), place.notes.end - 1)
    seconds = sorted(_second(dice, place, begin, end) for _ in range(dice.randrange(16)))
    opened = Fact(instant_of(begin), FactKind.OPENED, sla="one", by_machine=dice.random() < 0.1)
    facts = (opened, *(_fact(dice, second, begin) for second in seconds))
    slas = {name: _sla(dice, place, name) for name in ("one", "two")}
    return Case(place, facts, slas, _second(dice, place, begin, end) if dice.random() < 0.3 else end)


def _second(dice: Random, place: Place, begin: int, end: int) -> int:
    """Draw a second; one in three is about a change of the place's clocks."""
    if dice.random() < 0.3:
        return min(max(begin, place.instant(dice)), end)
    return dice.randint(begin, end)


def _fact(dice: Random, second: int, begin: int) -> Fact:
    at = instant_of(second)
    drawn_kind = dice.random()
    if drawn_kind < 0.35:
        return Fact(_finer(dice, at), FactKind.STATUS, status=dice.choice(list(Status)))
    if drawn_kind < 0.5:
        priority = dice.choice([None, *Priority])
        return Fact(_finer(dice, at), FactKind.TARGETS, priority=priority, sla=dice.choice(["one", "two", "two", ""]))
    if drawn_kind < 0.8:
        late = dice.randrange(7200) if dice.random() < 0.2 else 0  # recorded long after it was received
        return Fact(instant_of(max(begin, second - late)), dice.choice(WORDS), response=dice.choice("abc"))
    return Fact(at, dice.choice(OTHERS), response=dice.choice("xy"))


def _finer(dice: Random, at: datetime) -> datetime:
    return at + timedelta(microseconds=dice.choice([0, 0, 1, 999_999]))


def _sla(dice: Random, place: Place, name: str) -> Sla:
    """Draw a service level that was edited up to twice: hours, holidays, zone, targets."""
    edits = sorted({place.instant(dice) for _ in range(dice.choice([0, 0, 1, 2]))})
    versions = [_version(dice, place, name, str(number)) for number in range(len(edits) + 1)]
    return with_earlier(versions[-1], list(zip(map(instant_of, edits), versions[:-1], strict=True)))


def _version(dice: Random, place: Place, name: str, version: str) -> Sla:
    calendar = replace(plain_office(dice, place), version=version)
    rows = {priority: _targets(dice) for priority in Priority if dice.random() < 0.5}
    return Sla(name, calendar, {Priority.NORMAL: _targets(dice), **rows}, warn_at=PERCENTS[:-1])


def _targets(dice: Random) -> Targets:
    most = dice.choice([20_000, 200_000, 4_000_000])
    return Targets(*(dice.randrange(1, most) if dice.random() < 0.9 else None for _ in Clock))


@dataclass
class Standing:
    """How one cycle stands, in seconds; an instant behind the notes is their end."""

    state: ClockState
    start: int
    met: int | None
    target: int
    elapsed: int
    breached: bool
    due: int | None
    thresholds: dict[int, int]


Standings = dict[tuple[Clock, int], Standing]


def counted(case: Case) -> Standings:
    """Return what the clerk counts."""
    clerk, found = Clerk(case.facts, case.now), {}
    for cycle in clerk.cycles:
        name, priority = clerk.force if cycle.met is None else cycle.by
        sla = case.slas.get(name)
        counts = as_it_was(sla, cycle.met) if sla and cycle.met is not None else sla
        target = targets_for(counts, priority).of(cycle.clock) if counts else None
        if sla is not None and target is not None:
            found[cycle.clock, cycle.number] = _counted(cycle, clerk.status, sla, target, case)
    return found


def _counted(cycle: Cycle, status: Status, sla: Sla, target: int, case: Case) -> Standing:
    notes = case.place.notes
    runs = cycle.state(status, is_late=False) in LIVE
    goes_on_from = max(cycle.start, case.now) if runs else None
    passed = cycle.passes(notes, sla, target, goes_on_from)
    is_late = passed is not None and passed <= case.now
    state = cycle.state(status, is_late)
    needed = {percent: -(-target * percent // 100) for percent in PERCENTS if runs}
    return Standing(
        state=state,
        start=cycle.start,
        met=cycle.met,
        target=target,
        elapsed=cycle.used(notes, sla),
        breached=is_late and state is not ClockState.VOID,
        due=passed if runs else None,
        thresholds={at: cycle.passes(notes, sla, needed[at], goes_on_from) or 0 for at in needed},
    )


def read(case: Case) -> Standings:
    """Return what maild reads."""
    readings = read_clocks(case.facts, case.slas, instant_of(case.now))
    ahead = {(item.clock, item.cycle, item.percent): item.at for item in thresholds(readings, case.slas)}
    return {(reading.clock, reading.cycle): _read(reading, ahead, case.place.notes) for reading in readings}


def _read(reading: Reading, ahead: Mapping[tuple[Clock, int, int], datetime], notes: Notes) -> Standing:
    def known(at: datetime | None) -> int:
        return min(seconds_of(at), notes.end) if at else notes.end

    runs = reading.state in LIVE
    return Standing(
        state=reading.state,
        start=seconds_of(reading.started_at),
        met=seconds_of(reading.met_at) if reading.met_at else None,
        target=reading.target_seconds,
        elapsed=reading.elapsed_seconds,
        breached=reading.breached,
        due=known(reading.due_at) if runs else None,
        thresholds={at: known(ahead.get((reading.clock, reading.cycle, at))) for at in PERCENTS if runs},
    )


@drawn(200)
def test_every_clock_of_years_is_what_a_clerk_counts(dice: Random) -> None:
    case = a_case(dice)
    assert read(case) == counted(case), case


@drawn(60)
def test_the_rows_of_an_explanation_leave_no_gap_and_add_up(dice: Random) -> None:
    case = a_case(dice)
    rows = explain(case.facts, case.slas, instant_of(case.now))
    readings = {(r.clock, r.cycle): r for r in read_clocks(case.facts, case.slas, instant_of(case.now))}
    by_cycle: dict[tuple[Clock, int], list[Row]] = {key: [] for key in readings}
    for row in rows:
        by_cycle[row.clock, row.cycle].append(row)
    for key, reading in readings.items():
        found = by_cycle[key]
        assert found[0].start == reading.started_at, (case, key)
        assert found[-1].end == (reading.met_at or max(instant_of(case.now), reading.started_at)), (case, key)
        assert all(one.end == other.start for one, other in pairwise(found)), (case, key)
        assert found[-1].remaining_seconds == reading.remaining_seconds, (case, key)
        assert sum(row.worked_seconds for row in found) == reading.elapsed_seconds, (case, key)
        assert all(_is_right(row, case) for row in found), (case, key)


def _is_right(row: Row, case: Case) -> bool:
    """Say whether a row that ran is nothing but working time, and one that did not has none that counts."""
    start, end = seconds_of(row.start), seconds_of(row.end)
    if not row.running:
        return row.worked_seconds == 0
    worked = case.place.notes.worked(case.slas[row.sla].calendar, start, end)
    return row.worked_seconds == worked == end - start
