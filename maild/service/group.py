"""Several entries, one commit: what each is decided sees those before it, and their mails are composed meanwhile.

A group is only a faster way to the same end. Whatever happens in one, a ticket that moved on or a child that died,
nothing of it is kept, and its entries are decided one by one.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from maild.base.values import changed
from maild.database.connection import Transaction
from maild.desk.effects import Composed, Decision
from maild.journal.model import Entry
from maild.log import events
from maild.service.children import COMPOSING_SECONDS
from maild.service.composer import Order
from maild.service.composing import stamp_all
from maild.service.pipeline import Decided, Pipeline, tell
from maild.service.reading import Reading
from maild.store.apply import apply
from maild.store.model import Applied
from maild.store.outbox import put_octets

GROUP_MAX = 16  # Some 80 ms in which nobody else writes; whoever waits to write ends a group at once.

Compose = Callable[[Order], "Future[tuple[Composed, ...]]"]


class _Apart(Exception):
    """An entry that cannot be applied with others; the words say why."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """An entry whose decision is written, but for the octets of its mails."""

    entry: Entry
    decided: Decided
    deliveries: tuple[str, ...]
    stamped: tuple[Composed, ...]
    composed: Future[tuple[Composed, ...]] | None  # None: it sends nothing

    def fill(self, transaction: Transaction, deadline: float) -> None:
        """Write the octets, each to its row; raises TimeoutError when they are not composed by the deadline."""
        if self.composed is None:
            return
        mails = self.composed.result(max(deadline - time.monotonic(), 0.0))
        if tuple(changed(mail, octets=b"") for mail in mails) != self.stamped:
            raise _Apart(f"{self.entry.id}: its mails were composed by another configuration")
        for delivery, mail in zip(self.deliveries, mails, strict=True):
            put_octets(transaction, delivery, mail.octets)


def decide_together(pipeline: Pipeline, compose: Compose, group: Sequence[tuple[Entry, Future[Reading]]]) -> int:
    """Decide on entries that are read, in order, and keep what was decided by one commit.

    Returns how many were finished, from the first on; 0 when something kept the group from its end. Others are kept
    from writing for COMPOSING_SECONDS at the most, however slow the children are.
    """
    begun: list[_Begun] = []
    try:
        with pipeline.db.together():
            deadline = time.monotonic() + COMPOSING_SECONDS
            for entry, prepared in group:
                begun.append(_begin(pipeline, compose, entry, prepared.result()))
                if pipeline.db.is_awaited:
                    break
            with pipeline.db.transaction() as transaction:
                for each in begun:
                    each.fill(transaction, deadline)
    except Exception as fault:  # each entry has its own try now, and what is wrong with one is told there
        events.group_broken(entries=len(group), because=f"{type(fault).__name__}: {fault}"[:500])
        _forget(begun)
        return 0
    for each in begun:
        tell(each.entry, each.decided)
    pipeline.journal.wake.set()  # a confirmed mail, released by one of these, may wait
    return len(begun)


def _forget(begun: Sequence[_Begun]) -> None:
    """Have nothing composed any more that nobody waits for."""
    for each in begun:
        if each.composed is not None:
            each.composed.cancel()


def _begin(pipeline: Pipeline, compose: Compose, entry: Entry, reading: Reading) -> _Begun:
    decided = pipeline.decide(entry, reading)
    decision, now = decided.decision, decided.now
    composed = None
    if decision.notices:
        composed = compose(Order(Decision(decision.stimulus, notices=decision.notices), now))
    stamped = stamp_all(decision, decided.office, now)
    outcome = apply(pipeline.db, decision, stamped, now, decided.measured)
    if not isinstance(outcome, Applied):
        raise _Apart(f"{entry.id}: {outcome}")
    return _Begun(entry, decided, outcome.deliveries, stamped, composed)
