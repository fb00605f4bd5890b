"""The sweep: finds what is due at `now` and decides on each ticket by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import DeliveryState
from maild.desk.decide.clock import decide_clock
from maild.desk.decide.digest import decide_digest
from maild.desk.decide.drafts import DRAFT_LIFE
from maild.desk.effects import Decision, MarkDelivery
from maild.desk.model import Folded, Snapshot
from maild.log import events
from maild.service.acting import Actor
from maild.service.duties import take_snapshot
from maild.service.office import Office
from maild.service.rostering import roster_mails
from maild.settings.model import Settings
from maild.store import due
from maild.store.apply import apply
from maild.store.approvals import due_approvals, ended_approvals
from maild.store.folding import folded_for, had_digest, notices_lately
from maild.store.model import Asked

ROUNDS_MAX = 1000  # Rounds of `due`'s limit: half a million tickets in one sweep, then the next one goes on.


@dataclass(frozen=True, slots=True)
class Found:
    """One ticket that was due, and what was done or would be done, in words."""

    ticket: int
    would: tuple[str, ...]


def due_tickets(actor: Actor, settings: Settings, now: datetime) -> list[int]:
    """Return the tickets on which something is due at `now`, each once."""
    with actor.db.reading() as reader:
        numbers = [*due.due_clocks(reader, now), *due.due_until(reader, now), *due.due_snoozed(reader, now)]
        numbers += [*due_approvals(reader, now), *ended_approvals(reader)]
        for queue in settings.queue:
            if queue.pending_reminder:
                numbers += due.due_reminder(reader, now, queue.name, queue.pending_reminder)
            if queue.pending_close:
                numbers += due.due_pending_close(reader, now, queue.name, queue.pending_close)
            if queue.close_resolved_after:
                numbers += due.due_resolved_close(reader, now, queue.name, queue.close_resolved_after)
    return list(dict.fromkeys(numbers))


def sweep(actor: Actor, office: Office, now: datetime) -> list[Found]:
    """Do all that is due at `now`, once; a second sweep of the same instant finds nothing."""
    found = list(_tickets(actor, office, now))
    drafts_expired(actor, now)
    digests(actor, office, now)
    roster_mails(actor, office, now)
    return found


def _tickets(actor: Actor, office: Office, now: datetime) -> Iterator[Found]:
    done: set[int] = set()
    for _ in range(ROUNDS_MAX):
        numbers = [n for n in due_tickets(actor, office.settings, now) if n not in done]
        if not numbers:
            return
        for number in numbers:
            done.add(number)
            yield _one(actor, office, number, now)


def _one(actor: Actor, office: Office, number: int, now: datetime) -> Found:
    would: list[str] = []

    def decide(snapshot: Snapshot) -> Decision | None:
        if snapshot.ticket is None:
            return None
        # The version makes the stimulus: the same state of a ticket is swept at most once an instant.
        stimulus = f"sweep:{number}:{snapshot.ticket.version}:{int(now.timestamp())}"
        decision = decide_clock(stimulus, snapshot, office.settings, office.slas, now)
        would[:] = decision.would
        return decision

    actor.act(Asked(ticket=number), office, now, decide)
    for line in would:
        if ": sla: " in line:
            key, _, told = line.partition(": sla: ")
            events.clock_passed(ticket=key, clock=told.partition(" ")[0], percent=_percent(told))
    return Found(number, tuple(would))


def _percent(told: str) -> int:
    return next((int(word) for word in told.split() if word.isdigit()), 0)


def would_sweep(actor: Actor, office: Office, now: datetime) -> list[Found]:
    """Return what a sweep at `now` would do; changes nothing."""
    found = []
    for number in due_tickets(actor, office.settings, now):
        snapshot = take_snapshot(actor.db, Asked(ticket=number), office, now)
        if snapshot.ticket is not None:
            decision = decide_clock(f"dry:{number}", snapshot, office.settings, office.slas, now)
            found.append(Found(number, decision.would))
    return found


def drafts_expired(actor: Actor, now: datetime) -> Sequence[str]:
    """Cancel the drafts that nobody released in time; returns their ids."""
    with actor.db.reading() as reader:
        old = due.due_drafts(reader, now, DRAFT_LIFE)
    for delivery in old:
        effect = MarkDelivery(delivery, DeliveryState.CANCELLED, "nobody released it within 14 days")
        apply(actor.db, Decision(f"draft:{delivery}", (effect,)), (), now)
    return old


def digests(actor: Actor, office: Office, now: datetime) -> None:
    """Send what was folded to each agent who may have mail again; at most one digest in 10 minutes."""
    most = office.settings.limits.notices_per_agent_10min
    with actor.db.reading() as reader:
        folded = folded_for(reader)
        had = notices_lately(reader, tuple(folded), now)
        late = {a for a in folded if (not most or had.get(a, 0) < most) and not had_digest(reader, a, now)}
    for address in sorted(late):
        waiting = folded[address]

        def decide(snapshot: Snapshot, address: str = address, waiting: Sequence[Folded] = waiting) -> Decision | None:
            return decide_digest(address, waiting, snapshot, office.settings, office.slas, now)

        actor.act(Asked(people=(address,)), office, now, decide)
