"""A clerk who keeps a ticket's clocks by hand: he writes down when each ran, and counts its minutes off the notes."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.calendar import seconds_of
from maild.sla.model import Fact, FactKind, Sla

from .minutes import Notes

WAITS = frozenset({Status.PENDING, Status.ON_HOLD})
DONE = frozenset({Status.RESOLVED, Status.CLOSED})
VOID = frozenset({Status.MERGED, Status.SPAM})
TAKES = frozenset({FactKind.TAKEN, FactKind.RESPONSE})
ASKED = {FactKind.APPROVAL_ASKED: Clock.APPROVAL, FactKind.SUPPLIER_ASKED: Clock.SUPPLIER}
ANSWERED = {FactKind.APPROVAL_DECIDED: Clock.APPROVAL, FactKind.SUPPLIER_ANSWERED: Clock.SUPPLIER}
CHANGES = frozenset({FactKind.STATUS, FactKind.TARGETS})


@dataclass
class Cycle:
    """One run of a clock as the clerk keeps it, in seconds since 1970."""

    clock: Clock
    number: int
    start: int
    ran: list[tuple[int, int]] = field(default_factory=list)
    met: int | None = None
    by: tuple[str, Priority] = ("", Priority.NORMAL)  # what was in force until it was met
    owed: bool = False  # its answer did not arrive

    def stands_still(self, status: Status) -> bool:
        """Say whether it waits in a status."""
        if self.clock in {Clock.APPROVAL, Clock.SUPPLIER}:
            return status in DONE | VOID
        return status in WAITS | VOID | ({Status.CLOSED} if self.owed else DONE)

    def state(self, status: Status, is_late: bool) -> ClockState:
        """Return how it stands in a status."""
        if self.met is not None:
            return ClockState.MET
        if not self.stands_still(status):
            return ClockState.BREACHED if is_late else ClockState.RUNNING
        return ClockState.PAUSED if status in WAITS else ClockState.VOID

    def used(self, notes: Notes, sla: Sla) -> int:
        """Return how many seconds of working time it ran."""
        return sum(notes.worked(sla.calendar, start, end) for start, end in self.ran)

    def passes(self, notes: Notes, sla: Sla, seconds: int, goes_on_from: int | None) -> int | None:
        """Return the second at which so many are used up while it runs; None when it stops first.

        `goes_on_from` is now for one that runs; a second behind the notes stands for any later one.
        """
        for start, end in self.ran:
            worked = notes.worked(sla.calendar, start, end)
            at = notes.reached(sla.calendar, start, seconds) if worked >= seconds else None
            if at is not None and at < end:
                return at
            seconds -= worked
        if goes_on_from is None:
            return None
        return notes.reached(sla.calendar, goes_on_from, seconds) or notes.end


class Clerk:
    """He reads the facts of a ticket in the order in which they count, up to now, and keeps its cycles."""

    def __init__(self, facts: Sequence[Fact], now: int) -> None:
        self.status = Status.NEW
        self.force = ("", Priority.NORMAL)
        self.before = self.force
        self.is_begun = self.has_lost = False
        self.looked = seconds_of(facts[0].at)
        self.diary: list[tuple[int, int, Status]] = []
        self.cycles: list[Cycle] = []
        self.waiting: Cycle | None = None
        self.asked: dict[tuple[Clock, str], Cycle] = {}
        for second, together in _by_second([fact for fact in facts if seconds_of(fact.at) <= now]):
            self._run_to(second)
            self.before = self.force
            for fact in together:
                self._handle(second, fact)
            self._settle(second)
        self._run_to(now)
        self.cycles = [self._ran(cycle) for cycle in self.cycles if self.is_begun]

    def _run_to(self, second: int) -> None:
        """Write down in which status the ticket was since the last fact."""
        self.diary.append((self.looked, second, self.status))
        self.looked = second

    def _ran(self, cycle: Cycle) -> Cycle:
        """Return a cycle with the times at which it ran, read off the diary."""
        end = self.looked if cycle.met is None else cycle.met
        spans = ((max(start, cycle.start), min(stop, end), status) for start, stop, status in self.diary)
        ran = [(start, stop) for start, stop, status in spans if start < stop and not cycle.stands_still(status)]
        return replace(cycle, ran=ran)

    def _handle(self, second: int, fact: Fact) -> None:
        if fact.kind is FactKind.STATUS and fact.status is not None:
            self.status = fact.status
        elif fact.kind in {FactKind.OPENED, FactKind.TARGETS}:
            self.force = (fact.sla, fact.priority or self.force[1])
            self.before = self.before if fact.kind is FactKind.TARGETS else self.force
        if not self.is_begun and (fact.kind in TAKES or (fact.kind is FactKind.OPENED and not fact.by_machine)):
            self.is_begun = True
            self.waiting = self._begin(Clock.FIRST_RESPONSE, second)
            self.waiting.owed = self.has_lost
            self.resolution = self._begin(Clock.RESOLUTION, second)
        self.has_lost = self.has_lost or fact.kind is FactKind.RESPONSE_WITHDRAWN
        self._talk(second, fact)
        self._ask(second, fact)

    def _talk(self, second: int, fact: Fact) -> None:
        if fact.kind is FactKind.REQUESTER_WROTE and self.waiting is None and self.is_begun:
            self.waiting = self._begin(Clock.NEXT_RESPONSE, second)
        elif self.waiting is not None and fact.kind is FactKind.RESPONSE_WITHDRAWN:
            self.waiting.owed = True
        elif self.waiting is not None and fact.kind is FactKind.RESPONSE:
            self._meet(self.waiting, second)
            self.waiting = None

    def _ask(self, second: int, fact: Fact) -> None:
        if fact.kind in ASKED and (ASKED[fact.kind], fact.response) not in self.asked:
            self.asked[ASKED[fact.kind], fact.response] = self._begin(ASKED[fact.kind], second)
        elif fact.kind in ANSWERED and (ANSWERED[fact.kind], fact.response) in self.asked:
            self._meet(self.asked.pop((ANSWERED[fact.kind], fact.response)), second)

    def _begin(self, clock: Clock, second: int) -> Cycle:
        number = 1 + sum(cycle.clock is clock for cycle in self.cycles)
        self.cycles.append(Cycle(clock, number, second))
        return self.cycles[-1]

    def _meet(self, cycle: Cycle, second: int) -> None:
        cycle.met, cycle.by = second, self.before

    def _settle(self, second: int) -> None:
        """A ticket that is done has its resolution; one that is worked on again goes on with what was used."""
        if not self.is_begun:
            return
        if self.status in DONE and self.resolution.met is None:
            self._meet(self.resolution, second)
        elif self.status not in DONE | VOID:
            self.resolution.met = None


def _by_second(facts: Sequence[Fact]) -> list[tuple[int, list[Fact]]]:
    """Return the facts by the second in which they count, in order.

    Words count from when they came, however late they were recorded; what a ticket is changes as it was recorded. An
    answer that did not arrive stands where it was, as one that was taken back.
    """
    latest = facts[0].at
    timed = []
    for place, fact in enumerate(facts):
        latest = max(latest, fact.at) if fact.kind in CHANGES else latest
        if fact.kind is not FactKind.RESPONSE_WITHDRAWN:
            lost = fact.kind is FactKind.RESPONSE and _is_taken_back(fact, facts[place + 1 :])
            kept = Fact(fact.at, FactKind.RESPONSE_WITHDRAWN) if lost else fact
            timed.append((latest if fact.kind in CHANGES else fact.at, kept))
    found: dict[int, list[Fact]] = {}
    for at, fact in sorted(timed, key=lambda pair: pair[0]):
        found.setdefault(seconds_of(at), []).append(fact)
    return list(found.items())


def _is_taken_back(response: Fact, later: Sequence[Fact]) -> bool:
    taken = (fact for fact in later if fact.kind is FactKind.RESPONSE_WITHDRAWN)
    return any(fact.response == response.response for fact in taken)


def as_it_was(sla: Sla, second: int) -> Sla:
    """Return a service level as it was written at a second, by looking it up in the list of its edits."""
    ends = [seconds_of(until) for until, _ in sla.earlier]
    return [*(was for _, was in sla.earlier), sla][bisect_right(ends, second)]
