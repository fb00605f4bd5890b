"""The window allows it again: what was folded for an agent goes to him in one mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from maild.base.words import Role
from maild.desk.answering import why_suspended
from maild.desk.bench import Bench
from maild.desk.effects import Decision, Unfold
from maild.desk.folding import digest_lines
from maild.desk.model import Folded, Snapshot
from maild.desk.notices import InternalFacts
from maild.desk.telling import tell_apart
from maild.settings.model import Settings
from maild.sla.model import Sla


def decide_digest(
    address: str,
    folded: Sequence[Folded],
    snapshot: Snapshot,
    settings: Settings,
    slas: Mapping[str, Sla],
    now: datetime,
) -> Decision | None:
    """Return the digest of one agent's folded notices, oldest first; None while no mail may go to him.

    Who is no agent any more gets none, and his notices are forgotten.
    """
    last = folded[-1].seq
    bench = Bench(f"digest:{address}:{last}", snapshot, settings, slas, now, now)
    if settings.agent_for(address) is not None:
        if why_suspended(bench, address) is not None:
            return None
        lines = digest_lines([(bench.key(each.ticket), each.subject, each.template) for each in folded])
        tell_apart(bench, "digest", address, Role.AGENT, InternalFacts(reason=str(len(folded)), lines=lines))
    bench.effects.append(Unfold(address, last))
    return bench.decision()
