"""An agent's words that have not left: kept drafts, and mail that still waits."""

from collections.abc import Sequence
from datetime import timedelta

from maild.base.words import DeliveryState, Direction
from maild.desk.bench import Case
from maild.desk.effects import MarkDelivery, MarkPost
from maild.desk.model import Delivery, Post
from maild.sla.model import Fact, FactKind

WAITING = frozenset({DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.DEFERRED})
DRAFT_LIFE = timedelta(days=14)  # Two weeks: longer than any holiday between two looks at the mail.


def latest_draft(case: Case, agent: str) -> Post | None:
    """Return this agent's latest draft on the ticket that may still be released, None when there is none."""
    settings = case.bench.settings
    mine = [p for p in case.past.posts if p.draft and settings.agent_address(p.author.key) == agent]
    return next((p for p in reversed(mine) if _lives(case, p)), None)


def _lives(case: Case, draft: Post) -> bool:
    """Words for the requester live as long as their mail is held, a note until it is noted or as long as any draft."""
    if any(d.post == draft.id for d in case.past.deliveries):
        return bool(held_copies(case, draft.id))
    behind = case.past.posts[case.past.posts.index(draft) + 1 :]
    return draft.at + DRAFT_LIFE > case.bench.now and all(post.entry != draft.entry for post in behind)


def held_copies(case: Case, post: str) -> tuple[Delivery, ...]:
    """Return the outbox rows in which a draft waits."""
    return tuple(d for d in case.past.deliveries if d.post == post and d.draft and d.state is DeliveryState.HELD)


def came_with(draft: Post, mail: Delivery | None) -> bool:
    """Tell whether a mail of ours came of the decision that kept this draft: whether it is its transcript."""
    return mail is not None and mail.id.rpartition(".o")[0] == draft.id.rpartition(".")[0]


def take_draft(case: Case, draft: Post, why: str) -> None:
    """Take a draft out of the outbox: its words go another way now.

    That of a note stays one: else its words would be noted twice.
    """
    for copy in held_copies(case, draft.id):
        case.bench.effects.append(MarkDelivery(copy.id, DeliveryState.CANCELLED, why, draft=False))
    if draft.direction is not Direction.NOTE:
        case.bench.effects.append(MarkPost(draft.id, public=False, draft=False))


def cancel_words(case: Case, agent: str) -> int:
    """Take back this agent's last words that have not left yet; returns how many copies were cancelled.

    A response that is taken back no longer counts.
    """
    waiting = [d for d in case.past.deliveries if d.words_of == agent and d.state in WAITING]
    chosen = [d for d in waiting if d.post == waiting[-1].post]
    if chosen:
        last = chosen[0]
        is_response = not last.draft and last.template != "supplier-asked"
        take_back(case, agent, chosen, response=last.post if is_response else "")
    return len(chosen)


def take_back(case: Case, agent: str, copies: Sequence[Delivery], *, response: str) -> None:
    """Cancel copies that have not left; their words are not public any more, and `response` no longer counts."""
    for copy in copies:
        case.bench.effects.append(MarkDelivery(copy.id, DeliveryState.CANCELLED, f"cancelled by {agent}"))
    for post in dict.fromkeys(copy.post for copy in copies if copy.post):
        case.bench.effects.append(MarkPost(post, public=False, draft=False))
    fact = Fact(case.bench.at, FactKind.RESPONSE_WITHDRAWN, response=response) if response else None
    case.event(agent, "cancelled", "his last words were taken back before they left", fact)
