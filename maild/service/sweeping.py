"""The sweep: finds what is due at `now` and decides on each ticket by itself."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from maild.base.rhythm import last_due
from maild.base.words import DeliveryState
from maild.desk.answering import BREAKERS
from maild.desk.bench import Bench
from maild.desk.decide.clock import decide_clock
from maild.desk.decide.digest import decide_digest
from maild.desk.decide.drafts import DRAFT_LIFE
from maild.desk.effects import Decision, FoldNotice, MarkDelivery
from maild.desk.folding import by_clock, rhythm_of
from maild.desk.model import Folded, Snapshot
from maild.log import events
from maild.service.acting import Actor, Rehearsal
from maild.service.dailies import daily_mails
from maild.service.office import Office
from maild.service.reporting import send_reports
from maild.service.rostering import roster_mails
from maild.settings.model import Settings
from maild.store import due
from maild.store.approvals import due_approvals, ended_approvals
from maild.store.folding import folded_for, had_digest, load_rhythms, notices_lately
from maild.store.held import due_held
from maild.store.model import Asked

ALL = 2**31
LOOK_EVERY = 25  # tickets, between two looks whether the right to sweep is still ours
ROUND = 500  # tickets of a kind
ROUNDS_MAX = 1000  # Rounds: half a million tickets in one sweep, then the next one goes on.


Waiting = Mapping[str, Sequence[Folded]]  # what waits for a digest, by address, oldest first
NOTHING_WAITS: Waiting = {}


@dataclass(frozen=True, slots=True)
class Found:
    """One ticket that was due, and what was done or would be done, in words."""

    ticket: int | None  # None: what belongs to no ticket, such as digests, drafts and the mails to leads
    would: tuple[str, ...]


def due_tickets(actor: Actor, settings: Settings, now: datetime, limit: int = ROUND) -> list[int]:
    """Return the tickets on which something is due at `now`, each once; `limit` of each kind."""
    with actor.db.reading() as reader:
        numbers = [*due.due_clocks(reader, now, limit), *due.due_until(reader, now, limit)]
        numbers += [*due.due_snoozed(reader, now, limit), *due_approvals(reader, now), *ended_approvals(reader)]
        for queue in settings.queue:
            if queue.pending_reminder:
                numbers += due.due_reminder(reader, now, queue.name, queue.pending_reminder, limit)
            if queue.pending_close:
                numbers += due.due_pending_close(reader, now, queue.name, queue.pending_close, limit)
            if queue.close_resolved_after:
                numbers += due.due_resolved_close(reader, now, queue.name, queue.close_resolved_after, limit)
            if isinstance(queue.survey_after, timedelta):
                numbers += due.due_survey(reader, now, queue.name, queue.survey_after, limit)
    return list(dict.fromkeys(numbers))


def sweep(actor: Actor, office: Office, now: datetime, keep: Callable[[], bool] = lambda: True) -> list[Found]:
    """Do all that is due at `now`, once; a second sweep of the same instant finds nothing.

    `keep` is asked every few tickets, and ends the sweep when it says no: somebody else goes on with it.
    """
    found = list(_tickets(actor, office, now, keep))
    if keep():
        _beside_tickets(actor, office, now)
    return found


def _beside_tickets(actor: Actor, office: Office, now: datetime, folding: Waiting = NOTHING_WAITS) -> None:
    """Do what is due and belongs to no ticket; `folding` are notices that wait for digests and are not stored yet."""
    drafts_expired(actor, now)
    held_expired(actor, office, now)
    digests(actor, office, now, folding)
    roster_mails(actor, office, now)
    send_reports(actor, office, now)
    daily_mails(actor, office, now)


def _tickets(actor: Actor, office: Office, now: datetime, keep: Callable[[], bool]) -> Iterator[Found]:
    done: set[int] = set()
    told = Counter[str]()
    for _ in range(ROUNDS_MAX):
        numbers = [n for n in due_tickets(actor, office.settings, now) if n not in done]
        if not numbers:
            return
        flooded = _flooded(actor, office, numbers, now, told)
        for at, number in enumerate(numbers, 1):
            done.add(number)
            yield _one(actor, office, number, now, flooded)
            if at % LOOK_EVERY == 0 and not keep():
                return


def _flooded(actor: Actor, office: Office, numbers: Sequence[int], now: datetime, told: Counter[str]) -> frozenset[str]:
    """Return who would hear more of the clocks in this sweep than one mail each can say; `told` counts on."""
    most = office.settings.limits.sla_notices_per_sweep
    if not most or len(numbers) + max(told.values(), default=0) <= most:
        return frozenset(address for address, count in told.items() if count > most > 0)
    for _, decision in _decisions(actor, office, numbers, now):
        told.update(r.address.key for n in decision.notices if by_clock(n) for r in n.recipients)
    return frozenset(address for address, count in told.items() if count > most)


def _decisions(
    actor: Actor, office: Office, numbers: Sequence[int], now: datetime, flooded: frozenset[str] = frozenset()
) -> Iterator[tuple[int, Decision]]:
    """Yield what would be decided on each ticket now."""
    for number in numbers:
        decision = actor.decided(f"dry:{number}", _asked(number), office, now, partial(_swept, flooded=flooded))
        if decision is not None:
            yield number, decision


def _asked(number: int) -> Asked:
    return Asked(ticket=number, surveys=True)


def _swept(bench: Bench, flooded: frozenset[str]) -> Decision | None:
    """Decide on the ticket as it is now; None when it is gone."""
    return decide_clock(bench, flooded) if bench.snapshot.ticket is not None else None


def _one(actor: Actor, office: Office, number: int, now: datetime, flooded: frozenset[str]) -> Found:
    would: list[str] = []

    def stimulus(taken: Snapshot) -> str:
        """Return a name by which the same state of a ticket is swept at most once an instant."""
        version = taken.ticket.version if taken.ticket is not None else 0
        return f"sweep:{number}:{version}:{int(now.timestamp())}"

    def decide(bench: Bench) -> Decision | None:
        """Decide, and keep in words on what."""
        decision = _swept(bench, flooded)
        would[:] = decision.would if decision is not None else ()
        return decision

    actor.act(stimulus, _asked(number), office, now, decide)
    for line in would:
        if ": sla: " in line:
            key, _, told = line.partition(": sla: ")
            events.clock_passed(ticket=key, clock=told.partition(" ")[0], percent=_percent(told))
    return Found(number, tuple(would))


def _percent(told: str) -> int:
    return next((int(word) for word in told.split() if word.isdigit()), 0)


def would_sweep(actor: Actor, office: Office, now: datetime) -> list[Found]:
    """Return all that a sweep at `now` would do, each decided on the desk as it stands; changes nothing.

    Last comes what belongs to no ticket, when there is any of it.
    """
    numbers = due_tickets(actor, office.settings, now, ALL)
    flooded = _flooded(actor, office, numbers, now, Counter())
    found, folding = list[Found](), dict[str, list[Folded]]()
    for number, decision in _decisions(actor, office, numbers, now, flooded):
        found.append(Found(number, decision.would))
        for effect in decision.effects:
            if isinstance(effect, FoldNotice):
                waiting = folding.setdefault(effect.address, [])
                waiting.append(Folded(len(waiting), effect.ticket, effect.template, now))
    rehearsal = Rehearsal(actor.db, actor.octets)
    _beside_tickets(rehearsal, office, now, folding)
    return [*found, Found(None, tuple(rehearsal.would))] if rehearsal.would else found


def drafts_expired(actor: Actor, now: datetime) -> Sequence[str]:
    """Cancel the drafts that nobody released in time; returns their ids."""
    with actor.db.reading() as reader:
        old = due.due_drafts(reader, now, DRAFT_LIFE)
    for delivery in old:
        actor.settle(_cancelled(f"draft:{delivery}", delivery, "nobody released it within 14 days"), now)
    return old


def _ripe(folded: Waiting, said: Mapping[str, str], settings: Settings, now: datetime) -> dict[str, Sequence[Folded]]:
    """Return those whose digest was due after the oldest notice that waits in it."""
    found = {}
    for address, waiting in folded.items():
        due = last_due(rhythm_of(settings, said, address), settings.zone_for(address), now)
        if waiting[0].at < due or due == now:
            found[address] = waiting
    return found


def held_expired(actor: Actor, office: Office, now: datetime) -> Sequence[str]:
    """Cancel what a breaker held and nobody released while it was news; returns the ids."""
    life = office.settings.limits.held_mail_life
    if not life:
        return ()
    with actor.db.reading() as reader:
        old = due_held(reader, now, BREAKERS, life)
    for delivery in old:
        reason = f"{BREAKERS} held it, and nobody released it in time"
        actor.settle(_cancelled(f"held:{delivery}", delivery, reason), now)
    return old


def _cancelled(stimulus: str, delivery: str, reason: str) -> Decision:
    effect = MarkDelivery(delivery, DeliveryState.CANCELLED, reason)
    return Decision(stimulus, (effect,), would=(f"cancel the mail {delivery}: {reason}",))


def digests(actor: Actor, office: Office, now: datetime, folding: Waiting = NOTHING_WAITS) -> None:
    """Send what was folded to each agent whose hour has come and who may have mail; at most one in 10 minutes.

    `folding` waits beside what is stored: a rehearsal has what its own decisions would fold.
    """
    most = office.settings.limits.notices_per_agent_10min
    with actor.db.reading() as reader:
        stored = folded_for(reader)
        waits = stored | {who: (*stored.get(who, ()), *more) for who, more in folding.items()}
        folded = _ripe(waits, load_rhythms(reader), office.settings, now)
        had = notices_lately(reader, tuple(folded), now)
        late = {a for a in folded if (not most or had.get(a, 0) < most) and not had_digest(reader, a, now)}
    for address in sorted(late):
        waiting = folded[address]
        stimulus = f"digest:{address}:{waiting[-1].seq}"
        decide = partial(decide_digest, address=address, folded=waiting)
        actor.act(stimulus, Asked(people=(address,)), office, now, decide)
