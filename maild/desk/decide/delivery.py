"""An attempt to deliver came out so: what does the desk do about it?"""

import re
from dataclasses import dataclass
from datetime import datetime

from maild.base.words import DeliveryState
from maild.desk.bench import Bench
from maild.desk.decide.machine import HARD_SUSPENSION, not_delivered, suspend, tell_trouble, withdraw_response
from maild.desk.effects import Decision, MarkDelivery
from maild.desk.model import SYSTEM

# RFC 3463 section 3.2: what is wrong is the recipient's address; 5.1.7 and 5.1.8 speak of the sender's.
NO_SUCH_RECIPIENT = re.compile(r"5\d\d 5\.1\.(?!7\b|8\b)\d+\b")


@dataclass(frozen=True, slots=True)
class DeliveryOutcome:
    """What the outbox says of one row after its latest attempt."""

    delivery: str
    state: DeliveryState  # SENT, DEFERRED, FAILED or CANCELLED
    reply: str  # the smarthost's last words
    next_attempt_at: datetime | None = None
    first_delay: bool = False  # it has just waited so long that its author should know


def decide_delivery(bench: Bench, outcome: DeliveryOutcome) -> Decision:
    """Return what follows from one delivery attempt; the snapshot's `reported` is the row it is about."""
    bench.effects.append(MarkDelivery(outcome.delivery, outcome.state, outcome.reply, outcome.next_attempt_at))
    row = bench.snapshot.reported
    if bench.snapshot.ticket is None or row is None:
        return bench.decision(None)
    case = bench.asked_case()
    about = f"{row.template} to {row.rcpt_to}: {outcome.reply}"
    if outcome.state is DeliveryState.FAILED:
        case.event(SYSTEM, "not-delivered", about)
        not_delivered(case, row, outcome.reply)
        if NO_SUCH_RECIPIENT.match(outcome.reply):
            suspend(bench, row.rcpt_to.lower(), f"refused: {outcome.reply}", HARD_SUSPENSION)
    elif outcome.state is DeliveryState.CANCELLED:
        case.event(SYSTEM, "cancelled", about)
        withdraw_response(case, row, f"it was not sent to {row.rcpt_to}")
    elif outcome.first_delay:
        case.event(SYSTEM, "delayed", about)
        if row.words_of:
            tell_trouble(case, row, outcome.reply, "delayed")
    return bench.decision(case.ticket.number)
