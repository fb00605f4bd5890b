"""When to try a delivery again: a pure rule over a schedule that an operator can read."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from maild.base.words import DeliveryState

JITTER = 0.1  # At most a tenth of a wait is added, so that rows that failed together do not come back together.


@dataclass(frozen=True, slots=True)
class Reply:
    """What the smarthost said of one recipient; `code` 0 when the connection broke before it had said anything."""

    code: int
    enhanced: str = ""  # RFC 3463, such as "4.7.1"; "" when it gave none
    text: str = ""
    smarthost: str = ""

    def __str__(self) -> str:
        """Return it on one line, as `maild outbox list` shows it."""
        parts = (str(self.code) if self.code else "", self.enhanced, self.text)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The waits after the first, second, ... try; the last one repeats.

    RFC 5321 section 4.5.4.1 asks for waits of at least 30 minutes in general, for four to five days of trying, and
    for all of it to be configurable. Our first waits are shorter on purpose: the next hop is the site's own
    submission server, and greylisting there clears within minutes.
    """

    waits: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (1, 2, 4, 8, 15, 30, 60))
    give_up_after: timedelta = timedelta(days=5)
    tell_after: timedelta = timedelta(minutes=15)  # then the author hears, once, that his mail is late
    away_wait_max: timedelta = timedelta(minutes=10)  # while no smarthost answers: it is soon back, and then we hurry

    def wait(self, tries: int, row: str) -> timedelta:
        """Return how long to wait after a number of tries; the same row and number always give the same."""
        wait = self.waits[min(tries, len(self.waits)) - 1]
        digest = hashlib.sha256(f"{row}\0{tries}".encode()).digest()
        return wait + wait * (JITTER * digest[0] / 256)

    def is_over(self, tries: int, age: timedelta, longest: timedelta = timedelta.max) -> bool:
        """Tell whether it was tried for long enough, with no wait above `longest`.

        The age alone does not say so: a mail may have been written for later, or held until a person released it.
        """
        waits = (*self.waits, *[self.waits[-1]] * max(0, tries - 1 - len(self.waits)))[: tries - 1]
        return age >= self.give_up_after and sum((min(w, longest) for w in waits), timedelta(0)) >= self.give_up_after

    def is_first_delay(self, tries: int) -> bool:
        """Tell whether this is the try after which the author is told: the first one later than `tell_after`."""
        waited = [timedelta(0), *accumulate(self.waits)]
        late = next((n for n, age in enumerate(waited, 1) if age >= self.tell_after), len(waited))
        return tries == late


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a row after its latest try."""

    state: DeliveryState  # SENT, DEFERRED or FAILED
    next_attempt_at: datetime | None = None
    first_delay: bool = False  # it has just waited so long that its author should know


def judge(reply: Reply, tries: int, age: timedelta, now: datetime, schedule: Schedule, *, row: str = "") -> Verdict:
    """Judge one recipient after its `tries`-th try, by the reply code (RFC 5321 section 4.2.1).

    2yz is delivered, 5yz has failed; 4yz and a broken connection are tried again until `give_up_after`.
    """
    assert tries >= 1
    if 200 <= reply.code < 300:
        return Verdict(DeliveryState.SENT)
    if reply.code >= 500 or schedule.is_over(tries, age):
        return Verdict(DeliveryState.FAILED)
    return Verdict(DeliveryState.DEFERRED, now + schedule.wait(tries, row), schedule.is_first_delay(tries))


def judge_away(tries: int, age: timedelta, now: datetime, schedule: Schedule, *, row: str = "") -> Verdict:
    """Judge a row that no smarthost could be asked about: deferred, and given up only when it is too old."""
    if schedule.is_over(tries, age, schedule.away_wait_max):
        return Verdict(DeliveryState.FAILED)
    wait = min(schedule.wait(tries, row), schedule.away_wait_max)
    return Verdict(DeliveryState.DEFERRED, now + wait, schedule.is_first_delay(tries))
