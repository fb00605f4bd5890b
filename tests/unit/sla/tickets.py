"""Timelines of tickets and the example's service level, in Madrid's wall time."""

from maild.base.words import Clock, Priority, Status
from maild.sla.clocks import read_clocks
from maild.sla.model import Escalation, Fact, FactKind, Reading, Sla, Targets

from .calendars import OFFICE, madrid

HOUR = 3600
DAY = 8 * HOUR
STANDARD = Sla(
    name="standard",
    calendar=OFFICE,
    targets={
        Priority.NORMAL: Targets(4 * HOUR, 8 * HOUR, 3 * DAY),
        Priority.URGENT: Targets(HOUR // 2, HOUR, 4 * HOUR),
        Priority.LOW: Targets(first_response=DAY),
    },
    warn_at=(50, 75, 90),
    escalate=(Escalation(Clock.FIRST_RESPONSE, 100, "lead"), Escalation(Clock.RESOLUTION, 150, "next-level")),
)
SLAS = {"standard": STANDARD}
MONDAY = "2026-11-23 "
TUESDAY = "2026-11-24 "


def opened(at: str, *, priority: Priority = Priority.NORMAL, sla: str = "standard", by_machine: bool = False) -> Fact:
    """The first mail was received."""
    return Fact(madrid(at), FactKind.OPENED, priority=priority, sla=sla, by_machine=by_machine)


def wrote(at: str) -> Fact:
    """The requester wrote again."""
    return Fact(madrid(at), FactKind.REQUESTER_WROTE)


def answered(at: str, response: str = "1") -> Fact:
    """An agent answered."""
    return Fact(madrid(at), FactKind.RESPONSE, response=response)


def bounced(at: str, response: str = "1") -> Fact:
    """An answer did not arrive."""
    return Fact(madrid(at), FactKind.RESPONSE_WITHDRAWN, response=response)


def became(at: str, status: Status) -> Fact:
    """The status changed."""
    return Fact(madrid(at), FactKind.STATUS, status=status)


def retargeted(at: str, priority: Priority, sla: str = "standard") -> Fact:
    """Priority, queue or SLA changed."""
    return Fact(madrid(at), FactKind.TARGETS, priority=priority, sla=sla)


def taken(at: str) -> Fact:
    """An agent took it."""
    return Fact(madrid(at), FactKind.TAKEN)


def clocks(now: str, *facts: Fact) -> dict[tuple[Clock, int], Reading]:
    """Read all clocks of a timeline by clock and cycle."""
    return {(reading.clock, reading.cycle): reading for reading in read_clocks(facts, SLAS, madrid(now))}
