"""At most one mail a person and decision: the graver notice carries the rest."""

from collections.abc import Sequence

from maild.base.values import changed
from maild.desk.notices import InternalFacts, Notice, PublicFacts, Recipient

# Gravest first. Notices of different columns never reach one person about one ticket.
GRAVITY = (
    "closed",
    "resolved",
    "agent-replied",
    "escalated",
    "sla-breach",
    "assigned",
    "new-ticket",
    "approval-decided",
    "reopened",
    "requester-wrote",
    "supplier-wrote",
    "stranger-wrote",
    "bounced",
    "note-added",
    "sla-warning",
    "reminder",
    "agent-replied-copy",
)
# What a graver notice says of one that it swallowed.
ALSO = {
    "escalated": "it was escalated",
    "sla-breach": "a target was missed",
    "assigned": "it was assigned to you",
    "new-ticket": "it is new and nobody has it",
    "approval-decided": "an approval was decided",
    "reopened": "it was reopened",
    "requester-wrote": "the requester wrote",
    "supplier-wrote": "a supplier answered",
    "stranger-wrote": "somebody who is not on the ticket wrote",
    "bounced": "a mail of it did not arrive",
    "note-added": "a note was added",
    "sla-warning": "a target is near",
    "reminder": "you asked to be reminded of it",
    "agent-replied-copy": "an agent answered",
}
# Asked for by the reader himself, or in want of an answer of his own, so they come beside everything else.
ALWAYS = frozenset({"fields-wanted", "report", "transcript", "confirm", "approval-request", "approval-outcome"})


def merge_notices(notices: Sequence[Notice]) -> list[Notice]:
    """Return the notices with every person named at most once a ticket, in the order in which they were given."""
    best: dict[tuple[int, str], Notice] = {}
    swallowed: dict[tuple[int, str], list[Notice]] = {}
    for notice in notices:
        for recipient in _counted(notice):
            who = (notice.ticket, recipient.address.key)
            other = best.get(who)
            if other is None or _gravity(notice) < _gravity(other):
                if other is not None:
                    swallowed.setdefault(who, []).append(other)
                best[who] = notice
            elif other is not notice:
                swallowed.setdefault(who, []).append(notice)
    merged = []
    for notice in notices:
        kept = tuple(
            r for r in notice.recipients if notice.template in ALWAYS or best[notice.ticket, r.address.key] is notice
        )
        merged.extend(_with_rest(notice, kept, swallowed))
    return merged


def _counted(notice: Notice) -> tuple[Recipient, ...]:
    return () if notice.template in ALWAYS else notice.recipients


def _gravity(notice: Notice) -> int:
    return GRAVITY.index(notice.template) if notice.template in GRAVITY else len(GRAVITY)


def _with_rest(
    notice: Notice, kept: tuple[Recipient, ...], swallowed: dict[tuple[int, str], list[Notice]]
) -> list[Notice]:
    """Split a notice by what it has to carry for whom; those who carry nothing stay together."""
    plain = tuple(r for r in kept if not swallowed.get((notice.ticket, r.address.key)))
    pieces = [changed(notice, recipients=plain)] if plain else []
    for recipient in kept:
        rest = swallowed.get((notice.ticket, recipient.address.key))
        if rest:
            pieces.append(changed(notice, recipients=(recipient,), facts=_carry(notice, rest)))
    return pieces


def _carry(notice: Notice, rest: Sequence[Notice]) -> PublicFacts | InternalFacts:
    if not isinstance(notice.facts, InternalFacts):
        return notice.facts
    also = tuple(dict.fromkeys(ALSO[n.template] for n in rest if n.template in ALSO))
    facts = changed(notice.facts, also=(*notice.facts.also, *also))
    for other in rest:
        if isinstance(other.facts, InternalFacts):
            facts = _with_words(facts, other.facts)
    return facts


def _with_words(facts: InternalFacts, other: InternalFacts) -> InternalFacts:
    """Let a notice say what another one would have said, once."""
    if other.words in {"", facts.words, *(words for _, words in facts.carried)}:
        return facts
    if not facts.words:
        return changed(facts, words=other.words, author=other.author)
    return changed(facts, carried=(*facts.carried, (other.author, other.words)))
