"""Decide and apply for everything but mail: clocks, deliveries, administrators; again when a ticket moved on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from maild.database.connection import Database
from maild.desk.bench import Bench
from maild.desk.effects import Decision
from maild.desk.model import Snapshot
from maild.journal.journal import Journal
from maild.log import events
from maild.message.attachments import read_part
from maild.message.model import Attachment
from maild.service.composing import compose_all
from maild.service.duties import take_snapshot
from maild.service.office import Office
from maild.store.apply import apply
from maild.store.model import AlreadyApplied, Applied, Asked, Stale

TRIES_MAX = 5

Decide = Callable[[Bench], Decision | None]
Stimulus = str | Callable[[Snapshot], str]  # what has its effect once; or what names it, by how the desk stands


class Contested(Exception):
    """A ticket moved on at every try; try again later (exit 75)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """What a decision needs to take effect, whoever asked for it."""

    db: Database
    octets: Callable[[str], bytes]  # of a journal entry, for attachments that are sent on

    def decided(
        self, stimulus: Stimulus, asked: Asked, office: Office, now: datetime, decide: Decide
    ) -> Decision | None:
        """Take a snapshot, lay it on a bench, and return what is decided; None when there is nothing to decide."""
        taken = take_snapshot(self.db, asked, office, now)
        named = stimulus if isinstance(stimulus, str) else stimulus(taken)
        return decide(Bench(named, taken, office.settings, office.slas, now, now))

    def act(
        self, stimulus: Stimulus, asked: Asked, office: Office, now: datetime, decide: Decide
    ) -> Applied | AlreadyApplied | None:
        """Decide on a snapshot and apply it, again when the ticket moved on. None when there was nothing to decide.

        Raises Contested when the ticket moved on each time.
        """
        for _ in range(TRIES_MAX):
            decision = self.decided(stimulus, asked, office, now, decide)
            if decision is None:
                return None
            composed = compose_all(decision, office, now, self._fetch)
            outcome = apply(self.db, decision, composed, now)
            if not isinstance(outcome, Stale):
                return outcome
            events.decision_repeated(ticket=str(decision.ticket or ""), because=outcome.because)
        raise Contested("its ticket moved on too often")

    def settle(self, decision: Decision, now: datetime) -> None:
        """Apply a decision that rests on no snapshot and writes to nobody."""
        apply(self.db, decision, (), now)

    def _fetch(self, entry: str, attachment: Attachment) -> bytes:
        return read_part(self.octets(entry), attachment.part)


@dataclass(frozen=True, slots=True)
class Rehearsal(Actor):
    """An actor that decides the same and applies nothing: what each decision would have done is kept, in words."""

    would: list[str] = field(default_factory=list)

    def act(self, stimulus: Stimulus, asked: Asked, office: Office, now: datetime, decide: Decide) -> None:
        """Decide on a snapshot; nothing takes effect."""
        decision = self.decided(stimulus, asked, office, now, decide)
        if decision is not None:
            self.would.extend(decision.would)

    def settle(self, decision: Decision, now: datetime) -> None:  # noqa: ARG002 called like that of an Actor
        """Keep in words what the decision would do."""
        self.would.extend(decision.would)


def actor_of(db: Database, journal: Journal) -> Actor:
    """Return the actor over a database and its journal."""
    return Actor(db, journal.octets)
