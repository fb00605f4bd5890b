"""What the clocks are computed from, and what they say."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from maild.base.words import Clock, ClockState, Priority, Status


class FactKind(StrEnum):
    """The happenings that move a clock."""

    OPENED = "opened"
    REQUESTER_WROTE = "requester-wrote"
    RESPONSE = "response"
    RESPONSE_WITHDRAWN = "response-withdrawn"
    STATUS = "status"
    TARGETS = "targets"  # priority, queue or SLA changed
    TAKEN = "taken"  # a ticket opened by a machine was taken by an agent


@dataclass(frozen=True, slots=True)
class Fact:
    """One happening of a ticket's timeline, in the order in which it was recorded."""

    at: datetime
    kind: FactKind
    status: Status | None = None  # STATUS
    priority: Priority | None = None  # OPENED, TARGETS
    sla: str = ""  # OPENED, TARGETS: the name of the [[sla]], "" for none
    response: str = ""  # RESPONSE, RESPONSE_WITHDRAWN: the post's id
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
    """One clock in one cycle, read at an instant."""

    clock: Clock
    cycle: int  # 1, 2, ...: only next_response goes past 1
    state: ClockState
    started_at: datetime
    due_at: datetime | None  # None while met, paused or void
    met_at: datetime | None
    target_seconds: int
    elapsed_seconds: int
    breached: bool  # past 100 % in this cycle, also if met later
    segments: tuple[Segment, ...] = ()

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
