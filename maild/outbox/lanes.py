"""Which claimed mail goes next: fair among the domains of recipients, and no domain gets more than it may."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

ROOM = 20  # claimed rows that wait for one domain: little to give back at the end, little to defer together
ROOM_IN_ALL = 200


class Addressed(Protocol):
    """What has to be known of a row to put it into its lane."""

    @property
    def ticket(self) -> int:
        """The ticket's number, 0 for none."""
        ...  # pragma: no cover

    @property
    def rcpt_to(self) -> str:
        """The recipient."""
        ...  # pragma: no cover


R = TypeVar("R", bound=Addressed)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once, and how much in a time."""

    connections: int = 1
    connections_per_domain: int = 1
    mails_per_minute_per_domain: int = 0  # 0: as fast as it goes

    @property
    def room(self) -> int:
        """How many claimed rows may wait for one domain: no more than leave in a minute, so that no lease runs out."""
        return min(ROOM, self.mails_per_minute_per_domain or ROOM)


def domain_of(address: str) -> str:
    """Return the domain of an address in lower case."""
    return address.rpartition("@")[2].lower()


@dataclass
class Lanes(Generic[R]):
    """Claimed rows, a lane for each domain. Every method may be called from any thread."""

    pace: Pace = field(default_factory=Pace)
    clock: Callable[[], float] = time.monotonic
    _waiting: dict[str, deque[R]] = field(default_factory=dict)  # the domain whose turn it is stands first
    _busy: Counter[str] = field(default_factory=Counter)
    _talks: set[tuple[int, str]] = field(default_factory=set)  # (ticket, recipient) of mails on their way
    _next_at: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, rows: Iterable[R]) -> None:
        """Put claimed rows behind those that wait."""
        with self._lock:
            for row in rows:
                self._waiting.setdefault(domain_of(row.rcpt_to), deque()).append(row)

    def take(self) -> R | None:
        """Return the row to send now, or None when none may go; `done` has to follow.

        Of one ticket, the mails to one recipient go one after the other, in the order in which they were added.
        """
        with self._lock:
            for domain in list(self._waiting):
                row = self._first(domain) if self._may_go(domain) else None
                if row is not None:
                    self._begin(domain, row)
                    return row
            return None

    def done(self, row: R) -> None:
        """Say that a row that was taken is off the wire."""
        domain = domain_of(row.rcpt_to)
        with self._lock:
            self._busy[domain] -= 1
            if not self._busy[domain]:
                del self._busy[domain]
            self._talks.discard(_talk(row))

    def drain(self) -> list[R]:
        """Take out all rows that wait."""
        with self._lock:
            rows = [row for lane in self._waiting.values() for row in lane]
            self._waiting.clear()
            return rows

    def room(self) -> tuple[int, frozenset[str]]:
        """Return how many rows to claim, and the domains that have enough waiting already."""
        with self._lock:
            full = frozenset(domain for domain, lane in self._waiting.items() if len(lane) >= self.pace.room)
            return min(self.pace.room, ROOM_IN_ALL - sum(map(len, self._waiting.values()))), full

    def ready_in(self) -> float | None:
        """Return in how many seconds a lane that waits for its pace may go on; None when no lane does."""
        with self._lock:
            now = self.clock()
            self._next_at = {domain: at for domain, at in self._next_at.items() if at > now}
            return min((at - now for domain, at in self._next_at.items() if domain in self._waiting), default=None)

    def _may_go(self, domain: str) -> bool:
        is_free = self._busy[domain] < self.pace.connections_per_domain
        return is_free and self._next_at.get(domain, 0.0) <= self.clock()

    def _first(self, domain: str) -> R | None:
        return next((row for row in self._waiting[domain] if _talk(row) not in self._talks), None)

    def _begin(self, domain: str, row: R) -> None:
        lane = self._waiting.pop(domain)
        lane.remove(row)
        if lane:
            self._waiting[domain] = lane  # behind the others: each domain has its turn
        self._busy[domain] += 1
        self._talks.add(_talk(row))
        if self.pace.mails_per_minute_per_domain:
            self._next_at[domain] = self.clock() + 60 / self.pace.mails_per_minute_per_domain


def _talk(row: Addressed) -> tuple[int, str]:
    return row.ticket, row.rcpt_to.lower()
