"""An agent's words that have not left: kept drafts, and mail that still waits."""

from maild.base.words import DeliveryState
from maild.desk.bench import Case
from maild.desk.effects import MarkDelivery
from maild.desk.model import Post
from maild.sla.model import Fact, FactKind

WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.DEFERRED})


def latest_draft(case: Case, agent: str) -> Post | None:
    """Return this agent's latest kept draft on the ticket, None when there is none."""
    settings = case.bench.settings
    mine = [p for p in case.past.posts if p.draft and settings.agent_address(p.author.key) == agent]
    return mine[-1] if mine else None


def cancel_words(case: Case, agent: str) -> int:
    """Take back this agent's last words that have not left yet; returns how many copies were cancelled.

    A response that is taken back no longer counts.
    """
    waiting = [d for d in case.past.deliveries if d.words_of == agent and d.state in WAITING]
    chosen = [d for d in waiting if d.message_id == waiting[-1].message_id]
    for delivery in chosen:
        case.bench.effects.append(MarkDelivery(delivery.id, DeliveryState.CANCELLED, f"cancelled by {agent}"))
    if chosen:
        fact = Fact(case.bench.at, FactKind.RESPONSE_WITHDRAWN, response=chosen[0].post)
        case.event(agent, "cancelled", "his last words were taken back before they left", fact)
    return len(chosen)
