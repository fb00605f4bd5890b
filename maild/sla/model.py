"""What the clocks are computed from, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from maild.base.words import Clock, ClockState, Priority, Status
from maild.sla.calendar import Calendar


class FactKind(StrEnum):
    """The happenings that move a clock."""

    OPENED = "opened"
    REQUESTER_WROTE = "requester-wrote"
    RESPONSE = "response"
    RESPONSE_WITHDRAWN = "response-withdrawn"
    STATUS = "status"
    TARGETS = "targets"  # priority, queue or SLA changed
    TAKEN = "taken"  # a ticket opened by a machine was taken by an agent
    APPROVAL_ASKED = "approval-asked"
    APPROVAL_DECIDED = "approval-decided"  # or no longer wanted
    SUPPLIER_ASKED = "supplier-asked"
    SUPPLIER_ANSWERED = "supplier-answered"  # or no longer waited for


@dataclass(frozen=True, slots=True)
class Targets:
    """The working seconds that a priority allows each clock; None: that clock does not exist."""

    first_response: int | None = None
    next_response: int | None = None
    resolution: int | None = None
    approval: int | None = None
    supplier: int | None = None

    def of(self, clock: Clock) -> int | None:
        """Return the target of one clock."""
        match clock:
            case Clock.FIRST_RESPONSE:
                return self.first_response
            case Clock.NEXT_RESPONSE:
                return self.next_response
            case Clock.RESOLUTION:
                return self.resolution
            case Clock.APPROVAL:
                return self.approval
            case Clock.SUPPLIER:
                return self.supplier


@dataclass(frozen=True, slots=True)
class Escalation:
    """To whom a clock goes up at a percentage of its target: ``lead``, ``manager`` or ``next-level``."""

    clock: Clock
    at: int
    to: str


@dataclass(frozen=True, slots=True)
class Sla:
    """One compiled service level: its targets in seconds of its calendar's working time.

    `earlier` is what it was before, oldest first, each until an instant; its calendars are in `calendar` already.
    """

    name: str
    calendar: Calendar
    targets: Mapping[Priority, Targets]
    warn_at: tuple[int, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    around_the_clock: bool = False  # warnings and breaches are told at any hour, not in working time alone
    earlier: "tuple[tuple[datetime, Sla], ...]" = ()

    def as_of(self, at: datetime) -> "Sla":
        """Return what it was at an instant."""
        return next((was for until, was in self.earlier if at < until), self)


@dataclass(frozen=True, slots=True)
class Fact:
    """One happening of a ticket's timeline, in the order in which it was recorded.

    An OPENED or TARGETS fact says the whole truth: its `sla` "" means that no SLA holds from then on. A `priority` of
    None leaves the one that was.
    """

    at: datetime
    kind: FactKind
    status: Status | None = None  # STATUS
    priority: Priority | None = None  # OPENED, TARGETS
    sla: str = ""  # OPENED, TARGETS: the name of the [[sla]], "" for none
    response: str = ""  # RESPONSE, RESPONSE_WITHDRAWN: the post's id; of approvals and suppliers: what was asked
    by_machine: bool = False  # OPENED: by automatic mail, so no clock until TAKEN


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one clock: `worked_seconds` of it were working time that counted."""

    start: datetime
    end: datetime
    running: bool
    worked_seconds: int
    because: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One clock in one cycle, read at an instant.

    State BREACHED is a running clock past its target; a clock that is paused or met past it says so in `breached`.
    """

    clock: Clock
    cycle: int  # 1, 2, ...; first_response and resolution have one
    state: ClockState
    started_at: datetime
    due_at: datetime | None  # None while met, paused or void, or when the calendar never opens again
    met_at: datetime | None
    target_seconds: int
    elapsed_seconds: int
    breached: bool  # past 100 % in this cycle, also if met later
    segments: tuple[Segment, ...] = ()
    sla: str = ""  # the SLA whose target and calendar count

    @property
    def remaining_seconds(self) -> int:
        """Working seconds left, negative when late."""
        return self.target_seconds - self.elapsed_seconds


@dataclass(frozen=True, slots=True)
class Threshold:
    """An instant at which a running clock passes a percentage of its target."""

    clock: Clock
    cycle: int
    percent: int
    at: datetime
