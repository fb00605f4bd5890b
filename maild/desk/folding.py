"""Agents who have had enough mails: the rest of their notices waits, and comes as one digest."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from maild.base.words import Audience
from maild.desk.merging import ALSO, ALWAYS
from maild.desk.notices import Notice, Recipient

FOLDABLE = frozenset({Audience.AGENT, Audience.LEAD})
LINES_MAX = 200  # A longer list nobody reads; the digest says how many lines more there are.

Fold = tuple[Notice, Recipient]


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
