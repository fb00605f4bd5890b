"""The window allows it again: what was folded for an agent goes to him in one mail."""

from collections.abc import Sequence

from maild.base.words import Role
from maild.desk.bench import Bench
from maild.desk.effects import Decision, Unfold
from maild.desk.folding import digest_lines
from maild.desk.model import Folded
from maild.desk.notices import InternalFacts
from maild.desk.people import why_suspended
from maild.desk.telling import tell_apart


def decide_digest(bench: Bench, address: str, folded: Sequence[Folded]) -> Decision | None:
    """Return the digest of one agent's folded notices, oldest first; None while no mail may go to him.

    Who is no agent any more gets none, and his notices are forgotten.
    """
    if bench.settings.agent_for(address) is not None:
        if why_suspended(bench, address) is not None:
            return None
        lines = digest_lines([(bench.key(each.ticket), each.subject, each.template) for each in folded])
        tell_apart(bench, "digest", address, Role.AGENT, InternalFacts(reason=str(len(folded)), lines=lines))
    else:
        bench.would.append(f"forget {len(folded)} notices for {address}, who is no agent any more")
    bench.effects.append(Unfold(address, folded[-1].seq))
    return bench.decision()
