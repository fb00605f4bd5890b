"""The outbox joined to the store: rows are claimed, and what came of each attempt is decided on and written."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import DeliveryState
from maild.desk.decide.delivery import DeliveryOutcome, decide_delivery
from maild.desk.effects import Decision, MarkDelivery
from maild.desk.model import Snapshot
from maild.service.acting import Actor
from maild.service.office import Office
from maild.store.apply import apply
from maild.store.model import Asked


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes down how delivery attempts came out."""

    actor: Actor
    office: Callable[[], Office]
    now: Callable[[], datetime]

    def record(self, outcome: DeliveryOutcome, ticket: int, attempt: int) -> None:
        """Mark the row; a failure, or a delay that its author should know of, is decided on with its ticket."""
        stimulus, now = f"{outcome.delivery}#{attempt}", self.now()
        plain = outcome.state is DeliveryState.SENT or (
            outcome.state is DeliveryState.DEFERRED and not outcome.first_delay
        )
        if plain or not ticket:
            mark = MarkDelivery(outcome.delivery, outcome.state, outcome.reply, outcome.next_attempt_at)
            apply(self.actor.db, Decision(stimulus, (mark,)), (), now)
            return
        office = self.office()

        def decide(snapshot: Snapshot) -> Decision:
            return decide_delivery(stimulus, outcome, snapshot, office.settings, office.slas, now)

        self.actor.act(Asked(ticket=ticket, delivery=outcome.delivery), office, now, decide)
