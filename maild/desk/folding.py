"""Agents who want a digest, or have had enough mails: the rest of their notices waits, and comes as one mail."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from maild.base.rhythm import NOW, OFF
from maild.base.words import Audience, Priority
from maild.desk.merging import ALSO, ALWAYS
from maild.desk.notices import InternalFacts, Notice, Recipient
from maild.settings.model import Settings

FOLDABLE = frozenset({Audience.AGENT, Audience.LEAD})
# These never wait for the digest that somebody wants: what he asked for, what is given to him, what is late or lost.
AT_ONCE = ALWAYS | {"assigned", "escalated", "sla-breach", "bounced", "reminder"}
FROM_REQUESTER = frozenset({"requester-wrote", "reopened"})
LINES_MAX = 200  # A longer list nobody reads; the digest says how many lines more there are.

Fold = tuple[Notice, Recipient]


def rhythm_of(settings: Settings, said: Mapping[str, str], address: str) -> str:
    """Return how often an agent is written to: as he said by mail, else as the configuration says."""
    agent = settings.agent_for(address)
    return said.get(address) or (agent.digest if agent is not None else NOW)


def can_wait(notice: Notice, address: str) -> bool:
    """Tell whether a notice may wait for the digest of one who wants his so.

    What is in AT_ONCE may not, nor news of a ticket that nobody has, nor what a requester writes on an urgent one that
    is his.
    """
    ticket = notice.facts.ticket if isinstance(notice.facts, InternalFacts) else None
    if notice.audience not in FOLDABLE or notice.template in AT_ONCE or ticket is None or ticket.assignee is None:
        return False
    return not (ticket.assignee == address and ticket.priority is Priority.URGENT and notice.template in FROM_REQUESTER)


def put_off(notices: Iterable[Notice], rhythms: Callable[[str], str]) -> tuple[list[Notice], list[Fold], list[Fold]]:
    """Return what goes out at once, what waits for digests, and what those who want none never get."""
    kept, waits, unwanted = [], list[Fold](), list[Fold]()
    for notice in notices:
        stays = []
        for recipient in notice.recipients:
            address = recipient.address.key
            rhythm = rhythms(address) if can_wait(notice, address) else NOW
            if rhythm == NOW:
                stays.append(recipient)
            else:
                (unwanted if rhythm == OFF else waits).append((notice, recipient))
        if len(stays) == len(notice.recipients):
            kept.append(notice)
        elif stays:
            kept.append(replace(notice, recipients=tuple(stays)))
    return kept, waits, unwanted


def fold_notices(
    notices: Iterable[Notice], had: Mapping[str, int], most: int, flooded: frozenset[str] = frozenset()
) -> tuple[list[Notice], list[Fold]]:
    """Return the notices that go out by themselves, and those that wait: (notice, to whom).

    `had` are the automatic mails of the last 10 minutes by address, `most` is how many may go to one agent; 0: any
    number. To those in `flooded` nothing goes of what the clocks say. What he asked for himself, and what belongs to no
    ticket, always goes.
    """
    counted = Counter(had)
    kept, folded = [], list[Fold]()
    for notice in notices:
        if notice.audience not in FOLDABLE or notice.template in ALWAYS or not notice.ticket:
            kept.append(notice)
            continue
        stays = []
        for recipient in notice.recipients:
            counted[recipient.address.key] += 1
            if 0 < most < counted[recipient.address.key] or (recipient.address.key in flooded and by_clock(notice)):
                folded.append((notice, recipient))
            else:
                stays.append(recipient)
        if stays:
            kept.append(replace(notice, recipients=tuple(stays)))
    return kept, folded


def by_clock(notice: Notice) -> bool:
    """Tell whether a notice only says how the clocks stand; who gets a ticket has its dossier all the same."""
    return notice.template in {"sla-warning", "sla-breach"} or (
        notice.template == "escalated" and notice.audience is Audience.LEAD
    )


def digest_lines(told: Sequence[tuple[str, str, str]]) -> tuple[tuple[str, str], ...]:
    """Return the lines of a digest, what stands on a ticket once a line, from (key, subject, template) in order."""
    times = Counter((f"{key} {subject}".strip(), ALSO.get(template, template)) for key, subject, template in told)
    lines = [(f"{ticket} ({n}\u00d7)" if n > 1 else ticket, said) for (ticket, said), n in times.items()]
    more = len(lines) - LINES_MAX
    return (*lines[:LINES_MAX], *([(f"+ {more}", "")] if more > 0 else []))
